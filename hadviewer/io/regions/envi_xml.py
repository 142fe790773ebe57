"""Regions of interest as ENVI's XML: polygons and pixels in the scene's coordinate system, or in samples and lines."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from hadviewer.core.errors import ReadError
from hadviewer.core.geo import Georeference
from hadviewer.core.geolocation import Location
from hadviewer.core.region import COLOURS, Corner, Part, Patch, Points, Polygon, Region
from hadviewer.io.atomic import replacing
from hadviewer.io.coordinates import system_of
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

DEEPEST = 20
UNPLACED = ("", "none")
PIXEL_KINDS = ("Pixel", "Point", "MultiPoint")


def write(path: Path, regions: Sequence[Region], shape: tuple[int, int], geo: Location | None) -> Path:
    """Write regions of a scene (rows, cols); sets of pixels become polygons along their edges."""
    del shape
    check_count(len(regions))
    system = _well_known(geo)
    placed = geo if system else None
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<RegionsOfInterest version="1.1">']
    for region in regions:
        lines += [
            f'  <Region name={quoteattr(region.name)} color="{_levels(region.colour)}">',
            "    <GeometryDef>",
            f"      <CoordSysStr>{escape(system or 'none')}</CoordSysStr>",
            *(f"      {line}" for part in region.parts for line in _geometry(part, placed)),
            "    </GeometryDef>",
            "  </Region>",
        ]
    with replacing(path) as (part_file,):
        part_file.write_text("\n".join([*lines, "</RegionsOfInterest>", ""]), encoding="utf-8")
    return path


def read(path: Path, shape: tuple[int, int], geo: Location | None) -> list[Region]:
    """The regions in a file as pixels of a scene (rows, cols); raises ReadError."""
    del shape
    root = _parsed(text_of(path), path.name)
    if _name(root) != "RegionsOfInterest":
        raise ReadError(f"{path.name} is XML, but no regions of interest of ENVI.")
    found = [item for item in root if _name(item) == "Region"]
    refuse_many(len(found), path.name)
    regions = []
    left = MOST_CORNERS
    for number, item in enumerate(found, start=1):
        parts: list[Part] = []
        for definition in (child for child in item if _name(child) == "GeometryDef"):
            pixels = _system(definition, geo, path.name)
            for part, corners in _parts(definition, pixels, path.name):
                left -= corners
                if left < 0:
                    raise ReadError(f"{path.name} has too many corners.")
                parts.append(part)
        if parts:
            colour = colour_of(item.get("color")) or COLOURS[(number - 1) % len(COLOURS)]
            regions.append(Region(0, name_of(item.get("name"), number), colour, parts=tuple(parts)))
    return regions


def _parsed(text: str, name: str) -> Element:
    """The tree of an XML text without a document type, and so without entities of its own."""
    builder = TreeBuilder()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    depth = 0

    def refuse(*_: Any) -> None:
        raise ReadError(f"{name} declares a document type, which files of regions have no use for.")

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise ReadError(f"{name} is nested too deeply.")
        builder.start(tag, attributes)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(tag)

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = builder.data
    try:
        # The text is decoded already, whatever its first line says.
        parser.Parse(text.encode("utf-8"), True)
    except expat.ExpatError as error:
        raise ReadError(f"{name} is not XML: {error}.") from None
    return builder.close()


def _parts(definition: Element, pixels: ToPixels, name: str) -> Iterator[tuple[Part, int]]:
    """Each part of a definition with the number of its corners; lines hold no pixels and are left out."""
    for item in definition:
        if _name(item) == "Polygon":
            rings = [
                ring(_corners(line, pixels, name))
                for kind in ("Exterior", "Interior")
                for side in item
                if _name(side) == kind
                for line in side.iter()
                if _name(line) == "Coordinates"
            ]
            if rings:
                yield Polygon(tuple(rings)), sum(map(len, rings))
        elif _name(item) in PIXEL_KINDS:
            places = [
                place for line in item.iter() if _name(line) == "Coordinates" for place in _corners(line, pixels, name)
            ]
            if places:
                yield points(places), len(places)


def _corners(line: Element, pixels: ToPixels, name: str) -> list[Corner]:
    numbers = finite((line.text or "").replace(",", " ").split(), name)
    if len(numbers) % 2:
        raise ReadError(f"{name} holds a coordinate without its other half.")
    return near(pixels(list(zip(numbers[::2], numbers[1::2], strict=True))), name)


def _system(definition: Element, geo: Location | None, name: str) -> ToPixels:
    text = next((item.text or "" for item in definition if _name(item) == "CoordSysStr"), "").strip()
    return as_pixels if text.lower() in UNPLACED else from_map(geo, text, name)


def _geometry(part: Part, geo: Location | None) -> list[str]:
    if isinstance(part, Points):
        centres = [(row + 0.5, col + 0.5) for row, col in part.pixels]
        return ["<Pixel>", f"  <Coordinates>{_coordinates(centres, geo)}</Coordinates>", "</Pixel>"]
    outlines = polygons(part.pixels) if isinstance(part, Patch) else [part]
    return [line for outline in outlines for line in _polygon(outline, geo)]


def _polygon(polygon: Polygon, geo: Location | None) -> list[str]:
    lines = ["<Polygon>"]
    for number, corners in enumerate(polygon.rings):
        side = "Interior" if number else "Exterior"
        text = _coordinates([*corners, corners[0]], geo)
        lines += [
            f"  <{side}>",
            "    <LinearRing>",
            f"      <Coordinates>{text}</Coordinates>",
            "    </LinearRing>",
            f"  </{side}>",
        ]
    return [*lines, "</Polygon>"]


def _coordinates(corners: Sequence[Corner], geo: Location | None) -> str:
    places = [(col, row) for row, col in corners] if geo is None else to_map(geo, corners)
    return " ".join(f"{x!r} {y!r}" for x, y in places)


def _well_known(geo: Location | None) -> str:
    """The coordinate system in ESRI's words, which ENVI reads; '' where it is unknown.

    An image whose pixels have coordinates of their own has no map in ENVI's eyes: its regions are pixels.
    """
    if not isinstance(geo, Georeference) or not geo.crs:
        return ""
    if geo.crs.upper().startswith(("PROJCS", "GEOGCS")):
        return geo.crs
    try:
        return str(system_of(geo.crs).to_wkt("WKT1_ESRI"))
    except ValueError:
        return ""


def _levels(colour: str) -> str:
    return ",".join(str(int(colour[place : place + 2], 16)) for place in (1, 3, 5))


def _name(element: Element) -> str:
    """The tag without a namespace."""
    return element.tag.rpartition(":")[2]
