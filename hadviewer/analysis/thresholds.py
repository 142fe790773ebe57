"""Choosing a threshold on a score map without knowing the truth, and the histogram to choose it on.

A rule takes the score map, mostly one number, and returns the threshold; pixels at or above it are detected. Pixels
without a finite score take no part. Every rule returns infinity (nothing detected) for a map without finite scores.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

TAIL_SHARE, SMALLEST_TAIL = 0.02, 30
"""Share of the scores that are the tail of the Pareto fit, and how many it takes at least."""

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
    """A way to choose the threshold from the scores and one number, with what a form needs to ask for the number.

    `argument` is what the number means, '' for a rule that needs none. `function(scores, number)` also takes the number
    of bands where `needs_dof`: such a rule is for squared Mahalanobis distances. `help` tells when to choose the rule.
    """

    id: str
    title: str
    argument: str
    default: float
    low: float
    high: float
    function: Callable[..., float]
    help: str = ""
    needs_dof: bool = False

    def choose(self, scores: ArrayLike, argument: float | None = None, dof: int | None = None) -> float:
        """The threshold for these scores; `argument` is the default where it is None, `dof` the number of bands.

        Raises ValueError for a number out of range or a rule that lacks its number of bands.
        """
        number = self.default if argument is None else argument
        if not self.low <= number <= self.high:
            raise ValueError(f"{self.argument} must be between {self.low:g} and {self.high:g}, not {number:g}.")
        if not self.needs_dof:
            return self.function(scores, number)
        if dof is None:
            raise ValueError(f"The rule {self.id!r} needs the number of bands.")
        return self.function(scores, number, dof)


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


def pareto_tail(scores: ArrayLike, false_alarm: float) -> float:
    """Threshold that the background exceeds with this probability, from a generalised Pareto fit of the upper tail.

    The tail are the scores above their 98th percentile (at least 30 of them, else above the highest percentile that
    leaves so many); shape and scale come from probability-weighted moments, which a few anomalies disturb little.
    A probability larger than the tail gives the plain percentile. Too few or equal scores give infinity.
    Sources: Pickands, Annals of Statistics 3(1), 1975 (peaks over threshold); Hosking & Wallis, Technometrics 29(3),
    1987 (moments).
    """
    if not 0 < false_alarm < 1:
        raise ValueError("The false-alarm probability lies between 0 and 1.")
    values = np.sort(_finite(scores))
    kept = max(SMALLEST_TAIL, math.ceil(values.size * TAIL_SHARE))
    if kept >= values.size or values[0] == values[-1]:
        return math.inf
    if false_alarm * values.size >= kept:
        return percentile(values, 100 * false_alarm)
    start = float(values[-kept - 1])
    shape, scale = _pareto(values[-kept:] - start)
    ratio = false_alarm * values.size / kept
    if abs(shape) < 1e-9:
        return start - scale * math.log(ratio)
    return float(start + scale / shape * (ratio**-shape - 1))


def _pareto(excesses: NDArray[np.float64]) -> tuple[float, float]:
    """Shape and scale of a generalised Pareto distribution from excesses in rising order, by weighted moments."""
    size = excesses.size
    above = 1 - (np.arange(1, size + 1) - 0.35) / size
    mean, weighted = float(excesses.mean()), float((above * excesses).mean())
    spread = mean - 2 * weighted
    if not spread > 0:
        return 0.0, mean
    return 2 - mean / spread, 2 * mean * weighted / spread


def _chi2_rule(scores: ArrayLike, false_alarm: float, dof: int) -> float:
    return chi2(false_alarm, dof) if _finite(scores).size else math.inf


def _otsu_rule(scores: ArrayLike, _: float) -> float:
    return otsu_log(scores)


RULES: dict[str, ThresholdRule] = {
    rule.id: rule
    for rule in (
        ThresholdRule(
            "percentile",
            "Highest scores",
            "Share of the pixels (%)",
            1.0,
            0.0,
            100.0,
            percentile,
            help="Keeps a fixed share of the scene, whatever the scores.",
        ),
        ThresholdRule(
            "value",
            "Score value",
            "Score",
            0.0,
            -math.inf,
            math.inf,
            value,
            help="A score of your own.",
        ),
        ThresholdRule(
            "mean_sigma",
            "Mean and deviation",
            "Standard deviations",
            3.0,
            -10.0,
            100.0,
            mean_sigma,
            help="Common in papers; strong anomalies raise the threshold themselves.",
        ),
        ThresholdRule(
            "median_mad",
            "Median and robust deviation",
            "Robust deviations",
            6.0,
            -10.0,
            1000.0,
            median_mad,
            help="Like mean and deviation, but unmoved by the anomalies.",
        ),
        ThresholdRule(
            "gpd",
            "Generalised Pareto tail",
            "False-alarm probability",
            1e-3,
            1e-12,
            0.999,
            pareto_tail,
            help="Extrapolates the tail of the scores themselves: a false-alarm rate for any detector.",
        ),
        ThresholdRule(
            "chi2",
            "χ² of a normal background",
            "False-alarm probability",
            1e-3,
            1e-12,
            0.999,
            _chi2_rule,
            help="Constant false alarms for RX, if the background is normal; real tails are heavier.",
            needs_dof=True,
        ),
        ThresholdRule(
            "otsu",
            "Otsu on log scores",
            "",
            0.0,
            0.0,
            0.0,
            _otsu_rule,
            help="Splits the logarithms of the scores into two classes; it needs a fair share of anomalies.",
        ),
    )
}
"""Every rule by its id, in the order of a list to choose from."""


def _finite(scores: ArrayLike) -> NDArray[np.float64]:
    values = np.asarray(scores, dtype=np.float64).ravel()
    return values[np.isfinite(values)]
