"""Regions of interest: named sets of pixels, drawn, grown or read from a file."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from hadviewer.core import runs as runs_of
from hadviewer.core.colours import ON_IMAGERY
from hadviewer.core.cube import Window
from hadviewer.core.runs import Runs

Corner = tuple[float, float]
COLOURS = ON_IMAGERY


@dataclass(frozen=True)
class Polygon:
    """Closed rings of (row, col) corners in pixel space, the outline first, then its holes.

    The centre of pixel (r, c) is (r + 0.5, c + 0.5); a pixel belongs to the polygon when its centre lies inside.
    """

    rings: tuple[tuple[Corner, ...], ...]

    def runs(self, shape: tuple[int, int]) -> Runs:
        """Its pixels in a scene of ``shape``."""
        return runs_of.of_polygons([self.rings], shape)


@dataclass(frozen=True)
class Points:
    """Single pixels (row, col)."""

    pixels: tuple[tuple[int, int], ...]

    def runs(self, shape: tuple[int, int]) -> Runs:
        """Its pixels in a scene of ``shape``."""
        return _within(runs_of.of_pixels(self.pixels), shape)


@dataclass(frozen=True, eq=False)
class Patch:
    """Any set of pixels, such as strokes of a brush or what lies above a threshold."""

    pixels: Runs

    def runs(self, shape: tuple[int, int]) -> Runs:
        """Its pixels in a scene of ``shape``."""
        return _within(self.pixels, shape)


Part = Polygon | Points | Patch


def rectangle(window: Window) -> Polygon:
    """The polygon around a window of pixels."""
    top, bottom, left, right = map(float, window)
    return Polygon((((top, left), (top, right), (bottom, right), (bottom, left)),))


def disc(row: float, col: float, diameter: float) -> Runs:
    """The pixels whose centres lie within a circle around a place in pixel space: one dab of a brush."""
    radius = diameter / 2
    rows = np.arange(max(0, int(row - radius) - 1), int(row + radius) + 2)
    reach = radius**2 - (rows + 0.5 - row) ** 2
    rows, half = rows[reach >= 0], np.sqrt(reach[reach >= 0])
    starts = np.maximum(np.ceil(col - half - 0.5), 0)
    stops = np.maximum(np.floor(col + half - 0.5) + 1, 0)
    runs: Runs = np.stack((rows, starts, stops), axis=1).astype(np.int32)[stops > starts]
    return runs


def stroke(places: Sequence[Corner], diameter: float) -> Runs:
    """The pixels under a brush of ``diameter`` pixels that passes these places in pixel space."""
    dabs = [disc(*places[0], diameter)] if places else []
    for (row0, col0), (row1, col1) in pairwise(places):
        steps = max(1, int(np.ceil(max(abs(row1 - row0), abs(col1 - col0)))))
        dabs += [
            disc(row0 + (row1 - row0) * step / steps, col0 + (col1 - col0) * step / steps, diameter)
            for step in range(1, steps + 1)
        ]
    return runs_of.joined(dabs)


@dataclass(frozen=True)
class Region:
    """A region of interest: all pixels of its ``parts``. ``colour`` is #rrggbb, of outline and curve alike."""

    id: int
    name: str
    colour: str = COLOURS[0]
    visible: bool = True
    parts: tuple[Part, ...] = field(default=())

    def runs(self, shape: tuple[int, int]) -> Runs:
        """Its pixels in a scene of ``shape`` (rows, cols)."""
        outlines = [part.rings for part in self.parts if isinstance(part, Polygon)]
        others = [part.runs(shape) for part in self.parts if not isinstance(part, Polygon)]
        return runs_of.joined([runs_of.of_polygons(outlines, shape), *others])

    def mask(self, shape: tuple[int, int]) -> NDArray[np.bool_]:
        """True on its pixels, (rows, cols)."""
        return runs_of.to_mask(self.runs(shape), shape)

    def arrays(self) -> Iterable[NDArray[np.int32]]:
        """The arrays it keeps alive; corners and points weigh next to nothing."""
        return (part.pixels for part in self.parts if isinstance(part, Patch))


def _within(runs: Runs, shape: tuple[int, int]) -> Runs:
    return runs_of.clipped(runs, (0, shape[0], 0, shape[1]))
