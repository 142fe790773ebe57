"""The single runs of a benchmark and the file they are kept in, so that nothing that is done is done again."""

import csv
import math
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from hadviewer.core.errors import ReadError
from hadviewer.io.writers.table import write_csv

RUNS = "runs.csv"
THEN, ON_BANDS = " + ", " on bands "
"""In the label of a column: between transforms and detector, and before a choice of bands."""


@dataclass(frozen=True)
class Run:
    """One detector on one scene with one seed: what came out, or what went wrong.

    ``area`` and ``false_alarms`` are those under the curves of PD against PF and of PF against the threshold.
    ``steps`` is the last step of a training, whose scores were taken; ``lines``, ``samples``, ``bands`` (those used)
    and ``targets`` tell the data, ``fingerprint`` too: the area of global RX on them, NaN where it was not asked for.
    ``scores`` is a digest of the map: equal maps have equal ones.
    """

    scene: str
    entrant: str
    seed: int = 0
    area: float = math.nan
    false_alarms: float = math.nan
    seconds: float = math.nan
    cpu_seconds: float = math.nan
    steps: int = 0
    lines: int = 0
    samples: int = 0
    bands: int = 0
    targets: int = 0
    fingerprint: float = math.nan
    device: str = ""
    scores: str = ""
    problem: str = ""
    notes: str = ""


@dataclass(frozen=True)
class Cell:
    """The runs of one detector on one scene with different seeds."""

    scene: str
    entrant: str
    runs: tuple[Run, ...] = ()

    @property
    def areas(self) -> tuple[float, ...]:
        """The area under the ROC curve of each run that gave one."""
        return tuple(run.area for run in self.runs if not run.problem)

    @property
    def problem(self) -> str:
        """What went wrong in a run, or ''."""
        return next((run.problem for run in self.runs if run.problem), "")

    @property
    def seconds(self) -> tuple[float, ...]:
        """The time of each run that gave an area."""
        return tuple(run.seconds for run in self.runs if not run.problem)

    @property
    def device(self) -> str:
        """Where the runs were made."""
        return ", ".join(dict.fromkeys(run.device for run in self.runs if run.device))

    @property
    def notes(self) -> tuple[str, ...]:
        """What was remarkable in the runs."""
        return tuple(dict.fromkeys(run.notes for run in self.runs if run.notes))

    @property
    def settled(self) -> bool:
        """Whether more seeds would tell nothing: two gave the same scores."""
        digests = [run.scores for run in self.runs if run.scores]
        return len(set(digests)) < len(digests)

    @property
    def seeds(self) -> int:
        """How many runs gave an area; 1 where the seed does not matter."""
        return 1 if self.settled else len(self.areas)

    @property
    def mean(self) -> float:
        """Mean area over the runs; NaN where there is none."""
        return _mean(self.areas)

    @property
    def std(self) -> float:
        """Standard deviation of the area over the runs (of a sample); NaN for a single run."""
        return float(np.std(self.areas, ddof=1)) if len(self.areas) > 1 else math.nan

    @property
    def mean_seconds(self) -> float:
        """Mean time of a run; NaN where there is none."""
        return _mean(self.seconds)

    @property
    def mean_cpu_seconds(self) -> float:
        """Mean time of the processor for a run, all its cores together; NaN where there is none."""
        return _mean([run.cpu_seconds for run in self.runs if not run.problem])

    @property
    def mean_false_alarms(self) -> float:
        """Mean area under the curve of false alarms against the threshold; NaN where there is none."""
        return _mean([run.false_alarms for run in self.runs if not run.problem])

    @property
    def steps(self) -> int:
        """The last step of the trainings; 0 where nothing is trained."""
        return max((run.steps for run in self.runs), default=0)

    @property
    def text(self) -> str:
        """'0.9907 ± 0.0003', '0.9907' where there is no spread, or 'failed'."""
        if not self.areas:
            return "failed"
        return f"{self.mean:.4f} ± {self.std:.4f}" if self.std > 0 else f"{self.mean:.4f}"


def read_runs(folder: Path) -> list[Run]:
    """The runs that are kept in a folder, none where there are none; raises ReadError for a table that is another."""
    path = folder / RUNS
    if not path.is_file():
        return []
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return [_run(row) for row in csv.DictReader(file)]
    except (OSError, ValueError, KeyError, TypeError, csv.Error) as error:
        raise ReadError(
            f"{path} is no table of runs ({type(error).__name__}: {error}).", hint="Choose another folder for --out."
        ) from error


def write_runs(runs: Iterable[Run], folder: Path) -> Path:
    """Keep the runs in a folder."""
    names = [field.name for field in fields(Run)]
    return write_csv(folder / RUNS, names, ([_text(value) for value in astuple(run)] for run in runs))


def _run(row: dict[str, str]) -> Run:
    readers: dict[Any, Any] = {int: int, float: lambda text: float(text or "nan"), str: str}
    return Run(**{field.name: readers[field.type](row[field.name]) for field in fields(Run)})


def _text(value: float | str) -> str:
    return "" if isinstance(value, float) and math.isnan(value) else str(value)


def _mean(values: Iterable[float]) -> float:
    known = [value for value in values if not math.isnan(value)]
    return float(np.mean(known)) if known else math.nan
