"""Linear unmixing: endmembers at the corners of the data, and how much of each is in every pixel."""

from math import inf

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.context import Context

Matrix = NDArray[np.float64]

SUM_TO_ONE = 20.0
"""Weight of the equation that the abundances of a pixel sum to one, beside those of the bands (data of at most 1)."""

VOLUME = 0.015
"""Weight of the squared volume of the simplex, as in the released program."""

PIXELS_AT_ONCE = 10_000

PIVOTS, ROUNDING = 200, 1e-10
"""Limit of pivoting rounds, and how far below zero still counts as zero."""


def affine_rank(pixels: Matrix) -> int:
    """Number of independent directions in which the pixels (n, bands) differ."""
    centred = pixels - pixels.mean(axis=0)
    values = np.linalg.eigvalsh(centred.T @ centred)
    return int((values > 1e-10 * max(values[-1], 1e-12 * float((pixels**2).sum()))).sum())


def subspace(pixels: Matrix, count: int) -> Matrix:
    """The pixels (n, bands) projected onto the ``count`` directions that hold most of them: less noise, same form."""
    _, vectors = np.linalg.eigh(pixels.T @ pixels)
    basis = vectors[:, -count:]
    return np.asarray((pixels @ basis) @ basis.T)


def vertices(pixels: Matrix, count: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Numbers of ``count`` pixels (n, bands) at the corners of the data, by vertex component analysis.

    Nascimento & Dias 2005 in the form that does not divide by the brightness: principal components with a constant
    appended; each corner is the pixel farthest along a random direction orthogonal to the corners found.
    """
    centred = pixels - pixels.mean(axis=0)
    _, vectors = np.linalg.eigh(centred.T @ centred)
    reduced = centred @ vectors[:, -(count - 1) :]
    lifted = np.column_stack([reduced, np.full(len(reduced), np.linalg.norm(reduced, axis=1).max())])
    corners = np.zeros((count, 0))
    found: list[int] = []
    for _ in range(count):
        direction = rng.normal(size=count)
        direction -= corners @ (np.linalg.pinv(corners) @ direction)
        found.append(int(np.abs(lifted @ direction).argmax()))
        corners = lifted[found].T
    return np.array(found)


def abundances(pixels: Matrix, endmembers: Matrix, start: Matrix | None = None) -> Matrix:
    """Non-negative shares (n, count) of the endmembers (count, bands) in the pixels, nearly summing to one.

    Exact least squares; ``start`` (n, count) are shares near the solution.
    """
    gram = endmembers @ endmembers.T + SUM_TO_ONE**2
    target = pixels @ endmembers.T + SUM_TO_ONE**2
    used = np.ones(target.shape, dtype=bool) if start is None else start > 0
    shares = np.empty_like(target)
    for first in range(0, len(target), PIXELS_AT_ONCE):
        part = slice(first, first + PIXELS_AT_ONCE)
        shares[part] = _non_negative(gram, target[part], used[part])
    return shares


def _non_negative(gram: Matrix, target: Matrix, used: NDArray[np.bool_]) -> Matrix:
    """Rows s ≥ 0 (n, count) least in ½ sGs - s·t, by block principal pivoting (Kim & Park 2011).

    All wrong signs change side at once as long as they become fewer, then only the last of them (Murty's rule), which
    always ends.
    """
    shares = np.zeros_like(target)
    used, rows = used.copy(), np.arange(len(target))
    fewest, patience = np.full(len(target), len(gram) + 1), np.full(len(target), 3)
    slack = ROUNDING * np.abs(gram).max()
    for _ in range(PIVOTS):
        active = used[rows]
        system = np.where(active[:, :, None] & active[:, None, :], gram, 0.0)
        system += np.where(active, 0.0, 1.0)[:, :, None] * np.eye(len(gram))
        found = np.linalg.solve(system, np.where(active, target[rows], 0.0)[:, :, None])[:, :, 0]
        shares[rows] = np.maximum(found, 0.0)
        wrong = np.where(active, found < -ROUNDING, found @ gram - target[rows] < -slack)
        count = wrong.sum(axis=1)
        rows, wrong, count = rows[count > 0], wrong[count > 0], count[count > 0]
        if len(rows) == 0:
            break
        fewer = count < fewest[rows]
        patience[rows] = np.where(fewer, 3, patience[rows] - 1)
        fewest[rows] = np.minimum(count, fewest[rows])
        last = wrong & (np.cumsum(wrong, axis=1) == count[:, None])
        used[rows] ^= np.where((patience[rows] >= 0)[:, None], wrong, last)
    return shares


def unmix(pixels: Matrix, count: int, rounds: int, ctx: Context) -> tuple[Matrix, Matrix]:
    """Endmembers (count, bands) and abundances (n, count) of pixels whose largest value is 1.

    From the corners of the data, refined by factorisation with least volume of the simplex (Miao & Qi 2007).
    """
    cleaned = subspace(pixels, count)
    endmembers = np.maximum(cleaned[vertices(cleaned, count, ctx.rng())], 0.0)
    shares = abundances(cleaned, endmembers)
    for _ in ctx.track(range(rounds), rounds, "Unmixing"):
        endmembers = _descend(cleaned, endmembers, shares)
        shares = abundances(cleaned, endmembers, shares)
    return endmembers, shares


class _Volume:
    """Squared volume of the simplex of the endmembers in the first principal components of the pixels."""

    def __init__(self, pixels: Matrix, count: int) -> None:
        self._mean = pixels.mean(axis=0)
        centred = pixels - self._mean
        self._axes = np.linalg.eigh(centred.T @ centred)[1][:, -(count - 1) :]

    def corners(self, endmembers: Matrix) -> Matrix:
        """(count, count) matrix whose determinant is the volume times a constant."""
        return np.column_stack([np.ones(len(endmembers)), (endmembers - self._mean) @ self._axes])

    def value(self, endmembers: Matrix) -> float:
        return float(np.linalg.det(self.corners(endmembers)) ** 2)

    def gradient(self, endmembers: Matrix) -> Matrix:
        corners = self.corners(endmembers)
        size = float(np.linalg.det(corners) ** 2)
        if size == 0.0:
            return np.zeros_like(endmembers)
        return np.asarray(2 * size * np.linalg.inv(corners).T[:, 1:] @ self._axes.T)


def _descend(pixels: Matrix, endmembers: Matrix, shares: Matrix) -> Matrix:
    """One projected gradient step on ½|X - S A|² + ½ T det², its length by Armijo's rule."""
    volume = _Volume(pixels, len(endmembers))
    cross, inner = shares.T @ pixels, shares.T @ shares

    def cost(candidate: Matrix) -> float:
        fit = 0.5 * float((inner * (candidate @ candidate.T)).sum()) - float((cross * candidate).sum())
        return fit + 0.5 * VOLUME * volume.value(candidate)

    gradient = inner @ endmembers - cross + 0.5 * VOLUME * volume.gradient(endmembers)
    present, length = cost(endmembers), 1.0 / max(float(np.linalg.norm(inner, 2)), 1e-300)
    for _ in range(30):
        candidate = np.maximum(endmembers - length * gradient, 0.0)
        expected = float((gradient * (candidate - endmembers)).sum())
        if -inf < cost(candidate) <= present + 0.01 * expected:
            return candidate
        length *= 0.5
    return endmembers
