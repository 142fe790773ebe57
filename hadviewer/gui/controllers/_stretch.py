"""The curves of the channels shown and what they were found from; functions for jobs."""

from dataclasses import dataclass

import numpy as np

from hadviewer.engine.display import Display
from hadviewer.engine.stretching import alike, curve_of
from hadviewer.render.planes import ScenePlanes
from hadviewer.render.samples import Sample, every, in_sight
from hadviewer.render.stretch import SAMPLE, Curve, Histogram, histogram
from hadviewer.render.tiling import Viewport

AFFORDABLE = 512 * 2**20
"""Bytes of a file that are read to know the extremes of large bands."""


@dataclass(frozen=True, eq=False)
class FoundStretch:
    """For each channel its curve, and how its values are distributed."""

    curves: tuple[Curve, ...]
    histograms: tuple[Histogram, ...]


def find_stretch(planes: ScenePlanes, plan: Display, view: Viewport | None = None) -> FoundStretch:
    """How the values of each channel become brightness, from a sample of the scene or of what ``view`` shows."""
    if plan.stretch.scope == "view" and view is not None:
        return _found(plan, in_sight(planes, plan.bands, view))
    samples = planes.sample(plan.bands)
    if plan.stretch.kind == "minmax" and planes.whole:
        return _between_extremes(planes, plan, samples)
    return _found(plan, samples)


def refine_stretch(planes: ScenePlanes, plan: Display, found: FoundStretch) -> FoundStretch:
    """The same from every value; what was found before where nobody could tell the difference."""
    if plan.stretch.kind == "minmax":
        exact = _between_extremes(planes, plan, planes.sample(plan.bands))
    else:
        exact = _found(plan, every(planes, plan.bands))
    pairs = zip(exact.curves, found.curves, strict=True)
    return found if all(alike(one.limits, other.limits) for one, other in pairs) else exact


def can_be_refined(planes: ScenePlanes, plan: Display) -> bool:
    """Whether a sample decided although all values are at hand, or, for their extremes, are quickly read."""
    rows, cols, count = planes.cube.shape
    stretch = plan.stretch
    if plan.components is not None or stretch.scope != "scene" or stretch.limits:
        return False
    if stretch.kind == "minmax":
        bands = count if planes.cube.source.order == "bip" else len(plan.bands)
        return not planes.whole and rows * cols * bands * planes.cube.dtype.itemsize <= AFFORDABLE
    return planes.whole and rows * cols > SAMPLE


def _between_extremes(planes: ScenePlanes, plan: Display, samples: list[Sample]) -> FoundStretch:
    ends = [planes.extremes(band) for band in plan.bands]
    return _found(plan, samples, [np.array(pair or (), dtype=np.float32) for pair in ends])


def _found(plan: Display, samples: list[Sample], deciding: list[Sample] | None = None) -> FoundStretch:
    """Curves from the ``deciding`` values, histograms from the samples."""
    curves = tuple(curve_of(plan.stretch, channel, values) for channel, values in enumerate(deciding or samples))
    return FoundStretch(
        curves, tuple(histogram(sample, curve.limits) for sample, curve in zip(samples, curves, strict=True))
    )
