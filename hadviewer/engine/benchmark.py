"""Many detectors on many scenes with known truth: one figure for each pair, with its spread over seeds."""

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from hadviewer.analysis.roc import auc
from hadviewer.core.context import Context, Reporter, SilentReporter
from hadviewer.core.cube import Scene
from hadviewer.core.errors import HadviewerError, ReadError
from hadviewer.core.params import parse
from hadviewer.core.results import DetectionRequest, TransformStep
from hadviewer.engine import catalog, verbs

TRUTH_ENDINGS = ("-truth", "_truth", "-gt", "_gt")
"""What the name of a truth file adds to the name of the scene beside which it lies."""

Progress = Callable[[str], AbstractContextManager[Reporter]]


def unwatched(title: str) -> AbstractContextManager[Reporter]:
    """Progress that nobody sees."""
    return nullcontext(SilentReporter())


@dataclass(frozen=True)
class Entrant:
    """A detector with its parameters, as it was typed; ``label`` heads its column."""

    label: str
    detector: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def request(self, transforms: Sequence[TransformStep] = (), **how: Any) -> DetectionRequest:
        """What to ask of the engine; raises ParamError for what no scene could make right."""
        parse(catalog.detectors().get(self.detector).params, self.params)
        for step in transforms:
            parse(catalog.transforms().get(step.id).params, step.params)
        return DetectionRequest(detector=self.detector, params=dict(self.params), transforms=tuple(transforms), **how)


@dataclass(frozen=True)
class Cell:
    """One detector on one scene: an area under the ROC curve and the seconds for each run, or what went wrong.

    A detector that gives the same scores for two seeds running needs no more: the seed does not matter to it.
    """

    scene: str
    entrant: str
    areas: tuple[float, ...] = ()
    seconds: tuple[float, ...] = ()
    device: str = ""
    problem: str = ""
    notes: tuple[str, ...] = ()

    @property
    def mean(self) -> float:
        """Mean area over the runs; NaN where there is none."""
        return float(np.mean(self.areas)) if self.areas else math.nan

    @property
    def std(self) -> float:
        """Standard deviation of the area over the runs (of a sample); NaN for a single run."""
        return float(np.std(self.areas, ddof=1)) if len(self.areas) > 1 else math.nan

    @property
    def mean_seconds(self) -> float:
        """Mean time of a run; NaN where there is none."""
        return float(np.mean(self.seconds)) if self.seconds else math.nan

    @property
    def text(self) -> str:
        """'0.9907 ± 0.0003', '0.9907' where there is no spread, or 'failed'."""
        if not self.areas:
            return "failed"
        return f"{self.mean:.4f} ± {self.std:.4f}" if self.std > 0 else f"{self.mean:.4f}"


def find_scenes(places: Sequence[str | Path]) -> tuple[dict[str, Scene], list[str]]:
    """Scenes with a truth in these files and folders by name, and a sentence for each that is left out.

    A truth lies in the file of its scene or beside it, called like it with -truth, _truth, -gt or _gt added. Raises
    ReadError for a named file that cannot be read, and when nothing remains.
    """
    found: dict[str, Scene] = {}
    left_out: list[str] = []
    for place in map(Path, places):
        folder = place.expanduser().is_dir()
        for path in scene_files(place.expanduser()) if folder else [place.expanduser()]:
            try:
                scene = verbs.open_scene(path, truth=_truth_beside(path))
            except ReadError as error:
                if not folder:
                    raise
                left_out.append(f"{error.message} It is left out.")
                continue
            problem = _unusable(scene, path)
            if problem:
                left_out.append(f"{problem} It is left out.")
            else:
                found[_name(path, found)] = scene
    if not found:
        raise ReadError("There is no scene with a known truth to compare detectors on.", hint=" ".join(left_out[:3]))
    return found, left_out


def run_cell(
    name: str, scene: Scene, label: str, request: DetectionRequest, seeds: int = 1, progress: Progress = unwatched
) -> Cell:
    """One detector on one scene with the seeds from 0 on; ``progress`` gives each run somebody to report to.

    What the detector refuses, or where it breaks, is written into the cell.
    """
    if scene.truth is None:
        raise ValueError("a scene without a truth cannot be scored")
    areas: list[float] = []
    seconds: list[float] = []
    notes: list[str] = []
    device, former = "", np.zeros(0, np.float32)
    try:
        for seed in range(seeds):
            with progress(f"{name} {label}" + (f", run {seed + 1}" if seed else "")) as reporter:
                context = Context(reporter=reporter)
                result = verbs.detect(scene.cube, request.model_copy(update={"seed": seed}), ctx=context)
            areas.append(auc(result.scores, scene.truth.mask))
            seconds.append(result.seconds)
            notes += result.notes
            device = result.device
            if np.array_equal(result.scores, former, equal_nan=True):
                break
            former = result.scores
    except HadviewerError as error:
        return Cell(name, label, problem=str(error))
    except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
        # A mistake in one detector must not cost the hours of the others; its cell says so.
        return Cell(name, label, problem=f"A mistake in the detector ({type(error).__name__}: {error}).")
    return Cell(name, label, tuple(areas), tuple(seconds), device, notes=tuple(dict.fromkeys(notes)))


def scene_files(folder: Path) -> list[Path]:
    """Files of a folder that may hold a scene: not hidden, no data beside a header, no truth of another file."""
    files = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    stems = {path.stem for path in files}
    headers = {path for path in files if path.suffix.lower() == ".hdr"}

    def apart(path: Path) -> bool:
        header = {path.with_suffix(".hdr"), path.with_name(f"{path.name}.hdr")} & headers
        truth = any(path.stem.endswith(ending) and path.stem.removesuffix(ending) in stems for ending in TRUTH_ENDINGS)
        return not truth and (path in headers or not header)

    return [path for path in files if apart(path)]


def _truth_beside(path: Path) -> Path | None:
    """The file with the truth of a scene, where there is one; a header rather than its data."""
    names = [f"{path.stem}{ending}" for ending in TRUTH_ENDINGS]
    beside = [other for other in sorted(path.parent.glob("*")) if other.is_file() and other.stem in names]
    return min(beside, key=lambda other: other.suffix.lower() != ".hdr", default=None)


def _unusable(scene: Scene, path: Path) -> str:
    """Why a scene cannot be scored, or ''."""
    if scene.truth is None:
        return f"{path.name} has no truth."
    marked = int(np.count_nonzero(scene.truth.mask))
    if marked in (0, scene.truth.mask.size):
        return f"{path.name} has a truth that marks {'no' if marked == 0 else 'every'} pixel."
    return ""


def _name(path: Path, taken: Mapping[str, Any]) -> str:
    """The stem of a file, with its folder where that name is taken, and with a number where both are."""
    names = [path.stem, f"{path.parent.name}/{path.stem}"]
    names += [f"{names[1]} ({number})" for number in range(2, len(taken) + 3)]
    return next(name for name in names if name not in taken)
