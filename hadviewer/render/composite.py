"""Pictures of one or three bands."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hadviewer.render.stretch import Curve, row_blocks

Rgba = NDArray[np.uint8]


def composite(planes: Sequence[NDArray[np.floating]], curves: Sequence[Curve]) -> Rgba:
    """A picture of one plane (grey) or three (red, green, blue), each (rows, cols), each through its curve.

    Returns contiguous uint8 (rows, cols, 4). A pixel without a value in any plane is transparent (all zeros).
    """
    if len(planes) not in (1, 3) or len(curves) != len(planes):
        raise ValueError(f"{len(planes)} planes with {len(curves)} curves: one or three are needed")
    rows, cols = planes[0].shape
    picture = np.empty((rows, cols, 4), dtype=np.uint8)
    for block in row_blocks((rows, cols)):
        part = picture[block]
        for channel, (plane, curve) in enumerate(zip(planes, curves, strict=True)):
            curve.apply(plane[block], part[..., channel])
        if len(planes) == 1:
            part[..., 1] = part[..., 0]
            part[..., 2] = part[..., 0]
        part[..., 3] = 255
        missing = np.isnan(planes[0][block])
        for plane in planes[1:]:
            missing |= np.isnan(plane[block])
        if missing.any():
            part[missing] = 0
    return picture
