"""What the program does, as verbs: open, detect, fuse, evaluate, export. The window, the CLI and scripts call these."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.context import Context
from hadviewer.core.corrections import Corrections, corrected
from hadviewer.core.cube import Cube, Origin, Scene, Truth
from hadviewer.core.errors import HadviewerError, ParamError, ReadError
from hadviewer.core.params import parse
from hadviewer.core.results import DetectionRequest, DetectionResult, TransformStep
from hadviewer.core.specs import Entry, Match, ReaderSpec
from hadviewer.engine import catalog, remembering
from hadviewer.io.sidecar import Remembered

if TYPE_CHECKING:
    from hadviewer.analysis.evaluation import Evaluation
    from hadviewer.engine.inputs import Inputs

HEAD_BYTES = 1024
CAMERA_FILES = (".cu3", ".cu3s", ".cue", ".nh7", ".nh8", ".nh9")
Steps = str | Iterable[str | TransformStep | tuple[str, Mapping[str, Any]]]
T = TypeVar("T")


def open_scene(
    path: str | Path,
    entry: str | None = None,
    *,
    truth: str | Path | None = None,
    options: Mapping[str, Any] | None = None,
    corrections: Corrections | None = None,
    known: tuple[ReaderSpec, list[Entry]] | None = None,
) -> Scene:
    """Open a cube lazily, with its truth where one is found in the same file or named by ``truth`` (FILE[:ENTRY]).

    ``entry`` chooses among several cubes in one file; ``options`` are the reader's parameters. What the user has said
    of the file before is honoured, unless ``corrections`` take its place; options given now come first. ``known`` is
    what ``recognise`` found, where it was asked before. Raises ReadError with every reader's reason in its details.
    """
    place = Path(path).expanduser()
    reader, entries = known or recognise(place)
    cube = _open(reader, place, _choose(place, entries, entry), options or {}, corrections)
    if truth is not None:
        return Scene(cube, open_truth(truth, cube.shape[:2]))
    masks = [item.name for item in entries if item.role == "mask" and _fits(item.shape, cube.shape[:2])]
    return Scene(cube, _truth(reader, place, masks[0], cube.shape[:2], masks[1:]) if masks else None)


def open_cube(path: str | Path, entry: str | None = None, *, options: Mapping[str, Any] | None = None) -> Cube:
    """A cube as ``open_scene`` opens it, without a look at the masks of its file."""
    place = Path(path).expanduser()
    reader, entries = recognise(place)
    return _open(reader, place, _choose(place, entries, entry), options or {})


def _open(
    reader: ReaderSpec, place: Path, chosen: Entry, options: Mapping[str, Any], corrections: Corrections | None = None
) -> Cube:
    """The cube with these corrections, or else with what was said of it before, as far as that can be used."""
    if corrections is not None:
        cube = _read(reader, place, chosen, options)
        assert cube.origin is not None
        return corrected(replace(cube, origin=replace(cube.origin, corrections=corrections or None)), corrections)
    said, remarks = remembering.recall(reader, place, chosen.name)
    try:
        cube = _read(reader, place, chosen, {**said.options, **options})
    except ReadError as error:
        if not said.options:
            raise
        cube = _read(reader, place, chosen, options)
        said, remarks = Remembered(), (f"What was remembered of {place.name} was ignored: {error}",)
    return remembering.apply(replace(cube, notes=(*remarks, *cube.notes)), said)


def _read(reader: ReaderSpec, place: Path, chosen: Entry, options: Mapping[str, Any]) -> Cube:
    params = parse(reader.params, options)
    origin = Origin(place.resolve(), chosen.name, reader.id, params.model_dump(exclude_defaults=True))
    return replace(reader.open(place, chosen.name, params), origin=origin)


def open_origin(origin: Origin) -> Cube:
    """The same cube once more, from what is remembered of how it was opened."""
    reader = catalog.readers().get(origin.reader or "")
    cube = reader.open(origin.path, origin.entry, parse(reader.params, origin.options))
    return corrected(replace(cube, origin=origin), origin.corrections)


def contents(path: str | Path) -> list[Entry]:
    """What a file holds that could be opened, best first."""
    return recognise(Path(path).expanduser())[1]


def open_truth(reference: str | Path, shape: tuple[int, int]) -> Truth:
    """The mask in FILE or FILE:ENTRY, turned to ``shape`` (rows, cols) if only its transpose fits."""
    place, entry = split_reference(reference)
    reader, entries = recognise(place)
    others: list[str] = []
    if entry is None:
        fitting = [item for item in entries if _fits(item.shape, shape)]
        fitting.sort(key=lambda item: item.role != "mask")
        if not fitting:
            found = ", ".join(f"{item.name} {_size(item.shape)}" for item in entries) or "nothing"
            raise ReadError(
                f"{place.name} has no mask of {shape[0]} lines × {shape[1]} samples.", hint=f"It holds {found}."
            )
        entry = fitting[0].name
        others = [item.name for item in fitting[1:] if item.role == fitting[0].role]
    return _truth(reader, place, entry, shape, others)


def open_map(reference: str | Path) -> NDArray[np.float32]:
    """A score map (rows, cols) from FILE or FILE:ENTRY; values that mean no data become NaN."""
    place, entry = split_reference(reference)
    reader, entries = recognise(place)
    flat = [item for item in entries if _is_flat(item.shape)]
    if entry is None and not flat:
        raise ReadError(f"{place.name} holds no score map.", hint="A score map has lines and samples but one band.")
    array = reader.open_array(place, entry or flat[0].name)
    return np.asarray(array, dtype=np.float32)


def detect(
    cube: Cube | NDArray[Any],
    detector: str | DetectionRequest = "grx",
    *,
    params: Mapping[str, Any] | None = None,
    transforms: Steps = (),
    bands: str = "usable",
    device: str = "auto",
    seed: int = 0,
    inputs: "Inputs | None" = None,
    ctx: Context | None = None,
    **more_params: Any,
) -> DetectionResult:
    """Score every pixel of a cube (or of an array (rows, cols, bands)).

    Detector parameters go in ``params`` or as keywords; ``transforms`` are ids, (id, params) pairs or steps, applied in
    order. ``inputs`` are arrays handed in beside the cube (``engine/inputs.py``). Raises ParamError before anything
    heavy starts, DetectorError when the detector refuses.
    """
    from hadviewer.engine.inputs import run_with

    source = cube if isinstance(cube, Cube) else as_cube(cube)
    if isinstance(detector, DetectionRequest):
        return run_with(detector, source, inputs or {}, ctx or Context())
    request = DetectionRequest(
        detector=detector,
        params={**(params or {}), **more_params},
        transforms=tuple(_step(item) for item in _listed(transforms)),
        bands=bands,
        device=device,
        seed=seed,
    )
    return run_with(request, source, inputs or {}, ctx or Context())


@overload
def fuse(items: Sequence[DetectionResult]) -> DetectionResult: ...
@overload
def fuse(items: Sequence[NDArray[np.floating]]) -> NDArray[np.float32]: ...
def fuse(items: Sequence[Any]) -> Any:
    """Add the ranks that several results, or score maps (rows, cols), of one scene give each pixel.

    Results give a result, maps a map; a pixel without a score in one of them has none. Raises ParamError when they do
    not fit together.
    """
    if items and all(isinstance(item, DetectionResult) for item in items):
        from hadviewer.engine.fusing import fuse_results

        return fuse_results(items)
    from hadviewer.analysis.ranks import rank_sum

    maps = [item.scores if isinstance(item, DetectionResult) else np.asarray(item) for item in items]
    shapes = list(dict.fromkeys(scores.shape for scores in maps))
    if len(maps) < 2:
        raise ParamError("A fusion needs two or more score maps.", field="maps")
    if len(shapes) > 1:
        raise ParamError(f"These score maps differ in size: {', '.join(map(_size, shapes))}.", field="maps")
    return rank_sum(maps)


def evaluate(
    scores: NDArray[Any], truth: Truth | NDArray[Any], ignore: NDArray[np.bool_] | None = None
) -> "Evaluation":
    """Compare a score map with the truth: AUC, Chang's figures, ROC curve. Shapes (rows, cols) must agree.

    A truth given as an array marks its targets by values above 0, as in a file.
    """
    from hadviewer.analysis.evaluation import evaluate_scores

    mask = truth.mask if isinstance(truth, Truth) else _marked(np.asarray(truth))
    if mask.shape != np.shape(scores):
        raise ParamError(
            f"The scores are {_size(np.shape(scores))} and the truth is {_size(mask.shape)}.", field="truth"
        )
    if ignore is not None and np.shape(ignore) != mask.shape:
        raise ParamError(
            f"The truth is {_size(mask.shape)} and the ignored area {_size(np.shape(ignore))}.", field="ignore"
        )
    return evaluate_scores(np.asarray(scores), mask, ignore)


def export(
    result: DetectionResult,
    folder: str | Path,
    formats: str | Sequence[str] = ("envi",),
    *,
    cube: Cube | None = None,
    stem: str | None = None,
    threshold: float | None = None,
    truth: Truth | None = None,
) -> list[Path]:
    """Write a result into ``folder`` in each format, its ROC curve where truth is given, and always recipe.json."""
    from hadviewer.engine.export import export_result

    return export_result(result, Path(folder), _listed(formats), cube=cube, stem=stem, threshold=threshold, truth=truth)


def as_cube(array: NDArray[Any], name: str = "array") -> Cube:
    """A cube around an array (rows, cols, bands) without a file."""
    from hadviewer.core.bands import BandSet
    from hadviewer.io.sources import ArraySource

    values = np.asarray(array)
    if values.ndim != 3 or 0 in values.shape:
        raise ParamError(f"A cube has rows, columns and bands; this is {_size(values.shape)}.", field="cube")
    if values.dtype.kind not in "biufc":
        raise ParamError(f"A cube holds numbers; this array holds values of type {values.dtype}.", field="cube")
    return Cube(ArraySource(values), BandSet(values.shape[2]), name=name)


def split_reference(reference: str | Path) -> tuple[Path, str | None]:
    """FILE or FILE:ENTRY taken apart; a file whose own name holds a colon wins."""
    place = Path(reference).expanduser()
    if place.exists() or ":" not in str(reference):
        return place, None
    file, _, entry = str(reference).rpartition(":")
    return Path(file).expanduser(), entry or None


def recognise(path: Path) -> tuple[ReaderSpec, list[Entry]]:
    """The reader that knows the file best and what it finds there."""
    head = _head(path)
    matches = [(reader.sniff(path, head), reader) for reader in catalog.readers()]
    certain = [reader for match, reader in matches if match == Match.PRODUCT]
    candidates = certain or [reader for match, reader in sorted(matches, key=lambda item: -item[0]) if match > Match.NO]
    reasons: list[str] = []
    for reader in candidates:
        try:
            return reader, reader.contents(path)
        except HadviewerError as error:
            if len(candidates) == 1:
                raise
            reasons.append(f"{reader.title}: {error}")
    if not candidates and path.suffix.lower() in CAMERA_FILES:
        raise ReadError(
            f"{path.name} can only be read by the program of its camera.",
            hint="Export it there as ENVI, and open the .hdr file.",
        )
    if not candidates and path.is_dir():
        raise ReadError(f"{path.name or path} is a folder.", hint="Choose the file in it that holds the cube.")
    tried = ", ".join(reader.title for _, reader in matches)
    raise ReadError(
        reasons[0].partition(": ")[2] if reasons else f"{path.name} is in no format this program knows.",
        hint="" if reasons else f"It reads {tried}.",
        details="\n".join(reasons or [f"{reader.title}: does not look like it" for _, reader in matches]),
    )


def _head(path: Path) -> bytes:
    try:
        if path.is_dir():
            return b""
        with path.open("rb") as file:
            return file.read(HEAD_BYTES)
    except OSError as error:
        reason = "does not exist" if isinstance(error, FileNotFoundError) else f"cannot be read: {error.strerror}"
        raise ReadError(f"{path} {reason}.", hint="Check the path.") from None


def _choose(path: Path, entries: list[Entry], wanted: str | None) -> Entry:
    if wanted is not None:
        match = next((item for item in entries if item.name == wanted), None)
        if match is None:
            names = ", ".join(item.name for item in entries) or "nothing"
            raise ReadError(f"{path.name} has no entry {wanted!r}.", hint=f"It holds {names}.")
        return match
    cube = next((item for item in entries if item.role == "cube"), None)
    if cube is None:
        found = ", ".join(f"{item.name} {_size(item.shape)}" for item in entries[:8]) or "nothing of use"
        hint = "Choose the file that has lines, samples and bands."
        if any(item.role == "mask" for item in entries):
            hint = "If it is the truth of a scene, open that first, then File, Import truth."
        raise ReadError(f"{path.name} holds no cube, only {found}.", hint=hint)
    return cube


def _truth(reader: ReaderSpec, path: Path, entry: str, shape: tuple[int, int], others: Sequence[str] = ()) -> Truth:
    """The mask in an entry; ``others`` of the same file would have fitted as well, which is remarked."""
    array = np.squeeze(np.asarray(reader.open_array(path, entry)))
    notes: list[str] = []
    if others:
        notes.append(f"{path.name} holds other masks of this size: {', '.join(others)}; {entry} was taken.")
    if array.shape != shape and array.shape == shape[::-1]:
        array = array.T
        notes.append(f"The mask {entry} was transposed to fit the cube.")
    if array.shape != shape:
        raise ReadError(
            f"The mask {entry} in {path.name} is {_size(array.shape)}, the cube is {_size(shape)}.",
            hint="Choose the mask of this scene.",
        )
    values = len(np.unique(array))
    if values > 2:
        notes.append(f"The mask {entry} has {values} different values: all above 0 count as targets.")
    return Truth(np.ascontiguousarray(_marked(array)), entry, path, tuple(notes))


def _marked(array: NDArray[Any]) -> NDArray[np.bool_]:
    """Where a truth marks a target: values above 0; gaps (NaN) and negative values are none."""
    return np.nan_to_num(array) > 0 if array.dtype.kind in "fiu" else array.astype(bool)


def _fits(shape: tuple[int, ...], wanted: tuple[int, int]) -> bool:
    flat = tuple(size for size in shape if size != 1) if len(shape) > 2 else shape
    return flat in (wanted, wanted[::-1])


def _is_flat(shape: tuple[int, ...]) -> bool:
    return len(shape) == 2 or (len(shape) == 3 and shape[2] == 1)


def _size(shape: Sequence[int]) -> str:
    return " × ".join(str(size) for size in shape) or "no array"


def _listed(items: "str | Iterable[T]") -> "list[str | T]":
    """A single name is a list of one."""
    return [items] if isinstance(items, str) else list(items)


def _step(item: str | TransformStep | tuple[str, Mapping[str, Any]]) -> TransformStep:
    if isinstance(item, TransformStep):
        return item
    if isinstance(item, str):
        return TransformStep(id=item)
    return TransformStep(id=item[0], params=dict(item[1]))
