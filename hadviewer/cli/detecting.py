"""The command detect: one run from flags or from a recipe, evaluated and written."""

import argparse
import os
from pathlib import Path
from typing import Any

from hadviewer.analysis.objects import UNCLEANED, Cleaning
from hadviewer.cli import tables
from hadviewer.cli.flags import given as typed
from hadviewer.cli.output import Output
from hadviewer.cli.signals import undisturbed
from hadviewer.cli.typed import merged
from hadviewer.core.context import Context
from hadviewer.core.corrections import Corrections
from hadviewer.core.cube import Cube, Scene
from hadviewer.core.errors import ParamError, ReadError, WriteError
from hadviewer.core.results import DetectionRequest, DetectionResult, Selection, TransformStep
from hadviewer.engine import catalog, verbs
from hadviewer.engine.benchmark import preset
from hadviewer.engine.describe import json_safe
from hadviewer.engine.detection import complete
from hadviewer.engine.export import check_formats, export_result
from hadviewer.engine.inputs import Inputs, make_again
from hadviewer.engine.objects import Detections, check_rule, find
from hadviewer.engine.recipe import differences, make_recipe, read_recipe
from hadviewer.engine.scope import read_selection

DEFAULT_FORMAT = "envi"
TABLE_FORMAT = "csv"
DECIDED_BY_A_RECIPE = (
    "detector",
    "preset",
    "param",
    "transform",
    "bands",
    "device",
    "seed",
    "entry",
    "option",
    "roi",
    "exclude",
    "background",
)


def detect(given: argparse.Namespace, out: Output) -> int:
    """Run a detector on a cube; evaluate where the truth is known; write where --out says."""
    formats = formats_to_write(given)
    inputs: Inputs = {}
    if given.recipe is not None:
        scene, request, made, remarks = _from_recipe(given)
        inputs = make_again(made, scene.cube)
    else:
        scene, request, remarks = _from_flags(given)
    request = complete(request, scene.cube)
    check_threshold(given, request)
    check_formats(formats, scene.cube, given.threshold is not None)
    with out.progress(catalog.detectors().get(request.detector).title) as reporter:
        result = verbs.detect(scene.cube, request, inputs=inputs, ctx=Context(reporter=reporter))
    figures = None if scene.truth is None else verbs.evaluate(result.scores, scene.truth).to_dict()
    found = find_objects(result, given, scene.cube)
    outputs = [] if given.out is None else _export(result, scene, found, given.out, formats)
    report = _report(result, scene, figures, outputs)
    report["detections"] = None if found is None else json_safe(found.to_dict())
    report["notes"] = [*remarks, *report["notes"]]
    if given.json:
        out.json(report)
        return 0
    out.facts(tables.result_facts(report))
    if found is not None and found.objects:
        out.text()
        out.table(tables.OBJECT_COLUMNS, tables.object_rows(found.objects), tables.objects_title(found))
    for note in dict.fromkeys([*report["notes"], *(report["evaluation"] or {}).get("notes", ())]):
        out.note(note)
    return 0


def check_threshold(given: argparse.Namespace, request: DetectionRequest) -> None:
    """Say what is wrong with --threshold before anything is computed."""
    if given.threshold is not None:
        rule, number = given.threshold
        check_rule(rule, number, request)
    elif unused := typed(given, ("smallest", "close_gaps")):
        flag = unused[0].replace("_", "-")
        raise ParamError(f"--{flag} is about objects, so --threshold must say how to find them.", field="threshold")


def find_objects(result: DetectionResult, given: argparse.Namespace, cube: Cube) -> Detections | None:
    """What --threshold, --smallest and --close-gaps find; None without a threshold."""
    if given.threshold is None:
        return None
    rule, number = given.threshold
    cleaning = Cleaning(minimum=given.smallest or 1, gap=given.close_gaps or 0)
    return find(result, rule, number, cleaning, cube)


def _export(
    result: DetectionResult, scene: Scene, found: Detections | None, folder: Path, formats: list[str]
) -> list[Path]:
    """Write the result with its mask and its objects, where there is a threshold."""
    threshold, cleaning = (None, UNCLEANED) if found is None else (found.threshold, found.cleaning)
    with undisturbed():
        return export_result(
            result, folder, formats, cube=scene.cube, threshold=threshold, cleaning=cleaning, truth=scene.truth
        )


