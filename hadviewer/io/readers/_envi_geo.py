"""Georeference of an ENVI header: map info, rotation, coordinate system."""

import math
import re

from hadviewer.core.geo import Georeference
from hadviewer.io.readers._envi_header import EnviHeader

GEO_FIELDS = ("map info", "coordinate system string", "projection info", "pixel size", "x start", "y start")
_DATUM_CODES = {"wgs84": (32600, 32700), "nad27": (26700, None), "nad83": (26900, None), "etrs89": (25800, None)}
_DATUM_NAMES = {
    "wgs84": ("wgs84", "worldgeodeticsystem1984", "wgs1984"),
    "nad27": ("northamerica1927", "northamerican1927", "nad27", "nad1927"),
    "nad83": ("northamerica1983", "northamerican1983", "nad83", "nad1983"),
    "etrs89": ("etrs89", "etrs1989", "europeanterrestrialreferencesystem1989"),
}


def georeference(header: EnviHeader) -> Georeference | None:
    """Where the image lies, or None when the header does not say or cannot be understood (with a note)."""
    if not header.text("map info"):
        return None
    items = [item.strip() for item in header.text("map info").split(",")]
    named = dict(_named(item) for item in items if "=" in item)
    items = [item for item in items if "=" not in item]
    try:
        numbers = [float(item) for item in items[1:7]]
        rotation = math.radians(-float(named.get("rotation", "0") or 0))
    except ValueError:
        numbers, rotation = [], 0.0
    if len(numbers) < 6 or not all(map(math.isfinite, [*numbers, rotation])) or 0 in numbers[4:]:
        header.notes.append("The map info could not be understood; the image has no map coordinates.")
        return None
    crs, label, units = _system(header, items, named)
    verbatim = {key: header.fields[key] for key in GEO_FIELDS if header.text(key)}
    return Georeference(_affine(numbers, rotation), crs, label, units, verbatim)


def _affine(numbers: list[float], theta: float) -> tuple[float, float, float, float, float, float]:
    """The reference pixel (1-based, (1, 1) is the upper left corner) lies at (easting, northing), also when rotated."""
    ref_x, ref_y, easting, northing, dx, dy = numbers
    dx_col, dx_row = math.cos(theta) * dx, -math.sin(theta) * dx
    dy_col, dy_row = -math.sin(theta) * dy, -math.cos(theta) * dy
    col, row = ref_x - 1, ref_y - 1
    x0, y0 = easting - dx_col * col - dx_row * row, northing - dy_col * col - dy_row * row
    return x0, dx_col, dx_row, y0, dy_col, dy_row


def _system(header: EnviHeader, items: list[str], named: dict[str, str]) -> tuple[str, str, str]:
    """(crs, label, units): the WKT of the header, else an EPSG code where one is certain."""
    projection, rest = items[0], items[7:]
    geographic = projection.lower().startswith("geographic")
    utm = projection.lower() == "utm" and len(rest) >= 2 and rest[0].isdigit()
    datum = rest[2] if utm and len(rest) > 2 else (rest[0] if geographic and rest else "")
    label = f"UTM {rest[0]} {rest[1][:1].upper()}" if utm else projection
    label = f"{label}, {datum}" if datum else label
    code = ""
    if utm:
        code = _utm_code(int(rest[0]), rest[1], datum or "WGS-84")
    elif geographic and _datum(datum or "WGS-84") == "wgs84":
        code = "EPSG:4326"
    units = "deg" if geographic else ("m" if named.get("units", "meters").lower().startswith("met") else "")
    if projection.lower() == "arbitrary":
        return "", label, ""
    return header.text("coordinate system string") or code, label, units


def _utm_code(zone: int, hemisphere: str, datum: str) -> str:
    base = _DATUM_CODES.get(_datum(datum), (None, None))[hemisphere.lower().startswith("s")]
    return f"EPSG:{base + zone}" if base and 1 <= zone <= 60 else ""


def _datum(name: str) -> str:
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    return next((datum for datum, names in _DATUM_NAMES.items() if plain in names), plain)


def _named(item: str) -> tuple[str, str]:
    key, _, value = item.partition("=")
    return key.strip().lower(), value.strip()
