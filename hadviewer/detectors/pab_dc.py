"""Background and potential-anomaly dictionaries (PAB-DC)."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.context import Context
from hadviewer.core.params import Params, field
from hadviewer.core.specs import detector
from hadviewer.detectors._convergence import Iterations
from hadviewer.detectors._lowrank import group_soft, soft, svt, to_matrix
from hadviewer.detectors._patches import chunks, cluster_patches, patch_table
from hadviewer.detectors._pixels import score_map, valid_pixels
from hadviewer.detectors._pursuit import pursue

if TYPE_CHECKING:
    from torch import Tensor

PENALTY_GROWTH, PENALTY_LIMIT = 1.1, 1e10
PUBLISHED_SIZE = 10_000
"""Pixels of the scenes the weights were published for: |Z|_* does not grow with a scene, the sums over pixels do."""
SUPPORT_SHARE = 0.25
"""Atoms per patch are at most this share of the bands: as many as there are bands would represent anything."""
CLUSTERING_ROUNDS = 50
LARGEST_CLUSTER = 4000
"""Atoms of one cluster at most, evenly spread over it: the work grows with their square."""
ANOMALOUS_SHARE = 0.02
"""Potential anomalies are at most this share of the pixels, which is what 200 are of a benchmark scene."""


class PABDCParams(Params):
    """Sizes of the two dictionaries and weights of the decomposition, as published."""

    anomalies: int = field(
        200, "Potential anomalies", ge=1, le=5000, help="Pixels in the anomaly dictionary; 2 % of the scene at most."
    )
    background: float = field(
        5.0,
        "Background atoms",
        gt=0,
        le=100,
        unit="%",
        help="Share of each cluster that makes the background dictionary.",
    )
    sparsity: float = field(
        1e-3,
        "Sparsity weight",
        gt=0,
        le=10,
        step=1e-3,
        help="β: how few potential anomalies make up a pixel. Meant for 100 × 100 pixels and scaled to the scene.",
    )
    noise: float = field(
        1e-2,
        "Noise weight",
        gt=0,
        le=10,
        step=1e-2,
        help="λ: how few pixels may hold what neither dictionary explains.",
    )
    clusters: int = field(10, "Clusters", ge=1, le=100, advanced=True, help="Kinds of 3 × 3 patches told apart.")
    components: int = field(
        20, "Components", ge=1, le=200, advanced=True, help="Principal components in which patches are compared."
    )
    support: int = field(
        10, "Atoms per patch", ge=1, le=50, advanced=True, help="Pixels of its cluster that represent a patch jointly."
    )
    penalty: float = field(
        1e-4, "Starting penalty", gt=0, le=1, advanced=True, help="μ at first; it grows by a tenth each iteration."
    )
    iterations: int = field(500, "Iterations", ge=1, le=10_000, advanced=True, help="At most this many.")
    tolerance: float = field(
        1e-6, "Tolerance", gt=0, le=1, advanced=True, help="Stops when every constraint is off by less, relatively."
    )


@detector(
    id="pab-dc",
    title="Background and potential-anomaly dictionaries",
    family="Representation",
    params=PABDCParams,
    reference="Huyan, Zhang, Zhou & Jiao, IEEE TGRS 57(4), 2019, doi:10.1109/TGRS.2018.2872590",
    devices=("cpu", "cuda"),
    # Its anomaly dictionary is chosen by how often pixels represent others, which says little in a scene of few bands.
    floor=0.8,
    copies=16,
    when="To compare with published work. Slow, its quality varies much between scenes, and brightness does not count.",
)
def pab_dc(cube: NDArray[np.float32], p: PABDCParams, ctx: Context) -> NDArray[np.float32]:
    """Strength of the part of each pixel that only a dictionary of suspicious pixels explains.

    Scores (rows, cols) float32, the length of D_a s of each pixel in X = D_b Z + D_a S + E with Z of low rank, S sparse
    and E zero in most pixels. All spectra have length 1. The dictionaries come from representing every 3 × 3 patch
    by pixels of its cluster: D_b holds the pixels used most, D_a those that weigh most in each use, as a share of their
    cluster, while their own patches are represented worst. There is no chance in it. Raises DetectorError with fewer
    than two valid pixels.
    """
    import torch

    valid, pixels = valid_pixels(cube)
    length = np.linalg.norm(pixels, axis=1, keepdims=True)
    X = to_matrix(pixels / np.where(length > 0, length, 1.0), ctx)
    table = torch.from_numpy(patch_table(valid)).to(ctx.device)
    ctx.stage(0.0, 0.1)
    features = _components(X, p.components)
    label = cluster_patches(features, table, min(p.clusters, len(X)), CLUSTERING_ROUNDS, ctx)
    ctx.stage(0.1, 0.4)
    use = _Usage(X, table, label, p, ctx)
    most = max(1, int(ANOMALOUS_SHARE * len(X)))
    anomalous = use.level().argsort(descending=True, stable=True)[: min(p.anomalies, most)]
    ctx.stage(0.4, 1.0)
    split = _Decomposition(X.T, X[use.frequent()].T, X[anomalous].T, p)
    rounds = Iterations(ctx, p.iterations, p.tolerance)
    for _ in rounds:
        rounds.residual = split.advance()
        if rounds.preview_is_due:
            rounds.preview(score_map(split.scores(), valid))
    return score_map(split.scores(), valid)


def _components(X: "Tensor", count: int) -> "Tensor":
    """The first principal components (pixels, count) of the spectra."""
    import torch

    centred = X - X.mean(0)
    _, vectors = torch.linalg.eigh(centred.T @ centred)
    components: Tensor = centred @ vectors[:, -count:].flip(1)
    return components


class _Usage:
    """How each pixel serves as an atom for the patches of its cluster, and how well its own patch is represented.

    ``weight`` is the sum over patches of the mean absolute coefficient, ``times`` how often it was chosen, ``error``
    the mean length of the residuals of the pixel's own patch; (pixels,) all.
    """

    def __init__(self, X: "Tensor", table: "Tensor", label: "Tensor", p: PABDCParams, ctx: Context) -> None:
        import torch

        self.weight, self.times, self.error = (X.new_zeros(len(X)) for _ in range(3))
        self._label, self._share = label, p.background / 100
        self._count = min(p.support, max(1, int(SUPPORT_SHARE * X.shape[1])))
        done = 0
        for number in range(int(label.max()) + 1):
            members = torch.nonzero(label == number).squeeze(1)
            atoms = members[:: max(1, -(-len(members) // LARGEST_CLUSTER))].contiguous()
            if len(atoms) < len(members):
                ctx.note(f"A cluster of {len(members)} pixels is represented by {len(atoms)} of them.")
            gram = X[atoms] @ X[atoms].T
            for part in chunks(len(members), 8 * len(atoms) * (2 * table.shape[1] + self._count)):
                ctx.step(done, len(X), "Representing patches")
                self._represent(X, table, members[part], atoms, gram)
                done += part.stop - part.start
        ctx.step(1, 1, "Representing patches")

    def _represent(self, X: "Tensor", table: "Tensor", patches: "Tensor", atoms: "Tensor", gram: "Tensor") -> None:
        import torch

        place = torch.searchsorted(atoms, patches).clamp_max(len(atoms) - 1)
        own = torch.where(atoms[place] == patches, place, -1)
        groups = X[table[patches]]
        support, coefficients, residuals = pursue(groups, X[atoms], gram, own, min(self._count, len(atoms) - 1))
        chosen = atoms[support].reshape(-1)
        self.weight.index_add_(0, chosen, coefficients.abs().mean(2).reshape(-1))
        self.times.index_add_(0, chosen, torch.ones_like(chosen, dtype=X.dtype))
        self.error[patches] = residuals.norm(dim=2).mean(1)

    def frequent(self) -> "Tensor":
        """The pixels of greatest weight in each cluster, one at least."""
        import torch

        best = []
        for number in range(int(self._label.max()) + 1):
            members = torch.nonzero(self._label == number).squeeze(1)
            order = self.weight[members].argsort(descending=True, stable=True)
            best.append(members[order[: -int(-len(members) * self._share // 1)]])
        return torch.cat(best)

    def level(self) -> "Tensor":
        """Anomaly level: error times weight per use, the weights as shares of those of the cluster.

        A pixel that never serves as an atom counts with the mean share per use of its cluster, so by its error alone.
        """
        import torch

        weights, uses = (_sums_by(self._label, part) for part in (self.weight, self.times))
        share = self.weight / torch.where(weights > 0, weights, 1.0)
        return self.error * torch.where(self.times > 0, share / self.times.clamp_min(1), 1 / uses.clamp_min(1))


def _sums_by(label: "Tensor", values: "Tensor") -> "Tensor":
    """For each pixel the sum of the values over its cluster."""
    sums: Tensor = values.new_zeros(int(label.max()) + 1).index_add_(0, label, values)[label]
    return sums


class _Decomposition:
    """min |Z|_* + β|S|₁ + λ|E|₂₁ with X = D_b Z + D_a S + E, by alternating directions with the copies J = Z and L = S.

    With D_b = U diag(σ) Qᵀ, every Z of the iteration lies in the range of Q, and lengths, ranks and singular values do
    not change under rotations. So all is done for QᵀZ and UᵀX, where D_b is the diagonal σ: the same iterates with no
    inverse, and matrices no larger than the bands whatever the size of D_b. Columns are pixels.
    """

    def __init__(self, X: "Tensor", background: "Tensor", anomalous: "Tensor", p: PABDCParams) -> None:
        import torch

        scale = PUBLISHED_SIZE / X.shape[1]
        self._beta, self._lambda, self._mu = p.sparsity * scale, p.noise * scale, p.penalty
        values, U = torch.linalg.eigh(background @ background.T)
        self._sigma = values.clamp_min(0).sqrt().unsqueeze(1)
        self._X, self._D = U.T @ X, U.T @ anomalous
        self._size = float(self._X.norm())
        eye = torch.eye(anomalous.shape[1], dtype=X.dtype, device=X.device)
        self._inverse = torch.linalg.inv(self._D.T @ self._D + eye)
        self._Z, self._E, self._Y1, self._Y2 = (torch.zeros_like(self._X) for _ in range(4))
        self._S, self._Y3 = (X.new_zeros(anomalous.shape[1], X.shape[1]) for _ in range(2))
        self._explained = torch.zeros_like(self._X)

    def scores(self) -> NDArray[np.float64]:
        """Length of D_a s of each pixel."""
        return np.asarray(self._explained.norm(dim=0).cpu().numpy())

    def advance(self) -> float:
        """One round; returns the largest of the three constraints' norms relative to that of X."""
        mu, sigma = self._mu, self._sigma
        Y1, Y2, Y3 = self._Y1 / mu, self._Y2 / mu, self._Y3 / mu
        J = svt(self._Z + Y2, 1 / mu)
        L = soft(self._S + Y3, self._beta / mu)
        free = self._X - self._E + Y1
        self._Z = (sigma * (free - self._explained) + J - Y2) / (sigma**2 + 1)
        self._S = self._inverse @ (self._D.T @ (free - sigma * self._Z) + L - Y3)
        self._explained = self._D @ self._S
        left = self._X - sigma * self._Z - self._explained
        self._E = group_soft(left + Y1, self._lambda / mu, axis=0)
        offs = (left - self._E, self._Z - J, self._S - L)
        for multiplier, off in zip((self._Y1, self._Y2, self._Y3), offs, strict=True):
            multiplier.add_(off, alpha=mu)
        self._mu = min(mu * PENALTY_GROWTH, PENALTY_LIMIT)
        return max(float(off.norm()) for off in offs) / (self._size or 1.0)
