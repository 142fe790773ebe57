"""How alike spectra are: libraries brought to the bands of a sensor, and ranked against a spectrum."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

FEWEST_BANDS = 3
"""With fewer bands in common any two spectra are alike."""
GAP_NM, GAP_STEPS = 40.0, 6.0
"""Neighbours further apart, in nm and in usual steps of the spectrum, have an unknown gap between them."""
CHUNK = 2048
"""Spectra resampled or compared at a time, so that memory stays small with large libraries."""
_COVERED_LINE, _COVERED_GAUSS = 0.999, 0.5
"""Share of a band's weights that must fall on values which are there."""
_FWHM_TO_SIGMA = 2.0 * np.sqrt(2.0 * np.log(2.0))
_REACH = 4.0


def resample(
    spectra: NDArray[Any],
    wavelengths: NDArray[Any],
    centres: NDArray[Any],
    fwhm: NDArray[Any] | None = None,
    own_fwhm: NDArray[Any] | None = None,
) -> NDArray[np.float32]:
    """Spectra (spectra, bands) over ``wavelengths`` as a sensor with these bands sees them, (spectra, centres), all nm.

    Each band is a gaussian of its ``fwhm`` where that is known and wider than what the spectra resolve (``own_fwhm``,
    else their spacing), a straight line between neighbours otherwise. NaN where the spectra do not reach.
    """
    weights, share = band_weights(wavelengths, centres, fwhm, own_fwhm)
    out = np.empty((len(spectra), len(centres)), dtype=np.float32)
    for start in range(0, len(spectra), CHUNK):
        part = np.asarray(spectra[start : start + CHUNK], dtype=np.float64)
        known = np.isfinite(part)
        covered = known @ weights
        with np.errstate(divide="ignore", invalid="ignore"):
            out[start : start + CHUNK] = np.where(
                covered >= share, np.where(known, part, 0.0) @ weights / covered, np.nan
            )
    return out


def band_weights(
    wavelengths: NDArray[Any], centres: NDArray[Any], fwhm: NDArray[Any] | None, own_fwhm: NDArray[Any] | None
) -> tuple[Values, Values]:
    """How each wavelength of a spectrum weighs in each band (wavelengths, centres), and the share that must be there.

    Weights of a band sum to 1; they are all 0, the share infinite, for bands outside the spectrum or in a gap of it.
    """
    waves, order = np.asarray(wavelengths, dtype=np.float64), np.argsort(wavelengths, kind="stable")
    sorted_waves = waves[order]
    spacing = _spacing(sorted_waves)
    own = spacing if own_fwhm is None else np.asarray(own_fwhm, dtype=np.float64)[order]
    weights = np.zeros((len(waves), len(centres)))
    shares = np.full(len(centres), np.inf)
    widest = max(GAP_NM, GAP_STEPS * float(np.median(np.diff(sorted_waves)))) if len(waves) > 1 else np.inf
    for band, centre in enumerate(np.asarray(centres, dtype=np.float64)):
        if not sorted_waves[0] <= centre <= sorted_waves[-1]:
            continue
        place = min(int(np.searchsorted(sorted_waves, centre)), len(waves) - 1)
        beside = sorted_waves[max(place - 1, 0)]
        if sorted_waves[place] - beside > widest and centre not in (beside, sorted_waves[place]):
            continue
        width = np.nan if fwhm is None else float(fwhm[band])
        finest = max(own[place], spacing[place])
        if np.isfinite(width) and width > finest:
            # What the spectrum was already blurred by need not be blurred again.
            sigma = np.sqrt(width**2 - (own[place] ** 2 if own_fwhm is not None else 0.0)) / _FWHM_TO_SIGMA
            away = (sorted_waves - centre) / sigma
            column, share = np.where(np.abs(away) <= _REACH, np.exp(-0.5 * away**2), 0.0) * spacing, _COVERED_GAUSS
        else:
            column, share = np.zeros(len(waves)), _COVERED_LINE
        if not column.any():  # or the band lies between two wavelengths that are further apart than it is wide
            column, share = _line_weights(sorted_waves, centre, place), _COVERED_LINE
        shares[band] = share
        weights[order, band] = column / column.sum()
    return weights, shares


