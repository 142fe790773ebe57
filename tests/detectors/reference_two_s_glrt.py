"""2S-GLRT pixel by pixel, as it is written."""

import numpy as np

from tests.detectors.reference_crd import ring_of


def scores_by_definition(cube, inner, outer):
    """The largest eigenvalue of Xᵀ (Y Yᵀ)⁺ X for every valid pixel; bands scaled to 0–1, NaN pixels left out."""
    values = cube.astype(np.float64)
    low, high = np.nanmin(values, axis=(0, 1)), np.nanmax(values, axis=(0, 1))
    scaled = (values - low) / np.where(high > low, high - low, 1)
    known = np.isfinite(scaled).all(axis=2)
    found = np.full(known.shape, np.nan)
    for row, col in np.argwhere(known):
        ring = ring_of(row, col, known.shape, inner, outer)
        window = ring_of(row, col, known.shape, 0, inner)
        background, target = scaled[ring & known].T, scaled[window & known].T
        inverse = np.linalg.pinv(background @ background.T, rcond=1e-11, hermitian=True)
        found[row, col] = np.linalg.eigvalsh(target.T @ inverse @ target)[-1]
    return found
