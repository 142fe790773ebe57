"""Training of networks from a folder of background cubes, and what a window needs to know of weights."""

import csv
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hadviewer import __version__
from hadviewer.core.bands import select_bands
from hadviewer.core.context import Context
from hadviewer.core.cube import Cube, Window
from hadviewer.core.errors import Cancelled, DetectorError, ParamError, ReadError
from hadviewer.engine import devices, verbs
from hadviewer.engine.benchmark import scene_files
from hadviewer.io import consent
from hadviewer.io.atomic import replacing
from hadviewer.transforms._fen_network import WIDTH
from hadviewer.transforms._fen_record import RECORD, TrainedOn, common, trained_on
from hadviewer.transforms._fen_trainer import Training
from hadviewer.transforms._fen_training import (
    PARTS,
    Architecture,
    TrainingParams,
    export_network,
    find_teacher,
    random_teacher,
    read_teacher,
    total_loss,
)
from hadviewer.transforms._fen_weights import WeightFiles, choose_weights, find_weights
from hadviewer.transforms.fen import fit, scaled

CHECKPOINT, TABLE, PICTURE = "checkpoint.pt", "training.csv", "training.png"
RANDOM = "random"
DEVICES = ("cpu", "cuda", "mps")
STRIP_BYTES = 64 << 20
OPEN_CUBES = 32
COUNTING_SHARE = 0.02
"""Share of the progress bar given to reading the cubes once."""


@dataclass(frozen=True)
class TrainingRequest:
    """What to train and on what.

    ``folder`` holds the background cubes, ``out`` gets weights, checkpoint, table and picture. ``teacher`` is the file
    of the teacher's weights, 'random' for a teacher that has learned nothing, None for the file in torch's cache.
    ``resume`` goes on from the checkpoint in ``out``.
    """

    folder: Path
    out: Path
    params: TrainingParams
    teacher: str | None = None
    device: str = "auto"
    seed: int = 0
    resume: bool = False


@dataclass(frozen=True)
class TrainingResult:
    """What came of a training: the files, the loss of each epoch, where it ran, and remarks."""

    files: tuple[Path, ...]
    losses: tuple[float, ...]
    patches: int
    device: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Background:
    """A cube of background: the ``bands`` used and of what kind, the ends of its values, the patches without holes."""

    path: Path
    shape: tuple[int, int, int]
    bands: NDArray[np.intp]
    low: float
    high: float
    windows: tuple[Window, ...]
    kind: TrainedOn


class _Patches:
    """All patches of all cubes, read when they are asked for; only some cubes are open at a time."""

    def __init__(self, backgrounds: Sequence[_Background]) -> None:
        self._open = lru_cache(OPEN_CUBES)(_open)
        self._places = [(background, window) for background in backgrounds for window in background.windows]

    def __len__(self) -> int:
        return len(self._places)

    def read(self, index: int) -> NDArray[np.float32]:
        """One scaled patch, float32 (side, side, bands)."""
        background, window = self._places[index]
        values = self._open(background.path).values(background.bands, window)
        return scaled(values, background.low, background.high)


def check_request(request: TrainingRequest) -> None:
    """Say what is wrong with a request before anything is read; raises ParamError, ReadError."""
    if not request.folder.is_dir():
        raise ReadError(f"{request.folder} is no folder.", hint="Give the folder of the background cubes.")
    if request.params.width != WIDTH and request.teacher != RANDOM:
        raise ParamError(
            f"A trained teacher fits a width of {WIDTH} only.",
            field="width",
            hint="Leave width out, or --teacher random.",
        )
    checkpoint = request.out / CHECKPOINT
    if request.resume and not checkpoint.is_file():
        raise ReadError(f"{request.out} has no {CHECKPOINT} to go on from.", hint="Leave --resume out to begin.")
    if not request.resume and checkpoint.is_file():
        raise ParamError(
            f"{request.out} holds a training already.",
            field="out",
            hint="--resume goes on with it, also for more epochs; another folder begins anew.",
        )


