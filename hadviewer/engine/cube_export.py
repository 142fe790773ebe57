"""A part of a cube into a file of its own: which pixels and bands, as what values, in which format."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from hadviewer.core import runs as runs_of
from hadviewer.core.bands import select_bands
from hadviewer.core.context import Context
from hadviewer.core.cube import Cube, Window
from hadviewer.core.errors import ParamError, WriteError
from hadviewer.core.params import Params, field
from hadviewer.core.runs import Runs
from hadviewer.io.staging import refuse_source
from hadviewer.io.writers._igm import igm_targets
from hadviewer.io.writers.cube_part import CubePart

if TYPE_CHECKING:
    from hadviewer.engine.tasks import CubeReference

ENDINGS = {".hdr": "ENVI", ".tif": "GeoTIFF"}
"""What is written, by the ending of the file's name."""
_RANGE = re.compile(r"\s*(\d{1,9})\s*(?:-\s*(\d{1,9})\s*)?")


class CubeExportParams(Params):
    """What of a cube is written, and how."""

    lines: str = field("", "Lines", help="A range such as 1-200, both included; all where nothing is given.")
    samples: str = field("", "Samples", help="A range such as 1-200, both included; all where nothing is given.")
    first: Literal[0, 1] = field(1, "Counted from", help="The number of the first line and of the first sample.")
    bands: str = field(
        "usable", "Bands", help="usable leaves bad bands out; all keeps them, marked as bad; or 1-50,60 or 450-900nm."
    )
    values: Literal["raw", "scaled"] = field(
        "raw", "Values", help="raw: as the file has them, with their scale; scaled: physical values as 32-bit floats."
    )
    interleave: Literal["bsq", "bil", "bip"] = field(
        "bsq", "Interleave", help="Order of the values in an ENVI file: by band, by line or by pixel."
    )
    mask: bool = field(
        False, "No data outside", help="Pixels that lie around the region, not in it, are written as no data."
    )


def cut(cube: Cube, params: CubeExportParams, region: Runs | None = None) -> CubePart:
    """The part that is asked for; with a ``region``, the smallest rectangle around it. Raises ParamError."""
    rows, cols, _ = cube.shape
    row0, row1 = _range(params.lines, rows, "lines", params.first)
    col0, col1 = _range(params.samples, cols, "samples", params.first)
    inside = None
    if region is not None:
        clipped = runs_of.clipped(region, (row0, row1, col0, col1))
        box = runs_of.bounds(clipped)
        if box is None:
            raise ParamError("The region has no pixel in these lines and samples.", field="lines")
        row0, row1, col0, col1 = box
        inside = clipped if params.mask else None
    index = np.asarray(select_bands(params.bands, cube.bands), dtype=np.intp)
    return CubePart(cube, Window(row0, row1, col0, col1), index, params.values == "scaled", inside)


def check_target(path: Path, cube: Cube) -> list[Path]:
    """The files that will be written. Raises WriteError for a name that says no format, or that the cube itself has."""
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise WriteError(f"{path.name} does not say what to write.", hint="Call it .hdr for ENVI, or .tif for GeoTIFF.")
    files = [path, path.with_suffix(".dat"), *igm_targets(path, cube.geo)] if ending == ".hdr" else [path]
    for file in files:
        refuse_source(file, cube.path)
        refuse_source(file, cube.origin.path if cube.origin is not None else None)
    return files


def export_cube(
    cube: Cube,
    path: Path,
    params: CubeExportParams | None = None,
    region: Runs | None = None,
    ctx: Context | None = None,
) -> list[Path]:
    """Write a part of a cube as ENVI (.hdr) or GeoTIFF (.tif), piece by piece; returns the files.

    Raises ParamError, WriteError, ReadError, or Cancelled; nothing is left behind then.
    """
    params = params or CubeExportParams()
    check_target(path, cube)
    part = cut(cube, params, region)
    if path.suffix.lower() == ".tif":
        from hadviewer.io.writers.geotiff_cube import write_geotiff_part

        return write_geotiff_part(path, part, ctx or Context())
    from hadviewer.io.writers.envi_cube import write_envi_part

    return write_envi_part(path, part, ctx or Context(), params.interleave)


def export_cube_task(
    reference: "CubeReference", path: Path, params: CubeExportParams, region: Runs | None, ctx: Context
) -> list[Path]:
    """``export_cube`` in the worker process."""
    return export_cube(reference.open(), path, params, region, ctx)


def _range(text: str, count: int, name: str, origin: int) -> tuple[int, int]:
    """'11-20' as (10, 20) when counted from 1; all of ``count`` where nothing is given."""
    if not text.strip():
        return 0, count
    match = _RANGE.fullmatch(text)
    if not match:
        raise ParamError(f"{text!r} is no range of {name}.", field=name, hint="Use for example 1-200.")
    first, last = int(match[1]), int(match[2] or match[1])
    if not origin <= first <= last < count + origin:
        raise ParamError(f"{text!r} does not lie inside {name} {origin}-{count - 1 + origin}.", field=name)
    return first - origin, last - origin + 1
