"""Published areas under ROC curves beside ours, and whether they were measured on the same data.

The same name hides different crops and truths. A scene is recognised by its size and its number of target pixels, and
a source is believed to have had the same data when its area for global RX is ours: the fingerprint of a scene.
"""

import csv
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from hadviewer.assets import resource
from hadviewer.core.cube import Scene
from hadviewer.engine.benchmark import Entrant, run_once
from hadviewer.engine.benchmark_runs import ON_BANDS, THEN, Cell, Run

SAME = 0.0005
"""Largest difference of two areas for global RX on the same data: published figures have four digits at best."""


PROGRAMS = ("Reference programs", "Prototypes")
"""How sources begin that are programs that were run, rather than print."""


@dataclass(frozen=True)
class Published:
    """One published figure; ``detector`` is the label of our column of the same, or ''.

    It need not name every parameter: 'slrx' is compared with each column of that detector.
    """

    source: str
    scene: str
    detector: str
    label: str
    area: float

    @property
    def printed(self) -> bool:
        """Whether it stands in a paper, rather than being what a program gave when it was run."""
        return not self.source.startswith(PROGRAMS)

    def is_of(self, entrant: str) -> bool:
        """Whether a column has the same detector and transforms, and the same parameters as far as they are named."""
        theirs, ours = (_settings(label) for label in (self.detector, entrant))
        return [name for name, _ in theirs] == [name for name, _ in ours] and all(
            there <= here for (_, there), (_, here) in zip(theirs, ours, strict=True)
        )


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


def recognise(run: Run) -> str | None:
    """The name that the published table has for a scene of this size with so many target pixels, or None."""
    row = _scene_of(run)
    return None if row is None else row["scene"]


def remark(run: Run) -> str:
    """What is worth knowing of the data of a run beside those of others, or ''."""
    row = _scene_of(run)
    return "" if row is None else row["remark"]


def fingerprint(name: str, scene: Scene, bands: str = "all") -> Run:
    """Global RX on a scene: its area under the ROC curve tells the data; NaN where it refuses."""
    return run_once(name, scene, "grx", Entrant("grx", "grx").request(bands=bands, device="cpu"))


def compare(cells: Sequence[Cell]) -> Iterator[Comparison]:
    """Published figures beside those of ``cells``, scene by scene.

    A detector that ran with several parameters is compared with each of them.
    """
    figures = published()
    groups: dict[tuple[str, str], list[Cell]] = {}
    for cell in cells:
        known = recognise(cell.runs[0]) if cell.runs else None
        if known is not None:
            groups.setdefault((cell.scene, known), []).append(cell)
    for (scene, known), group in groups.items():
        here = [figure for figure in figures if figure.scene == known]
        theirs = {figure.source: figure.area for figure in reversed(here) if figure.detector == "grx"}
        known_areas = (run.fingerprint for cell in group for run in cell.runs if not math.isnan(run.fingerprint))
        ours = next(known_areas, math.nan)
        for figure in here:
            data = _data(theirs.get(figure.source), ours)
            mine = [cell for cell in group if figure.detector and figure.is_of(cell.entrant)]
            for cell in mine or [Cell(scene, "")]:
                yield Comparison(scene, figure, cell.entrant, cell.mean, data)


def _settings(label: str) -> list[tuple[str, set[str]]]:
    """The parts of a label with what is set for each: 'pca:components=20 + grx' has two."""
    parts = (part.partition(":") for part in label.partition(ON_BANDS)[0].split(THEN))
    return [(name, set(settings.split(",")) - {""}) for name, _, settings in parts]


def _scene_of(run: Run) -> dict[str, str] | None:
    seen = run.lines, run.samples, run.bands, run.targets
    return next(
        (
            row
            for row in _rows("scenes.csv")
            if seen == tuple(int(row[key]) for key in ("lines", "samples", "bands", "targets"))
        ),
        None,
    )


def _data(theirs: float | None, ours: float) -> str:
    if theirs is None:
        return "unknown: the source gives no GRX"
    if math.isnan(ours):
        return "unknown: no GRX here"
    if abs(theirs - ours) <= SAME:
        return "same"
    return f"differ: GRX {theirs:.4f} there, {ours:.4f} here"


@cache
def _rows(name: str) -> tuple[dict[str, str], ...]:
    with resource("published", name).open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))
