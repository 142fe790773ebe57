"""Arrays that the user hands a detector beside the cube, such as the superpixels on the screen, and how they came.

A recipe keeps how they came, not the arrays: from the same cube the same are made again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.context import Context
from hadviewer.core.cube import Cube
from hadviewer.core.errors import ReadError
from hadviewer.core.params import parse
from hadviewer.core.results import DetectionRequest, DetectionResult
from hadviewer.engine import detection
from hadviewer.engine.scope import scope_of

SEGMENTS = "segments"


@dataclass(frozen=True, eq=False)
class Handed:
    """An array (rows, cols) for a detector, and the parameters that make it again from the cube."""

    array: NDArray[Any]
    options: Mapping[str, Any]


Inputs = Mapping[str, Handed]


def run_with(request: DetectionRequest, cube: Cube, inputs: Inputs, ctx: Context) -> DetectionResult:
    """Run a detection with arrays handed in; the result's provenance names them with their parameters."""
    region = scope_of(request, cube).window
    ctx.inputs |= {name: handed.array[region.slices] for name, handed in inputs.items()}
    result = detection.run(request, cube, ctx)
    if not inputs:
        return result
    made = {name: dict(handed.options) for name, handed in inputs.items()}
    return replace(result, provenance={**result.provenance, "inputs": made})


def make_again(made: Mapping[str, Mapping[str, Any]], cube: Cube) -> Inputs:
    """The arrays that a recipe names, made from the cube; raises ReadError for one that this program does not know."""
    from hadviewer.engine.superpixel_tasks import SuperpixelParams, segment
    from hadviewer.engine.tasks import CubeReference

    inputs: dict[str, Handed] = {}
    for name, options in made.items():
        if name != SEGMENTS:
            raise ReadError(f"The recipe asks for the input {name!r}, which this program cannot make.")
        params = parse(SuperpixelParams, options)
        labels, _, _ = segment(CubeReference.of(cube), segmented_bands(cube), params, None, Context())
        inputs[name] = Handed(labels, params.model_dump())
    return inputs


def segmented_bands(cube: Cube) -> NDArray[np.intp]:
    """The bands that superpixels are made from: the usable ones, all where none is."""
    usable = cube.bands.usable_index()
    return usable if len(usable) else np.arange(cube.shape[2])
