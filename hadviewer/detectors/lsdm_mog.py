"""Low-rank and sparse decomposition with a mixture of Gaussians (LSDM-MoG)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.context import Context
from hadviewer.core.params import Params, field
from hadviewer.core.specs import detector
from hadviewer.detectors._convergence import Iterations
from hadviewer.detectors._lowrank import to_matrix
from hadviewer.detectors._pixels import band_scaled, score_map, valid_pixels

if TYPE_CHECKING:
    from torch import Tensor

VAGUE = 1e-6
"""Every parameter of the priors: they say next to nothing."""
DROPPED = 100.0
"""A factor whose precision is this many times the smallest no longer carries anything."""
PUBLISHED_RANK, RANK_SHARE = 20, 0.25
"""The first rank of the authors, for some 200 bands; with few bands it would leave no residual."""
DRAWS = 20
"""Attempts to find starting centres that leave no component empty."""


class LSDMMoGParams(Params):
    """Size of the mixture and of the first background model; the rank is then found by itself."""

    components: int = field(
        2, "Components", ge=1, le=10, help="K: Gaussians that make up noise and anomalies; one carries the anomalies."
    )
    rank: int | None = field(
        None,
        "First rank",
        ge=1,
        le=300,
        help="Spectra the background starts from, before those not needed are dropped; too many take up the anomalies. "
        "None: 20, or a quarter of the bands where that is less.",
    )
    iterations: int = field(300, "Iterations", ge=1, le=10_000, advanced=True, help="At most this many.")
    tolerance: float = field(
        1e-3, "Tolerance", gt=0, le=1, advanced=True, help="Stops when the background changes by less, relatively."
    )


@detector(
    id="lsdm-mog",
    title="Low rank with mixture-of-Gaussians noise",
    family="Low-rank",
    params=LSDMMoGParams,
    reference="Li, Li, Du & Tao, IEEE Trans. Cybernetics 51(9), 2021, doi:10.1109/TCYB.2020.2968750",
    devices=("cpu", "cuda"),
    copies=16,
    when="Noise of several kinds on a background of few materials; drop noisy bands first, and compare several seeds.",
)
def lsdm_mog(cube: NDArray[np.float32], p: LSDMMoGParams, ctx: Context) -> NDArray[np.float32]:
    """Share of each pixel in the noise component of largest range, beside a low-rank background found by itself.

    Scores (rows, cols) float32: the Manhattan distance between F of a pixel and F of the calmest one, F = R ∘ (Y - UVᵀ)
    with the responsibilities R of that component. Y (bands, pixels) has every band scaled to 0..1; factors, their
    precisions and the mixture are inferred by variational Bayes in float64, from a mixture that starts from random
    residuals. Raises DetectorError with fewer than two valid pixels.
    """
    valid, pixels = valid_pixels(cube)
    Y = to_matrix(np.ascontiguousarray(band_scaled(pixels).T), ctx)
    wanted = p.rank or max(1, min(PUBLISHED_RANK, int(RANK_SHARE * len(Y))))
    factors = _Factors(Y, min(wanted, *Y.shape))
    mixture = _Mixture.started(Y - factors.product(), p.components, ctx.rng())
    background = factors.product()
    rounds = Iterations(ctx, p.iterations, p.tolerance, "change")
    for _ in rounds:
        factors.update(*mixture.weights(Y))
        former, background = background, factors.product()
        mixture.update(Y - background, factors.expected_squares(background))
        rounds.residual = _relative(former, background)
        if rounds.preview_is_due:
            rounds.preview(score_map(_scores(mixture, Y - background), valid))
    ctx.note(f"The background has rank {factors.rank}.")
    return score_map(_scores(mixture, Y - background), valid)


class _Factors:
    """The background UVᵀ: posterior means of the rows of U (bands, rank) and V (pixels, rank), and second moments.

    The symmetric moments <uuᵀ> and <vvᵀ> are kept as the entries of their upper triangle, (rows, rank(rank+1)/2).
    """

    def __init__(self, Y: "Tensor", rank: int) -> None:
        import torch

        self._Y = Y
        values, vectors = torch.linalg.eigh(Y @ Y.T)
        vectors = vectors[:, -rank:].flip(1)
        quarter = values[-rank:].flip(0).clamp_min(0) ** 0.25
        self._U = vectors * quarter
        self._V = Y.T @ vectors / torch.where(quarter > 0, quarter, torch.inf)
        spread = float((Y**2).mean().sqrt()) or 1.0
        eye = spread * torch.eye(rank, dtype=Y.dtype, device=Y.device)
        self._gamma = torch.full_like(quarter, spread)
        self._UU, self._VV = (_moments(mean, eye) for mean in (self._U, self._V))

    @property
    def rank(self) -> int:
        """Factors in use."""
        return int(self._U.shape[1])

    def product(self) -> "Tensor":
        """UVᵀ (bands, pixels)."""
        background: Tensor = self._U @ self._V.T
        return background

    def expected_squares(self, product: "Tensor") -> "Tensor":
        """<(Y - UVᵀ)²> elementwise, which counts how sure the factors are."""
        row, col = _triangle(self.rank, self._Y)
        doubled = self._UU * (1 + (row != col))
        squares = doubled @ self._VV.T
        return squares.add_(self._Y * (self._Y - 2 * product)).clamp_min_(0)

    def update(self, W: "Tensor", A: "Tensor") -> None:
        """New factors for weights W of the entries and weighted targets A = W ∘ Y - M; then their precisions."""
        prior = self._gamma
        self._U, covariance = _posterior(W @ self._VV, A @ self._V, prior)
        self._UU = _moments(self._U, covariance)
        self._V, covariance = _posterior(W.T @ self._UU, A.T @ self._U, prior)
        self._VV = _moments(self._V, covariance)
        row, col = _triangle(self.rank, self._Y)
        energy = (self._UU.sum(0) + self._VV.sum(0))[row == col]
        self._gamma = (2 * VAGUE + sum(self._Y.shape)) / (2 * VAGUE + energy)
        self._keep(self._gamma <= DROPPED * self._gamma.min())

    def _keep(self, kept: "Tensor") -> None:
        if bool(kept.all()):
            return
        row, col = _triangle(self.rank, self._Y)
        both = kept[row] & kept[col]
        self._U, self._V, self._gamma = self._U[:, kept], self._V[:, kept], self._gamma[kept]
        self._UU, self._VV = self._UU[:, both], self._VV[:, both]


@dataclass
class _Mixture:
    """Responsibilities R (components, bands, pixels) and, per component, the posterior of share, mean and precision.

    The precision follows Gamma(c, d), the mean Normal(mu, 1 / (beta·precision)), the shares Dirichlet(alpha).
    """

    R: "Tensor"
    alpha: "Tensor"
    beta: "Tensor"
    mu: "Tensor"
    c: "Tensor"
    d: "Tensor"

    @classmethod
    def started(cls, residual: "Tensor", components: int, rng: np.random.Generator) -> "_Mixture":
        """Each entry belongs to the nearest of a few residuals drawn at random; drawn again while one has none."""
        import torch

        flat = residual.reshape(-1)
        for _ in range(DRAWS):
            chosen = torch.from_numpy(rng.choice(len(flat), min(components, len(flat)), replace=False))
            centres = flat[chosen.to(flat.device)].sort().values
            nearest = torch.bucketize(residual, (centres[1:] + centres[:-1]) / 2)
            if bool((torch.bincount(nearest.reshape(-1), minlength=components) > 0).all()):
                break
        R = torch.nn.functional.one_hot(nearest, components).permute(2, 0, 1).to(residual.dtype).contiguous()
        empty = torch.empty(0)
        mixture = cls(R, empty, empty, empty, empty, empty)
        mixture._fit(residual, residual**2)
        return mixture

    def weights(self, Y: "Tensor") -> "tuple[Tensor, Tensor]":
        """W = Σ R·precision and A = W ∘ Y - Σ R·precision·mean, (bands, pixels) both."""
        import torch

        tau = self.c / self.d
        W = torch.tensordot(tau, self.R, 1)
        return W, (W * Y).sub_(torch.tensordot(tau * self.mu, self.R, 1))

    def update(self, e: "Tensor", squares: "Tensor") -> None:
        """Responsibilities for the expected residuals <e> and <e²> (bands, pixels), then the components."""
        import torch

        tau = self.c / self.d
        constant = (torch.digamma(self.c) - self.d.log() - 1 / self.beta - tau * self.mu**2) / 2
        constant += torch.digamma(self.alpha) - torch.digamma(self.alpha.sum())
        for k in range(len(tau)):
            torch.mul(e, tau[k] * self.mu[k], out=self.R[k])
            self.R[k].sub_(squares, alpha=float(tau[k]) / 2).add_(constant[k])
        self.R = torch.softmax(self.R, 0)
        self._fit(e, squares)

    def _fit(self, e: "Tensor", squares: "Tensor") -> None:
        import torch

        size = self.R.sum((1, 2))
        first = torch.stack([torch.vdot(part.reshape(-1), e.reshape(-1)) for part in self.R])
        second = torch.stack([torch.vdot(part.reshape(-1), squares.reshape(-1)) for part in self.R])
        self.alpha, self.beta, self.c = VAGUE + size, VAGUE + size, VAGUE + size / 2
        self.mu = first / self.beta
        self.d = VAGUE + (second - first**2 / self.beta).clamp_min(0) / 2


def _posterior(precision: "Tensor", target: "Tensor", prior: "Tensor") -> "tuple[Tensor, Tensor]":
    """Means (n, rank) and covariances (n, rank, rank) of rows with these precisions (upper triangles) and targets."""
    import torch

    rank = len(prior)
    row, col = _triangle(rank, prior)
    full = precision.new_empty(len(precision), rank, rank)
    full[:, row, col] = precision
    full[:, col, row] = precision
    full.diagonal(dim1=1, dim2=2).add_(prior)
    covariance = torch.cholesky_inverse(torch.linalg.cholesky(full))
    return (covariance @ target.unsqueeze(2)).squeeze(2), covariance


def _moments(mean: "Tensor", covariance: "Tensor") -> "Tensor":
    """Upper triangles of mean·meanᵀ + covariance, (n, rank(rank+1)/2), for means (n, rank)."""
    row, col = _triangle(mean.shape[1], mean)
    return mean[:, row] * mean[:, col] + covariance[..., row, col]


def _triangle(rank: int, beside: "Tensor") -> "tuple[Tensor, Tensor]":
    """Rows and columns of the upper triangle of a matrix, on the device of another tensor."""
    import torch

    row, col = torch.triu_indices(rank, rank, device=beside.device)
    return row, col


def _relative(former: "Tensor", latter: "Tensor") -> float:
    """Change against the former, by Frobenius norms; 0 where nothing changed."""
    change = float((latter - former).norm())
    return change / float(former.norm()) if change > 0 else 0.0


def _scores(mixture: _Mixture, residual: "Tensor") -> NDArray[np.float64]:
    """Manhattan distance of each pixel's share in the component of largest range from the calmest pixel's."""
    shares = [part * residual for part in mixture.R]
    widest = max(shares, key=lambda share: float(share.max() - share.min()))
    calmest = widest.abs().sum(0).argmin()
    return np.asarray((widest - widest[:, calmest].unsqueeze(1)).abs().sum(0).cpu().numpy())
