"""Spatial profiles: values along a row, a column or any line of a scene."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.cube import Cube, Window

Pixel = tuple[int, int]
Along = Literal["row", "column", "line"]
PIECE = 32
"""Pixels of a slanting line that are read together."""


@dataclass(frozen=True)
class ProfileLine:
    """A line from the middle of one pixel (row, col) to that of another."""

    start: Pixel
    end: Pixel

    def pixels(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Rows and columns of the pixels along it, one for each step of the longer side, both ends included."""
        (row0, col0), (row1, col1) = self.start, self.end
        steps = max(abs(row1 - row0), abs(col1 - col0))
        share = np.arange(steps + 1) / max(steps, 1)
        rows = np.floor(row0 + (row1 - row0) * share + 0.5).astype(np.intp)
        cols = np.floor(col0 + (col1 - col0) * share + 0.5).astype(np.intp)
        return rows, cols

    def distances(self) -> NDArray[np.float64]:
        """How far each of the pixels is from the start, in pixels."""
        rows, cols = self.pixels()
        return np.hypot(rows - self.start[0], cols - self.start[1])


def across(shape: tuple[int, int], pixel: Pixel, along: Along) -> ProfileLine:
    """The whole row or column of a scene (rows, cols) through a pixel."""
    row, col = pixel
    if along == "row":
        return ProfileLine((row, 0), (row, shape[1] - 1))
    return ProfileLine((0, col), (shape[0] - 1, col))


def read_profile(cube: Cube, line: ProfileLine, bands: tuple[int, ...]) -> NDArray[np.float32]:
    """Values (pixels, bands) of some bands (0-based) along a line.

    Rows and columns are one read. A slanting line is read in short pieces, each with the small rectangle around it:
    little beside what it crosses, and far fewer reads than pixels.
    """
    rows, cols = line.pixels()
    straight = line.start[0] == line.end[0] or line.start[1] == line.end[1]
    index = np.array(bands, dtype=np.intp)
    out = np.empty((len(rows), len(bands)), dtype=np.float32)
    for first in range(0, len(rows), len(rows) if straight else PIECE):
        part = slice(first, len(rows) if straight else first + PIECE)
        top, left = int(rows[part].min()), int(cols[part].min())
        window = Window(top, int(rows[part].max()) + 1, left, int(cols[part].max()) + 1)
        out[part] = cube.values(index, window)[rows[part] - top, cols[part] - left]
    return out
