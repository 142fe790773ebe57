"""Masks as tiles: made of the scores where one looks, at the size of the screen, so that a threshold can be dragged."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hadviewer.analysis.objects import Cleaning, clump
from hadviewer.core.cube import Window
from hadviewer.gui.controllers._scores import cleaned_mask
from hadviewer.render.composite import Rgba
from hadviewer.render.overlay import mask_picture
from hadviewer.render.pyramid import shrink_max, shrink_sum
from hadviewer.render.tile_sources import ArrayTiles
from hadviewer.render.tiling import TILE, Address, TileGrid

NEAR = 1_200_000
"""Up to so many pixels are cleaned for one tile, which takes a few hundredths of a second: two screens and a margin."""


@dataclass(frozen=True, eq=False)
class MaskTiles:
    """The pixels whose score reaches a threshold, cleaned, in one colour.

    A tile is exact where nothing is to be cleaned, for the highest score of a block tells whether any of it is in the
    mask; and where the tile with its surroundings is not too large, for a small object does not reach far. Only tiles
    of very many pixels are cleaned at the size of the screen: objects are then made of blocks that touch.
    """

    scores: NDArray[np.float32]
    threshold: float
    cleaning: Cleaning
    colour: str
    tile: int = TILE
    exact = True
    costly = False
    by_rows = False
    screen = False

    @property
    def grid(self) -> TileGrid:
        return TileGrid((self.scores.shape[0], self.scores.shape[1]), self.tile)

    @property
    def rough(self) -> bool:
        """Whether some tiles may not be exact."""
        return self.cleaning.changes and self.scores.size > NEAR

    def prepare(self, addresses: Sequence[Address]) -> None:
        """Nothing is read."""

    def draw(self, address: Address) -> Rgba:
        """For jobs."""
        return mask_picture(self._mask(address), self.colour)

    def whole(self) -> ArrayTiles:
        """The mask cleaned over the whole scene."""
        mask, colour = cleaned_mask(self.scores, self.threshold, self.cleaning), self.colour
        return ArrayTiles(mask, shrink_max, lambda plane: mask_picture(plane, colour), tile=self.tile)

    def _mask(self, address: Address) -> NDArray[np.bool_]:
        window, step = self.grid.window(address), address.step
        if not self.cleaning.changes:
            return np.asarray(shrink_max(self.scores[window.slices], step) >= self.threshold)
        wide = self._with_surroundings(window)
        if wide.shape[0] * wide.shape[1] > NEAR:
            return self._cleaned_blocks(self.scores[window.slices], step)
        mask = cleaned_mask(self.scores[wide.slices], self.threshold, self.cleaning)
        top, left = window.row0 - wide.row0, window.col0 - wide.col0
        rows, cols = window.shape
        return np.asarray(shrink_max(mask[top : top + rows, left : left + cols], step))

    def _with_surroundings(self, window: Window) -> Window:
        """What decides about a window: an object too small to stay is no longer than it has pixels."""
        reach = self.cleaning.minimum + self.cleaning.gap
        rows, cols = self.scores.shape
        return Window(
            max(0, window.row0 - reach),
            min(rows, window.row1 + reach),
            max(0, window.col0 - reach),
            min(cols, window.col1 + reach),
        )

    def _cleaned_blocks(self, scores: NDArray[np.float32], step: int) -> NDArray[np.bool_]:
        """Blocks with pixels of the mask, without groups of blocks that have too few of them."""
        counts = shrink_sum(scores >= self.threshold, step)
        labels = clump(counts > 0)
        sizes = np.bincount(labels.ravel(), weights=counts.ravel())
        return np.asarray((sizes >= self.cleaning.minimum)[labels] & (counts > 0))
