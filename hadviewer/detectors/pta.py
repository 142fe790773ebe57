"""Prior-based tensor approximation (PTA)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.context import Context
from hadviewer.core.params import Params, field
from hadviewer.core.specs import detector
from hadviewer.detectors._convergence import Iterations
from hadviewer.detectors._lowrank import group_soft, spectral, svt, to_matrix
from hadviewer.detectors._pixels import band_scaled, valid_pixels

if TYPE_CHECKING:
    from torch import Tensor

PENALTY_GROWTH, PENALTY_LIMIT = 1.5, 1e10
NULL_SINGULAR = 1e-7
"""Singular values below this share of the largest are rounding errors: they come from a Gram matrix."""


class PTAParams(Params):
    """Weights of the three priors, as published for San Diego and used for every scene since."""

    alpha: float = field(
        1.7,
        "Low-rank weight",
        gt=0,
        le=1e3,
        step=0.1,
        help="α: how strongly the background is held to few spectra. Other authors run α = β = τ = 1.",
    )
    beta: float = field(
        0.069,
        "Anomaly weight",
        gt=0,
        le=1e3,
        step=0.01,
        help="β: a pixel must depart this much from the background to be anomalous; 1 together with α = τ = 1.",
    )
    tau: float = field(
        0.1,
        "Smoothness weight",
        ge=0,
        le=1e3,
        step=0.1,
        help="τ: how strongly neighbouring background pixels are held alike. 0 uses no neighbourhood.",
    )
    rank: int = field(
        1,
        "Free rank",
        ge=0,
        le=100,
        help="r: this many largest singular values are not penalised. 10 or 15 together with α = β = τ = 1.",
    )
    penalty: float = field(
        1e-3,
        "Starting penalty",
        gt=0,
        le=1,
        advanced=True,
        help="μ at first; it grows by half each iteration.",
    )
    iterations: int = field(
        75,
        "Iterations",
        ge=1,
        le=10_000,
        advanced=True,
        help="At most this many; about 60 are usual, and after 75 the penalty grows no more.",
    )
    tolerance: float = field(
        1e-6, "Tolerance", gt=0, le=1, advanced=True, help="Stops when the five constraints together are off by less."
    )


@detector(
    id="pta",
    title="Prior-based tensor approximation",
    family="Low-rank",
    params=PTAParams,
    reference="Li, Li, Qu, Zhao, Tao & Du, IEEE TNNLS 33(2), 2022, doi:10.1109/TNNLS.2020.3038659",
    devices=("cpu", "cuda"),
    copies=34,
    when="Small bright objects on smooth ground; the map depends strongly on the weights, so compare it with others.",
)
def pta(cube: NDArray[np.float32], p: PTAParams, ctx: Context) -> NDArray[np.float32]:
    """Strength of what is left of each pixel beside a background of low rank that is smooth in both directions.

    Scores (rows, cols) float32, the length of each pixel's part S in Y = X + S, for the minimum of
    α ‖X‖ᵣ + τ/2 (‖∂X/∂row‖² + ‖∂X/∂col‖²) + β Σ ‖Sᵢ‖, where ‖·‖ᵣ is the nuclear norm of pixels × bands without its r
    largest singular values and Y has every band scaled to 0..1. Solved by the alternating directions of the paper, in
    float64. Only differences between two valid pixels count, so that invalid ones take no part.
    Raises DetectorError with fewer than two valid pixels.
    """
    import torch

    valid, pixels = valid_pixels(cube)
    observed = np.zeros(cube.shape)
    observed[valid] = band_scaled(pixels)
    split = _Splitting(to_matrix(observed, ctx), torch.from_numpy(valid).to(ctx.device), p)
    rounds = Iterations(ctx, p.iterations, p.tolerance)
    for _ in rounds:
        rounds.residual = split.advance()
        if rounds.preview_is_due:
            rounds.preview(np.where(valid, split.scores(), np.nan))
    scores = split.scores().astype(np.float32)
    scores[~valid] = np.nan
    return scores


class _Splitting:
    """The alternating directions: X, its copies V1..V4, S and the scaled multipliers D1..D5, all (rows, cols, bands).

    V1 and V2 carry the smoothness down the columns and along the rows, V3 the nuclear norm, V4 the free rank. Most
    multipliers become D + V - X, which is V minus what its step was given. Invalid pixels stay 0 throughout.
    """

    def __init__(self, observed: "Tensor", valid: "Tensor", p: PTAParams) -> None:
        import torch

        self._p, self._mu = p, p.penalty
        self._Y = observed
        self._down = (valid[1:] & valid[:-1]).to(observed.dtype)
        self._along = (valid[:, 1:] & valid[:, :-1]).to(observed.dtype)
        self._S, self._D1, self._D2, self._D3, self._D4, self._D5 = (torch.zeros_like(observed) for _ in range(6))
        self._V1, self._V2, self._V3, self._V4 = (torch.zeros_like(observed) for _ in range(4))
        self._X, self._given = torch.empty_like(observed), torch.empty_like(observed)

    def scores(self) -> NDArray[np.float64]:
        """Length of S in each pixel (rows, cols)."""
        return np.asarray(self._S.norm(dim=2).cpu().numpy())

    def advance(self) -> float:
        """One round; returns by how much the five constraints are off, the sum of their norms."""
        import torch

        torch.sub(self._Y, self._S, out=self._X)
        for part in (self._D1, self._V1, self._D2, self._V2, self._D3, self._V3, self._D4):
            self._X += part
        self._X /= 4
        weight = self._p.tau / self._mu
        off = self._smooth(self._V1, self._D2, lambda given, out: _smooth_down(given, self._down, weight, out))
        off += self._smooth(self._V2, self._D3, lambda given, out: _smooth_along(given, self._along, weight, out))
        off += self._approximate() + self._separate()
        self._mu = min(self._mu * PENALTY_GROWTH, PENALTY_LIMIT)
        return off

    def _smooth(self, V: "Tensor", D: "Tensor", step: "Callable[[Tensor, Tensor], None]") -> float:
        import torch

        torch.sub(self._X, D, out=self._given)
        step(self._given, V)
        torch.sub(V, self._given, out=D)
        return _distance(V, self._X, self._given)

    def _approximate(self) -> float:
        import torch

        alpha = self._p.alpha / self._mu
        free = _spectra(self._V4, lambda matrix: _leading_directions(matrix, self._p.rank).mul_(alpha))
        torch.sub(self._X, self._D4, out=self._given).add_(self._V4).add_(self._D5).div_(2)
        self._V3 = _spectra(self._given, lambda matrix: svt(matrix, alpha / 2))
        torch.sub(self._V3, self._X, out=self._given)
        self._D4 += self._given
        torch.sub(self._V3, self._D5, out=self._V4).add_(free)
        self._D5 = free
        return float(self._given.norm()) + _distance(self._V4, self._V3, self._given)

    def _separate(self) -> float:
        import torch

        torch.sub(self._Y, self._X, out=self._given).add_(self._D1)
        self._S = group_soft(self._given, self._p.beta / self._mu, axis=2)
        self._given -= self._S
        off = _distance(self._given, self._D1, self._D1)
        self._D1, self._given = self._given, self._D1
        return off


def _distance(one: "Tensor", other: "Tensor", scratch: "Tensor") -> float:
    import torch

    return float(torch.sub(one, other, out=scratch).norm())


def _spectra(tensor: "Tensor", step: "Callable[[Tensor], Tensor]") -> "Tensor":
    """A step on matrices done on the tensor (rows, cols, bands) unfolded to pixels × bands."""
    return step(tensor.reshape(-1, tensor.shape[2])).view(tensor.shape)


def _leading_directions(matrix: "Tensor", rank: int) -> "Tensor":
    """A Bᵀ with the leading left and right singular vectors as columns; those of singular values of 0 are left out."""
    import torch

    def factor(values: "Tensor") -> "Tensor":
        kept = values > NULL_SINGULAR * values[-1]
        kept[: max(0, len(values) - rank)] = False
        return torch.where(kept, 1 / values, 0.0)

    return spectral(matrix, factor)


def _smooth_along(given: "Tensor", links: "Tensor", weight: float, out: "Tensor") -> None:
    """The same along the rows: ``links`` (rows, cols-1)."""
    _smooth_down(given.transpose(0, 1), links.T, weight, out.transpose(0, 1))


def _smooth_down(given: "Tensor", links: "Tensor", weight: float, out: "Tensor") -> None:
    """Puts into ``out`` the V that minimises |V - given|² + weight·Σ links·(difference of V down the columns)².

    ``links`` (rows-1, cols) is 1 where two pixels of ``given`` (rows, cols, bands) are compared and 0 elsewhere. Each
    column is a tridiagonal system, solved by one sweep down and one up.
    """
    import torch

    coupling = (weight * links).unsqueeze(2)
    pivot = torch.ones_like(given[:, :, :1])
    pivot[:-1] += coupling
    pivot[1:] += coupling
    out[0] = given[0] / pivot[0]
    for row in range(1, len(given)):
        pivot[row] -= coupling[row - 1] ** 2 / pivot[row - 1]
        torch.addcmul(given[row], coupling[row - 1], out[row - 1], out=out[row]).div_(pivot[row])
    for row in range(len(given) - 2, -1, -1):
        out[row].addcmul_(coupling[row] / pivot[row], out[row + 1])
