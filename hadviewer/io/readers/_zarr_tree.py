"""What lies in a Zarr folder: its arrays by path, read chunk by chunk, with their attributes.

Both published versions of the format, 2 and 3. Only files of the folder itself are opened: links lead nowhere.
"""

import itertools
import json
import math
import operator
import os
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.errors import ReadError
from hadviewer.io.readers._arrays import Variable
from hadviewer.io.readers._files import head_of, unreadable
from hadviewer.io.readers._hdf5_tree import MOST_OBJECTS, Tree
from hadviewer.io.readers._zarr_codecs import Codecs

METADATA = ("zarr.json", ".zarray", ".zgroup")
LARGEST_CHUNK = 2**28
LONGEST_METADATA = 4 * 2**20
PLAUSIBLE = 2**24
DENSEST = 10_000
"""An array above the first size must have a byte for so many of its own: the empty chunks of others are left out."""
CACHE = 64 * 2**20
_DEEPEST = 8


def root_of(path: Path) -> Path:
    """The folder, where one of the files in it was chosen that describe it."""
    return path if path.is_dir() else path.parent


class ZarrTree(Tree):
    """The arrays below a folder, named by their paths."""

    def __init__(self, path: Path) -> None:
        self.path = root = root_of(path)
        try:
            found = dict(itertools.islice(_arrays(root, root), MOST_OBJECTS))
        except OSError as error:
            raise unreadable(root, error) from None
        self._file = SimpleNamespace(attrs=_attributes(root))
        self._datasets = {name: item for name, item in found.items() if isinstance(item, ZarrArray)}
        self.variables = [_variable(name, item) for name, item in found.items()]
        for item in found.values():
            if isinstance(item, ReadError) and not self._datasets:
                raise item

    def dimensions(self, name: str) -> list[str]:
        """What the axes are called, '' where nothing says so."""
        names = self._datasets[name].dimensions
        return names if len(names) == self._datasets[name].ndim else [""] * self._datasets[name].ndim


