"""Coordinates of every pixel, where files keep them: latitudes and longitudes, IGM and GLT, inside or beside a cube."""

import re
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from os.path import commonpath
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.cube import Cube, Window
from hadviewer.core.errors import ReadError
from hadviewer.core.geo import Georeference
from hadviewer.core.geolocation import Coordinates, Floats, Geolocation, Rectangle
from hadviewer.io.readers import _hdf5_geo
from hadviewer.io.readers._envi_files import DATA_EXTENSIONS
from hadviewer.io.readers._hdf5 import HDF5_ERRORS
from hadviewer.io.readers._hdf5_tree import Tree

MOST_BESIDE = 2000
"""Files of a folder that are looked at for one beside a cube."""
MOST_LOOKED_UP = 8_000_000
"""Pixels whose places are gathered from a look-up table, which takes 20 bytes for each."""
STRIP_CELLS = 2**20
LABEL = "longitude, latitude of each pixel"
_LONGITUDE = re.compile(r"lon(?:gitudes?)?(?P<rest>(?:_.*)?)")
_FILL = ("_FillValue", "missing_value")
_MARKS = {"igm": "igm", "loc": "igm", "glt": "glt"}


def of_tree(tree: Tree, cube: str, shape: tuple[int, int]) -> Geolocation | None:
    """What an HDF5 or netCDF file says of each pixel (rows, cols) of a cube: latitudes and longitudes, else a GLT."""
    return _latitudes(tree, cube, shape) or _looked_up(tree, shape)


def beside(header: Path, shape: tuple[int, int], open_cube: Callable[[Path], Cube]) -> Geolocation | None:
    """What an IGM, LOC or GLT file beside an ENVI header says of each pixel (rows, cols) of its image.

    The nearest name wins: all words of it but the mark are words of the image's own name, and the first is the same.
    """
    for mark, place in _companions(header):
        try:
            found = _igm(open_cube(place), shape) if mark == "igm" else _glt(open_cube(place), shape)
        except ReadError:
            continue
        if found is not None:
            return replace(found, label=f"{found.label}, from {place.name}", files=(place, place.with_suffix(".dat")))
    return None


def between_points(
    points: Sequence[tuple[float, float, float, float]], shape: tuple[int, int], *, degrees: bool
) -> Coordinates | None:
    """Coordinates between control points (row, col, x, y) of an image (rows, cols), in pixel space.

    None where these do not stand in lines and columns.
    """
    table = np.array(points, dtype=np.float64).reshape(-1, 4)
    if not len(table) or not np.isfinite(table).all():
        return None
    rows, cols = np.unique(table[:, 0]), np.unique(table[:, 1])
    order = np.lexsort((table[:, 1], table[:, 0]))
    grid = np.stack(np.meshgrid(rows, cols, indexing="ij"), axis=-1).reshape(-1, 2)
    if len(grid) != len(table) or not np.array_equal(table[order, :2], grid):
        return None
    places = table[order, 2:].reshape(len(rows), len(cols), 2)
    if degrees:  # longitudes go on beyond the date line
        places[..., 0] = np.unwrap(np.unwrap(places[..., 0], axis=0, period=360), axis=1, period=360)
    return _Between(rows, cols, places, shape)


def _latitudes(tree: Tree, cube: str, shape: tuple[int, int]) -> Geolocation | None:
    names = {item.name.lower(): item for item in tree.variables if item.dtype is not None and item.shape == shape}
    pairs = []
    for name, item in names.items():
        group, _, leaf = name.rpartition("/")
        if match := _LONGITUDE.fullmatch(leaf):
            twins = (f"{group}/{word}{match['rest']}".lstrip("/") for word in ("lat", "latitude", "latitudes"))
            pairs += [(item.name, names[twin].name) for twin in twins if twin in names]
    if not pairs:
        return None
    x, y = min(pairs, key=lambda pair: (-len(commonpath([pair[0], cube])), pair))
    return Geolocation(_Pair(_layer(tree, x), _layer(tree, y), shape), label=LABEL)


def _looked_up(tree: Tree, shape: tuple[int, int]) -> Geolocation | None:
    flat = {item.name.lower(): item for item in tree.variables if item.dtype is not None and len(item.shape) == 2}
    for name, item in flat.items():
        group, _, leaf = name.rpartition("/")
        other = {"glt_x": "glt_y", "sample": "line"}.get(leaf)
        twin = flat.get(f"{group}/{other}".lstrip("/"))
        if other is None or twin is None or twin.shape != item.shape:
            continue
        grid = _hdf5_geo.georeference(tree, item.name) or _root_grid(tree)
        if grid is not None:
            rows, cols = item.shape
            pair = _Pair(_layer(tree, item.name), _layer(tree, twin.name), (rows, cols), degrees=False)
            return _gathered(pair, grid, shape)
    return None


