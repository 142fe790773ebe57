"""From what somebody types to a pixel, and from a pixel to what they read: lines, map coordinates, degrees."""

import math
import re
from typing import Literal

import numpy as np

from hadviewer.core.cube import Cube
from hadviewer.core.errors import ParamError
from hadviewer.core.geolocation import Geolocation, Location
from hadviewer.io.coordinates import WGS84, on_earth, transformed

PlaceKind = Literal["pixel", "map", "latlon"]
Notation = Literal["decimal degrees", "degrees, minutes, seconds", "map only"]

DIGITS = 6
"""Of a degree: about a decimetre."""
_NUMBER = r"[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?"
_ANGLE_TOKENS = re.compile(r"[NSEW]|[-+]?\d+(?:\.\d*)?|[^\s\d°'\":;,/()]")
_SPELLINGS = (
    (r"[\u2032\u2019]", "'"), (r"[\u2033\u201d]|''", '"'), (r"\u00ba", "°"), (r"\u2212", "-"),
    (r"\b(?:LATITUDE|LAT)\b", " N "), (r"\b(?:LONGITUDE|LONG|LON|LNG)\b", " E "),
    (r"(?<=\d)\s*(?:DEG(?:REES?)?|D)(?![A-Z])", "° "), (r"(?<=\d)\s*(?:MIN(?:UTES?)?|M)(?![A-Z])", "' "),
    # The S of seconds is followed by the letter of a direction, that of the south is not.
    (r"('\s*\d+(?:\.\d*)?)\s*S(?:EC(?:ONDS?)?)?(?=\s*[NSEW])", r'\1" '),
    (r"\b(NORTH|SOUTH|EAST|WEST)\b", lambda word: word[0][0]),
)  # fmt: skip


def describe_place(geo: Location, row: int, col: int, notation: Notation = "decimal degrees") -> str:
    """Where the middle of a pixel lies: on the map, and its latitude and longitude on WGS 84 where they are known."""
    x, y = geo.position(row + 0.5, col + 0.5)
    if not math.isfinite(x):
        return "No map coordinates"
    digits = DIGITS if geo.units == "deg" else 1
    on_map = f"Map {x:.{digits}f}, {y:.{digits}f}"
    place = None if notation == "map only" else on_earth(geo, row + 0.5, col + 0.5)
    if place is None:
        return on_map
    lon, lat = place
    write = _decimal if notation == "decimal degrees" else _sexagesimal
    degrees = f"{write(lat, 'NS')}, {write(lon, 'EW')}"
    same = geo.units == "deg" and abs(lon - x) < 1e-7 and abs(lat - y) < 1e-7
    return degrees if same else f"{on_map} · {degrees}"


def _decimal(angle: float, letters: str) -> str:
    return f"{abs(angle):.{DIGITS}f}° {letters[angle < 0]}"


def _sexagesimal(angle: float, letters: str) -> str:
    # Counted in hundredths of a second, so that none of them ever reads 60.
    minutes, hundredths = divmod(round(abs(angle) * 360_000), 6000)
    degrees, minutes = divmod(minutes, 60)
    return f"{degrees}°{minutes:02}\u2032{hundredths / 100:05.2f}\u2033 {letters[angle < 0]}"


def find_pixel(cube: Cube, kind: PlaceKind, text: str, origin: int = 0) -> tuple[int, int]:
    """The pixel (row, col) that somebody means; lines and samples count from ``origin``.

    Raises ParamError (field ``place``) where the text says nothing, or what it says lies outside the scene.
    """
    if kind == "pixel":
        row, col = (number - origin for number in _pair(text))
    else:
        if cube.geo is None:
            raise ParamError("The scene has no map coordinates.", field="place")
        x, y = _map_pair(text) if kind == "map" else _to_map(cube.geo.crs, cube.geo.units, *_latitude_longitude(text))
        try:
            row, col = cube.geo.pixel(x, y)
        except ValueError as error:
            raise ParamError(f"The scene cannot be placed on a map: {error}.", field="place") from error
        if isinstance(cube.geo, Geolocation) and not math.isfinite(row):
            raise ParamError(_far(cube.geo, x, y, origin), field="place")
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


def _map_pair(text: str) -> tuple[float, float]:
    """Map x and y; with E and N behind them they may come in either order."""
    named = re.fullmatch(rf"({_NUMBER})\s*M?\s*([EN])[\s,;]*({_NUMBER})\s*M?\s*([EN])", text.strip(), re.IGNORECASE)
    if named is None:
        return _pair(text)
    places = {named[2].upper(): float(named[1]), named[4].upper(): float(named[3])}
    if len(places) != 2:
        raise ParamError("Type one number for E and one for N.", field="place")
    return places["E"], places["N"]


