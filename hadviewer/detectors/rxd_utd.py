"""RX detector less the uniform target detector (RXD-UTD)."""

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.context import BACKGROUND, Context
from hadviewer.core.specs import PixelBlocks, detector
from hadviewer.detectors._background import background, scored, whitener
from hadviewer.detectors.utd import UTDParams


@detector(
    id="rxd-utd",
    title="RXD-UTD",
    family="Statistical",
    params=UTDParams,
    reference="Chang & Chiang, IEEE TGRS 40(6), 2002, doi:10.1109/TGRS.2002.800280; the RXD-UTD of ENVI's RX "
    "Anomaly Detection",
    streaming=True,
    takes=(BACKGROUND,),
    floor=0.6,  # Less a linear map of the background's spread, which may hide a target as well as uncover it.
    when="To repeat what ENVI calls RXD-UTD: anomalies no stronger than the background; it depends on the units.",
)
def rxd_utd(blocks: PixelBlocks, p: UTDParams, ctx: Context) -> NDArray[np.float32]:
    """Global RX less the uniform target detector, which takes background away from the scores.

    ``blocks`` is read twice: mean μ and covariance K (divisor N-1) first, then the scores (x - 1)ᵀ K⁻¹ (x - μ)
    (rows, cols) float32, NaN on invalid pixels, where 1 is ``level`` in every band. Scores have either sign and depend
    on the units of the scene. Directions without variance are left out. Raises DetectorError with fewer than two valid
    pixels, or values whose squares overflow.
    """
    ctx.stage(0.0, 0.5)
    mean, covariance, _ = background(blocks, ctx)
    whitening = whitener(covariance)
    uniform = whitening.T @ (p.level - mean)

    def score(pixels: NDArray[np.float64]) -> NDArray[np.float64]:
        projected = (pixels - mean) @ whitening
        return np.asarray(np.einsum("ij,ij->i", projected - uniform, projected))

    ctx.stage(0.5, 1.0)
    return scored(blocks, score, ctx)
