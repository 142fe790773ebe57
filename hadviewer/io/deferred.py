"""A source of pixels that is made when the first of them is wanted."""

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.cube import BandIndex, CubeSource, Window


class DeferredSource:
    """Pixels of a file that must be unpacked first: what is known of them now, and how to get at them.

    ``make`` gives the real source, of the same shape, type and order, or raises ReadError.
    """

    def __init__(
        self, shape: tuple[int, int, int], dtype: np.dtype[Any], order: str, make: Callable[[], CubeSource]
    ) -> None:
        self.shape, self.dtype, self.order, self._make = shape, dtype, order, make
        self._made: CubeSource | None = None
        self._lock = threading.Lock()

    def read(self, window: Window, bands: BandIndex, step: int = 1) -> NDArray[Any]:
        """The pixels of a window, as of the real source."""
        with self._lock:
            if self._made is None:
                self._made = self._make()
        return self._made.read(window, bands, step)
