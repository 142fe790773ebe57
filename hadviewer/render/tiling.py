"""How a scene is cut into tiles at every size: a tile of step 2^k has a pixel for 2^k x 2^k pixels of the scene."""

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from hadviewer.core.cube import Window

TILE = 512
"""Pixels along the side of a tile; those at the far edges of a scene are smaller."""


class Address(NamedTuple):
    """Which tile: its step, and its place counted in tiles of that step."""

    step: int
    row: int
    col: int

    @property
    def parent(self) -> "Address":
        """The tile of twice the step that this one lies in."""
        return Address(self.step * 2, self.row // 2, self.col // 2)


class Viewport(NamedTuple):
    """What a view shows: which pixels of the scene, at how many screen pixels for each."""

    window: Window
    scale: float


@dataclass(frozen=True)
class TileGrid:
    """The tiles of a scene of ``shape`` (rows, cols). Windows are in pixels of the scene."""

    shape: tuple[int, int]
    tile: int = TILE

    @property
    def coarsest(self) -> int:
        """The step at which one tile holds the whole scene."""
        return _power_at_least(max(self.shape) / self.tile)

    def window(self, address: Address) -> Window:
        """What a tile covers, cut at the edges of the scene."""
        side = self.tile * address.step
        row, col = address.row * side, address.col * side
        return Window(row, min(row + side, self.shape[0]), col, min(col + side, self.shape[1]))

    def size(self, address: Address) -> tuple[int, int]:
        """Rows and columns of a tile, in its own pixels."""
        rows, cols = self.window(address).shape
        return -(-rows // address.step), -(-cols // address.step)

    def covering(self, window: Window, step: int) -> list[Address]:
        """The tiles in sight of a window (which may leave the scene), those nearest to its middle first."""
        side = self.tile * step
        rows = range(max(0, window.row0) // side, -(-min(window.row1, self.shape[0]) // side))
        cols = range(max(0, window.col0) // side, -(-min(window.col1, self.shape[1]) // side))
        row, col = (window.row0 + window.row1) / (2 * side) - 0.5, (window.col0 + window.col1) / (2 * side) - 0.5
        found = [Address(step, r, c) for r in rows for c in cols]
        return sorted(found, key=lambda tile: (tile.row - row) ** 2 + (tile.col - col) ** 2)

    def around(self, window: Window, step: int) -> list[Address]:
        """The ring of tiles around those in sight, which scrolling will need next."""
        side = self.tile * step
        inner = set(self.covering(window, step))
        wide = Window(window.row0 - side, window.row1 + side, window.col0 - side, window.col1 + side)
        return [address for address in self.covering(wide, step) if address not in inner]

    def children(self, address: Address) -> list[Address]:
        """The up to four tiles of half the step that a tile is made of, row by row."""
        step = address.step // 2
        places = [Address(step, address.row * 2 + r, address.col * 2 + c) for r in (0, 1) for c in (0, 1)]
        side = self.tile * step
        return [child for child in places if child.row * side < self.shape[0] and child.col * side < self.shape[1]]

    def step_for(self, scale: float, *, exact: bool) -> int:
        """The step to show at ``scale`` screen pixels per scene pixel.

        Imagery: the coarsest with at least one pixel per pixel of the screen. ``exact``: the finest with at most one,
        so that every pixel of a tile gets a pixel of the screen and none is lost.
        """
        needed = 1 / max(scale, 1e-9)
        most = _power_at_least(max(self.shape))
        return min(_power_at_least(needed) if exact else 2 ** max(0, math.floor(math.log2(needed) + 1e-9)), most)


def side_by_side(address: Address, among: Collection[Address]) -> list[Address]:
    """A tile and those of its row that follow each other without a gap, from left to right."""
    first = last = address
    while (left := first._replace(col=first.col - 1)) in among:
        first = left
    while (right := last._replace(col=last.col + 1)) in among:
        last = right
    return [address._replace(col=col) for col in range(first.col, last.col + 1)]


def _power_at_least(number: float) -> int:
    """The smallest power of two that is not below ``number``, at least 1."""
    return int(2 ** max(0, math.ceil(math.log2(max(number, 1)) - 1e-9)))
