"""Go Decomposition and LSMAD step by step, with numpy's full decomposition."""

import numpy as np


def go_decomposition(data, rank, count, iterations, tolerance=1e-3):
    """L, S and the errors |X - L - S| for data (pixels, bands)."""
    sparse = np.zeros_like(data)
    errors = [np.linalg.norm(data)]
    for _ in range(iterations):
        left, values, right = np.linalg.svd(data - sparse, full_matrices=False)
        low_rank = left[:, :rank] @ np.diag(values[:rank]) @ right[:rank]
        rest = data - low_rank
        order = np.argsort(-np.abs(rest), axis=None)[:count]
        sparse = np.zeros_like(data)
        sparse.flat[order] = rest.flat[order]
        errors.append(np.linalg.norm(data - low_rank - sparse))
        if errors[-2] - errors[-1] < tolerance * errors[-2]:
            break
    return low_rank, sparse, errors[1:]


def scores(cube, rank=8, share=0.03, iterations=100):
    """Mahalanobis distance of every pixel from the low-rank part of a cube (rows, cols, bands)."""
    pixels = cube.reshape(-1, cube.shape[2]).astype(np.float64)
    data = (pixels - pixels.min()) / (pixels.max() - pixels.min())
    low_rank, _, _ = go_decomposition(data, rank, int(share * data.size), iterations)
    inverse = np.linalg.pinv(np.cov(low_rank.T), rcond=1e-8, hermitian=True)
    return np.array([d @ inverse @ d for d in data - low_rank.mean(axis=0)]).reshape(cube.shape[:2])
