"""Statistics of the bands of a scene, leaving out pixels without a value."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hadviewer.analysis.sampling import grid_step


@dataclass(frozen=True, eq=False)
class BandStatistics:
    """Mean, standard deviation, minimum and maximum of each band (NaN where a band has no value) and the counts."""

    mean: NDArray[np.float64]
    std: NDArray[np.float64]
    minimum: NDArray[np.float64]
    maximum: NDArray[np.float64]
    count: NDArray[np.int64]


def band_statistics(values: NDArray[np.floating]) -> BandStatistics:
    """Statistics of each band of spectra (..., bands); NaN values are left out, infinite ones too."""
    bands = values.shape[-1]
    pixels = values.reshape(-1, bands)
    mean, std, low, high = (np.full(bands, np.nan) for _ in range(4))
    count = np.zeros(bands, np.int64)
    for band in range(bands):
        column = np.asarray(pixels[:, band], dtype=np.float64)
        column = column[np.isfinite(column)]
        count[band] = column.size
        if column.size:
            mean[band], std[band] = column.mean(), column.std()
            low[band], high[band] = column.min(), column.max()
    return BandStatistics(mean, std, low, high, count)


def joined_statistics(parts: Iterable[BandStatistics], bands: int) -> BandStatistics:
    """The statistics of all pixels from those of parts of them (Chan, Golub & LeVeque 1983)."""
    count, mean, scatter = np.zeros(bands, np.int64), np.zeros(bands), np.zeros(bands)
    low, high = np.full(bands, np.nan), np.full(bands, np.nan)
    for part in parts:
        some = part.count > 0
        total = count + part.count
        share = part.count[some] / total[some]
        delta = part.mean[some] - mean[some]
        scatter[some] += part.std[some] ** 2 * part.count[some] + delta**2 * count[some] * share
        mean[some] += delta * share
        count = total
        low, high = np.fmin(low, part.minimum), np.fmax(high, part.maximum)
    empty = count == 0
    mean[empty] = scatter[empty] = np.nan
    return BandStatistics(mean, np.sqrt(scatter / np.maximum(count, 1)), low, high, count)


def sampled_percentiles(
    plane: NDArray[np.floating], percents: Sequence[float], sample: int = 100_000
) -> NDArray[np.float64]:
    """Percentiles of a plane (rows, cols) from a regular grid of about `sample` pixels; NaN when none is finite.

    A plane of at most `sample` pixels is read whole, so its percentiles are exact.
    """
    step = grid_step(plane.shape[0], plane.shape[1], sample)
    values = np.asarray(plane[::step, ::step], dtype=np.float64)
    values = values[np.isfinite(values)]
    if not values.size:
        return np.full(len(percents), np.nan)
    return np.asarray(np.percentile(values, percents), dtype=np.float64)
