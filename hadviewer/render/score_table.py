"""A picture of a table of areas under ROC curves: the nearer to 1, the brighter."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hadviewer.render.colormaps import colour_table

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont, ImageFont

SIZE, CELL_HEIGHT, MARGIN = 15, 30, 12
PAGE, INK, EMPTY = (255, 255, 255), (32, 33, 36), (236, 236, 238)
WORST, BEST = 0.5, 3.0
"""Numbers of nines at the ends of the colours: an area of 1 - 10**-0.5 = 0.68 or less, and 0.999 or more."""


def score_table(
    areas: NDArray[np.float64],
    texts: Sequence[Sequence[str]],
    rows: Sequence[str],
    columns: Sequence[str],
    title: str,
    colormap: str = "viridis",
) -> NDArray[np.uint8]:
    """Areas (rows, columns) as coloured cells with their texts, uint8 (height, width, 3); a NaN cell is grey.

    Colours follow the number of nines, -log10(1 - area), so that 0.99 and 0.999 differ as much as 0.9 and 0.99.
    """
    from PIL import Image, ImageDraw, ImageFont

    font, heading = ImageFont.load_default(SIZE), ImageFont.load_default(SIZE + 4)
    side = _widest(font, rows) + 2 * MARGIN
    widths = [
        _widest(font, [label, *(line[number] for line in texts)]) + 2 * MARGIN for number, label in enumerate(columns)
    ]
    top = 3 * MARGIN + 2 * SIZE + CELL_HEIGHT
    width = max(side + sum(widths), round(heading.getlength(title))) + 2 * MARGIN
    page = Image.new("RGB", (width, top + CELL_HEIGHT * len(rows) + MARGIN), PAGE)
    draw = ImageDraw.Draw(page)
    draw.text((MARGIN, MARGIN + SIZE), title, INK, heading, anchor="lm")
    shades = _shades(areas, colormap)
    for number, label in enumerate(rows):
        middle = top + CELL_HEIGHT * number + CELL_HEIGHT // 2
        draw.text((side, middle), label, INK, font, anchor="rm")
    left = side + MARGIN
    for column, label in enumerate(columns):
        centre = left + widths[column] // 2
        draw.text((centre, top - CELL_HEIGHT // 2), label, INK, font, anchor="mm")
        for row in range(len(rows)):
            y = top + CELL_HEIGHT * row
            shade = shades[row][column]
            draw.rectangle((left, y, left + widths[column] - 2, y + CELL_HEIGHT - 2), fill=shade)
            draw.text((centre, y + CELL_HEIGHT // 2), texts[row][column], _ink_on(shade), font, anchor="mm")
        left += widths[column]
    return np.asarray(page)


def _widest(font: "FreeTypeFont | ImageFont", texts: Sequence[str]) -> int:
    return round(max((font.getlength(text) for text in texts), default=0))


def _shades(areas: NDArray[np.float64], colormap: str) -> list[list[tuple[int, int, int]]]:
    table = colour_table(colormap)
    nines = -np.log10(np.maximum(1 - np.nan_to_num(areas), 1e-9))
    index = np.clip((nines - WORST) / (BEST - WORST), 0, 1) * (len(table) - 1)
    picked = table[index.round().astype(np.intp), :3]
    return [
        [EMPTY if np.isnan(area) else (int(c[0]), int(c[1]), int(c[2])) for area, c in zip(line, colours, strict=True)]
        for line, colours in zip(areas, picked, strict=True)
    ]


def _ink_on(shade: tuple[int, int, int]) -> tuple[int, int, int]:
    """Black or white, whichever is read better on a shade."""
    red, green, blue = shade
    return INK if 0.299 * red + 0.587 * green + 0.114 * blue > 130 else PAGE