def _latitude_longitude(text: str) -> tuple[float, float]:
    """Degrees with sign or letter, decimal or with minutes and seconds; letters before or behind, in either order."""
    halves = _halves(_tokens(text))
    (first, axis), (second, other) = (_angle(half) for half in halves)
    if axis and axis == other:
        raise ParamError("Type a latitude (N or S) and a longitude (E or W).", field="place")
    swapped = axis == "x" or other == "y"
    latitude, longitude = (second, first) if swapped else (first, second)
    if abs(latitude) > 90 or abs(longitude) > 360:
        raise ParamError("A latitude lies between 90 S and 90 N.", field="place")
    return latitude, longitude


def _tokens(text: str) -> list[str]:
    """Numbers and the letters N, S, E, W of a text; raises ParamError where it holds anything else."""
    plain = text.upper()
    if "." not in plain and len(re.findall(r"\d,\d", plain)) >= 2:
        plain = re.sub(r"(?<=\d),(?=\d)", ".", plain)
    for spelling, meant in _SPELLINGS:
        plain = re.sub(spelling, meant, plain)
    tokens = _ANGLE_TOKENS.findall(plain)
    if any(item not in "NSEW" and not re.fullmatch(r"[-+]?\d+(?:\.\d*)?", item) for item in tokens):
        raise _unclear()
    return tokens


def _halves(tokens: list[str]) -> tuple[list[str], list[str]]:
    """What belongs to either angle: up to a letter behind it, from a letter before it, or half of the numbers."""
    letters = [place for place, item in enumerate(tokens) if item in "NSEW"]
    if len(letters) == 2:
        split = letters[1] if letters[0] == 0 else letters[0] + 1
        return tokens[:split], tokens[split:]
    numbers = [place for place, item in enumerate(tokens) if item not in "NSEW"]
    if len(letters) > 1 or len(numbers) not in (2, 4, 6):
        raise _unclear()
    split = numbers[len(numbers) // 2]
    if tokens[split - 1] in "EW":
        raise ParamError(
            f"Say whether {tokens[split - 1]} belongs to the first or the second: type N or S as well.", field="place"
        )
    return tokens[:split], tokens[split:]


def _angle(tokens: list[str]) -> tuple[float, str]:
    """Degrees, and which axis a letter says they are of: 'x', 'y' or ''."""
    letter = next((item for item in tokens if item in "NSEW"), "")
    numbers = [item for item in tokens if item not in "NSEW"]
    parts = [abs(float(number)) for number in numbers]
    if not 1 <= len(parts) <= 3 or any(part >= 60 for part in parts[1:]) or any(n[0] in "+-" for n in numbers[1:]):
        raise _unclear()
    size = sum(part / 60**place for place, part in enumerate(parts))
    negative = numbers[0].startswith("-") or letter in ("S", "W")
    return -size if negative else size, "" if not letter else "y" if letter in "NS" else "x"


def _unclear() -> ParamError:
    return ParamError(
        "Type latitude and longitude, such as 45.5 N, 122.7 W or 45.5, -122.7 or 45\u00b030'0\" N 122\u00b042'0\" W.",
        field="place",
    )


def _to_map(crs: str, units: str, latitude: float, longitude: float) -> tuple[float, float]:
    """Map coordinates of a place on the Earth."""
    if not crs:
        if units == "deg":
            return longitude, latitude
        raise ParamError("The coordinate system of the scene is not known: type map coordinates.", field="place")
    try:
        x, y = transformed(np.array([[longitude, latitude]]), WGS84, crs)[0].tolist()
    except ValueError as error:
        raise ParamError(f"The coordinate system of the scene is not understood: {error}.", field="place") from error
    return x, y


def _far(geo: Geolocation, x: float, y: float, origin: int) -> str:
    """How far a place is from the nearest pixel of a scene."""
    nearest = geo.nearest(x, y) if math.isfinite(x) and math.isfinite(y) else None
    if nearest is None:
        return "This place has no map coordinates in the scene's system."
    return (
        f"No pixel of the scene lies there: the nearest, line {nearest.row + origin}, "
        f"sample {nearest.col + origin}, is about {_distance(nearest.distance)} away."
    )


def _distance(metres: float) -> str:
    """A distance to two digits."""
    size = 10.0 ** (math.floor(math.log10(max(metres, 1.0))) - 1)
    rough = round(metres / size) * size
    return f"{rough / 1000:,g} km" if rough >= 1000 else f"{rough:g} m"
