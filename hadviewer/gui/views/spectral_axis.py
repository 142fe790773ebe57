"""Where the bands of a cube lie along the axis of a plot, with gaps where a line would lie."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class SpectralAxis:
    """The bands along the axis: ``centres`` in nm (bands,) or None, ``usable`` bool (bands,).

    Lines are laid out with one place more than bands wherever the wavelength turns back, as it does between two
    overlapping detectors of a sensor: the NaN there breaks the line. Bad bands are NaN too.
    """

    usable: NDArray[np.bool_]
    centres: NDArray[np.float64] | None = None
    in_nm: bool = True

    @property
    def positions(self) -> NDArray[np.float64]:
        """Where each band lies: nm, or its number counted from 1."""
        if self.in_nm and self.centres is not None:
            return self.centres
        return np.arange(1.0, len(self.usable) + 1.0)

    @property
    def title(self) -> str:
        """What the axis is called."""
        return "Wavelength (nm)" if self.in_nm and self.centres is not None else "Band"

    @cached_property
    def x(self) -> NDArray[np.float64]:
        """Positions in the layout of lines."""
        return self._laid_out(self.positions)

    def line(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """A spectrum (bands,) in the layout of lines, NaN at gaps."""
        return self._laid_out(np.where(self.usable, np.asarray(values, dtype=np.float64), np.nan))

    @cached_property
    def _places(self) -> NDArray[np.intp]:
        steps = np.diff(self.positions)
        direction = np.sign(np.nanmedian(steps)) if np.isfinite(steps).any() else 1.0
        turns = np.concatenate([[False], steps * direction < 0])
        return np.arange(len(self.usable)) + np.cumsum(turns)

    def _laid_out(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        laid = np.full(int(self._places[-1]) + 1, np.nan)
        laid[self._places] = values
        return laid
