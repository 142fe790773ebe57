"""A benchmark as files: tables for programs and for people, and a picture."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from hadviewer.core.results import TransformStep
from hadviewer.engine.benchmark import Cell
from hadviewer.engine.published import Comparison
from hadviewer.io.atomic import replacing
from hadviewer.io.writers.table import write_csv

CSV, MARKDOWN, PICTURE, PUBLISHED = "benchmark.csv", "benchmark.md", "benchmark.png", "published.csv"
COLUMNS = (
    *("scene", "detector", "transforms", "auc_mean", "auc_std", "runs", "seconds", "device", "problem"),
    "notes",
)
PUBLISHED_COLUMNS = ("scene", "source", "label", "published_auc", "detector", "our_auc", "difference", "data")


@dataclass(frozen=True, eq=False)
class Report:
    """What a benchmark has found so far, in the order of scenes and of entrants."""

    scenes: Sequence[str]
    entrants: Sequence[str]
    transforms: Sequence[TransformStep] = ()
    left_out: Sequence[str] = ()
    cells: list[Cell] = field(default_factory=list)
    comparisons: list[Comparison] = field(default_factory=list)

    def cell(self, scene: str, entrant: str) -> Cell | None:
        """The cell of a pair, None when it is not done."""
        return next((cell for cell in self.cells if (cell.scene, cell.entrant) == (scene, entrant)), None)

    def cells_of(self, scene: str) -> list[Cell]:
        """The cells of a scene that are done."""
        return [cell for cell in self.cells if cell.scene == scene]

    def mean(self, entrant: str) -> tuple[float, int]:
        """Mean area of an entrant over the scenes it scored, and how many they are."""
        areas = [cell.mean for cell in self.cells if cell.entrant == entrant and cell.areas]
        return (float(np.mean(areas)) if areas else math.nan), len(areas)

    @property
    def transforms_text(self) -> str:
        """'pca(components=20), unit', or ''."""
        return ", ".join(
            f"{step.id}({', '.join(f'{key}={value}' for key, value in step.params.items())})"
            if step.params
            else step.id
            for step in self.transforms
        )


def write_tables(report: Report, folder: Path) -> list[Path]:
    """Write the CSV and Markdown tables of what is finished; returns the files."""
    written = [write_csv(folder / CSV, COLUMNS, _csv_rows(report))]
    with replacing(folder / MARKDOWN) as (part,):
        part.write_text(markdown(report), encoding="utf-8")
    written.append(folder / MARKDOWN)
    if report.comparisons:
        written.append(write_csv(folder / PUBLISHED, PUBLISHED_COLUMNS, _published_rows(report.comparisons)))
    return written


def write_picture(report: Report, folder: Path) -> Path:
    """Draw the table of areas, the better the brighter."""
    from PIL import Image

    from hadviewer.render.score_table import score_table

    rows = [*report.scenes, "mean"]
    areas = [[_area(report, scene, entrant) for entrant in report.entrants] for scene in report.scenes]
    areas.append([report.mean(entrant)[0] for entrant in report.entrants])
    texts = [[_text(report.cell(scene, entrant)) for entrant in report.entrants] for scene in report.scenes]
    texts.append([_figure(report.mean(entrant)[0]) for entrant in report.entrants])
    title = "Area under the ROC curve"
    title += f", after {report.transforms_text}" if report.transforms else ""
    picture = score_table(np.array(areas), texts, rows, report.entrants, title)
    with replacing(folder / PICTURE) as (part,):
        Image.fromarray(picture).save(part, format="PNG")
    return folder / PICTURE


def markdown(report: Report) -> str:
    """The benchmark as a page: areas, times, what failed or was left out, and published figures."""
    parts = ["# Benchmark", "Area under the ROC curve: mean ± standard deviation over the runs of different seeds."]
    if report.transforms:
        parts.append(f"Before every detector: {report.transforms_text}.")
    areas = [[scene, *(_text(report.cell(scene, label)) for label in report.entrants)] for scene in report.scenes]
    means = ["**mean**", *(_mean_text(report, label) for label in report.entrants)]
    parts.append(_table(("Scene", *report.entrants), [*areas, means]))
    times = [[scene, *(_seconds(report.cell(scene, label)) for label in report.entrants)] for scene in report.scenes]
    parts += ["## Seconds", _table(("Scene", *report.entrants), times)]
    failed = [f"- {cell.scene}, {cell.entrant}: {cell.problem}" for cell in report.cells if cell.problem]
    parts += ["## Failed", "\n".join(failed)] if failed else []
    parts += ["## Left out", "\n".join(f"- {line}" for line in report.left_out)] if report.left_out else []
    ran = [item for item in report.comparisons if item.entrant]
    if report.comparisons:
        parts += ["## Published", f"Every published figure for these scenes is in `{PUBLISHED}`."]
        columns = ("Scene", "Detector", "Ours", "Published", "Difference", "As", "Source", "Data")
        parts += [_table(columns, [_published_line(item) for item in ran])] if ran else []
    return "\n\n".join(parts) + "\n"


def _csv_rows(report: Report) -> Iterable[tuple[object, ...]]:
    for cell in report.cells:
        numbers = _digits(cell.mean), _digits(cell.std), len(cell.areas), _digits(cell.mean_seconds, 4)
        yield (
            cell.scene,
            cell.entrant,
            report.transforms_text,
            *numbers,
            cell.device,
            cell.problem,
            " ".join(cell.notes),
        )


def _published_rows(comparisons: Iterable[Comparison]) -> Iterable[tuple[object, ...]]:
    for item in comparisons:
        published = item.published
        ours = item.entrant, _digits(item.ours), _digits(item.difference)
        yield item.scene, published.source, published.label, f"{published.area:.4f}", *ours, item.data


def _published_line(item: Comparison) -> list[str]:
    published = item.published
    # Adding 0 takes the sign from a difference that is rounded to nothing.
    figures = _figure(item.ours), f"{published.area:.4f}", f"{round(item.difference, 4) + 0.0:+.4f}"
    return [item.scene, item.entrant, *figures, published.label, published.source, item.data]


def _area(report: Report, scene: str, entrant: str) -> float:
    cell = report.cell(scene, entrant)
    return math.nan if cell is None else cell.mean


def _text(cell: Cell | None) -> str:
    return "" if cell is None else cell.text


def _mean_text(report: Report, entrant: str) -> str:
    mean, count = report.mean(entrant)
    return _figure(mean) + ("" if count == len(report.scenes) else f" ({count} of {len(report.scenes)})")


def _seconds(cell: Cell | None) -> str:
    return "" if cell is None or not cell.seconds else f"{cell.mean_seconds:.2f}"


def _figure(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.4f}"


def _digits(value: float, digits: int = 6) -> str:
    return "" if math.isnan(value) else f"{value:.{digits}f}"


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)
