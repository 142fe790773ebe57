"""MATLAB: v4 by scipy, v5 to v7 element by element, v7.3 (HDF5) lazily. Cube and mask are found by shape and name."""

import zlib
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.cube import Cube, CubeSource
from hadviewer.core.errors import ReadError
from hadviewer.core.params import Params, field
from hadviewer.core.specs import Entry, Match, ReaderSpec
from hadviewer.io.readers import _arrays, _mat5
from hadviewer.io.readers._arrays import Order, Reading, Variable
from hadviewer.io.readers._files import Bounded, check_memory, head_of, is_stand_in, refuse_stand_in, unreadable
from hadviewer.io.readers._hdf5 import CHUNK_CACHE, HDF5_ERRORS, Hdf5Source, first_values, is_own, linked_here
from hadviewer.io.readers._hdf5_safety import check_attributes, check_heaps
from hadviewer.io.sources import ArraySource, LoadedSource

HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"
# zlib cannot pack more tightly than this; a file that claims more is damaged or means harm.
MAX_COMPRESSION = 1100
# MATLAB's first axis runs fastest, so that what has its bands last lies band by band.
_IN_MEMORY = {"bip": "bsq", "bsq": "bip", "bil": "bil"}
_CLASSES = {
    "double": "f8", "single": "f4", "logical": "?", "int8": "i1", "uint8": "u1", "int16": "i2", "uint16": "u2",
    "int32": "i4", "uint32": "u4", "int64": "i8", "uint64": "u8",
}  # fmt: skip
_DAMAGE = (OSError, ValueError, TypeError, KeyError, IndexError, EOFError, OverflowError, MemoryError,
              AttributeError, NotImplementedError, zlib.error)  # fmt: skip


class MatParams(Params):
    """How to read the array of a MATLAB file."""

    order: Order = field(
        "auto",
        "Axis order",
        help="bip: lines × samples × bands; bsq: bands × lines × samples; bil: lines × bands × samples.",
    )


class _File(Protocol):
    """What both kinds of MATLAB file can do."""

    version: str
    variables: list[Variable]

    def load(self, name: str, most: int | None = None) -> NDArray[Any]: ...
    def source(self, reading: Reading) -> CubeSource: ...


def sniff(path: Path, head: bytes) -> int:
    """The text at the start of v5 and v7.3 files; v4 files have none and are known by their name only."""
    if path.is_dir():
        return Match.NO
    if head.startswith((b"MATLAB 5.0 MAT-file", b"MATLAB 7.3 MAT-file")):
        return Match.YES
    named = path.suffix.lower() == ".mat"
    if named and HDF5_MAGIC in (head[:8], head[512:520]):
        return Match.YES
    return Match.MAYBE if named else Match.NO


def contents(path: Path) -> list[Entry]:
    """Cubes, then masks, then other arrays. Raises ReadError when there is no array of numbers."""
    file = _open(path)
    arrays = [item for item in file.variables if item.dtype is not None and item.size > 1]
    if not arrays:
        others = ", ".join(f"{ascii(item.name)[1:-1][:60]} ({item.kind})" for item in file.variables[:6]) or "nothing"
        raise ReadError(
            f"{path.name} holds no array of numbers, only {others}.",
            hint="Save the cube as a plain 3-D array: save('cube.mat', 'cube').",
        )
    return _arrays.list_entries(file.variables, _arrays.readings(file.variables, file.load), file.load)


def open_cube(path: Path, entry: str | None = None, params: MatParams | None = None) -> Cube:
    """The array as a cube; whole in memory from v5 files, lazy from v7.3. Raises ReadError."""
    file = _open(path)
    cubes = _arrays.readings(file.variables, file.load, (params or MatParams()).order)
    reading = _arrays.choose(path, cubes, file.variables, entry)
    source = file.source(reading)
    bands, notes = _arrays.band_set(file.variables, source.shape[2], file.load)
    return Cube(
        source,
        bands,
        name=path.stem,
        path=path,
        meta={"format": file.version, "variable": reading.variable.name},
        notes=tuple(note for note in (reading.note, *notes) if note),
        guessed=reading.guessed,
    )


def open_array(path: Path, entry: str | None = None) -> NDArray[Any]:
    """A mask or score map (rows, cols) as stored. Raises ReadError when the array is no such thing."""
    file = _open(path)
    name = entry or _arrays.flat_name(path, file.variables, file.load)
    return _arrays.as_map(path, name, file.load(name))


def _open(path: Path) -> _File:
    head = head_of(path)
    if not head or is_stand_in(head):
        refuse_stand_in(path, head)
    if HDF5_MAGIC in (head[:8], head[512:520]):
        return _Hdf5File(path)
    return _ClassicFile(path)


