"""Regions of interest from ENVI's ASCII dump: a head that names them, then a table of pixels for each.

X and Y of the table count samples and lines from 1.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from hadviewer.core import runs as runs_of
from hadviewer.core.errors import ReadError
from hadviewer.core.region import COLOURS, Patch, Region
from hadviewer.io.regions._limits import FARTHEST, MOST_REGIONS, colour_of, finite, name_of, text_of

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
    if len(names) > MOST_REGIONS or len(sizes) != len(names) or sum(sizes) != len(rows):
        raise ReadError(f"{path.name} is damaged: its head and its pixels do not agree.")
    return _regions(names, colours, sizes, rows)


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
