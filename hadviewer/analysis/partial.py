"""The part of the ROC curve that matters in a large scene: few false alarms."""

from dataclasses import dataclass

from hadviewer.analysis.roc import RocCurve

LIMITS = (1e-3, 1e-2, 1e-1)
LOWEST_FALSE_ALARM = 1e-4


@dataclass(frozen=True)
class PartialArea:
    """Area under the curve up to a false-alarm rate: as mean detection, and standardised by McClish.

    The standardised figure is 0.5 for chance and 1 for a perfect map at every limit. Source: D. K. McClish, "Analyzing
    a portion of the ROC curve", Medical Decision Making 9(3), 1989.
    """

    limit: float
    mean: float

    @property
    def mcclish(self) -> float:
        """The standardised area."""
        chance = self.limit**2 / 2
        return 0.5 * (1 + (self.mean * self.limit - chance) / (self.limit - chance))


def partial_areas(curve: RocCurve) -> tuple[PartialArea, ...]:
    """The partial area at each of `LIMITS`."""
    return tuple(PartialArea(limit, curve.partial_area(limit) / limit) for limit in LIMITS)


def log_area(curve: RocCurve, background: int) -> float:
    """Mean detection over the logarithm of the false-alarm rate, from 1e-4 or one pixel, the larger, to 1."""
    return curve.log_area(max(LOWEST_FALSE_ALARM, 1 / max(1, background)))
