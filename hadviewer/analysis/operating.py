"""Single points of the ROC curve: false alarms at a wanted detection, detection at allowed false alarms."""

import math
from dataclasses import dataclass

from hadviewer.analysis.confidence import UNKNOWN, Interval, clopper_pearson
from hadviewer.analysis.roc import RocCurve

DETECTIONS = (0.5, 0.8, 0.9, 0.95, 1.0)
FALSE_ALARMS = (1e-4, 1e-3, 1e-2)


@dataclass(frozen=True)
class OperatingPoint:
    """What is given (`asked`), what came (`value`), how many pixels that is of how many, and its exact interval.

    Only thresholds that exist count, so a value is never better than the map can do: with few targets the share found
    moves in large steps.
    """

    asked: float
    value: float
    pixels: int
    of: int
    interval: Interval

    @property
    def per_megapixel(self) -> float:
        """The value as pixels in a million."""
        return 1e6 * self.value


def false_alarms_at(curve: RocCurve, background: int, detection: float) -> OperatingPoint:
    """Smallest false-alarm rate that finds at least this share of the targets."""
    return _point(detection, curve.false_alarm_at(detection), background)


def detection_at(curve: RocCurve, targets: int, false_alarm: float) -> OperatingPoint:
    """Largest share of targets found without exceeding this false-alarm rate."""
    return _point(false_alarm, curve.detection_at(false_alarm), targets)


def _point(asked: float, value: float, of: int) -> OperatingPoint:
    if math.isnan(value):
        return OperatingPoint(asked, value, 0, of, UNKNOWN)
    pixels = round(value * of)
    return OperatingPoint(asked, value, pixels, of, clopper_pearson(pixels, of))
