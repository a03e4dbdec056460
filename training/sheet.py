"""Picture sheets: rows and columns of textures with their names, to be looked at."""

import numpy as np
from PIL import Image, ImageDraw

MARGIN, LINE = 6, 14
PAPER, INK, EMPTY = (255, 255, 255), (0, 0, 0), (225, 225, 225)


def stacked(rows: list[np.ndarray]) -> np.ndarray:
    """Pictures (height, width, 3) float in 0..1, one above the other; to the right of narrow ones it is white."""
    width = max(row.shape[1] for row in rows)
    return np.concatenate([np.pad(row, ((0, 0), (0, width - row.shape[1]), (0, 0)), constant_values=1) for row in rows])


def picture_sheet(
    rows: list[str], columns: list[str], pictures: dict[tuple[str, str], np.ndarray], side: int = 256
) -> Image.Image:
    """A table of pictures.

    Args:
        pictures: (height, width, 3) float in 0..1 by (row, column); a larger one is cropped to `side`
            pixels, not scaled, so that its sharpness shows; where there is none, the field stays grey.
    """
    step, top = side + MARGIN, 2 * MARGIN + LINE
    sheet = Image.new("RGB", (MARGIN + len(columns) * step, top + len(rows) * (step + LINE)), PAPER)
    draw = ImageDraw.Draw(sheet)
    for x, column in enumerate(columns):
        draw.text((MARGIN + x * step, MARGIN), column, INK)
    for y, row in enumerate(rows):
        draw.text((MARGIN, top + y * (step + LINE)), row, INK)
        for x, column in enumerate(columns):
            corner = (MARGIN + x * step, top + y * (step + LINE) + LINE)
            if (row, column) in pictures:
                values = np.round(np.clip(pictures[row, column][:side, :side], 0, 1) * 255).astype(np.uint8)
                sheet.paste(Image.fromarray(values), corner)
            else:
                draw.rectangle([*corner, corner[0] + side - 1, corner[1] + side - 1], EMPTY)
    return sheet
