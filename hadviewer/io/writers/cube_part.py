"""A part of a cube on its way into a file: some of its pixels and bands, raw or scaled, read piece by piece."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hadviewer.core import runs as runs_of
from hadviewer.core.bands import BandSet
from hadviewer.core.cube import Cube, Scale, Window
from hadviewer.core.runs import Runs

# Types that the formats do not have, and those that hold the same values.
_WIDENED = {"bool": "uint8", "int8": "int16", "float16": "float32"}
NODATA = -9999.0


@dataclass(frozen=True, eq=False)
class CubePart:
    """``index`` are bands (from 0) inside ``window``; ``scaled`` values are float32, others as the file has them.

    Pixels of the window that are not in ``inside``, where that is given, become no data.
    """

    cube: Cube
    window: Window
    index: NDArray[np.intp]
    scaled: bool = False
    inside: Runs | None = None

    @property
    def shape(self) -> tuple[int, int, int]:
        """(rows, cols, bands)."""
        return (*self.window.shape, len(self.index))

    @property
    def dtype(self) -> np.dtype[Any]:
        """What is written."""
        if self.scaled:
            return np.dtype(np.float32)
        return np.dtype(_WIDENED.get(self.cube.dtype.name, self.cube.dtype.name))

    @property
    def nbytes(self) -> int:
        """Bytes of all values."""
        return int(np.prod(self.shape, dtype=object)) * self.dtype.itemsize

    @property
    def bands(self) -> BandSet:
        """The chosen bands."""
        return self.cube.bands.take(self.index)

    @property
    def scale(self) -> Scale | None:
        """What a reader has still to do to the values."""
        scale = self.cube.scale
        if self.scaled or scale is None:
            return None
        gain, offset = (
            part[self.index] if isinstance(part, np.ndarray) else part for part in (scale.gain, scale.offset)
        )
        return Scale(gain, offset, scale.found)

    @property
    def nodata(self) -> float | None:
        """What stands for no data: the file's own value, or one that is chosen where it has none and one is needed."""
        if self.scaled:
            return NODATA
        if self.cube.nodata is not None or self.inside is None:
            return self.cube.nodata
        return float(np.iinfo(self.dtype).max) if self.dtype.kind == "u" else NODATA

    @property
    def default_bands(self) -> tuple[int, ...]:
        """Where the bands that the file shows first are now; none where one of them is left out."""
        places = {band: place for place, band in enumerate(self.index.tolist())}
        shown = self.cube.default_bands
        return tuple(places[band] for band in shown) if all(band in places for band in shown) else ()

    def read(self, rows: slice, bands: slice = slice(None), nodata: float | None = None) -> NDArray[Any]:
        """Values (rows, cols, bands) of some lines of the part, of some of its bands; ``nodata`` may differ."""
        fill = self.nodata if nodata is None else nodata
        first, last, _ = rows.indices(self.window.shape[0])
        window = self.window._replace(row0=self.window.row0 + first, row1=self.window.row0 + last)
        chosen = self.index[bands]
        if self.scaled:
            values = self.cube.values(chosen, window)
            values[np.isnan(values)] = fill
        else:
            values = self.cube.source.read(window, chosen).astype(self.dtype, copy=False)
        if self.inside is not None:
            values[~runs_of.to_mask(self.inside, window.shape, window.row0, window.col0)] = fill
        return values
