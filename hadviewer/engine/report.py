"""A report of scene and results: one HTML page that holds everything, its pictures too, and needs no network."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hadviewer import __version__
from hadviewer.analysis.agreement import agreement, counted_votes, votes
from hadviewer.analysis.objects import UNCLEANED, Cleaning
from hadviewer.analysis.thresholds import RULES
from hadviewer.core.cube import Cube, Truth
from hadviewer.core.features import FeatureTable
from hadviewer.core.params import describe
from hadviewer.core.results import DetectionResult
from hadviewer.engine import catalog
from hadviewer.engine import report_page as page
from hadviewer.engine.display import DisplayIntent
from hadviewer.engine.features import feature_table
from hadviewer.engine.recipe import make_recipe
from hadviewer.engine.report_objects import counted_objects, object_picture, object_spectra, object_table
from hadviewer.engine.report_pictures import Rgb, scene_picture, score_part, votes_picture
from hadviewer.engine.report_plots import roc_plot
from hadviewer.engine.review import Mark, match
from hadviewer.engine.review_export import with_states
from hadviewer.io.atomic import replacing
from hadviewer.io.staging import refuse_source
from hadviewer.render.overlay import ScoreScale

if TYPE_CHECKING:
    from hadviewer.analysis.evaluation import Evaluation
    from hadviewer.core.specs import DetectorSpec, TransformSpec
    from hadviewer.engine.session import SessionState

PD_AT = 2
"""Which of the operating points is in the table: detection at a false-alarm rate of 0.01."""


@dataclass(frozen=True, eq=False)
class Reported:
    """A result as it is reported; without a threshold there is no mask and no list of objects.

    ``rule`` says as 'rule=number' how the threshold came; ``colormap`` to ``inverse`` are the look of the score map.
    """

    title: str
    result: DetectionResult
    colour: str = "#1a73e8"
    threshold: float | None = None
    cleaning: Cleaning = UNCLEANED
    rule: str = ""
    marks: tuple[Mark, ...] = ()
    colormap: str = "inferno"
    limits: tuple[float, float] | None = None
    scale: ScoreScale = "linear"
    inverse: bool = False


@dataclass(frozen=True, eq=False)
class _Report:
    """What all sections are made of; ``found`` are the objects of each result that has a threshold."""

    cube: Cube
    results: Sequence[Reported]
    truth: Truth | None
    scene: Rgb
    shown: str
    found: dict[int, FeatureTable] = field(default_factory=dict)

    @property
    def masks(self) -> list[tuple[Reported, NDArray[np.bool_]]]:
        """The results of the scene's size that have a mask."""
        size = self.cube.shape[:2]
        return [
            (item, self.found[place].labels > 0)
            for place, item in enumerate(self.results)
            if place in self.found and item.result.scores.shape == size
        ]


def reported_of(state: "SessionState") -> list[Reported]:
    """The results of a session with what was chosen for them: threshold, states of objects, look of the map."""
    found = []
    for entry in state.results:
        layers = {layer.kind: layer for layer in state.layers if layer.result == entry.id}
        one = Reported(entry.title, entry.result, entry.colour)
        if (scores := layers.get("scores")) is not None:
            look = {name: getattr(scores, name) for name in ("colormap", "limits", "scale", "inverse")}
            one = replace(one, **look)
        if (mask := layers.get("mask")) is not None:
            marks = tuple(mark for mark in state.reviews if mark.result == entry.id)
            one = replace(one, threshold=mask.threshold, cleaning=mask.cleaning, rule=mask.rule, marks=marks)
        found.append(one)
    return found


def write_report(
    path: Path,
    cube: Cube,
    results: Sequence[Reported],
    truth: Truth | None = None,
    intent: DisplayIntent | None = None,
    written: datetime | None = None,
) -> Path:
    """Write the page: scene, ROC, agreement, and for each result its maps, objects and recipe. Raises WriteError."""
    refuse_source(path, cube.path)
    scene, shown = scene_picture(cube, intent)
    found = {place: _found(item, cube) for place, item in enumerate(results) if item.threshold is not None}
    if truth is not None and truth.mask.shape != cube.shape[:2]:
        truth = None
    report = _Report(cube, results, truth, scene, shown, found)
    title = f"Anomalies in {cube.name}"
    body = _body(report, title, written or datetime.now().astimezone())
    with replacing(path) as (part,):
        part.write_text("\n".join(page.document(title, body)) + "\n", encoding="utf-8")
    return path


