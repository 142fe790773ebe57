"""GeoTIFF: score maps, masks and labels with coordinates, for geographic information systems."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hadviewer import __version__
from hadviewer.core.geo import Georeference
from hadviewer.core.geolocation import Geolocation, Location
from hadviewer.core.params import Params
from hadviewer.core.specs import MapProduct, writer
from hadviewer.io.atomic import replacing
from hadviewer.io.coordinates import system_of
from hadviewer.io.writers._geo import georeference
from hadviewer.io.writers._products import ANOMALY, run_of, target_path

MASK_NODATA = 255
TILE = 256
POINTS = 21
"""Ground control points along each side of an image."""


@writer(id="geotiff", title="GeoTIFF", extension=".tif", products=("scores", "mask", "labels"))
def write_geotiff(folder: Path, stem: str, product: MapProduct, params: Params) -> list[Path]:
    """Georeferenced image for QGIS and others: scores with NaN for no data, a mask with 0, 1 and 255 for no data.

    Labels are whole numbers with 0 for none. Where each pixel has coordinates of its own, some hundred of them come
    along as ground control points.
    """
    import rasterio
    from rasterio.enums import ColorInterp

    values, nodata = _values(product)
    target = target_path(folder, stem, ".tif", product)
    predictor = 3 if product.kind == "scores" else 2
    profile = _profile(product) | {"dtype": values.dtype.name, "predictor": predictor, "nodata": nodata}
    # Made in memory: GDAL closes a file that the disk could not hold as if nothing had happened.
    with replacing(target) as (part,), rasterio.MemoryFile() as memory, warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        with memory.open(**profile) as dataset:
            dataset.write(values, 1)
            if points := control_points(georeference(product), values.shape):
                dataset.gcps = points
            dataset.set_band_description(1, product.title)
            dataset.update_tags(**_tags(product))
            if product.kind == "mask":
                dataset.write_colormap(1, {0: (0, 0, 0, 255), 1: (255, 0, 0, 255), MASK_NODATA: (0, 0, 0, 0)})
                dataset.colorinterp = [ColorInterp.palette]
        part.write_bytes(memory.getbuffer())
    return [target]


def _values(product: MapProduct) -> tuple[NDArray[Any], float]:
    """The array as it is written (rows, cols), and what stands for no data in it."""
    if product.kind == "scores":
        return np.asarray(product.array, dtype=np.float32), np.nan
    if product.kind == "labels":
        return np.asarray(product.array, dtype=np.int32), 0
    mask = np.where(product.array == 0, MASK_NODATA, product.array == ANOMALY)
    return mask.astype(np.uint8), MASK_NODATA


def _profile(product: MapProduct) -> dict[str, Any]:
    rows, cols = product.array.shape
    profile: dict[str, Any] = {
        "driver": "GTiff", "height": rows, "width": cols, "count": 1, "tiled": True, "blockxsize": TILE,
        "blockysize": TILE, "compress": "deflate", "BIGTIFF": "IF_SAFER",
    }  # fmt: skip
    return profile | placement(georeference(product))


def placement(geo: Location | None) -> dict[str, Any]:
    """Coordinate system and transform as rasterio wants them; nothing where the system is not known."""
    import rasterio

    if not isinstance(geo, Georeference) or not geo.crs:
        return {}
    x0, dx_col, dx_row, y0, dy_col, dy_row = geo.affine
    crs = _system(geo.crs)
    return {} if crs is None else {"crs": crs, "transform": rasterio.Affine(dx_col, dx_row, x0, dy_col, dy_row, y0)}


def control_points(geo: Location | None, shape: tuple[int, int]) -> tuple[list[Any], Any] | None:
    """Points by which others place an image (rows, cols) whose pixels have coordinates of their own; else None.

    They are centres of pixels, as many as lie on a coarse grid, its edges included.
    """
    import rasterio

    if not isinstance(geo, Geolocation) or not geo.crs:
        return None
    rows, cols = (np.unique(np.linspace(0, count - 1, min(count, POINTS)).round()) + 0.5 for count in shape)
    places = np.stack(np.meshgrid(rows, cols, indexing="ij"), axis=-1).reshape(-1, 2)
    known = zip(places.tolist(), geo.positions(*places.T).tolist(), strict=True)
    points = [rasterio.control.GroundControlPoint(row, col, x, y) for (row, col), (x, y) in known if np.isfinite(x)]
    crs = _system(geo.crs)
    return (points, crs) if points and crs is not None else None


def _system(crs: str) -> Any:
    """A coordinate system as rasterio has it, None where it is not known."""
    import rasterio

    try:
        return rasterio.crs.CRS.from_user_input(system_of(crs))
    except (ValueError, rasterio.errors.CRSError):
        return None


def _tags(product: MapProduct) -> dict[str, str]:
    detector, parameters = run_of(product)
    tags = {
        "DETECTOR": detector,
        "PARAMETERS": parameters,
        "SOFTWARE": f"hadviewer {__version__}",
        "TIFFTAG_IMAGEDESCRIPTION": product.description,
    }
    if product.cube is not None and product.cube.path is not None:
        tags["SOURCE"] = product.cube.path.name
    if product.threshold is not None:
        tags["THRESHOLD"] = repr(float(product.threshold))
    return tags
