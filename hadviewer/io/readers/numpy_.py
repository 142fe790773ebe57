"""NumPy arrays: .npy read lazily, .npz listed and loaded array by array. Pickled objects are never loaded."""

import tokenize
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.cube import Cube, CubeSource
from hadviewer.core.errors import ReadError
from hadviewer.core.params import Params, field
from hadviewer.core.specs import Entry, Match, ReaderSpec
from hadviewer.io.readers import _arrays
from hadviewer.io.readers._arrays import Order, Reading, Variable
from hadviewer.io.readers._files import Bounded, check_memory, head_of, is_stand_in, refuse_stand_in, unreadable
from hadviewer.io.readers._sidecars import sidecar_bands
from hadviewer.io.sources import ArraySource, FileSource, LoadedSource, RawFile

PICKLED = "pickled Python objects"
NPY_MAGIC = b"\x93NUMPY"
_ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
# What lies band by band in memory when the first axis runs fastest.
_TURNED = {"bip": "bsq", "bsq": "bip", "bil": "bil"}
_PICKLE = b"\x80"
_BROKEN = (
    ValueError, EOFError, OSError, KeyError, SyntaxError, TypeError, OverflowError, MemoryError, NotImplementedError,
    RuntimeError, tokenize.TokenError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip


class NumpyParams(Params):
    """How to read an array file, which does not say what its axes are."""

    order: Order = field(
        "auto",
        "Axis order",
        help="bip: lines × samples × bands; bsq: bands × lines × samples; bil: lines × bands × samples.",
    )


@dataclass(frozen=True)
class _Header:
    """What stands before the values of one array: ``offset`` is where they start."""

    shape: tuple[int, ...]
    fortran: bool
    dtype: np.dtype[Any]
    offset: int


def sniff(path: Path, head: bytes) -> int:
    """The magic of .npy; a zip archive named .npz."""
    if path.is_dir():
        return Match.NO
    if head.startswith(NPY_MAGIC):
        return Match.YES
    if head.startswith(_ZIP_MAGIC) and path.suffix.lower() == ".npz":
        return Match.YES
    return Match.MAYBE if path.suffix.lower() in (".npy", ".npz") else Match.NO


def contents(path: Path) -> list[Entry]:
    """Cubes, then masks, then other arrays. Raises ReadError when nothing can be used."""
    file = _open(path)
    listed = _arrays.list_entries(file.variables, _readings(file, "auto"), file.load)
    if not listed:
        raise _nothing(path, file.variables)
    return listed


def open_cube(path: Path, entry: str | None = None, params: NumpyParams | None = None) -> Cube:
    """The array as a cube, lazy from .npy. Raises ReadError."""
    file = _open(path)
    cubes = _readings(file, (params or NumpyParams()).order)
    if not cubes and entry is None:
        raise _nothing(path, file.variables)
    reading = _arrays.choose(path, cubes, file.variables, entry)
    source = file.source(reading)
    bands, notes = _arrays.band_set(file.variables, source.shape[2], file.load)
    if bands.centres is None:
        beside, more = sidecar_bands(path, source.shape[2])
        bands, notes = (beside, more) if beside is not None else (bands, (*notes, *more))
    return Cube(
        source,
        bands,
        name=path.stem,
        path=path,
        meta={"format": "NumPy", "variable": reading.variable.name},
        notes=tuple(note for note in (reading.note, *notes) if note),
        guessed=reading.guessed,
    )


def open_array(path: Path, entry: str | None = None) -> NDArray[Any]:
    """A mask or score map (rows, cols) as stored. Raises ReadError when the array is no such thing."""
    file = _open(path)
    name = entry or _arrays.flat_name(path, file.variables, file.load)
    return _arrays.as_map(path, name, file.load(name))


def _readings(file: "_Npy | _Npz", order: Order) -> list[Reading]:
    beside = sidecar_bands(file.path, None)[0] if order == "auto" else None
    known = [Variable("wavelengths", (beside.count,), np.dtype("f8"))] if beside is not None else []
    return _arrays.readings([*file.variables, *known], file.load, order, guess=True)


def _nothing(path: Path, variables: list[Variable]) -> ReadError:
    objects = [item for item in variables if item.dtype is None]
    if objects:
        pickled = objects[0].kind == PICKLED
        reason = ", which are not read because they can run programs" if pickled else " and no numbers"
        return ReadError(
            f"{path.name} holds {objects[0].kind}{reason}.",
            hint="Save the cube as a plain array of numbers with numpy.save.",
        )
    sizes = ", ".join(f"{item.name} {' × '.join(map(str, item.shape)) or 'one number'}" for item in variables[:6])
    return ReadError(f"{path.name} holds no cube, mask or score map, only {sizes or 'nothing'}.", hint=_FOUR_AXES)


_FOUR_AXES = "A cube has three axes; of an array with four save one date or sample, or all of them as a .npy file."
MOST_DATES = 1000


def _open(path: Path) -> "_Npy | _Npz":
    head = head_of(path)
    if not head or is_stand_in(head):
        refuse_stand_in(path, head)
    try:
        if head.startswith(NPY_MAGIC):
            return _Npy(path)
        if head.startswith(_ZIP_MAGIC):
            return _Npz(path)
    except _BROKEN as error:
        raise _damaged(path, error) from None
    if head.startswith(_PICKLE):
        raise ReadError(
            f"{path.name} is a pickled Python object, which is not read because it can run programs.",
            hint="Save the cube as a plain array of numbers with numpy.save.",
        )
    raise ReadError(f"{path.name} is not a NumPy file.", hint="Save it again with numpy.save.")


class _Npy:
    """One array, named like its file; of four axes those along the first, each an array with its number."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with Bounded(path) as stream:
            whole = _read_header(stream)
        self._end = whole.offset + _variable(path.stem, whole).nbytes
        self._headers = {path.stem: whole}
        if len(whole.shape) == 4 and 0 < whole.shape[0] <= MOST_DATES and not whole.fortran:
            step = (self._end - whole.offset) // whole.shape[0]
            self._headers = {
                f"{path.stem}[{number + 1}]": replace(whole, shape=whole.shape[1:], offset=whole.offset + number * step)
                for number in range(whole.shape[0])
            }
        self.variables = [_variable(name, header) for name, header in self._headers.items()]

    def load(self, name: str, most: int | None = None) -> NDArray[Any]:
        """The array whole, or the first ``most`` values in the file."""
        variable = _arrays.find(self.path, self.variables, name)
        header, file = self._headers[name], self._raw()
        if most is not None and most < variable.size:
            header = replace(header, shape=(most,))
        check_memory(self.path, name, most or variable.nbytes)
        out: NDArray[Any] = np.empty(header.shape, header.dtype, order="F" if header.fortran else "C")
        if out.size:
            flat = out.reshape(-1, order="A").view(np.uint8)
            file.read_into(header.offset, flat.data)
        return out if out.dtype.isnative else out.astype(out.dtype.newbyteorder("="))

    def source(self, reading: Reading) -> CubeSource:
        """The values in the file, read piecewise."""
        if reading.folded:
            return ArraySource(_arrays.to_file_order(self.load(reading.variable.name), reading), reading.order)
        header, file = self._headers[reading.variable.name], self._raw()
        shape = (*header.shape, 1) if len(header.shape) == 2 else header.shape
        strides, step = [0, 0, 0], header.dtype.itemsize
        for axis in (0, 1, 2) if header.fortran else (2, 1, 0):
            strides[axis], step = step, step * shape[axis]
        row, col, band = _arrays.AXES[reading.order]
        return FileSource(file, reading.shape, (strides[row], strides[col], strides[band]), header.dtype, header.offset)

    def _raw(self) -> RawFile:
        try:
            file = RawFile(self.path)
        except OSError as error:
            raise unreadable(self.path, error) from None
        if file.size < self._end:
            raise ReadError(
                f"{self.path.name} has {file.size} bytes but needs {self._end}.",
                hint="It is incomplete: copy it again.",
            )
        return file


class _Npz:
    """Several arrays in a zip archive, each loaded when it is asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.variables = []
        self._members: dict[str, str] = {}
        self._fortran: set[str] = set()
        with zipfile.ZipFile(path) as archive:
            for item in archive.infolist():
                if not item.filename or item.is_dir():
                    continue
                name = item.filename.removesuffix(".npy")
                self._members[name] = item.filename
                with archive.open(item) as stream:
                    if stream.read(len(NPY_MAGIC)) != NPY_MAGIC:
                        self.variables.append(Variable(name, (), None, "files other than arrays"))
                        continue
                with archive.open(item) as stream:
                    header = _read_header(stream)
                if header.fortran:
                    self._fortran.add(name)
                variable = _variable(name, header)
                if variable.dtype is not None and header.offset + variable.nbytes != item.file_size:
                    raise ValueError(f"{name} claims {variable.nbytes} bytes and has {item.file_size}")
                self.variables.append(variable)

    def load(self, name: str, most: int | None = None) -> NDArray[Any]:
        """One array whole, or the first ``most`` values in the file."""
        variable = _arrays.find(self.path, self.variables, name)
        check_memory(self.path, name, variable.nbytes if most is None else most)
        try:
            with zipfile.ZipFile(self.path) as archive, archive.open(self._members[name]) as stream:
                if most is not None and most < variable.size:
                    header = _read_header(stream)
                    raw = stream.read(most * header.dtype.itemsize)
                    return np.frombuffer(raw, header.dtype, len(raw) // header.dtype.itemsize)
                array: NDArray[Any] = np.lib.format.read_array(stream, allow_pickle=False)
        except _BROKEN as error:
            raise _damaged(self.path, error) from None
        return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))

    def source(self, reading: Reading) -> CubeSource:
        """The array, loaded when it is looked at: a zip archive cannot be read piecewise."""
        variable = reading.variable
        if not reading.folded and len(variable.shape) == 3 and variable.dtype is not None:
            check_memory(self.path, variable.name, variable.nbytes)
            load = partial(self.load, variable.name)
            order = _TURNED[reading.order] if variable.name in self._fortran else reading.order
            return LoadedSource(reading.shape, variable.dtype, reading.order, order, load)
        return ArraySource(_arrays.to_file_order(self.load(reading.variable.name), reading), reading.order)