def _found(reported: Reported, cube: Cube) -> FeatureTable:
    assert reported.threshold is not None
    table = feature_table(reported.result, reported.threshold, reported.cleaning, cube)
    return with_states(table, match(table.labels, len(table.rows), reported.marks))


def _body(report: _Report, title: str, written: datetime) -> Iterator[str]:
    fitting = [item for item in report.results if report.truth is not None and _fits(item, report)]
    sections = [("scene", "Scene")]
    sections += [("truth", "Against the truth")] if fitting else []
    sections += [("agreement", "Agreement")] if len(report.masks) > 1 else []
    sections += [(f"result-{place}", item.title) for place, item in enumerate(report.results, 1)]
    yield f"<header><h1>{escape(title)}</h1>"
    yield f'<p class="soft">{written:%Y-%m-%d %H:%M}, hadviewer {escape(__version__)}</p></header>'
    if len(sections) > 1:
        yield page.contents(sections)
    yield "<main>"
    yield from _scene(report)
    if fitting and report.truth is not None:
        yield from _against(fitting, report.truth)
    if len(report.masks) > 1:
        yield from _agreement(report)
    for place, item in enumerate(report.results):
        yield from _result(item, place, report)
    yield "</main>"


def _fits(item: Reported, report: _Report) -> bool:
    return item.result.scores.shape == report.cube.shape[:2]


def _scene(report: _Report) -> Iterator[str]:
    cube, truth = report.cube, report.truth
    rows, cols, bands = cube.shape
    facts: list[tuple[str, object]] = [
        ("File", "" if cube.path is None else cube.path.name),
        ("Size", f"{rows} lines, {cols} samples, {bands} bands"),
        ("Bands used", f"{int(np.count_nonzero(cube.bands.mask))} of {bands}"),
    ]
    if cube.bands.centres is not None:
        first, last = np.nanmin(cube.bands.centres), np.nanmax(cube.bands.centres)
        facts.append(("Wavelengths", f"{first:.0f} to {last:.0f} nm"))
    facts.append(("Map", "" if cube.geo is None else cube.geo.label or cube.geo.crs[:60]))
    facts.append(("Truth", "" if truth is None else f"{truth.name}: {truth.count} pixels"))
    yield page.heading("Scene", "scene")
    shown = page.figure(page.picture(report.scene, f"The scene: {report.shown}"), f"{cube.name}: {report.shown}")
    yield page.side_by_side(shown, page.facts(facts))


def _against(results: Sequence[Reported], truth: Truth) -> Iterator[str]:
    from hadviewer.engine.verbs import evaluate

    found: list[Evaluation] = [evaluate(item.result.scores, truth) for item in results]
    pairs = list(zip(results, found, strict=True))
    asked = found[0].detections[PD_AT].asked
    rows = [
        (
            page.Marked(page.key(item.colour, item.title)),
            *(
                _share(share)
                for share in (one.auc_pd_pf, one.log_auc, one.average_precision, one.detections[PD_AT].value)
            ),
            page.Number(f"{item.result.seconds:.3g}"),
        )
        for item, one in pairs
    ]
    header = ("Result", "AUC", "Log AUC", "Average precision", f"PD at PF {asked:g}", "Seconds")
    yield page.heading("Against the truth", "truth")
    yield page.table(header, rows, f"{truth.count} pixels of known anomalies, {found[0].background:,} of background")
    curves = [(item.title, item.colour, one.roc) for item, one in pairs]
    yield page.side_by_side(
        page.figure(roc_plot(curves, found[0].background, log=False), "ROC curves"),
        page.figure(roc_plot(curves, found[0].background, log=True), "The same, few false alarms spread out"),
    )


