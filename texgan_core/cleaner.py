"""The network that takes noise, the blocks of JPEG and slight blur out of a colour picture."""

from dataclasses import dataclass

from torch import Tensor

from .maps import MAPS
from .unet import UNet, Widths


@dataclass(frozen=True)
class CleanerConfig:
    """Channels at 1/2, 1/4 and 1/8 of the size."""

    widths: Widths = (32, 40, 40)


class Cleaner(UNet):
    """Base color (batch, 3, height, width) in -1..1 to a cleaner one. What tiles stays what tiles."""

    def __init__(self, config: CleanerConfig) -> None:
        super().__init__(MAPS["base_color"].channels, MAPS["base_color"].channels, config.widths)
        self.config = config
        for parameter in self.out[-1].parameters():
            parameter.data.zero_()

    def forward(self, picture: Tensor) -> Tensor:
        return picture + super().forward(picture)
