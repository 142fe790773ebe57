"""Low-rank and sparse representation step by step as published: pixels as columns, numpy's full decomposition."""

import numpy as np


def anomalies(data, dictionary, beta=0.1, weight=0.1, mu=1e-2, iterations=100):
    """E (bands, pixels) of data (bands, pixels) over a dictionary (bands, atoms), and S (atoms, pixels)."""
    eta = 1.02 * np.linalg.norm(dictionary, 2) ** 2 + 1
    atoms, pixels = dictionary.shape[1], data.shape[1]
    coefficients, copy, second = (np.zeros((atoms, pixels)) for _ in range(3))
    rest, first = np.zeros_like(data), np.zeros_like(data)
    for _ in range(iterations):
        former = coefficients, copy, rest
        gap = data - dictionary @ coefficients - rest + first / mu
        moved = coefficients + (dictionary.T @ gap - (coefficients - copy + second / mu)) / eta
        left, values, right = np.linalg.svd(moved, full_matrices=False)
        coefficients = left @ np.diag(np.maximum(values - 1 / (mu * eta), 0)) @ right
        shifted = coefficients + second / mu
        copy = np.sign(shifted) * np.maximum(np.abs(shifted) - beta / mu, 0)
        shifted = data - dictionary @ coefficients + first / mu
        rest = np.zeros_like(data)
        for pixel in range(pixels):
            length = np.linalg.norm(shifted[:, pixel])
            if length > weight / mu:
                rest[:, pixel] = shifted[:, pixel] * (1 - weight / mu / length)
        gap = data - dictionary @ coefficients - rest
        first, second = first + mu * gap, second + mu * (coefficients - copy)
        steps = [np.linalg.norm(now - then) for now, then in zip((coefficients, copy, rest), former, strict=True)]
        if mu * max(np.sqrt(eta) * steps[0], steps[1], steps[2]) / np.linalg.norm(data) < 1e-2:
            mu = min(1e10, 1.1 * mu)
            if np.linalg.norm(gap) / np.linalg.norm(data) < 1e-6:
                break
    return rest, coefficients
