"""A benchmark as files: tables for programs and for people, and a picture."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Self

import numpy as np

from hadviewer.engine.benchmark_runs import RUNS, Cell, Run, write_runs
from hadviewer.engine.published import Comparison, compare, remark
from hadviewer.io.atomic import replacing
from hadviewer.io.writers.table import write_csv

CSV, MARKDOWN, PICTURE, PUBLISHED = "benchmark.csv", "benchmark.md", "benchmark.png", "published.csv"
COLUMNS = (
    *("scene", "detector", "auc_mean", "auc_std", "runs", "seeds", "auc_pf_tau", "seconds", "cpu_seconds", "steps"),
    *("device", "problem", "notes"),
)
PUBLISHED_COLUMNS = ("scene", "source", "label", "published_auc", "detector", "our_auc", "difference", "data")
SIDE_BY_SIDE = (
    *("Scene", "Detector", "Published", "Programs of others", "Ours", "Seeds", "Last step", "CPU s", "AUC(PF, τ)"),
    "Data",
)


@dataclass(eq=False)
class Report:
    """What a benchmark has found so far, in the order of scenes and entrants; ``compared`` with published figures."""

    scenes: Sequence[str]
    entrants: Sequence[str]
    runs: list[Run] = field(default_factory=list)
    left_out: Sequence[str] = ()
    compared: bool = False

    @classmethod
    def of(
        cls,
        kept: Iterable[Run],
        scenes: Iterable[str] = (),
        entrants: Iterable[str] = (),
        left_out: Sequence[str] = (),
        compared: bool = False,
    ) -> Self:
        """Of runs that were kept, and of scenes and entrants that are to come."""
        runs = list(kept)
        rows = dict.fromkeys([*(run.scene for run in runs), *scenes])
        columns = dict.fromkeys([*(run.entrant for run in runs), *entrants])
        return cls(list(rows), list(columns), runs, left_out, compared)

    def cell(self, scene: str, entrant: str) -> Cell:
        """The runs of a pair by seed; none when it is not begun."""
        runs = [run for run in self.runs if (run.scene, run.entrant) == (scene, entrant)]
        return Cell(scene, entrant, tuple(sorted(runs, key=lambda run: run.seed)))

    @property
    def cells(self) -> list[Cell]:
        """The cells that are begun, scene by scene."""
        cells = (self.cell(scene, entrant) for scene, entrant in product(self.scenes, self.entrants))
        return [cell for cell in cells if cell.runs]

    @property
    def comparisons(self) -> list[Comparison]:
        """Published figures beside ours, where they are wanted."""
        return list(compare(self.cells)) if self.compared else []

    def text(self, scene: str, entrant: str) -> str:
        """The area of a pair with its spread, '' when it is not begun."""
        cell = self.cell(scene, entrant)
        return cell.text if cell.runs else ""

    def mean(self, entrant: str) -> tuple[float, int]:
        """Mean area of an entrant over the scenes it scored, and how many they are."""
        areas = [cell.mean for cell in (self.cell(scene, entrant) for scene in self.scenes) if cell.areas]
        return (float(np.mean(areas)) if areas else math.nan), len(areas)

    def tell_apart(self, known: Run) -> None:
        """Write the area of global RX, which tells the data, to the runs on the same scene with the same bands."""
        self.runs = [
            replace(run, fingerprint=known.area) if (run.scene, run.bands) == (known.scene, known.bands) else run
            for run in self.runs
        ]


def write_tables(report: Report, folder: Path) -> list[Path]:
    """Write the runs and the CSV and Markdown tables of what is finished; returns the files."""
    cells = report.cells
    written = [write_runs((run for cell in cells for run in cell.runs), folder)]
    written.append(write_csv(folder / CSV, COLUMNS, map(_csv_row, cells)))
    with replacing(folder / MARKDOWN) as (part,):
        part.write_text(markdown(report), encoding="utf-8")
    written.append(folder / MARKDOWN)
    comparisons = report.comparisons
    if comparisons:
        written.append(write_csv(folder / PUBLISHED, PUBLISHED_COLUMNS, map(_published_row, comparisons)))
    return written


def write_picture(report: Report, folder: Path) -> Path:
    """Draw the table of areas, the better the brighter."""
    from PIL import Image

    from hadviewer.render.score_table import score_table

    rows = [*report.scenes, "mean"]
    areas = [[report.cell(scene, entrant).mean for entrant in report.entrants] for scene in report.scenes]
    areas.append([report.mean(entrant)[0] for entrant in report.entrants])
    texts = [[report.text(scene, entrant) for entrant in report.entrants] for scene in report.scenes]
    texts.append([_figure(report.mean(entrant)[0]) for entrant in report.entrants])
    picture = score_table(np.array(areas), texts, rows, report.entrants, "Area under the ROC curve")
    with replacing(folder / PICTURE) as (part,):
        Image.fromarray(picture).save(part, format="PNG")
    return folder / PICTURE


def markdown(report: Report) -> str:
    """The benchmark as a page: areas, times, what failed or was left out, and published figures."""
    parts = ["# Benchmark", "Area under the ROC curve: mean ± standard deviation over the runs of different seeds."]
    areas = [[scene, *(report.text(scene, label) for label in report.entrants)] for scene in report.scenes]
    means = ["**mean**", *(_mean_text(report, label) for label in report.entrants)]
    parts.append(_table(("Scene", *report.entrants), [*areas, means]))
    if report.compared:
        parts += ["## Beside published figures", BESIDE, *_side_by_side(report)]
    times = [[scene, *(_seconds(report.cell(scene, label)) for label in report.entrants)] for scene in report.scenes]
    parts += ["## Seconds", "On the clock / of the processor.", _table(("Scene", *report.entrants), times)]
    failed = [f"- {cell.scene}, {cell.entrant}: {cell.problem}" for cell in report.cells if cell.problem]
    parts += ["## Failed", "\n".join(failed)] if failed else []
    parts += ["## Left out", "\n".join(f"- {line}" for line in report.left_out)] if report.left_out else []
    return "\n\n".join(parts) + "\n"


BESIDE = f"""\
Programs of others were run on these data. Data: whether global RX has the area there that it has here. Last step: the
step of the training whose scores were taken; none where nothing is trained, and one seed tells all. CPU s: seconds of
the processor for one run, all its cores together. Every run is in `{RUNS}`, every published figure in `{PUBLISHED}`."""


def _side_by_side(report: Report) -> list[str]:
    """A line for each cell with what others have for it, and remarks on the data."""
    found: dict[tuple[str, str], list[Comparison]] = {}
    for item in report.comparisons:
        found.setdefault((item.scene, item.entrant), []).append(item)
    lines = [_beside(cell, found.get((cell.scene, cell.entrant), [])) for cell in report.cells]
    remarks = dict.fromkeys(f"- {cell.scene}: {remark(cell.runs[0])}" for cell in report.cells if remark(cell.runs[0]))
    return [_table(SIDE_BY_SIDE, lines), *(["\n".join(remarks)] if remarks else [])]


def _beside(cell: Cell, others: Sequence[Comparison]) -> list[str]:
    printed = [f"{item.published.area:.4f} ({item.published.source})" for item in others if item.published.printed]
    programs = {f"{item.published.area:.4f}": item.published.label for item in others if not item.published.printed}
    words = {item.published.source: item.data for item in others if item.published.printed}
    data = [f"{source}: {word}" for source, word in words.items()] if len(words) > 1 else words.values()
    numbers = [str(cell.seeds), str(cell.steps or "–"), _figure(cell.mean_cpu_seconds, 1)]
    return [
        *(cell.scene, cell.entrant, "; ".join(printed) or "–"),
        "; ".join(f"{area} ({label})" for area, label in programs.items()) or "–",
        *(cell.text, *numbers, _figure(cell.mean_false_alarms), "; ".join(data)),
    ]


def _csv_row(cell: Cell) -> tuple[object, ...]:
    return (
        *(cell.scene, cell.entrant, _digits(cell.mean), _digits(cell.std), len(cell.areas), cell.seeds),
        *(_digits(cell.mean_false_alarms), _digits(cell.mean_seconds, 4), _digits(cell.mean_cpu_seconds, 4)),
        *(cell.steps or "", cell.device, cell.problem, " ".join(cell.notes)),
    )


def _published_row(item: Comparison) -> tuple[object, ...]:
    published = item.published
    ours = item.entrant, _digits(item.ours), _digits(item.difference)
    return item.scene, published.source, published.label, f"{published.area:.4f}", *ours, item.data


def _mean_text(report: Report, entrant: str) -> str:
    mean, count = report.mean(entrant)
    return _figure(mean) + ("" if count == len(report.scenes) else f" ({count} of {len(report.scenes)})")


def _seconds(cell: Cell) -> str:
    return f"{cell.mean_seconds:.2f} / {cell.mean_cpu_seconds:.2f}" if cell.seconds else ""


def _figure(value: float, digits: int = 4) -> str:
    return "–" if math.isnan(value) else f"{value:.{digits}f}"


def _digits(value: float, digits: int = 6) -> str:
    return "" if math.isnan(value) else f"{value:.{digits}f}"


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)
