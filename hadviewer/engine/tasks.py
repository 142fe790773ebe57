"""What the worker process can be asked to do. Each is ``task(*arguments, ctx) -> result``, found by its name."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.context import Context
from hadviewer.core.cube import Cube, Origin, Truth
from hadviewer.core.results import DetectionRequest, DetectionResult
from hadviewer.engine.devices import Device
from hadviewer.io.sources import ArraySource

if TYPE_CHECKING:
    from hadviewer.analysis.evaluation import Evaluation
    from hadviewer.engine.inputs import Inputs


@dataclass(frozen=True, eq=False)
class CubeReference:
    """How a cube crosses to another process: by its origin, or by value where it has none.

    A cube without a file is read when it crosses, in the thread that sends it; until then it is only referred to.
    ``usable`` are the bands that the user has marked as good, where those are not the file's.
    """

    origin: Origin | None
    cube: Cube | None = None
    usable: NDArray[np.bool_] | None = None

    @classmethod
    def of(cls, cube: Cube) -> "CubeReference":
        """The cheapest way to hand over ``cube``."""
        if cube.origin is None:
            return cls(None, cube)
        return cls(cube.origin, None, None if cube.bands.given is None else cube.bands.mask)

    def __reduce__(self) -> "tuple[type[CubeReference], tuple[Any, ...]]":
        """Called by pickle, in the thread that sends."""
        if self.cube is None:
            return CubeReference, (self.origin, None, self.usable)
        whole = self.cube.source.read(self.cube.window, slice(None))
        return CubeReference, (None, replace(self.cube, source=ArraySource(whole)))

    def open(self) -> Cube:
        """The cube, opened again on this side."""
        from hadviewer.engine.verbs import open_origin

        if self.origin is not None:
            cube = open_origin(self.origin)
            return cube if self.usable is None else replace(cube, bands=cube.bands.with_usable(self.usable))
        assert self.cube is not None
        return self.cube


def detect(request: DetectionRequest, reference: CubeReference, inputs: "Inputs", ctx: Context) -> DetectionResult:
    """Run a detection, with arrays (rows, cols) handed in beside the cube."""
    from hadviewer.engine.inputs import run_with

    return run_with(request, reference.open(), inputs, ctx)


def evaluate(scores: NDArray[np.float32], truth: Truth, ctx: Context) -> "Evaluation":
    """Compare a score map with the truth."""
    from hadviewer.engine.verbs import evaluate

    return evaluate(scores, truth)


def list_devices(ctx: Context) -> Sequence[Device]:
    """The devices of this machine; asks torch, so never in the window's process."""
    from hadviewer.engine.devices import available

    return available()
