"""Coordinates of each pixel beside an ENVI image, as its input geometry (IGM): X_igm.hdr and X_igm.dat."""

from pathlib import Path

import numpy as np

from hadviewer.core.geolocation import Geolocation
from hadviewer.io.coordinates import WGS84
from hadviewer.io.staging import refuse_source
from hadviewer.io.writers._envi_text import header_text, plain
from hadviewer.io.writers._geo import well_known_text

ENDINGS = ("_igm.dat", "_igm.hdr")
NODATA = -9999.0
STRIP_BYTES = 8 * 2**20
_NAMES = {"deg": "{Longitude, Latitude}", "m": "{Easting, Northing}"}


def igm_targets(header: Path, geo: object) -> list[Path]:
    """Data file and header of the geometry of an image; none where a transform places it, or nothing.

    A mask shares that of its scores. Raises WriteError rather than replace a file that the coordinates come from.
    """
    if not isinstance(geo, Geolocation):
        return []
    stem = header.stem.removesuffix("_mask")
    targets = [header.with_name(f"{stem}{ending}") for ending in ENDINGS]
    for target in targets:
        for file in geo.files:
            refuse_source(target, file)
    return targets


def write_igm(data: Path, header: Path, geo: Geolocation, shape: tuple[int, int]) -> None:
    """Write x and y of the first pixels (rows, cols) as 64-bit floats, line by line."""
    rows, cols = shape
    height = max(1, STRIP_BYTES // max(1, cols * 16))
    with data.open("wb") as file:
        for row in range(0, rows, height):
            places = geo.coordinates.read((row, min(rows, row + height), 0, cols))
            places[np.isnan(places)] = NODATA
            file.write(np.ascontiguousarray(places.transpose(0, 2, 1), dtype="<f8").data)
    fields = {
        "file type": "ENVI Standard",
        "data type": "5",
        "interleave": "bil",
        "band names": _NAMES.get(geo.units, "{X, Y}"),
        "data ignore value": f"{NODATA:g}",
    }
    if geo.crs != WGS84 and (system := well_known_text(geo.crs)):
        fields["coordinate system string"] = f"{{{system}}}"
    about = plain(f"hadviewer, {geo.label}")
    header.write_bytes(header_text(about, (rows, cols, 2), fields).encode("utf-8"))
