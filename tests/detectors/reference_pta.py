"""Prior-based tensor approximation written out: full decompositions, dense operators, multipliers as printed.

The order of the steps and the scaled multipliers follow Li, Li, Qu, Zhao, Tao & Du (2022). ``valid`` restricts the
difference operators to pairs of valid pixels.
"""

import numpy as np


def banded(cube):
    low, span = cube.min(axis=(0, 1)), np.ptp(cube, axis=(0, 1))
    return (cube - low) / np.where(span > 0, span, 1.0)


def differences(linked):
    """G (n, n-1) with one column per linked pair of neighbours."""
    n = len(linked) + 1
    G = np.zeros((n, n - 1))
    for pair, is_linked in enumerate(linked):
        G[pair, pair], G[pair + 1, pair] = -float(is_linked), float(is_linked)
    return G


def smoothed(given, valid, tau, mu):
    """(tau·G Gᵀ + mu·I)⁻¹ mu·given for each column of the scene with its own G."""
    out = np.empty_like(given)
    for col in range(given.shape[1]):
        G = differences(valid[1:, col] & valid[:-1, col])
        out[:, col] = np.linalg.solve(tau * G @ G.T + mu * np.eye(len(given)), mu * given[:, col])
    return out


def singular_soft(matrix, threshold):
    A, values, Bt = np.linalg.svd(matrix, full_matrices=False)
    return A @ np.diag(np.maximum(values - threshold, 0)) @ Bt


def directions(matrix, rank):
    A, values, Bt = np.linalg.svd(matrix, full_matrices=False)
    rank = min(rank, int((values > 1e-7 * values[0]).sum()) if values[0] > 0 else 0)
    return A[:, :rank] @ Bt[:rank]


def pta(Y, alpha, beta, tau, rank, mu, iterations, valid=None):
    """Scores (rows, cols) and the sum of the constraints' norms after each iteration, for scaled Y."""
    rows, cols, bands = Y.shape
    valid = np.ones((rows, cols), bool) if valid is None else valid
    X = S = V1 = V2 = V3 = V4 = D1 = D2 = D3 = D4 = D5 = np.zeros_like(Y)
    history = []
    for _ in range(iterations):
        X = (Y - S + D1 + V1 + D2 + V2 + D3 + V3 + D4) / 4
        V1 = smoothed(X - D2, valid, tau, mu)
        V2 = smoothed((X - D3).transpose(1, 0, 2), valid.T, tau, mu).transpose(1, 0, 2)
        AB = directions(V4.reshape(-1, bands), rank).reshape(Y.shape)
        V3 = singular_soft(((X - D4 + V4 + D5) / 2).reshape(-1, bands), alpha / (2 * mu)).reshape(Y.shape)
        V4 = V3 - D5 + alpha / mu * AB
        S = np.zeros_like(Y)
        for place in np.ndindex(rows, cols):
            left = (Y - X + D1)[place]
            length = np.linalg.norm(left)
            S[place] = left * max(0.0, 1 - beta / mu / length) if length > 0 else 0.0
        constraints = [Y - X - S, V1 - X, V2 - X, V3 - X, V4 - V3]
        D1, D2, D3, D4, D5 = (D + off for D, off in zip((D1, D2, D3, D4, D5), constraints, strict=True))
        history.append(sum(np.linalg.norm(off) for off in constraints))
        mu = min(1.5 * mu, 1e10)
    return np.linalg.norm(S, axis=2), history
