"""Clusters of spectra by k-means, and distances within them."""

import warnings

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.context import Context
from hadviewer.detectors._background import sound, squared_lengths, whitener

Matrix = NDArray[np.float64]
Labels = NDArray[np.intp]

STARTS = 4
"""k-means runs from different first centres; the tightest result counts."""


def clusters(pixels: Matrix, count: int, ctx: Context, starts: int = STARTS) -> Labels:
    """The cluster number (n,) of each pixel (n, bands) by k-means, the best of ``starts``; equal for equal seeds.

    Fewer than ``count`` clusters come out where there are fewer different pixels.
    """
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.utils import check_random_state
    from threadpoolctl import threadpool_limits

    # One generator through all starts, as scikit-learn does it; run one by one, so that the user can stop between.
    random = check_random_state(ctx.seed % 2**32)
    best, labels = np.inf, np.zeros(len(pixels), dtype=np.intp)
    for _ in ctx.track(range(starts), starts, "Clusters"):
        # Threads would add up their shares in any order, so the last digits, and with them labels, could vary.
        with warnings.catch_warnings(), threadpool_limits(1, "openmp"):
            warnings.simplefilter("ignore", ConvergenceWarning)
            found = KMeans(min(count, len(pixels)), n_init=1, random_state=random).fit(pixels)
        if found.inertia_ < best:
            best, labels = float(found.inertia_), found.labels_.astype(np.intp)
    return labels


def pooled_distances(pixels: Matrix, labels: Labels, share: float) -> Matrix:
    """Squared Mahalanobis distance (n,) to the nearest cluster's mean, with the covariance of all clusters together.

    Clusters below ``share`` of the pixels count neither as a mean nor in the covariance: their members are measured
    from the big cluster whose mean is nearest, all others from their own. The largest cluster always counts as big.
    """
    count = np.bincount(labels)
    big = np.flatnonzero((count > 0) & (count >= min(share * len(labels), count.max())))
    centres = np.stack([pixels[labels == number].mean(axis=0) for number in big])
    settled = np.isin(labels, big)
    place = np.searchsorted(big, labels).clip(max=len(big) - 1)
    strangers = pixels[~settled]
    place[~settled] = np.stack([((strangers - centre) ** 2).sum(axis=1) for centre in centres]).argmin(axis=0)
    deviations = pixels - centres[place]
    within = deviations[settled]
    covariance = sound(pixels.mean(axis=0), within.T @ within / max(1, len(within) - len(big)))
    return squared_lengths(deviations, whitener(covariance))


def own_distances(pixels: Matrix, labels: Labels, ctx: Context) -> Matrix:
    """Squared Mahalanobis distance (n,) to the mean of the own cluster, with the covariance of that cluster alone."""
    distances = np.zeros(len(pixels))
    for number in ctx.track(np.unique(labels), None, "Distances"):
        members = labels == number
        mean = pixels[members].mean(axis=0)
        deviations = pixels[members] - mean
        covariance = sound(mean, deviations.T @ deviations / max(1, len(deviations) - 1))
        distances[members] = squared_lengths(deviations, whitener(covariance))
    return distances
