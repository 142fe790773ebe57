"""Many detectors on many scenes with known truth: a run for each of them and each seed."""

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from hadviewer.analysis.roc import auc
from hadviewer.analysis.roc3d import roc3d
from hadviewer.core.context import Context, Reporter, SilentReporter
from hadviewer.core.cube import Scene
from hadviewer.core.errors import HadviewerError, ParamError, ReadError
from hadviewer.core.params import Params, describe
from hadviewer.core.results import DetectionRequest, TransformStep
from hadviewer.core.specs import DetectorSpec
from hadviewer.engine import catalog, verbs
from hadviewer.engine.benchmark_runs import ON_BANDS, THEN, Run

TRUTH_ENDINGS = ("-truth", "_truth", "-gt", "_gt")
"""What the name of a truth file adds to the name of the scene beside which it lies."""

SEED_STEP = 100
"""Between the seeds of two runs: a detector that trains several networks from seeds in a row shares none of them."""

PRESET = "preset"
"""What is typed like a parameter to mean those of a preset."""

Progress = Callable[[str], AbstractContextManager[Reporter]]


def unwatched(title: str) -> AbstractContextManager[Reporter]:
    """Progress that nobody sees."""
    return nullcontext(SilentReporter())


@dataclass(frozen=True)
class Entrant:
    """A detector with its parameters and the transforms before it; ``label`` heads its column."""

    label: str
    detector: str
    params: Mapping[str, Any] = field(default_factory=dict)
    transforms: tuple[TransformStep, ...] = ()

    def request(self, **how: Any) -> DetectionRequest:
        """What to ask of the engine; raises ParamError for what no scene could make right."""
        catalog.detectors().parse(self.detector, self.params)
        for step in self.transforms:
            catalog.transforms().parse(step.id, step.params)
        return DetectionRequest(detector=self.detector, params=dict(self.params), transforms=self.transforms, **how)


def entrant(
    typed: Sequence[tuple[str, Mapping[str, Any]]], before: Sequence[TransformStep] = (), bands: str = "usable"
) -> Entrant:
    """A detector as it was typed, with the transforms typed before it and those ``before`` every one.

    The parameter 'preset' stands for those of a preset, which others overrule. The label tells all that decides the
    column: 'fen:weights=200bands + grx', 'lren on bands 1-198'; of a path only the last name, to be the same elsewhere.
    """
    *first, (detector, params) = typed
    steps = (*before, *(TransformStep(id=name, params=dict(given)) for name, given in first))
    spec = catalog.detectors().get(detector)
    texts = [_text(step.id, step.params, catalog.transforms().get(step.id).params) for step in steps]
    label = THEN.join([*texts, _text(detector, params, spec.params)])
    label += "" if bands == "usable" else f"{ON_BANDS}{bands}"
    own = {key: value for key, value in params.items() if key != PRESET}
    chosen = preset(spec, params[PRESET]) if PRESET in params else {}
    return Entrant(label, detector, chosen | own, steps)


def preset(spec: DetectorSpec, name: str) -> dict[str, Any]:
    """The parameters of a preset of a detector; raises ParamError naming those there are."""
    if name not in spec.presets:
        known = "; ".join(spec.presets) or "none"
        raise ParamError(f"There is no preset {name!r}.", field=PRESET, hint=f"{spec.id} has: {known}.")
    return dict(spec.presets[name])


def _text(name: str, params: Mapping[str, Any], model: type[Params]) -> str:
    """'pca:components=20', or 'grx' without parameters."""
    paths = {field.name for field in describe(model) if field.kind == "path"}
    texts = [f"{key}={Path(value).name if key in paths else value}" for key, value in params.items()]
    return f"{name}:{','.join(texts)}" if texts else name


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


def run_once(name: str, scene: Scene, label: str, request: DetectionRequest, progress: Progress = unwatched) -> Run:
    """One detector on one scene with one seed; ``progress`` gives the run somebody to report to.

    What the detector refuses, or where it breaks, is written into the run.
    """
    if scene.truth is None:
        raise ValueError("a scene without a truth cannot be scored")
    lines, samples, bands = scene.cube.shape
    targets = int(np.count_nonzero(scene.truth.mask))
    started = Run(name, label, request.seed, lines=lines, samples=samples, bands=bands, targets=targets)
    try:
        with progress(f"{name} {label}" + (f", seed {request.seed}" if request.seed else "")) as reporter:
            watching = _LastStep(reporter)
            clock = time.process_time()
            result = verbs.detect(scene.cube, request, ctx=Context(reporter=watching))
            spent = time.process_time() - clock
    except HadviewerError as error:
        return replace(started, problem=str(error))
    except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
        # A mistake in one detector must not cost the hours of the others; its cell says so.
        return replace(started, problem=f"A mistake in the detector ({type(error).__name__}: {error}).")
    known = np.isfinite(result.scores)
    area = auc(result.scores, scene.truth.mask)
    figures = roc3d(result.scores[known].astype(np.float64), scene.truth.mask[known].astype(bool), area)
    return replace(
        started,
        area=area,
        false_alarms=figures.pf_tau,
        seconds=round(result.seconds, 3),
        cpu_seconds=round(spent, 3),
        steps=watching.step,
        bands=result.provenance["bands_used"],
        device=result.device,
        scores=hashlib.sha256(np.ascontiguousarray(result.scores).tobytes()).hexdigest()[:16],
        notes=" ".join(dict.fromkeys(result.notes)),
    )


class _LastStep(SilentReporter):
    """Passes everything on, and keeps the last step of the loss: the one whose scores are taken."""

    def __init__(self, reporter: Reporter) -> None:
        self.step = 0
        self.progress = reporter.progress  # type: ignore[method-assign]
        self.preview = reporter.preview  # type: ignore[method-assign]
        self.picture = reporter.picture  # type: ignore[method-assign]
        self._curve = reporter.curve

    def curve(self, name: str, x: float, y: float) -> None:
        """Look at it and pass it on."""
        if name == "loss":
            self.step = max(self.step, int(x))
        self._curve(name, x, y)


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
