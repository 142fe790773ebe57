"""How sure a figure is: intervals for shares and for the area under the ROC curve."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hadviewer.analysis.roc import FloatArray, LabelledScores

LEVEL = 0.95
RESAMPLES = 2000


@dataclass(frozen=True)
class Interval:
    """Bounds of a figure at a confidence level; NaN where the data do not say."""

    low: float
    high: float


UNKNOWN = Interval(math.nan, math.nan)


@dataclass(frozen=True)
class AreaConfidence:
    """The area under the ROC curve with DeLong's standard error and interval and the interval over objects.

    DeLong's takes every pixel as independent; the pixels of one target are not, so the interval over `objects` (see
    `bootstrap_objects`) is the honest one, though rough for less than about ten of them.
    """

    area: float
    standard_error: float
    delong: Interval
    over_objects: Interval
    objects: int


def clopper_pearson(successes: int, trials: int, level: float = LEVEL) -> Interval:
    """Exact interval of the probability behind `successes` out of `trials`. Source: Biometrika 26(4), 1934."""
    if trials == 0:
        return UNKNOWN
    from scipy.special import betaincinv

    tail = (1 - level) / 2
    low = betaincinv(successes, trials - successes + 1, tail) if successes else 0.0
    high = betaincinv(successes + 1, trials - successes, 1 - tail) if successes < trials else 1.0
    return Interval(float(low), float(high))


def placements(labelled: LabelledScores) -> tuple[FloatArray, FloatArray]:
    """For each target the share of background below it, for each background pixel the share of targets above it.

    A tie counts one half. Both means are the area under the ROC curve.
    """
    targets, background = labelled.values[labelled.target], labelled.values[~labelled.target]
    return _share_below(targets, background), 1 - _share_below(background, targets)


def delong(labelled: LabelledScores, level: float = LEVEL) -> tuple[float, Interval]:
    """Standard error of the area under the ROC curve and its normal interval, cut to 0..1.

    NaN with less than two pixels of a class. Sources: DeLong et al., Biometrics 44(3), 1988, by the ranks of Sun & Xu,
    IEEE Signal Processing Letters 21(11), 2014.
    """
    return _delong(*placements(labelled), level)


def _delong(of_targets: FloatArray, of_background: FloatArray, level: float) -> tuple[float, Interval]:
    from statistics import NormalDist

    if min(of_targets.size, of_background.size) < 2:
        return math.nan, UNKNOWN
    variance = of_targets.var(ddof=1) / of_targets.size + of_background.var(ddof=1) / of_background.size
    error = math.sqrt(float(variance))
    reach = NormalDist().inv_cdf((1 + level) / 2) * error
    area = float(of_targets.mean())
    return error, Interval(max(0.0, area - reach), min(1.0, area + reach))


def bootstrap_objects(
    of_targets: FloatArray,
    objects: NDArray[np.integer],
    level: float = LEVEL,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Interval:
    """Percentile interval of the area when whole target objects are drawn again, with replacement.

    `of_targets` is the placement of each target pixel, `objects` the label of the object it belongs to. The background
    is kept: against a handful of objects its pixels add next to nothing. NaN with less than two objects.
    """
    _, index = np.unique(objects, return_inverse=True)
    sizes = np.bincount(index)
    count = sizes.size
    if count < 2:
        return UNKNOWN
    won = np.bincount(index, weights=of_targets)
    drawn = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=resamples)
    low, high = np.quantile(drawn @ won / (drawn @ sizes), [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high))


def area_confidence(labelled: LabelledScores, objects: NDArray[np.integer], seed: int = 0) -> AreaConfidence:
    """Both intervals of the area under the ROC curve; `objects` labels the target pixels in their order."""
    of_targets, of_background = placements(labelled)
    error, interval = _delong(of_targets, of_background, LEVEL)
    over_objects = bootstrap_objects(of_targets, objects, seed=seed)
    count = len(np.unique(objects))
    area = float(of_targets.mean()) if of_targets.size and not labelled.target.all() else math.nan
    return AreaConfidence(area, error, interval, over_objects, count)


def _share_below(values: FloatArray, others: FloatArray) -> FloatArray:
    ranked = np.sort(others)
    below = np.searchsorted(ranked, values, side="left") + np.searchsorted(ranked, values, side="right")
    return below / (2 * max(1, others.size))
