"""Shapefile: objects for programs that know nothing newer. Four files, five with a coordinate system."""

import struct
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from hadviewer.core.errors import WriteError
from hadviewer.core.features import Attribute, FeatureTable, Value
from hadviewer.core.params import Params
from hadviewer.core.specs import MapProduct, writer
from hadviewer.io.atomic import replacing
from hadviewer.io.writers._geo import georeference, well_known_text
from hadviewer.io.writers._products import target_path
from hadviewer.io.writers._shapes import Shape, box_of, features_of, shapes

POLYGON = 5
LARGEST = 2**31 - 1
"""Bytes of each file: programs count them with signed numbers."""
LONGEST_TEXT = 254
_NUMBERS = {"int": ("N", 18, 0), "real": ("F", 24, 15)}


@writer(
    id="shapefile",
    title="Shapefile",
    extension=".shp",
    products=("objects",),
    companions=(".shx", ".dbf", ".cpg"),
    placed=(".prj",),
)
def write_shapefile(folder: Path, stem: str, product: MapProduct, params: Params) -> list[Path]:
    """Objects as polygons in the scene's own coordinate system; names of attributes have ten letters at most."""
    target = target_path(folder, stem, ".shp", product)
    records = [_record(shape) for shape in shapes(product, clockwise=True)]
    box = box_of(shapes(product))
    extent = (0.0,) * 4 if box is None else (box.left, box.bottom, box.right, box.top)
    contents = {
        target: _main(records, extent),
        target.with_suffix(".shx"): _index(records, extent),
        target.with_suffix(".dbf"): _table(features_of(product)),
        target.with_suffix(".cpg"): b"UTF-8",
    }
    geo = georeference(product)
    if geo is not None and (text := well_known_text(geo.crs)):
        contents[target.with_suffix(".prj")] = text.encode("utf-8")
    if max(map(len, contents.values())) > LARGEST:
        raise WriteError("A Shapefile cannot hold so many objects.", hint="Write a GeoPackage.")
    with replacing(*contents) as parts:
        for part, content in zip(parts, contents.values(), strict=True):
            part.write_bytes(content)
    return list(contents)


def _record(shape: Shape) -> bytes:
    """One polygon of any number of rings; outlines run clockwise."""
    rings = [ring for polygon in shape for ring in polygon]
    box = box_of(shape)
    assert box is not None
    sizes = [len(ring) for ring in rings]
    starts = np.cumsum([0, *sizes[:-1]])
    head = struct.pack("<i4d2i", POLYGON, box.left, box.bottom, box.right, box.top, len(rings), sum(sizes))
    return head + starts.astype("<i4").tobytes() + np.concatenate(rings).astype("<f8").tobytes()


def _main(records: list[bytes], extent: tuple[float, ...]) -> bytes:
    body = [struct.pack(">2i", number, len(record) // 2) + record for number, record in enumerate(records, start=1)]
    return _head(sum(map(len, body)), extent) + b"".join(body)


def _index(records: list[bytes], extent: tuple[float, ...]) -> bytes:
    sizes = np.array([len(record) // 2 for record in records], dtype=np.int64)
    places = 50 + np.cumsum(sizes + 4) - (sizes + 4)
    body = np.stack((places, sizes), axis=1).astype(">i4").tobytes()
    return _head(len(body), extent) + body


def _head(body: int, extent: tuple[float, ...]) -> bytes:
    """The hundred bytes that both files begin with; lengths count words of two bytes."""
    words = min((100 + body) // 2, LARGEST)
    return struct.pack(">i20xi", 9994, words) + struct.pack("<2i8d", 1000, POLYGON, *extent, 0, 0, 0, 0)


def _table(table: FeatureTable) -> bytes:
    """The attributes as dBASE III."""
    fields = [(attribute, *_field(attribute, table, place)) for place, attribute in enumerate(table.attributes)]
    today = datetime.now(UTC)
    length = 1 + sum(width for _, _, width, _ in fields)
    head = struct.pack(
        "<4BIHH20x", 3, today.year - 1900, today.month, today.day, len(table.rows), 33 + 32 * len(fields), length
    )
    described = b"".join(
        struct.pack("<11sc4xBB14x", attribute.brief.encode("ascii"), kind.encode("ascii"), width, decimals)
        for attribute, kind, width, decimals in fields
    )
    rows = b"".join(
        b" " + b"".join(_cell(value, kind, width) for value, (_, kind, width, _) in zip(row, fields, strict=True))
        for row in table.rows
    )
    return head + described + b"\r" + rows + b"\x1a"


def _field(attribute: Attribute, table: FeatureTable, place: int) -> tuple[str, int, int]:
    if attribute.kind in _NUMBERS:
        return _NUMBERS[attribute.kind]
    longest = max((len(str(row[place] or "").encode("utf-8")) for row in table.rows), default=1)
    return "C", min(max(longest, 1), LONGEST_TEXT), 0


def _cell(value: Value, kind: str, width: int) -> bytes:
    if value is None:
        return b" " * width
    if kind == "C":
        # Half a letter at the end would spoil the whole field.
        text = str(value).encode("utf-8")[:width].decode("utf-8", "ignore")
        return text.encode("utf-8").ljust(width)
    return (f"{value:.17g}" if kind == "F" else str(value)).encode("ascii").rjust(width)
