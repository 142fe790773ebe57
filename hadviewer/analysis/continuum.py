"""The continuum of a spectrum: the upper convex hull over its points, and what remains when it is divided away."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def continuum(spectra: NDArray[Any], positions: NDArray[Any]) -> NDArray[np.float64]:
    """The lowest concave curve above each spectrum (..., bands) over ``positions`` (bands,), in the order given.

    Positions need not be sorted. NaN values are passed over; before the first finite value and after the last one the
    continuum is NaN, and so it is where the position is not finite.
    """
    values = np.asarray(spectra, dtype=np.float64)
    hull = np.full(values.shape, np.nan)
    known = np.flatnonzero(np.isfinite(positions))
    order = known[np.argsort(np.asarray(positions)[known], kind="stable")]
    if order.size:
        flat = values.reshape(-1, values.shape[-1])[:, order]
        hull.reshape(-1, values.shape[-1])[:, order] = _wrap(flat, np.asarray(positions, dtype=np.float64)[order])
    return hull


def remove_continuum(spectra: NDArray[Any], positions: NDArray[Any]) -> NDArray[np.float64]:
    """Spectra divided by their continuum: 1 where they touch it, less in absorption bands; NaN where it is not > 0."""
    values, hull = np.asarray(spectra, dtype=np.float64), continuum(spectra, positions)
    ratio = np.full(values.shape, np.nan)
    np.divide(values, hull, out=ratio, where=hull > 0)
    return ratio


def _wrap(values: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
    """The hull of spectra (spectra, bands) over rising ``x``, all of them at once.

    From each corner the next one is the point seen under the steepest slope (gift wrapping): one pass over the bands
    for each corner of the spectrum that has most.
    """
    finite, places = np.isfinite(values), np.arange(len(x))
    hull = np.full(values.shape, np.nan)
    last = np.where(finite.any(axis=1), len(x) - 1 - np.argmax(finite[:, ::-1], axis=1), -1)
    corner, active = np.argmax(finite, axis=1), np.flatnonzero(last >= 0)
    hull[active, corner[active]] = values[active, corner[active]]
    while (active := active[corner[active] < last[active]]).size:
        start = corner[active][:, np.newaxis]
        height = values[active, start[:, 0]][:, np.newaxis]
        with np.errstate(divide="ignore", invalid="ignore"):
            slopes = (values[active] - height) / (x - x[start])
        slopes[(places <= start) | np.isnan(slopes)] = -np.inf
        # The last of equal slopes: points on one line are one side of the hull.
        ahead = len(x) - 1 - np.argmax(slopes[:, ::-1], axis=1)
        slope = slopes[np.arange(len(active)), ahead][:, np.newaxis]
        side = (places > start) & (places <= ahead[:, np.newaxis])
        with np.errstate(invalid="ignore"):
            line = height + slope * (x - x[start])
        hull[active] = np.where(side, line, hull[active])
        hull[active, ahead] = values[active, ahead]
        corner[active] = ahead
    # Rounding must not leave a point above its hull; where two points share a position neither does.
    return np.where(np.isnan(hull), np.nan, np.fmax(hull, values))
