"""Superpixels into files: their table, or the map of their numbers."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hadviewer.core.cube import Cube
from hadviewer.core.errors import WriteError
from hadviewer.core.specs import MapProduct, WriterSpec
from hadviewer.engine import catalog
from hadviewer.io.staging import refuse_source

if TYPE_CHECKING:
    from hadviewer.analysis.segments import SegmentTable
    from hadviewer.engine.session import ResultEntry, Segmentation

TABLE = ".csv"


def label_writers() -> list[WriterSpec]:
    """The formats that can hold a map of numbers."""
    return [spec for spec in catalog.writers() if "labels" in spec.products]


def export_segments(path: Path, cube: Cube, found: "Segmentation", entry: "ResultEntry | None" = None) -> list[Path]:
    """Write superpixels as the ending of ``path`` says, numbered from 1 in all formats; returns what was written.

    ``.csv``: a row for each with pixels, middle, mean and highest score of ``entry``, mean spectrum. Else the map
    (rows, cols) of the numbers, 0 where there is none. Raises WriteError.
    """
    if path.suffix.lower() == TABLE:
        return [_write_table(path, cube, found, entry)]
    spec = next((spec for spec in label_writers() if spec.extension == path.suffix.lower()), None)
    if spec is None:
        endings = ", ".join([TABLE, *(spec.extension for spec in label_writers())])
        raise WriteError(f"Superpixels are not written as {path.name}.", hint=f"Choose one of {endings}.")
    about = f"hadviewer superpixels of {cube.name}: {json.dumps(found.options)}"
    recipe = {"detector": "superpixels", "params": found.options}
    product = MapProduct("labels", found.labels + np.int32(1), "Superpixel", about, cube, recipe=recipe)
    written: list[Path] = spec.function(path.parent, path.stem, product, spec.params())
    return written


def _write_table(path: Path, cube: Cube, found: "Segmentation", entry: "ResultEntry | None") -> Path:
    from hadviewer.analysis.segments import measure_segments
    from hadviewer.io.writers.table import write_csv

    refuse_source(path, cube.path)
    table = measure_segments(found.labels, found.count, None if entry is None else entry.result.scores)
    header = ["superpixel", "pixels", "line", "sample"]
    header += [] if entry is None else ["mean_score", "highest_score"]
    header += [cube.bands.label(band) for band in range(cube.bands.count)]
    scored = "" if entry is None else f"; scores of {entry.title}"
    comment = f"Superpixels of {cube.name}{scored}; lines and samples count from 0\n{json.dumps(found.options)}"
    return write_csv(path, header, _rows(table, found, scored=entry is not None), comment)


def _rows(table: "SegmentTable", found: "Segmentation", *, scored: bool) -> Iterator[list[Any]]:
    for place in range(found.count):
        row, col = table.middles[place]
        scores = [table.mean[place], table.highest[place]] if scored else []
        numbers = [f"{value:.9g}" if np.isfinite(value) else "" for value in (*scores, *found.means[place])]
        yield [place + 1, int(table.pixels[place]), f"{row:.1f}", f"{col:.1f}", *numbers]
