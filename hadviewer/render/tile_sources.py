"""What tiles are made of: bands of a cube, score maps, masks, outlines. Each source draws one tile at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.cube import Window
from hadviewer.render.composite import Rgba, composite
from hadviewer.render.planes import ScenePlanes
from hadviewer.render.pyramid import Reduce
from hadviewer.render.stretch import Curve
from hadviewer.render.tiling import TILE, Address, TileGrid


class TileSource(Protocol):
    """A picture of a scene, drawn tile by tile. Hashable: equal sources draw equal tiles. Thread-safe.

    ``exact`` pictures (scores, masks) are never interpolated and never thinned out below one pixel of the screen.
    ``costly`` ones read a file too large to keep: a coarse tile of the whole scene comes first. ``screen`` tells that
    tiles have blue first and red third, as opaque pictures reach the screen fastest; else they are RGBA. Tiles of a
    source that reads ``by_rows`` are best asked for together with those beside them, and prepared together.
    """

    @property
    def grid(self) -> TileGrid: ...
    @property
    def exact(self) -> bool: ...
    @property
    def costly(self) -> bool: ...
    @property
    def screen(self) -> bool: ...
    @property
    def by_rows(self) -> bool: ...
    def prepare(self, addresses: Sequence[Address]) -> None: ...
    def draw(self, address: Address) -> Rgba: ...


@dataclass(frozen=True)
class BandTiles:
    """One band in grey or three in red, green and blue, each through its curve."""

    planes: ScenePlanes
    bands: tuple[int, ...]
    curves: tuple[Curve, ...]
    exact = False
    screen = True

    @property
    def grid(self) -> TileGrid:
        return self.planes.grid

    @property
    def costly(self) -> bool:
        return not self.planes.whole

    @property
    def by_rows(self) -> bool:
        return self.planes.by_rows

    def prepare(self, addresses: Sequence[Address]) -> None:
        """Read what these tiles side by side are made of; for jobs."""
        self.planes.read_ahead(self.bands, addresses)

    def draw(self, address: Address) -> Rgba:
        """For jobs: it may read."""
        return composite(self.planes.tiles(self.bands, address), self.curves, screen=True)


@dataclass(frozen=True, eq=False)
class ArrayTiles:
    """An array of the scene's shape, made smaller by ``reduce`` (block maxima for scores) and then painted.

    ``paint`` gets ``margin`` more pixels on each side, where the scene goes on: what it draws may depend on neighbours.
    """

    content: NDArray[Any]
    reduce: Reduce
    paint: Callable[[NDArray[Any]], Rgba]
    margin: int = 0
    tile: int = TILE
    exact = True
    costly = False
    screen = False
    by_rows = False

    @property
    def grid(self) -> TileGrid:
        return TileGrid((self.content.shape[0], self.content.shape[1]), self.tile)

    def prepare(self, addresses: Sequence[Address]) -> None:
        """Nothing is read."""

    def draw(self, address: Address) -> Rgba:
        """The tile's part of the array, reduced and painted."""
        window, more = self.grid.window(address), self.margin * address.step
        wide = Window(max(0, window.row0 - more), window.row1 + more, max(0, window.col0 - more), window.col1 + more)
        rgba = self.paint(self.reduce(self.content[wide.slices], address.step))
        top, left = (window.row0 - wide.row0) // address.step, (window.col0 - wide.col0) // address.step
        rows, cols = self.grid.size(address)
        return np.ascontiguousarray(rgba[top : top + rows, left : left + cols])
