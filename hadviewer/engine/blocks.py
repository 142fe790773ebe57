"""The pixels of a cube in strips, for detectors that never hold all of it."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.cube import BandIndex, Cube, Window

BLOCK_BYTES = 4 * 2**20
"""Small enough that what one step wrote is still in the cache when the next one reads it."""


class CubeBlocks:
    """A region of a cube as float64 strips, at most ``max_bytes`` each; windows are relative to the region.

    A pixel with any invalid value is NaN in every band, and so is one that is not ``kept`` (rows, cols of the region).
    ``valid`` (rows, cols) is filled as windows are read.
    """

    def __init__(
        self,
        cube: Cube,
        bands: NDArray[np.intp],
        region: Window | None = None,
        max_bytes: int = BLOCK_BYTES,
        kept: NDArray[np.bool_] | None = None,
    ) -> None:
        self._kept = kept
        self._cube = cube
        self._bands: BandIndex = _as_slice(bands)
        self._region = region or cube.window
        self.shape = (*self._region.shape, len(bands))
        self.windows = _strips(self.shape, max_bytes)
        self.valid = np.zeros(self._region.shape, dtype=bool)

    def __len__(self) -> int:
        return len(self.windows)

    def __iter__(self) -> Iterator[tuple[Window, NDArray[np.float64]]]:
        return ((window, self.read(window)) for window in self.windows)

    def read(self, window: Window) -> NDArray[np.float64]:
        """The float64 values (rows, cols, bands) of one window, relative to the region."""
        row, col = self._region.row0, self._region.col0
        absolute = Window(row + window.row0, row + window.row1, col + window.col0, col + window.col1)
        values = self._cube.values(self._bands, absolute, dtype=np.float64)
        if self._kept is not None:
            values[~self._kept[window.slices]] = np.nan
        self.valid[window.slices] = invalidate(values)
        return values


class ArrayBlocks:
    """An array (rows, cols, bands) presented as float64 strips."""

    def __init__(self, array: NDArray[Any], max_bytes: int = BLOCK_BYTES) -> None:
        self._array = array
        self.shape: tuple[int, int, int] = array.shape[0], array.shape[1], array.shape[2]
        self.windows = _strips(self.shape, max_bytes)

    def __len__(self) -> int:
        return len(self.windows)

    def __iter__(self) -> Iterator[tuple[Window, NDArray[np.float64]]]:
        return ((window, self.read(window)) for window in self.windows)

    def read(self, window: Window) -> NDArray[np.float64]:
        """The float64 values (rows, cols, bands) of one window."""
        return self._array[window.slices].astype(np.float64)


def _strips(shape: tuple[int, int, int], max_bytes: int) -> tuple[Window, ...]:
    """Windows of whole lines that cover the scene, at most ``max_bytes`` of float64 values each."""
    rows, cols, bands = shape
    height = max(1, max_bytes // max(1, cols * bands * 8))
    return tuple(Window(start, min(start + height, rows), 0, cols) for start in range(0, rows, height))


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