def _read_header(stream: IO[bytes]) -> _Header:
    version: tuple[int, int] = np.lib.format.read_magic(stream)
    readers: dict[tuple[int, int], Callable[..., Any]] = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    # Version 3 differs from 2 in the encoding of field names only, and arrays with fields are refused.
    shape, fortran, dtype = readers.get(version, readers[2, 0])(stream)
    if any(length < 0 for length in shape):
        raise ValueError(f"negative length in {shape}")
    return _Header(shape, fortran, dtype, stream.tell())


def _variable(name: str, header: _Header) -> Variable:
    if header.dtype.hasobject:
        return Variable(name, header.shape, None, PICKLED)
    if header.dtype.kind not in "biufc":
        return Variable(name, header.shape, None, f"values of type {header.dtype}")
    return Variable(name, header.shape, header.dtype)


def _damaged(path: Path, error: Exception) -> ReadError:
    return ReadError(
        f"{path.name} is damaged or not a NumPy file.",
        hint="Copy it again, or save it again with numpy.save.",
        details=f"{type(error).__name__}: {error}",
    )


SPEC = ReaderSpec(
    id="numpy",
    title="NumPy",
    extensions=(".npy", ".npz"),
    sniff=sniff,
    contents=contents,
    open=open_cube,
    open_array=open_array,
    params=NumpyParams,
    summary="Arrays saved by NumPy; wavelengths come from a file beside it (X.json, X_wavelengths.csv, X.hdr).",
)
