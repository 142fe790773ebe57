"""The plain data that passes between the controllers of spectra and profiles and their views."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

LIVE, SEGMENT, SUMMARY = -1, -2, -3
"""Keys of curves that come and go by themselves; those of collected spectra are their ids, which are positive."""

Values = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Ribbon:
    """The band around a curve: its lower and upper edge (bands,)."""

    low: Values
    high: Values


@dataclass(frozen=True, eq=False)
class Curve:
    """A spectrum to draw: ``values`` (bands,), NaN at gaps.

    ``colour`` (#rrggbb) is '' for that of the text; ``about`` says where it comes from.
    """

    key: int
    title: str
    values: Values
    colour: str = ""
    visible: bool = True
    ribbon: Ribbon | None = None
    about: str = ""


@dataclass(frozen=True, eq=False)
class ProfileCurve:
    """Values along a line (pixels,): of a band on the screen, or of the score map on an axis of its own."""

    title: str
    values: Values
    colour: str
    score: bool = False
