"""PRISMA L1 to L2D: the cubes of both detectors joined by rising wavelength, absent bands left out, values scaled.

Written from the mission's documentation and other programs' code; no real file was at hand.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.bands import BandSet
from hadviewer.core.cube import Cube, Guess, Scale
from hadviewer.core.errors import ReadError
from hadviewer.core.geo import Georeference
from hadviewer.core.params import Params, field
from hadviewer.core.specs import Entry, Match, ReaderSpec
from hadviewer.io.readers import _geolocation
from hadviewer.io.readers._hdf5 import HDF5_ERRORS, Hdf5Source, linked_here
from hadviewer.io.readers._hdf5_tree import Tree
from hadviewer.io.readers._joined import JoinedSource

MAGIC = b"\x89HDF\r\n\x1a\n"
EXTENSIONS = (".he5",)
BIL = (0, 2, 1)
DETECTORS = ("VNIR", "SWIR")
FULL_SCALE = 65535
_CUBE = re.compile(r"HDFEOS/SWATHS/PRS_(L\w+?)_(HCO|HRC)/Data Fields/(VNIR|SWIR)_Cube")


class PrismaParams(Params):
    """What zeros mean in a product laid on a map."""

    zeros: bool = field(True, "Zeros are no data", help="Take 0 as no data in map products, which are filled with it.")


def sniff(path: Path, head: bytes) -> int:
    """HDF5 with a swath of PRISMA in it."""
    if path.is_dir() or not head.startswith(MAGIC):
        return Match.NO
    import h5py

    try:
        with h5py.File(path, "r") as file:
            swaths: Any = file
            for name in ("HDFEOS", "SWATHS"):
                swaths = linked_here(swaths, name) if name in swaths else {}
            return Match.PRODUCT if any(str(name).startswith("PRS_L") for name in swaths or {}) else Match.NO
    except HDF5_ERRORS:
        return Match.NO


def contents(path: Path) -> list[Entry]:
    """The cubes of the product: co-registered, or as the detectors saw them."""
    tree = Tree(path)
    return [_entry(tree, kind) for kind in _kinds(tree)]


def open_cube(path: Path, entry: str | None = None, params: PrismaParams | None = None) -> Cube:
    """The cube as a lazy one. Raises ReadError."""
    params = params or PrismaParams()
    tree = Tree(path)
    kinds = _kinds(tree)
    kind = entry or kinds[0]
    if kind not in kinds:
        raise ReadError(f"{path.name} has no entry {kind!r}.", hint=f"It holds {', '.join(kinds)}.")
    attributes = tree.attributes()
    parts = _parts(tree, kind, attributes)
    table = np.concatenate([part.table(number) for number, part in enumerate(parts)])
    table = table[np.argsort(table[:, 0], kind="stable")]
    if not len(table):
        raise ReadError(f"{path.name} gives no wavelength for any band.", hint="Download the product again.")
    source = JoinedSource([part.source for part in parts], table[:, 4:].astype(np.intp).tolist())
    widths = table[:, 1] if np.all(table[:, 1] > 0) else None
    level, mapped = kind.split("_")[1], kind.startswith("PRS_L2D")
    reflectance = level in ("L2C", "L2D")
    remark = "Values of 0 are taken as no data; the reader option zeros=no changes it."
    return Cube(
        source,
        BandSet(len(table), table[:, 0], widths),
        name=path.stem,
        path=path,
        scale=Scale(table[:, 2], table[:, 3], "scale of the product"),
        nodata=0.0 if mapped and params.zeros else None,
        geo=_georeference(attributes, source.shape)
        if mapped
        else _geolocation.of_tree(tree, f"HDFEOS/SWATHS/{kind}", source.shape[:2]),
        quantity="Reflectance" if reflectance else "Radiance",
        unit="" if reflectance else "W/(m² sr µm)",
        meta={"format": f"PRISMA {level}", **{k: v for k, v in attributes.items() if isinstance(v, str)}},
        notes=(remark,) if mapped and params.zeros else (),
        guessed=(Guess("zeros", "yes", remark, ("no",)),) if mapped and params.zeros else (),
    )


def open_array(path: Path, entry: str | None = None) -> NDArray[Any]:
    """No map: the product is a cube."""
    raise ReadError(f"{path.name} is a PRISMA product, not a mask or score map.", hint="Choose another file.")


@dataclass(frozen=True, eq=False)
class _Part:
    """The cube of one detector and what the product says of its bands."""

    source: Hdf5Source
    centres: NDArray[np.float64]
    widths: NDArray[np.float64]
    gain: float
    offset: float

    def table(self, number: int) -> NDArray[np.float64]:
        """Rows of (wavelength, width, gain, offset, number of the part, band) for the bands that exist."""
        real = np.flatnonzero(np.isfinite(self.centres) & (self.centres > 0))
        constant = np.broadcast_to([self.gain, self.offset, float(number)], (len(real), 3))
        return np.column_stack([self.centres[real], self.widths[real], constant, real])


def _kinds(tree: Tree) -> list[str]:
    """The swaths that hold a cube, co-registered ones first."""
    found = {f"PRS_{match[1]}_{match[2]}" for item in tree.variables if (match := _CUBE.fullmatch(item.name))}
    if not found:
        raise ReadError(f"{tree.path.name} holds no cube of PRISMA.", hint="Download the hyperspectral product.")
    return sorted(found, key=lambda name: (not name.endswith("HCO"), name))


def _entry(tree: Tree, kind: str) -> Entry:
    parts = _parts(tree, kind, tree.attributes())
    rows, cols, _ = parts[0].source.shape
    return Entry(kind, (rows, cols, sum(len(part.table(0)) for part in parts)), parts[0].source.dtype.name, "cube")


def _parts(tree: Tree, kind: str, attributes: dict[str, Any]) -> list[_Part]:
    parts = []
    known = {item.name: item for item in tree.variables}
    for detector in DETECTORS:
        name = f"HDFEOS/SWATHS/{kind}/Data Fields/{detector}_Cube"
        item = known.get(name)
        if item is None:
            continue
        if item.dtype is None or len(item.shape) != 3 or not item.size:
            raise ReadError(f"{detector}_Cube in {tree.path.name} is no cube.", hint="Download the product again.")
        source = Hdf5Source(tree.dataset(name), BIL, tree.path.name, owner=tree)
        count, word = source.shape[2], detector.title()
        centres, widths = (_list(attributes, f"List_{what}_{word}", count) for what in ("Cw", "Fwhm"))
        if centres is None:
            raise ReadError(
                f"{tree.path.name} does not say 'List_Cw_{word}' for its {count} bands.",
                hint="Download the product again.",
            )
        gain, offset = _scale(tree.path, attributes, word, level=kind.split("_")[1])
        parts.append(_Part(source, centres, np.zeros(count) if widths is None else widths, gain, offset))
    if len({part.source.shape[:2] for part in parts}) > 1:
        raise ReadError(
            f"The cubes of both detectors in {tree.path.name} differ in size.", hint="Download the product again."
        )
    return parts


def _list(attributes: dict[str, Any], key: str, count: int) -> NDArray[np.float64] | None:
    values = np.asarray(attributes.get(key, ()))
    return values.astype(np.float64) if values.dtype.kind in "iuf" and values.shape == (count,) else None


def _scale(path: Path, attributes: dict[str, Any], word: str, level: str) -> tuple[float, float]:
    """Gain and offset: L1 divides and subtracts, L2 spreads the range of 16 bits between two limits."""
    keys = (f"ScaleFactor_{word}", f"Offset_{word}") if level == "L1" else (f"L2Scale{word}Min", f"L2Scale{word}Max")
    first, second = (attributes.get(key) for key in keys)
    sound = all(isinstance(value, int | float) and np.isfinite(value) for value in (first, second))
    if not sound or (level == "L1" and first == 0):
        raise ReadError(f"{path.name} does not say '{keys[0]}' and '{keys[1]}'.", hint="Download the product again.")
    assert first is not None
    assert second is not None
    if level == "L1":
        return 1.0 / float(first), -float(second)
    return (float(second) - float(first)) / FULL_SCALE, float(first)


def _georeference(attributes: dict[str, Any], shape: tuple[int, int, int]) -> Georeference | None:
    """The place of an L2D product; its corners are centres of pixels."""
    keys = [f"Product_{corner}corner_{axis}" for corner in ("UL", "LR") for axis in ("easting", "northing")]
    numbers = [attributes.get(key) for key in keys]
    code = str(attributes.get("Epsg_Code", ""))
    rows, cols, _ = shape
    sound = [float(value) for value in numbers if isinstance(value, int | float) and np.isfinite(value)]
    if len(sound) != 4 or not code.isdigit() or min(rows, cols) < 2:
        return None
    left, top, right, bottom = sound
    dx, dy = (right - left) / (cols - 1), (bottom - top) / (rows - 1)
    if dx == 0 or dy == 0:
        return None
    return Georeference((left - dx / 2, dx, 0.0, top - dy / 2, 0.0, dy), f"EPSG:{code}", f"EPSG:{code}", "m")


SPEC = ReaderSpec(
    id="prisma",
    title="PRISMA product",
    extensions=EXTENSIONS,
    sniff=sniff,
    contents=contents,
    open=open_cube,
    open_array=open_array,
    params=PrismaParams,
    summary="Products of the PRISMA mission, both detectors in one cube.",
)
