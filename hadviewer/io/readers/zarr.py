"""Zarr: a folder of chunks, in either version of the format; the cube among its arrays is found as in HDF5."""

from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from hadviewer.core.cube import Cube
from hadviewer.core.specs import Entry, Match, ReaderSpec
from hadviewer.io.readers import hdf5
from hadviewer.io.readers._zarr_tree import METADATA, ZarrTree, root_of
from hadviewer.io.readers.hdf5 import Hdf5Params


def sniff(path: Path, head: bytes) -> int:
    """The files that describe groups and arrays, in the folder or chosen themselves."""
    if path.is_dir():
        return Match.YES if any((path / name).is_file() for name in METADATA) else Match.NO
    return Match.YES if path.name in METADATA and b"zarr_format" in head else Match.NO


def contents(path: Path) -> list[Entry]:
    """Cubes, then masks, then other arrays. Raises ReadError when there is no array of numbers."""
    return hdf5.entries_of(ZarrTree(path))


def open_cube(path: Path, entry: str | None = None, params: Hdf5Params | None = None) -> Cube:
    """The array as a lazy cube. Raises ReadError."""
    return hdf5.cube_of(ZarrTree(path), "Zarr", entry, params)


def open_array(path: Path, entry: str | None = None) -> NDArray[Any]:
    """A mask or score map (rows, cols) as stored. Raises ReadError when the array is no such thing."""
    return hdf5.array_of(ZarrTree(path), entry)


SPEC = ReaderSpec(
    id="zarr",
    title="Zarr",
    extensions=(".zarr", ".zgroup", ".zarray"),
    sniff=sniff,
    contents=contents,
    open=open_cube,
    open_array=open_array,
    params=Hdf5Params,
    home=root_of,
    summary="Folders of chunks in version 2 or 3, as cloud archives and xarray write them.",
)
