"""The command report: one web page about a scene and what detectors find in it, or about a saved session."""

import argparse
from itertools import chain
from pathlib import Path

from hadviewer.cli.detecting import check_folder, check_threshold, find_objects
from hadviewer.cli.flags import given as typed
from hadviewer.cli.output import Output
from hadviewer.cli.signals import undisturbed
from hadviewer.cli.typed import merged
from hadviewer.core.colours import CATEGORIES
from hadviewer.core.context import Context
from hadviewer.core.cube import Cube, Scene
from hadviewer.core.errors import ParamError, ReadError, WriteError
from hadviewer.core.results import DetectionRequest, DetectionResult
from hadviewer.engine import catalog, verbs
from hadviewer.engine.benchmark import entrant
from hadviewer.engine.describe import json_safe
from hadviewer.engine.detection import complete
from hadviewer.engine.inputs import Inputs, make_again
from hadviewer.engine.recipe import differences, read_recipe
from hadviewer.engine.report import Reported, reported_of, write_report
from hadviewer.engine.session_file import is_session, open_session

DECIDED_BY_A_SESSION = (
    *("detectors", "recipe", "entry", "option", "truth", "bands", "device", "seed"),
    *("threshold", "smallest", "close_gaps"),
)
ENDINGS = (".html", ".htm")


def report(given: argparse.Namespace, out: Output) -> int:
    """Write the page that File > Report writes."""
    target = given.target.expanduser()
    if target.suffix.lower() not in ENDINGS:
        raise WriteError(f"A report is a web page, which {target.name} is not called.", hint="End its name in .html.")
    check_folder(target.parent)
    source = Path(given.file).expanduser()
    notes: list[str] = []
    intent = None
    if is_session(source):
        if refused := typed(given, DECIDED_BY_A_SESSION):
            flag = refused[0].replace("_", "-")
            raise ParamError(f"--{flag} has no place beside a session, which decides it.", field=refused[0])
        state = open_session(source).state
        if state.scene is None:
            raise ReadError(f"{source.name} is a session without a scene.")
        scene, results, intent = state.scene, reported_of(state), state.display
    else:
        options = merged(given.option or [])
        scene = verbs.open_scene(given.file, given.entry, truth=given.truth, options=options)
        results, notes = _detected(given, scene, out)
    with undisturbed():
        write_report(target, scene.cube, results, scene.truth, intent)
    _tell(target, scene, results, notes, given.json, out)
    return 0


def _detected(given: argparse.Namespace, scene: Scene, out: Output) -> tuple[list[Reported], list[str]]:
    """The results of all detectors and recipes that were named, and remarks about recipes."""
    wanted, notes = _wanted(given, scene.cube)
    for _, request, _ in wanted:
        check_threshold(given, request)
    results = []
    for number, (title, request, inputs) in enumerate(wanted):
        with out.progress(title) as reporter:
            result = verbs.detect(scene.cube, request, inputs=inputs, ctx=Context(reporter=reporter))
        colour = CATEGORIES[number % len(CATEGORIES)]
        results.append(_reported(title, result, colour, given, scene.cube))
    return results, notes


def _wanted(given: argparse.Namespace, cube: Cube) -> tuple[list[tuple[str, DetectionRequest, Inputs]], list[str]]:
    """What to run under which title, complete, so that nothing is computed where something is wrong."""
    wanted: list[tuple[str, DetectionRequest, Inputs]] = []
    notes: list[str] = []
    bands, device, seed = given.bands or "usable", given.device or "auto", given.seed or 0
    for one in chain.from_iterable(given.detectors or []):
        made = entrant(one)
        wanted.append((made.label, complete(made.request(bands=bands, device=device, seed=seed), cube), {}))
    for path in given.recipe or []:
        recipe = read_recipe(path)
        notes += differences(recipe, cube)
        title = catalog.detectors().get(recipe.request.detector).title
        wanted.append((title, complete(recipe.request, cube), make_again(recipe.inputs, cube)))
    if not wanted:
        raise ParamError("Nothing is to be run: name detectors with -d, or recipes.", field="detectors")
    return wanted, list(dict.fromkeys(notes))


def _reported(title: str, result: DetectionResult, colour: str, given: argparse.Namespace, cube: Cube) -> Reported:
    found = find_objects(result, given, cube)
    if found is None:
        return Reported(title, result, colour)
    rule = found.rule if found.argument is None else f"{found.rule}={found.argument:g}"
    return Reported(title, result, colour, found.threshold, found.cleaning, rule)


def _tell(target: Path, scene: Scene, results: list[Reported], notes: list[str], as_json: bool, out: Output) -> None:
    for note in notes:
        out.note(note)
    if as_json:
        titles = [item.title for item in results]
        out.json(json_safe({"report": target, "scene": scene.cube.name, "results": titles, "notes": notes}))
        return
    out.facts([("Report", str(target)), ("Results", ", ".join(item.title for item in results))])
