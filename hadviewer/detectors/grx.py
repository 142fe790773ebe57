"""Global Reed-Xiaoli detector (GRX)."""

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.context import Context
from hadviewer.core.errors import DetectorError
from hadviewer.core.params import Params, field
from hadviewer.core.specs import PixelBlocks, detector
from hadviewer.detectors._threads import map_blocks

NULL_SPACE = 1e-10
"""Eigenvalues below this share of the largest count as zero."""
PANEL_COLUMNS = 32
"""Narrow enough to skip most zeros of a triangle, wide enough for fast products."""


class GRXParams(Params):
    """The published detector has no parameter; the loading is for those who compare."""

    loading: float = field(
        0.0,
        "Diagonal loading",
        ge=0,
        le=1,
        step=1e-6,
        advanced=True,
        help="Added to the covariance as this share of its mean variance. 0 is the published detector.",
    )


@detector(
    id="grx",
    title="Global RX",
    family="Statistical",
    params=GRXParams,
    reference="Reed & Yu, IEEE TASSP 38(10), 1990, doi:10.1109/29.60107",
    streaming=True,
    chi_square=True,
    when="A first look at any scene, of any size: the yardstick every other detector is compared with.",
)
def grx(blocks: PixelBlocks, p: GRXParams, ctx: Context) -> NDArray[np.float32]:
    """Squared Mahalanobis distance of each pixel from the mean of the whole scene.

    ``blocks`` is read twice: mean and covariance (divisor N-1, float64) of the valid pixels first, then the scores
    (rows, cols) float32, NaN on invalid pixels. Directions without variance are left out, which equals the
    pseudo-inverse. Raises DetectorError with fewer than two valid pixels, or values whose squares overflow.
    """
    ctx.stage(0.0, 0.5)
    mean, covariance, count = scene_statistics(blocks, ctx)
    if count < 2:
        raise DetectorError("Global RX needs at least two valid pixels.", hint="Check the no-data value and the bands.")
    if not np.isfinite(covariance).all():
        raise DetectorError("The values of this scene are too large to be squared.", hint="Divide them by a constant.")
    whitener = Whitener(mean, covariance, p.loading)
    lost = len(mean) - whitener.rank
    if lost:
        ctx.note(f"{lost} of {len(mean)} directions have no variance of their own and were left out.")
    if count <= len(mean):
        ctx.note(f"Only {count} valid pixels for {len(mean)} bands: the scores say little.")
    ctx.stage(0.5, 1.0)
    scores = np.full(blocks.shape[:2], np.nan, dtype=np.float32)
    for window, distances in map_blocks(blocks, whitener.distances, ctx, "Scores"):
        scores[window.slices] = distances
    return scores


def scene_statistics(blocks: PixelBlocks, ctx: Context) -> tuple[NDArray[Any], NDArray[Any], int]:
    """Mean (bands,), covariance (bands, bands, divisor N-1) and number of the valid pixels, in one pass.

    Each block is centred on its own mean and joined to the rest (Chan, Golub & LeVeque 1983), which keeps full
    precision whatever the offset of the data.
    """
    bands = blocks.shape[2]
    count, mean, scatter = 0, np.zeros(bands), np.zeros((bands, bands))
    for _, (block_count, block_mean, block_scatter) in map_blocks(blocks, _moments, ctx, "Mean and covariance"):
        if block_count == 0:
            continue
        delta = block_mean - mean
        total = count + block_count
        scatter += block_scatter
        scatter += np.outer(delta, delta) * (count * block_count / total)
        mean += delta * (block_count / total)
        count = total
    return mean, scatter / max(1, count - 1), count


def _moments(values: NDArray[np.float64]) -> tuple[int, NDArray[np.float64], NDArray[np.float64]]:
    """Number, mean and scatter of the valid pixels of a block."""
    pixels = values.reshape(-1, values.shape[2])
    valid = np.isfinite(pixels[:, 0])
    if not valid.all():
        pixels = pixels[valid]
    if len(pixels) == 0:
        return 0, np.zeros(0), np.zeros((0, 0))
    mean = pixels.mean(axis=0)
    pixels -= mean
    return len(pixels), mean, pixels.T @ pixels  # numpy sees the symmetry and does half the work


class Whitener:
    """Squared Mahalanobis distances |Wᵀ(x - mean)|², W Wᵀ being a (pseudo-)inverse of a covariance.

    Works on the correlation matrix, so that bands in different units do not spoil its condition. Pixels lie in the
    range of their own covariance, where every generalised inverse gives the same score. ``rank`` is the number of
    directions with variance.
    """

    def __init__(self, mean: NDArray[np.float64], covariance: NDArray[np.float64], loading: float = 0.0) -> None:
        bands = len(mean)
        loaded = covariance + loading * np.trace(covariance) / bands * np.eye(bands)
        scale = np.sqrt(np.diag(loaded))
        active = scale > 0
        correlation = loaded[np.ix_(active, active)] / np.outer(scale[active], scale[active])
        inverse = _inverse_factor(correlation)
        triangular = inverse is not None
        if inverse is None:
            inverse = _pseudo_inverse_factor(correlation)
        matrix = np.zeros((bands, inverse.shape[1]))
        matrix[active] = inverse / scale[active, None]
        self.rank = matrix.shape[1]
        self._mean = mean
        self._panels = _panels(matrix) if triangular and active.all() else [matrix]

    def distances(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Squared distances (rows, cols) of values (rows, cols, bands), which are changed; NaN where they are NaN."""
        pixels = values.reshape(-1, values.shape[2])
        pixels -= self._mean
        total = np.zeros(len(pixels))
        for panel in self._panels:
            projected = pixels[:, : len(panel)] @ panel
            total += np.einsum("ij,ij->i", projected, projected)
        return total.reshape(values.shape[:2])


def _panels(upper: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """An upper triangular matrix in groups of columns, each without the zeros below: little more than half the work."""
    edges = [*range(0, upper.shape[1], PANEL_COLUMNS), upper.shape[1]]
    return [np.ascontiguousarray(upper[:stop, start:stop]) for start, stop in pairwise(edges)]


def _inverse_factor(matrix: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Upper triangular W with W Wᵀ the inverse of a positive definite matrix; None when it is not."""
    from scipy.linalg import LinAlgError, cholesky
    from scipy.linalg.lapack import dtrtri

    if matrix.size == 0:
        return None
    try:
        factor = cholesky(matrix, lower=True)
    except (LinAlgError, ValueError):
        return None
    if np.min(np.diag(factor)) ** 2 <= NULL_SPACE:
        return None
    inverse, _ = dtrtri(factor, lower=1)
    return np.asarray(np.tril(inverse).T)


def _pseudo_inverse_factor(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """W (n, kept) with W Wᵀ the pseudo-inverse of a positive semidefinite matrix."""
    from scipy.linalg import eigh

    if matrix.size == 0:
        return np.zeros((0, 0))
    values, vectors = eigh(matrix, driver="evd")
    kept = values > NULL_SPACE * values[-1]
    return np.asarray(vectors[:, kept] / np.sqrt(values[kept]))
