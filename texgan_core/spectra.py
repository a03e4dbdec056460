"""How the power of made-up maps is shared out among frequencies, against that of real ones.

A faint grid over all of a picture is a peak there, which patches are too small for and the eye is not.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

MEMORY = 0.98
"""Share of a running mean that stays at each sight of a style."""
FLAT = 0.01
"""Deviation of noise, of maps in -1..1, below whose power differences count less and less."""


BAND = 6
"""Frequencies a side, of those of a crop, whose power is one figure."""


class Spectra(nn.Module):
    """Running means of the periodograms of real and of made-up maps, a style each.

    One periodogram is nearly all chance, so they are not compared with each other (as in Durall et al. 2020), but
    their means over many steps. Each process of a team keeps its own.
    """

    means: Tensor
    seen: Tensor

    def __init__(self, styles: int, channels: int, side: int) -> None:
        """Of maps of so many channels and so many pixels a side."""
        super().__init__()
        self.register_buffer("means", torch.zeros(2, styles, channels, side, side // 2 + 1))
        self.register_buffer("seen", torch.zeros(styles))

    def distance(self, real: Tensor, fake: Tensor, styles: Tensor) -> Tensor:
        """Half the squared difference of the logarithms of both means, in the mean of frequencies and channels.

        Maps are (batch, channels, side, side), their styles (batch,). The gradient is that of the mean's logarithm in
        the place of each periodogram's own, and so is right in expectation.
        """
        with torch.autocast(fake.device.type, enabled=False):
            power = periodogram(fake.float())
            self._remember(torch.stack([periodogram(real.float()), power.detach()]), styles)
            of_real, of_fake = self.means[:, styles] + FLAT**2
            excess = (of_fake / of_real).log()
            pull = excess * (power - power.detach()) / of_fake
            return (excess.square() / 2 + pull).mean()

    def _remember(self, powers: Tensor, styles: Tensor) -> None:
        """Take periodograms (2, batch, channels, side, side // 2 + 1) into the means, the first ones wholly."""
        for power, style in zip(powers.unbind(1), styles.tolist(), strict=True):
            share = max(1 - MEMORY, 1 / (1 + float(self.seen[style])))
            self.means[:, style] += share * (power - self.means[:, style])
            self.seen[style] += 1


def spectrum_distance(real: Tensor, fake: Tensor) -> Tensor:
    """How differently strong waves of like frequencies are in pairs of maps (batch, channels, height, width): of the
    mean powers of bands of `BAND` x `BAND` frequencies, the mean absolute difference of the logarithms.

    A band is wide enough that little of it is chance, so each pair is compared by itself.
    """
    with torch.autocast(fake.device.type, enabled=False):
        bands = [F.avg_pool2d(periodogram(x.float()), BAND) + FLAT**2 for x in (real, fake)]
        return (bands[0].log() - bands[1].log()).abs().mean()


def periodogram(x: Tensor) -> Tensor:
    """The power of pictures (batch, channels, height, width) by frequency, (batch, channels, height, width // 2 + 1),
    about their variance in the mean. A Hann window hides that their borders do not meet."""
    down, along = (torch.hann_window(side, device=x.device) for side in x.shape[2:])
    window = torch.outer(down, along)
    spectrum = torch.fft.rfft2((x - x.mean((2, 3), keepdim=True)) * window)
    return spectrum.abs().square() / window.square().sum()
