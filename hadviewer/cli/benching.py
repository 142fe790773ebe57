"""The command bench: detectors on scenes with a truth, as tables and a picture that grow while it runs."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hadviewer.cli.detecting import check_folder
from hadviewer.cli.output import Output
from hadviewer.cli.signals import undisturbed
from hadviewer.core.cube import Scene
from hadviewer.core.errors import DetectorError, ParamError
from hadviewer.core.results import DetectionRequest, TransformStep
from hadviewer.engine.benchmark import Cell, Entrant, find_scenes, run_cell
from hadviewer.engine.benchmark_report import Report, write_picture, write_tables
from hadviewer.engine.describe import json_safe
from hadviewer.engine.published import compare, fingerprint


def bench(given: argparse.Namespace, out: Output) -> int:
    """Run every detector on every scene; 0 when each gave a figure, 4 when one failed."""
    check_folder(given.out)
    entrants = _entrants([pair for group in given.detectors for pair in group])
    steps = tuple(TransformStep(id=name, params=params) for name, params in given.transform or [])
    how = {"bands": given.bands, "device": given.device}
    requests = {entrant.label: entrant.request(steps, **how) for entrant in entrants}
    scenes, left_out = find_scenes(given.files)
    for sentence in left_out:
        out.note(sentence)
    report = Report(list(scenes), list(requests), steps, left_out)
    plain = {entrant.label: entrant.detector for entrant in entrants} if not steps else {}
    written: list[Path] = []
    try:
        for name, scene in scenes.items():
            _run_scene(name, scene, requests, report, given, out)
            if given.published:
                report.comparisons.extend(compare(name, scene, fingerprint(name, scene), report.cells_of(name), plain))
                _write(report, given.out)
    finally:
        if report.cells:
            with undisturbed():
                written = [*write_tables(report, given.out), write_picture(report, given.out)]
    _show(report, written, given.json, out)
    return DetectorError.exit_code if any(cell.problem for cell in report.cells) else 0


def _run_scene(
    name: str,
    scene: Scene,
    requests: dict[str, DetectionRequest],
    report: Report,
    given: argparse.Namespace,
    out: Output,
) -> None:
    """All detectors on one scene; the tables are written anew after each."""
    total = len(report.scenes) * len(requests)
    for label, request in requests.items():
        cell = run_cell(name, scene, label, request, given.seeds, out.progress)
        report.cells.append(cell)
        _write(report, given.out)
        out.reached(f"{len(report.cells)}/{total}  {name}  {label}  {_outcome(cell)}")


def _write(report: Report, folder: Path) -> None:
    with undisturbed():
        write_tables(report, folder)


def _entrants(typed: Sequence[tuple[str, dict[str, str]]]) -> list[Entrant]:
    """The detectors as they were typed, each once."""
    found: dict[str, Entrant] = {}
    for detector, params in typed:
        label = detector + (":" + ",".join(f"{key}={value}" for key, value in params.items()) if params else "")
        if label in found:
            raise ParamError(f"The detector {label} is given twice.", field="detectors")
        found[label] = Entrant(label, detector, params)
    return list(found.values())


def _outcome(cell: Cell) -> str:
    return cell.problem or f"{cell.text}  {cell.mean_seconds:.2f} s"


def _show(report: Report, written: Sequence[Path], as_json: bool, out: Output) -> None:
    if as_json:
        out.json(json_safe(_facts(report, written)))
        return
    rows = [[name, *_texts(report, name)] for name in report.scenes]
    rows.append(["mean", *(_mean(report, label) for label in report.entrants)])
    out.table(("Scene", *report.entrants), rows, "Area under the ROC curve:")
    compared = [item for item in report.comparisons if item.entrant]
    if compared:
        columns = ("Scene", "Detector", "Ours", "Published", "As", "Source", "Data")
        lines = [
            (
                *(item.scene, item.entrant, f"{item.ours:.4f}", f"{item.published.area:.4f}"),
                *(item.published.label, item.published.source, item.data),
            )
            for item in compared
        ]
        out.text()
        out.table(columns, lines, "Published figures:")
    out.text()
    out.facts([("Written", str(path)) for path in written])


def _texts(report: Report, scene: str) -> list[str]:
    return [cell.text for cell in report.cells_of(scene)]


def _mean(report: Report, label: str) -> str:
    mean, count = report.mean(label)
    return f"{mean:.4f}" if count else "–"


def _facts(report: Report, written: Sequence[Path]) -> dict[str, Any]:
    """What --json prints."""
    return {
        "transforms": [step.model_dump(mode="json") for step in report.transforms],
        "cells": [
            {
                "scene": cell.scene,
                "detector": cell.entrant,
                "auc_mean": cell.mean,
                "auc_std": cell.std,
                "auc": cell.areas,
                "seconds": cell.seconds,
                "device": cell.device,
                "problem": cell.problem or None,
                "notes": cell.notes,
            }
            for cell in report.cells
        ],
        "means": {label: report.mean(label)[0] for label in report.entrants},
        "left_out": list(report.left_out),
        "published": [
            {
                **vars(item.published),
                "scene": item.scene,
                "our_detector": item.entrant or None,
                "ours": item.ours,
                "difference": item.difference,
                "data": item.data,
            }
            for item in report.comparisons
        ],
        "outputs": list(written),
    }
