"""ENVI: score maps, masks as classifications, labels, and whole cubes, each a data file with a text header."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.bands import BandSet
from hadviewer.core.geo import Georeference
from hadviewer.core.geolocation import Geolocation, Location
from hadviewer.core.params import Params
from hadviewer.core.specs import MapProduct, writer
from hadviewer.io.atomic import replacing
from hadviewer.io.writers._envi_text import band_fields, braced, header_text
from hadviewer.io.writers._geo import BRACED, envi_fields, georeference, map_fields
from hadviewer.io.writers._igm import ENDINGS, igm_targets, write_igm
from hadviewer.io.writers._products import target_path

NODATA = -9999.0
_CODES = {"u1": 1, "i2": 2, "i4": 3, "f4": 4, "f8": 5, "c8": 6, "c16": 9, "u2": 12, "u4": 13, "i8": 14, "u8": 15}
_WIDENED = {"b1": "u1", "i1": "i2", "f2": "f4"}
# From (rows, cols, bands) to the order of the file.
_ORDERS = {"bsq": (2, 0, 1), "bil": (0, 2, 1), "bip": (0, 1, 2)}


@writer(
    id="envi",
    title="ENVI",
    extension=".hdr",
    products=("scores", "mask", "labels"),
    companions=(".dat",),
    located=ENDINGS,
)
def write_envi(folder: Path, stem: str, product: MapProduct, params: Params) -> list[Path]:
    """Float score map, or classification, with header: opens in ENVI, QGIS and most other programs.

    Pixels without a score are -9999, the data ignore value. A mask has the classes background and anomaly, with a
    class of its own for no data where there are such pixels. Labels are whole numbers, 0 for none. Where each pixel has
    coordinates of its own they come along as input geometry (IGM).
    """
    target = target_path(folder, stem, ".hdr", product)
    if product.kind == "scores":
        scores = np.asarray(product.array, dtype=np.float32)
        values = np.where(np.isfinite(scores), scores, np.float32(NODATA))
        fields = {"band names": braced([product.title]), "data ignore value": f"{NODATA:g}"}
        return _write(target, values[:, :, np.newaxis], product, fields)
    if product.kind == "labels":
        fields = {"band names": braced([product.title]), "data ignore value": "0"}
        return _write(target, np.asarray(product.array, dtype=np.int32)[:, :, np.newaxis], product, fields)
    mask = np.asarray(product.array, dtype=np.uint8)
    names, colours = ["no data", "background", "anomaly"], [0, 0, 0, 64, 64, 64, 255, 0, 0]
    if not (mask == 0).any():
        mask, names, colours = mask - np.uint8(1), names[1:], [0, 0, 0, 255, 0, 0]
    rule = "" if product.threshold is None else f" > {product.threshold:.6g}"
    fields = {
        "classes": str(len(names)),
        "class names": braced(names),
        "class lookup": braced(colours),
        "band names": braced([product.title + rule]),
    }
    return _write(target, mask[:, :, np.newaxis], product, fields, "ENVI Classification")


def write_envi_cube(
    header: Path,
    array: NDArray[Any],
    bands: BandSet | None = None,
    *,
    interleave: str = "bsq",
    description: str = "",
    nodata: float | None = None,
    scale_factor: float | None = None,
    geo: Location | None = None,
    default_bands: tuple[int, ...] = (),
    extra: Mapping[str, str] | None = None,
) -> list[Path]:
    """Write ``array`` (rows, cols, bands) as X.hdr and X.dat, values as they are; returns both paths.

    ``scale_factor`` is the number that stands for reflectance 1; ``default_bands`` are 0-based; ``extra`` are further
    header fields, as text. Wavelengths are written in nanometres.
    """
    fields: dict[str, str] = {}
    if nodata is not None:
        fields["data ignore value"] = repr(nodata)
    if scale_factor is not None:
        fields["reflectance scale factor"] = repr(scale_factor)
    if default_bands:
        fields["default bands"] = braced([band + 1 for band in default_bands])
    if isinstance(geo, Georeference):
        placed = geo.verbatim or map_fields(geo)
        fields |= {key: f"{{{value}}}" if key in BRACED else value for key, value in placed.items()}
    if bands is not None:
        fields |= band_fields(bands)
    return _write_pair(header, array, interleave, "ENVI Standard", description, fields | dict(extra or {}), geo)


def _write(
    header: Path, array: NDArray[Any], product: MapProduct, fields: dict[str, str], file_type: str = "ENVI Standard"
) -> list[Path]:
    fields = envi_fields(product) | fields
    return _write_pair(header, array, "bsq", file_type, product.description, fields, georeference(product))


def type_code(dtype: np.dtype[Any]) -> int:
    """The number that headers have for a type of values."""
    return _CODES[dtype.str[1:]]


def _write_pair(
    header: Path,
    array: NDArray[Any],
    interleave: str,
    file_type: str,
    description: str,
    fields: Mapping[str, str],
    geo: Location | None,
) -> list[Path]:
    rows, cols, bands = array.shape
    code = array.dtype.str[1:]
    kind = _WIDENED.get(code, code)
    text = header_text(
        description,
        (rows, cols, bands),
        {"file type": file_type, "data type": str(_CODES[kind]), "interleave": interleave, **fields},
    )
    data = header.with_suffix(".dat")
    beside = igm_targets(header, geo)
    with replacing(data, header, *beside) as (data_part, header_part, *igm_parts):
        with data_part.open("wb") as file:
            for part in array.transpose(_ORDERS[interleave]):
                file.write(np.ascontiguousarray(part, dtype=np.dtype(f"<{kind}")).data)
        header_part.write_bytes(text.encode("utf-8"))
        if isinstance(geo, Geolocation):
            write_igm(igm_parts[0], igm_parts[1], geo, (rows, cols))
    return [header, data, *beside]
