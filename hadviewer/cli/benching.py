"""The command bench: detectors on scenes with a truth, as tables and a picture that grow while it runs."""

import argparse
import math
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

from hadviewer.cli.detecting import check_folder
from hadviewer.cli.output import Output
from hadviewer.cli.signals import undisturbed
from hadviewer.core.cube import Scene
from hadviewer.core.errors import DetectorError, ParamError
from hadviewer.core.results import DetectionRequest, TransformStep
from hadviewer.engine.benchmark import SEED_STEP, Entrant, entrant, find_scenes, run_once
from hadviewer.engine.benchmark_report import Report, write_picture, write_tables
from hadviewer.engine.benchmark_runs import Cell, read_runs
from hadviewer.engine.describe import json_safe
from hadviewer.engine.published import fingerprint


def bench(given: argparse.Namespace, out: Output) -> int:
    """Run every detector on every scene; 0 when each gave a figure, 4 when one failed."""
    check_folder(given.out)
    kept = read_runs(given.out)
    if not given.files and not given.detectors and kept:
        report = Report.of(kept, compared=given.published)
        _show(report, _write_all(report, given.out), given.json, out)
        return 0
    requests = _requests(given)
    scenes, left_out = find_scenes(given.files)
    for sentence in left_out:
        out.note(sentence)
    report = Report.of(kept, scenes, requests, left_out, given.published)
    _drop_outdated(report, scenes, requests, given)
    written: list[Path] = []
    try:
        for number, (name, label) in enumerate(product(scenes, requests), start=1):
            taken_over = _run_cell(name, scenes[name], label, requests[label], report, given, out)
            cell = report.cell(name, label)
            out.reached(f"{number}/{len(scenes) * len(requests)}  {name}  {label}  {_outcome(cell)}{taken_over}")
    finally:
        if report.runs:
            written = _write_all(report, given.out)
    _show(report, written, given.json, out)
    asked = [report.cell(name, label) for name in scenes for label in requests]
    return DetectorError.exit_code if any(cell.problem for cell in asked) else 0


def _requests(given: argparse.Namespace) -> dict[str, DetectionRequest]:
    """What to ask of the engine for each column; raises ParamError for what no scene could make right."""
    missing = [name for name, value in (("FILE", given.files), ("-d", given.detectors)) if not value]
    if missing:
        hint = f"Without both, {given.out} must have runs.csv. See hadviewer bench --help."
        raise ParamError(f"Something is missing: {' and '.join(missing)} (-d/--detectors).", hint=hint)
    before = [TransformStep(id=name, params=params) for name, params in given.transform or []]
    found: dict[str, Entrant] = {}
    for typed in (one for group in given.detectors for one in group):
        made = entrant(typed, before, given.bands)
        if made.label in found:
            raise ParamError(f"The detector {made.label} is given twice.", field="detectors")
        found[made.label] = made
    return {label: made.request(bands=given.bands, device=given.device) for label, made in found.items()}


def _drop_outdated(
    report: Report, scenes: Mapping[str, Scene], requests: Mapping[str, DetectionRequest], given: argparse.Namespace
) -> None:
    """Forget the runs that are to be made again: where that is asked for, on other data, and those that failed."""
    kinds = ("cpu", "cuda", "mps") if given.device == "auto" else (given.device,)
    for run in list(report.runs):
        if run.scene not in scenes or run.entrant not in requests:
            continue
        lines, samples, _ = scenes[run.scene].cube.shape
        same = (run.lines, run.samples) == (lines, samples) and run.device.startswith(kinds)
        if given.again or run.problem or not same:
            report.runs.remove(run)


def _run_cell(
    name: str,
    scene: Scene,
    label: str,
    request: DetectionRequest,
    report: Report,
    given: argparse.Namespace,
    out: Output,
) -> str:
    """A detector on a scene with every seed that is not done; the tables are written anew after each run.

    Returns a word for the user where nothing was to be done.
    """
    known = {run.seed for run in report.cell(name, label).runs}
    for seed in range(0, given.seeds * SEED_STEP, SEED_STEP):
        cell = report.cell(name, label)
        if cell.settled or cell.problem:
            break
        if seed not in known:
            report.runs.append(run_once(name, scene, label, request.model_copy(update={"seed": seed}), out.progress))
            _write(report, given.out)
    runs = report.cell(name, label).runs
    if given.published and any(math.isnan(run.fingerprint) for run in runs):
        report.tell_apart(fingerprint(name, scene, given.bands))
        _write(report, given.out)
    return "  (taken over)" if len(known) == len(runs) else ""


def _write(report: Report, folder: Path) -> None:
    with undisturbed():
        write_tables(report, folder)


def _write_all(report: Report, folder: Path) -> list[Path]:
    with undisturbed():
        return [*write_tables(report, folder), write_picture(report, folder)]


def _outcome(cell: Cell) -> str:
    return cell.problem or f"{cell.text}  {cell.mean_seconds:.2f} s"


def _show(report: Report, written: Sequence[Path], as_json: bool, out: Output) -> None:
    if as_json:
        out.json(json_safe(_facts(report, written)))
        return
    rows = [[name, *(report.text(name, label) for label in report.entrants)] for name in report.scenes]
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


def _mean(report: Report, label: str) -> str:
    mean, count = report.mean(label)
    return f"{mean:.4f}" if count else "–"


def _facts(report: Report, written: Sequence[Path]) -> dict[str, Any]:
    """What --json prints."""
    return {
        "cells": [
            {
                "scene": cell.scene,
                "detector": cell.entrant,
                "auc_mean": cell.mean,
                "auc_std": cell.std,
                "auc": cell.areas,
                "seeds": [run.seed for run in cell.runs if not run.problem],
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
