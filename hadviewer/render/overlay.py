"""What is laid over a picture: score maps, masks, outlines; arrays in, uint8 RGBA (rows, cols, 4) out."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hadviewer.render.colormaps import parse_colour
from hadviewer.render.composite import Rgba
from hadviewer.render.stretch import TAIL, Curve, Limits, equalised, grid_sample, limits, logarithm, row_blocks

Mask = NDArray[np.bool_]
ScoreScale = Literal["linear", "log", "rank"]

LOW_PERCENT, HIGH_PERCENT = 2.0, 99.9
EXACT = 1 << 20
"""Score maps up to this many pixels have their limits from every score, larger ones from a grid of so many."""


def score_limits(scores: NDArray[np.floating]) -> Limits:
    """The scores at the ends of the colour map: 2 % and 99.9 % of the valid scores.

    Where these are one value (a flat map with a few hot pixels) the maximum is the upper end, so that the hottest
    pixels always stand out.
    """
    sample = grid_sample(scores, EXACT)
    if sample.size == 0:
        return 0.0, 1.0
    low, high = (float(value) for value in np.percentile(sample, [LOW_PERCENT, HIGH_PERCENT]))
    if high <= low:
        high = float(np.nanmax(scores))
    return (low, high) if high > low else (low, low + 1.0)


def score_curve(scores: NDArray[np.floating], scale: ScoreScale = "linear", given: Limits | None = None) -> Curve:
    """Which place of the colour map a score has, from 0 to 255; ``given`` are the scores at its ends.

    ``linear`` is straight, ``log`` shows low scores in more steps, ``rank`` every score by how many lie below it.
    """
    if scale == "rank":
        sample = grid_sample(scores, EXACT)
        return equalised(sample, given or limits(sample, TAIL))
    ends = given or score_limits(scores)
    return logarithm(ends) if scale == "log" else Curve(*ends)


def score_picture(scores: NDArray[np.floating], table: NDArray[np.uint8], ends: Limits | Curve) -> Rgba:
    """A score map (rows, cols) in the colours of ``table`` (256, 4), cut at ``ends``; NaN is transparent."""
    curve = ends if isinstance(ends, Curve) else Curve(*ends)
    picture = np.empty((*scores.shape, 4), dtype=np.uint8)
    for rows in row_blocks(scores.shape):
        places = np.empty(scores[rows].shape, dtype=np.uint8)
        curve.apply(scores[rows], places)
        part = np.take(table, places, axis=0)
        missing = np.isnan(scores[rows])
        if missing.any():
            part[missing] = 0
        picture[rows] = part
    return picture


def mask_picture(mask: Mask, colour: str) -> Rgba:
    """A mask (rows, cols) in one colour (#rrggbb), transparent where it is False."""
    table = np.zeros((2, 4), dtype=np.uint8)
    table[1] = (*parse_colour(colour), 255)
    picture: Rgba = np.take(table, mask.astype(np.uint8), axis=0)
    return picture


def outline(mask: Mask) -> Mask:
    """The ring one pixel wide around each object of a mask: the object itself stays free, a single pixel too."""
    padded = np.pad(mask, 1)
    tall = padded[:-2] | padded[1:-1] | padded[2:]
    grown: Mask = tall[:, :-2] | tall[:, 1:-1] | tall[:, 2:]
    return grown & ~mask


def borders(labels: NDArray[np.integer]) -> Mask:
    """Where the right or lower neighbour has another label (rows, cols): lines one pixel wide between segments."""
    edge = np.zeros(labels.shape, dtype=bool)
    edge[:, :-1] |= labels[:, :-1] != labels[:, 1:]
    edge[:-1] |= labels[:-1] != labels[1:]
    return edge


def boundary_lines(parts: NDArray[np.generic]) -> NDArray[np.intp]:
    """Straight lines between neighbours of different values (lines, 4): row, col, row, col of the ends.

    ``parts`` is a mask or labels (rows, cols); ends are corners of pixels, so that (0, 0) is that of the first pixel.
    """
    row, left, right = _runs(parts[1:] != parts[:-1])
    col, top, bottom = _runs((parts[:, 1:] != parts[:, :-1]).T)
    across = np.stack([row + 1, left, row + 1, right], axis=1)
    down = np.stack([top, col + 1, bottom, col + 1], axis=1)
    return np.concatenate([across, down])


def _runs(flags: Mask) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Unbroken runs along each line of ``flags`` (lines, places): line, first place, place after the last."""
    steps = np.diff(np.pad(flags.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    line, start = np.nonzero(steps == 1)
    return line, start, np.nonzero(steps == -1)[1]


def blend(base: Rgba, layer: Rgba, opacity: float = 1.0) -> Rgba:
    """``layer`` laid over ``base`` at ``opacity`` 0..1, both uint8 (rows, cols, 4); a new picture."""
    result = np.empty_like(base)
    for rows in row_blocks(base.shape):
        share = layer[rows, :, 3:].astype(np.float32) * np.float32(opacity / 255)
        below = base[rows, :, 3:].astype(np.float32) * (1 - share) / 255
        alpha = share + below
        colour = layer[rows, :, :3] * share + base[rows, :, :3] * below
        result[rows, :, :3] = np.rint(colour / np.where(alpha > 0, alpha, 1))
        result[rows, :, 3:] = np.rint(alpha * 255)
    return result