def _agreement(report: _Report) -> Iterator[str]:
    """Where the masks agree, and how far each two do."""
    masks = report.masks
    counted = votes([mask for _, mask in masks])
    pixels = counted_votes(counted, len(masks))
    rows = []
    for place, (one, first) in enumerate(masks):
        for other, second in masks[place + 1 :]:
            found = agreement((first, second), (one.result.scores, other.result.scores))
            names = f"{one.title} and {other.title}"
            shares = (found.jaccard, found.kappa, found.rank)
            rows.append((names, found.both, found.either, *map(_share, shares)))
    header = ("Results", "Both", "Either", "Jaccard", "Kappa", "Rank correlation")
    told = [(f"{number} of {len(masks)}", count) for number, count in enumerate(pixels, 1)]
    yield page.heading("Agreement", "agreement")
    yield page.side_by_side(
        votes_picture(counted, len(masks)),
        "<div>"
        + page.table(header, rows, "Masks (pixels, Jaccard index, Cohen’s kappa) and scores (Spearman) of each two")
        + page.table(("Found by", "Pixels"), told, "Pixels")
        + "</div>",
    )


def _result(item: Reported, place: int, report: _Report) -> Iterator[str]:
    result = item.result
    yield page.heading(item.title, f"result-{place + 1}")
    yield from (f"<p>{escape(str(note))}</p>" for note in result.notes)
    yield page.side_by_side(score_part(item, f"bar-{place + 1}"), page.facts(_made(result)))
    if place in report.found:
        yield from _objects(item, place, report)
    recipe = json.dumps(make_recipe(result), indent=2, ensure_ascii=False, default=str)
    yield f"<details><summary>Recipe of {escape(item.title)}</summary><pre>{escape(recipe)}</pre></details>"


def _made(result: DetectionResult) -> list[tuple[str, object]]:
    """How a result came: the detector and every parameter by the name it has in the window.

    A plug-in that is not there any more is told by its id alone.
    """
    request, provenance = result.request, result.provenance
    detector = catalog.detectors().specs.get(request.detector)
    rows: list[tuple[str, object]] = [("Detector", _title(detector, request.detector))]
    rows.append(("Source", "" if detector is None else detector.reference))
    rows += _parameters(detector, request.params)
    for step in request.transforms:
        transform = catalog.transforms().specs.get(step.id)
        values = ", ".join(f"{name} {value}" for name, value in _parameters(transform, step.params))
        rows.append(("Transform", ": ".join(filter(None, (_title(transform, step.id), values)))))
    used = provenance.get("bands_used")
    rows.append(("Bands", request.bands if used is None else f"{request.bands} ({used} used)"))
    rows.append(("Seed", request.seed))
    rows.append(("Computed", f"{result.seconds:.3g} s on {result.device}"))
    rows.append(("Started", provenance.get("started", "")))
    rows.append(("Pixels without a score", result.invalid_pixels or ""))
    return rows


def _title(spec: "DetectorSpec | TransformSpec | None", id_: str) -> str:
    return id_ if spec is None else f"{spec.title} ({id_})"


def _parameters(spec: "DetectorSpec | TransformSpec | None", values: Mapping[str, object]) -> list[tuple[str, str]]:
    """Title and value of each parameter."""
    known = {} if spec is None else {item.name: item for item in describe(spec.params)}
    return [
        (known[name].title, f"{_plain(value)} {known[name].unit}".strip()) if name in known else (name, _plain(value))
        for name, value in values.items()
    ]


def _share(value: float) -> page.Number:
    """A figure between 0 and 1 with four digits."""
    return page.Number("–" if value != value else f"{value:.4f}")


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _objects(item: Reported, place: int, report: _Report) -> Iterator[str]:
    table = report.found[place]
    yield f"<h3>{counted_objects(table)}</h3><p>{escape(table.about)}. Rule: {escape(_rule(item.rule))}.</p>"
    if not table.rows:
        return
    others = [mask for other, mask in report.masks if other is not item]
    scene = report.scene if _fits(item, report) else None
    truth = None if report.truth is None or scene is None else report.truth.mask
    yield page.side_by_side(object_picture(table, scene), object_table(table, others, truth))
    if scene is not None:
        yield object_spectra(table, report.cube)


def _rule(text: str) -> str:
    """'percentile=1' as the window has it: 'highest scores, share of the pixels (%) 1'."""
    name, _, number = text.partition("=")
    rule = RULES.get(name)
    if rule is None or name == "value":
        return "by hand"
    return f"{rule.title}, {rule.argument} {number}" if rule.argument and number else rule.title
