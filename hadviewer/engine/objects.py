"""The objects that a threshold makes of a result: chosen by a rule, described."""

from dataclasses import asdict, dataclass
from typing import Any

from hadviewer.analysis.objects import UNCLEANED, Cleaning, DetectedObject, describe_objects
from hadviewer.analysis.thresholds import RULES, ThresholdRule, apply
from hadviewer.core.cube import Cube
from hadviewer.core.errors import ParamError
from hadviewer.core.results import DetectionRequest, DetectionResult
from hadviewer.engine import catalog


@dataclass(frozen=True)
class Detections:
    """A threshold, the rule and number it came from, and the objects above it after the ``cleaning``."""

    rule: str
    argument: float | None
    threshold: float
    cleaning: Cleaning
    objects: tuple[DetectedObject, ...]

    def to_dict(self) -> dict[str, Any]:
        """Everything by name, for JSON."""
        plain = asdict(self)
        return {**plain.pop("cleaning"), **plain}


def check_rule(rule: str, argument: float | None, request: DetectionRequest) -> ThresholdRule:
    """The rule of this name; raises ParamError where it, its number or the detector makes no sense."""
    if rule not in RULES:
        raise ParamError(f"There is no threshold rule {rule!r}. Known: {', '.join(RULES)}.", field="threshold")
    found = RULES[rule]
    if argument is not None and not found.argument:
        raise ParamError(f"The threshold rule {rule} takes no number.", field="threshold")
    if argument is not None and not found.low <= argument <= found.high:
        reach = f"from {found.low:g} to {found.high:g}"
        raise ParamError(f"{found.argument} of the rule {rule} lies {reach}, not at {argument:g}.", field="threshold")
    if found.needs_dof and (request.transforms or not catalog.detectors().get(request.detector).chi_square):
        raise ParamError(
            f"The rule {rule} is for squared Mahalanobis distances, which {request.detector} does not give here.",
            field="threshold",
            hint="Choose gpd for a false-alarm probability with any detector.",
        )
    return found


def find(
    result: DetectionResult,
    rule: str,
    argument: float | None = None,
    cleaning: Cleaning = UNCLEANED,
    cube: Cube | None = None,
) -> Detections:
    """Objects of a result above the threshold that a rule chooses; ``cube`` lends the map coordinates.

    Nothing is found where the rule finds no threshold: it is infinite then. Raises ParamError as ``check_rule``.
    """
    chosen = check_rule(rule, argument, result.request)
    number = None if not chosen.argument else chosen.default if argument is None else argument
    threshold = chosen.choose(result.scores, number, int(result.provenance.get("bands_used", 1)))
    mask = apply(result.scores, threshold)
    labels = cleaning.labels(mask, result.valid)
    objects = describe_objects(labels, result.scores, None if cube is None else cube.geo)
    return Detections(rule, number, threshold, cleaning, tuple(objects))
