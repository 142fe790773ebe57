"""Detectors that misbehave, loaded as a plug-in by the tests of the window."""

import os
import signal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.context import Context
from hadviewer.core.errors import DetectorError
from hadviewer.core.params import NoParams
from hadviewer.core.specs import detector


@detector(id="endless", title="Endless", family="Test")
def endless(cube: NDArray[Any], p: NoParams, ctx: Context) -> NDArray[Any]:
    """Never ends and never listens."""
    ctx.step(1, 10, "Looping")
    while True:
        pass


@detector(id="refusing", title="Refusing", family="Test")
def refusing(cube: NDArray[Any], p: NoParams, ctx: Context) -> NDArray[Any]:
    """Refuses every scene."""
    raise DetectorError("This scene is refused.", hint="Nothing can be done.")


@detector(id="buggy", title="Buggy", family="Test")
def buggy(cube: NDArray[Any], p: NoParams, ctx: Context) -> NDArray[Any]:
    """Fails by its own fault."""
    return np.asarray(cube[0, 0, cube.shape[2]])


@detector(id="suicidal", title="Suicidal", family="Test")
def suicidal(cube: NDArray[Any], p: NoParams, ctx: Context) -> NDArray[Any]:
    """Is killed while it works, as by the system when memory runs out."""
    os.kill(os.getpid(), signal.SIGKILL)
    return cube[:, :, 0]
