"""Scenes continued by their mirror image, for local detectors whose published figures were taken that way."""

from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.cube import Window
from hadviewer.core.params import field
from hadviewer.core.specs import PixelBlocks

Border = Literal["shift", "mirror"]


def border_choice() -> Any:
    """The parameter for what windows do at the border of the scene."""
    text = "shift moves windows inwards at the border, so that no pixel counts twice; mirror repeats pixels beyond it."
    return field("shift", "At the border", advanced=True, help=text)


class Mirrored:
    """A scene with ``margin`` more pixels on every side: its mirror image.

    ``mode`` is numpy.pad's: 'reflect' mirrors at the outermost pixels, 'symmetric' at their outer edges, so that they
    come twice.
    """

    def __init__(self, blocks: PixelBlocks, margin: int, mode: Literal["reflect", "symmetric"]) -> None:
        self._blocks = blocks
        rows, cols, bands = blocks.shape
        self._rows, self._cols = (np.pad(np.arange(length), margin, mode=mode) for length in (rows, cols))
        self.shape = (rows + 2 * margin, cols + 2 * margin, bands)

    @property
    def windows(self) -> list[Window]:
        """One for each line."""
        return [Window(row, row + 1, 0, self.shape[1]) for row in range(self.shape[0])]

    def __len__(self) -> int:
        return self.shape[0]

    def __iter__(self) -> Iterator[tuple[Window, NDArray[np.float64]]]:
        return ((window, self.read(window)) for window in self.windows)

    def read(self, window: Window) -> NDArray[np.float64]:
        """The float64 values (rows, cols, bands) of one window of the continued scene."""
        rows, cols = self._rows[window.row0 : window.row1], self._cols[window.col0 : window.col1]
        first, last, left, right = rows.min(), rows.max() + 1, cols.min(), cols.max() + 1
        part = self._blocks.read(Window(int(first), int(last), int(left), int(right)))
        return part[np.ix_(rows - first, cols - left)]
