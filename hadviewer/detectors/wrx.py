"""Weighted RX detector (WRX)."""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.context import BACKGROUND, Context
from hadviewer.core.params import Params, field
from hadviewer.core.specs import PixelBlocks, detector
from hadviewer.detectors._background import Mahalanobis, Matrix, background, scored, weighted_background

SMALLEST_DISTANCE = 1e-6
"""Squared distances below this share of their mean weigh as much as this: a pixel on the mean is not all there is."""


class WRXParams(Params):
    """The published detector weighs once."""

    iterations: int = field(
        1,
        "Iterations",
        ge=1,
        le=20,
        advanced=True,
        help="How often mean and covariance are weighted anew by the last distances. 1 is the published detector.",
    )


@detector(
    id="wrx",
    title="Weighted RX",
    family="Statistical",
    params=WRXParams,
    reference="Guo, Zhang, Ran, Gao, Li & Plaza, IEEE JSTARS 7(6), 2014, doi:10.1109/JSTARS.2014.2302446",
    streaming=True,
    takes=(BACKGROUND,),
    when="Where anomalies are many or strong enough to distort global RX; as quick, and of any size of scene.",
)
def wrx(blocks: PixelBlocks, p: WRXParams, ctx: Context) -> NDArray[np.float32]:
    """Global RX with mean and covariance in which anomalous pixels count little.

    ``blocks`` is read ``iterations`` + 2 times. With d(x) the squared Mahalanobis distance of global RX, pixels weigh
    w = (1/d) / Σ(1/d); mean Σ wx and covariance Σ w(x - mean)(x - mean)ᵀ then give the scores (rows, cols) float32,
    NaN on invalid pixels. Directions without variance are left out. Raises DetectorError with fewer than two valid
    pixels, or values whose squares overflow.
    """
    passes = p.iterations + 2
    ctx.stage(0.0, 1 / passes)
    mean, covariance, _ = background(blocks, ctx)
    distance = Mahalanobis(mean, covariance)
    for iteration in range(1, passes - 1):
        ctx.stage(iteration / passes, (iteration + 1) / passes)
        mean, covariance = weighted_background(blocks, partial(_weights, distance), ctx)
        distance = Mahalanobis(mean, covariance)
    lost = blocks.shape[2] - distance.rank
    if lost:
        ctx.note(f"{lost} of {blocks.shape[2]} directions have no variance of their own and were left out.")
    ctx.stage(1 - 1 / passes, 1.0)
    return scored(blocks, distance.squared, ctx)


def _weights(distance: Mahalanobis, pixels: Matrix) -> Matrix:
    """The inverse squared distance (n,) of pixels (n, bands)."""
    distances = distance.squared(pixels)
    # The mean squared distance is about the number of directions, which makes this a share of it.
    return np.asarray(1 / np.maximum(distances, SMALLEST_DISTANCE * max(1, distance.rank)))
