"""Reading spectra quickly: where a file scatters them, those of the neighbours are read along and kept for a while."""

import threading
from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.cube import Cube, Window
from hadviewer.io.sources import ArraySource

CHUNKS = {"bsq": (16, 64), "bil": (1, 64)}
"""Rows and columns that are read at once, by the order of the file: neighbours cost hardly more than the pixel."""
NEAR = (16, 64)
KEPT_BYTES = 64 * 2**20


class SpectrumReader:
    """Spectra of one cube, from any thread.

    In a file of whole spectra (bip) and in memory each is read by itself. In any other a chunk of neighbours comes
    along once a spectrum lies beside the one before, so that the pointer moves through what is already there.
    """

    def __init__(self, cube: Cube, kept_bytes: int = KEPT_BYTES) -> None:
        self._cube, self._kept_bytes = cube, kept_bytes
        whole = isinstance(cube.source, ArraySource)
        self._chunk = None if whole else CHUNKS.get(cube.source.order)
        self._chunks: OrderedDict[tuple[int, int], NDArray[np.float32]] = OrderedDict()
        self._held = 0
        self._last: Window | None = None
        self._lock = threading.Lock()

    def around(self, row: int, col: int, size: tuple[int, int] = (1, 1)) -> NDArray[np.float32]:
        """The spectra (pixels, bands) of the window of ``size`` (rows, cols; odd) around a pixel, cut at the border."""
        rows, cols, bands = self._cube.shape
        up, left = size[0] // 2, size[1] // 2
        window = Window(max(row - up, 0), min(row + up + 1, rows), max(col - left, 0), min(col + left + 1, cols))
        return self.read(window).reshape(-1, bands)

    def read(self, window: Window) -> NDArray[np.float32]:
        """The spectra (rows, cols, bands) of a window inside the scene."""
        last, self._last = self._last, window
        if self._chunk is None:
            return self._cube.values(window=window)
        tall, wide = self._chunk
        places = [
            (down, across)
            for down in range(window.row0 // tall, (window.row1 - 1) // tall + 1)
            for across in range(window.col0 // wide, (window.col1 - 1) // wide + 1)
        ]
        if not _beside(window, last) and not all(place in self._chunks for place in places):
            return self._cube.values(window=window)
        out = np.empty((*window.shape, self._cube.shape[2]), dtype=np.float32)
        for down, across in places:
            chunk, top, left = self._neighbours(down, across), down * tall, across * wide
            rows = max(window.row0, top), min(window.row1, top + chunk.shape[0])
            cols = max(window.col0, left), min(window.col1, left + chunk.shape[1])
            target = (
                slice(rows[0] - window.row0, rows[1] - window.row0),
                slice(cols[0] - window.col0, cols[1] - window.col0),
            )
            out[target] = chunk[rows[0] - top : rows[1] - top, cols[0] - left : cols[1] - left]
        return out

    def _neighbours(self, down: int, across: int) -> NDArray[np.float32]:
        """One chunk, from what is kept or from the file."""
        assert self._chunk is not None
        with self._lock:
            found = self._chunks.get((down, across))
            if found is not None:
                self._chunks.move_to_end((down, across))
                return found
        rows, cols, _ = self._cube.shape
        tall, wide = self._chunk
        top, left = down * tall, across * wide
        # Spectra one after another: each is taken out of the chunk on its own.
        values = np.ascontiguousarray(
            self._cube.values(window=Window(top, min(top + tall, rows), left, min(left + wide, cols)))
        )
        with self._lock:
            if (down, across) not in self._chunks:
                self._chunks[down, across] = values
                self._held += values.nbytes
            while self._held > self._kept_bytes and len(self._chunks) > 1:
                self._held -= self._chunks.popitem(last=False)[1].nbytes
        return values


def _beside(window: Window, last: Window | None) -> bool:
    """Whether a window lies near the one read before: the pointer is on its way."""
    return last is not None and abs(window.row0 - last.row0) < NEAR[0] and abs(window.col0 - last.col0) < NEAR[1]
