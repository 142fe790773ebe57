"""Subspace RX detector (SSRX)."""

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.context import BACKGROUND, Context
from hadviewer.core.params import Params, field
from hadviewer.core.specs import PixelBlocks, detector
from hadviewer.detectors._background import background, scored, squared_lengths

NULL_SPACE = 1e-12
"""Principal components with less than this share of the largest variance are rounding errors."""


class SSRXParams(Params):
    """How much of the background's clutter is taken away."""

    dropped: int = field(
        1,
        "Components left out",
        ge=0,
        le=500,
        help="The strongest principal components, which hold the background's clutter; 0 is global RX.",
    )


@detector(
    id="ssrx",
    title="Subspace RX",
    family="Statistical",
    params=SSRXParams,
    reference="Schaum, Joint subspace detection of hyperspectral targets, IEEE Aerospace Conference, 2004",
    streaming=True,
    takes=(BACKGROUND,),
    when="Strong brightness or illumination clutter over weak anomalies; on quiet scenes global RX finds as much.",
)
def ssrx(blocks: PixelBlocks, p: SSRXParams, ctx: Context) -> NDArray[np.float32]:
    """Global RX without the strongest principal components, in which the background varies most.

    ``blocks`` is read twice: mean and covariance first, then the scores Σ_{j>k} z_j²/λ_j (rows, cols) float32 with
    z_j the principal components, λ_j their variances in falling order and k = ``dropped``. NaN on invalid pixels.
    One component always stays. Raises DetectorError with fewer than two valid pixels, or values whose squares
    overflow.
    """
    from scipy.linalg import eigh

    ctx.stage(0.0, 0.5)
    mean, covariance, _ = background(blocks, ctx)
    variances, axes = eigh(covariance)
    known = int(np.count_nonzero(variances > NULL_SPACE * max(variances[-1], 0.0)))
    dropped = min(p.dropped, max(0, known - 1))
    if dropped < p.dropped:
        ctx.note(f"Only {known} components have variance: {dropped} were left out rather than {p.dropped}.")
    kept = slice(len(variances) - known, len(variances) - dropped)
    whitening = axes[:, kept] / np.sqrt(variances[kept])
    ctx.stage(0.5, 1.0)
    return scored(blocks, lambda pixels: squared_lengths(pixels - mean, whitening), ctx)
