"""Where a pixel lies on the Earth: an affine transform and a coordinate system, both optional."""

import math
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Affine = tuple[float, float, float, float, float, float]

TURNED = 0.01
"""Grids are parallel when the sides of their pixels differ by less than this share."""


class Placement(NamedTuple):
    """How the pixels of one cube lie on those of another: where its first corner is, and how large each is there."""

    row: float = 0.0
    col: float = 0.0
    step: float = 1.0


SAME = Placement()


@dataclass(frozen=True)
class Georeference:
    """``affine`` is (x0, dx_col, dx_row, y0, dy_col, dy_row): map position of a pixel corner, GDAL's order.

    ``crs`` is WKT, 'EPSG:n' or '' when unknown; ``label`` names it for the user ('UTM 11 N, WGS-84'); ``units`` is
    'm', 'deg' or ''. ``verbatim`` keeps header fields to be written back unchanged, such as ENVI's map info.
    """

    affine: Affine
    crs: str = ""
    label: str = ""
    units: str = ""
    verbatim: dict[str, str] = field(default_factory=dict)

    def position(self, row: float, col: float) -> tuple[float, float]:
        """Map (x, y) of a place in pixel space; the centre of pixel (r, c) is (r + 0.5, c + 0.5)."""
        x0, dx_col, dx_row, y0, dy_col, dy_row = self.affine
        return x0 + dx_col * col + dx_row * row, y0 + dy_col * col + dy_row * row

    def pixel(self, x: float, y: float) -> tuple[float, float]:
        """(row, col) in pixel space of a map position; the inverse of ``position``."""
        x0, dx_col, dx_row, y0, dy_col, dy_row = self.affine
        determinant = dx_col * dy_row - dx_row * dy_col
        if determinant == 0:
            raise ValueError("the georeference has no inverse")
        dx, dy = x - x0, y - y0
        return (dx_col * dy - dy_col * dx) / determinant, (dy_row * dx - dx_row * dy) / determinant

    def positions(self, rows: ArrayLike, cols: ArrayLike) -> NDArray[np.float64]:
        """``position`` of many places, (n, 2)."""
        x0, dx_col, dx_row, y0, dy_col, dy_row = self.affine
        row, col = np.asarray(rows, dtype=np.float64), np.asarray(cols, dtype=np.float64)
        return np.stack((x0 + dx_col * col + dx_row * row, y0 + dy_col * col + dy_row * row), axis=-1)

    def pixels(self, x: ArrayLike, y: ArrayLike) -> NDArray[np.float64]:
        """``pixel`` of many map positions, (n, 2)."""
        row, col = self.pixel(np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64))  # type: ignore[arg-type]
        return np.stack((row, col), axis=-1)

    def metres_per_column(self, row: float, col: float) -> float | None:
        """How far it is from a place to the next column, in metres; None where the units are not known."""
        _, dx, _, _, dy, _ = self.affine
        if self.units not in ("m", "deg"):
            return None
        across, up = (float(size) for size in metres_per_unit(self.units, self.position(row, col)[1]))
        return math.hypot(dx * across, dy * up) or None

    def pixel_area(self, row: float, col: float) -> float | None:
        """Square metres of a pixel at a place; None where the units are not known."""
        _, dx_col, dx_row, _, dy_col, dy_row = self.affine
        area = abs(dx_col * dy_row - dx_row * dy_col)
        if self.units not in ("m", "deg"):
            return None
        across, up = (float(size) for size in metres_per_unit(self.units, self.position(row, col)[1]))
        return area * across * up or None

    def north(self, row: float = 0.0, col: float = 0.0) -> tuple[float, float] | None:
        """The direction (rows, cols) of length 1 in which map y grows: grid north. None without an inverse.

        It is the same at every place.
        """
        try:
            down, right = self.pixel(self.affine[0], self.affine[3] + 1.0)
        except ValueError:
            return None
        length = math.hypot(down, right)
        return (down / length, right / length) if length > 0 else None

    def placed(self, other: object) -> Placement | None:
        """How another grid lies on this one; None where the two are turned, stretched or in different systems."""
        if not isinstance(other, Georeference) or self.crs != other.crs or self.units != other.units:
            return None
        try:
            corner, down, right = (
                self.pixel(*other.position(*place)) for place in ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0))
            )
        except ValueError:
            return None
        step = down[0] - corner[0]
        skew = max(abs(down[1] - corner[1]), abs(right[0] - corner[0]), abs(right[1] - corner[1] - step))
        return Placement(*corner, step) if step > 0 and skew < TURNED * step else None

    def shifted(self, row: int, col: int) -> "Georeference":
        """The georeference of a sub-scene whose first pixel is (row, col) of this one; drops verbatim fields."""
        x0, y0 = self.position(row, col)
        _, dx_col, dx_row, _, dy_col, dy_row = self.affine
        return Georeference((x0, dx_col, dx_row, y0, dy_col, dy_row), self.crs, self.label, self.units)


def metres_per_unit(units: str, latitude: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Metres per unit of map x and y, by the latitude where units are degrees on the WGS-84 ellipsoid; else 1."""
    angle = np.radians(np.clip(np.asarray(latitude, dtype=np.float64), -90.0, 90.0))
    if units != "deg":
        return np.ones_like(angle), np.ones_like(angle)
    across = 111_412.84 * np.cos(angle) - 93.5 * np.cos(3 * angle) + 0.118 * np.cos(5 * angle)
    up = 111_132.92 - 559.82 * np.cos(2 * angle) + 1.175 * np.cos(4 * angle)
    return across, up
