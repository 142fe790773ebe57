"""The plain data about regions of interest that passes between their controller and views."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

ToolName = Literal["rectangle", "polygon", "brush", "points", "grow"]
Figures = NDArray[np.float64]


@dataclass(frozen=True)
class RegionRow:
    """A region in the list; ``pixels`` is None while they are being counted."""

    id: int
    name: str
    colour: str
    visible: bool
    pixels: int | None = None


@dataclass(frozen=True, eq=False)
class RegionCurves:
    """The statistics of a region, each (bands,), NaN where a band has no value in it."""

    id: int
    name: str
    colour: str
    pixels: int
    mean: Figures
    std: Figures
    minimum: Figures
    maximum: Figures


@dataclass(frozen=True)
class GrowOptions:
    """How a region grows: the largest spectral angle in degrees, over corners too or not, the largest size."""

    angle: float = 3.0
    diagonal: bool = True
    most: int = 100_000
