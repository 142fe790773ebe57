"""What the worker process can be asked to do. Each is ``task(*arguments, ctx) -> result``, found by its name."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.context import Context
from hadviewer.core.cube import Cube, Origin
from hadviewer.core.results import DetectionRequest, DetectionResult
from hadviewer.engine.devices import Device


@dataclass(frozen=True, eq=False)
class CubeReference:
    """How a cube crosses to another process: by its origin, or by value where it has none."""

    origin: Origin | None
    array: NDArray[Any] | None = None

    @classmethod
    def of(cls, cube: Cube) -> "CubeReference":
        """The cheapest way to hand over ``cube``."""
        if cube.origin is not None:
            return cls(cube.origin)
        return cls(None, cube.source.read(cube.window, slice(None)))

    def open(self) -> Cube:
        """The cube, opened again on this side."""
        from hadviewer.engine.verbs import as_cube, open_origin

        if self.origin is not None:
            return open_origin(self.origin)
        assert self.array is not None
        return as_cube(self.array)


def detect(request: DetectionRequest, reference: CubeReference, ctx: Context) -> DetectionResult:
    """Run a detection."""
    from hadviewer.engine.detection import run

    return run(request, reference.open(), ctx)


def segment(
    reference: CubeReference, bands: NDArray[np.intp], options: dict[str, Any], ctx: Context
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Superpixels of the first principal components: labels (rows, cols) and mean spectra (segments, all bands)."""
    from hadviewer.analysis.superpixels import principal_components, segment, segment_means

    cube = reference.open()
    ctx.step(0, 4, "Reading")
    values = cube.values()
    ctx.step(1, 4, "Principal components")
    features = principal_components(values[:, :, bands], count=int(options.pop("components", 3)))
    ctx.step(2, 4, "Superpixels")
    labels = segment(features, **options).astype(np.int32)
    ctx.step(3, 4, "Mean spectra")
    means = segment_means(values, labels).astype(np.float32)
    ctx.step(4, 4)
    return labels, means


def list_devices(ctx: Context) -> Sequence[Device]:
    """The devices of this machine; asks torch, so never in the window's process."""
    from hadviewer.engine.devices import available

    return available()
