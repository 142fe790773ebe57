"""From what somebody types to a pixel: line and sample, map coordinates, latitude and longitude."""

import math
import re
from typing import Literal

from hadviewer.core.cube import Cube
from hadviewer.core.errors import ParamError

PlaceKind = Literal["pixel", "map", "latlon"]

_NUMBER = r"[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?"
_DEGREES = re.compile(
    r"([-+]?\d+(?:\.\d*)?)\s*°?\s*(?:(\d+(?:\.\d*)?)\s*['\u2032]\s*(?:(\d+(?:\.\d*)?)\s*[\"\u2033]\s*)?)?([NSEWnsew])?"
)


def find_pixel(cube: Cube, kind: PlaceKind, text: str, origin: int = 0) -> tuple[int, int]:
    """The pixel (row, col) that somebody means; lines and samples count from ``origin``.

    Raises ParamError (field ``place``) where the text says nothing, or what it says lies outside the scene.
    """
    if kind == "pixel":
        row, col = (number - origin for number in _pair(text))
    else:
        if cube.geo is None:
            raise ParamError("The scene has no map coordinates.", field="place")
        x, y = _pair(text) if kind == "map" else _to_map(cube.geo.crs, cube.geo.units, *_latitude_longitude(text))
        try:
            row, col = cube.geo.pixel(x, y)
        except ValueError as error:
            raise ParamError(f"The scene cannot be placed on a map: {error}.", field="place") from error
    rows, cols, _ = cube.shape
    if not (0 <= row < rows and 0 <= col < cols):
        raise ParamError(_outside(cube, row, col, origin), field="place")
    return math.floor(row), math.floor(col)


def _outside(cube: Cube, row: float, col: float, origin: int) -> str:
    rows, cols, _ = cube.shape
    if not (math.isfinite(row) and math.isfinite(col)):
        return "This place has no map coordinates in the scene's system."
    last = f"lines {origin} to {rows - 1 + origin}, samples {origin} to {cols - 1 + origin}"
    return f"Outside the scene: line {math.floor(row) + origin}, sample {math.floor(col) + origin}; it has {last}."


def _pair(text: str) -> tuple[float, float]:
    """Two numbers with a comma, semicolon or space between; a decimal comma where no comma separates."""
    parts = re.split(r"[;\s]+", text.strip()) if re.search(r"[;\s]", text.strip()) else text.split(",")
    numbers = [part.strip(",").replace(",", ".") for part in parts if part.strip(", ")]
    if len(numbers) != 2 or not all(re.fullmatch(_NUMBER, number) for number in numbers):
        raise ParamError("Type two numbers, such as 120, 45.", field="place")
    first, second = (float(number) for number in numbers)
    return first, second


def _latitude_longitude(text: str) -> tuple[float, float]:
    """Degrees with sign or letter, decimal or with minutes and seconds; letters may come in either order."""
    found = [match for match in _DEGREES.finditer(text) if match.group(1)]
    if len(found) != 2:
        raise ParamError("Type latitude and longitude, such as 45.5 N, 122.7 W or 45.5, -122.7.", field="place")
    values = []
    for match in found:
        degrees, minutes, seconds, letter = match.groups()
        size = abs(float(degrees)) + float(minutes or 0) / 60 + float(seconds or 0) / 3600
        negative = degrees.startswith("-") or (letter or "").upper() in ("S", "W")
        values.append((-size if negative else size, (letter or "").upper()))
    (first, letter), (second, _) = values
    latitude, longitude = (second, first) if letter in ("E", "W") else (first, second)
    if abs(latitude) > 90 or abs(longitude) > 360:
        raise ParamError("A latitude lies between 90 S and 90 N.", field="place")
    return latitude, longitude


def _to_map(crs: str, units: str, latitude: float, longitude: float) -> tuple[float, float]:
    """Map coordinates of a place on the Earth."""
    if not crs:
        if units == "deg":
            return longitude, latitude
        raise ParamError("The coordinate system of the scene is not known: type map coordinates.", field="place")
    import pyproj

    try:
        change = pyproj.Transformer.from_crs("EPSG:4326", pyproj.CRS.from_user_input(crs), always_xy=True)
        x, y = change.transform(longitude, latitude)
    except pyproj.exceptions.ProjError as error:
        raise ParamError(f"The coordinate system of the scene is not understood: {error}.", field="place") from error
    return float(x), float(y)
