"""What an output keeps of the georeference of its source, in the words of each format."""

import math

from hadviewer.core.cube import Cube, Window
from hadviewer.core.geo import Georeference
from hadviewer.core.geolocation import Location
from hadviewer.core.specs import MapProduct
from hadviewer.io.coordinates import system_of

BRACED = ("map info", "coordinate system string", "projection info", "pixel size")


def georeference(product: MapProduct) -> Location | None:
    """Where the array of a product lies: the georeference of its cube, shifted to the window."""
    return None if product.cube is None else georeference_of(product.cube, product.window)


def georeference_of(cube: Cube, window: Window | None) -> Location | None:
    """Where a part of a cube lies."""
    row, col = _origin(window)
    return cube.geo.shifted(row, col) if cube.geo is not None and (row, col) != (0, 0) else cube.geo


def envi_fields(product: MapProduct) -> dict[str, str]:
    """Header fields that place the product, verbatim from an ENVI source where nothing moved."""
    return {} if product.cube is None else envi_fields_of(product.cube, product.window)


def envi_fields_of(cube: Cube, window: Window | None) -> dict[str, str]:
    """Header fields that place a part of a cube."""
    row, col = _origin(window)
    # Coordinates of each pixel have no field in a header: they become a file beside it.
    geo = cube.geo if isinstance(cube.geo, Georeference) else None
    meta = {key.lower(): str(value) for key, value in cube.meta.items()}
    kept = dict(geo.verbatim) if geo is not None else {}
    for key, shift in (("x start", col), ("y start", row)):
        start = kept.pop(key, meta.get(key, ""))
        if start or (shift and cube.geo is None):
            kept[key] = str(_whole(start) + shift)
    if geo is not None and (row, col) != (0, 0):
        kept |= _shifted_fields(geo, row, col)
    elif geo is not None and "map info" not in kept:
        kept |= map_fields(geo)
    return {key: f"{{{value}}}" if key in BRACED else value for key, value in kept.items()}


def map_fields(geo: Georeference) -> dict[str, str]:
    """Map info and coordinate system string of a georeference that did not come from an ENVI header.

    Empty when the affine transform is skewed: ENVI knows rotation only.
    """
    x0, dx_col, dx_row, y0, dy_col, dy_row = geo.affine
    dx, dy = math.hypot(dx_col, dx_row), math.hypot(dy_col, dy_row)
    theta = math.atan2(-dx_row, dx_col)
    slack = 1e-6 * max(dx, dy)
    if abs(dy_col + math.sin(theta) * dy) > slack or abs(dy_row + math.cos(theta) * dy) > slack:
        return {}
    name, datum, wkt = _names(geo.crs)
    items = [name, "1", "1", repr(x0), repr(y0), repr(dx), repr(dy), *datum]
    if geo.units:
        items.append({"m": "units=Meters", "deg": "units=Degrees"}[geo.units])
    if abs(theta) > 1e-12:
        items.append(f"rotation={-math.degrees(theta):.10g}")
    return {"map info": ", ".join(items)} | ({"coordinate system string": wkt} if wkt else {})


def well_known_text(crs: str) -> str:
    """ESRI's WKT of a coordinate system, '' when it is unknown."""
    if not crs or crs.upper().startswith(("PROJCS", "GEOGCS")):
        return crs
    try:
        return str(system_of(crs).to_wkt("WKT1_ESRI"))
    except ValueError:
        return ""


def _origin(window: Window | None) -> tuple[int, int]:
    return (window.row0, window.col0) if window is not None else (0, 0)


def _shifted_fields(geo: Georeference, row: int, col: int) -> dict[str, str]:
    """Map info moved to the first pixel of the window; the other fields stay as they are."""
    moved = geo.shifted(row, col)
    verbatim = geo.verbatim.get("map info", "")
    if not verbatim:
        return map_fields(moved)
    items = [item.strip() for item in verbatim.split(",")]
    items[1:5] = ["1", "1", repr(moved.affine[0]), repr(moved.affine[3])]
    return {"map info": ", ".join(items)}


def _names(crs: str) -> tuple[str, list[str], str]:
    """(projection, zone and datum, WKT) as map info writes them."""
    if not crs:
        return "Arbitrary", [], ""
    try:
        system = system_of(crs)
    except ValueError:
        return "Arbitrary", [], ""
    datum = "WGS-84" if system.datum and "1984" in system.datum.name else getattr(system.datum, "name", "")
    datum = datum.replace(",", " ")
    wkt = well_known_text(crs)
    zone = system.utm_zone
    if zone:
        return "UTM", [zone[:-1], "North" if zone[-1] == "N" else "South", datum], wkt
    if system.is_geographic:
        return "Geographic Lat/Lon", [datum], wkt
    return system.name.replace(",", " "), [datum], wkt


def _whole(text: str) -> int:
    """A start given in a header; counting begins at 1."""
    try:
        return int(float(text))
    except (ValueError, OverflowError):
        return 1
