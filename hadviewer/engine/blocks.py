"""The pixels of a cube in strips, for detectors that never hold all of it."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.cube import BandIndex, Cube, Window

BLOCK_BYTES = 32 * 2**20


class CubeBlocks:
    """A region of a cube as float64 strips, at most ``max_bytes`` each; windows are relative to the region.

    A pixel with any invalid value is NaN in every band. ``valid`` (rows, cols) is filled as windows are read.
    """

    def __init__(
        self, cube: Cube, bands: NDArray[np.intp], region: Window | None = None, max_bytes: int = BLOCK_BYTES
    ) -> None:
        self._cube = cube
        self._bands: BandIndex = _as_slice(bands)
        self._region = region or cube.window
        self.shape = (*self._region.shape, len(bands))
        self._height = max(1, int(max_bytes // max(1, self.shape[1] * self.shape[2] * 8)))
        self.valid = np.zeros(self._region.shape, dtype=bool)

    def __len__(self) -> int:
        return math.ceil(self.shape[0] / self._height)

    def __iter__(self) -> Iterator[tuple[Window, NDArray[np.float64]]]:
        rows, cols, _ = self.shape
        for start in range(0, rows, self._height):
            window = Window(start, min(start + self._height, rows), 0, cols)
            yield window, self.read(window)

    def read(self, window: Window) -> NDArray[np.float64]:
        """The float64 values (rows, cols, bands) of one window, relative to the region."""
        row, col = self._region.row0, self._region.col0
        absolute = Window(row + window.row0, row + window.row1, col + window.col0, col + window.col1)
        values = self._cube.values(self._bands, absolute, dtype=np.float64)
        self.valid[window.slices] = invalidate(values)
        return values


class ArrayBlocks:
    """An array (rows, cols, bands) presented as float64 strips."""

    def __init__(self, array: NDArray[Any], max_bytes: int = BLOCK_BYTES) -> None:
        self._array = array
        rows, cols, bands = array.shape
        self.shape: tuple[int, int, int] = (rows, cols, bands)
        self._height = max(1, int(max_bytes // max(1, cols * bands * 8)))

    def __len__(self) -> int:
        return math.ceil(self.shape[0] / self._height)

    def __iter__(self) -> Iterator[tuple[Window, NDArray[np.float64]]]:
        for start in range(0, self.shape[0], self._height):
            window = Window(start, min(start + self._height, self.shape[0]), 0, self.shape[1])
            yield window, self.read(window)

    def read(self, window: Window) -> NDArray[np.float64]:
        """The float64 values (rows, cols, bands) of one window."""
        return self._array[window.slices].astype(np.float64)


def invalidate(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Set every pixel with an invalid value to NaN in all bands, in place; return the valid mask (rows, cols)."""
    with np.errstate(over="ignore", invalid="ignore"):
        valid: NDArray[np.bool_] = np.isfinite(values.sum(axis=2))
    if not valid.all():
        # The sum of large values may leave the range of their type though none of them does.
        valid[~valid] = np.isfinite(values[~valid]).all(axis=1)
        values[~valid] = np.nan
    return valid


def _as_slice(index: NDArray[np.intp]) -> BandIndex:
    """A slice where the indices are consecutive: reading it is cheaper."""
    if len(index) and np.all(np.diff(index) == 1):
        return slice(int(index[0]), int(index[-1]) + 1)
    return index