class _ClassicFile:
    """A v4, v5 or v7 file: listed without loading, loaded variable by variable."""

    version = "MATLAB v5"

    def __init__(self, path: Path) -> None:
        self._path = path
        self._is_mat5 = _mat5.is_mat5(head_of(path))
        self._errors = _DAMAGE if self._is_mat5 else (*_DAMAGE, _error_of_scipy())
        try:
            listed = _mat5.listed(path) if self._is_mat5 else _listed_by_scipy(path)
        except self._errors as error:
            raise self._damaged(error) from None
        self.variables = [_classic_variable(*item) for item in listed]

    def load(self, name: str, most: int | None = None) -> NDArray[Any]:
        """One variable whole, or ``most`` values from its beginning."""
        variable = _arrays.find(self._path, self.variables, name)
        try:
            if most is not None and self._is_mat5:
                return _mat5.beginning(self._path, name, most)
            self._check_size(variable)
            array = self._loaded(name, variable.nbytes)
        except self._errors as error:
            raise self._damaged(error) from None
        if array.shape != variable.shape or array.dtype.kind not in "biufc":
            raise ReadError(f"{name} in {self._path.name} is not the array it is listed as.", hint="Save it again.")
        return array

    def _check_size(self, variable: Variable) -> None:
        if variable.nbytes > MAX_COMPRESSION * self._path.stat().st_size:
            raise ReadError(
                f"{variable.name} in {self._path.name} claims {variable.nbytes} bytes, more than the file can hold.",
                hint="The file is damaged: copy it again.",
            )
        check_memory(self._path, variable.name, variable.nbytes)

    def _loaded(self, name: str, nbytes: int) -> NDArray[Any]:
        if self._is_mat5:
            return _mat5.load(self._path, name, 2 * nbytes)
        from scipy.io import matlab

        with Bounded(self._path) as file:
            return np.asarray(matlab.loadmat(file, variable_names=[name])[name])  # type: ignore[arg-type]

    def source(self, reading: Reading) -> CubeSource:
        """The variable, loaded when it is looked at; what a v4 file holds, at once."""
        name = reading.variable.name
        if not reading.folded and len(reading.variable.shape) == 3 and self._is_mat5:
            self._check_size(reading.variable)
            try:
                stored = _mat5.stored_type(self._path, name)
            except self._errors as error:
                raise self._damaged(error) from None
            return LoadedSource(
                reading.shape, stored, reading.order, _IN_MEMORY[reading.order], partial(self.load, name)
            )
        return ArraySource(_arrays.to_file_order(self.load(reading.variable.name), reading), reading.order)

    def _damaged(self, error: Exception) -> ReadError:
        if isinstance(error, FileNotFoundError | PermissionError | IsADirectoryError):
            return unreadable(self._path, error)
        return ReadError(
            f"{self._path.name} is not a MATLAB file, or it is damaged.",
            hint="Copy it again, or save it again from MATLAB.",
            details=f"{type(error).__name__}: {error}",
        )


class _Hdf5File:
    """A v7.3 file: HDF5 with the axes reversed."""

    version = "MATLAB v7.3"

    def __init__(self, path: Path) -> None:
        import h5py

        self._path = path
        try:
            check_heaps(path)
            self._file = h5py.File(path, "r", rdcc_nbytes=CHUNK_CACHE)
            names = [name for name in self._file if isinstance(name, str) and not name.startswith("#")]
            found = {name: linked_here(self._file, name) for name in names}
            check_attributes(path, self._file, [item for item in found.values() if item is not None])
            self.variables = [_hdf5_variable(name, item) for name, item in found.items()]
        except HDF5_ERRORS as error:
            raise self._damaged(error) from None

    def load(self, name: str, most: int | None = None) -> NDArray[Any]:
        """One variable whole, axes as in MATLAB, or about ``most`` values from its beginning."""
        variable = _arrays.find(self._path, self.variables, name)
        check_memory(self._path, name, variable.nbytes if most is None else 0)
        try:
            return first_values(self._file[name], most).T
        except HDF5_ERRORS as error:
            raise self._damaged(error) from None

    def source(self, reading: Reading) -> CubeSource:
        """The dataset, read piecewise; pixels in one axis are unfolded in memory."""
        name = reading.variable.name
        if reading.folded or len(reading.variable.shape) != 3:
            return ArraySource(_arrays.to_file_order(self.load(name), reading), reading.order)
        row, col, band = _arrays.AXES[reading.order]
        return Hdf5Source(self._file[name], (2 - row, 2 - col, 2 - band), self._path.name, owner=self)

    def _damaged(self, error: Exception) -> ReadError:
        return ReadError(
            f"{self._path.name} is damaged or not a MATLAB v7.3 file.",
            hint="Copy it again, or save it again from MATLAB.",
            details=f"{type(error).__name__}: {error}",
        )


def _error_of_scipy() -> type[Exception]:
    from scipy.io import matlab

    return matlab.MatReadError


def _listed_by_scipy(path: Path) -> list[tuple[str, tuple[int, ...], str]]:
    from scipy.io import matlab

    with Bounded(path) as file:
        return list(matlab.whosmat(file))  # type: ignore[arg-type]  # any open file will do


def _classic_variable(name: str, shape: tuple[int, ...], kind: str) -> Variable:
    dtype = np.dtype(_CLASSES[kind]) if kind in _CLASSES else None
    return Variable(name, tuple(int(length) for length in shape), dtype, kind)


def _hdf5_variable(name: str, item: Any) -> Variable:
    kind = item.attrs.get("MATLAB_class", b"") if item is not None else b""
    kind = kind.decode("latin-1") if isinstance(kind, bytes) else str(kind)
    if not hasattr(item, "shape") or not is_own(item) or item.attrs.get("MATLAB_empty", 0):
        return Variable(name, (), None, kind or "structure")
    shape = tuple(int(length) for length in reversed(item.shape or ()))
    plain = item.dtype.kind in "biuf" and kind not in ("char", "cell", "struct", "string")
    return Variable(name, shape, item.dtype if plain else None, kind or str(item.dtype))


SPEC = ReaderSpec(
    id="mat",
    title="MATLAB",
    extensions=(".mat",),
    sniff=sniff,
    contents=contents,
    open=open_cube,
    open_array=open_array,
    params=MatParams,
    summary="Arrays saved by MATLAB; the cube and the mask are found by shape and name.",
)
