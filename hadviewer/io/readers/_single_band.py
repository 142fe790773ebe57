"""A cube of one band as a map: truth masks and score maps in image formats."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.cube import Cube
from hadviewer.core.errors import ReadError
from hadviewer.io.readers._files import check_memory


def require_single_band(path: Path, cube: Cube) -> None:
    """Raise ReadError where a cube has several bands, or one that memory cannot take."""
    rows, cols, count = cube.shape
    if count != 1:
        raise ReadError(f"{path.name} has {count} bands, a mask or score map has one.", hint="Choose another file.")
    check_memory(path, "The image", rows * cols * cube.dtype.itemsize * 2)


def single_band(path: Path, cube: Cube) -> NDArray[Any]:
    """The one band whole, (rows, cols): plain integers as stored, other values scaled with no-data as NaN."""
    require_single_band(path, cube)
    if cube.dtype.kind in "iu" and cube.nodata is None and cube.scale is None:
        plain: NDArray[Any] = cube.source.read(cube.window, slice(None))[:, :, 0]
        return plain
    return cube.values(dtype=np.float64 if cube.dtype.itemsize > 4 else np.float32)[:, :, 0]
