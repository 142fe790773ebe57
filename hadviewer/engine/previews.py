"""A quick look at a cube before it is opened: a small picture, and what is known about it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.cube import Cube, Window
from hadviewer.engine import verbs
from hadviewer.engine.display import initial_intent, resolve
from hadviewer.io.sources import LoadedSource
from hadviewer.render.composite import composite
from hadviewer.render.stretch import linear

SIDE = 256
"""Pixels of the longer side of a picture."""
MOST_BYTES = 128 * 2**20
"""Bytes read of a file for a picture; of a larger scene its middle is shown."""
MOST_LOADED = 512 * 2**20
"""Bytes of a cube that can only be loaded whole; larger ones have no picture."""


@dataclass(frozen=True, eq=False)
class Preview:
    """``picture`` is uint8 (rows, cols, 4) RGBA, or None where it would take too long; ``shown`` says what it shows."""

    picture: NDArray[np.uint8] | None
    shown: str
    shape: tuple[int, int, int]
    dtype: str
    wavelengths: str
    remarks: tuple[str, ...] = ()


def look_at(path: Path, entry: str, options: Mapping[str, Any]) -> Preview:
    """Open a cube and draw it small. Raises ReadError, and ParamError for options that its reader refuses."""
    cube = verbs.open_cube(path, entry, options=options)
    picture, shown = _picture(cube)
    remarks = dict.fromkeys((*(guess.why for guess in cube.guesses), *cube.notes))
    return Preview(picture, shown, cube.shape, cube.dtype.name, wavelength_range(cube), tuple(remarks))


def wavelength_range(cube: Cube) -> str:
    """'400.1 to 2500.3 nm', or that there are none."""
    centres = cube.bands.centres
    return "unknown" if centres is None else f"{centres.min():.1f} to {centres.max():.1f} nm"


def _picture(cube: Cube) -> tuple[NDArray[np.uint8] | None, str]:
    if isinstance(cube.source, LoadedSource) and math.prod(cube.shape) * cube.dtype.itemsize > MOST_LOADED:
        return None, "Too large for a quick look"
    display = resolve(initial_intent(cube), cube)
    window = _affordable(cube, len(display.bands))
    step = max(1, math.ceil(max(window.shape) / SIDE))
    values = cube.values(np.array(display.bands), window, step=step)
    planes = [np.ascontiguousarray(values[:, :, channel]) for channel in range(values.shape[2])]
    part = "" if window == cube.window else ", the middle of the scene"
    return composite(planes, [linear(plane) for plane in planes]), f"{display.title}{part}"


def _affordable(cube: Cube, bands: int) -> Window:
    """The middle of the scene, as much of it as may be read; unless bands lie apart, all of them are."""
    rows, cols, count = cube.shape
    read = bands if cube.source.order == "bsq" else count
    pixels = MOST_BYTES / (read * cube.dtype.itemsize)
    if rows * cols <= pixels:
        return cube.window
    height = max(1, min(rows, int(pixels / cols)))
    top = (rows - height) // 2
    left, width = 0, cols
    if height < cols // 4:  # a strip would show little: a square then, of which whole lines are read all the same
        width = min(cols, max(height, SIDE))
        left = (cols - width) // 2
    return Window(top, top + height, left, left + width)
