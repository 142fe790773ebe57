"""Minimum noise fraction (MNF) as a transform."""

import numpy as np
from numpy.typing import NDArray

from hadviewer.analysis.components import Components
from hadviewer.core.context import Context
from hadviewer.core.params import Params, field
from hadviewer.core.specs import transform

BLOCK_PIXELS = 65_536
NOISE_FLOOR = 1e-8
"""Noise variance, as a share of a band's own variance, below which no difference between neighbours is believed."""

Matrix = NDArray[np.float64]


class MNFParams(Params):
    """How many components are kept."""

    components: int = field(30, "Components", ge=1, le=1000, help="Number kept; never more than there are bands.")


@transform(
    id="mnf",
    title="Minimum noise fraction",
    params=MNFParams,
    reference="Green, Berman, Switzer & Craig, IEEE TGRS 26(1), 1988, doi:10.1109/36.3001",
)
def mnf(cube: NDArray[np.float32], p: MNFParams, ctx: Context) -> NDArray[np.float32]:
    """Replace the bands by components of equal noise, the one with the most signal first.

    Float32 (rows, cols, bands) to (rows, cols, min(components, bands)), centred, with noise of variance 1 in each. The
    noise is estimated from the differences between neighbours, in both directions. A pixel with NaN in any band takes
    no part and stays NaN; a direction without variance is 0.
    """
    ctx.step(0, 2, "Noise and components")
    found, pairs = fit_mnf(cube, p.components)
    if not pairs:
        ctx.note("No two valid pixels are neighbours, so the noise of the bands is not known.")
    ctx.step(1, 2, "Values")
    scores = found.scores(cube)
    ctx.step(2, 2)
    return scores


def fit_mnf(cube: NDArray[np.float32], k: int) -> tuple[Components, int]:
    """Mean, directions (bands, k) and signal-to-noise of spectra (rows, cols, bands), and from how many neighbours.

    ``variance`` of the components is that of signal and noise together where the noise has variance 1. Lines without
    any value separate parts of a scene that are no neighbours.
    """
    from scipy.linalg import eigh

    bands = cube.shape[2]
    valid = np.asarray(np.isfinite(cube).all(axis=2))
    pixels = cube[valid]
    noise, pairs = _noise(cube, valid)
    mean = pixels.mean(axis=0, dtype=np.float64) if len(pixels) else np.zeros(bands)
    signal = _scatter(pixels, mean) / max(1, len(pixels) - 1)
    spread = np.sqrt(np.diag(signal))
    scale = np.where(spread > 0, 1 / np.where(spread > 0, spread, 1.0), 0.0)
    values, vectors = eigh(noise * np.outer(scale, scale))
    whitener = scale[:, None] * vectors / np.sqrt(np.maximum(values, NOISE_FLOOR))
    ratios, axes = eigh(whitener.T @ signal @ whitener)
    order = np.argsort(ratios)[::-1][:k]
    directions = whitener @ axes[:, order]
    largest = np.abs(directions).argmax(axis=0)
    directions *= np.where(directions[largest, np.arange(len(order))] < 0, -1.0, 1.0)
    return Components(mean, directions, np.maximum(ratios[order], 0.0), float(np.maximum(ratios, 0.0).sum())), pairs


def _noise(cube: NDArray[np.float32], valid: NDArray[np.bool_]) -> tuple[Matrix, int]:
    """Covariance (bands, bands) of the noise, half that of the differences of neighbours, and how many pairs it took.

    Of two neighbours with independent noise, the difference has twice its covariance.
    """
    scatter, pairs = np.zeros((cube.shape[2], cube.shape[2])), 0
    for first, second in ((np.s_[:-1, :], np.s_[1:, :]), (np.s_[:, :-1], np.s_[:, 1:])):
        both = valid[first] & valid[second]
        differences = cube[first][both].astype(np.float64) - cube[second][both]
        scatter += differences.T @ differences
        pairs += len(differences)
    return scatter / max(1, 2 * pairs), pairs


def _scatter(pixels: NDArray[np.float32], mean: Matrix) -> Matrix:
    scatter = np.zeros((pixels.shape[1], pixels.shape[1]))
    for start in range(0, len(pixels), BLOCK_PIXELS):
        centred = pixels[start : start + BLOCK_PIXELS] - mean
        scatter += centred.T @ centred
    return scatter
