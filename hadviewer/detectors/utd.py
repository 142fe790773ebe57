"""Uniform target detector (UTD)."""

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.context import BACKGROUND, Context
from hadviewer.core.params import Params, field
from hadviewer.core.specs import PixelBlocks, detector
from hadviewer.detectors._background import background, scored, whitener


class UTDParams(Params):
    """The target that is as bright in every band."""

    level: float = field(
        1.0,
        "Level of the uniform target",
        ge=0,
        step=1.0,
        advanced=True,
        help="Value of the target in every band, in the units of the scene. 1 is the published detector.",
    )


@detector(
    id="utd",
    title="Uniform target detector",
    family="Statistical",
    params=UTDParams,
    reference="Ashton & Schaum, SPIE 3438, 1998; Chang & Chiang, IEEE TGRS 40(6), 2002, "
    "doi:10.1109/TGRS.2002.800280; the UTD of ENVI's RX Anomaly Detection",
    streaming=True,
    takes=(BACKGROUND,),
    floor=0.7,  # A linear filter that brings out the background promises little about a target.
    when="To see the background that RXD-UTD takes away, as in ENVI; not to find anomalies by itself.",
)
def utd(blocks: PixelBlocks, p: UTDParams, ctx: Context) -> NDArray[np.float32]:
    """Matched filter for a target that is equally bright in every band: it brings out the background.

    ``blocks`` is read twice: mean μ and covariance K (divisor N-1) first, then the scores (1 - μ)ᵀ K⁻¹ (x - μ)
    (rows, cols) float32, NaN on invalid pixels, where 1 is ``level`` in every band. Scores have either sign and depend
    on the units of the scene. Directions without variance are left out. Raises DetectorError with fewer than two valid
    pixels, or values whose squares overflow.
    """
    ctx.stage(0.0, 0.5)
    mean, covariance, _ = background(blocks, ctx)
    whitening = whitener(covariance)
    signature = whitening @ (whitening.T @ (p.level - mean))
    ctx.stage(0.5, 1.0)
    return scored(blocks, lambda pixels: (pixels - mean) @ signature, ctx)