def formats_to_write(given: argparse.Namespace) -> list[str]:
    """How to write the result; whatever is wrong with that is said before anything is computed.

    Where a threshold finds objects there is always a table of them.
    """
    if given.out is None:
        if given.format is not None:
            raise ParamError("--format says how to write the result, so --out must say where.", field="out")
        return []
    check_folder(given.out)
    names: list[str] = given.format if given.format is not None else [DEFAULT_FORMAT]
    for name in names:
        catalog.writers().get(name)
    return names if getattr(given, "threshold", None) is None else [*names, TABLE_FORMAT]


def check_folder(folder: Path) -> None:
    """Raise WriteError unless files can be written into this folder, which need not be there yet."""
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not there.is_dir():
        raise WriteError(f"{there} is a file.", hint="--out is a folder.")
    if not os.access(there, os.W_OK):
        raise WriteError(f"{there} cannot be written into.", hint="Choose another folder for --out.")


def _from_flags(given: argparse.Namespace) -> tuple[Scene, DetectionRequest, list[str]]:
    """What to open and run, and what to remark about it."""
    if given.file is None or given.detector is None:
        missing = "FILE, the cube" if given.file is None else "-d, the detector"
        raise ParamError(f"Something is missing: {missing}.", hint="See hadviewer detect --help.")
    detector, own = given.detector
    chosen = {} if given.preset is None else preset(catalog.detectors().get(detector), given.preset)
    request = DetectionRequest(
        detector=detector,
        params=chosen | merged([*own.items(), *(given.param or [])]),
        transforms=tuple(TransformStep(id=name, params=params) for name, params in given.transform or []),
        bands="usable" if given.bands is None else given.bands,
        device=given.device or "auto",
        seed=given.seed or 0,
    )
    options = merged(given.option or [])
    scene = verbs.open_scene(given.file, given.entry, truth=given.truth, options=options)
    return scene, request.model_copy(update=_selections(given, scene.cube)), []


def _selections(given: argparse.Namespace, cube: Cube) -> dict[str, Selection]:
    """What the regions named by flags are to the run."""
    named = {"inside": given.roi, "exclude": given.exclude, "background": given.background}
    return {role: read_selection(reference, cube) for role, reference in named.items() if reference is not None}


def _from_recipe(
    given: argparse.Namespace,
) -> tuple[Scene, DetectionRequest, dict[str, dict[str, Any]], list[str]]:
    """What to open, what to run on it with which inputs, and what to remark about it."""
    refused = typed(given, DECIDED_BY_A_RECIPE)
    if refused:
        raise ParamError(
            f"--{refused[0]} has no place beside --recipe, which decides it.",
            field=refused[0],
            hint="Give one of the two.",
        )
    recipe = read_recipe(given.recipe)
    origin = recipe.origin
    if given.file is not None:
        scene = verbs.open_scene(given.file, truth=given.truth)
        return scene, recipe.request, recipe.inputs, differences(recipe, scene.cube)
    elsewhere = "Give the file before --recipe."
    if origin is None:
        raise ReadError(f"{given.recipe} does not say which file the cube was in.", hint=elsewhere)
    if not origin.path.exists():
        raise ReadError(f"{origin.path}, for which {given.recipe} was written, does not exist.", hint=elsewhere)
    scene = verbs.open_scene(
        origin.path,
        origin.entry,
        truth=given.truth,
        options=origin.options,
        corrections=origin.corrections or Corrections(),
    )
    return scene, recipe.request, recipe.inputs, differences(recipe, scene.cube)


def _report(
    result: DetectionResult, scene: Scene, figures: dict[str, Any] | None, outputs: list[Path]
) -> dict[str, Any]:
    """What --json prints; ``recipe`` is the record itself, which --recipe takes when saved into a file."""
    request = result.request
    truth = scene.truth
    report = {
        "detector": request.detector,
        "params": request.params,
        "transforms": [step.model_dump(mode="json") for step in request.transforms],
        "bands": request.bands,
        "device": result.device,
        "seed": request.seed,
        "seconds": result.seconds,
        "shape": result.scores.shape,
        "invalid_pixels": result.invalid_pixels,
        "truth": None if truth is None else truth.name,
        "evaluation": figures,
        "notes": [*result.notes, *(truth.notes if truth is not None else ())],
        "outputs": outputs,
        "recipe": make_recipe(result),
    }
    plain: dict[str, Any] = json_safe(report)
    return plain
