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


def roc3d(values: NDArray[np.float64], target: NDArray[np.bool_], area: float) -> Roc3d:
    """Areas of the 3D ROC from scores without NaN, the target flag of each, and the area under the ROC curve.

    A class without pixels has NaN areas.
    """
    unit = stretched(values)
    return Roc3d(area, _mean(unit[target]), _mean(unit[~target]))


def stretched(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scores stretched linearly to 0..1 over their finite range; infinite ones sit at the ends, constant ones at 0."""
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return np.where(values > 0, 1.0, 0.0)
    low, high = float(finite.min()), float(finite.max())
    clipped = np.clip(values, low, high)
    if low == high:
        return np.where(values > high, 1.0, 0.0)
    half = high / 2 - low / 2  # halved so that the range of two huge scores does not overflow
    return np.asarray((clipped / 2 - low / 2) / half)


def _mean(values: NDArray[np.float64]) -> float:
    return float(values.mean()) if values.size else math.nan
