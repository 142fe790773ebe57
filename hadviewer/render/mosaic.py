"""A picture of the scene as far as its tiles are there: what to paint where, best tiles first."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from hadviewer.core.cube import Window
from hadviewer.render.cache import ArrayCache
from hadviewer.render.composite import Rgba
from hadviewer.render.tile_sources import TileSource
from hadviewer.render.tiling import Address, Viewport

FINER = 2
"""How many sizes down finer tiles are looked for where the right one is missing."""


class Piece(NamedTuple):
    """A finished tile (blue first where its source says ``screen``), and the part of the scene to paint it on."""

    address: Address
    pixels: Rgba
    window: Window


@dataclass(frozen=True, eq=False)
class Mosaic:
    """The tiles of a source that lie in a cache shared by all pictures."""

    source: TileSource
    cache: ArrayCache

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the scene."""
        return self.source.grid.shape

    @property
    def exact(self) -> bool:
        """Whether no pixel of it may be lost or softened."""
        return self.source.exact

    def has(self, address: Address) -> bool:
        """Whether a tile is there."""
        return (self.source, address) in self.cache

    def draw(self, *addresses: Address) -> None:
        """Make tiles, several only of one row; for jobs."""
        missing = [address for address in addresses if not self.has(address)]
        if len(missing) > 1:
            self.source.prepare(missing)
        for address in missing:
            self.cache.put((self.source, address), self.source.draw(address))

    def forget(self) -> None:
        """Let go of all its tiles."""
        self.cache.forget(lambda key: key[0] == self.source)

    def in_sight(self, view: Viewport) -> list[Address]:
        """The tiles that show a viewport as it should be, those nearest to its middle first."""
        grid = self.source.grid
        return grid.covering(view.window, grid.step_for(view.scale, exact=self.exact))

    def nearby(self, view: Viewport) -> list[Address]:
        """The tiles around them."""
        grid = self.source.grid
        return grid.around(view.window, grid.step_for(view.scale, exact=self.exact))

    @property
    def overview(self) -> Address:
        """The one tile that shows the whole scene."""
        return Address(self.source.grid.coarsest, 0, 0)

    def pieces(self, view: Viewport) -> Iterator[Piece]:
        """What to paint on a viewport with the tiles that are there; pieces never overlap."""
        for address in self.in_sight(view):
            yield from self._best(address)

    def _best(self, address: Address) -> Iterator[Piece]:
        """The tile itself; else of finer and coarser ones those that show most."""
        rgba = self.cache.get((self.source, address))
        window = self.source.grid.window(address)
        if rgba is not None:
            yield Piece(address, rgba, window)
            return
        # A coarser exact tile holds the maxima, of which finer ones squeezed together would lose some.
        finer, coarser = self._finer(address, FINER), self._coarser(address, window)
        choices = (coarser, finer) if self.exact else (finer, coarser)
        yield from next((choice for choice in choices if choice), [])

    def _finer(self, address: Address, depth: int) -> list[Piece]:
        """Finer tiles that fill the place of a missing one without a gap, or none."""
        if address.step == 1 or depth == 0:
            return []
        pieces: list[Piece] = []
        for child in self.source.grid.children(address):
            rgba = self.cache.get((self.source, child))
            found = self._finer(child, depth - 1) if rgba is None else [self._piece(child, rgba)]
            if not found:
                return []
            pieces += found
        return pieces

    def _coarser(self, address: Address, window: Window) -> list[Piece]:
        """The part of the nearest coarser tile that shows the place of a missing one."""
        while address.step <= self.source.grid.coarsest:
            address = address.parent
            rgba = self.cache.get((self.source, address))
            if rgba is not None:
                return [Piece(address, rgba, window)]
        return []

    def _piece(self, address: Address, rgba: Rgba) -> Piece:
        return Piece(address, rgba, self.source.grid.window(address))
