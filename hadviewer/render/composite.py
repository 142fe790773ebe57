"""Pictures of one or three bands."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hadviewer.render.stretch import Curve, row_blocks

Rgba = NDArray[np.uint8]


def composite(planes: Sequence[NDArray[np.floating]], curves: Sequence[Curve], *, screen: bool = False) -> Rgba:
    """A picture of one plane (grey) or three (red, green, blue), each (rows, cols), each through its curve.

    Returns contiguous uint8 (rows, cols, 4) RGBA; for the ``screen`` blue comes first and red third, as it wants it. A
    pixel without a value in any plane is transparent (all zeros).
    """
    if len(planes) not in (1, 3) or len(curves) != len(planes):
        raise ValueError(f"{len(planes)} planes with {len(curves)} curves: one or three are needed")
    places = _GREY if len(planes) == 1 else _RGB[::-1] if screen else _RGB
    rows, cols = planes[0].shape
    picture = np.empty((rows, cols, 4), dtype=np.uint8)
    words = picture.view("<u4")[:, :, 0]
    for block in row_blocks((rows, cols)):
        word = words[block]
        word.fill(_OPAQUE)
        grey = np.empty(word.shape, dtype=np.uint8)
        for plane, curve, place in zip(planes, curves, places, strict=True):
            curve.apply(plane[block], grey)
            word += np.multiply(grey, place, dtype=np.uint32)
        missing = np.isnan(planes[0][block])
        for plane in planes[1:]:
            missing |= np.isnan(plane[block])
        if missing.any():
            word[missing] = 0
    return picture


# Red, green, blue and opacity of a pixel are one number: writing it is faster than writing every fourth byte.
_OPAQUE = np.uint32(0xFF000000)
_GREY = (np.uint32(0x010101),)
_RGB = (np.uint32(1), np.uint32(1 << 8), np.uint32(1 << 16))
