"""Principal components of the spectra of a scene."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hadviewer.analysis.sampling import grid_step

BLOCK_PIXELS = 65_536


@dataclass(frozen=True, eq=False)
class Components:
    """Mean spectrum (bands,), principal directions (bands, k) in falling order, their variances (k,), and the total."""

    mean: NDArray[np.float64]
    axes: NDArray[np.float64]
    variance: NDArray[np.float64]
    total: float

    def scores(self, values: NDArray[np.floating]) -> NDArray[np.float32]:
        """Coordinates (rows, cols, k) of spectra (rows, cols, bands) along the directions; NaN pixels stay NaN."""
        rows, cols, bands = values.shape
        pixels = values.reshape(-1, bands)
        result = np.empty((pixels.shape[0], self.axes.shape[1]), dtype=np.float32)
        for start in range(0, len(pixels), BLOCK_PIXELS):
            part = slice(start, start + BLOCK_PIXELS)
            result[part] = (pixels[part] - self.mean) @ self.axes
        result[~np.isfinite(result).all(axis=1)] = np.nan
        return result.reshape(rows, cols, -1)


def fit_components(values: NDArray[np.floating], k: int, sample: int | None = None) -> Components:
    """Principal directions of spectra (rows, cols, bands), from every valid pixel or a regular grid of about `sample`.

    At most min(k, bands) directions are given. The sign of each is fixed (its largest entry is positive), so the same
    spectra always give the same scores. A scene without a valid pixel gives zero mean and zero variance.
    """
    rows, cols, bands = values.shape
    step = 1 if sample is None else grid_step(rows, cols, sample)
    pixels = values[::step, ::step].reshape(-1, bands)
    pixels = pixels[np.isfinite(pixels).all(axis=1)]
    if step > 1 and not len(pixels):
        return fit_components(values, k)
    mean = pixels.mean(axis=0, dtype=np.float64) if len(pixels) else np.zeros(bands)
    scatter = np.zeros((bands, bands))
    for start in range(0, len(pixels), BLOCK_PIXELS):
        centred = pixels[start : start + BLOCK_PIXELS] - mean
        scatter += centred.T @ centred
    variance, axes = np.linalg.eigh(scatter / max(len(pixels), 1))
    chosen = np.argsort(variance)[::-1][:k]
    axes = axes[:, chosen]
    largest = np.abs(axes).argmax(axis=0)
    axes = axes * np.where(axes[largest, np.arange(axes.shape[1])] < 0, -1.0, 1.0)
    return Components(mean, axes, np.maximum(variance[chosen], 0.0), float(np.trace(scatter)) / max(len(pixels), 1))
