"""GeoPackage (OGC 12-128): objects with their outlines, in the coordinate system of the scene. One SQLite file."""

import sqlite3
import struct
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np

from hadviewer.core.features import Attribute
from hadviewer.core.params import Params
from hadviewer.core.specs import MapProduct, writer
from hadviewer.io.atomic import replacing
from hadviewer.io.coordinates import system_of
from hadviewer.io.writers._geo import georeference
from hadviewer.io.writers._products import target_path
from hadviewer.io.writers._shapes import Ring, Shape, box_of, features_of, shapes
from hadviewer.io.writers._spatial_index import add_index

LAYER = "detections"
APPLICATION, VERSION = 0x47504B47, 10300
OWN_SYSTEM = 100_000
"""The number of a coordinate system that EPSG does not list."""
_TYPES = {"int": "INTEGER", "real": "REAL", "text": "TEXT", "time": "DATETIME"}
_SCHEMA = """
CREATE TABLE gpkg_spatial_ref_sys (
    srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY, organization TEXT NOT NULL,
    organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (
    table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE, description TEXT DEFAULT '',
    last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
    min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
    CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (
    table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL,
    z TINYINT NOT NULL, m TINYINT NOT NULL,
    CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name), CONSTRAINT uk_gc_table_name UNIQUE (table_name),
    CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
    CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
"""


class _System(NamedTuple):
    """A row of the table of coordinate systems."""

    name: str
    id: int
    organization: str
    code: int
    definition: str
    description: str = ""


_ALWAYS = (
    _System("Undefined Cartesian", -1, "NONE", -1, "undefined", "undefined Cartesian coordinate reference system"),
    _System("Undefined geographic", 0, "NONE", 0, "undefined", "undefined geographic coordinate reference system"),
)


@writer(id="gpkg", title="GeoPackage", extension=".gpkg", products=("objects",))
def write_geopackage(folder: Path, stem: str, product: MapProduct, params: Params) -> list[Path]:
    """Objects as polygons in the scene's own coordinate system: one file, for QGIS, ArcGIS and others.

    The layer is called detections. Without a coordinate system x and y are samples and minus lines, or what the map of
    the scene says.
    """
    target = target_path(folder, stem, ".gpkg", product)
    content = _database(product)
    with replacing(target) as (part,):
        part.write_bytes(content)
    return [target]


def _database(product: MapProduct) -> bytes:
    """The whole file, made in memory: SQLite would leave half of one on a full disk."""
    table, found, system = features_of(product), shapes(product), _system(product)
    box = box_of(found)
    extent = (None,) * 4 if box is None else (box.left, box.bottom, box.right, box.top)
    base = sqlite3.connect(":memory:")
    try:
        base.execute(f"PRAGMA application_id = {APPLICATION}")
        base.execute(f"PRAGMA user_version = {VERSION}")
        base.executescript(_SCHEMA)
        known = {item.id: item for item in (*_ALWAYS, _system_of("EPSG:4326"), system)}
        base.executemany("INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)", known.values())
        base.execute(_layer(table.attributes))
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        contents = (LAYER, "features", LAYER, table.about, now, *extent, system.id)
        base.execute("INSERT INTO gpkg_contents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", contents)
        base.execute(
            "INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', 'MULTIPOLYGON', ?, 0, 0)", (LAYER, system.id)
        )
        rows = [(geometry(shape, system.id), *row) for shape, row in zip(found, table.rows, strict=True)]
        if rows:
            names = ", ".join(f'"{attribute.name}"' for attribute in table.attributes)
            marks = ", ".join("?" * len(rows[0]))
            base.executemany(f"INSERT INTO {LAYER} (geom, {names}) VALUES ({marks})", rows)  # noqa: S608 - all our own
        add_index(base, LAYER, "geom", "fid", [box for shape in found if (box := box_of(shape)) is not None])
        base.commit()
        return base.serialize()
    finally:
        base.close()


def geometry(shape: Shape, system: int) -> bytes:
    """A MultiPolygon as GeoPackage stores it: a header with its extent, then well-known binary."""
    box = box_of(shape)
    assert box is not None
    head = struct.pack("<2sBBi4d", b"GP", 0, 0b0000_0011, system, box.left, box.right, box.bottom, box.top)
    polygons = [_polygon(rings) for rings in shape]
    return head + struct.pack("<BII", 1, 6, len(polygons)) + b"".join(polygons)


def _polygon(rings: list[Ring]) -> bytes:
    places = [struct.pack("<I", len(ring)) + np.ascontiguousarray(ring, dtype="<f8").tobytes() for ring in rings]
    return struct.pack("<BII", 1, 3, len(rings)) + b"".join(places)


def _layer(attributes: tuple[Attribute, ...]) -> str:
    columns = "".join(f', "{attribute.name}" {_TYPES[attribute.kind]}' for attribute in attributes)
    return f"CREATE TABLE {LAYER} (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, geom MULTIPOLYGON{columns})"


def _system(product: MapProduct) -> _System:
    """The coordinate system of the scene; an undefined one where it is not known."""
    geo = georeference(product)
    if geo is None or not geo.crs:
        return _ALWAYS[geo is not None and geo.units == "deg"]
    return _system_of(geo.crs)


def _system_of(crs: str) -> _System:
    import pyproj

    try:
        known = system_of(crs)
        code = known.to_epsg()
        listed = pyproj.CRS.from_epsg(code) if code else known
        definition = listed.to_wkt("WKT1_GDAL") or listed.to_wkt()
    except ValueError:
        return _ALWAYS[0]
    if code:
        return _System(listed.name, code, "EPSG", code, definition)
    return _System(known.name, OWN_SYSTEM, "NONE", OWN_SYSTEM, definition)
