"""Mahalanobis distances whose background leaves out what turns out to be anomalous."""

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.context import Context
from hadviewer.detectors._background import squared_lengths, whitener

Matrix = NDArray[np.float64]
Labels = NDArray[np.intp]
TRIMMED = 0.02
"""Share of the pixels with the highest distances that the next pass leaves out of means and covariance."""


def trimmed_distances(
    pixels: Matrix, groups: Labels, settled: NDArray[np.bool_], passes: int, ridge: float, ctx: Context
) -> Matrix:
    """Squared distance (n,) of each of the pixels (n, k) from the mean of its group, by one pooled covariance.

    ``groups`` numbers them 0, 1, ...; only ``settled`` pixels count for means and covariance, which has ``ridge`` times
    its mean variance added. Each pass after the first leaves out the top 2 % of the distances of the pass before.
    """
    counted = settled
    for number in range(passes):
        ctx.step(number, passes)
        means = np.stack([_mean(pixels, groups == group, counted) for group in range(groups.max() + 1)])
        deviations = pixels - means[groups]
        within = deviations[counted]
        covariance = within.T @ within / max(1, len(within) - len(means))
        covariance += ridge * np.trace(covariance) / len(covariance) * np.eye(len(covariance))
        distances = squared_lengths(deviations, whitener(covariance))
        counted = settled & (distances <= np.quantile(distances, 1 - TRIMMED))
    ctx.step(passes, passes)
    return distances


def _mean(pixels: Matrix, members: NDArray[np.bool_], counted: NDArray[np.bool_]) -> Matrix:
    """Mean of the members that count, or of all of them where none does."""
    chosen = members & counted
    return np.asarray(pixels[chosen if chosen.any() else members].mean(axis=0))


def settle(pixels: Matrix, labels: Labels, share: float) -> tuple[Labels, NDArray[np.bool_]]:
    """Clusters (n,) numbered 0, 1, ... that each hold at least this share of the pixels, and who was in them before.

    Members of smaller clusters go to the remaining cluster whose mean is nearest. The largest cluster always remains.
    """
    sizes = np.bincount(labels)
    big = np.flatnonzero(sizes >= min(share * len(labels), sizes.max()))
    settled = np.isin(labels, big)
    groups = np.searchsorted(big, labels).clip(max=len(big) - 1)
    means = [pixels[labels == number].mean(axis=0) for number in big]
    strangers = pixels[~settled]
    groups[~settled] = np.stack([((strangers - mean) ** 2).sum(axis=1) for mean in means]).argmin(axis=0)
    return groups, settled
