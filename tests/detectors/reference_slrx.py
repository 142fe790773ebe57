"""Local RX on fixed blocks written out pixel by pixel, as slow as it is plain."""

import numpy as np

RIDGE = 1e-6


def distance_to(samples):
    """The function x -> Mahalanobis distance of x from the mean of samples (n, bands)."""
    mean = samples.mean(axis=0)
    inverse = np.linalg.inv(np.cov(samples, rowvar=False) + RIDGE * np.eye(samples.shape[1]))

    def distance(spectrum):
        away = spectrum - mean
        return np.sqrt(away @ inverse @ away)

    return distance


def normalised(scores):
    return (scores - np.nanmin(scores)) / (np.nanmax(scores) - np.nanmin(scores))


def spectra_of(cube, rows, cols):
    """The valid spectra (n, bands) of a rectangle."""
    pixels = cube[rows[0] : rows[1], cols[0] : cols[1]].reshape(-1, cube.shape[2])
    return pixels[np.isfinite(pixels).all(axis=1)]


def block_rx(cube, block=8):
    """Scores (rows, cols) float64 of a cube (rows, cols, bands); NaN pixels are no samples and have no score."""
    cube = cube.astype(np.float64)
    cube = (cube - np.nanmin(cube)) / (np.nanmax(cube) - np.nanmin(cube))
    rows, cols, _ = cube.shape
    maps = np.full((3, rows, cols), np.nan)
    to_image = distance_to(spectra_of(cube, (0, rows), (0, cols)))
    places = {
        (i, j): ((top, min(top + block, rows)), (left, min(left + block, cols)))
        for i, top in enumerate(range(0, rows, block))
        for j, left in enumerate(range(0, cols, block))
    }
    for (i, j), (over_rows, over_cols) in places.items():
        around = [places[i + di, j + dj] for di in (-1, 0, 1) for dj in (-1, 0, 1) if (i + di, j + dj) in places]
        around.remove((over_rows, over_cols))
        to_block = distance_to(spectra_of(cube, over_rows, over_cols))
        to_ring = distance_to(np.vstack([spectra_of(cube, *place) for place in around]))
        for row in range(*over_rows):
            for col in range(*over_cols):
                maps[:, row, col] = [distance(cube[row, col]) for distance in (to_block, to_ring, to_image)]
    return normalised(maps[0]) * normalised(maps[1]) * normalised(maps[2])
