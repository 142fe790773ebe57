"""HDF5 datasets as a source of pixels.

The HDF5 library is not thread-safe; h5py guards every call with one lock of its own, which makes this source so.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.cube import BandIndex, Window
from hadviewer.core.errors import ReadError
from hadviewer.io.sources import pick_indices, pick_slice

CHUNK_CACHE = 64 * 2**20
# What h5py raises for damaged files, beside OSError.
HDF5_ERRORS = (OSError, KeyError, RuntimeError, ValueError, TypeError, MemoryError)


def is_own(dataset: Any) -> bool:
    """Whether the values of a dataset are in its file: others may name any file of the machine."""
    return not dataset.external and not dataset.is_virtual


def linked_here(group: Any, name: str) -> Any:
    """What a group holds by this name; None where it is but a link, which may lead to any file of the machine."""
    import h5py

    return group[name] if isinstance(group.get(name, getlink=True), h5py.HardLink) else None


def first_values(dataset: Any, most: int | None) -> NDArray[Any]:
    """A dataset whole, or as many of its first rows as hold about ``most`` values."""
    if most is None or not dataset.shape or dataset.size <= most:
        return np.asarray(dataset[()])
    return np.asarray(dataset[: max(1, most * dataset.shape[0] // dataset.size)])


class Hdf5Source:
    """A 3-D dataset; ``axes`` are the positions of (row, col, band) among its dimensions.

    ``owner`` is what keeps the file open.
    """

    def __init__(self, dataset: Any, axes: tuple[int, int, int], name: str, owner: object = None) -> None:
        self._dataset, self._axes, self._name, self._owner = dataset, axes, name, owner
        sizes = [int(length) for length in dataset.shape]
        self._shape = (sizes[axes[0]], sizes[axes[1]], sizes[axes[2]])
        self._dtype: np.dtype[Any] = np.dtype(dataset.dtype)

    @property
    def shape(self) -> tuple[int, int, int]:
        return self._shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self._dtype.newbyteorder("=")

    @property
    def order(self) -> str:
        return {0: "bsq", 1: "bil", 2: "bip"}[self._axes[2]]

    def read(self, window: Window, bands: BandIndex, step: int = 1) -> NDArray[Any]:
        rows, cols, chosen = (pick_slice(pick) for pick in pick_indices(self._shape, window, bands, step))
        if isinstance(chosen, slice):
            return self._read(rows, cols, chosen)
        lowest, highest = int(chosen.min()), int(chosen.max())
        if 2 * len(chosen) > highest - lowest:
            return self._read(rows, cols, slice(lowest, highest + 1))[:, :, chosen - lowest]
        # Lists of indices are very slow in HDF5, and must rise; band by band is neither.
        planes = [self._read(rows, cols, slice(band, band + 1)) for band in chosen.tolist()]
        return np.concatenate(planes, axis=2)

    def _read(self, rows: Any, cols: Any, bands: Any) -> NDArray[Any]:
        chosen: list[Any] = [None, None, None]
        for axis, part in zip(self._axes, (rows, cols, bands), strict=True):
            chosen[axis] = part
        try:
            part = self._dataset[tuple(chosen)]
        except HDF5_ERRORS as error:
            raise ReadError(f"{self._name} is damaged: {error}.", hint="Copy or download it again.") from error
        return np.asarray(part, dtype=self.dtype).transpose(self._axes)
