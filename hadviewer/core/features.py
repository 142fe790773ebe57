"""Objects with their outlines and attributes, as files of features hold them."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.region import Polygon

Value = int | float | str | None


@dataclass(frozen=True)
class Attribute:
    """What is told of every object. ``short`` is its name where names have ten letters at most.

    ``kind`` 'time' is text in ISO 8601, UTC: 2026-11-21T09:30:00Z.
    """

    name: str
    kind: Literal["int", "real", "text", "time"]
    about: str
    short: str = ""

    @property
    def brief(self) -> str:
        """At most ten letters."""
        return self.short or self.name[:10]


@dataclass(frozen=True, eq=False)
class FeatureTable:
    """Objects in the order of their numbers: a row of values and the polygons of each.

    ``labels`` int32 (rows, cols) has the number of each pixel's object, counted from 1, and 0 outside; corners of
    polygons are corners of pixels, (row, col). ``about`` says in a line how the objects were found.
    """

    attributes: tuple[Attribute, ...]
    rows: tuple[tuple[Value, ...], ...]
    outlines: tuple[tuple[Polygon, ...], ...]
    labels: NDArray[np.int32]
    about: str = ""
