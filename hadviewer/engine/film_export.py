"""A recorded training as files: curves as a table, pictures of a step, all steps as an animated PNG."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hadviewer.engine.film import Recording
from hadviewer.io.writers.animation import write_animation, write_picture
from hadviewer.io.writers.table import write_csv
from hadviewer.render.film import frame_picture, sheet

MOST_STEPS = 120
"""Pictures of an animation; of more steps these are picked evenly."""
MOST_BYTES = 192 << 20
"""Of all pictures of an animation, unpacked."""


def export_curves(path: Path, recording: Recording) -> Path:
    """Write every curve, and the area under the ROC curve, as a table with a row per step; raises WriteError."""
    header, rows = curve_table(recording)
    return write_csv(path, header, rows, recording.title)


def export_pictures(folder: Path, recording: Recording, step: int) -> list[Path]:
    """Write each picture at a step as a PNG of its own size into a folder; raises WriteError."""
    written = []
    for name, frame in recording.at(step).items():
        picture, ends = frame_picture(frame.array, frame.kind)
        title = f"{recording.title}: {name}, step {frame.step}{ends_text(ends)}"
        stem = re.sub(r"[^\w.-]+", "-", f"{recording.title} {name} {frame.step}".lower()).strip("-.")
        written.append(write_picture(folder / f"{stem}.png", picture, title))
    return written


def export_film(path: Path, recording: Recording) -> Path:
    """Write all pictures of each step on a sheet, step after step, as an animated PNG; raises WriteError."""
    steps = recording.steps
    size = _sheet(recording, steps[-1]).nbytes
    picked = spread(steps, max(1, min(MOST_STEPS, MOST_BYTES // size)))
    return write_animation(path, (_sheet(recording, step) for step in picked), recording.title)


def curve_table(recording: Recording) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """Header and rows of a table: a row per step, a column per curve, the area under the ROC curve last."""
    columns: dict[str, dict[float, float]] = {
        name: dict(zip(curve.x, curve.y, strict=True)) for name, curve in recording.curves.items()
    }
    if recording.areas:
        columns["AUC"] = {float(step): area for step, area in recording.areas.items()}
    steps = sorted({step for column in columns.values() for step in column})
    rows = [(f"{step:g}", *(_cell(column.get(step)) for column in columns.values())) for step in steps]
    return ("step", *columns), rows


def spread(items: Sequence[int], most: int) -> list[int]:
    """At most so many of the items, evenly spread, with the first and the last."""
    if len(items) <= most:
        return list(items)
    return [items[place] for place in np.linspace(0, len(items) - 1, max(most, 1)).round().astype(int)]


def ends_text(ends: tuple[float, float] | None) -> str:
    """', 0.01 to 0.3': the values at the ends of the colours, '' for a picture in colours."""
    return "" if ends is None else f", {ends[0]:.4g} to {ends[1]:.4g}"


def _sheet(recording: Recording, step: int) -> NDArray[np.uint8]:
    """All pictures at a step, with what the curves say there."""
    pictures = [(name, frame_picture(frame.array, frame.kind)[0]) for name, frame in recording.at(step).items()]
    said = [f"{recording.title}, step {step}"]
    for name, curve in recording.curves.items():
        x, y = curve.points()
        place = int(np.searchsorted(x, step, side="right")) - 1
        said += [f"{name} {y[place]:.4g}"] if place >= 0 else []
    known = [place for place in recording.areas if place <= step]
    said += [f"AUC {recording.areas[max(known)]:.4f}"] if known else []
    return sheet(pictures, "   ".join(said))


def _cell(value: float | None) -> str:
    return "" if value is None else repr(value)
