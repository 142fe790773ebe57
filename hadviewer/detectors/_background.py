"""The background of a scene as one Gaussian, estimated and applied block by block."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.context import BACKGROUND, Context
from hadviewer.core.cube import Window
from hadviewer.core.errors import DetectorError
from hadviewer.core.specs import PixelBlocks
from hadviewer.detectors._blas import multiply_by_upper
from hadviewer.detectors._parallel import map_blocks, one_thread_each

NULL_SPACE = 1e-10
"""Eigenvalues of a correlation matrix below this share of the largest count as zero."""

ROUNDING = 1e-13
"""A band whose standard deviation is below this share of its mean is constant."""

CHUNK_PIXELS = 512
"""Few enough that what is between pixels and distances stays in the cache and costs no fresh memory."""

Matrix = NDArray[np.float64]


def background(blocks: PixelBlocks, ctx: Context) -> tuple[Matrix, Matrix, int]:
    """Mean (bands,), covariance (bands, bands, divisor N-1) and number of the valid pixels, in one pass.

    Raises DetectorError with fewer than two valid pixels, or values whose squares overflow.
    """
    mean, covariance, count = scene_statistics(blocks, ctx)
    if count < 2:
        raise DetectorError(
            "This detector needs at least two valid pixels.", hint="Check the no-data value and the bands."
        )
    return mean, sound(mean, covariance), count


def scene_statistics(blocks: PixelBlocks, ctx: Context) -> tuple[Matrix, Matrix, int]:
    """Mean (bands,), covariance (bands, bands, divisor N-1) and number of the valid pixels, in one pass.

    Where the user marked a background, only its pixels count.

    Each block is centred on its own mean and joined to the rest (Chan, Golub & LeVeque 1983), which keeps full
    precision whatever the offset of the data.
    """
    bands = blocks.shape[2]
    count, mean, scatter = 0, np.zeros(bands), np.zeros((bands, bands))
    blocks = _marked(blocks, ctx)
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


def _moments(values: NDArray[np.float64]) -> tuple[int, Matrix, Matrix]:
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


def weighted_background(blocks: PixelBlocks, weigh: Callable[[Matrix], Matrix], ctx: Context) -> tuple[Matrix, Matrix]:
    """Weighted mean Σ wx and covariance Σ w(x - mean)(x - mean)ᵀ with Σ w = 1, in one pass.

    Where the user marked a background, only its pixels count.

    ``weigh`` gives the positive weights (n,), of any sum, of pixels (n, bands). Blocks are joined as in
    ``scene_statistics``, so an offset of the data costs no precision.
    """
    bands = blocks.shape[2]
    total, mean, scatter = 0.0, np.zeros(bands), np.zeros((bands, bands))

    def moments(values: Matrix) -> tuple[float, Matrix, Matrix]:
        pixels = values.reshape(-1, bands)
        pixels = pixels[np.isfinite(pixels[:, 0])]
        if len(pixels) == 0:
            return 0.0, np.zeros(0), np.zeros((0, 0))
        weights = weigh(pixels)
        block_mean = weights @ pixels / weights.sum()
        centred = (pixels - block_mean) * np.sqrt(weights)[:, None]
        return float(weights.sum()), block_mean, centred.T @ centred

    blocks = _marked(blocks, ctx)
    for _, (block_total, block_mean, block_scatter) in map_blocks(blocks, moments, ctx, "Weighted mean and covariance"):
        if block_total == 0:
            continue
        delta = block_mean - mean
        joined = total + block_total
        scatter += block_scatter + np.outer(delta, delta) * (total * block_total / joined)
        mean += delta * (block_total / joined)
        total = joined
    return mean, sound(mean, scatter / total)


class _Background:
    """Blocks of which only the pixels of a mask (rows, cols) have values."""

    def __init__(self, blocks: PixelBlocks, mask: NDArray[np.bool_]) -> None:
        self._blocks, self._mask = blocks, mask
        self.shape = blocks.shape
        self.windows = tuple(window for window in blocks.windows if mask[window.slices].any())

    def __len__(self) -> int:
        return len(self.windows)

    def __iter__(self) -> Iterator[tuple[Window, Matrix]]:
        return ((window, self.read(window)) for window in self.windows)

    def read(self, window: Window) -> Matrix:
        """The values (rows, cols, bands) of one window."""
        values = self._blocks.read(window)
        values[~self._mask[window.slices]] = np.nan
        return values


def _marked(blocks: PixelBlocks, ctx: Context) -> PixelBlocks:
    """The background that the user marked, all blocks where there is none."""
    mask = ctx.inputs.get(BACKGROUND)
    return blocks if mask is None else _Background(blocks, mask)


class Mahalanobis:
    """Squared Mahalanobis distances |Wᵀ(x - mean)|², W Wᵀ being a (pseudo-)inverse of a covariance.

    Pixels lie in the range of their own covariance, where every generalised inverse gives the same distance. ``rank``
    is the number of directions with variance.
    """

    def __init__(self, mean: Matrix, covariance: Matrix) -> None:
        self._mean = mean
        with one_thread_each():  # threads wait for each other longer than a matrix of this size takes
            self._triangle = _triangular_whitener(covariance)
            self._whitening = whitener(covariance) if self._triangle is None else self._triangle
        self.rank = self._whitening.shape[1]

    def squared(self, pixels: Matrix) -> Matrix:
        """Squared distances (n,) of pixels (n, bands); NaN where they are NaN."""
        total = np.empty(len(pixels))
        buffer = np.empty((CHUNK_PIXELS, len(self._mean)))
        for start in range(0, len(pixels), CHUNK_PIXELS):
            chunk = pixels[start : start + CHUNK_PIXELS]
            deviations = np.subtract(chunk, self._mean, out=buffer[: len(chunk)])
            total[start : start + CHUNK_PIXELS] = self._lengths(deviations)
        return total

    def _lengths(self, deviations: Matrix) -> Matrix:
        if self._triangle is None:
            return squared_lengths(deviations, self._whitening)
        multiply_by_upper(deviations, self._triangle)
        return np.asarray(np.einsum("ij,ij->i", deviations, deviations))


def whitener(covariance: Matrix) -> Matrix:
    """W (bands, kept) with W Wᵀ a generalised inverse of the covariance; directions without variance are left out.

    Taken from the correlation matrix, so that bands in different units do not spoil its condition.
    """
    from scipy.linalg import eigh

    scale = np.sqrt(np.diag(covariance))
    active = np.flatnonzero(scale > 0)
    whitening = np.zeros((len(scale), 0))
    if len(active):
        values, vectors = eigh(covariance[np.ix_(active, active)] / np.outer(scale[active], scale[active]))
        kept = values > NULL_SPACE * values[-1]
        whitening = np.zeros((len(scale), int(kept.sum())))
        whitening[active] = vectors[:, kept] / np.sqrt(values[kept]) / scale[active, None]
    return whitening


def _triangular_whitener(covariance: Matrix) -> Matrix | None:
    """The same as an upper triangle (bands, bands), which is quicker to apply; None without variance in a direction."""
    from scipy.linalg import LinAlgError, cholesky
    from scipy.linalg.lapack import dtrtri

    scale = np.sqrt(np.diag(covariance))
    if not (scale > 0).all():
        return None
    try:
        factor = cholesky(covariance / np.outer(scale, scale), lower=True)
    except (LinAlgError, ValueError):
        return None
    if np.min(np.diag(factor)) ** 2 <= NULL_SPACE:
        return None
    inverse, _ = dtrtri(factor, lower=1)
    return np.ascontiguousarray(np.tril(inverse).T / scale[:, None])


def squared_lengths(deviations: Matrix, whitening: Matrix) -> Matrix:
    """|Wᵀd|² of deviations from the mean (n, bands)."""
    projected = deviations @ whitening
    return np.asarray(np.einsum("ij,ij->i", projected, projected))


def scored(blocks: PixelBlocks, score: Callable[[Matrix], Matrix], ctx: Context) -> NDArray[np.float32]:
    """The map (rows, cols) of what ``score`` gives for pixels (n, bands), in one pass; NaN pixels stay NaN."""
    scores = np.full(blocks.shape[:2], np.nan, dtype=np.float32)

    def work(values: Matrix) -> Matrix:
        return score(values.reshape(-1, values.shape[2])).reshape(values.shape[:2])

    for window, found in map_blocks(blocks, work, ctx, "Scores"):
        scores[window.slices] = found
    return scores


def sound(mean: Matrix, covariance: Matrix) -> Matrix:
    """The covariance with the variance of constant bands set to 0, which rounding leaves a little above.

    Raises DetectorError when it has overflown.
    """
    if not np.isfinite(covariance).all():
        raise DetectorError("The values of this scene are too large to be squared.", hint="Divide them by a constant.")
    constant = np.sqrt(np.diag(covariance)) <= ROUNDING * np.abs(mean)
    covariance[constant] = covariance[:, constant] = 0.0
    return covariance
