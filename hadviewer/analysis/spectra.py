"""Spectra made comparable: scaled, their continuum removed, derived; and what many of them have in common."""

from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from hadviewer.analysis.continuum import remove_continuum
from hadviewer.analysis.statistics import BandStatistics

Treatment = Literal["none", "max", "mean", "unit", "continuum", "first", "second"]
"""What is done to spectra before they are drawn: nothing, division by a norm, continuum removal, a derivative."""
TREATMENTS: tuple[Treatment, ...] = get_args(Treatment)


def treat(spectra: NDArray[Any], positions: NDArray[Any], treatment: Treatment) -> NDArray[np.float64]:
    """Spectra (..., bands) over ``positions`` (bands,) in the order of bands, treated; NaN values stay out of it."""
    values = np.asarray(spectra, dtype=np.float64)
    if treatment == "continuum":
        return remove_continuum(values, positions)
    if treatment in ("first", "second"):
        return derivative(values, positions, 1 if treatment == "first" else 2)
    if treatment == "none":
        return values
    return values / norm(values, treatment)


def norm(spectra: NDArray[Any], kind: Treatment) -> NDArray[np.float64]:
    """What spectra are divided by: their largest value, mean or length, (..., 1); NaN where that is 0 or unknown."""
    values = np.asarray(spectra, dtype=np.float64)
    finite = np.isfinite(values)
    count = finite.sum(axis=-1, keepdims=True)
    if kind == "max":
        size = np.where(finite, values, -np.inf).max(axis=-1, keepdims=True, initial=-np.inf)
    elif kind == "mean":
        size = np.where(finite, values, 0.0).sum(axis=-1, keepdims=True) / np.maximum(count, 1)
    else:
        size = np.sqrt(np.square(np.where(finite, values, 0.0)).sum(axis=-1, keepdims=True))
    return np.where((count > 0) & (size != 0), size, np.nan)


def derivative(spectra: NDArray[Any], positions: NDArray[Any], order: int = 1) -> NDArray[np.float64]:
    """First or second derivative of spectra (..., bands) with respect to unevenly spaced ``positions`` (bands,).

    Parabolas through three neighbouring bands are derived, exact for quadratic spectra. Beside a gap (NaN, or a
    position that turns back) the first derivative is one-sided and the second one NaN.
    """
    values, x = np.asarray(spectra, dtype=np.float64), np.asarray(positions, dtype=np.float64)
    result = np.full(values.shape, np.nan)
    if len(x) < 2:
        return result
    steps = np.diff(x)
    forward = np.sign(np.nanmedian(steps)) if np.isfinite(steps).any() else 1.0
    # A step against the order of the bands lies between two detectors: no derivative reaches over it.
    steps = np.where(steps * forward > 0, steps, np.nan)
    slopes = np.diff(values, axis=-1) / steps
    left, right = slopes[..., :-1], slopes[..., 1:]
    before, after = steps[:-1], steps[1:]
    if order == 2:
        result[..., 1:-1] = 2 * (right - left) / (before + after)
        return result
    result[..., 1:-1] = (after * left + before * right) / (before + after)
    for place, slope in ((slice(None, -1), slopes), (slice(1, None), slopes)):
        missing = np.isnan(result[..., place]) & np.isfinite(values[..., place])
        result[..., place] = np.where(missing, slope, result[..., place])
    return result


def spread(spectra: NDArray[Any]) -> BandStatistics:
    """Mean, standard deviation, smallest and largest value of each band over spectra (..., bands), NaN left out.

    For as many spectra as a plot holds: all bands at once, where ``band_statistics`` goes through a scene band by band.
    """
    values = np.asarray(spectra, dtype=np.float64).reshape(-1, np.shape(spectra)[-1])
    finite = np.isfinite(values)
    count = finite.sum(axis=0)
    known = np.where(count > 0, 1.0, np.nan)
    share = known / np.maximum(count, 1)
    mean = np.where(finite, values, 0.0).sum(axis=0) * share
    apart = np.where(finite, values - mean, 0.0)
    return BandStatistics(
        mean=mean,
        std=np.sqrt((apart * apart).sum(axis=0) * share),
        minimum=np.where(finite, values, np.inf).min(axis=0, initial=np.inf) * known,
        maximum=np.where(finite, values, -np.inf).max(axis=0, initial=-np.inf) * known,
        count=count.astype(np.int64),
    )
