"""A part of a cube as ENVI, in any interleave, without ever holding more than a strip of it."""

from pathlib import Path

import numpy as np

from hadviewer.core.context import Context
from hadviewer.core.cube import Scale
from hadviewer.core.geolocation import Geolocation
from hadviewer.io.atomic import replacing
from hadviewer.io.writers._envi_text import band_fields, braced, header_text, plain
from hadviewer.io.writers._geo import envi_fields_of, georeference_of
from hadviewer.io.writers._igm import igm_targets, write_igm
from hadviewer.io.writers.cube_part import CubePart
from hadviewer.io.writers.envi import type_code

STRIP_BYTES = 32 * 2**20
KEPT = ("sensor type", "acquisition time", "sun azimuth", "sun elevation", "cloud cover", "security tag")
"""Fields of the source's header that hold for any part of it."""


def write_envi_part(header: Path, part: CubePart, ctx: Context, interleave: str = "bsq") -> list[Path]:
    """Write X.hdr and X.dat; both appear when the last value is written. Raises WriteError, or Cancelled.

    Where each pixel has coordinates of its own, X_igm.hdr and X_igm.dat come along.
    """
    data = header.with_suffix(".dat")
    rows, cols, bands = part.shape
    height = max(1, STRIP_BYTES // max(1, cols * bands * part.dtype.itemsize))
    stored = part.dtype.newbyteorder("<")
    geo = georeference_of(part.cube, part.window)
    beside = igm_targets(header, geo)
    with replacing(data, header, *beside) as (data_part, header_part, *igm_parts):
        with data_part.open("wb") as file:
            for row in ctx.track(range(0, rows, height), message="Writing"):
                values = part.read(slice(row, min(row + height, rows)))
                if interleave == "bsq":
                    for band in range(bands):
                        file.seek((band * rows + row) * cols * stored.itemsize)
                        file.write(np.ascontiguousarray(values[:, :, band], dtype=stored).data)
                else:
                    order = (0, 1, 2) if interleave == "bip" else (0, 2, 1)
                    file.write(np.ascontiguousarray(values.transpose(order), dtype=stored).data)
        header_part.write_bytes(_header(part, interleave).encode("utf-8"))
        if isinstance(geo, Geolocation):
            write_igm(igm_parts[0], igm_parts[1], geo, (rows, cols))
    return [header, data, *beside]


def _header(part: CubePart, interleave: str) -> str:
    fields = {"file type": "ENVI Standard", "data type": str(type_code(part.dtype)), "interleave": interleave}
    fields |= envi_fields_of(part.cube, part.window)
    fields |= band_fields(part.bands)
    if part.nodata is not None:
        fields["data ignore value"] = f"{part.nodata:.17g}"
    fields |= _scale_fields(part)
    if part.default_bands:
        fields["default bands"] = braced(band + 1 for band in part.default_bands)
    meta = {key.lower(): str(value) for key, value in part.cube.meta.items()}
    fields |= {key: plain(meta[key]) for key in KEPT if meta.get(key)}
    return header_text(f"hadviewer, part of {part.cube.name}", part.shape, fields)


def _scale_fields(part: CubePart) -> dict[str, str]:
    """How values become physical ones; a factor of 1 says that they are reflectance as they are."""
    scale = part.scale
    reflectance = part.cube.quantity == "Reflectance"
    if scale is None:
        return {"reflectance scale factor": "1.0"} if reflectance else {}
    if reflectance and isinstance(scale.gain, float) and np.all(np.asarray(scale.offset) == 0):
        return {"reflectance scale factor": repr(1.0 / scale.gain)}
    return _gains(scale, part.shape[2])


def _gains(scale: Scale, bands: int) -> dict[str, str]:
    gain, offset = (np.broadcast_to(np.asarray(item, np.float64), (bands,)) for item in (scale.gain, scale.offset))
    return {"data gain values": braced(gain.tolist()), "data offset values": braced(offset.tolist())}
