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
)
def grx(blocks: PixelBlocks, p: GRXParams, ctx: Context) -> NDArray[np.float32]:
    """Squared Mahalanobis distance of each pixel from the mean of the whole scene.

    ``blocks`` is read twice: mean and covariance (divisor N-1, float64) of the valid pixels first, then the scores
    (rows, cols) float32, NaN on invalid pixels. Directions without variance are left out, which equals the
    pseudo-inverse. Raises DetectorError with fewer than two valid pixels.
    """
    ctx.stage(0.0, 0.5)
    mean, covariance, count = scene_statistics(blocks, ctx)
    if count < 2:
        raise DetectorError("Global RX needs at least two valid pixels.", hint="Check the no-data value and the bands.")
    whitener = _whitener(covariance, p.loading)
    if whitener.shape[1] < covariance.shape[0]:
        lost = covariance.shape[0] - whitener.shape[1]
        ctx.note(f"{lost} of {covariance.shape[0]} directions have no variance of their own and were left out.")
    if count <= covariance.shape[0]:
        ctx.note(f"Only {count} valid pixels for {covariance.shape[0]} bands: the scores say little.")
    ctx.stage(0.5, 1.0)
    scores = np.full(blocks.shape[:2], np.nan, dtype=np.float32)
    for window, values in ctx.track(blocks, len(blocks), "Scores"):
        centred = values.reshape(-1, values.shape[2]) - mean
        projected = centred @ whitener
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
        pixels = pixels[np.isfinite(pixels[:, 0])]
        if len(pixels) == 0:
            continue
        block_mean = pixels.mean(axis=0)
        pixels -= block_mean
        delta = block_mean - mean
        total = count + len(pixels)
        scatter += pixels.T @ pixels
        scatter += np.outer(delta, delta) * (count * len(pixels) / total)
        mean += delta * (len(pixels) / total)
        count = total
    return mean, scatter / max(1, count - 1), count


def _whitener(covariance: NDArray[Any], loading: float) -> NDArray[np.float64]:
    """W (bands, kept) with W Wᵀ a (pseudo-)inverse of the covariance: scores are |Wᵀ(x - mean)|².

    Works on the correlation matrix, so that bands in different units do not spoil its condition. Pixels lie in the
    range of their own covariance, where every generalised inverse gives the same score.
    """
    from scipy.linalg import LinAlgError, cholesky, eigh, solve_triangular

    bands = covariance.shape[0]
    loaded = covariance + loading * np.trace(covariance) / bands * np.eye(bands)
    scale = np.sqrt(np.diag(loaded))
    active = scale > 0
    correlation = loaded[np.ix_(active, active)] / np.outer(scale[active], scale[active])
    try:
        factor = cholesky(correlation, lower=True)
    except (LinAlgError, ValueError):
        factor = None
    if factor is not None and factor.size and np.min(np.diag(factor)) ** 2 > NULL_SPACE:
        inverse = solve_triangular(factor, np.eye(len(factor)), lower=True).T
    else:
        values, vectors = eigh(correlation, driver="evd") if correlation.size else (np.zeros(0), np.zeros((0, 0)))
        kept = values > NULL_SPACE * values.max(initial=0.0)
        inverse = vectors[:, kept] / np.sqrt(values[kept])
    whitener = np.zeros((bands, inverse.shape[1]))
    whitener[active] = inverse / scale[active, None]
    return whitener
