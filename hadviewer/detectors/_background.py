"""The background of a scene as one Gaussian, estimated and applied strip by strip."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.context import Context
from hadviewer.core.errors import DetectorError
from hadviewer.core.specs import PixelBlocks
from hadviewer.detectors.grx import scene_statistics

NULL_SPACE = 1e-10
"""Eigenvalues of a correlation matrix below this share of the largest count as zero."""

ROUNDING = 1e-13
"""A band whose standard deviation is below this share of its mean is constant."""

Matrix = NDArray[np.float64]


def background(blocks: PixelBlocks, ctx: Context) -> tuple[Matrix, Matrix]:
    """Mean (bands,) and covariance (bands, bands, divisor N-1) of the valid pixels, in one pass.

    Raises DetectorError with fewer than two valid pixels, or values whose squares overflow.
    """
    mean, covariance, count = scene_statistics(blocks, ctx)
    if count < 2:
        raise DetectorError(
            "This detector needs at least two valid pixels.", hint="Check the no-data value and the bands."
        )
    return mean, sound(mean, covariance)


def weighted_background(blocks: PixelBlocks, weigh: Callable[[Matrix], Matrix], ctx: Context) -> tuple[Matrix, Matrix]:
    """Weighted mean Σ wx and covariance Σ w(x - mean)(x - mean)ᵀ with Σ w = 1, in one pass.

    ``weigh`` gives the positive weights (n,), of any sum, of pixels (n, bands). Blocks are joined as in
    ``scene_statistics``, so an offset of the data costs no precision.
    """
    bands = blocks.shape[2]
    total, mean, scatter = 0.0, np.zeros(bands), np.zeros((bands, bands))
    for _, values in ctx.track(blocks, len(blocks), "Weighted mean and covariance"):
        pixels = values.reshape(-1, bands)
        pixels = pixels[np.isfinite(pixels[:, 0])]
        if len(pixels) == 0:
            continue
        weights = weigh(pixels)
        block_total = float(weights.sum())
        block_mean = weights @ pixels / block_total
        centred = (pixels - block_mean) * np.sqrt(weights)[:, None]
        delta = block_mean - mean
        joined = total + block_total
        scatter += centred.T @ centred + np.outer(delta, delta) * (total * block_total / joined)
        mean += delta * (block_total / joined)
        total = joined
    return mean, sound(mean, scatter / total)


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


def squared_lengths(deviations: Matrix, whitening: Matrix) -> Matrix:
    """|Wᵀd|² of deviations from the mean (n, bands)."""
    projected = deviations @ whitening
    return np.asarray(np.einsum("ij,ij->i", projected, projected))


def scored(blocks: PixelBlocks, score: Callable[[Matrix], Matrix], ctx: Context) -> NDArray[np.float32]:
    """The map (rows, cols) of what ``score`` gives for pixels (n, bands), in one pass; NaN pixels stay NaN."""
    scores = np.full(blocks.shape[:2], np.nan, dtype=np.float32)
    for window, values in ctx.track(blocks, len(blocks), "Scores"):
        scores[window.slices] = score(values.reshape(-1, values.shape[2])).reshape(window.shape)
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
