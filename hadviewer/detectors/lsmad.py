"""Low-rank and sparse decomposition with Mahalanobis distance (LSMAD)."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.context import Context
from hadviewer.core.errors import DetectorError
from hadviewer.core.params import Params, field
from hadviewer.core.specs import detector
from hadviewer.detectors._convergence import Iterations
from hadviewer.detectors._lowrank import eigen, to_matrix, truncated
from hadviewer.detectors._pixels import score_map, unit_scaled, valid_pixels

if TYPE_CHECKING:
    from torch import Tensor

NULL_SPACE = 1e-8
"""Eigenvalues of the background's covariance below this share of the largest count as zero."""


class LSMADParams(Params):
    """Rank of the background and share of the sparse part."""

    rank: int = field(
        8, "Background rank", ge=1, le=500, help="r: the number of spectra whose mixtures make the background."
    )
    sparse: float = field(
        3.0,
        "Sparse entries",
        ge=0,
        lt=100,
        unit="%",
        help="This share of all values may depart from the background without bending it.",
    )
    tolerance: float = field(
        1e-3,
        "Tolerance",
        gt=0,
        lt=1,
        advanced=True,
        help="Stop when an iteration lowers |X - L - S| by less than this share of it.",
    )
    iterations: int = field(100, "Iteration limit", ge=1, le=10_000, advanced=True, help="At most so many iterations.")


@detector(
    id="lsmad",
    title="LSMAD",
    family="Low-rank",
    params=LSMADParams,
    reference="Zhang, Du, Zhang & Wang, IEEE TGRS 54(3), 2016, doi:10.1109/TGRS.2015.2479299",
    devices=("cpu", "cuda"),
    copies=12,
    when="A background of few materials that the anomalies must not spoil; not for cluttered urban scenes.",
)
def lsmad(cube: NDArray[np.float32], p: LSMADParams, ctx: Context) -> NDArray[np.float32]:
    """Mahalanobis distance from a background of low rank, cleaned of its outliers.

    Go Decomposition splits X = L + S + noise with rank(L) and the number of non-zero entries of S bounded; the score of
    x is (x - m)ᵀ C⁺ (x - m) with mean m and covariance C of L. All values are brought to 0..1 together. ``cube`` is
    (rows, cols, bands), the scores (rows, cols) float32, NaN on invalid pixels. The projection onto rank r is exact,
    where the published program draws random directions: no seed matters. Raises DetectorError with fewer than two
    valid pixels or without any contrast.
    """
    valid, pixels = valid_pixels(cube)
    data = to_matrix(unit_scaled(pixels), ctx)
    if not data.any():
        raise DetectorError("All values of this scene are alike.", hint="Check the bands and the no-data value.")
    if p.rank >= data.shape[1]:
        ctx.note(f"Rank {p.rank} with {data.shape[1]} bands leaves nothing out: the scores are those of Global RX.")
    ctx.stage(0.0, 0.95)
    low_rank, _ = go_decomposition(data, valid, p, ctx)
    ctx.stage(0.95, 1.0)
    scores = distance_from(low_rank, data)
    ctx.step(1, 1, "Scores")
    return score_map(scores.cpu().numpy(), valid)


def go_decomposition(data: "Tensor", valid: NDArray[np.bool_], p: LSMADParams, ctx: Context) -> "tuple[Tensor, Tensor]":
    """L and S with |X - L - S| small, rank and number of entries bounded (Zhou & Tao 2011, their naive form).

    ``data`` is (pixels, bands). The two steps are each the best for the other part fixed, so the error never grows.
    """
    count = int(p.sparse / 100 * data.numel())
    sparse = data.new_zeros(data.shape)
    previous = float(data.norm())
    negligible = 1e-12 * previous
    rounds = Iterations(ctx, p.iterations, p.tolerance, "decrease")
    for _ in rounds:
        low_rank = truncated(data - sparse, p.rank)
        sparse = largest_entries(data - low_rank, count)
        error = float((data - low_rank - sparse).norm())
        rounds.residual = (previous - error) / previous if error > negligible else 0.0
        previous = error
        if rounds.preview_is_due:
            rounds.preview(score_map(distance_from(low_rank, data).cpu().numpy(), valid))
    return low_rank, sparse


def largest_entries(matrix: "Tensor", count: int) -> "Tensor":
    """The matrix with all but its ``count`` largest entries set to 0; fewer stay where the last have equals."""
    if count == 0:
        return matrix.new_zeros(matrix.shape)
    sizes = matrix.abs()
    bound = sizes.flatten().kthvalue(matrix.numel() - count).values
    return matrix * (sizes > bound)


def distance_from(background: "Tensor", data: "Tensor") -> "Tensor":
    """Squared Mahalanobis distance of the rows of ``data`` from mean and covariance of the rows of ``background``.

    The pseudo-inverse of the covariance counts only directions in which the background varies.
    """
    mean = background.mean(dim=0)
    centred = background - mean
    values, vectors = eigen(centred.T @ centred / (len(centred) - 1))
    kept = values > max(NULL_SPACE * float(values[-1]), 0.0)
    projected = (data - mean) @ (vectors[:, kept] / values[kept].sqrt())
    distances: Tensor = projected.square().sum(dim=1)
    return distances
