"""The cubes of a session: how to open each again, found where it is now."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.corrections import Corrections
from hadviewer.core.cube import Cube, Origin
from hadviewer.core.errors import ReadError, WriteError
from hadviewer.core.geolocation import ArrayCoordinates, Geolocation
from hadviewer.engine.session_codec import KIND, DamagedError
from hadviewer.io.sources import ArraySource

if TYPE_CHECKING:
    from hadviewer.engine.session_codec import Codec

KEYS = {"name", "shape", "bytes", "path", "beside", "entry", "reader", "options", "corrections", "bad_bands"}


class MissingCubeError(ReadError):
    """A cube of a session is not where it was; ``missing`` is that place."""

    missing: Path

    def __init__(self, missing: Path) -> None:
        super().__init__(
            f"{missing.name} is neither beside the session nor at {missing.parent}.", hint="Say where it is now."
        )
        self.missing = missing


class CubeFiles:
    """Writes how cubes were opened and opens them again; the same cube is opened once.

    ``folder`` is where the session lies; ``places`` says where cubes are that moved, by the path they had.
    """

    codec: "Codec"

    def __init__(self, folder: Path, places: Mapping[Path, Path] | None = None) -> None:
        self._folder, self._places = folder.absolute(), dict(places or {})
        self._opened: dict[str, Cube] = {}
        self._raw: dict[int, NDArray[Any]] = {}

    def encode(self, cube: Cube) -> dict[str, Any]:
        """How to open a cube again; one without a file is stored whole."""
        if cube.origin is None:
            return self._encode_array(cube)
        origin = cube.origin
        marked = cube.bands.given is not None
        return {
            "name": cube.name,
            "shape": list(cube.shape),
            "bytes": _size(origin.path),
            "path": str(origin.path),
            "beside": _relative(origin.path, self._folder),
            "entry": origin.entry,
            "reader": origin.reader,
            "options": self.codec.encode(dict(origin.options), loose=True),
            "corrections": origin.corrections.said() if origin.corrections else None,
            "bad_bands": np.flatnonzero(~cube.bands.mask).tolist() if marked else None,
        }

    def decode(self, data: Any, where: str) -> Cube:
        """Open the cube; raises MissingCubeError when it is not found, DamagedError when it is not described."""
        if isinstance(data, dict) and "values" in data:
            return self._decode_array(data, where)
        if not isinstance(data, dict) or set(data) - KEYS or not isinstance(data.get("path"), str) or not data["path"]:
            raise DamagedError(f"{where} is no cube")
        shape = self.codec.decode(tuple[int, int, int], data.get("shape"), f"{where}.shape")
        origin = Origin(
            self._find(Path(data["path"]), data.get("beside"), data.get("bytes")),
            self.codec.decode(str | None, data.get("entry"), f"{where}.entry"),
            self.codec.decode(str | None, data.get("reader"), f"{where}.reader"),
            self.codec.decode(dict[str, Any], data.get("options"), f"{where}.options"),
            self.codec.decode(Corrections | None, data.get("corrections"), f"{where}.corrections"),
        )
        cube = self._open(origin)
        if cube.shape != shape:
            then, now = (" × ".join(map(str, size)) for size in (shape, cube.shape))
            raise ReadError(
                f"{origin.path.name} is not the cube of this session: it was {then} and is {now} now.",
                hint="Put the former file in its place.",
            )
        return _marked(cube, self.codec.decode(tuple[int, ...] | None, data.get("bad_bands"), f"{where}.bad_bands"))

    def _open(self, origin: Origin) -> Cube:
        # Only when a session is opened: it finds all readers.
        from hadviewer.engine import verbs

        said = origin.corrections.said() if origin.corrections else None
        key = repr((origin.path, origin.entry, origin.reader, sorted(origin.options.items()), said))
        if key not in self._opened:
            self._opened[key] = verbs.open_origin(origin)
        return self._opened[key]

    def _find(self, path: Path, beside: Any, size: Any) -> Path:
        """The file where the user says, at the same place seen from the session, where it was, or right beside it."""
        told = self._places.get(path)
        candidates = [told] if told is not None else []
        if isinstance(beside, str) and beside:
            candidates.append(Path(os.path.normpath(self._folder / beside)))
        candidates += [path, self._folder / path.name]
        present = [place for place in candidates if _exists(place)]
        if not present:
            raise MissingCubeError(path)
        alike = (place for place in present if size is not None and _size(place) == size)
        return present[0] if told is not None else next(alike, present[0])

    def _encode_array(self, cube: Cube) -> dict[str, Any]:
        if not isinstance(cube.source, ArraySource):
            raise WriteError(f"{cube.name} has no file, so that a session cannot say how to open it again.")
        raw = self._raw.setdefault(id(cube.source), cube.source.read(cube.window, slice(None)))
        return {"values": self.codec.encode(raw), "cube": self.codec.encode_fields(cube, ("source", "origin"))}

    def _decode_array(self, data: dict[str, Any], where: str) -> Cube:
        array = self.codec.decode(np.ndarray, data["values"], f"{where}.values")
        if array.ndim != 3 or 0 in array.shape or array.dtype.kind not in "biufc":
            raise DamagedError(f"{where} is no cube")
        cube = self.codec.decode_fields(Cube, data.get("cube"), where, source=ArraySource(array), origin=None)
        assert isinstance(cube, Cube)
        if cube.bands.count != array.shape[2]:
            raise DamagedError(f"{where} has {array.shape[2]} bands and not {cube.bands.count}")
        if isinstance(cube.geo, Geolocation) and cube.geo.shape != array.shape[:2]:
            raise DamagedError(f"{where} has coordinates of other pixels")
        return cube

    def encode_places(self, geo: Geolocation) -> dict[str, Any]:
        """The coordinates of a cube without a file, whole."""
        rows, cols = geo.shape
        places = self.codec.encode(geo.coordinates.read((0, rows, 0, cols)))
        return {KIND: "Geolocation", "places": places, "crs": geo.crs, "label": geo.label, "units": geo.units}

    def decode_places(self, data: Any, where: str) -> Geolocation:
        """What ``encode_places`` wrote; raises DamagedError for anything else."""
        if not isinstance(data, dict) or set(data) - {KIND} != {"places", "crs", "label", "units"}:
            raise DamagedError(f"{where} is no Geolocation")
        places = self.codec.decode(np.ndarray, data["places"], f"{where}.places")
        if places.ndim != 3 or places.shape[2] != 2 or places.dtype != np.float64:
            raise DamagedError(f"{where}.places are no coordinates")
        crs, label, units = (
            self.codec.decode(str, data[name], f"{where}.{name}") for name in ("crs", "label", "units")
        )
        return Geolocation(ArrayCoordinates(places), crs, label, units)


def _marked(cube: Cube, bad: tuple[int, ...] | None) -> Cube:
    """The cube with these bands (0-based) marked as bad, or with what its file says (None)."""
    if bad is None:
        return cube
    usable = np.ones(cube.shape[2], dtype=bool)
    if any(not 0 <= band < len(usable) for band in bad):
        raise DamagedError(f"{cube.name} has no such bad bands")
    usable[list(bad)] = False
    return replace(cube, bands=cube.bands.with_usable(usable))


def _relative(path: Path, folder: Path) -> str | None:
    """The way from the session to the cube; none from one drive to another."""
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:
        return None


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except (OSError, ValueError):
        return None
