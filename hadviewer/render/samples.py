"""Which values decide a stretch: a grid over the scene first, all of them later, or only those in sight."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.cube import Window
from hadviewer.render.planes import ScenePlanes
from hadviewer.render.stretch import SAMPLE
from hadviewer.render.tiling import Address, Viewport

Sample = NDArray[np.float32]

EXACT = 1_000_000
"""Pixels up to which a stretch is found from every one of them; a grid of so many differs by less than a grey."""


def in_sight(planes: ScenePlanes, bands: Sequence[int], view: Viewport) -> list[Sample]:
    """About 100,000 values of each band among the pixels that a view shows, as it shows them; sorted, without NaN."""
    step = planes.grid.step_for(view.scale, exact=False)
    return _gather(planes, bands, planes.grid.covering(view.window, step), view.window, SAMPLE)


def every(planes: ScenePlanes, bands: Sequence[int]) -> list[Sample]:
    """All values of each band, of a large scene a dense grid; sorted, without NaN."""
    rows, cols = planes.grid.shape
    grid = planes.grid_values(bands, max(1, math.ceil(math.sqrt(rows * cols / EXACT))))
    return [np.sort(values[~np.isnan(values)]) for values in np.moveaxis(grid, 2, 0)]


def _gather(
    planes: ScenePlanes, bands: Sequence[int], addresses: Sequence[Address], window: Window, most: int
) -> list[Sample]:
    parts: list[list[Sample]] = [[np.empty(0, dtype=np.float32)] for _ in bands]
    if addresses:
        step = addresses[0].step
        pixels = window.shape[0] * window.shape[1] / step**2
        stride = max(1, math.ceil(math.sqrt(pixels / most)))
        for address in addresses:
            inside = _cut(planes.grid.window(address), window, step)
            for kept, plane in zip(parts, planes.tiles(bands, address), strict=True):
                values = plane[inside][::stride, ::stride]
                kept.append(values[~np.isnan(values)])
    return [np.sort(np.concatenate(kept)) for kept in parts]


def _cut(tile: Window, window: Window, step: int) -> tuple[slice, slice]:
    """The part of a tile that lies in a window, in the tile's own pixels."""
    top, left = max(0, window.row0 - tile.row0) // step, max(0, window.col0 - tile.col0) // step
    bottom, right = -(-(window.row1 - tile.row0) // step), -(-(window.col1 - tile.col0) // step)
    return slice(top, max(top, bottom)), slice(left, max(left, right))
