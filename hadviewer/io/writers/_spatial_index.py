"""The spatial index of a GeoPackage (OGC 12-128r18, extension F.3): programs find the objects in sight by it."""

import sqlite3
from collections.abc import Iterable

from hadviewer.io.writers._shapes import Box

_DEFINITION = "http://www.geopackage.org/spec120/#extension_rtree"
_EXTENSIONS = """
CREATE TABLE gpkg_extensions (
    table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL, scope TEXT NOT NULL,
    CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
"""
# What programs must do that change objects later; the functions in it are theirs.
_TRIGGERS = """
CREATE TRIGGER {index}_insert AFTER INSERT ON {table} WHEN NEW.{geom} NOT NULL AND NOT ST_IsEmpty(NEW.{geom})
    BEGIN {store} END;
CREATE TRIGGER {index}_update1 AFTER UPDATE OF {geom} ON {table}
    WHEN OLD.{key} = NEW.{key} AND NEW.{geom} NOT NULL AND NOT ST_IsEmpty(NEW.{geom})
    BEGIN {store} END;
CREATE TRIGGER {index}_update2 AFTER UPDATE OF {geom} ON {table}
    WHEN OLD.{key} = NEW.{key} AND (NEW.{geom} ISNULL OR ST_IsEmpty(NEW.{geom}))
    BEGIN {forget} END;
CREATE TRIGGER {index}_update3 AFTER UPDATE ON {table}
    WHEN OLD.{key} != NEW.{key} AND NEW.{geom} NOT NULL AND NOT ST_IsEmpty(NEW.{geom})
    BEGIN {forget} {store} END;
CREATE TRIGGER {index}_update4 AFTER UPDATE ON {table}
    WHEN OLD.{key} != NEW.{key} AND (NEW.{geom} ISNULL OR ST_IsEmpty(NEW.{geom}))
    BEGIN DELETE FROM {index} WHERE id IN (OLD.{key}, NEW.{key}); END;
CREATE TRIGGER {index}_delete AFTER DELETE ON {table} WHEN OLD.{geom} NOT NULL
    BEGIN {forget} END;
"""
_STORE = """INSERT OR REPLACE INTO {index}
    VALUES (NEW.{key}, ST_MinX(NEW.{geom}), ST_MaxX(NEW.{geom}), ST_MinY(NEW.{geom}), ST_MaxY(NEW.{geom}));"""
_FORGET = "DELETE FROM {index} WHERE id = OLD.{key};"


def add_index(base: sqlite3.Connection, table: str, column: str, key: str, boxes: Iterable[Box]) -> None:
    """Index the rows 1, 2, 3... of a table by what encloses their geometries.

    Where SQLite was built without R-trees there is no index, and programs search row by row.
    """
    index = f"rtree_{table}_{column}"
    try:
        base.execute(f"CREATE VIRTUAL TABLE {index} USING rtree(id, minx, maxx, miny, maxy)")
    except sqlite3.OperationalError:
        return
    rows = ((number, box.left, box.right, box.bottom, box.top) for number, box in enumerate(boxes, start=1))
    base.executemany(f"INSERT INTO {index} VALUES (?, ?, ?, ?, ?)", rows)  # noqa: S608 - all our own
    names = {"table": table, "geom": column, "key": key, "index": index}
    base.executescript(_TRIGGERS.format(store=_STORE.format(**names), forget=_FORGET.format(**names), **names))
    base.executescript(_EXTENSIONS)
    extension = (table, column, "gpkg_rtree_index", _DEFINITION, "write-only")
    base.execute("INSERT INTO gpkg_extensions VALUES (?, ?, ?, ?, ?)", extension)
