"""Superpixels of a scene, as the worker process makes them."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.bands import select_bands
from hadviewer.core.context import Context
from hadviewer.core.cube import Cube, Window
from hadviewer.core.params import Params, field
from hadviewer.engine.display import initial_intent, resolve
from hadviewer.engine.memory import require
from hadviewer.engine.tasks import CubeReference

Labels = NDArray[np.int32]
Features = NDArray[np.float32]

STRIP_BYTES = 64 << 20
SAMPLE_PIXELS = 100_000
LIVE_PIXELS = 1 << 20
"""Scenes up to this many pixels are cut again at every change; of larger ones as many of the pixels in sight."""
COPIES = 5
"""How many arrays of the size of the features are in memory at once."""


class SuperpixelParams(Params):
    """How a scene is cut into superpixels. ``composite`` are the bands of the composite, numbered from 1."""

    number: int = field(400, "Number", ge=2, le=200_000, help="About how many superpixels the scene is cut into.")
    compactness: float = field(
        5.0,
        "Compactness",
        gt=0,
        le=100,
        enabled_when="adaptive=False",
        help="1 follows the materials, 5 keeps about the number asked for, 20 approaches squares. The same value does "
        "the same on any scene: the unit is the usual difference between neighbouring pixels.",
    )
    adaptive: bool = field(
        False, "Adaptive (SLIC0)", help="Each superpixel finds its own compactness, by how textured it is."
    )
    channels: Literal["components", "composite", "all"] = field(
        "components",
        "Likeness in",
        help="components: the first principal components of the usable bands. composite: the bands on the screen. "
        "all: every usable band, which takes memory for the whole cube and lets noisy bands count in full.",
    )
    components: int = field(
        5,
        "Components",
        ge=1,
        le=50,
        enabled_when="channels=components",
        advanced=True,
        help="Principal components whose likeness counts.",
    )
    smoothing: float = field(
        0.0,
        "Smoothing",
        ge=0,
        le=20,
        step=0.5,
        unit="px",
        advanced=True,
        help="Standard deviation of a Gaussian laid over the channels first: less ragged boundaries in noisy scenes.",
    )
    smallest: float = field(
        50.0,
        "Smallest size",
        ge=0,
        le=100,
        step=5,
        unit="%",
        advanced=True,
        help="Superpixels below this share of the average size join a neighbour. Small targets need a small share.",
    )
    composite: str = field("", "Composite", help="Bands of the composite; empty for that which a cube is shown in.")


FORM_FIELDS = tuple(name for name in SuperpixelParams.model_fields if name != "composite")
"""What users fill in; the composite is on the screen."""


def segment(
    reference: CubeReference, bands: NDArray[np.intp], params: SuperpixelParams, known: Features | None, ctx: Context
) -> tuple[Labels, NDArray[np.float32], Features | None]:
    """Superpixels: labels (rows, cols), mean spectra (segments, all bands), and the features for the next time.

    ``known`` are the features of a time before with the same channels. Those of a large scene are not given back. The
    scene is read in strips, so that the memory needed is that of the features rather than of the cube.
    """
    from hadviewer.analysis.superpixels import strip_means

    cube = reference.open()
    ctx.frame(0.0, 0.35)
    features = _features(cube, bands, params, ctx) if known is None else known
    ctx.frame(0.35, 0.75)
    ctx.step(0, 1, "Superpixels")
    labels = _cut(features, params, params.number)
    ctx.frame(0.75, 1.0)
    windows = list(cube.strips(STRIP_BYTES))
    strips = (
        (cube.values(window=window), labels[window.slices]) for window in ctx.track(windows, message="Mean spectra")
    )
    means = strip_means(strips, int(labels.max(initial=-1)) + 1, cube.shape[2])
    return labels, means, features if labels.size <= LIVE_PIXELS else None


def preview(
    reference: CubeReference,
    bands: NDArray[np.intp],
    params: SuperpixelParams,
    window: Window,
    step: int,
    ctx: Context,
) -> Labels:
    """Superpixels of a part of the scene, about as large as those of the whole: labels of every step-th pixel."""
    cube = reference.open()
    ctx.step(0, 2, "Bands in sight")
    features = _part(cube, bands, params, window, step)
    share = window.shape[0] * window.shape[1] / (cube.shape[0] * cube.shape[1])
    ctx.step(1, 2, "Superpixels")
    smoothing = params.smoothing / step
    return _cut(features, params.model_copy(update={"smoothing": smoothing}), max(2, round(params.number * share)))


def preview_step(window: Window) -> int:
    """The step at which a part of a scene has no more pixels than are cut at once."""
    from hadviewer.analysis.sampling import grid_step

    return grid_step(*window.shape, LIVE_PIXELS)


def _cut(features: Features, params: SuperpixelParams, number: int) -> Labels:
    from hadviewer.analysis.superpixels import segment

    return segment(
        features,
        number,
        params.compactness,
        params.adaptive,
        smoothing=params.smoothing,
        smallest=params.smallest,
    )


def _features(cube: Cube, bands: NDArray[np.intp], params: SuperpixelParams, ctx: Context) -> Features:
    """What pixels are alike in, over the whole scene, float32 (rows, cols, channels)."""
    from hadviewer.analysis.superpixels import band_features

    rows, cols, _ = cube.shape
    if params.channels == "components":
        return _components(cube, bands, params.components, ctx)
    chosen = _shown(cube, params) if params.channels == "composite" else bands
    require((rows, cols, len(chosen)), COPIES, "Cutting a scene by these channels")
    values = np.empty((rows, cols, len(chosen)), dtype=np.float32)
    for window in ctx.track(list(cube.strips(STRIP_BYTES)), message="Bands"):
        values[window.slices] = cube.values(chosen, window)
    return band_features(values) if params.channels == "composite" else values


def _part(cube: Cube, bands: NDArray[np.intp], params: SuperpixelParams, window: Window, step: int) -> Features:
    """The same over every step-th pixel of a part; its components are its own."""
    from hadviewer.analysis.superpixels import band_features, principal_components

    chosen = _shown(cube, params) if params.channels == "composite" else bands
    values: Features = cube.values(chosen, window, step=step)
    if params.channels == "components":
        return principal_components(values, params.components, SAMPLE_PIXELS)
    return band_features(values) if params.channels == "composite" else values


def _components(cube: Cube, bands: NDArray[np.intp], count: int, ctx: Context) -> Features:
    """The first principal components of the scene, from a sample of its pixels."""
    from hadviewer.analysis.components import fit_components
    from hadviewer.analysis.sampling import grid_step

    rows, cols, _ = cube.shape
    ctx.step(0, 1, "Principal components")
    sample = cube.values(bands, step=grid_step(rows, cols, SAMPLE_PIXELS))
    components = fit_components(sample, count)
    channels = components.axes.shape[1]
    require((rows, cols, channels), COPIES, "Cutting a scene by its components")
    features = np.empty((rows, cols, channels), dtype=np.float32)
    for window in ctx.track(list(cube.strips(STRIP_BYTES)), message="Principal components"):
        features[window.slices] = components.scores(cube.values(bands, window))
    return features


def _shown(cube: Cube, params: SuperpixelParams) -> NDArray[np.intp]:
    """The bands of the composite, 0-based."""
    if params.composite:
        return select_bands(params.composite, cube.bands)
    return np.unique(resolve(initial_intent(cube), cube).bands)
