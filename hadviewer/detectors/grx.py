"""Global Reed-Xiaoli detector (GRX)."""

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.context import BACKGROUND, Context
from hadviewer.core.params import Params, field
from hadviewer.core.specs import PixelBlocks, detector
from hadviewer.detectors._background import Mahalanobis, background, scored


class GRXParams(Params):
    """The published detector has no parameter; the loading is for those who compare."""

    loading: float = field(
        0.0,
        "Diagonal loading",
        ge=0,
        le=1,
        step=1e-6,
        advanced=True,
        help="Added to the covariance as this share of its mean variance. 0 is the published detector.",
    )


@detector(
    id="grx",
    title="Global RX",
    family="Statistical",
    params=GRXParams,
    reference="Reed & Yu, IEEE TASSP 38(10), 1990, doi:10.1109/29.60107",
    streaming=True,
    takes=(BACKGROUND,),
    chi_square=True,
    when="A first look at any scene, of any size: the yardstick every other detector is compared with.",
)
def grx(blocks: PixelBlocks, p: GRXParams, ctx: Context) -> NDArray[np.float32]:
    """Squared Mahalanobis distance of each pixel from the mean of the whole scene.

    ``blocks`` is read twice: mean and covariance (divisor N-1, float64) of the valid pixels first, then the scores
    (rows, cols) float32, NaN on invalid pixels. Directions without variance are left out, which equals the
    pseudo-inverse. Raises DetectorError with fewer than two valid pixels, or values whose squares overflow.
    """
    ctx.stage(0.0, 0.5)
    mean, covariance, count = background(blocks, ctx)
    covariance += p.loading * np.trace(covariance) / len(mean) * np.eye(len(mean))
    distance = Mahalanobis(mean, covariance)
    lost = len(mean) - distance.rank
    if lost:
        ctx.note(f"{lost} of {len(mean)} directions have no variance of their own and were left out.")
    if count <= len(mean):
        ctx.note(f"Only {count} valid pixels for {len(mean)} bands: the scores say little.")
    ctx.stage(0.5, 1.0)
    return scored(blocks, distance.squared, ctx)
