"""Pictures of a training: maps, colours and matrices as RGBA, and all of a step side by side on one sheet."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hadviewer.render.colormaps import colour_table
from hadviewer.render.composite import Rgba
from hadviewer.render.overlay import score_limits, score_picture
from hadviewer.render.stretch import Limits

MAP_COLOURS, MATRIX_COLOURS = "inferno", "viridis"
SIDE, GAP, TITLE, SIZE = 240, 12, 24, 15
"""Of a sheet, in pixels: longer side of a picture, gaps, height of a title, size of the letters."""
PAGE, INK, EMPTY = (255, 255, 255), (32, 33, 36), (206, 208, 212)


def frame_picture(array: NDArray[Any], kind: str) -> tuple[Rgba, Limits | None]:
    """A 'map', 'matrix' or 'colours' (uint8) as uint8 RGBA (rows, cols, 4), and the values at the ends of its colours.

    NaN is transparent.
    """
    if kind == "colours":
        return np.dstack([array, np.full(array.shape[:2], 255, dtype=np.uint8)]), None
    ends = picture_limits(array, cut=kind == "map")
    table = colour_table(MAP_COLOURS if kind == "map" else MATRIX_COLOURS)
    return score_picture(array, table, ends), ends


def picture_limits(array: NDArray[Any], *, cut: bool) -> Limits:
    """The ends of the colours: 0 and 1 for marks, with ``cut`` those of a score map, else lowest and highest value."""
    known = array[np.isfinite(array)]
    if not known.size:
        return 0.0, 1.0
    low, high = float(known.min()), float(known.max())
    if low >= 0 and high <= 1 and np.isin(known, (0, 1)).all():
        return 0.0, 1.0
    if cut:
        return score_limits(array)
    return (low, high) if high > low else (low, low + 1.0)


def sheet(pictures: Sequence[tuple[str, Rgba]], caption: str) -> NDArray[np.uint8]:
    """Pictures with their titles side by side in rows under a caption, uint8 (height, width, 3).

    Small ones are enlarged by whole numbers, large ones shrunk, so that each fits into a square.
    """
    from PIL import Image, ImageDraw, ImageFont

    across = max(1, math.ceil(math.sqrt(len(pictures))))
    down = max(1, math.ceil(len(pictures) / across))
    cell = (SIDE + GAP, SIDE + TITLE + GAP)
    page = Image.new("RGB", (across * cell[0] + GAP, down * cell[1] + TITLE + 2 * GAP), PAGE)
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(SIZE)
    draw.text((GAP, GAP + TITLE // 2), caption, INK, font, anchor="lm")
    for number, (title, rgba) in enumerate(pictures):
        left, top = GAP + number % across * cell[0], TITLE + 2 * GAP + number // across * cell[1]
        draw.text((left, top + TITLE // 2), title, INK, font, anchor="lm")
        picture = _fitted(rgba)
        draw.rectangle((left, top + TITLE, left + picture.width - 1, top + TITLE + picture.height - 1), fill=EMPTY)
        page.paste(picture, (left, top + TITLE), picture)
    return np.asarray(page)


def _fitted(rgba: Rgba) -> Any:
    """A picture whose longer side is at most SIDE."""
    from PIL import Image

    picture = Image.fromarray(np.ascontiguousarray(rgba))
    longest = max(picture.size)
    if longest <= SIDE:
        times = SIDE // longest
        return picture.resize((picture.width * times, picture.height * times), Image.Resampling.NEAREST)
    scale = SIDE / longest
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, Image.Resampling.BOX)
