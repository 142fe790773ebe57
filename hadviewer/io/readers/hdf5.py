"""HDF5 and netCDF-4: the cube among the arrays of a file, its axes, wavelengths, scale and place, read by chunks."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.cube import Cube, Scale
from hadviewer.core.errors import ReadError
from hadviewer.core.params import Params, field
from hadviewer.core.specs import Entry, Match, ReaderSpec
from hadviewer.io.readers import _arrays, _geolocation, _hdf5_bands, _hdf5_geo
from hadviewer.io.readers._arrays import Order, Reading, Variable
from hadviewer.io.readers._files import check_memory, head_of, is_stand_in, refuse_stand_in
from hadviewer.io.readers._hdf5 import Hdf5Source
from hadviewer.io.readers._hdf5_tree import Tree

MAGIC = b"\x89HDF\r\n\x1a\n"
EXTENSIONS = (".h5", ".hdf5", ".he5", ".hdf", ".nc", ".nc4")
_OTHERS = {
    b"\x0e\x03\x13\x01": ("an HDF4 file", "Convert it first, for example with: h4toh5"),
    b"CDF\x01": ("a netCDF-3 file", "Convert it first, for example with: nccopy -k nc4"),
    b"CDF\x02": ("a netCDF-3 file", "Convert it first, for example with: nccopy -k nc4"),
}
_NODATA = ("_fillvalue", "missing_value", "data_ignore_value", "nodata", "no_data_value")


class Hdf5Params(Params):
    """How to read an array whose axes the file does not tell."""

    order: Order = field(
        "auto",
        "Axis order",
        help="bip: lines × samples × bands; bsq: bands × lines × samples; bil: lines × bands × samples.",
    )


def sniff(path: Path, head: bytes) -> int:
    """The eight bytes of HDF5, of which MATLAB's files are another reader's."""
    if path.is_dir() or path.suffix.lower() == ".mat":
        return Match.NO
    if head.startswith(MAGIC) or any(head.startswith(magic) for magic in _OTHERS):
        return Match.YES
    return Match.MAYBE if path.suffix.lower() in EXTENSIONS else Match.NO


def contents(path: Path) -> list[Entry]:
    """Cubes, then masks, then other arrays. Raises ReadError when there is no array of numbers."""
    return entries_of(_open(path))


def open_cube(path: Path, entry: str | None = None, params: Hdf5Params | None = None) -> Cube:
    """The array as a lazy cube. Raises ReadError."""
    return cube_of(_open(path), "HDF5", entry, params)


def open_array(path: Path, entry: str | None = None) -> NDArray[Any]:
    """A mask or score map (rows, cols) as stored. Raises ReadError when the array is no such thing."""
    return array_of(_open(path), entry)


def entries_of(tree: Tree) -> list[Entry]:
    """Cubes, then masks, then other arrays of an open file. Raises ReadError when there is no array of numbers."""
    arrays = [item for item in tree.variables if item.dtype is not None and item.size > 1]
    if not arrays:
        raise ReadError(f"{tree.path.name} holds no array of numbers.", hint="A cube is an array with three axes.")
    return _arrays.list_entries(arrays, _readings(tree), tree.load)


def cube_of(tree: Tree, kind: str, entry: str | None, params: Hdf5Params | None) -> Cube:
    """An array of an open file of this kind as a lazy cube. Raises ReadError."""
    path = tree.path
    reading = _arrays.choose(path, _readings(tree, (params or Hdf5Params()).order), tree.variables, entry)
    name = reading.variable.name
    axes = _arrays.AXES[reading.order]
    dataset = tree.dataset(name)
    source = Hdf5Source(dataset if dataset.ndim == 3 else _Flat(dataset), axes, path.name, owner=tree)
    bands, notes = _hdf5_bands.band_set(tree, name, source.shape[2])
    attributes = {key.lower(): value for key, value in tree.attributes(name).items()}
    unit = str(attributes.get("units", attributes.get("unit", "")))
    return Cube(
        source,
        bands,
        name=path.stem,
        path=path,
        scale=_scale(tree.attributes(name)),
        nodata=_nodata(attributes, source.dtype),
        geo=_hdf5_geo.georeference(tree, name) or _geolocation.of_tree(tree, name, source.shape[:2]),
        quantity=_quantity(name, attributes),
        unit="" if unit in ("", "unitless", "1", "none", "NA") else unit,
        meta={"format": kind, "dataset": name, **_facts(tree)},
        notes=tuple(note for note in (reading.note, *notes) if note),
        guessed=reading.guessed,
    )


def array_of(tree: Tree, entry: str | None) -> NDArray[Any]:
    """A mask or score map of an open file, (rows, cols). Raises ReadError when the array is no such thing."""
    path = tree.path
    flat = [item for item in tree.variables if item.dtype is not None]
    name = entry or _arrays.flat_name(path, flat, tree.load)
    check_memory(path, name, _arrays.find(path, tree.variables, name).nbytes)
    return _arrays.as_map(path, name, tree.load(name))


class _Flat:
    """A dataset of lines and samples seen as one of a single band."""

    def __init__(self, dataset: Any) -> None:
        self._dataset, self.shape, self.dtype = dataset, (*dataset.shape, 1), dataset.dtype

    def __getitem__(self, parts: tuple[Any, Any, Any]) -> NDArray[Any]:
        values: NDArray[Any] = np.asarray(self._dataset[parts[:2]])[:, :, np.newaxis]
        return values[:, :, parts[2]]


def _open(path: Path) -> Tree:
    head = head_of(path)
    if not head or is_stand_in(head):
        refuse_stand_in(path, head)
    for magic, (what, hint) in _OTHERS.items():
        if head.startswith(magic):
            raise ReadError(f"{path.name} is {what}, which this program does not read.", hint=hint)
    return Tree(path)


def _readings(tree: Tree, order: Order = "auto") -> list[Reading]:
    """The arrays of three axes, the likeliest cube first, each with the axis that holds the bands."""
    solid = [item for item in tree.variables if item.dtype is not None and len(item.shape) == 3 and item.size]
    found = []
    for item in solid:
        known = order if order != "auto" else _hdf5_bands.known_order(tree, item)
        [reading] = _arrays.readings([item], tree.load, known or "auto", guess=known is None)
        found.append(replace(reading, note="" if known else reading.note, guessed=() if known else reading.guessed))
    found.sort(
        key=lambda reading: (not _arrays.plausible(reading), -_likeness(reading.variable), -reading.variable.size)
    )
    return found


def _likeness(item: Variable) -> int:
    """Whether an array is called what cubes are called."""
    name = item.name.lower()
    return sum(word in name for word in ("reflectance", "radiance", "rfl", "rdn", "cube"))


def _scale(attributes: dict[str, Any]) -> Scale | None:
    """CF's scale_factor multiplies; the Scale_Factor of products, a number such as 10000, divides."""
    for key, value in attributes.items():
        if key.lower() in ("scale_factor", "reflectance_scale_factor") and isinstance(value, int | float) and value:
            offset = attributes.get("add_offset", 0.0)
            divides = key != "scale_factor" and value > 1
            gain = 1.0 / value if divides else float(value)
            shift = float(offset) if isinstance(offset, int | float) else 0.0
            return Scale(gain, shift, key) if np.isfinite(gain) and (gain, shift) != (1.0, 0.0) else None
    return None


def _nodata(attributes: dict[str, Any], dtype: np.dtype[Any]) -> float | None:
    value = next((attributes[key] for key in _NODATA if isinstance(attributes.get(key), int | float)), None)
    if value is None or not np.isfinite(value):
        return None
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        return float(value) if limits.min <= value <= limits.max and value == int(value) else None
    with np.errstate(over="ignore"):
        stored = float(np.asarray(value).astype(dtype))
    return stored if np.isfinite(stored) else None


def _quantity(name: str, attributes: dict[str, Any]) -> str:
    told = f"{attributes.get('long_name', '')} {name}".lower()
    return next((word.capitalize() for word in ("reflectance", "radiance") if word in told), "Value")


def _facts(tree: Tree) -> dict[str, Any]:
    """The short attributes of the file, for display."""
    return {key: value for key, value in tree.attributes().items() if not isinstance(value, np.ndarray)}


SPEC = ReaderSpec(
    id="hdf5",
    title="HDF5 and netCDF-4",
    extensions=EXTENSIONS,
    sniff=sniff,
    contents=contents,
    open=open_cube,
    open_array=open_array,
    params=Hdf5Params,
    summary="Self-describing files of space agencies and observatories (NEON, EMIT, AVIRIS and others).",
)
