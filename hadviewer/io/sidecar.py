"""What the user said of a file, kept beside it: ``scene.mat.hadviewer.json``, a small text that names no other file.

    {"format": "hadviewer metadata", "version": 1, "cubes": {"data": {"options": {"order": "bsq"}, "nodata": -9999}}}

Bad bands are numbered from 1. Reading trusts nothing: sizes and types are checked before anything is used.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hadviewer.core.corrections import Corrections
from hadviewer.core.errors import ParamError, ReadError, WriteError
from hadviewer.core.params import parse
from hadviewer.io.atomic import replacing

ENDING = ".hadviewer.json"
FORMAT = "hadviewer metadata"
VERSION = 1
MAX_BYTES = 4 * 2**20
MOST_CUBES = 1000
Plain = bool | int | float | str
_LIST = re.compile(r"\[[-+.,\deE\s]*\]")
"""A list of numbers, which is easier to read on one line."""


@dataclass(frozen=True)
class Remembered:
    """What the user said of one cube: options of its reader, corrections, and bad bands (0-based; None: the file's)."""

    options: Mapping[str, Plain] = field(default_factory=dict)
    corrections: Corrections = field(default_factory=Corrections)
    bad_bands: tuple[int, ...] | None = None

    def __bool__(self) -> bool:
        return bool(self.options or self.corrections or self.bad_bands is not None)


def place_of(file: Path) -> Path:
    """Where what is said of a file, or of a folder, is kept."""
    return file.with_name(file.name + ENDING)


def recall(file: Path, entry: str) -> Remembered:
    """What was said of a cube in a file; nothing where nothing was. Raises ReadError for a damaged sidecar."""
    place = place_of(file)
    if not place.is_file():
        return Remembered()
    said = _cubes(place).get(entry)
    return Remembered() if said is None else _remembered(place, said)


def remember(file: Path, entry: str, said: Remembered) -> Path:
    """Keep what is said of a cube, beside what is said of others in the file. Raises ReadError and WriteError."""
    place = place_of(file)
    cubes = _cubes(place) if place.is_file() else {}
    cubes.pop(entry, None)
    if said:
        cubes[entry] = _plain(said)
    if not cubes:
        _remove(place)
        return place
    text = json.dumps({"format": FORMAT, "version": VERSION, "cubes": cubes}, indent=1, ensure_ascii=False)
    text = _LIST.sub(lambda found: " ".join(found[0].split()), text)
    with replacing(place) as (part,):
        part.write_text(text + "\n", encoding="utf-8")
    return place


def _cubes(place: Path) -> dict[str, Any]:
    """What is said of each cube, not looked at yet."""
    try:
        with place.open("rb") as stream:
            text = stream.read(MAX_BYTES + 1)
        if len(text) > MAX_BYTES:
            raise ReadError(f"{place.name} is too large.", hint="Move it away.")
        data = json.loads(text.decode("utf-8"))
    except OSError as error:
        raise ReadError(f"{place.name} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError):
        raise ReadError(f"{place.name} is damaged: it is not JSON.", hint="Move it away.") from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise ReadError(f"{place.name} was not written by this program.", hint="Move it away.")
    if data.get("version") != VERSION:
        raise ReadError(f"{place.name} was written by another version of this program.", hint="Move it away.")
    cubes = data.get("cubes")
    if not isinstance(cubes, dict) or len(cubes) > MOST_CUBES:
        raise ReadError(f"{place.name} is damaged: it names no cubes.", hint="Move it away.")
    return cubes


def _remembered(place: Path, said: Any) -> Remembered:
    if not isinstance(said, dict):
        raise ReadError(f"{place.name} is damaged.", hint="Move it away.")
    rest = {key: value for key, value in said.items() if key not in ("options", "bad_bands")}
    options, bad = said.get("options", {}), said.get("bad_bands")
    sound = isinstance(options, dict) and all(isinstance(value, Plain) for value in options.values())
    if not sound or not (bad is None or (isinstance(bad, list) and all(type(band) is int for band in bad))):
        raise ReadError(f"{place.name} is damaged: its options or bad bands cannot be.", hint="Move it away.")
    try:
        corrections = parse(Corrections, rest)
    except ParamError as error:
        raise ReadError(f"{place.name} is damaged: {error.message}", hint="Move it away.") from None
    return Remembered(options, corrections, None if bad is None else tuple(band - 1 for band in bad))


def _plain(said: Remembered) -> dict[str, Any]:
    options = {"options": dict(said.options)} if said.options else {}
    bad = {} if said.bad_bands is None else {"bad_bands": [band + 1 for band in said.bad_bands]}
    return {**options, **said.corrections.said(), **bad}


def _remove(place: Path) -> None:
    try:
        place.unlink(missing_ok=True)
    except OSError as error:
        raise WriteError(f"{place.name} cannot be removed from {place.parent}: {error.strerror}.") from None
