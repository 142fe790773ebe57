"""How far the scores of targets and background lie apart: the boxes of anomaly detection papers and their figures.

Boxes and gap are drawn on the scores stretched to 0..1; a paper's box usually reaches from the 10th to the 90th
percentile, not over the quartiles.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hadviewer.analysis.roc import LabelledScores, RankedCounts
from hadviewer.analysis.roc3d import clipped_top, stretched

BOX = (10.0, 90.0)
QUARTILES = (25.0, 75.0)
BOXES = (BOX, QUARTILES)


@dataclass(frozen=True)
class Box:
    """Stretched scores of one class: whisker, box, median, box, whisker; NaN for a class without pixels."""

    minimum: float
    low: float
    median: float
    high: float
    maximum: float
    mean: float
    variance: float

    @property
    def height(self) -> float:
        """Length of the box: small for a background that is well suppressed."""
        return self.high - self.low


@dataclass(frozen=True)
class Separability:
    """Boxes of targets and background, and how far they are apart.

    `gap` is the low end of the targets' box less the high end of the background's: positive when the boxes do not
    overlap. `fisher` is (difference of means)² / (sum of variances), `d_prime` the difference of means in root mean
    square deviations (negative when targets lie below), `ks` the largest difference between detection and false alarm.
    """

    targets: Box
    background: Box
    gap: float
    fisher: float
    d_prime: float
    ks: float


def separability(
    labelled: LabelledScores,
    box: tuple[float, float] = BOX,
    *,
    robust: bool = False,
    ranked: RankedCounts | None = None,
) -> Separability:
    """Boxes between the percentiles `box` of each class; `robust` clips the scores as the robust 3D ROC does."""
    unit = stretched(clipped_top(labelled.values) if robust else labelled.values)
    targets, background = _box(unit[labelled.target], box), _box(unit[~labelled.target], box)
    apart, spread = targets.mean - background.mean, targets.variance + background.variance
    curve = (ranked or RankedCounts.of(labelled)).curve()
    return Separability(
        targets=targets,
        background=background,
        gap=targets.low - background.high,
        fisher=_ratio(apart**2, spread),
        d_prime=_ratio(apart, math.sqrt(spread / 2)),
        ks=float(np.abs(curve.detection - curve.false_alarm).max()),
    )


def _box(values: NDArray[np.float64], box: tuple[float, float]) -> Box:
    if not values.size:
        return Box(*[math.nan] * 7)
    low, median, high = np.percentile(values, [box[0], 50, box[1]])
    ends = float(values.min()), float(values.max())
    return Box(ends[0], float(low), float(median), float(high), ends[1], float(values.mean()), float(values.var()))


def _ratio(difference: float, spread: float) -> float:
    """Infinite where classes without any spread differ, NaN where they do not."""
    if spread == 0 and difference != 0:
        return math.copysign(math.inf, difference)
    return difference / spread if spread else math.nan
