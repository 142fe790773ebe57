"""Choosing a threshold on a score map without knowing the truth, and the histogram to choose it on.

A rule takes the score map and one number and returns the threshold; pixels at or above it are detected. Pixels without
a finite score take no part. Every rule returns infinity (nothing detected) for a map without finite scores.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

MAD_TO_SIGMA = 1.4826
"""Ratio of the standard deviation to the median absolute deviation of a normal distribution."""


@dataclass(frozen=True, eq=False)
class Histogram:
    """Counts of finite scores between consecutive edges (one edge more than counts), and how many were left out."""

    counts: NDArray[np.int64]
    edges: NDArray[np.float64]
    left_out: int = 0


@dataclass(frozen=True)
class ThresholdRule:
    """A way to choose the threshold from the scores and one number, with what a form needs to ask for the number."""

    id: str
    title: str
    argument: str
    default: float
    low: float
    high: float
    function: Callable[[ArrayLike, float], float]


def score_histogram(scores: ArrayLike, bins: int = 256, log: bool = False) -> Histogram:
    """How many pixels have which score, in equal steps, or in equal ratios over the positive scores when `log`.

    Pixels that are not finite (or not positive when `log`) are left out and counted.
    """
    values = np.asarray(scores, dtype=np.float64).ravel()
    shown = values[np.isfinite(values) & ((values > 0) if log else True)]
    left_out = values.size - shown.size
    if shown.size == 0:
        return Histogram(np.zeros(bins, np.int64), np.linspace(0.0, 1.0, bins + 1), left_out)
    axis = np.log10(shown) if log else shown
    counts, edges = np.histogram(axis, bins=bins)
    return Histogram(counts.astype(np.int64), 10.0**edges if log else edges, left_out)


def apply(scores: ArrayLike, threshold: float) -> NDArray[np.bool_]:
    """The mask of pixels whose score is at least the threshold; a pixel without a score is never in it."""
    values = np.asarray(scores)
    return np.asarray((values >= threshold) & ~np.isnan(values), dtype=np.bool_)


def percentile(scores: ArrayLike, top: float) -> float:
    """Threshold that keeps the highest `top` per cent of the pixels (at least one when `top` is above 0)."""
    values = _finite(scores)
    kept = min(math.ceil(values.size * top / 100), values.size)
    if kept < 1:
        return math.inf
    return float(np.partition(values, values.size - kept)[values.size - kept])


def value(scores: ArrayLike, threshold: float) -> float:
    """The threshold given, whatever the scores."""
    return threshold


def mean_sigma(scores: ArrayLike, k: float) -> float:
    """Mean of the scores plus `k` standard deviations."""
    values = _finite(scores)
    return float(values.mean() + k * values.std()) if values.size else math.inf


def median_mad(scores: ArrayLike, k: float) -> float:
    """Median plus `k` robust deviations (1.4826 times the median absolute deviation), unmoved by the anomalies."""
    values = _finite(scores)
    if not values.size:
        return math.inf
    centre = float(np.median(values))
    return centre + k * MAD_TO_SIGMA * float(np.median(np.abs(values - centre)))


def chi2(false_alarm: float, dof: int) -> float:
    """Threshold that squared Mahalanobis distances (RX) of a normal background exceed with this probability.

    `dof` is the number of bands. Real backgrounds have heavier tails: expect more false alarms than asked for.
    """
    if not (0 < false_alarm < 1 and dof >= 1):
        raise ValueError("The false-alarm probability lies between 0 and 1 and there is at least one band.")
    from scipy.special import chdtri

    return float(chdtri(dof, false_alarm))


def otsu_log(scores: ArrayLike) -> float:
    """Threshold that best splits the logarithms of the scores into two classes (Otsu, over every possible split).

    Maps with scores at or below zero are lifted first so that the lowest one is a millionth of their range.
    """
    values = np.sort(_finite(scores))
    if not values.size or values[0] == values[-1]:
        return math.inf
    lift = 0.0 if values[0] > 0 else (values[-1] - values[0]) * 1e-6 - values[0]
    logs = np.log(values + lift)
    logs -= logs.mean()
    below = np.arange(1, logs.size)
    between = np.cumsum(logs)[:-1] ** 2 / (below * (logs.size - below))
    between[values[1:] == values[:-1]] = -1.0  # a split inside a tie is no split
    return float(values[1:][int(between.argmax())])


RULES: dict[str, ThresholdRule] = {
    rule.id: rule
    for rule in (
        ThresholdRule("percentile", "Highest scores", "Share of the pixels (%)", 1.0, 0.0, 100.0, percentile),
        ThresholdRule("value", "Score value", "Score", 0.0, -math.inf, math.inf, value),
        ThresholdRule("mean_sigma", "Mean and deviation", "Standard deviations", 3.0, -10.0, 100.0, mean_sigma),
        ThresholdRule("median_mad", "Median and robust deviation", "Robust deviations", 6.0, -10.0, 1000.0, median_mad),
    )
}
"""Rules that take one number; `chi2` (needs the number of bands) and `otsu_log` (needs none) stand beside them."""


def _finite(scores: ArrayLike) -> NDArray[np.float64]:
    values = np.asarray(scores, dtype=np.float64).ravel()
    return values[np.isfinite(values)]
