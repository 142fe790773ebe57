"""What the worker process can be asked to do. Each is ``task(*arguments, ctx) -> result``, found by its name."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.context import Context
from hadviewer.core.cube import Cube, Origin, Truth
from hadviewer.core.params import Params, field
from hadviewer.core.results import DetectionRequest, DetectionResult
from hadviewer.engine.devices import Device
from hadviewer.io.sources import ArraySource

if TYPE_CHECKING:
    from hadviewer.analysis.evaluation import Evaluation
    from hadviewer.engine.inputs import Inputs

STRIP_BYTES = 64 << 20
SAMPLE_PIXELS = 100_000


@dataclass(frozen=True, eq=False)
class CubeReference:
    """How a cube crosses to another process: by its origin, or by value where it has none.

    A cube without a file is read when it crosses, in the thread that sends it; until then it is only referred to.
    """

    origin: Origin | None
    cube: Cube | None = None

    @classmethod
    def of(cls, cube: Cube) -> "CubeReference":
        """The cheapest way to hand over ``cube``."""
        return cls(cube.origin) if cube.origin is not None else cls(None, cube)

    def __reduce__(self) -> "tuple[type[CubeReference], tuple[Origin | None, Cube | None]]":
        """Called by pickle, in the thread that sends."""
        if self.cube is None:
            return CubeReference, (self.origin, None)
        whole = self.cube.source.read(self.cube.window, slice(None))
        return CubeReference, (None, replace(self.cube, source=ArraySource(whole)))

    def open(self) -> Cube:
        """The cube, opened again on this side."""
        from hadviewer.engine.verbs import open_origin

        if self.origin is not None:
            return open_origin(self.origin)
        assert self.cube is not None
        return self.cube


def detect(request: DetectionRequest, reference: CubeReference, inputs: "Inputs", ctx: Context) -> DetectionResult:
    """Run a detection, with arrays (rows, cols) handed in beside the cube."""
    from hadviewer.engine.inputs import run_with

    return run_with(request, reference.open(), inputs, ctx)


class SuperpixelParams(Params):
    """How a scene is cut into superpixels."""

    number: int = field(400, "Number", ge=2, le=200_000, help="About how many superpixels the scene is cut into.")
    compactness: float = field(
        5.0,
        "Compactness",
        gt=0,
        le=100,
        enabled_when="adaptive=False",
        help="1 follows the materials, 5 keeps about the number asked for, 20 approaches squares.",
    )
    components: int = field(
        5, "Components", ge=1, le=50, advanced=True, help="Principal components whose likeness counts."
    )
    adaptive: bool = field(
        False, "Adaptive", advanced=True, help="Each superpixel finds its own compactness, by how textured it is."
    )


def segment(
    reference: CubeReference, bands: NDArray[np.intp], params: SuperpixelParams, ctx: Context
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Superpixels of the first principal components: labels (rows, cols) and mean spectra (segments, all bands).

    The scene is read in strips, so that the memory needed is that of the components rather than of the cube.
    """
    from hadviewer.analysis.superpixels import segment, strip_means

    cube = reference.open()
    ctx.frame(0.0, 0.35)
    features = _components(cube, bands, params.components, ctx)
    ctx.frame(0.35, 0.75)
    ctx.step(0, 1, "Superpixels")
    labels = segment(features, params.number, params.compactness, params.adaptive)
    ctx.frame(0.75, 1.0)
    windows = list(cube.strips(STRIP_BYTES))
    strips = (
        (cube.values(window=window), labels[window.slices]) for window in ctx.track(windows, message="Mean spectra")
    )
    return labels, strip_means(strips, int(labels.max(initial=-1)) + 1, cube.shape[2])


def _components(cube: Cube, bands: NDArray[np.intp], count: int, ctx: Context) -> NDArray[np.float32]:
    """The first principal components of the scene, float32 (rows, cols, count), from a sample of its pixels."""
    from hadviewer.analysis.components import fit_components
    from hadviewer.analysis.sampling import grid_step

    rows, cols, _ = cube.shape
    ctx.step(0, 1, "Principal components")
    sample = cube.values(bands, step=grid_step(rows, cols, SAMPLE_PIXELS))
    components = fit_components(sample, count)
    features = np.empty((rows, cols, components.axes.shape[1]), dtype=np.float32)
    for window in ctx.track(list(cube.strips(STRIP_BYTES)), message="Principal components"):
        features[window.slices] = components.scores(cube.values(bands, window))
    return features


def evaluate(scores: NDArray[np.float32], truth: Truth, ctx: Context) -> "Evaluation":
    """Compare a score map with the truth."""
    from hadviewer.engine.verbs import evaluate

    return evaluate(scores, truth)


def list_devices(ctx: Context) -> Sequence[Device]:
    """The devices of this machine; asks torch, so never in the window's process."""
    from hadviewer.engine.devices import available

    return available()
