"""Precision and recall of a score map at every threshold, and the threshold that balances them best.

Unlike the ROC curve these depend on how rare targets are, so every figure is to be read beside the prevalence.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hadviewer.analysis.roc import FloatArray, RankedCounts


@dataclass(frozen=True, eq=False)
class PrecisionRecall:
    """Share of the detected pixels that are targets (`precision`) and of targets found (`recall`), highest score first.

    The arrays have one length; a pixel is detected where its score is at least the threshold. Recall is NaN without
    targets.
    """

    precision: FloatArray
    recall: FloatArray
    thresholds: FloatArray

    def corners(self) -> "PrecisionRecall":
        """The same curve at those thresholds only where a target is found, and at the last before the next one is."""
        if not len(self.thresholds):
            return self
        changes = np.diff(self.recall) != 0
        keep = np.append(changes, True) | np.append(True, changes)
        return PrecisionRecall(self.precision[keep], self.recall[keep], self.thresholds[keep])


@dataclass(frozen=True)
class BestF1:
    """The mask of the highest F1 score: its threshold (the highest of equals) and how it agrees with the truth."""

    threshold: float
    f1: float
    precision: float
    recall: float
    iou: float
    mcc: float


NO_BEST = BestF1(*[math.nan] * 6)


def precision_recall(ranked: RankedCounts) -> PrecisionRecall:
    """Precision and recall at every distinct score."""
    detected = ranked.hits + ranked.alarms
    recall = ranked.hits / ranked.targets if ranked.targets else np.full(len(ranked.hits), np.nan)
    return PrecisionRecall(ranked.hits / np.maximum(detected, 1), recall, ranked.levels)


def best_f1(ranked: RankedCounts) -> BestF1:
    """The highest F1 score with intersection over union and Matthews' correlation there; NaN without targets."""
    if not ranked.targets:
        return NO_BEST
    f1 = 2 * ranked.hits / (ranked.hits + ranked.alarms + ranked.targets)
    best = int(f1.argmax())
    hits, alarms = int(ranked.hits[best]), int(ranked.alarms[best])
    return BestF1(
        threshold=float(ranked.levels[best]),
        f1=float(f1[best]),
        precision=hits / (hits + alarms),
        recall=hits / ranked.targets,
        iou=hits / (alarms + ranked.targets),
        mcc=matthews(hits, alarms, ranked.targets, ranked.background),
    )


def matthews(hits: int, alarms: int, targets: int, background: int) -> float:
    """Matthews' correlation of mask and truth, -1..1; 0 where mask or truth holds everything or nothing."""
    missed, quiet = targets - hits, background - alarms
    scale = math.sqrt(hits + alarms) * math.sqrt(targets) * math.sqrt(background) * math.sqrt(missed + quiet)
    return (hits * quiet - alarms * missed) / scale if scale else 0.0


def mask_agreement(mask: NDArray[np.bool_], truth: NDArray[np.bool_]) -> tuple[float, float, float, float]:
    """Precision, recall, intersection over union and Matthews' correlation of a mask with the truth of its shape."""
    hits, detected = int(np.count_nonzero(mask & truth)), int(np.count_nonzero(mask))
    targets = int(np.count_nonzero(truth))
    union = detected + targets - hits
    return (
        hits / detected if detected else math.nan,
        hits / targets if targets else math.nan,
        hits / union if union else math.nan,
        matthews(hits, detected - hits, targets, truth.size - targets),
    )
