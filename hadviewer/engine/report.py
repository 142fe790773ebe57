"""A report of a session: one HTML page that holds everything, its pictures too, and needs no network."""

import base64
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hadviewer import __version__
from hadviewer.analysis.objects import UNCLEANED, Cleaning
from hadviewer.core.cube import Cube, Truth
from hadviewer.core.results import DetectionResult
from hadviewer.engine import catalog
from hadviewer.engine.display import DisplayIntent, initial_intent, resolve
from hadviewer.engine.features import feature_table
from hadviewer.engine.recipe import make_recipe
from hadviewer.engine.review import Mark, match
from hadviewer.engine.review_export import with_states
from hadviewer.io.atomic import replacing
from hadviewer.io.staging import refuse_source

LARGEST = 1200
"""Pictures are at most so many pixels wide and high."""
MOST_OBJECTS = 200
PLOT, EDGE = 360, 44

STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#202124;background:#fff}
h1,h2,h3{line-height:1.2} h2{margin-top:2.5rem;border-bottom:1px solid #dadce0;padding-bottom:.3rem}
table{border-collapse:collapse;margin:1rem 0;font-size:13px} th,td{padding:.2rem .6rem;border-bottom:1px solid #e8eaed}
th{text-align:left} td.n{text-align:right;font-variant-numeric:tabular-nums} .wide{overflow-x:auto}
img{max-width:100%;image-rendering:pixelated} figure{margin:1rem 0} figcaption{color:#5f6368}
pre{background:#f1f3f4;padding:1rem;overflow-x:auto;font-size:12px} .good{color:#00795c} .bad{color:#b3246f}
@media print{pre{white-space:pre-wrap}}
"""


@dataclass(frozen=True, eq=False)
class Reported:
    """A result as it is reported; without a threshold there is no mask and no list of objects."""

    title: str
    result: DetectionResult
    colour: str = "#1a73e8"
    threshold: float | None = None
    cleaning: Cleaning = UNCLEANED
    rule: str = ""
    marks: tuple[Mark, ...] = ()


def write_report(
    path: Path, cube: Cube, results: Sequence[Reported], truth: Truth | None = None, intent: DisplayIntent | None = None
) -> Path:
    """Write the page: scene, ROC of all results, and for each its maps, objects and recipe. Raises WriteError."""
    refuse_source(path, cube.path)
    with replacing(path) as (part,):
        part.write_text("\n".join(_page(cube, results, truth, intent)), encoding="utf-8")
    return path


def _page(cube: Cube, results: Sequence[Reported], truth: Truth | None, intent: DisplayIntent | None) -> Iterator[str]:
    title = f"Anomalies in {cube.name}"
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    yield "<!DOCTYPE html>"
    yield f'<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body>'
    yield f"<h1>{escape(title)}</h1>"
    yield from _scene(cube, truth, intent)
    if truth is not None and results:
        yield from _comparison(results, truth)
    for reported in results:
        yield from _result(reported, cube, truth)
    yield f"<p>Made by hadviewer {escape(__version__)}.</p></body></html>"


def _scene(cube: Cube, truth: Truth | None, intent: DisplayIntent | None) -> Iterator[str]:
    rows, cols, bands = cube.shape
    usable = int(np.count_nonzero(cube.bands.mask))
    facts = {
        "File": "" if cube.path is None else cube.path.name,
        "Size": f"{rows} lines, {cols} samples, {bands} bands",
    }
    facts["Bands used"] = f"{usable} of {bands}"
    if cube.bands.centres is not None:
        facts["Wavelengths"] = f"{np.nanmin(cube.bands.centres):.0f} to {np.nanmax(cube.bands.centres):.0f} nm"
    facts["Map"] = "" if cube.geo is None else cube.geo.label or cube.geo.crs[:60]
    facts["Truth"] = "" if truth is None else f"{truth.name}: {truth.count} pixels"
    yield "<h2>Scene</h2>"
    yield _table(("", ""), [(name, value) for name, value in facts.items() if value])
    picture, shown = _composite(cube, intent)
    yield _figure(picture, f"{cube.name}: {shown}")


def _comparison(results: Sequence[Reported], truth: Truth) -> Iterator[str]:
    from hadviewer.engine.verbs import evaluate

    fitting = [item for item in results if item.result.scores.shape == truth.mask.shape]
    if not fitting:
        return
    found = [evaluate(item.result.scores, truth) for item in fitting]
    yield "<h2>Against the truth</h2>"
    lines = [
        (item.title, one.auc_pd_pf, one.average_precision, item.result.seconds)
        for item, one in zip(fitting, found, strict=True)
    ]
    yield _table(("Result", "AUC", "Average precision", "Seconds"), lines)
    curves = []
    for item, one in zip(fitting, found, strict=True):
        corners = one.roc.corners()
        places = zip(corners.false_alarm.tolist(), corners.detection.tolist(), strict=True)
        points = " ".join(f"{EDGE + PLOT * x:.1f},{10 + PLOT * (1 - y):.1f}" for x, y in places if x == x and y == y)
        colour, name = escape(item.colour), escape(item.title)
        curves.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"><title>{name}</title>'
        )
        curves.append(f'</polyline><text x="{EDGE + PLOT - 8}" y="{PLOT - 16 * len(curves) / 2:.0f}" fill="{colour}"')
        curves[-1] += f' text-anchor="end">{name}</text>'
    frame = f'<rect x="{EDGE}" y="10" width="{PLOT}" height="{PLOT}" fill="none" stroke="#9aa0a6"/>'
    ticks = "".join(
        f'<text x="{EDGE + PLOT * at}" y="{PLOT + 28}" text-anchor="middle">{at:g}</text>'
        f'<text x="{EDGE - 6}" y="{14 + PLOT * (1 - at):.0f}" text-anchor="end">{at:g}</text>'
        for at in (0, 0.5, 1)
    )
    yield f'<svg role="img" aria-label="ROC curves" width="{EDGE + PLOT + 20}" height="{PLOT + 40}" font-size="12">'
    yield f"{frame}{ticks}{''.join(curves)}</svg>"
    yield "<p>ROC: share of targets found over share of background kept.</p>"


def _result(reported: Reported, cube: Cube, truth: Truth | None) -> Iterator[str]:
    from hadviewer.render.figure import score_figure

    result, detector = reported.result, catalog.detectors().get(reported.result.request.detector)
    yield f"<h2>{escape(reported.title)}</h2>"
    yield f"<p>{escape(detector.title)}. {escape(detector.reference)}</p>"
    yield from (f"<p>{escape(str(note))}</p>" for note in result.notes)
    yield _figure(score_figure(result.scores, title=reported.title), "Score map: the higher, the more anomalous")
    if reported.threshold is not None:
        yield from _objects(reported, reported.threshold, cube)
    recipe = json.dumps(make_recipe(result), indent=2, ensure_ascii=False, default=str)
    yield f"<details><summary>Recipe</summary><pre>{escape(recipe)}</pre></details>"


def _objects(reported: Reported, threshold: float, cube: Cube) -> Iterator[str]:
    from hadviewer.render.overlay import mask_picture

    table = feature_table(reported.result, threshold, reported.cleaning, cube)
    table = with_states(table, match(table.labels, len(table.rows), reported.marks))
    step = max(1, -(-max(table.labels.shape) // LARGEST))
    rows, cols = (-(-size // step) * step for size in table.labels.shape)
    padded = np.zeros((rows, cols), bool)
    padded[: table.labels.shape[0], : table.labels.shape[1]] = table.labels > 0
    mask: NDArray[np.bool_] = np.asarray(padded.reshape(rows // step, step, cols // step, step).any(axis=(1, 3)))
    yield f"<h3>{len(table.rows)} objects</h3><p>{escape(table.about)}. Rule: {escape(reported.rule or 'by hand')}.</p>"
    yield _figure(mask_picture(mask, "#ff3b30"), "Mask", ground="#202124")
    names = [attribute.name for attribute in table.attributes]
    peak, kept = names.index("score_max"), [name not in ("threshold", "detector", "source", "time") for name in names]
    ordered = sorted(table.rows, key=lambda row: -float(row[peak] or 0))[:MOST_OBJECTS]
    lines = [[value for value, keep in zip(row, kept, strict=True) if keep] for row in ordered]
    if len(table.rows) > MOST_OBJECTS:
        yield f"<p>The {MOST_OBJECTS} with the highest scores:</p>"
    yield _table([name for name, keep in zip(names, kept, strict=True) if keep], lines)


def _composite(cube: Cube, intent: DisplayIntent | None) -> tuple[NDArray[np.uint8], str]:
    """The scene in the bands that are shown, and what these are; components are not computed again."""
    from hadviewer.render.composite import composite
    from hadviewer.render.stretch import linear

    shown = resolve(intent or initial_intent(cube), cube)
    if shown.components:
        shown = resolve(initial_intent(cube), cube)
    step = max(1, -(-max(cube.shape[:2]) // LARGEST))
    planes = [cube.plane(band, step) for band in shown.bands]
    picture = composite(planes, [linear(plane[np.isfinite(plane)]) for plane in planes])
    return picture, f"{shown.title} (bands {', '.join(str(band + 1) for band in shown.bands)})"


def _figure(picture: NDArray[np.uint8], caption: str, ground: str = "transparent") -> str:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG", optimize=True)
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    width = max(picture.shape[1], min(480, picture.shape[1] * 4))
    image = (
        f'<img alt="{escape(caption)}" width="{width}" style="background:{ground}" src="data:image/png;base64,{data}">'
    )
    return f"<figure>{image}<figcaption>{escape(caption)}</figcaption></figure>"


def _table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in header)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f'<td class="n">{value:.6g}</td>'
    if isinstance(value, int):
        return f'<td class="n">{value}</td>'
    text = "" if value is None else str(value)
    kind = f' class="{text}"' if text in ("good", "bad") else ""
    return f"<td{kind}>{escape(text)}</td>"
