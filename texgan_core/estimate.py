"""What a colour picture does not say, guessed: for pictures that come without their maps."""

from collections.abc import Mapping

import numpy as np

from .estimator import ESTIMATED, Estimator, channels_of
from .job import IsCancelled, Progress
from .maps import CHANNELS, MAPS, picture_from_stack, stack_values_from_picture
from .normals import from_slopes, height_from_normals, slopes_of_height, standardize_height, to_slopes
from .pictures import resize
from .unet import MARGIN
from .windows import in_units, through_windows

RELIEF = 0.6
"""Of normals that are guessed, the steepness that is kept. Full steepness looks as real, but is wrong more often than
right: of twelve unseen materials the median error is 19 degrees with all of it, as with none, and 16 to 17 with 0.3 to
0.6. A height that is given is right about where the slopes are, so it gets all of the guessed steepness: of the three
of them that have one, the errors are then 9, 16 and 21 degrees instead of 14, 26 and 27."""
GUESSED = ("normal", "ambient_occlusion")
"""By the network, of whose maps the metallic one is not used: it finds no metal, not even where it learned that there
is some, so what is not known to be metal is taken for none."""
FLATTEST = 1e-6
"""Of a height in 0..1 per pixel: what is flatter has no slopes."""
USUAL_ROUGHNESS = 0.64
"""The median of the 70 materials that the networks learned from. Colours do not tell how rough a material is in all."""
ROUGHER = -0.27
"""How much rougher a place is where it is brighter than the mean by 1: the median of the slopes that fit each of those
materials best. Of 70, 46 are rougher where they are darker."""
USUAL_OCCLUSION = 0.95
"""Of ambient occlusion, the median of those of the 70 that have it, in -1..1; of guesses only details are kept."""
OCCLUSION_DETAIL = 0.5
"""Of these, what is kept. On the eight unseen materials that have it the mean error is 0.118 so, 0.152 with guesses as
they are, and 0.127 with the median alone."""


def complete(
    pictures: Mapping[str, np.ndarray],
    wraps: tuple[bool, bool],
    estimator: Estimator,
    on_progress: Progress,
    is_cancelled: IsCancelled,
) -> dict[str, np.ndarray]:
    """A set with all maps: what it lacks is guessed from its base color, and of its size; nothing is metal. Heights are
    integrated from its normals; a height that it has shapes normals that it lacks, of which only the steepness is
    guessed then.

    Args:
        pictures: as from `read_pictures`.
        wraps: whether it tiles in y and in x; then what is guessed tiles, too.

    Raises:
        Cancelled.
    """
    missing = [name for name in MAPS if name not in pictures]
    height, width = pictures["base_color"].shape[:2]
    known = {
        name: in_units(pictures[name], wraps, (height, width)) for name in ("base_color", "height") if name in pictures
    }
    guessed = _guess(known, wraps, estimator, on_progress, is_cancelled) if set(missing) & set(GUESSED) else None
    found = dict(pictures)
    for name in missing:
        if name == "height":
            normals = stack_values_from_picture(found["normal"], "normal")
            found[name] = standardize_height(height_from_normals(normals))
        elif name == "roughness":
            found[name] = _roughness(found["base_color"])
        elif name == "metallic":
            found[name] = np.zeros((height, width), np.float32)
        elif guessed is not None:
            found[name] = resize(picture_from_stack(guessed, name), width, height, wraps)
    return {name: found[name] for name in MAPS}


def _guess(
    known: Mapping[str, np.ndarray],
    wraps: tuple[bool, bool],
    estimator: Estimator,
    on_progress: Progress,
    is_cancelled: IsCancelled,
) -> np.ndarray:
    """A stack (CHANNELS, height, width) with the channels of `ESTIMATED` filled in, from the base color and, if that is
    known, the height."""
    values = stack_values_from_picture(known["base_color"], "base_color")
    stack = np.zeros((CHANNELS, *values.shape[1:]), np.float32)

    def report(share: float) -> None:
        on_progress(share, "Estimating maps")

    for (rows, columns), made in through_windows(estimator, values, wraps, MARGIN, report, is_cancelled):
        stack[channels_of(ESTIMATED), rows, columns] = made
    normal = stack[MAPS["normal"].span]
    slopes = to_slopes(normal)
    shaped = _shaped(slopes, known["height"], wraps) if "height" in known else slopes * np.float32(RELIEF)
    normal[:] = from_slopes(shaped)
    occlusion = stack[MAPS["ambient_occlusion"].span]
    occlusion[:] = USUAL_OCCLUSION + OCCLUSION_DETAIL * (occlusion - np.median(occlusion))
    return stack


def _roughness(color: np.ndarray) -> np.ndarray:
    """From a base color (height, width, 3)."""
    grey = color.mean(2)
    return USUAL_ROUGHNESS + ROUGHER * (grey - grey.mean())


def _shaped(guessed: np.ndarray, height: np.ndarray, wraps: tuple[bool, bool]) -> np.ndarray:
    """The slopes of a height, as steep on the whole as those that were guessed."""
    slopes = slopes_of_height(height, wraps)
    return slopes * np.float32(guessed.std() / max(slopes.std(), FLATTEST))
