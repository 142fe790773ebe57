"""Where the pixels of a scene lie when no transform says it: coordinates of every pixel, read piece by piece."""

import math
import threading
from collections import OrderedDict
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, Protocol
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hadviewer.core.geo import SAME, Georeference, Placement, metres_per_unit

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Rectangle = tuple[int, int, int, int]

BLOCK = 128
"""Coordinates are read and kept in squares of this side."""
KEPT_BYTES = 64 * 2**20
NODES = 32
"""A search begins at so many places along each side of the scene."""
STARTS = 4
FARTHEST = 1e12
"""Metres, or what else maps count in, beyond which a number is no place."""
BATCH_BYTES = 32 * 2**20
SAMPLES = 7
SLACK, MOST_OFF = 0.05, 0.5
"""Pixels by which grids that lie on each other may miss whole pixels, and each other."""
CLOSE = 1e-9
"""Pixels: nearer than that there is nothing to gain."""
REACH = 0.75
"""A place belongs to a pixel when it is within this share of a pixel's side of where the coordinates lead."""


class Coordinates(Protocol):
    """Map coordinates of the centres of pixels. Thread-safe by contract; reads no more than it is asked for."""

    @property
    def shape(self) -> tuple[int, int]: ...
    def read(self, window: Rectangle, step: int = 1) -> Floats:
        """(rows, cols, 2): x and y of every ``step``-th pixel of (row0, row1, col0, col1); NaN where there are none."""
        ...


@dataclass(frozen=True, eq=False)
class ArrayCoordinates:
    """Coordinates in memory, (rows, cols, 2)."""

    values: Floats

    @property
    def shape(self) -> tuple[int, int]:
        rows, cols, _ = self.values.shape
        return rows, cols

    def read(self, window: Rectangle, step: int = 1) -> Floats:
        row0, row1, col0, col1 = window
        return self.values[row0:row1:step, col0:col1:step].copy()


class Nearest(NamedTuple):
    """The pixel whose centre is nearest to a place, and how far that is, in metres or in the units of the map."""

    row: int
    col: int
    distance: float


