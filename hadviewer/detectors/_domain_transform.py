"""Smoothing that stops at the edges of a guide image (domain transform, recursive form)."""

import numpy as np
from numpy.typing import NDArray

Maps = NDArray[np.float64]
ITERATIONS = 3


def smoothed(maps: Maps, guide: Maps, valid: NDArray[np.bool_], sigma_s: float, sigma_r: float) -> Maps:
    """Maps (k, rows, cols) smoothed along the guide (rows, cols, channels) by the recursive filter.

    ``sigma_s`` is the reach in pixels, ``sigma_r`` the change of the guide that counts as an edge. Nothing passes from
    or to an invalid pixel; there the result means nothing. Source: Gastal & Oliveira, ACM TOG 30(4), 2011, eqs. 11,
    14 and 21.
    """
    across, down = (_distances(guide, valid, axis, sigma_s / sigma_r) for axis in (1, 0))
    work = np.where(valid, maps, 0.0)
    for number in range(1, ITERATIONS + 1):
        sigma = sigma_s * np.sqrt(3) * 2 ** (ITERATIONS - number) / np.sqrt(4**ITERATIONS - 1)
        feedback = np.exp(-np.sqrt(2) / sigma)
        work = _both_ways(work, feedback**across.T, 2)
        work = _both_ways(work, feedback**down, 1)
    return work


def _distances(guide: Maps, valid: NDArray[np.bool_], axis: int, ratio: float) -> Maps:
    """Distance of neighbours along an axis in the transformed domain; infinite where one of them is invalid."""
    change = np.abs(np.diff(np.where(valid[..., None], guide, 0.0), axis=axis)).sum(axis=2)
    first, second = (np.moveaxis(valid, axis, 0)[part] for part in (slice(None, -1), slice(1, None)))
    joined = np.moveaxis(first & second, 0, axis)
    return np.where(joined, 1 + ratio * change, np.inf)


def _both_ways(maps: Maps, feedback: Maps, axis: int) -> Maps:
    """First order recursion forth and back along an axis of maps, with ``feedback`` (steps, other axis)."""
    lines = np.ascontiguousarray(np.moveaxis(maps, axis, 0))
    for at in range(1, len(lines)):
        lines[at] += feedback[at - 1] * (lines[at - 1] - lines[at])
    for at in range(len(lines) - 2, -1, -1):
        lines[at] += feedback[at] * (lines[at + 1] - lines[at])
    return np.moveaxis(lines, 0, axis)
