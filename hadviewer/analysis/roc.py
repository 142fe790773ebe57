"""Exact receiver operating characteristic of a score map against a truth mask.

Everything here depends on the order of the scores only, so it does not change under any increasing map of the scores.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RocCurve:
    """Share of background kept (`false_alarm`) and of targets found (`detection`) at each distinct threshold.

    The three arrays have one length. The first point is (0, 0) at an infinite threshold, the last (1, 1) at the lowest
    score; a pixel is detected where its score is at least the threshold. An axis without pixels of its class is NaN.
    """

    false_alarm: FloatArray
    detection: FloatArray
    thresholds: FloatArray

    def corners(self) -> "RocCurve":
        """The same polyline without the points that lie inside a horizontal or vertical run."""
        if len(self.thresholds) < 3:
            return self
        flat = [np.diff(axis) == 0 for axis in (self.false_alarm, self.detection)]
        inside = np.logical_or.reduce([run[:-1] & run[1:] for run in flat])
        keep = np.concatenate([[True], ~inside, [True]])
        return RocCurve(self.false_alarm[keep], self.detection[keep], self.thresholds[keep])

    def detection_at(self, false_alarm: float) -> float:
        """Largest share of targets found without exceeding a false-alarm rate; never interpolated upward."""
        allowed = self.false_alarm <= false_alarm
        return float(self.detection[allowed].max()) if allowed.any() else float("nan")

    def false_alarm_at(self, detection: float) -> float:
        """Smallest false-alarm rate that finds at least this share of the targets, at a threshold that exists."""
        enough = self.detection >= detection
        return float(self.false_alarm[enough].min()) if enough.any() else float("nan")

    def partial_area(self, limit: float) -> float:
        """Area under the curve from false-alarm rate 0 to `limit`, at most `limit`; ties are straight lines."""
        x, y = self.false_alarm, self.detection
        if np.isnan(x[0]):
            return float("nan")
        inside = int(np.searchsorted(x, limit, side="right"))
        if inside < len(x):
            end = np.interp(limit, x[inside - 1 : inside + 1], y[inside - 1 : inside + 1])
            x, y = np.append(x[:inside], limit), np.append(y[:inside], end)
        return float(np.dot(np.diff(x), y[1:] + y[:-1]) / 2)

    def log_area(self, lowest: float) -> float:
        """Mean detection over the logarithm of the false-alarm rate, from `lowest` (above 0) to 1."""
        if not 0 < lowest < 1 or np.isnan(self.false_alarm[0]):
            return float("nan")
        # Where the curve leaps, interpolation takes one of the points; the leap has no width.
        x, y = self.false_alarm, self.detection
        start = int(np.searchsorted(x, lowest, side="right"))
        first = np.interp(lowest, x[start - 1 : start + 1], y[start - 1 : start + 1])
        x, y = np.append(lowest, x[start:]), np.append(first, y[start:])
        width = np.diff(x)
        slope = np.divide(np.diff(y), width, out=np.zeros_like(width), where=width > 0)
        area = np.dot(y[:-1] - slope * x[:-1], np.log(x[1:] / x[:-1])) + np.dot(slope, width)
        return float(area / -np.log(lowest))


@dataclass(frozen=True, eq=False)
class LabelledScores:
    """The pixels that count: scores as float64, which of them are targets, and how many had no score (NaN).

    A pixel without a score is given the lowest score of the others: a detector gains nothing by leaving pixels out.
    """

    values: FloatArray
    target: NDArray[np.bool_]
    nan_pixels: int

    @classmethod
    def of(cls, scores: ArrayLike, truth: ArrayLike, ignore: ArrayLike | None = None) -> "LabelledScores":
        """Flatten scores and truth of one shape (any number of axes), leaving out the pixels where `ignore` is true.

        Raises ValueError when the shapes differ.
        """
        values = np.asarray(scores, dtype=np.float64)
        target = np.asarray(truth).astype(bool)
        if values.shape != target.shape:
            raise ValueError(f"The scores have shape {values.shape} but the truth has shape {target.shape}.")
        if ignore is not None:
            left_out = np.asarray(ignore).astype(bool)
            if left_out.shape != values.shape:
                raise ValueError(f"The scores have shape {values.shape} but the ignored area {left_out.shape}.")
            values, target = values[~left_out], target[~left_out]
        values = values.ravel()
        missing = np.isnan(values)
        if missing.any():
            lowest = 0.0 if missing.all() else float(values[~missing].min())
            values = np.where(missing, lowest, values)
        return cls(values, target.ravel(), int(missing.sum()))


@dataclass(frozen=True, eq=False)
class RankedCounts:
    """Targets and background pixels at or above each distinct score, highest first, as exact whole numbers."""

    hits: NDArray[np.int64]
    alarms: NDArray[np.int64]
    levels: FloatArray

    @classmethod
    def of(cls, labelled: LabelledScores) -> "RankedCounts":
        order = np.argsort(labelled.values, kind="stable")[::-1]
        values, target = labelled.values[order], labelled.target[order]
        last_of_tie = np.flatnonzero(np.append(values[1:] != values[:-1], True)) if values.size else np.zeros(0, int)
        hits = np.cumsum(target, dtype=np.int64)[last_of_tie]
        return cls(hits, last_of_tie + 1 - hits, values[last_of_tie])

    @property
    def targets(self) -> int:
        return int(self.hits[-1]) if self.hits.size else 0

    @property
    def background(self) -> int:
        return int(self.alarms[-1]) if self.alarms.size else 0

    def curve(self) -> RocCurve:
        """The exact curve, one point for each distinct score."""
        start = np.zeros(1)
        return RocCurve(
            _share(np.concatenate([start, self.alarms]), self.background),
            _share(np.concatenate([start, self.hits]), self.targets),
            np.concatenate([[np.inf], self.levels]),
        )

    def area(self) -> float:
        """Probability that a target scores above a background pixel, a tie counting one half (as by mid-ranks)."""
        if not (self.targets and self.background):
            return float("nan")
        new_alarms = np.diff(self.alarms, prepend=0)
        hits_before = np.concatenate([np.zeros(1, np.int64), self.hits[:-1]])
        twice_won = int(np.dot(new_alarms, hits_before + self.hits))
        return twice_won / (2 * self.targets * self.background)

    def average_precision(self) -> float:
        """Mean precision over the recall steps, without interpolation; NaN when there is no target."""
        if not self.targets:
            return float("nan")
        precision = self.hits / (self.hits + self.alarms)
        return float(np.dot(np.diff(self.hits, prepend=0), precision) / self.targets)


def roc_curve(scores: ArrayLike, truth: ArrayLike, ignore: ArrayLike | None = None) -> RocCurve:
    """Detection against false alarm for every distinct score, ties taken together.

    `scores` and `truth` share one shape; a true (non-zero) truth pixel is a target; `ignore` marks pixels that do not
    count. NaN scores count as the lowest score. Raises ValueError when the shapes differ.
    """
    return RankedCounts.of(LabelledScores.of(scores, truth, ignore)).curve()


def auc(scores: ArrayLike, truth: ArrayLike, ignore: ArrayLike | None = None) -> float:
    """Area under the ROC curve: 1 separates perfectly, 0.5 is chance (also a constant map), NaN with one class only."""
    return RankedCounts.of(LabelledScores.of(scores, truth, ignore)).area()


def _share(counts: NDArray[Any], total: int) -> FloatArray:
    return counts / total if total else np.full(len(counts), np.nan)
