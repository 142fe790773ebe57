"""Chang's figures of the three-dimensional ROC analysis, in closed form.

Unlike the ROC area these depend on the score values: the scores are first stretched linearly to 0..1. With detection
meaning "score at least the threshold", the area under PD over all thresholds in 0..1 is the mean stretched score of the
targets, and the area under PF that of the background. Source: C.-I. Chang, "An effective evaluation tool for
hyperspectral target detection: 3D receiver operating characteristic curve analysis", IEEE TGRS 59(6), 2021.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hadviewer.analysis.roc import RocCurve

TOP_PERCENT = 99.9
"""Scores above this percentile are clipped in the robust figures."""


@dataclass(frozen=True)
class Roc3d:
    """Areas under the three curves of a score map; the combined figures follow from them."""

    pd_pf: float
    pd_tau: float
    pf_tau: float

    @property
    def td(self) -> float:
        """Target detectability: AUC(PD, PF) + AUC(PD, tau), in 0..2."""
        return self.pd_pf + self.pd_tau

    @property
    def bs(self) -> float:
        """Background suppressibility: AUC(PD, PF) - AUC(PF, tau), in -1..1."""
        return self.pd_pf - self.pf_tau

    @property
    def tdbs(self) -> float:
        """Target detectability with background suppressibility: AUC(PD, tau) - AUC(PF, tau), in -1..1."""
        return self.pd_tau - self.pf_tau

    @property
    def snpr(self) -> float:
        """Signal to noise probability ratio: AUC(PD, tau) / AUC(PF, tau), infinite for a silent background."""
        if self.pf_tau == 0:
            return math.inf if self.pd_tau > 0 else math.nan
        return self.pd_tau / self.pf_tau

    @property
    def snpr_db(self) -> float:
        """The signal to noise probability ratio in decibels: 10 log10 of the ratio."""
        ratio = self.snpr
        return 10 * math.log10(ratio) if ratio > 0 else (-math.inf if ratio == 0 else math.nan)

    @property
    def od(self) -> float:
        """Overall detection: AUC(PD, PF) + AUC(PD, tau) - AUC(PF, tau), in -1..2; some papers call it OA or ODP."""
        return self.pd_pf + self.pd_tau - self.pf_tau

    @property
    def odp(self) -> float:
        """Overall detection probability: AUC(PD, tau) + 1 - AUC(PF, tau), in 0..2."""
        return self.pd_tau + (1 - self.pf_tau)


@dataclass(frozen=True, eq=False)
class Roc3dCurve:
    """The curve in space: false alarm and detection where stretched scores of at least `tau` are detected, tau falling.

    Between two points tau moves on while the shares stay: PD(tau) and PF(tau) are steps. The last point is (1, 0, 1).
    `thresholds` are the scores that are stretched to `tau`.
    """

    false_alarm: NDArray[np.float64]
    tau: NDArray[np.float64]
    detection: NDArray[np.float64]
    thresholds: NDArray[np.float64]


def roc3d(values: NDArray[np.float64], target: NDArray[np.bool_], area: float) -> Roc3d:
    """Areas of the 3D ROC from scores without NaN, the target flag of each, and the area under the ROC curve.

    A class without pixels has NaN areas.
    """
    unit = stretched(values)
    return Roc3d(area, _mean(unit[target]), _mean(unit[~target]))


def robust_roc3d(values: NDArray[np.float64], target: NDArray[np.bool_], area: float) -> Roc3d:
    """The same areas with the scores clipped at their 99.9 percentile before they are stretched.

    One hot pixel then no longer decides the scale of all others. The area under the ROC curve stays that of the ranks.
    """
    return roc3d(clipped_top(values), target, area)


def clipped_top(values: NDArray[np.float64], percent: float = TOP_PERCENT) -> NDArray[np.float64]:
    """Scores without NaN, none above the percentile of the finite ones (not interpolated: a single peak is clipped)."""
    finite = values[np.isfinite(values)]
    return np.minimum(values, np.percentile(finite, percent, method="lower")) if finite.size else values


def roc3d_curve(roc: RocCurve, values: NDArray[np.float64], points: int = 2000) -> Roc3dCurve:
    """The curve in space of an exact ROC curve over scores without NaN.

    Where it has more than `points` points, about that many are kept, evenly along its length, always with both ends.
    """
    unit = np.append(1.0, stretched_by(values, roc.thresholds[1:]))
    pick: NDArray[np.intp] = np.arange(len(unit))
    if len(unit) > points:
        steps = sum(
            np.abs(np.diff(axis)) for axis in (unit, np.nan_to_num(roc.false_alarm), np.nan_to_num(roc.detection))
        )
        length = np.append(0.0, np.cumsum(steps))
        pick = np.unique(np.append(np.searchsorted(length, np.linspace(0, length[-1], points - 1)), len(unit) - 1))
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (math.nan, math.nan)
    tau = unit[pick]
    return Roc3dCurve(roc.false_alarm[pick], tau, roc.detection[pick], low * (1 - tau) + high * tau)


def stretched(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scores stretched linearly to 0..1 over their finite range; infinite ones sit at the ends, constant ones at 0."""
    return stretched_by(values, values)


def stretched_by(values: NDArray[np.float64], levels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Levels (thresholds) moved as `stretched` moves these scores."""
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return np.where(levels > 0, 1.0, 0.0)
    low, high = float(finite.min()), float(finite.max())
    if low == high:
        return np.where(levels > high, 1.0, 0.0)
    half = high / 2 - low / 2  # halved so that the range of two huge scores does not overflow
    return np.asarray((np.clip(levels, low, high) / 2 - low / 2) / half)


def _mean(values: NDArray[np.float64]) -> float:
    return float(values.mean()) if values.size else math.nan
