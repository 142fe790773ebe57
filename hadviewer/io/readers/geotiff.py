"""GeoTIFF, BigTIFF and cloud-optimised GeoTIFF, read lazily by the blocks they are stored in."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.cube import Cube
from hadviewer.core.errors import ReadError
from hadviewer.core.specs import Entry, Match, ReaderSpec
from hadviewer.io.readers import _raster
from hadviewer.io.readers._files import head_of, is_stand_in, refuse_stand_in
from hadviewer.io.readers._sidecars import sidecar_bands
from hadviewer.io.readers._single_band import single_band

MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
EXTENSIONS = (".tif", ".tiff")
GDAL_DRIVER = "GTiff"


def sniff(path: Path, head: bytes) -> int:
    """The four bytes every TIFF begins with; the name alone where the content is something else."""
    if path.is_dir():
        return Match.NO
    if head.startswith(MAGIC):
        return Match.YES
    return Match.MAYBE if path.suffix.lower() in EXTENSIONS else Match.NO


def contents(path: Path) -> list[Entry]:
    """The one image of the file."""
    dataset = _open(path)
    dtype = np.result_type(*map(np.dtype, dataset.dtypes))
    shape = (int(dataset.height), int(dataset.width), int(dataset.count))
    return [Entry(path.name, shape, dtype.name, "cube")]


def open_cube(path: Path, entry: str | None = None, params: object = None) -> Cube:
    """The image as a lazy cube. Raises ReadError."""
    dataset = _open(path)
    source = _raster.RasterSource(dataset, path)
    bands, notes = _raster.band_set(dataset)
    if bands.centres is None:
        beside, more = sidecar_bands(path, source.shape[2])
        notes += more
        if beside is not None:
            bands = replace(beside, names=bands.names or beside.names)
    nodata, remark = _raster.nodata_of(dataset, source.dtype)
    return Cube(
        source,
        bands,
        name=path.stem,
        path=path,
        scale=_raster.scale_of(dataset),
        nodata=nodata,
        geo=_raster.georeference(dataset),
        default_bands=_raster.default_bands(dataset),
        meta={"format": "GeoTIFF", **_raster.extra_tags(dataset)},
        notes=(*notes, *remark),
    )


def open_array(path: Path, entry: str | None = None) -> NDArray[Any]:
    """The one band whole, (rows, cols): as stored where values are plain, else scaled with no-data as NaN."""
    return single_band(path, open_cube(path, entry))


def _open(path: Path) -> Any:
    head = head_of(path)
    if not head or is_stand_in(head):
        refuse_stand_in(path, head)
    if not head.startswith(MAGIC):
        raise ReadError(f"{path.name} is no TIFF file, whatever its name says.", hint="Give it its own extension.")
    return _raster.open_raster(path, GDAL_DRIVER)


SPEC = ReaderSpec(
    id="geotiff",
    title="GeoTIFF",
    extensions=EXTENSIONS,
    sniff=sniff,
    contents=contents,
    open=open_cube,
    open_array=open_array,
    summary="TIFF images with or without map coordinates, from geographic information systems and space agencies.",
)
