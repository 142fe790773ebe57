"""A part of a cube as GeoTIFF, tile row by tile row, with what is known about its bands where other programs look."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np

from hadviewer import __version__
from hadviewer.core.context import Context
from hadviewer.io.atomic import replacing
from hadviewer.io.writers._geo import georeference_of
from hadviewer.io.writers.cube_part import CubePart
from hadviewer.io.writers.geotiff import TILE, control_points, placement

BLOCK_BYTES = 32 * 2**20
CACHE_MEGABYTES = 64


def write_geotiff_part(target: Path, part: CubePart, ctx: Context) -> list[Path]:
    """Write one file; it appears when the last value is written. Raises WriteError, or Cancelled."""
    import rasterio

    rows, cols, bands = part.shape
    nodata = np.nan if part.scaled else part.nodata
    several = max(1, BLOCK_BYTES // (TILE * cols * part.dtype.itemsize))
    blocks = [
        (slice(row, min(row + TILE, rows)), slice(band, min(band + several, bands)))
        for row in range(0, rows, TILE)
        for band in range(0, bands, several)
    ]
    with replacing(target) as (place,), warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        with rasterio.Env(GDAL_CACHEMAX=CACHE_MEGABYTES):
            with rasterio.open(str(place), "w", **_profile(part, nodata)) as dataset:
                _describe(dataset, part)
                if points := control_points(georeference_of(part.cube, part.window), (rows, cols)):
                    dataset.gcps = points
                for lines, chosen in ctx.track(blocks, message="Writing"):
                    values = part.read(lines, chosen, nodata)
                    numbers = list(range(chosen.start + 1, chosen.stop + 1))
                    extent = ((lines.start, lines.stop), (0, cols))
                    dataset.write(np.ascontiguousarray(values.transpose(2, 0, 1)), numbers, window=extent)
            _check(place, blocks[-1][0])
    return [target]


def _check(place: Path, lines: slice) -> None:
    """Read the end of the file: GDAL closes one that the disk could not hold as if nothing had happened."""
    import rasterio

    with rasterio.open(str(place)) as dataset:
        for band in dataset.indexes:
            dataset.read(band, window=((lines.start, lines.stop), (0, dataset.width)))


def _profile(part: CubePart, nodata: float | None) -> dict[str, Any]:
    rows, cols, bands = part.shape
    profile: dict[str, Any] = {
        "driver": "GTiff", "height": rows, "width": cols, "count": bands, "dtype": part.dtype.name, "nodata": nodata,
        "tiled": True, "blockxsize": TILE, "blockysize": TILE, "interleave": "band", "compress": "deflate",
        "photometric": "minisblack", "BIGTIFF": "IF_SAFER",
    }  # fmt: skip
    if part.dtype.kind in "iuf":
        profile["predictor"] = 3 if part.dtype.kind == "f" else 2
    return profile | placement(georeference_of(part.cube, part.window))


def _describe(dataset: Any, part: CubePart) -> None:
    """Tags of the bands as EnMAP-Box and QGIS read them, and as GDAL does; scale and offset of raw values."""
    bands, scale = part.bands, part.scale
    tags = {"SOFTWARE": f"hadviewer {__version__}", "SOURCE": part.cube.path.name if part.cube.path else part.cube.name}
    dataset.update_tags(**tags)
    for place in range(bands.count):
        number = place + 1
        if bands.names is not None and bands.names[place]:
            dataset.set_band_description(number, bands.names[place])
        own: dict[str, str] = {"bbl": str(int(bands.mask[place]))}
        imagery: dict[str, str] = {}
        if bands.centres is not None:
            own |= {"wavelength": repr(float(bands.centres[place])), "wavelength_units": "Nanometers"}
            imagery["CENTRAL_WAVELENGTH_UM"] = f"{bands.centres[place] / 1000:.9g}"
        if bands.fwhm is not None:
            own["fwhm"] = repr(float(bands.fwhm[place]))
            imagery["FWHM_UM"] = f"{bands.fwhm[place] / 1000:.9g}"
        dataset.update_tags(number, **own)
        if imagery:
            dataset.update_tags(number, ns="IMAGERY", **imagery)
    if scale is not None:
        gain, offset = (np.broadcast_to(np.asarray(item, float), bands.count) for item in (scale.gain, scale.offset))
        dataset.scales, dataset.offsets = gain.tolist(), offset.tolist()
