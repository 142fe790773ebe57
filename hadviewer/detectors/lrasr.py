"""Low-rank and sparse representation over a dictionary of the background (LRASR)."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.context import Context
from hadviewer.core.errors import DetectorError
from hadviewer.core.params import Params, field
from hadviewer.core.specs import detector
from hadviewer.detectors._clusters import clusters, own_distances
from hadviewer.detectors._convergence import Iterations
from hadviewer.detectors._lowrank import group_soft, singular_values, soft, svt, to_matrix
from hadviewer.detectors._pixels import band_scaled, score_map, valid_pixels

if TYPE_CHECKING:
    from torch import Tensor

PENALTY_GROWTH, PENALTY_LIMIT = 1.1, 1e10
STEADY = 1e-2
"""The penalty grows, and the iterations may end, when everything moves by less than this share of the data."""


class LRASRParams(Params):
    """Weights of sparseness and anomalies, and the size of the dictionary."""

    beta: float = field(
        0.1, "Sparsity weight", ge=0, le=100, step=0.1, help="β: how few atoms a pixel uses. 0 is low rank alone."
    )
    anomaly: float = field(
        0.1, "Anomaly weight", gt=0, le=100, step=0.1, help="λ: how much a pixel must depart to be anomalous."
    )
    clusters: int = field(15, "Clusters", ge=1, le=200, help="K: clusters of the scene, each gives atoms.")
    atoms: int = field(
        20,
        "Atoms per cluster",
        ge=1,
        le=200,
        help="P: the most ordinary pixels of each cluster; smaller clusters give none.",
    )
    starts: int = field(
        4,
        "Starts of k-means",
        ge=1,
        le=50,
        advanced=True,
        help="The tightest clusters of so many random starts make the dictionary. With 1 it depends more on the seed.",
    )
    penalty: float = field(
        1e-2, "Starting penalty", gt=0, le=1, advanced=True, help="μ at first. The first publication has 0.001."
    )
    tolerance: float = field(
        1e-6, "Tolerance", gt=0, lt=1, advanced=True, help="Stop when |X - DS - E| falls below this share of |X|."
    )
    iterations: int = field(
        100, "Iteration limit", ge=1, le=10_000, advanced=True, help="At most so many iterations, as published."
    )


@detector(
    id="lrasr",
    title="Low-rank and sparse representation",
    family="Low-rank",
    params=LRASRParams,
    reference="Xu, Wu, Li, Plaza & Wei, IEEE TGRS 54(4), 2016, doi:10.1109/TGRS.2015.2493201",
    devices=("cpu", "cuda"),
    copies=20,
    when="Mixed backgrounds of several materials; slower than most, and other seeds give other dictionaries.",
)
def lrasr(cube: NDArray[np.float32], p: LRASRParams, ctx: Context) -> NDArray[np.float32]:
    """What a few common background spectra, used jointly and sparingly, cannot explain of each pixel.

    Solves min |S|_* + β |S|_1 + λ |E|_{2,1} with X = D S + E, where the dictionary D holds the most ordinary pixels of
    each k-means cluster and every band is brought to 0..1; the score is the length of each pixel's part of E.
    ``cube`` is (rows, cols, bands), the scores (rows, cols) float32, NaN on invalid pixels. Raises DetectorError with
    fewer than two valid pixels or without any contrast.
    """
    valid, pixels = valid_pixels(cube)
    scaled = band_scaled(pixels)
    if not scaled.any():
        raise DetectorError("All valid pixels of this scene are alike.", hint="Check the bands and the no-data value.")
    ctx.stage(0.0, 0.1)
    atoms = background_atoms(scaled, p, ctx)
    ctx.stage(0.1, 1.0)
    split = _Splitting(to_matrix(scaled, ctx), to_matrix(scaled[atoms], ctx), p)
    rounds = Iterations(ctx, p.iterations, p.tolerance)
    for _ in rounds:
        rounds.residual = split.advance()
        if rounds.preview_is_due:
            rounds.preview(score_map(split.scores(), valid))
    return score_map(split.scores(), valid)


def background_atoms(pixels: NDArray[np.float64], p: LRASRParams, ctx: Context) -> NDArray[np.intp]:
    """Numbers of the pixels (n, bands) that make the dictionary: in each large cluster those nearest to its mean.

    Nearest by the Mahalanobis distance of the cluster; in clusters of no more members than bands, where it is the same
    for all, by the Euclidean. At most a quarter of the pixels are atoms: with more, anomalies would explain themselves.
    """
    quarter = max(1, len(pixels) // 4)
    each = min(p.atoms, quarter)
    count = min(p.clusters, quarter // each)
    if count < p.clusters:
        ctx.note(f"{len(pixels)} valid pixels give {count} clusters of {each} atoms instead of {p.clusters}.")
    ctx.stage(0.0, 0.08)
    labels = clusters(pixels, count, ctx, p.starts)
    ctx.stage(0.08, 0.1)
    distances = own_distances(pixels, labels, ctx)
    chosen = []
    for number in np.unique(labels):
        members = np.flatnonzero(labels == number)
        if len(members) < each:
            continue
        ranked = distances[members]
        if len(members) <= pixels.shape[1]:
            ranked = np.linalg.norm(pixels[members] - pixels[members].mean(axis=0), axis=1)
        chosen.append(members[np.argsort(ranked, kind="stable")[:each]])
    return np.concatenate(chosen)


class _Splitting:
    """Linearised alternating directions with adaptive penalty (Lin, Liu & Su 2011), pixels as rows.

    The rows of X ≈ S D + E are pixels; J is a copy of S that carries the sparseness, Y1 and Y2 are the multipliers of
    X = S D + E and S = J.
    """

    def __init__(self, data: "Tensor", dictionary: "Tensor", p: LRASRParams) -> None:
        self._p, self._mu = p, p.penalty
        self._X, self._D = data, dictionary
        self._size = float(data.norm())
        self._eta = 1.02 * float(singular_values(dictionary)[0]) ** 2 + 1
        self._S = data.new_zeros((len(data), len(dictionary)))
        self._J, self._Y2 = self._S.clone(), self._S.clone()
        self._E, self._Y1 = data.new_zeros(data.shape), data.new_zeros(data.shape)
        self._rest = data.clone()

    def scores(self) -> NDArray[np.float64]:
        """Length of E at each pixel (n,)."""
        return np.asarray(self._E.norm(dim=1).cpu().numpy())

    def advance(self) -> float:
        """One round; returns |X - S D - E| / |X|, not below the tolerance while anything still moves."""
        mu, eta = self._mu, self._eta
        former = self._S, self._J, self._E
        downhill = (self._rest - self._E + self._Y1 / mu) @ self._D.T - (self._S - self._J + self._Y2 / mu)
        self._S = svt(self._S + downhill / eta, 1 / (mu * eta))
        self._J = soft(self._S + self._Y2 / mu, self._p.beta / mu)
        self._rest = self._X - self._S @ self._D
        self._E = group_soft(self._rest + self._Y1 / mu, self._p.anomaly / mu, axis=1)
        gap = self._rest - self._E
        self._Y1 += mu * gap
        self._Y2 += mu * (self._S - self._J)
        moved = [float((now - then).norm()) for now, then in zip((self._S, self._J, self._E), former, strict=True)]
        steady = mu * max(eta**0.5 * moved[0], *moved[1:]) < STEADY * self._size
        if steady:
            self._mu = min(PENALTY_LIMIT, PENALTY_GROWTH * mu)
        residual = float(gap.norm()) / self._size
        return residual if steady else max(residual, self._p.tolerance)
