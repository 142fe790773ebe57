"""Arrays beside a session's JSON: each is one .npy named by its content, in a zip archive or in a folder."""

import hashlib
import weakref
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from hadviewer.engine.session_codec import DamagedError
from hadviewer.io.atomic import replacing

Array = NDArray[Any]
FOLDER = "arrays"
KINDS = "biufcSU"
"""Plain values: nothing that runs when it is read."""
LONGEST_HEADER = 10_000
MOST_AXES = 8


class ArrayNames:
    """Names of arrays by their content, found once for each: those of a session never change."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[weakref.ref[Array], str]] = {}

    def of(self, array: Array) -> str:
        """The name, the same for equal arrays."""
        known = self._known.get(id(array))
        if known is not None and known[0]() is array:
            return known[1]
        digest = hashlib.sha256(f"{array.dtype.str} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
        name = f"{FOLDER}/{digest.hexdigest()[:24]}.npy"
        self._known = {key: item for key, item in self._known.items() if item[0]() is not None}
        self._known[id(array)] = (weakref.ref(array), name)
        return name


class ZipWriter:
    """Puts arrays into an archive, uncompressed: none takes more memory than its file does on the disk."""

    def __init__(self, archive: zipfile.ZipFile, names: ArrayNames) -> None:
        self._archive, self._names = archive, names
        self._written: set[str] = set()

    def put(self, array: Array) -> str:
        """Write it unless it is there."""
        name = self._names.of(array)
        if name not in self._written:
            with self._archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as stream:
                npy.write_array(stream, array, allow_pickle=False)
            self._written.add(name)
        return name

    def get(self, name: str) -> Array:
        """Nothing is read while writing."""
        raise KeyError(name)


class FolderWriter:
    """Puts arrays into files of a folder; those there already are not written again."""

    def __init__(self, folder: Path, names: ArrayNames) -> None:
        self._folder, self._names = folder, names
        self.used: set[str] = set()

    def put(self, array: Array) -> str:
        """Write it unless it is there."""
        name = self._names.of(array)
        place = self._folder / name
        if name not in self.used and not place.exists():
            with replacing(place) as (part,), part.open("wb") as file:
                npy.write_array(file, array, allow_pickle=False)
        self.used.add(name)
        return name

    def get(self, name: str) -> Array:
        """Nothing is read while writing."""
        raise KeyError(name)

    def sweep(self) -> None:
        """Remove the arrays that nothing names any more."""
        for place in (self._folder / FOLDER).glob("*"):
            if f"{FOLDER}/{place.name}" not in self.used:
                place.unlink(missing_ok=True)


class ZipReader:
    """Gets arrays out of an archive whose sizes were checked (``checked``); each is read once."""

    def __init__(self, archive: zipfile.ZipFile, whole: int) -> None:
        self._archive = archive
        self._members = checked(archive.infolist(), whole)
        self._read: dict[str, Array] = {}

    def put(self, array: Array) -> str:
        """Nothing is written while reading."""
        raise TypeError(str(array.shape))

    def get(self, name: str) -> Array:
        """The array of this name."""
        if name not in self._read:
            member = self._members.get(name)
            if member is None:
                raise DamagedError(f"the array {name[:60]!r} is missing")
            with self._archive.open(member) as stream:
                self._read[name] = read_npy(stream, member.file_size, name)
        return self._read[name]


class FolderReader:
    """Gets arrays out of the folder that ``FolderWriter`` filled."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, Array] = {}

    def put(self, array: Array) -> str:
        """Nothing is written while reading."""
        raise TypeError(str(array.shape))

    def get(self, name: str) -> Array:
        """The array of this name."""
        if name not in self._read:
            place = self._folder / FOLDER / Path(name).name
            try:
                with place.open("rb") as file:
                    self._read[name] = read_npy(file, place.stat().st_size, name)
            except OSError:
                raise DamagedError(f"the array {name[:60]!r} is missing") from None
        return self._read[name]


def checked(members: Iterable[zipfile.ZipInfo], whole: int) -> dict[str, zipfile.ZipInfo]:
    """The arrays of an archive of ``whole`` bytes; raises DamagedError when they claim to be more than it holds."""
    arrays = {item.filename: item for item in members if item.filename.startswith(f"{FOLDER}/")}
    if any(item.compress_type != zipfile.ZIP_STORED or item.flag_bits & 1 for item in arrays.values()):
        raise DamagedError("an array is compressed or locked, which this program never writes")
    if sum(item.file_size for item in arrays.values()) > whole:
        raise DamagedError("its arrays claim to be larger than the file")
    return arrays


def read_npy(stream: IO[bytes], size: int, name: str) -> Array:
    """The array in a stream of ``size`` bytes, read-only; nothing is allocated before its header is found to fit."""
    try:
        version = npy.read_magic(stream)
        read_header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, fortran, dtype = read_header(stream, max_header_size=LONGEST_HEADER)
    except (ValueError, EOFError, SyntaxError, TypeError, OverflowError, RecursionError, MemoryError):
        raise DamagedError(f"{name} is no array") from None
    odd = dtype.kind not in KINDS or dtype.itemsize == 0
    if odd or len(shape) > MOST_AXES or any(side < 0 for side in shape):
        raise DamagedError(f"{name} holds what no session has")
    count = 1
    for side in shape:
        count *= int(side)
    wanted = count * dtype.itemsize
    if wanted > size:
        raise DamagedError(f"{name} claims to be larger than its file")
    content = stream.read(wanted)
    if len(content) != wanted:
        raise DamagedError(f"{name} ends early")
    flat = np.frombuffer(content, dtype=dtype, count=count) if wanted else np.zeros(count, dtype)
    return flat.reshape(shape, order="F" if fortran else "C")
