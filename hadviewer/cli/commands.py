"""The short commands: info, evaluate, demo."""

import argparse
from pathlib import Path
from typing import Any

from hadviewer.cli import tables
from hadviewer.cli.output import Output
from hadviewer.cli.signals import undisturbed
from hadviewer.cli.typed import merged
from hadviewer.core.errors import ReadError
from hadviewer.engine import verbs
from hadviewer.engine.describe import describe_library, describe_scene, json_safe
from hadviewer.engine.libraries import is_library, open_library


def info(given: argparse.Namespace, out: Output) -> int:
    """Tell what a file holds; one without a cube still has its arrays listed."""
    if given.entry is None and given.truth is None and is_library(Path(given.file)):
        return _library_info(given, out)
    known = verbs.recognise(Path(given.file).expanduser())
    entries = known[1]
    described: dict[str, Any] = {"path": str(given.file)}
    if given.entry is not None or given.truth is not None or any(entry.role == "cube" for entry in entries):
        options = merged(given.option or [])
        scene = verbs.open_scene(given.file, given.entry, truth=given.truth, options=options, known=known)
        described = describe_scene(scene)
    elif not entries:
        raise ReadError(f"{given.file} holds nothing that could be opened.")
    described["entries"] = [json_safe(vars(entry)) for entry in entries]
    if given.json:
        out.json(described)
        return 0
    out.facts(tables.scene_facts(described))
    if len(entries) > 1 or "shape" not in described:
        out.text()
        out.table(tables.ENTRY_COLUMNS, tables.entry_rows(entries), "Arrays in this file (choose with --entry):")
    for note in described.get("notes", ()):
        out.note(note)
    return 0


def _library_info(given: argparse.Namespace, out: Output) -> int:
    described = describe_library(open_library(given.file))
    if given.json:
        out.json(described)
        return 0
    out.facts(tables.library_facts(described))
    out.text()
    out.table(("Spectrum",), [(name,) for name in described["names"]], "Spectra in this library:")
    for note in described["notes"]:
        out.note(note)
    return 0


def evaluate(given: argparse.Namespace, out: Output) -> int:
    """Compare a score map in a file with the truth."""
    scores = verbs.open_map(given.scores)
    truth = verbs.open_truth(given.truth, (scores.shape[0], scores.shape[1]))
    evaluation = verbs.evaluate(scores, truth)
    figures = evaluation.to_dict()
    if given.json:
        facts = {"scores": given.scores, "truth": given.truth, "shape": list(scores.shape), "evaluation": figures}
        out.json(json_safe(facts))
        return 0
    out.facts(tables.evaluation_facts(figures))
    for note in (*truth.notes, *evaluation.notes):
        out.note(note)
    return 0


def demo(given: argparse.Namespace, out: Output) -> int:
    """Write the demo scene into a folder."""
    from hadviewer.engine.demo import truth_path, write_demo

    with undisturbed():
        header = write_demo(given.out)
    truth = truth_path(header)
    if given.json:
        out.json({"cube": str(header), "truth": str(truth)})
        return 0
    out.facts([("Cube", str(header)), ("Truth", str(truth))])
    out.text()
    out.text(f"Try: hadviewer detect {header} -d grx --truth {truth}")
    return 0