def train_fen(request: TrainingRequest, ctx: Context) -> TrainingResult:
    """Train FEN and write its weights, table and picture of the loss into ``request.out``.

    Raises Cancelled when stopped, after the checkpoint was written; ReadError for a folder without usable cubes, a
    missing teacher or a checkpoint of another training; DetectorError when the loss is no longer a number.
    """
    check_request(request)
    ctx.device = devices.choose(request.device, DEVICES)
    teacher, origin = _teacher(request)
    backgrounds = _backgrounds(request, ctx)
    patches = _Patches(backgrounds)
    ctx.note(f"{len(patches)} patches from {len(backgrounds)} cubes.")
    kind, other = common([item.kind for item in backgrounds])
    if other is not None:
        ctx.note(f"{backgrounds[other].path.name} has other wavelengths than {backgrounds[0].path.name}.")
    identity = _identity(backgrounds, origin)
    checkpoint = request.out / CHECKPOINT
    known = (request.params, request.seed, identity, teacher, ctx.device)
    training = Training.restore(checkpoint, *known) if request.resume else Training.begin(*known)
    ctx.stage(COUNTING_SHARE, 1.0)

    def keep() -> None:
        training.save(checkpoint)
        if training.history:
            _write_course(request.out, training.history)

    try:
        training.run(patches, ctx, keep)
    except Cancelled:
        keep()
        raise
    keep()
    files = export_network(request.out, training.trained, training.teacher)
    record = _write_record(request, training, origin, backgrounds, kind)
    losses = tuple(total_loss(row) for row in training.history)
    written = (*files, request.out / TABLE, request.out / PICTURE, record, checkpoint)
    return TrainingResult(written, losses, len(patches), ctx.device, tuple(ctx.remarks))


@dataclass(frozen=True)
class WeightsQuestion:
    """Whether the weights in ``place`` fit ``bands`` bands at ``wavelengths`` (nm); None where these are not known."""

    place: str
    bands: int | None = None
    wavelengths: tuple[float, ...] | None = None


def tell_of_weights(questions: Sequence[WeightsQuestion], ctx: Context) -> tuple[str, ...]:
    """For each question a few sentences: which weights FEN would take, what they were trained on, whether they fit.

    Reads files with torch: call it in the worker process.
    """
    return tuple(_told(question) for question in questions)


def look_at_weights(place: Path, ctx: Context) -> list[WeightFiles]:
    """The networks in a folder: where they lie, in which form, for how many bands.

    Reads files with torch: call it in the worker process, not in the window. Raises ReadError where there are none.
    """
    return find_weights(place)


def _told(question: WeightsQuestion) -> str:
    place, count = Path(question.place), question.bands
    try:
        if count is None:
            return " ".join(_listed(weights) for weights in find_weights(place))
        weights, remark = choose_weights(place, count)
    except (ReadError, DetectorError) as error:
        return str(error)
    if weights.bands is None:
        return _listed(weights)
    wavelengths = None if question.wavelengths is None else np.array(question.wavelengths)
    used, compared = fit(weights.folder, weights.bands, count, wavelengths)
    return " ".join(filter(None, (f"{weights.title}, {used}", compared, remark)))


def _listed(weights: WeightFiles) -> str:
    """'200bands: 200 bands, AVIRIS, 400-2450 nm.'"""
    if weights.bands is None:
        return f"{weights.title}: programs that tell their bands only when they run."
    kind = str(trained_on(weights.folder, weights.bands)) or "sensor and wavelengths not told"
    return f"{weights.title}: {weights.bands} bands, {kind}."


def _teacher(request: TrainingRequest) -> tuple[dict[str, Any], str]:
    """The teacher's weights, and which they are."""
    architecture = Architecture(request.params.bands, request.params.width)
    if request.teacher == RANDOM:
        return random_teacher(architecture, request.seed), RANDOM
    path = Path(request.teacher).expanduser() if request.teacher else find_teacher()
    weights = read_teacher(path, architecture)
    return weights, f"{path.name}, SHA-256 {consent.fingerprint(path.read_bytes())}"


