"""Regions of interest as GeoJSON (RFC 7946): longitude and latitude on WGS 84, or pixels, marked as such.

In pixels x is the sample and y the line, counted from the upper left corner of the scene, and every feature has the
property "coordinates": "pixel". A scene without a known coordinate system can only be written this way.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hadviewer.core.errors import ReadError
from hadviewer.core.geolocation import Location
from hadviewer.core.region import COLOURS, Corner, Part, Patch, Points, Polygon, Region
from hadviewer.io.atomic import replacing
from hadviewer.io.coordinates import WGS84, can_be_placed
from hadviewer.io.regions._limits import (
    MOST_CORNERS,
    check_count,
    colour_of,
    finite,
    name_of,
    near,
    points,
    refuse_many,
    ring,
    text_of,
)
from hadviewer.io.regions._places import ToPixels, as_pixels, from_map, to_map
from hadviewer.io.regions.outlines import polygons

DIGITS = 7
"""Of a degree: about a centimetre."""


def write(path: Path, regions: Sequence[Region], shape: tuple[int, int], geo: Location | None) -> Path:
    """Write regions of a scene (rows, cols)."""
    check_count(len(regions))
    placed = can_be_placed(geo)
    features = [_feature(region, geo if placed else None) for region in regions]
    whole: dict[str, Any] = {"type": "FeatureCollection", "features": features}
    if not placed:
        whole |= {"coordinates": "pixel", "lines": shape[0], "samples": shape[1]}
    with replacing(path) as (part,):
        part.write_text(json.dumps(whole, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def read(path: Path, shape: tuple[int, int], geo: Location | None) -> list[Region]:
    """The regions in a file as pixels of a scene (rows, cols); raises ReadError."""
    try:
        whole = json.loads(text_of(path))
    except (ValueError, RecursionError):
        raise ReadError(f"{path.name} is not JSON.") from None
    if not isinstance(whole, dict) or whole.get("type") not in ("FeatureCollection", "Feature"):
        raise ReadError(f"{path.name} is not GeoJSON with features.")
    features = whole.get("features") if whole["type"] == "FeatureCollection" else [whole]
    if not isinstance(features, list):
        raise ReadError(f"{path.name} has no list of features.")
    refuse_many(len(features), path.name)
    reading = _Reading(path.name, shape, geo, _system(whole))
    return [
        Region(0, name, colour, parts=parts)
        for number, feature in enumerate(features, start=1)
        for name, colour, parts in [reading.region(feature, number, whole.get("coordinates"))]
        if parts
    ]


class _Reading:
    """What one file needs: where its places are, and how many corners it may still have."""

    def __init__(self, name: str, shape: tuple[int, int], geo: Location | None, crs: str) -> None:
        self._name, self._shape, self._geo, self._crs = name, shape, geo, crs
        self._left = MOST_CORNERS

    def region(self, feature: Any, number: int, unit: object) -> tuple[str, str, tuple[Part, ...]]:
        """Name, colour and parts of a feature."""
        if not isinstance(feature, dict):
            raise ReadError(f"{self._name}: feature {number} is no object.")
        known = feature.get("properties")
        about: dict[str, Any] = known if isinstance(known, dict) else {}
        geometry = feature.get("geometry")
        colour = next(
            (found for key in ("color", "colour", "stroke", "fill") if (found := colour_of(about.get(key)))), ""
        )
        parts: tuple[Part, ...] = ()
        if isinstance(geometry, dict):
            flat = about.get("coordinates", unit) == "pixel"
            parts = self._parts(geometry, as_pixels if flat else self._system(geometry), 0)
        return name_of(about.get("name"), number), colour or COLOURS[(number - 1) % len(COLOURS)], parts

    def _parts(self, geometry: dict[str, Any], pixels: ToPixels, depth: int) -> tuple[Part, ...]:
        kind, inside = geometry.get("type"), geometry.get("coordinates")
        match kind:
            case "Polygon":
                return (self._polygon(inside, pixels),)
            case "MultiPolygon":
                return tuple(self._polygon(rings, pixels) for rings in self._list(inside))
            case "Point" | "MultiPoint":
                places = self._corners([inside] if kind == "Point" else inside, pixels)
                return (points(places),)
            case "GeometryCollection" if depth == 0:
                found = [item for item in self._list(geometry.get("geometries")) if isinstance(item, dict)]
                return tuple(part for item in found for part in self._parts(item, pixels, 1))
        raise ReadError(
            f"{self._name} holds a {str(kind)[:40]}, which has no pixels.", hint="Polygons and points have."
        )

    def _polygon(self, rings: Any, pixels: ToPixels) -> Polygon:
        return Polygon(tuple(ring(self._corners(item, pixels)) for item in self._list(rings)))

    def _corners(self, positions: Any, pixels: ToPixels) -> list[Corner]:
        listed = self._list(positions)
        self._left -= len(listed)
        if self._left < 0:
            raise ReadError(f"{self._name} has too many corners.")
        places = []
        for position in listed:
            x_y = finite(self._list(position)[:2], self._name)
            if len(x_y) < 2:
                raise ReadError(f"{self._name} holds a position without two numbers.")
            places.append((x_y[0], x_y[1]))
        return near(pixels(places), self._name)

    def _list(self, value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise ReadError(f"{self._name}: coordinates are not where GeoJSON has them.")
        return value

    def _system(self, geometry: dict[str, Any]) -> ToPixels:
        """How places without a mark are meant: in degrees where they can be, else as pixels, as other viewers write."""
        if self._crs == WGS84 and not _degrees(geometry.get("coordinates")):
            return as_pixels
        if self._geo is None and self._crs == WGS84 and _inside(geometry.get("coordinates"), self._shape):
            return as_pixels
        return from_map(self._geo, self._crs, self._name)


def _feature(region: Region, geo: Location | None) -> dict[str, Any]:
    about: dict[str, Any] = {"name": region.name, "color": region.colour}
    if geo is None:
        about["coordinates"] = "pixel"
    shapes: list[dict[str, Any]] = []
    outlined = [item for part in region.parts for item in _outlined(part)]
    if outlined:
        shapes.append({"type": "MultiPolygon", "coordinates": [_rings(item, geo) for item in outlined]})
    pixels = [pixel for part in region.parts if isinstance(part, Points) for pixel in part.pixels]
    if pixels:
        centres = [(row + 0.5, col + 0.5) for row, col in pixels]
        shapes.append({"type": "MultiPoint", "coordinates": _positions(centres, geo)})
    geometry = None if not shapes else shapes[0]
    if len(shapes) > 1:
        geometry = {"type": "GeometryCollection", "geometries": shapes}
    return {"type": "Feature", "properties": about, "geometry": geometry}


def _outlined(part: Part) -> list[Polygon]:
    if isinstance(part, Patch):
        return polygons(part.pixels)
    return [part] if isinstance(part, Polygon) else []


def _rings(polygon: Polygon, geo: Location | None) -> list[list[list[float]]]:
    """Closed rings; the outline runs counter-clockwise and holes clockwise, as seen on the map."""
    found = []
    for number, corners in enumerate(polygon.rings):
        positions = _positions(corners, geo)
        if (_area(positions) > 0) != (number == 0):
            positions.reverse()
        found.append([*positions, positions[0]])
    return found


def _positions(corners: Sequence[Corner], geo: Location | None) -> list[list[float]]:
    if geo is None:
        return [[col, row] for row, col in corners]
    return [[round(x, DIGITS), round(y, DIGITS)] for x, y in to_map(geo, corners, WGS84)]


def _area(positions: list[list[float]]) -> float:
    """Twice the area of a ring, positive when it runs counter-clockwise with y upwards."""
    after = [*positions[1:], positions[0]]
    return sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in zip(positions, after, strict=True))


def _system(whole: dict[str, Any]) -> str:
    """The coordinate system: WGS 84, unless a 'crs' of the GeoJSON of 2008 names another."""
    crs = whole.get("crs")
    about = crs.get("properties") if isinstance(crs, dict) else None
    name = about.get("name") if isinstance(about, dict) else None
    return name[:2000] if isinstance(name, str) and name else WGS84


def _flat(coordinates: Any) -> list[float]:
    """All numbers of nested coordinates, x and y by turns; what is none is left for the reader to refuse."""
    found: list[float] = []
    stack = [coordinates]
    while stack:
        item = stack.pop()
        if isinstance(item, list) and len(item) >= 2 and all(isinstance(value, int | float) for value in item[:2]):
            found += item[:2]
        elif isinstance(item, list):
            stack += item
    return found


def _degrees(coordinates: Any) -> bool:
    flat = _flat(coordinates)
    return all(abs(x) <= 180 for x in flat[::2]) and all(abs(y) <= 90 for y in flat[1::2])


def _inside(coordinates: Any, shape: tuple[int, int]) -> bool:
    flat = _flat(coordinates)
    return all(0 <= x <= shape[1] for x in flat[::2]) and all(0 <= y <= shape[0] for y in flat[1::2])
