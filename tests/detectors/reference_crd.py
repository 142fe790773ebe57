"""Collaborative representation, pixel by pixel as it is written."""

import numpy as np

JITTER = 1e-9


def ring_of(row, col, shape, inner, outer):
    """The mask (rows, cols) of a dual window whose squares are shifted inwards at the border."""
    ring = np.zeros(shape, bool)
    for width, inside in ((outer, True), (inner, False)):
        first = [min(max(at - width // 2, 0), length - width) for at, length in zip((row, col), shape, strict=True)]
        ring[first[0] : first[0] + width, first[1] : first[1] + width] = inside
    return ring


def reconstruction_error(pixel, neighbours, penalty, sum_to_one=False):
    """|y - Aα| with α = (AᵀA + λ ΓᵀΓ)⁻¹ Aᵀy; ``neighbours`` (n, bands) are the columns of A."""
    atoms, target = neighbours.T, pixel
    if sum_to_one:
        atoms, target = np.vstack([atoms, np.ones(len(neighbours))]), np.append(pixel, 1)
    gamma = np.diag([np.linalg.norm(pixel - neighbour) for neighbour in neighbours])
    gram = atoms.T @ atoms
    jitter = JITTER * np.trace(gram) / len(gram) * np.eye(len(gram))
    alpha = np.linalg.solve(gram + penalty * gamma.T @ gamma + jitter, atoms.T @ target)
    return np.linalg.norm(pixel - neighbours.T @ alpha)


def scores_by_definition(cube, inner, outer, penalty, sum_to_one=False, places=None):
    """Scores (rows, cols), or of the given places (n, 2), on values scaled to 0–1; NaN pixels left out."""
    scaled = cube.astype(np.float64)
    scaled = (scaled - np.nanmin(scaled)) / (np.nanmax(scaled) - np.nanmin(scaled))
    known = np.isfinite(scaled).all(axis=2)
    everywhere = places is None
    found = np.full(cube.shape[:2], np.nan)
    for row, col in np.argwhere(known) if everywhere else places:
        ring = ring_of(row, col, known.shape, inner, outer) & known
        found[row, col] = reconstruction_error(scaled[row, col], scaled[ring], penalty, sum_to_one)
    return found if everywhere else np.array([found[row, col] for row, col in places])