def _root_grid(tree: Tree) -> Georeference | None:
    """The grid that EMIT keeps among the attributes of the file."""
    attributes = {key.lower(): value for key, value in tree.attributes().items()}
    numbers = np.asarray(attributes.get("geotransform", ()))
    if numbers.dtype.kind not in "iuf" or numbers.shape != (6,) or not np.isfinite(numbers).all():
        return None
    x0, dx_col, dx_row, y0, dy_col, dy_row = numbers.astype(np.float64).tolist()
    crs = str(attributes.get("spatial_ref", "EPSG:4326"))
    return Georeference((x0, dx_col, dx_row, y0, dy_col, dy_row), crs, LABEL, "deg" if crs[:4] != "PROJ" else "m")


def _companions(header: Path) -> Iterator[tuple[str, Path]]:
    """Headers beside one that may place its pixels, coordinates before look-up tables, nearest names first."""
    own = _words(header)
    if not own or _MARKS.keys() & set(own):
        return
    found = []
    try:
        for place in islice(header.parent.glob("*.[hH][dD][rR]"), MOST_BESIDE):
            words = _words(place)
            marks = [word for word in words if word in _MARKS]
            rest = [word for word in words if word not in _MARKS]
            if len(marks) == 1 and rest and rest[0] == own[0] and set(rest) <= set(own):
                kind = _MARKS[marks[0]]
                found.append((kind == "glt", -len(rest), place.name, kind, place))
    except OSError:
        return
    yield from ((kind, place) for *_, kind, place in sorted(found))


def _words(path: Path) -> list[str]:
    """The parts of a name without its endings: 'ang2017', 'rdn' and 'igm' of ang2017_rdn_igm.img.hdr."""
    name = path.name.lower().removesuffix(".hdr")
    stem, _, ending = name.rpartition(".")
    return [word for word in (stem if stem and ending in DATA_EXTENSIONS else name).split("_") if word]


