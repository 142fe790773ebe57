"""From how a picture is to be stretched to the curve of each channel."""

import numpy as np
from numpy.typing import NDArray

from hadviewer.engine.display import StretchIntent
from hadviewer.render.stretch import (
    TAIL,
    Curve,
    Limits,
    deviations,
    equalised,
    gaussian,
    limits,
    linear,
    logarithm,
    square_root,
)


def curve_of(stretch: StretchIntent, channel: int, sample: NDArray[np.floating]) -> Curve:
    """How the values of a channel become brightness, from a sample of them; limits set by hand come first."""
    given = stretch.limits[channel] if channel < len(stretch.limits) else None
    match stretch.kind:
        case "manual":
            return linear(sample) if given is None else Curve(*given)
        case "minmax":
            return linear(sample, 0.0)
        case "deviation":
            return deviations(sample, stretch.sigmas)
        case "root":
            return square_root(given or limits(sample, stretch.percent))
        case "log":
            return logarithm(given or limits(sample, stretch.percent))
        case "equalise":
            return equalised(sample, given or limits(sample, TAIL))
        case "gaussian":
            return gaussian(sample, given or limits(sample, TAIL))
        case _:
            return linear(sample, stretch.percent)


def alike(one: Limits, other: Limits) -> bool:
    """Whether two limits give pictures that nobody can tell apart: less than a grey between them."""
    grey = abs(one[1] - one[0]) / 255
    return abs(one[0] - other[0]) < grey and abs(one[1] - other[1]) < grey
