"""Sources of pixels that need no file format: arrays and views on them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.cube import BandIndex, Window


class ArraySource:
    """Pixels of an array (or memory map) in any of the three orders, presented as (rows, cols, bands).

    ``array`` is 3-D in file order: bsq (bands, rows, cols), bil (rows, bands, cols), bip (rows, cols, bands).
    Reading copies only the window and the bands asked for.
    """

    _TO_BIP = {"bsq": (1, 2, 0), "bil": (0, 2, 1), "bip": (0, 1, 2)}

    def __init__(self, array: NDArray[Any], order: str = "bip") -> None:
        if array.ndim != 3:
            raise ValueError(f"a cube has three axes, this array has {array.ndim}")
        self._view = array.transpose(self._TO_BIP[order])
        self._order = order

    @property
    def shape(self) -> tuple[int, int, int]:
        rows, cols, bands = self._view.shape
        return rows, cols, bands

    @property
    def dtype(self) -> np.dtype[Any]:
        return self._view.dtype.newbyteorder("=")

    @property
    def order(self) -> str:
        return self._order

    def read(self, window: Window, bands: BandIndex, step: int = 1) -> NDArray[Any]:
        rows, cols = window.slices
        return np.array(self._view[rows, cols][::step, ::step, bands], dtype=self.dtype)