@dataclass(frozen=True, eq=False)
class Geolocation:
    """Coordinates of every pixel, as sensors deliver them that were not resampled to a map.

    Places between pixel centres are interpolated; pixels without coordinates next to those that have some continue
    them. What is read stays within 64 MiB. ``crs``, ``label`` and ``units`` are as those of a `Georeference`; ``files``
    hold the coordinates where the scene's own file does not.
    """

    coordinates: Coordinates
    crs: str = "EPSG:4326"
    label: str = "WGS-84"
    units: str = "deg"
    files: tuple[Path, ...] = ()

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, cols)."""
        return self.coordinates.shape

    def prepare(self) -> None:
        """Read what ``north`` and ``metres_per_column`` need, so that they answer at once."""
        _ = self._nodes

    def at_hand(self, row: int, col: int) -> bool:
        """Whether the position of this pixel needs no reading."""
        (row0, row1, _), (col0, col1, _) = (
            _cell(np.array([at], dtype=np.float64), 0, count) for at, count in zip((row, col), self.shape, strict=True)
        )
        rows, cols = np.concatenate((row0, row0, row1, row1)), np.concatenate((col0, col1, col0, col1))
        if not self._blocks.at_hand(rows, cols):
            return False
        # For one without coordinates its neighbours are asked, which may lie in other blocks.
        return bool(np.isfinite(self._blocks.values(rows, cols)).all())

    def position(self, row: float, col: float) -> tuple[float, float]:
        """Map (x, y) of a place in pixel space, NaN where it has none; the centre of a pixel is (r + 0.5, c + 0.5)."""
        x, y = self.positions([row], [col])[0].tolist()
        return x, y

    def positions(self, rows: ArrayLike, cols: ArrayLike) -> Floats:
        """``position`` of many places, (n, 2)."""
        down, right = np.asarray(rows, dtype=np.float64) - 0.5, np.asarray(cols, dtype=np.float64) - 0.5
        found = np.full((*down.shape, 2), np.nan)
        # The cell of four centres around the place; where it is incomplete, a cell beside it.
        for shift_row, shift_col in _CELLS:
            todo = np.isnan(found[..., 0])
            if not todo.any():
                break
            found[todo] = self._interpolated(down[todo], right[todo], shift_row, shift_col)
        if self.units == "deg":
            found[..., 0] = (found[..., 0] + 180.0) % 360.0 - 180.0
        return found

    def pixel(self, x: float, y: float) -> tuple[float, float]:
        """(row, col) in pixel space of a map position; the inverse of ``position``.

        Beside the scene the coordinates at its edge are continued. NaN where nothing says which pixel would lie there.
        """
        row, col = self.pixels([x], [y])[0].tolist()
        return row, col

    def pixels(self, x: ArrayLike, y: ArrayLike) -> Floats:
        """``pixel`` of many map positions, (n, 2)."""
        targets = _sound(np.stack((np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)), axis=-1))
        rows, cols, _ = self._search(targets)
        return self._refined(targets, rows, cols)

    def nearest(self, x: float, y: float) -> Nearest | None:
        """The pixel nearest to a map position, however far; None where no pixel has coordinates."""
        rows, cols, distances = self._search(_sound(np.array([[x, y]], dtype=np.float64)))
        return Nearest(int(rows[0]), int(cols[0]), float(distances[0])) if np.isfinite(distances[0]) else None

    def metres_per_column(self, row: float, col: float) -> float | None:
        """About how far it is from a place to the next column, in metres; None where it is not known."""
        _, right = self._steps(row, col)
        length = float(np.hypot(*right))
        return length if self.units in ("m", "deg") and math.isfinite(length) and length > 0 else None

    def pixel_area(self, row: float, col: float) -> float | None:
        """Square metres of a pixel at a place; None where they are not known."""
        around = self.positions([row - 0.5, row + 0.5, row, row], [col, col, col - 0.5, col + 0.5])
        down, right = (self._metric(around[end], around[start]) for start, end in ((0, 1), (2, 3)))
        area = abs(float(down[0] * right[1] - down[1] * right[0]))
        return area if self.units in ("m", "deg") and math.isfinite(area) and area > 0 else None

    def north(self, row: float, col: float) -> tuple[float, float] | None:
        """About the direction (rows, cols) of length 1 in which map y grows at a place; None where it is not known."""
        down, right = self._steps(row, col)
        determinant = float(right[0] * down[1] - right[1] * down[0])
        if not math.isfinite(determinant) or determinant == 0:
            return None
        rows, cols = float(right[0]) / determinant, -float(down[0]) / determinant
        length = math.hypot(rows, cols)
        return (rows / length, cols / length) if length > 0 else None

    def compare(self, other: "Geolocation") -> None:
        """Find how the pixels of another scene lie on those of this one, for ``placed`` to tell."""
        rows, cols = (np.linspace(0.5, count - 0.5, SAMPLES) for count in other.shape)
        places = np.stack(np.meshgrid(rows, cols, indexing="ij"), axis=-1).reshape(-1, 2)
        found = self.pixels(*other.positions(*places.T).T) if other.crs == self.crs else np.full_like(places, np.nan)
        known = np.isfinite(found).all(axis=1)
        self._compared[other] = _laid(places[known], found[known]) if known.sum() > SAMPLES else None

    def placed(self, other: object) -> Placement | None:
        """How another grid lies on this one, where they were compared and lines and columns run alike; else None."""
        if other is self:
            return SAME
        return self._compared.get(other) if isinstance(other, Geolocation) else None

    def shifted(self, row: int, col: int) -> "Geolocation":
        """The geolocation of a sub-scene whose first pixel is (row, col) of this one."""
        return replace(self, coordinates=_Shifted(self.coordinates, row, col))

    def __getstate__(self) -> dict[str, object]:
        """What was read stays here when it goes to another process."""
        return {part.name: getattr(self, part.name) for part in fields(self)}

    @cached_property
    def _compared(self) -> "WeakKeyDictionary[Geolocation, Placement | None]":
        return WeakKeyDictionary()

    @cached_property
    def _blocks(self) -> "_Blocks":
        return _Blocks(self.coordinates)

    @cached_property
    def _nodes(self) -> tuple[int, Floats]:
        """The step of a coarse grid of pixels, and the coordinates on it, (rows, cols, 2)."""
        rows, cols = self.shape
        step = max(1, math.ceil(max(rows, cols) / NODES))
        return step, _sound(self.coordinates.read((0, rows, 0, cols), step))

    def _interpolated(self, down: Floats, right: Floats, shift_row: int, shift_col: int) -> Floats:
        """Coordinates at (down, right), counted from pixel centres, by the four centres of a cell."""
        (row0, row1, row_part), (col0, col1, col_part) = (
            _cell(at, shift, count)
            for at, shift, count in zip((down, right), (shift_row, shift_col), self.shape, strict=True)
        )
        weights = [
            (1 - row_part) * (1 - col_part),
            (1 - row_part) * col_part,
            row_part * (1 - col_part),
            row_part * col_part,
        ]
        corners = [self._blocks.values(*at) for at in ((row0, col0), (row0, col1), (row1, col0), (row1, col1))]
        if self.units == "deg":
            # Beyond the date line longitudes go on from those of the first corner.
            anchor = np.nan_to_num(corners[0][:, 0])
            for corner in corners:
                corner[:, 0] -= 360.0 * np.round((corner[:, 0] - anchor) / 360.0)
        total = np.zeros_like(corners[0])
        for weight, corner in zip(weights, corners, strict=True):
            total += np.where(weight == 0, 0.0, weight * corner.T).T
        return total

    def _metric(self, places: Floats, origin: Floats) -> Floats:
        """Offsets (..., 2) of places from an origin in metres, or in the units of the map where these are unknown."""
        offsets = places - origin
        if self.units == "deg":
            offsets[..., 0] = (offsets[..., 0] + 180.0) % 360.0 - 180.0
        return np.asarray(offsets * np.stack(metres_per_unit(self.units, origin[..., 1]), axis=-1))

    def _steps(self, row: float, col: float) -> tuple[Floats, Floats]:
        """Metres (x, y) from a line to the next, and from a column to the next, by the coarse grid around a place."""
        step, nodes = self._nodes
        ends = []
        for axis, at in enumerate((row, col)):
            last = nodes.shape[axis] - 1
            middle = min(max(round((at - 0.5) / step), 0), last)
            ends.append((max(0, middle - 1), middle, min(last, middle + 1)))
        (above, middle_row, below), (left, middle_col, right) = ends
        down = self._metric(nodes[below, middle_col], nodes[above, middle_col])
        across = self._metric(nodes[middle_row, right], nodes[middle_row, left])
        return down / (step * max(1, below - above)), across / (step * max(1, right - left))

    def _search(self, targets: Floats) -> tuple[Ints, Ints, Floats]:
        """Row, column and distance of the nearest centre to each place (n, 2)."""
        step, nodes = self._nodes
        known = np.argwhere(np.isfinite(nodes).all(axis=2))
        count = len(targets)
        if not len(known) or not count:
            return np.zeros(count, np.intp), np.zeros(count, np.intp), np.full(count, np.inf)
        places = nodes[known[:, 0], known[:, 1]]
        several = max(1, BATCH_BYTES // (max(len(known), STARTS * len(_AROUND)) * 32))
        found = [
            self._descended(part, self._starts(part, places, known * step), step)
            for part in (targets[start : start + several] for start in range(0, count, several))
        ]
        rows, cols, distances = (np.concatenate(parts) for parts in zip(*found, strict=True))
        return rows, cols, distances

    def _starts(self, targets: Floats, places: Floats, known: Ints) -> Ints:
        """The pixels (n, STARTS, 2) of the coarse grid that are nearest to each place."""
        distances = np.hypot(*np.moveaxis(self._metric(places[np.newaxis], targets[:, np.newaxis]), -1, 0))
        distances[np.isnan(distances)] = np.inf
        several = min(STARTS, len(known))
        return np.asarray(known[np.argpartition(distances, several - 1, axis=1)[:, :several]])

    def _descended(self, targets: Floats, at: Ints, step: int) -> tuple[Ints, Ints, Floats]:
        """From each start to the nearest centre around, in ever smaller steps; the best of all starts."""
        most = np.array(self.shape) - 1
        step = max(1, step // 2)
        while True:
            around = np.clip(at[:, :, np.newaxis] + step * _AROUND, 0, most)
            places = self._blocks.values(around[..., 0].ravel(), around[..., 1].ravel()).reshape(*around.shape)
            distances = np.hypot(*np.moveaxis(self._metric(places, targets[:, np.newaxis, np.newaxis]), -1, 0))
            distances[np.isnan(distances)] = np.inf
            best = np.argmin(distances, axis=2)
            moved = np.take_along_axis(around, best[:, :, np.newaxis, np.newaxis], axis=2)[:, :, 0]
            nearer = np.take_along_axis(distances, best[:, :, np.newaxis], axis=2)[:, :, 0] < distances[:, :, 0]
            at = np.where(nearer[..., np.newaxis], moved, at)
            if nearer.any():
                continue
            if step == 1:
                break
            step //= 2
        start = np.argmin(distances[:, :, 0], axis=1)
        chosen = np.take_along_axis(at, start[:, np.newaxis, np.newaxis], axis=1)[:, 0]
        return chosen[:, 0], chosen[:, 1], np.take_along_axis(distances[:, :, 0], start[:, np.newaxis], axis=1)[:, 0]

    def _refined(self, targets: Floats, rows: Ints, cols: Ints) -> Floats:
        """The places in pixel space (n, 2) that have these coordinates.

        They lie within a pixel of the nearest centres, or beside the scene, at most as far as it is large.
        """
        centre: Floats = np.stack((rows, cols), axis=1).astype(np.float64) + 0.5
        size = np.array(self.shape)
        least = np.where(centre > 1, centre - 1.0, -1.0 * size)
        most = np.where(centre < size - 1, centre + 1.0, 2.0 * size)
        at = centre.copy()
        side = np.zeros(len(at))
        for _ in range(6):
            down, right = (
                self._metric(self.positions(*(at + half).T), self.positions(*(at - half).T))
                for half in (np.array([0.5, 0.0]), np.array([0.0, 0.5]))
            )
            missing = self._metric(targets, self.positions(*at.T))
            determinant = right[:, 0] * down[:, 1] - right[:, 1] * down[:, 0]
            with np.errstate(divide="ignore", invalid="ignore"):
                by_row = (right[:, 0] * missing[:, 1] - right[:, 1] * missing[:, 0]) / determinant
                by_col = (missing[:, 0] * down[:, 1] - missing[:, 1] * down[:, 0]) / determinant
            step = np.stack((by_row, by_col), axis=1)
            step[~np.isfinite(step).all(axis=1)] = 0.0
            at = np.clip(at + step, least, most)
            side = np.maximum(np.hypot(*down.T), np.hypot(*right.T))
            if np.abs(step).max(initial=0.0) < CLOSE:
                break
        off = np.hypot(*self._metric(targets, self.positions(*at.T)).T)
        at[~(off <= REACH * side)] = np.nan
        return at


Location = Georeference | Geolocation
"""What says where pixels lie: a transform, or coordinates of each."""

_CELLS = sorted(((row, col) for row in (-1, 0, 1) for col in (-1, 0, 1)), key=lambda cell: abs(cell[0]) + abs(cell[1]))
_AROUND: Ints = np.array(
    sorted(((row, col) for row in range(-2, 3) for col in range(-2, 3)), key=lambda at: max(map(abs, at))),
    dtype=np.intp,
)
"""A place and those around it; the place itself comes first."""


def _sound(places: Floats) -> Floats:
    """Places (..., 2) with NaN for those that can be on no map."""
    places[~(np.abs(places) < FARTHEST).all(axis=-1)] = np.nan
    return places


def _cell(at: Floats, shift: int, count: int) -> tuple[Ints, Ints, Floats]:
    """The two centres along one axis around a place, or ``shift`` further, and where it lies between them."""
    first = np.clip(np.floor(np.nan_to_num(at)) + shift, 0, max(0, count - 2)).astype(np.intp)
    after = np.minimum(first + 1, count - 1)
    return first, after, np.where(after > first, at - first, 0.0)


def _laid(places: Floats, found: Floats) -> Placement | None:
    """The corner and step that bring places (n, 2) of one grid to those found on another; None if nothing does."""
    middle, middle_found = places.mean(axis=0), found.mean(axis=0)
    spread = float(np.sum((places - middle) ** 2))
    step = float(np.sum((places - middle) * (found - middle_found))) / spread if spread > 0 else 1.0
    if abs(step - 1) * float(np.ptp(places)) < SLACK:
        step = 1.0
    corner = middle_found - step * middle
    whole = np.round(corner)
    corner = whole if np.abs(corner - whole).max() < SLACK else corner
    off = np.abs(corner + step * places - found).max()
    return Placement(float(corner[0]), float(corner[1]), step) if step > 0 and off <= MOST_OFF else None


class _Blocks:
    """Squares of coordinates, read when they are wanted; those not wanted for longest go first."""

    def __init__(self, coordinates: Coordinates) -> None:
        self._coordinates = coordinates
        self._known: OrderedDict[tuple[int, int], Floats] = OrderedDict()
        self._lock = threading.Lock()

    def at_hand(self, rows: Ints, cols: Ints) -> bool:
        """Whether the blocks of these pixels are in memory."""
        blocks = set(zip((rows // BLOCK).tolist(), (cols // BLOCK).tolist(), strict=True))
        with self._lock:
            return blocks <= self._known.keys()

    def values(self, rows: Ints, cols: Ints) -> Floats:
        """Coordinates (n, 2) of pixels."""
        found = np.empty((len(rows), 2))
        across = -(-self._coordinates.shape[1] // BLOCK)
        owners = (rows // BLOCK) * across + cols // BLOCK
        # Numbers of two bytes are sorted in one pass.
        order = np.argsort(owners.astype(np.uint16) if owners.max(initial=0) < 2**16 else owners, kind="stable")
        names, starts = np.unique(owners[order], return_index=True)
        for owner, inside in zip(names.tolist(), np.split(order, starts[1:]), strict=False):
            block = self._block(owner // across, owner % across)
            found[inside] = block[rows[inside] % BLOCK, cols[inside] % BLOCK]
        return found

    def _block(self, down: int, right: int) -> Floats:
        with self._lock:
            if (down, right) in self._known:
                self._known.move_to_end((down, right))
                return self._known[down, right]
        rows, cols = self._coordinates.shape
        row, col = down * BLOCK, right * BLOCK
        block = _sound(self._coordinates.read((row, min(rows, row + BLOCK), col, min(cols, col + BLOCK))))
        with self._lock:
            self._known[down, right] = block
            while len(self._known) * BLOCK * BLOCK * 16 > KEPT_BYTES:
                self._known.popitem(last=False)
        return block


@dataclass(frozen=True, eq=False)
class _Shifted:
    """Coordinates of the part of a scene that begins at (row, col)."""

    whole: Coordinates
    row: int
    col: int

    @property
    def shape(self) -> tuple[int, int]:
        rows, cols = self.whole.shape
        return rows - self.row, cols - self.col

    def read(self, window: Rectangle, step: int = 1) -> Floats:
        row0, row1, col0, col1 = window
        return self.whole.read((row0 + self.row, row1 + self.row, col0 + self.col, col1 + self.col), step)
