"""Regions of interest from and into files, whatever their format."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hadviewer.core.errors import ReadError, WriteError
from hadviewer.core.geolocation import Location
from hadviewer.core.region import Region
from hadviewer.io.regions import envi_text, envi_xml, geojson

WRITERS = {".geojson": geojson.write, ".json": geojson.write, ".xml": envi_xml.write}
HEAD_BYTES = 512


def holds_regions(path: Path) -> bool:
    """Whether a file looks like one of regions; one that cannot be read does not."""
    try:
        head = _head(path)
    except ReadError:
        return False
    return head.startswith(envi_text.HEAD) or "<RegionsOfInterest" in head or (head[:1] == "{" and '"Feature' in head)


def read_regions(path: Path, shape: tuple[int, int], geo: Location | None = None) -> list[Region]:
    """The regions in a GeoJSON file, ENVI's XML or its ASCII dump, with the ids 1, 2, 3...; raises ReadError.

    ``shape`` (rows, cols) and ``geo`` are those of the scene they are for. Regions without pixels are left out.
    """
    head = _head(path)
    if head.startswith("{"):
        reader = geojson.read
    elif head.startswith("<"):
        reader = envi_xml.read
    elif head.startswith(envi_text.HEAD):
        reader = envi_text.read
    else:
        raise ReadError(
            f"{path.name} holds no regions of interest.", hint="They come as GeoJSON, ENVI XML or ENVI's ASCII dump."
        )
    try:
        present = [region for region in reader(path, shape, geo) if len(region.runs(shape))]
    except ValueError as error:
        raise ReadError(f"{path.name} cannot be used: {error}.") from None
    if not present:
        raise ReadError(f"{path.name} has no region with a pixel in this scene.", hint="Is it for another scene?")
    return [replace(region, id=number) for number, region in enumerate(present, start=1)]


def write_regions(path: Path, regions: Sequence[Region], shape: tuple[int, int], geo: Location | None = None) -> Path:
    """Write regions of a scene as what the extension says, .geojson or .xml; raises WriteError."""
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        raise WriteError(f"{path.name} is no name for regions.", hint="Call it .geojson, or .xml for ENVI.")
    return writer(path, regions, shape, geo)


def _head(path: Path) -> str:
    """How a file begins."""
    try:
        with path.open("rb") as file:
            return file.read(HEAD_BYTES).decode("utf-8-sig", "replace").lstrip()
    except OSError as error:
        raise ReadError(f"{path} cannot be read: {error.strerror}.") from None
