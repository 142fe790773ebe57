"""What lies in an HDF5 file: its datasets by path, and attributes in all the ways programs write them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from hadviewer.core.errors import ReadError
from hadviewer.io.readers._arrays import Variable
from hadviewer.io.readers._hdf5 import CHUNK_CACHE, HDF5_ERRORS, first_values, is_own
from hadviewer.io.readers._hdf5_safety import check_attributes, check_heaps

MOST_OBJECTS = 1000
_LONGEST_TEXT = 64 * 2**10


class Tree:
    """An open file with its ``variables``, named by their paths; links to other files are not followed."""

    def __init__(self, path: Path) -> None:
        import h5py

        self.path = path
        try:
            check_heaps(path)
            self._file = h5py.File(path, "r", rdcc_nbytes=CHUNK_CACHE)
            self._datasets = {name: item for name, item in _datasets(self._file) if _own(item)}
            check_attributes(path, self._file, [self._file, *self._datasets.values()])
            solid = {name: item for name, item in self._datasets.items() if not _is_axis(item)}
            self.variables = [_variable(name, item) for name, item in solid.items()]
        except HDF5_ERRORS as error:
            raise damaged(path, error) from None

    def dataset(self, name: str) -> Any:
        """The dataset of this path."""
        return self._datasets[name]

    def load(self, name: str, most: int | None = None) -> Any:
        """A dataset whole, or about ``most`` values from its beginning."""
        try:
            return first_values(self._datasets[name], most)
        except HDF5_ERRORS as error:
            raise damaged(self.path, error) from None

    def attributes(self, name: str = "") -> dict[str, Any]:
        """The attributes of a dataset, or of the file, decoded; what cannot be decoded is left out."""
        holder = self._datasets[name] if name else self._file
        found = {}
        try:
            keys = list(holder.attrs)
        except HDF5_ERRORS as error:
            raise damaged(self.path, error) from None
        for key in keys:
            try:
                found[str(key)] = plain(holder.attrs[key])
            except HDF5_ERRORS:
                continue
        return found

    def text(self, name: str) -> str:
        """A dataset of one text."""
        value = plain(self.load(name)) if self._datasets[name].size == 1 else ""
        return value if isinstance(value, str) else ("" if isinstance(value, np.ndarray) else f"{value:g}")

    def dimensions(self, name: str) -> list[str]:
        """What netCDF calls the axes of a dataset, '' where it does not say."""
        found = []
        for axis in self._datasets[name].dims:
            try:
                found.append(str(axis[0].name).rpartition("/")[2] if len(axis) else "")
            except HDF5_ERRORS:
                found.append("")
        return found


def damaged(path: Path, error: Exception) -> ReadError:
    """The sentence for a file that HDF5 cannot read."""
    return ReadError(
        f"{path.name} is damaged or no HDF5 file.",
        hint="Copy or download it again.",
        details=f"{type(error).__name__}: {error}",
    )


def plain(value: Any) -> Any:
    """An attribute as text, number or array of numbers, whether stored as bytes, one-element array or object."""
    array = np.asarray(value)
    if array.dtype.kind in "OSU":
        if array.size != 1:
            return ", ".join(str(plain(item)) for item in array.reshape(-1)[:64])
        item = array.reshape(-1)[0]
        text = item.decode("utf-8", "replace") if isinstance(item, bytes) else str(item)
        return text[:_LONGEST_TEXT].strip("\0 ")
    if array.dtype.kind not in "biuf":
        raise ValueError(f"an attribute of type {array.dtype}")
    return array.reshape(-1)[0].item() if array.size == 1 else array


def _datasets(file: Any) -> Iterator[tuple[str, Any]]:
    """Every dataset once; groups may hold each other, and nobody looks through thousands."""
    import h5py

    found: list[tuple[str, Any]] = []

    def visit(name: Any, item: Any) -> bool | None:
        if isinstance(item, h5py.Dataset) and not isinstance(name, bytes):  # what is no UTF-8 stays bytes
            found.append((name, item))
        return True if len(found) >= MOST_OBJECTS else None

    file.visititems(visit)
    yield from found


def _own(item: Any) -> bool:
    """Whether a dataset has values, in this file."""
    return item.shape is not None and is_own(item)


def _is_axis(item: Any) -> bool:
    """Whether a dataset stands for a dimension of netCDF only, and has no values."""
    if item.ndim != 1 or "NAME" not in item.attrs:
        return False
    return str(plain(item.attrs["NAME"])).startswith("This is a netCDF dimension but not a netCDF variable")


def _variable(name: str, item: Any) -> Variable:
    shape = tuple(int(length) for length in item.shape)
    return Variable(name, shape, item.dtype if item.dtype.kind in "biuf" else None, str(item.dtype))
