"""The command fuse: score maps in files made one."""

import argparse
from typing import Any

from hadviewer.cli import tables
from hadviewer.cli.detecting import formats_to_write
from hadviewer.cli.output import Output
from hadviewer.cli.signals import undisturbed
from hadviewer.core.cube import Truth
from hadviewer.core.results import DetectionResult
from hadviewer.engine import verbs
from hadviewer.engine.describe import json_safe
from hadviewer.engine.export import check_stem, export_result, planned_files
from hadviewer.engine.fusing import fuse_files, placed_cube
from hadviewer.engine.recipe import make_recipe
from hadviewer.io.staging import refuse_source


def fuse(given: argparse.Namespace, out: Output) -> int:
    """Fuse score maps in files; evaluate them and what comes out where the truth is known; write where --out says."""
    formats = formats_to_write(given)
    _spare_the_maps(given, formats)
    result = fuse_files(given.maps, given.rule)
    rows, cols = result.scores.shape
    truth = None if given.truth is None else verbs.open_truth(given.truth, (rows, cols))
    outputs = []
    if given.out is not None:
        with undisturbed():
            cube = placed_cube(given.maps)
            outputs = export_result(result, given.out, formats, cube=cube, stem=given.name, truth=truth)
    report = json_safe(_report(result, truth) | {"outputs": outputs})
    if given.json:
        out.json(report)
        return 0
    out.facts(tables.fusion_facts(report))
    for note in dict.fromkeys([*report["notes"], *(report["evaluation"] or {}).get("notes", ())]):
        out.note(note)
    return 0


def _spare_the_maps(given: argparse.Namespace, formats: list[str]) -> None:
    """Raise ParamError for a name that is none, WriteError for one that a map to be fused already has."""
    check_stem(given.name)
    if given.out is not None:
        for target in planned_files(given.out, formats, given.name, mask=False, truth=given.truth is not None):
            for reference in given.maps:
                refuse_source(target, verbs.split_reference(reference)[0])


def _report(result: DetectionResult, truth: Truth | None) -> dict[str, Any]:
    """What --json prints; each map and the fusion with its area under the ROC curve."""
    compared = [None if truth is None else verbs.evaluate(scores, truth).auc_pd_pf for scores in result.extras.values()]
    return {
        "rule": result.request.params["rule"],
        "maps": [{"map": name, "auc": area} for name, area in zip(result.extras, compared, strict=True)],
        "shape": result.scores.shape,
        "invalid_pixels": result.invalid_pixels,
        "truth": None if truth is None else truth.name,
        "evaluation": None if truth is None else verbs.evaluate(result.scores, truth).to_dict(),
        "notes": [*result.notes, *(truth.notes if truth is not None else ())],
        "recipe": make_recipe(result),
    }
