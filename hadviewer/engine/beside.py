"""The maps that a detector leaves beside its scores, as results of their own."""

from dataclasses import replace

import numpy as np

from hadviewer.core.errors import ParamError
from hadviewer.core.results import DetectionResult


def maps_beside(result: DetectionResult) -> tuple[str, ...]:
    """The names of its extras that have a value for each pixel."""
    return tuple(name for name, array in result.extras.items() if np.shape(array) == result.scores.shape)


def map_beside(result: DetectionResult, name: str) -> DetectionResult:
    """One of these maps as a result, to be thresholded, compared and exported; no recipe gives it alone."""
    if name not in maps_beside(result):
        raise ParamError(f"This result has no map {name!r} beside it.", field="name")
    scores = np.array(result.extras[name], dtype=np.float32)
    valid = result.valid & np.isfinite(scores)
    scores[~valid] = np.nan
    note = f"The map {name!r} that the run leaves beside its scores: no recipe gives it alone."
    provenance = {**result.provenance, "repeatable": False, "beside": name}
    return replace(result, scores=scores, valid=valid, notes=(note,), extras={}, provenance=provenance)
