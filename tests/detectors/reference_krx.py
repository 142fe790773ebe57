"""Kernel RX with a ridge, computed where the kernel trick is not needed."""

import numpy as np


def mahalanobis_in_feature_space(background, pixels, width, ridge):
    """(φ(x) - mean)ᵀ (C + ridge·I)⁻¹ (φ(x) - mean) for each pixel, in explicit coordinates of the feature space.

    All spectra together span a space of finite dimension; the roots of their kernel matrix are coordinates in it.
    ``background`` (m, bands), ``pixels`` (n, bands); exp(-|x-y|²/width).
    """
    everything = np.vstack([background, pixels])
    differences = everything[:, None] - everything[None]
    kernel = np.exp(-(differences**2).sum(axis=2) / width)
    values, vectors = np.linalg.eigh(kernel)
    coordinates = vectors * np.sqrt(np.maximum(values, 0))
    mean = coordinates[: len(background)].mean(axis=0)
    centred = coordinates[: len(background)] - mean
    covariance = centred.T @ centred / len(background)
    deviations = coordinates[len(background) :] - mean
    loaded = covariance + ridge * np.eye(len(covariance))
    return (deviations * np.linalg.solve(loaded, deviations.T).T).sum(axis=1)


def median_squared_distance(background):
    """The median of |x-y|² over all pairs."""
    distances = [((one - two) ** 2).sum() for place, one in enumerate(background) for two in background[:place]]
    return float(np.median(distances))
