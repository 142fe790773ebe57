"""DESIS L1C and L2A: an image whose wavelengths, gains and offsets stand in the header text beside it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from hadviewer.core.cube import Cube
from hadviewer.core.errors import ReadError
from hadviewer.core.specs import Entry, Match, ReaderSpec
from hadviewer.io.readers import _envi_bands, _products
from hadviewer.io.readers._envi_header import MAX_HEADER_BYTES, EnviHeader, parse_header
from hadviewer.io.readers._files import head_of

METADATA = "SPECTRAL_IMAGE.HDR"
_NAMES = (METADATA, "METADATA.XML")


def sniff(path: Path, head: bytes) -> int:
    """Image, header, metadata, folder or archive by the names they have together."""
    named = _products.is_image_name(path.name) or path.name.upper().endswith(_NAMES)
    if not (path.is_dir() or path.suffix.lower() == ".zip" or named):
        return Match.NO
    try:
        names = [name.upper() for name in _products.names_at(path, head)]
    except ReadError:
        return Match.NO
    own = "DESIS" in path.name.upper() or path.is_dir() or path.suffix.lower() == ".zip"
    there = any("DESIS" in name and name.endswith(METADATA) for name in names)
    return Match.PRODUCT if own and there else Match.NO


def contents(path: Path) -> list[Entry]:
    """The one image of the product."""
    image = _products.find(path, METADATA).images[0]
    cube = _products.open_image(image)
    return [Entry(image.name, cube.shape, cube.dtype.name, "cube")]


def open_cube(path: Path, entry: str | None = None, params: object = None) -> Cube:
    """The image with what its header says. Raises ReadError."""
    product = _products.find(path, METADATA)
    cube = _products.open_image(product.image(path, entry))
    header, count = _header(product.metadata), cube.shape[2]
    scale = _envi_bands.scale(header, count)
    bands = _envi_bands.band_set(header, count)
    nodata = cube.nodata if cube.nodata is not None else _envi_bands.nodata(header, cube.dtype)
    reflectance = "L2A" in product.metadata.name.upper()
    return replace(
        cube,
        bands=bands if bands.centres is not None else cube.bands,
        name=path.stem if not path.is_dir() else path.name,
        path=path,
        scale=scale or cube.scale,
        nodata=nodata,
        quantity="Reflectance" if reflectance else "Radiance",
        meta={**cube.meta, "format": "DESIS"},
        notes=_products.joined(cube.notes, *header.notes),
    )


def open_array(path: Path, entry: str | None = None) -> NDArray[Any]:
    """No map: a DESIS image has many bands."""
    raise ReadError(f"{path.name} is a DESIS product, not a mask or score map.", hint="Choose another file.")


def _header(path: Path) -> EnviHeader:
    """The header's fields, whatever its first line says."""
    text = head_of(path, MAX_HEADER_BYTES).decode("utf-8", "replace")
    return parse_header(f"ENVI\n{text}", path.name)


SPEC = ReaderSpec(
    id="desis",
    title="DESIS product",
    extensions=(".tif", ".hdr", ".zip"),
    sniff=sniff,
    contents=contents,
    open=open_cube,
    open_array=open_array,
    home=lambda path: _products.home(path, METADATA),
    summary="Products of the DESIS spectrometer as folder, zip archive, image or its header.",
)
