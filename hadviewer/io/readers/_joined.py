"""Several sources of the same size seen as one: their bands behind each other, or some of them in another order."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.cube import BandIndex, CubeSource, Window
from hadviewer.io.sources import pick_indices


class JoinedSource:
    """Bands of several sources; ``bands`` are (number of the source, band in it) in the order they are shown."""

    def __init__(self, sources: Sequence[CubeSource], bands: Sequence[tuple[int, int]]) -> None:
        self._sources = tuple(sources)
        self._places = np.array(bands, dtype=np.intp).reshape(-1, 2)
        self._dtype = np.result_type(*(source.dtype for source in sources))

    @property
    def shape(self) -> tuple[int, int, int]:
        rows, cols, _ = self._sources[0].shape
        return rows, cols, len(self._places)

    @property
    def dtype(self) -> np.dtype[Any]:
        return self._dtype

    @property
    def order(self) -> str:
        return self._sources[0].order if len(self._sources) < len(self._places) else "bsq"

    def read(self, window: Window, bands: BandIndex, step: int = 1) -> NDArray[Any]:
        rows, cols, chosen = pick_indices(self.shape, window, bands, step)
        out = np.empty((len(chosen), len(rows), len(cols)), dtype=self._dtype)
        places = self._places[chosen]
        for number in np.unique(places[:, 0]).tolist():
            own = np.flatnonzero(places[:, 0] == number)
            part = self._sources[number].read(window, places[own, 1], step)
            out[own] = part.transpose(2, 0, 1)
        return out.transpose(1, 2, 0)
