"""Principal component pursuit by the inexact augmented Lagrangian, step by step, with numpy's full decomposition."""

import numpy as np


def singular_threshold(matrix, threshold):
    left, values, right = np.linalg.svd(matrix, full_matrices=False)
    return left @ np.diag(np.maximum(values - threshold, 0)) @ right


def shrink(matrix, threshold):
    return np.sign(matrix) * np.maximum(np.abs(matrix) - threshold, 0)


def pursuit(data, weight, tolerance=1e-7):
    """L and S for data (pixels, bands)."""
    largest = np.linalg.norm(data, 2)
    multiplier = data / max(largest, np.abs(data).max() / weight)
    mu = 1.25 / largest
    mu_limit = 1e7 * mu
    low_rank = np.zeros_like(data)
    for _ in range(1000):
        sparse = shrink(data - low_rank + multiplier / mu, weight / mu)
        low_rank = singular_threshold(data - sparse + multiplier / mu, 1 / mu)
        gap = data - low_rank - sparse
        multiplier = multiplier + mu * gap
        mu = min(1.5 * mu, mu_limit)
        if np.linalg.norm(gap) / np.linalg.norm(data) < tolerance:
            break
    return low_rank, sparse


def scores(cube):
    """RX on the sparse part of a cube (rows, cols, bands) without constant bands or missing values."""
    pixels = cube.reshape(-1, cube.shape[2]).astype(np.float64)
    data = (pixels - pixels.min(axis=0)) / (pixels.max(axis=0) - pixels.min(axis=0))
    _, sparse = pursuit(data, 1 / np.sqrt(len(data)))
    centred = sparse - sparse.mean(axis=0)
    inverse = np.linalg.inv(np.cov(centred.T))
    return np.array([d @ inverse @ d for d in centred]).reshape(cube.shape[:2])
