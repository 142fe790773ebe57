"""Slow, literal forms of the detectors that rest on one background, written from their equations."""

import numpy as np


def mahalanobis(pixels, mean, covariance):
    """(x - m)ᵀ C⁻¹ (x - m) for each pixel."""
    inverse = np.linalg.inv(covariance)
    return np.array([(pixel - mean) @ inverse @ (pixel - mean) for pixel in pixels])


def weighted_rx(pixels, iterations=1):
    """Guo et al. 2014: weights from the inverse distances of RX, of sum one; weighted mean and covariance; again."""
    scores = mahalanobis(pixels, pixels.mean(axis=0), np.cov(pixels.T))
    for _ in range(iterations):
        weights = (1 / scores) / (1 / scores).sum()
        mean = sum(weight * pixel for weight, pixel in zip(weights, pixels, strict=True))
        deviations = pixels - mean
        covariance = sum(w * np.outer(d, d) for w, d in zip(weights, deviations, strict=True))
        scores = mahalanobis(pixels, mean, covariance)
    return scores


def subspace_rx(pixels, dropped):
    """Schaum 2004: standardised principal components, the first ``dropped`` left out."""
    variances, axes = np.linalg.eigh(np.cov(pixels.T))
    order = np.argsort(variances)[::-1][dropped:]
    components = (pixels - pixels.mean(axis=0)) @ axes[:, order]
    return (components**2 / variances[order]).sum(axis=1)


def rxd(pixels):
    """(r - m)ᵀ K⁻¹ (r - m), as ENVI's help states its RXD."""
    return mahalanobis(pixels, pixels.mean(axis=0), np.cov(pixels.T))


def utd(pixels, level=1.0):
    """ENVI's help: as RXD, with (1 - m) as the matched signature instead of (r - m)."""
    mean, inverse = pixels.mean(axis=0), np.linalg.inv(np.cov(pixels.T))
    ones = np.full(pixels.shape[1], level)
    return np.array([(ones - mean) @ inverse @ (pixel - mean) for pixel in pixels])


def rxd_utd(pixels, level=1.0):
    """ENVI's help: as RXD, with (r - 1) as the matched signature."""
    mean, inverse = pixels.mean(axis=0), np.linalg.inv(np.cov(pixels.T))
    ones = np.full(pixels.shape[1], level)
    return np.array([(pixel - ones) @ inverse @ (pixel - mean) for pixel in pixels])


def clustered(pixels, labels, smallest):
    """Pooled CBAD: clusters below the share do not count; their members are measured from the nearest big mean."""
    big = [k for k in np.unique(labels) if (labels == k).mean() >= smallest]
    means = {k: pixels[labels == k].mean(axis=0) for k in big}
    within = np.concatenate([pixels[labels == k] - means[k] for k in big])
    covariance = within.T @ within / (len(within) - len(big))
    scores = []
    for pixel, label in zip(pixels, labels, strict=True):
        nearest = label if label in means else min(big, key=lambda k: np.linalg.norm(pixel - means[k]))
        scores.append(mahalanobis([pixel], means[nearest], covariance)[0])
    return np.array(scores)