def _spacing(waves: Values) -> Values:
    """The stretch of the axis that each of the rising ``waves`` stands for: half the way to its neighbours.

    Beside a gap it is no more than the other side suggests.
    """
    if len(waves) < 2:
        return np.ones(len(waves))
    steps = np.diff(waves)
    left, right = np.concatenate([steps[:1], steps]), np.concatenate([steps, steps[-1:]])
    stretches = (np.minimum(left, 2 * right) + np.minimum(right, 2 * left)) / 2
    return np.asarray(np.maximum(stretches, 1e-9), dtype=np.float64)


def _line_weights(waves: Values, centre: float, place: int) -> Values:
    """Weights of the two neighbours of ``centre``, the upper one at ``place``."""
    column = np.zeros(len(waves))
    if waves[place] == centre or place == 0:
        column[place] = 1.0
        return column
    low, high = waves[place - 1], waves[place]
    column[place] = (centre - low) / (high - low)
    column[place - 1] = 1.0 - column[place]
    return column


def angles(spectrum: NDArray[Any], library: NDArray[Any]) -> Values:
    """Spectral angle in radians between a spectrum (bands,) and each of a library (spectra, bands).

    Kruse et al., Remote Sens. Environ. 44, 1993. Bands missing in either are left out; NaN with fewer than three.
    """
    x, known = _filled(spectrum)

    def of(part: Values, there: Values) -> Values:
        cosine = (part @ x) / np.sqrt((part**2 @ known) * (there @ x**2))
        return np.asarray(np.arccos(np.clip(cosine, -1.0, 1.0)))

    return _compared(library, known, of)


def divergences(spectrum: NDArray[Any], library: NDArray[Any]) -> Values:
    """Spectral information divergence (Chang, IEEE Trans. Inf. Theory 46, 2000) between a spectrum and each other.

    Spectra are taken as shares of their sum; bands that are not positive in both have no share.
    """
    x, known = _filled(np.where(np.asarray(spectrum) > 0, spectrum, np.nan))

    def of(part: Values, there: Values) -> Values:
        p = there * x / (there @ x)[:, np.newaxis]
        q = part * known / (part @ known)[:, np.newaxis]
        both = (p > 0) & (q > 0)
        ratio = np.log(np.where(both, p, 1.0) / np.where(both, q, 1.0))
        return np.asarray(((p - q) * ratio).sum(axis=1))

    return _compared(np.where(np.asarray(library) > 0, library, np.nan), known, of)


def distances(spectrum: NDArray[Any], library: NDArray[Any]) -> Values:
    """Euclidean distance per band between a spectrum and each of a library: the root of the mean squared difference."""
    x, known = _filled(spectrum)

    def of(part: Values, there: Values) -> Values:
        squares = np.square((part - x) * there * known).sum(axis=1)
        return np.asarray(np.sqrt(squares / (there @ known)))

    return _compared(library, known, of)


@dataclass(frozen=True)
class Measure:
    """A way to compare: 0 for equal spectra, more the less alike they are. ``help`` says when to choose it."""

    title: str
    function: Callable[[NDArray[Any], NDArray[Any]], Values]
    help: str


MEASURES: Mapping[str, Measure] = {
    "sam": Measure("Spectral angle", angles, "Compares shapes only: brightness and shade do not count."),
    "sid": Measure("Information divergence", divergences, "Compares shapes as distributions; positive values only."),
    "euclidean": Measure("Euclidean distance", distances, "Compares values as they are: both must be in one unit."),
}


def _filled(spectrum: NDArray[Any]) -> tuple[Values, Values]:
    """A spectrum with 0 where it has no value, and 1 where it has one."""
    values = np.asarray(spectrum, dtype=np.float64)
    known = np.isfinite(values)
    return np.where(known, values, 0.0), known.astype(np.float64)


def _compared(library: NDArray[Any], known: Values, of: Callable[[Values, Values], Values]) -> Values:
    """``of`` parts of the library, NaN where too few bands are in common or nothing comes of it."""
    out = np.full(len(library), np.nan)
    for start in range(0, len(library), CHUNK):
        part, there = _filled(library[start : start + CHUNK])
        with np.errstate(divide="ignore", invalid="ignore"):
            found = of(part, there)
        enough = (there @ known >= FEWEST_BANDS) & np.isfinite(found)
        out[start : start + CHUNK] = np.where(enough, found, np.nan)
    return out
