"""Low-rank decomposition over a dictionary with all its atoms: shares as columns, numpy's full decomposition."""

import numpy as np


def remainder(shares, dictionary, weight, tolerance=1e-6):
    """E (p, pixels) of shares (p, pixels) = dictionary (p, atoms) Z + E, and Z."""
    atoms, pixels = dictionary.shape[1], shares.shape[1]
    inverse = np.linalg.inv(dictionary.T @ dictionary + np.eye(atoms))
    rest, first = np.zeros_like(shares), np.zeros_like(shares)
    coefficients, second = np.zeros((atoms, pixels)), np.zeros((atoms, pixels))
    mu = 1e-6
    for _ in range(2000):
        left, values, right = np.linalg.svd(coefficients + second / mu, full_matrices=False)
        copy = left @ np.diag(np.maximum(values - 1 / mu, 0)) @ right
        coefficients = inverse @ (dictionary.T @ (shares - rest) + copy + (dictionary.T @ first - second) / mu)
        shifted = shares - dictionary @ coefficients + first / mu
        rest = np.maximum(shifted - weight / mu, 0) + np.minimum(shifted + weight / mu, 0)
        gap, apart = shares - dictionary @ coefficients - rest, coefficients - copy
        first, second = first + mu * gap, second + mu * apart
        mu = min(1e10, 1.1 * mu)
        if max(np.abs(gap).max(), np.abs(apart).max()) < tolerance:
            break
    return rest, coefficients
