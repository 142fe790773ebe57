"""From a cube to the list of its valid pixels and back."""

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.errors import DetectorError


def valid_pixels(cube: NDArray[np.float32], least: int = 2) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """The valid mask (rows, cols) of a cube (rows, cols, bands) and its valid spectra (n, bands) as float64.

    A pixel with NaN in any band is invalid. Raises DetectorError with fewer than ``least`` valid pixels.
    """
    valid = np.asarray(np.isfinite(cube).all(axis=2))
    pixels = cube[valid].astype(np.float64)
    if len(pixels) < least:
        raise DetectorError(
            f"This detector needs at least {least} valid pixels, the scene has {len(pixels)}.",
            hint="Check the no-data value and the bands.",
        )
    return valid, pixels


def score_map(scores: NDArray[np.floating], valid: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Scores (n,) of the valid pixels as a float32 map (rows, cols), NaN elsewhere."""
    placed = np.full(valid.shape, np.nan, dtype=np.float32)
    placed[valid] = scores
    return placed


def unit_scaled(pixels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pixels (n, bands) brought to 0..1 by one minimum and one maximum over everything; zeros when constant."""
    low, high = pixels.min(), pixels.max()
    return (pixels - low) / (high - low) if high > low else np.zeros_like(pixels)


def band_scaled(pixels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pixels (n, bands) with every band brought to 0..1 by its own range; a constant band becomes 0."""
    low, span = pixels.min(axis=0), np.ptp(pixels, axis=0)
    return np.asarray((pixels - low) / np.where(span > 0, span, 1.0))
