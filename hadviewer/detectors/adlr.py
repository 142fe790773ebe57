"""Abundance- and dictionary-based low-rank decomposition (ADLR)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.context import Context
from hadviewer.core.errors import DetectorError
from hadviewer.core.params import Params, field
from hadviewer.core.specs import detector
from hadviewer.detectors._convergence import Iterations
from hadviewer.detectors._lowrank import eigen, soft, svt, to_matrix
from hadviewer.detectors._pixels import score_map, valid_pixels
from hadviewer.detectors._unmixing import affine_rank, unmix

if TYPE_CHECKING:
    from torch import Tensor

Matrix = NDArray[np.float64]

PENALTY_START, PENALTY_GROWTH, PENALTY_LIMIT = 1e-6, 1.1, 1e10
LARGEST_SAMPLE = 10_000
"""Mean shift sees at most so many pixels, drawn at random."""


class ADLRParams(Params):
    """Unmixing, clusters of abundances, and the weight of anomalies."""

    endmembers: int = field(
        6, "Endmembers", ge=2, le=30, help="p: pure materials. Few, or the anomalies get an endmember of their own."
    )
    anomaly: float = field(
        1.0,
        "Anomaly weight",
        gt=0,
        le=1000,
        step=0.1,
        help="λ√pixels: how much abundances must depart to be anomalous. Larger leaves more pixels without a score.",
    )
    bandwidth: float = field(
        0.1, "Bandwidth", gt=0, le=2, step=0.05, help="h: abundances nearer than this belong to one cluster."
    )
    score: Literal["l1", "signed"] = field(
        "l1",
        "Score",
        advanced=True,
        help="Sum of the sizes of what remains of the abundances, or the signed sum of the released program.",
    )
    refinements: int = field(
        10, "Refinements", ge=0, le=1000, advanced=True, help="Rounds of least-volume factorisation of the endmembers."
    )
    tolerance: float = field(
        1e-6, "Tolerance", gt=0, lt=1, advanced=True, help="Stop when no constraint is off by more than this."
    )
    iterations: int = field(
        500, "Iteration limit", ge=1, le=10_000, advanced=True, help="The published penalty needs about 300 iterations."
    )


@detector(
    id="adlr",
    title="Abundance dictionary, low rank",
    family="Low-rank",
    params=ADLRParams,
    reference="Qu et al., IEEE TGRS 56(8), 2018, doi:10.1109/TGRS.2018.2818159",
    copies=12,
    when="Reflectance scenes of few well mixed materials; an anomaly pure enough to be an endmember is missed.",
)
def adlr(cube: NDArray[np.float32], p: ADLRParams, ctx: Context) -> NDArray[np.float32]:
    """What is left of each pixel's material shares beside combinations of common shares.

    The scene, divided by its largest value, is unmixed; mean shift clusters the abundances S (pixels × p), the centre
    and farthest member of each cluster make the dictionary D, and min |Z|_* + λ |E|_1 with S = Z D + E gives the score
    Σ |E| of each pixel. ``cube`` is (rows, cols, bands), the scores (rows, cols) float32, NaN on invalid pixels.
    Raises DetectorError with fewer than three valid pixels, without any contrast, or without positive values.
    """
    valid, pixels = valid_pixels(cube, least=3)
    if pixels.max() <= 0:
        raise DetectorError("Unmixing needs positive values.", hint="Use radiance or reflectance, or add an offset.")
    pixels /= pixels.max()
    directions = affine_rank(pixels)
    if directions == 0:
        raise DetectorError("All valid pixels of this scene are alike.", hint="Check the bands and the no-data value.")
    count = min(p.endmembers, directions + 1, pixels.shape[1] + 1, len(pixels))
    if count < p.endmembers:
        ctx.note(f"The scene spans {count - 1} directions: {count} endmembers instead of {p.endmembers}.")
    ctx.stage(0.0, 0.3)
    _, shares = unmix(pixels, count, p.refinements, ctx)
    ctx.stage(0.3, 0.6)
    dictionary = _dictionary(shares, p.bandwidth, ctx)
    ctx.stage(0.6, 1.0)
    remainder = decompose(to_matrix(shares, ctx), to_matrix(dictionary, ctx), valid, p, ctx)
    if not remainder.any():
        ctx.note("Common shares explain every pixel: all scores are 0. A smaller anomaly weight leaves some.")
    return score_map(_score(remainder, p), valid)


def _score(remainder: "Tensor", p: ADLRParams) -> Matrix:
    summed = remainder.abs().sum(dim=1) if p.score == "l1" else remainder.sum(dim=1)
    return np.asarray(summed.cpu().numpy())


def _dictionary(shares: Matrix, bandwidth: float, ctx: Context) -> Matrix:
    """Centre and farthest member (2 · clusters, p) of every cluster of the abundances (n, p)."""
    rng = ctx.rng()
    if len(shares) > LARGEST_SAMPLE:
        shares = shares[np.sort(rng.choice(len(shares), LARGEST_SAMPLE, replace=False))]
    found = mean_shift(shares, bandwidth, rng, ctx)
    votes = np.stack([cluster.votes for cluster in found])
    labels = votes.argmax(axis=0)
    atoms = []
    for number, cluster in enumerate(found):
        members = shares[labels == number]
        atoms.append(cluster.centre)
        if len(members):
            atoms.append(members[((members - cluster.centre) ** 2).sum(axis=1).argmax()])
    ctx.note(f"{len(found)} clusters of abundances.")
    return np.stack(atoms)


@dataclass
class Cluster:
    """A mode of the density: its place (p,) and how often each point (n,) lay in a window on the way to it."""

    centre: Matrix
    votes: Matrix


def mean_shift(points: Matrix, bandwidth: float, rng: np.random.Generator, ctx: Context) -> list[Cluster]:
    """The modes of points (n, p) under Gaussian weights cut off at the bandwidth (Comaniciu & Meer 2002).

    Each path starts at a random point that no path has met; modes nearer than half a bandwidth are one.
    """
    found: list[Cluster] = []
    unmet = np.ones(len(points), dtype=bool)
    while unmet.any():
        ctx.step(len(points) - int(unmet.sum()), len(points), "Clusters", clusters=len(found))
        start = rng.choice(np.flatnonzero(unmet))
        path = _climb(points, points[start], bandwidth)
        unmet &= path.votes == 0
        unmet[start] = False
        near = [cluster for cluster in found if np.linalg.norm(cluster.centre - path.centre) < bandwidth / 2]
        if near:
            near[0].centre = (near[0].centre + path.centre) / 2
            near[0].votes += path.votes
        else:
            found.append(path)
    return found


def _climb(points: Matrix, place: Matrix, bandwidth: float) -> Cluster:
    """From one place to the mode uphill of it."""
    votes = np.zeros(len(points))
    for _ in range(1000):
        distances = ((points - place) ** 2).sum(axis=1)
        inside = np.flatnonzero(distances < bandwidth**2)
        if len(inside) == 0:
            break
        votes[inside] += 1
        weights = np.exp(-distances[inside] / (2 * bandwidth**2))
        former, place = place, weights @ points[inside] / weights.sum()
        if np.linalg.norm(place - former) < 1e-3 * bandwidth:
            break
    return Cluster(place, votes)


def decompose(
    shares: "Tensor", dictionary: "Tensor", valid: NDArray[np.bool_], p: ADLRParams, ctx: Context
) -> "Tensor":
    """E (n, p) of S = Z D + E with |Z|_* + λ |E|_1 least, by the augmented Lagrangian with a copy J of Z.

    Z lies in the span of the dictionary's columns: with D = V diag(d) Uᵀ it is W Vᵀ, |Z|_* = |W|_*, and all iterates
    keep that form. So the atoms, however many, are replaced by the p rows of diag(d) Uᵀ, which changes nothing.
    """
    import torch

    values, vectors = eigen(dictionary.T @ dictionary)
    kept = values > 1e-14 * values[-1]
    reduced = values[kept].sqrt()[:, None] * vectors[:, kept].T
    inverse = torch.linalg.inv(reduced @ reduced.T + torch.eye(len(reduced), dtype=reduced.dtype))
    coefficients = shares.new_zeros((len(shares), len(reduced)))
    copies = coefficients.clone()
    remainder, first, second = shares.new_zeros(shares.shape), shares.new_zeros(shares.shape), coefficients.clone()
    weight, mu = p.anomaly / len(shares) ** 0.5, PENALTY_START
    rounds = Iterations(ctx, p.iterations, p.tolerance)
    for _ in rounds:
        copies = svt(coefficients + second / mu, 1 / mu)
        known = (shares - remainder + first / mu) @ reduced.T + copies - second / mu
        coefficients = known @ inverse
        explained = coefficients @ reduced
        remainder = soft(shares - explained + first / mu, weight / mu)
        gap, apart = shares - explained - remainder, coefficients - copies
        first += mu * gap
        second += mu * apart
        mu = min(PENALTY_LIMIT, PENALTY_GROWTH * mu)
        rounds.residual = max(float(gap.abs().max()), float(apart.abs().max()))
        if rounds.preview_is_due:
            rounds.preview(score_map(_score(remainder, p), valid))
    return remainder
