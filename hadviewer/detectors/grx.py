"""Global Reed-Xiaoli detector (GRX)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.context import Context
from hadviewer.core.errors import DetectorError
from hadviewer.core.params import Params, field
from hadviewer.core.specs import PixelBlocks, detector

NULL_SPACE = 1e-10
"""Eigenvalues below this share of the largest count as zero."""


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
    whitener, triangular = _whitener(covariance, p.loading)
    if whitener.shape[1] < covariance.shape[0]:
        lost = covariance.shape[0] - whitener.shape[1]
        ctx.note(f"{lost} of {covariance.shape[0]} directions have no variance of their own and were left out.")
    if count <= covariance.shape[0]:
        ctx.note(f"Only {count} valid pixels for {covariance.shape[0]} bands: the scores say little.")
    ctx.stage(0.5, 1.0)
    scores = np.full(blocks.shape[:2], np.nan, dtype=np.float32)
    for window, values in ctx.track(blocks, len(blocks), "Scores"):
        pixels = values.reshape(-1, values.shape[2])
        pixels -= mean
        projected = _times_triangle(pixels, whitener) if triangular else pixels @ whitener
        scores[window.slices] = np.einsum("ij,ij->i", projected, projected).reshape(window.shape)
    return scores


def scene_statistics(blocks: PixelBlocks, ctx: Context) -> tuple[NDArray[Any], NDArray[Any], int]:
    """Mean (bands,), covariance (bands, bands, divisor N-1) and number of the valid pixels, in one pass.

    Each block is centred on its own mean and joined to the rest (Chan, Golub & LeVeque 1983), which keeps full
    precision whatever the offset of the data.
    """
    bands = blocks.shape[2]
    count, mean, scatter = 0, np.zeros(bands), np.zeros((bands, bands))
    for _, values in ctx.track(blocks, len(blocks), "Mean and covariance"):
        pixels = values.reshape(-1, bands)
        valid = np.isfinite(pixels[:, 0])
        if not valid.all():
            pixels = pixels[valid]
        if len(pixels) == 0:
            continue
        block_mean = pixels.mean(axis=0)
        pixels -= block_mean
        delta = block_mean - mean
        total = count + len(pixels)
        scatter += _half_square(pixels)
        scatter += np.outer(delta, delta) * (count * len(pixels) / total)
        mean += delta * (len(pixels) / total)
        count = total
    upper = np.triu(scatter)
    return mean, (upper + np.triu(upper, 1).T) / max(1, count - 1), count


def _half_square(pixels: NDArray[np.float64]) -> NDArray[np.float64]:
    """The upper triangle of pixelsᵀ · pixels: half the work of a full product."""
    from scipy.linalg.blas import dsyrk

    return np.asarray(dsyrk(1.0, pixels.T))


def _times_triangle(pixels: NDArray[np.float64], upper: NDArray[np.float64]) -> NDArray[np.float64]:
    """pixels · upper for an upper triangular matrix, in place and with half the work of a full product."""
    from scipy.linalg.blas import dtrmm

    return np.asarray(dtrmm(1.0, upper.T, pixels.T, lower=1, overwrite_b=1)).T


def _whitener(covariance: NDArray[Any], loading: float) -> tuple[NDArray[np.float64], bool]:
    """W (bands, kept) with W Wᵀ a (pseudo-)inverse of the covariance, and whether W is upper triangular.

    Scores are |Wᵀ(x - mean)|².

    Works on the correlation matrix, so that bands in different units do not spoil its condition. Pixels lie in the
    range of their own covariance, where every generalised inverse gives the same score.
    """
    bands = covariance.shape[0]
    loaded = covariance + loading * np.trace(covariance) / bands * np.eye(bands)
    scale = np.sqrt(np.diag(loaded))
    active = scale > 0
    correlation = loaded[np.ix_(active, active)] / np.outer(scale[active], scale[active])
    inverse = _inverse_factor(correlation)
    triangular = inverse is not None
    if inverse is None:
        inverse = _pseudo_inverse_factor(correlation)
    whitener = np.zeros((bands, inverse.shape[1]))
    whitener[active] = inverse / scale[active, None]
    return whitener, triangular and bool(active.all())


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