def _igm(cube: Cube, shape: tuple[int, int]) -> Geolocation | None:
    """Bands of x and y, in degrees where they are called so, or where all of a sample could be."""
    if cube.shape[:2] != shape or cube.shape[2] < 2 or cube.dtype.kind not in "iuf":
        return None
    names = [name.lower() for name in cube.bands.names or ()]
    x = next((place for place, name in enumerate(names) if "lon" in name or "east" in name), 0)
    y = next((place for place, name in enumerate(names) if "lat" in name or "north" in name), 1)
    pair = _Pair(_Band(cube, x), _Band(cube, y), shape, degrees=False)
    step = max(1, max(shape) // 16)
    sample = pair.read((0, shape[0], 0, shape[1]), step)
    with np.errstate(invalid="ignore"):
        degrees = bool(
            np.nanmax(np.abs(sample[..., 0]), initial=0) <= 360 and np.nanmax(np.abs(sample[..., 1]), initial=0) <= 90
        )
    if degrees:
        return Geolocation(_Pair(_Band(cube, x), _Band(cube, y), shape), label=LABEL)
    known = cube.geo.crs if cube.geo is not None else ""
    system = known or cube.meta.get("coordinate system string", "")
    return Geolocation(pair, str(system), "map coordinates of each pixel", "m")


def _glt(cube: Cube, shape: tuple[int, int]) -> Geolocation | None:
    if cube.shape[2] < 2 or cube.dtype.kind not in "iuf" or not isinstance(cube.geo, Georeference):
        return None
    return _gathered(_Pair(_Band(cube, 0), _Band(cube, 1), cube.shape[:2], degrees=False), cube.geo, shape)


def _gathered(table: "_Pair", grid: Georeference, shape: tuple[int, int]) -> Geolocation | None:
    if shape[0] * shape[1] > MOST_LOOKED_UP:
        return None
    return Geolocation(_Gathered(table, grid, shape), grid.crs, grid.label, grid.units)


class _Layer(Protocol):
    """One number for each pixel, NaN where there is none."""

    def read(self, window: Rectangle, step: int) -> Floats: ...


@dataclass(frozen=True, eq=False)
class _Band:
    """A band of a cube."""

    cube: Cube
    band: int

    def read(self, window: Rectangle, step: int) -> Floats:
        values: Floats = self.cube.values(np.array([self.band]), Window(*window), np.float64, step)[:, :, 0]
        return values


@dataclass(frozen=True, eq=False)
class _Dataset:
    """A dataset of HDF5 with its scale; ``owner`` keeps the file open."""

    dataset: Any
    fill: float | None
    gain: float
    offset: float
    owner: Tree

    def read(self, window: Rectangle, step: int) -> Floats:
        row0, row1, col0, col1 = window
        try:
            raw = np.asarray(self.dataset[row0:row1:step, col0:col1:step], dtype=np.float64)
        except HDF5_ERRORS as error:
            raise ReadError(
                f"{self.owner.path.name} is damaged: {error}.", hint="Copy or download it again."
            ) from error
        if self.fill is not None:
            raw[raw == self.fill] = np.nan
        return raw * self.gain + self.offset


def _layer(tree: Tree, name: str) -> _Dataset:
    attributes = tree.attributes(name)
    fill = next((float(attributes[key]) for key in _FILL if isinstance(attributes.get(key), int | float)), None)
    gain, offset = (
        float(value) if isinstance(value := attributes.get(key), int | float) and np.isfinite(value) else default
        for key, default in (("scale_factor", 1.0), ("add_offset", 0.0))
    )
    return _Dataset(tree.dataset(name), fill, gain or 1.0, offset, tree)


@dataclass(frozen=True, eq=False)
class _Pair:
    """Two layers as coordinates; pairs that are no place on the Earth, and 0 with 0, stand for none."""

    x: _Layer
    y: _Layer
    shape: tuple[int, int]
    degrees: bool = True

    def read(self, window: Rectangle, step: int = 1) -> Floats:
        found = np.stack((self.x.read(window, step), self.y.read(window, step)), axis=-1)
        x, y = found[..., 0], found[..., 1]
        with np.errstate(invalid="ignore"):
            none = ~np.isfinite(x) | ~np.isfinite(y) | ((x == 0) & (y == 0)) | (x == -9999) | (y == -9999)
            if self.degrees:
                none |= (np.abs(x) > 360) | (np.abs(y) > 90)
        found[none] = np.nan
        return found


@dataclass(frozen=True, eq=False)
class _Gathered:
    """Coordinates by a table that says for each cell of a map which sample and line it shows, counted from 1.

    A pixel lies in the middle of its cells; those with negative numbers only fill gaps and count where no others are.
    """

    table: _Pair
    grid: Georeference
    shape: tuple[int, int]
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _known: list[Floats] = field(default_factory=list)

    def read(self, window: Rectangle, step: int = 1) -> Floats:
        with self._lock:
            if not self._known:
                self._known.append(self._gather())
        row0, row1, col0, col1 = window
        return self._known[0][row0:row1:step, col0:col1:step].copy()

    def _gather(self) -> Floats:
        count = self.shape[0] * self.shape[1]
        places, times = np.zeros((count, 2)), np.zeros(count, np.int32)
        rows, cols = self.table.shape
        height = max(1, STRIP_CELLS // max(1, cols))
        for sign in (1, -1):
            free = times == 0
            for row in range(0, rows, height):
                down, right, which = self._owned(sign * self.table.read((row, min(rows, row + height), 0, cols)))
                wanted = free[which]
                at = self.grid.positions(down[wanted] + row + 0.5, right[wanted] + 0.5)
                np.add.at(places, which[wanted], at)
                np.add.at(times, which[wanted], 1)
        with np.errstate(invalid="ignore"):
            return np.asarray((places / times[:, np.newaxis]).reshape(*self.shape, 2))

    def _owned(self, cells: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
        """Rows and columns of the cells that show a pixel of the scene, and the number of that pixel."""
        rows, cols = self.shape
        with np.errstate(invalid="ignore"):
            inside = (cells[..., 0] >= 1) & (cells[..., 0] <= cols) & (cells[..., 1] >= 1) & (cells[..., 1] <= rows)
        down, right = np.nonzero(inside)
        sample, line = (cells[down, right, axis].astype(np.intp) - 1 for axis in (0, 1))
        return down, right, line * cols + sample


@dataclass(frozen=True, eq=False)
class _Between:
    """Coordinates between those of points on a few lines and columns, straight from one to the next."""

    rows: Floats
    cols: Floats
    places: Floats
    shape: tuple[int, int]

    def read(self, window: Rectangle, step: int = 1) -> Floats:
        row0, row1, col0, col1 = window
        above, down = _between(self.rows, np.arange(row0, row1, step, dtype=np.float64) + 0.5)
        left, right = _between(self.cols, np.arange(col0, col1, step, dtype=np.float64) + 0.5)
        upper, lower = (self._along(line, left, right) for line in (above, np.minimum(above + 1, len(self.rows) - 1)))
        found: Floats = upper + (lower - upper) * down[:, np.newaxis, np.newaxis]
        return found

    def _along(self, lines: NDArray[np.intp], left: NDArray[np.intp], right: Floats) -> Floats:
        after = np.minimum(left + 1, len(self.cols) - 1)
        first, second = self.places[np.ix_(lines, left)], self.places[np.ix_(lines, after)]
        found: Floats = first + (second - first) * right[:, np.newaxis]
        return found


def _between(known: Floats, at: NDArray[np.floating]) -> tuple[NDArray[np.intp], Floats]:
    """For each place the known one before it, and how far it is from there to the next."""
    first = np.clip(np.searchsorted(known, at, side="right") - 1, 0, max(0, len(known) - 2)).astype(np.intp)
    if len(known) < 2:
        return first, np.zeros(len(at))
    return first, (at - known[first]) / (known[first + 1] - known[first])
