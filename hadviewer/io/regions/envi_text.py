"""Regions of interest from and into ENVI's ASCII dump: a head that names them, then a table of pixels for each.

X and Y of the table count samples and lines from 1.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hadviewer.core import runs as runs_of
from hadviewer.core.errors import ReadError
from hadviewer.core.geo import Georeference
from hadviewer.core.geolocation import Location
from hadviewer.core.region import COLOURS, Patch, Region
from hadviewer.io.atomic import replacing
from hadviewer.io.coordinates import WGS84, can_be_placed
from hadviewer.io.regions._limits import FARTHEST, check_count, colour_of, finite, name_of, refuse_many, text_of
from hadviewer.io.regions._places import to_map

HEAD = "; ENVI Output of ROIs"
_FIELD = re.compile(r";\s*(ROI name|ROI rgb value|ROI npts|File Dimension)\s*:\s*(.*)", re.IGNORECASE)


def read(path: Path, shape: tuple[int, int], geo: object = None) -> list[Region]:
    """The regions in a file as pixels of a scene (rows, cols); raises ReadError."""
    del geo
    names: list[str] = []
    colours: list[str] = []
    sizes: list[int] = []
    columns = (1, 2)
    rows: list[tuple[int, int]] = []
    for line in text_of(path).splitlines():
        field = _FIELD.match(line)
        if field is None:
            titles = line.lstrip("; ").replace("Map X", "mapx").replace("Map Y", "mapy").lower().split()
            if line.startswith(";") and "x" in titles and "y" in titles:
                columns = titles.index("x"), titles.index("y")
            elif line.strip() and not line.startswith(";"):
                rows.append(_pixel(line, columns, path.name))
            continue
        kind, value = field[1].lower(), field[2].strip()
        if kind == "roi name":
            names.append(name_of(value, len(names) + 1))
            colours.append(COLOURS[(len(names) - 1) % len(COLOURS)])
        elif kind == "roi rgb value" and names:
            colours[-1] = colour_of(value) or colours[-1]
        elif kind == "roi npts" and names:
            sizes.append(_whole(value, path.name))
        elif kind == "file dimension":
            _check_size(value, shape, path.name)
    refuse_many(len(names), path.name)
    if len(sizes) != len(names) or sum(sizes) != len(rows):
        raise ReadError(f"{path.name} is damaged: its head and its pixels do not agree.")
    return _regions(names, colours, sizes, rows)


def write(
    path: Path,
    regions: Sequence[Region],
    shape: tuple[int, int],
    geo: Location | None,
    values: NDArray[np.floating] | None = None,
) -> Path:
    """Write the pixels of regions of a scene (rows, cols), with their place on the map where it is known.

    ``values`` (rows, cols) are the band that comes with them. Map X and Map Y, Lat and Lon are those of pixel centres.
    """
    check_count(len(regions))
    placed = can_be_placed(geo)
    mapped = geo if isinstance(geo, Georeference) else None
    columns = ["ID", "X", "Y", *(["Map X", "Map Y"] if mapped else []), *(["Lat", "Lon"] if placed else [])]
    columns += [] if values is None else ["B1"]
    found = [region.runs(shape) for region in regions]
    lines = [HEAD, f"; Number of ROIs: {len(regions)}", f"; File Dimension: {shape[1]} x {shape[0]}"]
    for region, pixels in zip(regions, found, strict=True):
        levels = [int(region.colour[place : place + 2], 16) for place in (1, 3, 5)]
        lines += [
            ";",
            f"; ROI name: {region.name}",
            f"; ROI rgb value: {{{levels[0]}, {levels[1]}, {levels[2]}}}",
            f"; ROI npts: {runs_of.count(pixels)}",
        ]
    lines.append(";" + "".join(f"{column:>17}" for column in columns))
    with replacing(path) as (part,), part.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{line}\n" for line in lines)
        for pixels in found:
            file.writelines(f"{line}\n" for line in _rows(pixels, mapped, geo if placed else None, values))
            file.write("\n")
    return path


def _rows(
    runs: runs_of.Runs, mapped: Location | None, placed: Location | None, values: NDArray[np.floating] | None
) -> Iterator[str]:
    """A line for each pixel, with its place on the map and on the Earth where there are such."""
    pixels = [(row, col) for row, first, after in runs.tolist() for col in range(first, after)]
    centres = [(row + 0.5, col + 0.5) for row, col in pixels]
    empty: list[tuple[float, float]] = [(0.0, 0.0)] * len(pixels)
    on_map = to_map(mapped, centres) if mapped else empty
    on_earth = to_map(placed, centres, WGS84) if placed else empty
    for number, ((row, col), (x, y), (lon, lat)) in enumerate(zip(pixels, on_map, on_earth, strict=True), start=1):
        fields = [str(number), str(col + 1), str(row + 1)]
        fields += [f"{x:.12g}", f"{y:.12g}"] if mapped else []
        fields += [f"{lat:.8f}", f"{lon:.8f}"] if placed else []
        fields += [] if values is None else [f"{values[row, col]:.9g}"]
        yield " " + "".join(f"{field:>17}" for field in fields)


def _regions(
    names: Sequence[str], colours: Sequence[str], sizes: Sequence[int], rows: Sequence[tuple[int, int]]
) -> list[Region]:
    regions, start = [], 0
    for name, colour, size in zip(names, colours, sizes, strict=True):
        pixels = runs_of.of_pixels(rows[start : start + size])
        start += size
        if len(pixels):
            regions.append(Region(0, name, colour, parts=(Patch(pixels),)))
    return regions


def _pixel(line: str, columns: tuple[int, int], name: str) -> tuple[int, int]:
    fields = line.split()
    if len(fields) <= max(columns):
        raise ReadError(f"{name} has a line without X and Y: {line.strip()[:60]}.")
    x, y = finite((fields[column] for column in columns), name)
    if not (1 <= x <= FARTHEST and 1 <= y <= FARTHEST):
        raise ReadError(f"{name} has a pixel outside of any scene: {line.strip()[:60]}.")
    return int(y) - 1, int(x) - 1


def _check_size(value: str, shape: tuple[int, int], name: str) -> None:
    numbers = re.findall(r"\d+", value)[:2]
    if len(numbers) == 2 and (int(numbers[1]), int(numbers[0])) != shape:
        raise ReadError(
            f"{name} is for a scene of {numbers[1]} lines × {numbers[0]} samples; this one has {shape[0]} × {shape[1]}."
        )


def _whole(value: str, name: str) -> int:
    if not value.isdecimal() or len(value) > 12:
        raise ReadError(f"{name} does not say how many pixels a region has.")
    return int(value)