@dataclass
class ZarrArray:
    """One array; indexing reads the chunks it needs. ``key`` is the pattern of the names of their files."""

    folder: Path
    shape: tuple[int, ...]
    chunks: tuple[int, ...]
    dtype: np.dtype[Any]
    codecs: Codecs
    key: str
    fill: Any
    attrs: dict[str, Any]
    dimensions: list[str]
    _kept: "OrderedDict[tuple[int, ...], NDArray[Any]]" = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    def __getitem__(self, parts: Any) -> NDArray[Any]:
        given = parts if isinstance(parts, tuple) else (parts,)
        given = (*given, *(slice(None),) * (self.ndim - len(given)))
        picks = [_indices(part, length) for part, length in zip(given, self.shape, strict=True)]
        out = np.empty([len(pick) for pick in picks], self.dtype)
        blocks = [np.unique(pick // step) for pick, step in zip(picks, self.chunks, strict=True)]
        for place in itertools.product(*(block.tolist() for block in blocks)):
            inside = [
                np.flatnonzero(pick // step == number)
                for pick, step, number in zip(picks, self.chunks, place, strict=True)
            ]
            local = [
                pick[own] - number * step
                for pick, own, number, step in zip(picks, inside, place, self.chunks, strict=True)
            ]
            out[np.ix_(*inside)] = self._chunk(place)[np.ix_(*local)]
        single = tuple(0 if isinstance(part, int | np.integer) else slice(None) for part in given)
        return out[single]

    def _chunk(self, place: tuple[int, ...]) -> NDArray[Any]:
        with self._lock:
            if place in self._kept:
                self._kept.move_to_end(place)
                return self._kept[place]
        values = self._read(place)
        with self._lock:
            self._kept[place] = values
            while len(self._kept) > max(1, CACHE // max(1, values.nbytes)):
                self._kept.popitem(last=False)
        return values

    def _read(self, place: tuple[int, ...]) -> NDArray[Any]:
        file = self.folder / self.key.format("/".join(map(str, place)), ".".join(map(str, place)))
        if _leads_out(file, self.folder) or not file.is_file():
            return np.full(self.chunks, self.fill, self.dtype)
        size = math.prod(self.chunks) * self.dtype.itemsize
        return self.codecs.decode(file, size).view(self.dtype).reshape(self.chunks, order=self.codecs.order)


def _indices(part: Any, length: int) -> NDArray[np.intp]:
    """What a slice, a number or a list of numbers picks out of an axis."""
    if isinstance(part, slice):
        return np.arange(*part.indices(length), dtype=np.intp)
    picked = np.atleast_1d(np.asarray(part, dtype=np.intp))
    if picked.size and not -length <= picked.min() <= picked.max() < length:
        raise IndexError(f"{part} does not lie in {length}")
    return picked % max(1, length)


def _arrays(root: Path, folder: Path, depth: int = 0) -> Iterator[tuple[str, ZarrArray | ReadError]]:
    """(path, array) of each array at or below a folder, or why it is not understood: texts need not be."""
    made: ZarrArray | ReadError | None
    try:
        made = _array(folder)
    except ReadError as error:
        made = error
    if made is not None:
        yield folder.relative_to(root).as_posix().removeprefix(".") or root.stem, made
        return
    if depth < _DEEPEST:
        with os.scandir(folder) as items:
            names = sorted(item.name for item in items if item.is_dir(follow_symlinks=False))
        for name in names:
            yield from _arrays(root, folder / name, depth + 1)


def _array(folder: Path) -> ZarrArray | None:
    """The array whose metadata a folder holds; None where it holds none. Raises ReadError."""
    for name, read in (("zarr.json", _version_3), (".zarray", _version_2)):
        described = _json(folder / name)
        if described and described.get("node_type", "array") == "array":
            try:
                return read(folder, described)
            except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as error:
                raise damaged(folder / name, error) from None
    return None


def _version_2(folder: Path, told: dict[str, Any]) -> ZarrArray:
    dtype = np.dtype(told["dtype"] if isinstance(told["dtype"], str) else "V1")
    codecs = Codecs.of_version_2(told)
    attrs = _attributes(folder)
    separator = told.get("dimension_separator", ".")
    key = "{0}" if separator == "/" else "{1}"
    names = attrs.get("_ARRAY_DIMENSIONS")
    return _made(folder, told["shape"], told["chunks"], dtype, codecs, key, told.get("fill_value"), attrs, names)


def _version_3(folder: Path, told: dict[str, Any]) -> ZarrArray:
    if told["chunk_grid"]["name"] != "regular":
        raise ValueError(f"its chunks are {told['chunk_grid']['name']}")
    kind = told["data_type"]
    plain = isinstance(kind, str) and kind in _TYPES
    codecs, order = Codecs.of_version_3(told["codecs"])
    dtype = np.dtype(kind).newbyteorder(order) if plain else np.dtype("V1")
    coding = told["chunk_key_encoding"]
    separator = coding.get("configuration", {}).get("separator", "/" if coding["name"] == "default" else ".")
    key = ("c/" if coding["name"] == "default" else "") + ("{0}" if separator == "/" else "{1}")
    if coding["name"] == "default" and separator == ".":
        key = "c.{1}"
    chunks = told["chunk_grid"]["configuration"]["chunk_shape"]
    attrs, names = told.get("attributes") or {}, told.get("dimension_names")
    return _made(folder, told["shape"], chunks, dtype, codecs, key, told.get("fill_value"), attrs, names)


_TYPES = {"bool", *(f"{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64)),
          "float16", "float32", "float64"}  # fmt: skip


def _made(
    folder: Path,
    shape: list[int],
    chunks: list[int],
    dtype: np.dtype[Any],
    codecs: Codecs,
    key: str,
    fill: Any,
    attrs: dict[str, Any],
    names: Any,
) -> ZarrArray:
    """An array of checked sizes. Raises ValueError."""
    sizes, steps = tuple(map(operator.index, shape)), tuple(map(operator.index, chunks))
    if len(sizes) != len(steps) or min(sizes, default=0) < 0 or min(steps, default=1) < 1:
        raise ValueError("shape and chunks do not fit together")
    dtype = dtype if dtype.kind in "biufSU" and dtype.itemsize else np.dtype("V1")
    needed = math.prod(sizes) * dtype.itemsize
    if math.prod(steps) * dtype.itemsize > LARGEST_CHUNK:
        raise ValueError(f"its chunks are of {math.prod(steps) * dtype.itemsize} bytes")
    if needed > PLAUSIBLE and not _holds(folder, needed // DENSEST):
        raise ValueError(f"it claims {needed} bytes, more than its chunks hold")
    value = 0 if fill is None or dtype.kind not in "biuf" else np.array(fill, dtype=dtype.newbyteorder("="))
    if np.ndim(value):
        raise ValueError("its fill value is a list")
    if fill and dtype.kind in "iuf":  # 0 is what is written when nobody chose it
        attrs = {"_FillValue": value, **attrs}
    axes = [str(name or "") for name in names] if isinstance(names, list) else []
    plain = {str(key): item for key, item in attrs.items() if not isinstance(item, dict)}
    return ZarrArray(folder, sizes, steps, dtype, codecs, key, value, plain, axes)


def _attributes(folder: Path) -> dict[str, Any]:
    """The attributes of a group or array."""
    found = _json(folder / ".zattrs") or _json(folder / "zarr.json").get("attributes")
    return found if isinstance(found, dict) else {}


def _json(path: Path) -> dict[str, Any]:
    """An object in a file, empty where there is no such file. Raises ReadError."""
    if path.is_symlink() or not path.is_file():
        return {}
    raw = head_of(path, LONGEST_METADATA + 1)
    try:
        if len(raw) > LONGEST_METADATA:
            raise ValueError("it is too long")
        found = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise damaged(path, error) from None
    return found if isinstance(found, dict) else {}


def damaged(path: Path, error: Exception) -> ReadError:
    """The sentence for metadata that cannot be understood."""
    where = f"{path.parent.name}/{path.name}"
    return ReadError(f"{where} cannot be understood: {error}.", hint="Copy the whole folder again.")


def _holds(folder: Path, size: int) -> bool:
    """Whether the files below a folder have so many bytes together."""
    for place, _, names in os.walk(folder):
        for name in names:
            size -= (Path(place) / name).lstat().st_size
            if size <= 0:
                return True
    return False


def _leads_out(file: Path, folder: Path) -> bool:
    """Whether a file, or a folder on the way to it, is a link."""
    return any(item.is_symlink() for item in (file, *file.parents) if item != folder and item.is_relative_to(folder))


def _variable(name: str, item: ZarrArray | ReadError) -> Variable:
    if isinstance(item, ReadError):
        return Variable(name, (), None, "array that is not understood")
    return Variable(name, item.shape, item.dtype if item.dtype.kind in "biuf" else None, "array of no numbers")
