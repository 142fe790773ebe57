"""One detection, from request to checked result."""

import platform
import time
import warnings
from datetime import UTC, datetime
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hadviewer import __version__
from hadviewer.core.bands import select_bands
from hadviewer.core.context import BACKGROUND, Context
from hadviewer.core.cube import Cube, Window
from hadviewer.core.errors import DetectorError
from hadviewer.core.params import Params, parse
from hadviewer.core.results import DetectionRequest, DetectionResult, TransformStep
from hadviewer.core.specs import DetectorSpec, TransformSpec
from hadviewer.engine import catalog, devices, memory
from hadviewer.engine.blocks import ArrayBlocks, CubeBlocks, invalidate
from hadviewer.engine.recipe import file_size
from hadviewer.engine.scope import Scope, check_background, scope_of

OUT_OF_MEMORY = ("out of memory", "allocate memory")
TRANSFORM_COPIES = 3
"""Arrays of the scene's size in memory while a transform works."""
TRANSFORM_SHARE = 0.2
"""Share of the progress bar given to reading and transforms."""


def complete(request: DetectionRequest, cube: Cube) -> DetectionRequest:
    """The request with every parameter filled in and checked against the cube; raises ParamError, starts nothing."""
    detector = catalog.detectors().get(request.detector)
    steps = []
    for step in request.transforms:
        params = catalog.transforms().parse(step.id, step.params)
        steps.append(TransformStep(id=step.id, params=params.model_dump(mode="json")))
    params = parse(detector.params, request.params)
    select_bands(request.bands, cube.bands)
    scope_of(request, cube)
    check_background(request, detector, [item.id for item in catalog.detectors() if BACKGROUND in item.takes])
    return request.model_copy(
        update={"params": params.model_dump(mode="json"), "transforms": tuple(steps), "bands": request.bands}
    )


def run(request: DetectionRequest, cube: Cube, ctx: Context | None = None) -> DetectionResult:
    """Score the cube as the request says. Raises ParamError, DetectorError or Cancelled; the result is checked."""
    request = complete(request, cube)
    detector = catalog.detectors().get(request.detector)
    device = devices.choose(request.device, _devices(request, detector))
    context = ctx or Context()
    bands = select_bands(request.bands, cube.bands)
    scope = scope_of(request, cube)
    context.seed, context.device = request.seed, device
    context.find_detector = partial(_part, shape=(*scope.window.shape, len(bands)))
    started, clock = datetime.now(UTC), time.perf_counter()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        scores, valid = _score(detector, request, cube, bands, scope, context)
    notes = [*context.remarks, *dict.fromkeys(str(item.message) for item in caught), *cube.notes]
    if request.background is not None:
        notes.append(f"Mean and covariance come from {request.background.name!r} only.")
    if _all_equal(scores[valid]):
        notes.append("All scores are equal: this run tells no pixel from another.")
    return DetectionResult(
        request=request,
        scores=scores,
        valid=valid,
        seconds=time.perf_counter() - clock,
        device=device,
        notes=tuple(notes),
        extras={name: _extra(array, scope.window, cube) for name, array in context.extras.items()},
        provenance=_provenance(cube, bands, started),
    )


def _devices(request: DetectionRequest, detector: DetectorSpec) -> tuple[str, ...]:
    """The kinds of device that the detector or one of the transforms runs on; what does not stays on the CPU."""
    steps = (catalog.transforms().get(step.id).devices for step in request.transforms)
    return tuple(dict.fromkeys(kind for devices_ in (detector.devices, *steps) for kind in devices_))


