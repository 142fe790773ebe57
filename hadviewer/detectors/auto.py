"""The detector for those who know nothing about the scene: seven maps fused, nothing to set, nothing to train."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from hadviewer.analysis.ranks import relative_ranks
from hadviewer.core.context import Context
from hadviewer.core.errors import DetectorError
from hadviewer.core.params import Params, field
from hadviewer.core.specs import detector
from hadviewer.detectors._attributes import Map, Structures, principal_planes, quantised, small_structures, unit_range
from hadviewer.detectors._clusters import clusters
from hadviewer.detectors._domain_transform import smoothed
from hadviewer.detectors._memory import require_memory
from hadviewer.detectors._surroundings import Surroundings, surroundings
from hadviewer.detectors._trimmed import settle, trimmed_distances

LEVELS = 4000
BORDER = 12
AREAS = (16, 36, 64, 100)
EXTENTS = (5, 8, 12, 16, 24)
AREA_PLANES, EXTENT_PLANES, CLUSTER_PLANES = 3, 5, 30
LARGE_PIECE_WEIGHT = 0.25
"""Weight of what does not belong to a small bright piece; 0 in the published attribute detector."""
CLUSTERS, SMALLEST_CLUSTER, CLUSTER_WEIGHT = 8, 0.02, 1.5
RING, CORE = 31, 11
"""Widths in pixels of the ring that local contrast is measured against, and of the hole in it."""
FLAT = 5.0
"""Largest over median morphological distance: about 2 in white noise, 19 and more in scenes with targets."""
LARGEST_TARGET, LARGEST_SHARE = 250, 0.025
"""Objects of more pixels, or of a larger share of the scene, are taken for background."""
COPIES, PIXEL_BYTES = 4, 1500
"""Memory held at a time, as measured: copies of the cube; for each pixel components, trees, residuals and clusters."""

Mask = NDArray[np.bool_]


class AutoParams(Params):
    """One fixed set for all scenes; what is left is for scenes known to break an assumption."""

    local_contrast: bool = field(
        True,
        "Local contrast",
        advanced=True,
        help="Divide each score by the level of the ring around it, 31 pixels wide. Turn it off where targets are many "
        "and close together: they raise each other's ring.",
    )


@detector(
    id="auto",
    title="Automatic",
    family="Recommended",
    params=AutoParams,
    reference="Fusion after Fisher (1932) of Kang et al., IEEE TGRS 55(10), 2017, doi:10.1109/TGRS.2017.2710145, and "
    "Carlotto, IEEE TGRS 43(2), 2005, doi:10.1109/TGRS.2004.841481",
    copies=COPIES,
    when="The first choice for small targets in an unknown scene; not for objects above 250 pixels or 2 % of it, "
    "faint mixtures below a third of a pixel, or scores compared between scenes.",
)
def auto(cube: NDArray[np.float32], p: AutoParams, ctx: Context) -> NDArray[np.float32]:
    """Small objects that differ in spectrum or brightness, found by seven fused maps without anything to set.

    Float32 (rows, cols, bands) to scores (rows, cols), NaN on invalid pixels. Attribute differences and morphological
    residuals of the first components of the spectra, of their square roots and of their bands at equal variance, and
    distances within clusters of materials, become ranks and are joined by Fisher's rule; the sum is divided by its
    level in the ring around each pixel. Scores are ranks within the scene: an empty scene has a highest score too.
    Raises DetectorError with fewer than two valid pixels, or where memory does not suffice.
    """
    # Both load their linear algebra, which the limit must find.
    import scipy.linalg  # noqa: F401
    from threadpoolctl import threadpool_limits

    valid = np.asarray(np.isfinite(cube).all(axis=2))
    _require(valid, cube.shape[2])
    # Many small products: threads would wait for each other, and the last digits depend on their number.
    with threadpool_limits(1):
        score = _fused(cube, valid, p, ctx)
    ctx.step(1, 1)
    return np.where(valid, score, np.nan).astype(np.float32)


def _fused(cube: NDArray[np.float32], valid: Mask, p: AutoParams, ctx: Context) -> Map:
    """The scores (rows, cols) of the valid pixels."""
    ctx.stage(0.0, 0.1)
    ctx.step(0, 1, "Principal components")
    planes = principal_planes(cube, valid, CLUSTER_PLANES)
    if not len(planes):
        ctx.stage(0.0, 1.0)
        ctx.note("All spectra are alike: there is nothing to find.")
        return np.zeros(valid.shape)
    _say_limits(int(valid.sum()), ctx)
    around, guide = surroundings(valid, BORDER, BORDER), _guide(planes, valid)
    maps: list[Map] = []
    for number, view in enumerate(_views(cube, planes, valid, ctx)):
        ctx.stage(0.1 + 0.2 * number, 0.3 + 0.2 * number)
        maps += _spatial_maps(view, valid, around, guide, ctx)
    attribute, morphological = maps[:2]
    _say_if_flat(morphological[valid], ctx)
    ctx.stage(0.7, 0.95)
    distances = np.zeros(valid.shape)
    distances[valid] = _cluster_distances(planes, valid, ctx)
    _keep({"Attribute map": attribute, "Morphological map": morphological, "Cluster map": distances}, valid, ctx)
    ctx.stage(0.95, 1.0)
    ctx.step(0, 1, "Fusion")
    score = _fisher([*maps, distances], [1.0] * len(maps) + [CLUSTER_WEIGHT], valid)
    return _local_contrast(score, valid) if p.local_contrast else score


def _require(valid: Mask, bands: int) -> None:
    """Raises DetectorError where there are too few pixels to rank, or more than memory takes."""
    if valid.sum() < 2:
        raise DetectorError("This detector needs at least two valid pixels.", hint="Check the no-data value.")
    hint = "Choose a region of the scene, or Global RX, which reads it in strips."
    require_memory(valid.size, 4 * COPIES * bands + PIXEL_BYTES, hint)


def _say_limits(pixels: int, ctx: Context) -> None:
    largest = max(1, min(LARGEST_TARGET, round(LARGEST_SHARE * pixels)))
    ctx.note(
        f"Objects of more than about {largest} pixels count as background here. Scores are ranks within this scene: "
        "do not compare them with those of another scene or region."
    )


def _say_if_flat(distances: Map, ctx: Context) -> None:
    peak = float(distances.max() / max(np.median(distances), np.finfo(float).tiny))
    if peak < FLAT:
        ctx.note(f"Nothing stands out clearly: the strongest structure has {peak:.1f} times the median, as in noise.")


def _keep(maps: dict[str, Map], valid: Mask, ctx: Context) -> None:
    """Three of the seven maps, by which an analyst sees what made a pixel stand out."""
    for name, one in maps.items():
        ctx.extra(name=name, array=np.where(valid, one, np.nan).astype(np.float32))


def _guide(planes: NDArray[np.float32], valid: Mask) -> Map:
    """The first three components (rows, cols, channels), each brought to 0..1, for the edge-preserving filter."""
    levels = [quantised(plane, valid, LEVELS, 0.001)[0] / LEVELS for plane in planes[:3]]
    return np.stack(levels, axis=2)


def _views(
    cube: NDArray[np.float32], planes: NDArray[np.float32], valid: Mask, ctx: Context
) -> Iterator[NDArray[np.float32]]:
    """The first components (k, rows, cols) of the spectra, of their square roots, and of bands at equal variance."""
    yield planes[:EXTENT_PLANES]
    bands = range(cube.shape[2])
    # Steps here only let the user stop: the share of the bar belongs to the filters.
    roots = np.full_like(cube, np.nan)
    for band in ctx.track(bands, None, "Square roots"):
        values = cube[..., band][valid]
        roots[valid, band] = np.sqrt(np.maximum(values - np.quantile(values, 0.001), 0))
    yield principal_planes(roots, valid, EXTENT_PLANES)
    equal = roots
    for band in ctx.track(bands, None, "Equal variances"):
        values = cube[..., band][valid].astype(np.float64)
        equal[valid, band] = (values - values.mean()) / values.std() if np.ptp(values) > 0 else 0
    yield principal_planes(equal, valid, EXTENT_PLANES)


def _spatial_maps(
    planes: NDArray[np.float32], valid: Mask, around: Surroundings, guide: Map, ctx: Context
) -> tuple[Map, Map]:
    """The attribute difference and the morphological distance (rows, cols) of the components of one view."""
    contrasts = np.zeros((len(AREAS), *valid.shape))
    residuals: dict[int, list[Map]] = {extent: [] for extent in EXTENTS}
    for number, plane in enumerate(ctx.track(planes, len(planes), "Attribute filters")):
        levels, step = quantised(plane, valid, LEVELS, 0.0005)
        unit = step / float(plane[valid].std(dtype=np.float64))
        structures = Structures(levels, LEVELS, around)
        for extent in EXTENTS:
            bright, dark = structures.below_extent(extent)
            residuals[extent].append(unit * (bright - dark)[valid].astype(np.float64))
        for contrast, area in zip(contrasts, AREAS if number < AREA_PLANES else (), strict=False):
            bright, dark = structures.below_area(area)
            contrast += _soft(np.where(valid, bright + dark, 0) * unit, valid)
    return _attribute_map(contrasts, guide, valid), _morphological_map(residuals, valid, around, ctx)


def _soft(contrast: Map, valid: Mask) -> Map:
    """The contrast, of which only what belongs to a small bright piece keeps its full weight."""
    return contrast * np.where(small_structures(contrast, valid, valid.sum() / 100), 1.0, LARGE_PIECE_WEIGHT)


def _attribute_map(contrasts: Map, guide: Map, valid: Mask) -> Map:
    """Sum over areas of the contrasts (areas, rows, cols), each smoothed within edges and brought to 0..1."""
    maps = smoothed(np.stack([unit_range(one, valid) for one in contrasts]), guide, valid, sigma_s=5.0, sigma_r=0.5)
    return np.asarray(sum(unit_range(one, valid) for one in maps))


def _morphological_map(residuals: dict[int, list[Map]], valid: Mask, around: Surroundings, ctx: Context) -> Map:
    """Sum over extents of the trimmed Mahalanobis distance of the residuals, slightly smoothed."""
    from scipy.ndimage import gaussian_filter

    total = np.zeros(valid.shape)
    alone = np.zeros(int(valid.sum()), dtype=np.intp)
    everyone = np.ones(alone.size, dtype=bool)
    for vectors in residuals.values():
        pixels = np.stack(vectors, axis=1)
        total[valid] += np.sqrt(trimmed_distances(pixels, alone, everyone, 2, 1e-6, ctx))
    return around.crop(gaussian_filter(around.extend(total), 0.5))


def _cluster_distances(planes: NDArray[np.float32], valid: Mask, ctx: Context) -> Map:
    """Trimmed distance (n,) of the valid pixels within clusters of materials."""
    pixels = planes[:, valid].T.astype(np.float64)
    groups, settled = settle(pixels, clusters(pixels, CLUSTERS, ctx), SMALLEST_CLUSTER)
    return trimmed_distances(pixels, groups, settled, 3, 0.0, ctx)


def _fisher(maps: list[Map], weights: list[float], valid: Mask) -> Map:
    """-Σ w ln p over the maps (Fisher's combination), p being the share of valid pixels that score higher.

    Each pixel counts half for itself, and equal values half for each other, so that no share is 0.
    """
    joined, half = np.zeros(valid.shape), 0.5 / valid.sum()
    for one, weight in zip(maps, weights, strict=True):
        joined[valid] -= weight * np.log(1 + half - relative_ranks(one[valid]))
    return joined


def _local_contrast(score: Map, valid: Mask) -> Map:
    """Each score over the mean of the ring around it plus that of the scene, both without the highest 2 %."""
    from scipy.ndimage import uniform_filter

    around = surroundings(valid, RING // 2, RING // 2)
    capped = np.where(valid, np.minimum(score, np.quantile(score[valid], 0.98)), 0.0)
    extended = around.extend(capped)
    whole, hole = (uniform_filter(extended, width) * width**2 for width in (RING, CORE))
    ring = around.crop((whole - hole) / (RING**2 - CORE**2))
    return np.asarray(score / (ring + capped[valid].mean()))
