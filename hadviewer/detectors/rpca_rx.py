"""Robust principal component analysis followed by RX on its sparse part (RPCA-RX)."""

from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.context import Context
from hadviewer.core.errors import DetectorError
from hadviewer.core.params import Params, field
from hadviewer.core.specs import detector
from hadviewer.detectors._convergence import Iterations
from hadviewer.detectors._lowrank import singular_values, soft, svt, to_matrix
from hadviewer.detectors._pixels import band_scaled, score_map, valid_pixels

if TYPE_CHECKING:
    from torch import Tensor

RIDGE = 1e-8
"""Added to the covariance of the sparse part as this share of its mean variance, so that it can be inverted."""

SMALLEST_RIDGE = 1e-200
"""For a sparse part that is zero everywhere."""

GROWTH, LARGEST_PENALTY = 1.5, 1e7
"""Factor of the penalty per iteration, and its largest value as a multiple of the first."""


class RPCARXParams(Params):
    """Weight of sparseness against low rank, and when to stop."""

    sparsity: float = field(
        1.0,
        "Sparsity weight",
        gt=0,
        le=100,
        step=0.1,
        help="Multiplies the published λ = 1/√pixels. Larger leaves less in the sparse part.",
    )
    score: Literal["rx", "l2", "l1"] = field(
        "rx",
        "Score",
        help="How the sparse part is scored: by RX as published, or by its length (l2, l1) at each pixel.",
    )
    tolerance: float = field(
        1e-7, "Tolerance", gt=0, lt=1, advanced=True, help="Stop when |D - L - S| falls below this share of |D|."
    )
    iterations: int = field(
        200, "Iteration limit", ge=1, le=10_000, advanced=True, help="The published penalty needs about 30 iterations."
    )


@detector(
    id="rpca-rx",
    title="Robust PCA and RX",
    family="Low-rank",
    params=RPCARXParams,
    reference="Candès et al., J. ACM 58(3), 2011, doi:10.1145/1970392.1970395",
    devices=("cpu", "cuda"),
    copies=20,
    when="A yardstick of the low-rank papers, close to Global RX; not for scenes that do not fit in memory.",
)
def rpca_rx(cube: NDArray[np.float32], p: RPCARXParams, ctx: Context) -> NDArray[np.float32]:
    """RX on what remains of each spectrum when a low-rank background is taken away.

    Every band is brought to 0..1, then D = L + S is split by principal component pursuit. ``cube`` is (rows, cols,
    bands); the scores are (rows, cols) float32, NaN on invalid pixels. Raises DetectorError with fewer than two valid
    pixels or without any contrast.
    """
    valid, pixels = valid_pixels(cube)
    data = to_matrix(band_scaled(pixels), ctx)
    if not data.any():
        raise DetectorError("All valid pixels of this scene are alike.", hint="Check the bands and the no-data value.")
    ctx.stage(0.0, 0.95)
    low_rank, sparse = pursuit(data, valid, p, ctx)
    ctx.stage(0.95, 1.0)
    values = singular_values(low_rank)
    rank = int((values > 1e-6 * values[0]).sum())
    ctx.note(f"The low-rank part has rank {rank} of {data.shape[1]} bands.")
    scores = _mahalanobis(sparse) if p.score == "rx" else sparse.norm(dim=1, p=2.0 if p.score == "l2" else 1.0)
    ctx.step(1, 1, "Scores")
    return score_map(scores.cpu().numpy(), valid)


def pursuit(data: "Tensor", valid: NDArray[np.bool_], p: RPCARXParams, ctx: Context) -> "tuple[Tensor, Tensor]":
    """L and S with D = L + S and |L|_* + λ|S|_1 least, by the inexact augmented Lagrangian (Lin, Chen & Ma 2010).

    ``data`` is (pixels, bands).
    """
    weight = p.sparsity / data.shape[0] ** 0.5
    size, largest = float(data.norm()), float(singular_values(data)[0])
    multiplier = data / max(largest, float(data.abs().max()) / weight)
    penalty = 1.25 / largest
    limit = LARGEST_PENALTY * penalty
    low_rank = data.new_zeros(data.shape)
    rounds = Iterations(ctx, p.iterations, p.tolerance)
    for _ in rounds:
        shifted = data + multiplier / penalty
        sparse = soft(shifted - low_rank, weight / penalty)
        low_rank = svt(shifted - sparse, 1 / penalty)
        gap = data - low_rank - sparse
        multiplier += penalty * gap
        penalty = min(GROWTH * penalty, limit)
        rounds.residual = float(gap.norm()) / size
        if rounds.preview_is_due:
            rounds.preview(score_map(sparse.norm(dim=1).cpu().numpy(), valid))
    return low_rank, sparse


def _mahalanobis(sparse: "Tensor") -> "Tensor":
    """Squared Mahalanobis distance of each row from the mean of all (divisor N-1); zeros when all rows are alike."""
    import torch

    centred = sparse - sparse.mean(dim=0)
    covariance = centred.T @ centred / (len(centred) - 1)
    ridge = (RIDGE * covariance.diagonal().mean()).clamp_min(SMALLEST_RIDGE)
    covariance.diagonal().add_(ridge)
    projected = torch.linalg.solve_triangular(torch.linalg.cholesky(covariance), centred.T, upper=False)
    distances: Tensor = projected.square_().sum(dim=0)
    return distances
