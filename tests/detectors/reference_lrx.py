"""Local RX written out pixel by pixel, as slow as it is plain."""

import numpy as np


def first(place, width, length):
    """Where a window of ``width`` around ``place`` begins when it is pushed inside 0..length."""
    return min(max(place - width // 2, 0), length - width)


def local_rx(cube, inner, outer, loading=0.0):
    """Scores (rows, cols) float64 of a cube (rows, cols, bands); NaN pixels are no samples and have no score."""
    rows, cols, bands = cube.shape
    cube = cube.astype(np.float64)
    scores = np.full((rows, cols), np.nan)
    for row in range(rows):
        for col in range(cols):
            if np.isnan(cube[row, col]).any():
                continue
            in_ring = np.zeros((rows, cols), bool)
            for width, member in ((outer, True), (inner, False)):
                height, breadth = min(width, rows), min(width, cols)
                top, left = first(row, height, rows), first(col, breadth, cols)
                in_ring[top : top + height, left : left + breadth] = member
            samples = cube[in_ring & np.isfinite(cube).all(axis=2)]
            covariance = np.cov(samples, rowvar=False).reshape(bands, bands)
            covariance = covariance + loading * np.trace(covariance) / bands * np.eye(bands)
            away = cube[row, col] - samples.mean(axis=0)
            scores[row, col] = away @ np.linalg.solve(covariance, away)
    return scores