def _score(
    detector: DetectorSpec,
    request: DetectionRequest,
    cube: Cube,
    bands: NDArray[np.intp],
    scope: Scope,
    ctx: Context,
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    region = scope.window
    background = scope.mask(scope.background)
    if background is not None:
        ctx.inputs[BACKGROUND] = background
    params = parse(detector.params, request.params)
    try:
        if detector.streaming and not request.transforms:
            blocks = CubeBlocks(cube, bands, region, kept=scope.mask(scope.kept))
            scores = detector.function(blocks, params, ctx)
            valid = blocks.valid
        else:
            _require_memory(detector, request, (*region.shape, len(bands)))
            array, valid = _transformed(request, cube, bands, scope, ctx)
            scores = _call(detector, array, params, ctx)
    except (ArithmeticError, MemoryError, RuntimeError, ValueError) as error:
        sentence, hint = _failure(error)
        if not sentence:
            raise
        raise DetectorError(f"{detector.title} {sentence}", hint=hint) from error
    checked = _checked(scores, valid, detector)
    scored = scope.mask(scope.scored)
    if scored is not None:
        valid &= scored
        checked[~valid] = np.nan
    if region == cube.window:
        return checked, valid
    return _placed(checked, region, cube, np.nan), _placed(valid, region, cube, False)


def _failure(error: Exception) -> tuple[str, str]:
    """What a lack of memory or a factorisation that did not succeed is called, and what to try; '' for a mistake."""
    what = str(error).partition("\n")[0].rstrip(". ")
    # torch tells of a lack of memory, its own or a GPU's, by words only.
    worded = isinstance(error, RuntimeError) and any(words in str(error) for words in OUT_OF_MEMORY)
    if isinstance(error, MemoryError) or worded:
        return f"ran out of memory: {what}.", "Use fewer bands, a region, the CPU, or a detector that reads strips."
    # By its name, so that torch need not be imported to ask.
    if isinstance(error, np.linalg.LinAlgError | FloatingPointError) or type(error).__name__ == "_LinAlgError":
        return f"failed on this scene: {what}.", ""
    return "", ""


def _require_memory(detector: DetectorSpec, request: DetectionRequest, shape: tuple[int, int, int]) -> None:
    """Refuse what cannot fit, before anything is read; what a transform leaves of the bands is not known yet."""
    if request.transforms:
        memory.require(shape, TRANSFORM_COPIES, f"{detector.title} after a transform")
    else:
        memory.require(shape, detector.copies, detector.title)


def _part(id_: str, shape: tuple[int, int, int]) -> DetectorSpec:
    """A detector that another one runs on a scene (rows, cols, bands); raises DetectorError for one that cannot fit."""
    spec = catalog.detectors().get(id_)
    if not spec.streaming:
        memory.require(shape, spec.copies, spec.title)
    return spec


def _transformed(
    request: DetectionRequest, cube: Cube, bands: NDArray[np.intp], scope: Scope, ctx: Context
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """The cube in memory after the transforms, and its valid mask."""
    device = ctx.device
    stages = len(request.transforms) + 1
    share = TRANSFORM_SHARE / stages
    ctx.frame(0.0, share)
    ctx.step(0, 1, "Reading")
    array = cube.values(bands, scope.window)
    kept = scope.mask(scope.kept)
    if kept is not None:
        array[~kept] = np.nan
    valid = invalidate(array)
    ctx.wavelengths = None if cube.bands.centres is None else cube.bands.centres[bands]
    for number, step in enumerate(request.transforms, start=1):
        spec: TransformSpec = catalog.transforms().get(step.id)
        ctx.frame(share * number, share * (number + 1))
        ctx.device = _supported(device, spec)
        ctx.step(0, 1, spec.title)
        array = np.asarray(spec.function(array, parse(spec.params, step.params), ctx), dtype=np.float32)
        if array.shape[:2] != valid.shape:
            raise DetectorError(f"{spec.title} changed the size of the scene: this is a mistake in it.")
        ctx.wavelengths = None
        valid = valid & invalidate(array)
    ctx.frame(TRANSFORM_SHARE, 1.0)
    ctx.device = device
    return array, valid


def _supported(device: str, spec: DetectorSpec | TransformSpec) -> str:
    """The device of the run where this part of it can use that, else the CPU."""
    return device if device.partition(":")[0] in spec.devices else "cpu"


def _call(detector: DetectorSpec, array: NDArray[np.float32], params: Params, ctx: Context) -> Any:
    ctx.device = _supported(ctx.device, detector)
    if detector.streaming:
        return detector.function(ArrayBlocks(array), params, ctx)
    array.flags.writeable = False
    return detector.function(array, params, ctx)


def _checked(scores: Any, valid: NDArray[np.bool_], detector: DetectorSpec) -> NDArray[np.float32]:
    """The detector's answer, held to its contract."""
    array = np.array(scores, dtype=np.float32)
    if array.shape != valid.shape:
        raise DetectorError(f"{detector.title} gave scores of {array.shape} for a scene of {valid.shape}.")
    wrong = int(np.count_nonzero(~np.isfinite(array) & valid))
    if wrong:
        remedy = "add loading" if "loading" in detector.params.model_fields else "try other parameters"
        raise DetectorError(
            f"{detector.title} gave no finite score for {wrong} valid pixels.",
            hint=f"Drop constant or noisy bands, or {remedy}.",
        )
    array[~valid] = np.nan
    return array


def _all_equal(scores: NDArray[np.float32]) -> bool:
    return scores.size > 1 and bool(scores.min() == scores.max())


def _extra(array: NDArray[Any], region: Window, cube: Cube) -> NDArray[Any]:
    """An extra as it is; a map of scores of the region is put where the region lies."""
    if region == cube.window or array.shape != region.shape or array.dtype.kind != "f":
        return array
    return _placed(array, region, cube, np.nan)


def _placed(part: NDArray[Any], region: Window, cube: Cube, fill: Any) -> NDArray[Any]:
    whole = np.full(cube.shape[:2], fill, dtype=part.dtype)
    whole[region.slices] = part
    return whole


def _provenance(cube: Cube, bands: NDArray[np.intp], started: datetime) -> dict[str, Any]:
    origin = cube.origin
    source: dict[str, Any] = {"name": cube.name, "shape": list(cube.shape), "dtype": str(cube.dtype)}
    if origin is not None:
        source |= {"path": str(origin.path), "entry": origin.entry, "reader": origin.reader}
        source |= {"options": dict(origin.options), "bytes": file_size(origin.path)}
        source |= {"corrections": origin.corrections.said()} if origin.corrections else {}
    return {
        "software": f"hadviewer {__version__}",
        "versions": {"python": platform.python_version(), "numpy": np.__version__},
        "machine": platform.machine(),
        "started": started.isoformat(timespec="seconds"),
        "bands_used": len(bands),
        "source": source,
    }
