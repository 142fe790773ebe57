"""Session files: all of a session and where one was looking, in one archive of readable JSON and arrays.

The cube itself stays in its file; the session says how to open it again and finds it where both were moved together.
"""

import json
import math
import os
import time
import zipfile
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hadviewer
from hadviewer.core.errors import ReadError
from hadviewer.engine.remembering import is_kept
from hadviewer.engine.session import SessionState
from hadviewer.engine.session_arrays import ArrayNames, FolderReader, FolderWriter, ZipReader, ZipWriter
from hadviewer.engine.session_checks import check_state
from hadviewer.engine.session_codec import ArrayStore, Codec, DamagedError, Special
from hadviewer.engine.session_cubes import CubeFiles
from hadviewer.engine.views import compare_places
from hadviewer.io.atomic import replacing

FORMAT = "hadviewer session"
VERSION = 1
ENDING = ".hadsession"
CORE = "session.json"
MOST_CORE_BYTES = 256 * 2**20
UNFINISHED_SECONDS = 3600
SHOWN = ("scene", "views", "display", "layers", "selected", "spectra", "libraries")
"""Parts of a state that are no work which would be lost: they come from files, or say how something is shown."""

MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""By version: what makes a document of the next version of it."""


@dataclass(frozen=True)
class ViewPlace:
    """Where one view looks: points per pixel around (row, col), or the whole scene (``fitted``)."""

    scale: float
    centre: tuple[float, float]
    fitted: bool = False


@dataclass(frozen=True)
class Viewing:
    """What of the window belongs to a session: where each view looks, the crosshair, the docks in front."""

    places: tuple[ViewPlace, ...] = ()
    crosshair: tuple[int, int] | None = None
    docks: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class SavedSession:
    """What a file holds. ``path`` is where the session was last saved by its user, None if never."""

    state: SessionState
    viewing: Viewing = Viewing()
    path: Path | None = None


def is_session(path: Path) -> bool:
    """Whether a file is a session, by its content or its name."""
    try:
        with path.open("rb") as file:
            head = file.read(30 + len(CORE))
    except OSError:
        return False
    return path.suffix.lower() == ENDING or (head[:4] == b"PK\x03\x04" and head[30:] == CORE.encode())


def save_session(path: Path, state: SessionState, viewing: Viewing, names: ArrayNames) -> None:
    """Write a session; the file appears whole or stays as it was. Raises WriteError."""
    with replacing(path) as (part,), part.open("wb") as file:
        with zipfile.ZipFile(file, "w", allowZip64=True) as archive:
            # The JSON stands first, so that what the file is can be told from its head.
            placed = _Collected(names)
            archive.writestr(CORE, _core(state, viewing, placed, path.parent, path), zipfile.ZIP_DEFLATED)
            writer = ZipWriter(archive, names)
            for array in placed.arrays.values():
                writer.put(array)
        file.flush()
        os.fsync(file.fileno())
    _sweep(path.parent)


def _sweep(folder: Path) -> None:
    """Remove what programs that were killed while saving left unfinished, not so lately that one may still be at it."""
    with suppress(OSError):
        for place in folder.glob(f".0-????????{ENDING}"):
            if time.time() - place.stat().st_mtime > UNFINISHED_SECONDS:
                place.unlink()


def open_session(path: Path, places: Mapping[Path, Path] | None = None) -> SavedSession:
    """Read a session and open its cubes; ``places`` says where cubes are that lie elsewhere now.

    Raises MissingCubeError for a cube that is not found, ReadError with one sentence for any other trouble.
    """
    try:
        whole = path.stat().st_size
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            core = archive.getinfo(CORE)
            if core.file_size > MOST_CORE_BYTES:
                raise DamagedError("its description is too large")
            with archive.open(core) as stream:
                text = stream.read(MOST_CORE_BYTES)
            return _read(text, ZipReader(archive, whole), path, CubeFiles(path.parent, places))
    except OSError as error:
        raise ReadError(f"{path} cannot be read: {error.strerror or error}.", hint="Check the path.") from None
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError, RuntimeError):
        raise ReadError(f"{path.name} is no session of this program, or it is damaged.") from None
    except DamagedError as error:
        raise ReadError(f"The session {path.name} is damaged: {error}.") from None


def save_folder(folder: Path, saved: SavedSession, names: ArrayNames) -> None:
    """Write a session into a folder of its own; arrays that are there already stay. Raises WriteError."""
    writer = FolderWriter(folder, names)
    core = _core(saved.state, saved.viewing, writer, folder, saved.path)
    with replacing(folder / CORE) as (part,):
        part.write_bytes(core)
    writer.sweep()


def open_folder(folder: Path, places: Mapping[Path, Path] | None = None) -> SavedSession:
    """Read what ``save_folder`` wrote; raises as ``open_session`` does."""
    try:
        text = (folder / CORE).read_bytes()
        return _read(text, FolderReader(folder), folder / CORE, CubeFiles(folder, places))
    except OSError as error:
        raise ReadError(f"{folder / CORE} cannot be read: {error.strerror or error}.") from None
    except DamagedError as error:
        raise ReadError(f"The session in {folder} is damaged: {error}.") from None


@dataclass
class _Collected:
    """Remembers the arrays, to be written after the JSON."""

    names: ArrayNames

    def __post_init__(self) -> None:
        self.arrays: dict[str, Any] = {}

    def put(self, array: Any) -> str:
        name = self.names.of(array)
        self.arrays[name] = array
        return name

    def get(self, name: str) -> Any:
        return self.arrays[name]


def codec(arrays: ArrayStore, cubes: CubeFiles) -> Codec:
    """What writes and reads the parts of a session."""
    from hadviewer.core.cube import Cube
    from hadviewer.core.geolocation import Geolocation
    from hadviewer.core.results import DetectionResult
    from hadviewer.engine.session import Layer

    special = {
        Cube: Special(cubes.encode, cubes.decode),
        Geolocation: Special(cubes.encode_places, cubes.decode_places),
    }
    made = Codec(arrays, special, {"Layer": Layer, "DetectionResult": DetectionResult})
    cubes.codec = made
    return made


def _core(state: SessionState, viewing: Viewing, arrays: ArrayStore, folder: Path, path: Path | None) -> bytes:
    writer = codec(arrays, CubeFiles(folder))
    document = {
        "format": FORMAT,
        "version": VERSION,
        "program": hadviewer.__version__,
        "saved": datetime.now(UTC).isoformat(timespec="seconds"),
        "path": None if path is None else str(path.absolute()),
        "state": writer.encode(state),
        "window": writer.encode(viewing),
    }
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False).encode("utf-8")


def _read(text: bytes, arrays: ArrayStore, path: Path, cubes: CubeFiles) -> SavedSession:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise DamagedError("its description is no JSON") from None
    document = migrated(document, path.name)
    reader = codec(arrays, cubes)
    try:
        viewing = reader.decode(Viewing, document.get("window"), "window")
        state = reader.decode(SessionState, document.get("state"), "state")
    except RecursionError:
        raise DamagedError("its description is nested too deeply") from None
    check_state(state)
    for look in state.views.looks:
        with suppress(ReadError):  # then it lies on the scene line by line
            compare_places(None if state.scene is None else state.scene.cube, look.cube)
    if not all(math.isfinite(number) for place in viewing.places for number in (place.scale, *place.centre)):
        raise DamagedError("a view looks nowhere")
    saved = document.get("path")
    return SavedSession(state, viewing, Path(saved) if isinstance(saved, str) and saved else None)


def migrated(document: Any, name: str) -> dict[str, Any]:
    """A document of any version as one of ours; raises ReadError for a newer one and for what is none."""
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ReadError(f"{name} is no session of this program.")
    known: dict[str, Any] = document
    version = known.get("version")
    if type(version) is not int or version < 1:
        raise ReadError(f"{name} is no session of this program: it has no version.")
    if version > VERSION:
        raise ReadError(
            f"{name} was saved by a newer version of this program (session {version}, this one reads {VERSION}).",
            hint="Install the newer version to open it.",
        )
    while version < VERSION:
        known = MIGRATIONS[version](known)
        version += 1
    return known


def has_work(state: SessionState) -> bool:
    """Whether a state holds more than an open scene and how it is shown, or says of it what is written nowhere."""
    more = any(bool(getattr(state, part.name)) for part in fields(state) if part.name not in SHOWN)
    return more or (state.scene is not None and not is_kept(state.scene.cube))
