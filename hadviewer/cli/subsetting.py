"""The command subset: a part of a cube as a file of its own."""

import argparse

from hadviewer.cli.detecting import check_folder
from hadviewer.cli.output import Output
from hadviewer.cli.typed import merged
from hadviewer.core import runs as runs_of
from hadviewer.core.context import Context
from hadviewer.core.errors import ParamError
from hadviewer.core.params import parse
from hadviewer.engine import verbs
from hadviewer.engine.cube_export import CubeExportParams, check_target, cut, export_cube
from hadviewer.engine.describe import json_safe
from hadviewer.engine.scope import read_selection

ENDS = ("first_line", "last_line", "first_sample", "last_sample")


def subset(given: argparse.Namespace, out: Output) -> int:
    """Write the part of a cube that the flags ask for."""
    if given.mask and given.roi is None:
        raise ParamError("--mask is about what lies around a region, so --roi must name one.", field="mask")
    params = parse(CubeExportParams, {name: getattr(given, name) for name in CubeExportParams.model_fields})
    target = given.target.expanduser()
    check_folder(target.parent)
    cube = verbs.open_cube(given.file, given.entry, options=merged(given.option or []))
    check_target(target, cube)
    region = None if given.roi is None else runs_of.from_text(read_selection(given.roi, cube).pixels)
    part = cut(cube, params, region)
    with out.progress(f"Write {target.name}") as reporter:
        files = export_cube(cube, target, params, region, Context(reporter=reporter))
    rows, cols, bands = part.shape
    if given.json:
        window = dict(zip(ENDS, _ends(part.window, params.first), strict=True))
        facts = {"source": given.file, "outputs": files, "shape": part.shape, "dtype": part.dtype.name, **window}
        out.json(json_safe({**facts, "bands": (part.index + 1).tolist(), "nodata": part.nodata}))
        return 0
    out.facts(
        [
            ("Written", ", ".join(str(file) for file in files)),
            ("Size", f"{rows} lines × {cols} samples × {bands} bands, {part.dtype.name}"),
        ]
    )
    return 0


def _ends(window: tuple[int, int, int, int], first: int) -> tuple[int, int, int, int]:
    """First and last line, first and last sample, as the user counts them."""
    row0, row1, col0, col1 = window
    return row0 + first, row1 - 1 + first, col0 + first, col1 - 1 + first
