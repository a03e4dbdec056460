"""The network that guesses what a colour picture does not say: normals, metallic and ambient occlusion."""

from dataclasses import dataclass

from .maps import CHANNELS, MAPS
from .unet import UNet, Widths

ESTIMATED = ("normal", "metallic", "ambient_occlusion")
"""The maps it guesses, in the order of a map stack. The height is integrated from the normals, so that they agree, and
of roughness brightness tells more than what a network learned from few materials."""
OUTPUTS = sum(MAPS[name].channels for name in ESTIMATED)


@dataclass(frozen=True)
class EstimatorConfig:
    """Channels at 1/2, 1/4 and 1/8 of the size."""

    widths: Widths = (24, 48, 80)


class Estimator(UNet):
    """Base color (batch, 3, height, width) in -1..1 to the maps of `ESTIMATED` (batch, OUTPUTS, height, width), in the
    order of a map stack. What tiles is estimated as what tiles."""

    def __init__(self, config: EstimatorConfig) -> None:
        super().__init__(MAPS["base_color"].channels, OUTPUTS, config.widths)
        self.config = config


def channels_of(names: tuple[str, ...] = ESTIMATED) -> list[int]:
    """Indices in a map stack of the channels of maps."""
    return [channel for name in names for channel in range(CHANNELS)[MAPS[name].span]]