def _backgrounds(request: TrainingRequest, ctx: Context) -> list[_Background]:
    """The cubes of the folder that can be used; the others are noted with the reason."""
    found: list[_Background] = []
    ctx.stage(0.0, COUNTING_SHARE)
    for path in ctx.track(scene_files(request.folder), message="Cubes"):
        try:
            background = _background(path, request.params, lambda: ctx.step(0, 1, "Cubes"))
        except ReadError as error:
            ctx.note(f"{error.message} It is left out.")
            continue
        found.append(background)
    if not found:
        raise ReadError(
            f"{request.folder} has no cube of at least {request.params.bands} bands and "
            f"{request.params.patch} × {request.params.patch} pixels without holes.",
            hint=" ".join(ctx.remarks[:3]),
        )
    return found


def _background(path: Path, params: TrainingParams, breathe: Callable[[], None]) -> _Background:
    """A cube read once for the ends of its values; raises ReadError where it does not fit."""
    cube = _open(path)
    bands = select_bands("usable", cube.bands)[: params.bands]
    rows, cols = cube.shape[:2]
    if len(bands) < params.bands:
        raise ReadError(f"{path.name} has {len(bands)} usable bands, fewer than {params.bands}.")
    if min(rows, cols) < params.patch:
        raise ReadError(f"{path.name} is {rows} × {cols}, smaller than a patch.")
    valid = np.zeros((rows, cols), dtype=bool)
    low, high = np.inf, -np.inf
    for window in cube.strips(STRIP_BYTES):
        breathe()
        values = cube.values(bands, window)
        valid[window.slices] = np.isfinite(values).all(axis=2)
        kept = values[valid[window.slices]]
        low, high = min(low, kept.min(initial=np.inf)), max(high, kept.max(initial=-np.inf))
    corners = [(row, col) for row in _starts(rows, params.patch) for col in _starts(cols, params.patch)]
    windows = [Window(row, row + params.patch, col, col + params.patch) for row, col in corners]
    whole = tuple(window for window in windows if valid[window.slices].all())
    if not whole:
        raise ReadError(f"{path.name} has no patch without holes.")
    centres = cube.bands.centres
    kind = TrainedOn(str(cube.meta.get("sensor type", "")), None if centres is None else centres[bands])
    return _Background(path, cube.shape, bands, float(low), float(high), whole, kind)


def _open(path: Path) -> Cube:
    return verbs.open_scene(path).cube


def _starts(length: int, side: int) -> list[int]:
    """Where patches begin that cover a line: side by side, the last moved back to the end."""
    return sorted({*range(0, length - side + 1, side), length - side})


def _identity(backgrounds: Sequence[_Background], teacher: str) -> str:
    """A short text that changes with the cubes or the teacher."""
    facts = [[item.path.name, list(item.shape), item.low, item.high, len(item.windows)] for item in backgrounds]
    return hashlib.sha256(json.dumps([facts, teacher]).encode()).hexdigest()


def _write_course(folder: Path, history: Sequence[Sequence[float]]) -> None:
    """The losses of each epoch as a table and as a picture."""
    from PIL import Image

    from hadviewer.render.curves import curve_figure

    rows = [[total_loss(parts), *parts] for parts in history]
    curves = {name: [row[number] for row in rows] for number, name in enumerate(("loss", *PARTS))}
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["epoch", *curves])
    writer.writerows([epoch, *(f"{value:.8g}" for value in row)] for epoch, row in enumerate(rows, start=1))
    picture = curve_figure(curves, title="Training of FEN", x_label="Epoch", y_label="Loss", logarithmic=True)
    with replacing(folder / TABLE, folder / PICTURE) as (table, image):
        table.write_text(text.getvalue(), encoding="utf-8")
        Image.fromarray(picture).save(image, "PNG")


def _write_record(
    request: TrainingRequest, training: Training, teacher: str, backgrounds: Sequence[_Background], kind: TrainedOn
) -> Path:
    """How the weights came, as JSON beside them."""
    record = {
        "software": f"hadviewer {__version__}",
        "network": "FEN",
        **request.params.model_dump(),
        "seed": request.seed,
        "teacher": teacher,
        "device": training.device,
        "sensor": kind.sensor,
        "wavelengths": None if kind.wavelengths is None else kind.wavelengths.tolist(),
        "cubes": [item.path.name for item in backgrounds],
        "patches": sum(len(item.windows) for item in backgrounds),
        "loss": total_loss(training.history[-1]),
    }
    target = request.out / RECORD
    with replacing(target) as (part,):
        part.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return target
