"""Targets put into real scenes: the implants of the automatic detector's measured design."""

import numpy as np

OBJECTS = {1: 5, 4: 5, 25: 3, 100: 1, 225: 1}
"""How many square objects of how many pixels one scene gets."""


def implanted(cube, truth, targets, side, objects, seed, abundance=0.7):
    """A cube with square objects in it, and where they are (rows, cols).

    Each pixel of an object is a mixture of what was there and one spectrum of ``targets`` (n, bands), drawn at random,
    so that the object has the texture of a real one. Objects stay clear of each other and of the real targets.
    """
    rng = np.random.default_rng(seed)
    changed, places = cube.astype(np.float64), np.zeros(truth.shape, bool)
    while objects:
        row, col = (int(rng.integers(2, size - side - 1)) for size in truth.shape)
        around = (slice(max(0, row - 4), row + side + 4), slice(max(0, col - 4), col + side + 4))
        if places[around].any() or truth[around].any():
            continue
        inside = (slice(row, row + side), slice(col, col + side))
        drawn = targets[rng.integers(len(targets), size=(side, side))]
        changed[inside] = (1 - abundance) * changed[inside] + abundance * drawn
        places[inside] = True
        objects -= 1
    return changed.astype(np.float32), places


def foreign(spectra, cube):
    """Spectra (n, b) of another sensor stretched to the bands of a cube and brought to its mean brightness."""
    bands = cube.shape[2]
    stretched = np.stack([np.interp(np.linspace(0, 1, bands), np.linspace(0, 1, len(one)), one) for one in spectra])
    return stretched * (cube.mean(dtype=np.float64) / stretched.mean())
