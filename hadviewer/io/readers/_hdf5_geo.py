"""Where a cube in an HDF5 file lies: ENVI's map info as NEON keeps it, or the transform of a grid mapping."""

from typing import Any

import numpy as np

from hadviewer.core.geo import Georeference
from hadviewer.io.readers import _envi_geo
from hadviewer.io.readers._envi_header import EnviHeader
from hadviewer.io.readers._hdf5_tree import Tree


def georeference(tree: Tree, cube: str) -> Georeference | None:
    """The place of a cube, None where the file tells only that of another grid or none."""
    return _map_info(tree, cube) or _grid_mapping(tree, cube)


def _map_info(tree: Tree, cube: str) -> Georeference | None:
    texts = {}
    for key in ("Map_Info", "Coordinate_System_String", "EPSG Code"):
        names = [item.name for item in tree.variables if item.name.rpartition("/")[2].lower() == key.lower()]
        texts[key] = tree.text(names[0]) if names else ""
    if not texts["Map_Info"]:
        return None
    fields = {"map info": texts["Map_Info"].strip("{} ")}
    if texts["Coordinate_System_String"]:
        fields["coordinate system string"] = texts["Coordinate_System_String"].strip("{} ")
    found = _envi_geo.georeference(EnviHeader(tree.path.name, fields))
    if found is None or not texts["EPSG Code"].strip().isdigit():
        return found
    return Georeference(found.affine, f"EPSG:{texts['EPSG Code'].strip()}", found.label, found.units)


def _grid_mapping(tree: Tree, cube: str) -> Georeference | None:
    """The variable that the cube names as its grid mapping, as climate and forecast conventions have it."""
    named = str(tree.attributes(cube).get("grid_mapping", "")).rpartition("/")[2]
    holders = [item.name for item in tree.variables if named and item.name.rpartition("/")[2] == named]
    if not holders:
        return None
    attributes = tree.attributes(holders[0])
    numbers = _numbers(attributes.get("GeoTransform"))
    if len(numbers) != 6 or numbers[1] * numbers[5] == numbers[2] * numbers[4]:
        return None
    crs = str(attributes.get("spatial_ref", attributes.get("crs_wkt", "")))
    x0, dx_col, dx_row, y0, dy_col, dy_row = numbers
    units = "" if not crs else ("deg" if crs.startswith(("GEOG", "GEOD")) else "m")
    return Georeference((x0, dx_col, dx_row, y0, dy_col, dy_row), crs, named.replace("_", " "), units)


def _numbers(value: Any) -> list[float]:
    try:
        found = value.split() if isinstance(value, str) else np.asarray(value, dtype=np.float64).reshape(-1).tolist()
        numbers = [float(item) for item in found]
    except (TypeError, ValueError):
        return []
    return numbers if np.isfinite(numbers).all() else []
