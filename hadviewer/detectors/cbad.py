"""Cluster-based anomaly detector (CBAD)."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hadviewer.analysis.components import fit_components
from hadviewer.core.context import Context
from hadviewer.core.params import Params, field
from hadviewer.core.specs import detector
from hadviewer.detectors._clusters import clusters, own_distances, pooled_distances
from hadviewer.detectors._pixels import score_map, valid_pixels

NULL_SPACE = 1e-12
"""Principal components with less than this share of the largest variance are rounding errors."""


class CBADParams(Params):
    """The clusters, and which covariance measures the distance within them."""

    clusters: int = field(8, "Clusters", ge=1, le=50, help="Number of clusters k-means looks for.")
    covariance: Literal["pooled", "own"] = field(
        "pooled",
        "Covariance",
        help="'pooled' is that of all clusters together after principal components; 'own' is the published form, each "
        "cluster's own over all bands, which takes a cluster of anomalies for background.",
    )
    components: int = field(
        30,
        "Components",
        ge=1,
        le=500,
        enabled_when="covariance=pooled",
        help="Principal components kept before clustering.",
    )
    smallest: float = field(
        2.0,
        "Smallest cluster",
        ge=0,
        le=50,
        step=0.5,
        unit="%",
        advanced=True,
        enabled_when="covariance=pooled",
        help="Clusters with a smaller share of the pixels do not count; their members join the nearest larger one.",
    )


@detector(
    id="cbad",
    title="Cluster-based detector",
    family="Statistical",
    params=CBADParams,
    reference="Carlotto, IEEE TGRS 43(2), 2005, doi:10.1109/TGRS.2004.841481",
    when="Scenes of several distinct materials, such as fields, water and roofs; quick, and good without tuning.",
)
def cbad(cube: NDArray[np.float32], p: CBADParams, ctx: Context) -> NDArray[np.float32]:
    """Mahalanobis distance of each pixel from the mean of the cluster of materials it belongs to.

    Float32 (rows, cols, bands) to scores (rows, cols), NaN on invalid pixels. k-means, from four starts, finds the
    clusters in ``components`` principal components; those below ``smallest`` do not count; the covariance is the pooled
    one within the others, so that a few bright anomalies cannot form a normal of their own. ``covariance='own'`` is
    Carlotto's: all bands, every cluster with its own covariance. Raises DetectorError with fewer than two valid pixels
    or values whose squares overflow.
    """
    ctx.stage(0.0, 0.1)
    ctx.step(0, 1, "Principal components")
    pooled = p.covariance == "pooled"
    if pooled:
        components = fit_components(cube, p.components)
        varying = components.variance > NULL_SPACE * components.variance[0]
        varying[0] = True
        cube = components.scores(cube)[:, :, varying]
    valid, pixels = valid_pixels(cube)
    ctx.stage(0.1, 0.8)
    labels = clusters(pixels, p.clusters, ctx)
    ctx.stage(0.8, 1.0)
    if not pooled:
        return score_map(own_distances(pixels, labels, ctx), valid)
    ctx.step(0, 1, "Distances")
    scores = score_map(pooled_distances(pixels, labels, p.smallest / 100), valid)
    ctx.step(1, 1, "Distances")
    return scores
