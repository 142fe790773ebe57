"""The plain data about superpixels that passes between controllers and views."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.cube import Window


@dataclass(frozen=True, eq=False)
class SegmentPreview:
    """Superpixels of every step-th pixel of a part of the scene, and their boundaries as uint8 (rows, cols, 4)."""

    labels: NDArray[np.int32]
    window: Window
    step: int
    rgba: NDArray[np.uint8]
    colour: str


@dataclass(frozen=True, eq=False)
class SegmentMark:
    """One superpixel as a mask whose first pixel is (row, col), and the pixel in its middle."""

    row: int
    col: int
    mask: NDArray[np.bool_]
    middle: tuple[int, int]
