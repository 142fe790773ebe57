"""Published areas under ROC curves beside ours, and whether they were measured on the same data.

The same name hides different crops and truths. A scene is recognised by its size and its number of target pixels, and
a source is believed to have had the same data when its area for global RX is ours: the fingerprint of a scene.
"""

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from hadviewer.assets import resource
from hadviewer.core.cube import Scene
from hadviewer.engine.benchmark import Cell, Entrant, run_cell

SAME = 0.0005
"""Largest difference of two areas for global RX on the same data: published figures have four digits at best."""


@dataclass(frozen=True)
class Published:
    """One published figure; ``detector`` is our id of the same detector, or ''."""

    source: str
    scene: str
    detector: str
    label: str
    area: float


@dataclass(frozen=True)
class Comparison:
    """A published figure beside ours (NaN where that detector was not run) and a word on the data."""

    scene: str
    published: Published
    entrant: str
    ours: float
    data: str

    @property
    def difference(self) -> float:
        """Ours less the published figure."""
        return self.ours - self.published.area


def published() -> list[Published]:
    """Every figure of the table that comes with the program."""
    return [
        Published(row["source"], row["scene"], row["detector"], row["label"], float(row["auc"]))
        for row in _rows("auc.csv")
    ]


def recognise(scene: Scene) -> str | None:
    """The name that the published table has for a scene of this size with so many target pixels, or None."""
    if scene.truth is None:
        return None
    seen = (*scene.cube.shape, int(np.count_nonzero(scene.truth.mask)))
    for row in _rows("scenes.csv"):
        if seen == tuple(int(row[key]) for key in ("lines", "samples", "bands", "targets")):
            return row["scene"]
    return None


def fingerprint(name: str, scene: Scene) -> float:
    """The area under the ROC curve of global RX with every band; NaN where it refuses."""
    return run_cell(name, scene, "grx", Entrant("grx", "grx").request(bands="all")).mean


def compare(
    name: str, scene: Scene, fingerprint: float, cells: Sequence[Cell], entrants: Mapping[str, str]
) -> Iterator[Comparison]:
    """Published figures for a scene beside those of ``cells``; ``entrants`` gives the detector id of each label.

    A detector that ran with several parameters is compared with each of them.
    """
    known = recognise(scene)
    figures = [figure for figure in published() if figure.scene == known]
    theirs = {figure.source: figure.area for figure in reversed(figures) if figure.detector == "grx"}
    for figure in figures:
        data = _data(theirs.get(figure.source), fingerprint)
        mine = [cell for cell in cells if figure.detector and entrants.get(cell.entrant) == figure.detector]
        for cell in mine or [Cell(name, "")]:
            yield Comparison(name, figure, cell.entrant, cell.mean, data)


def _data(theirs: float | None, ours: float) -> str:
    if theirs is None or math.isnan(ours):
        return "unknown: the source gives no GRX"
    if abs(theirs - ours) <= SAME:
        return "same"
    return f"differ: GRX {theirs:.4f} there, {ours:.4f} here"


def _rows(name: str) -> list[dict[str, str]]:
    with resource("published", name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
