"""GeoJSON (RFC 7946): objects as polygons in longitude and latitude, or in pixels for those who ask for them."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from hadviewer.core.params import Params
from hadviewer.core.specs import MapProduct, writer
from hadviewer.io.atomic import replacing
from hadviewer.io.coordinates import WGS84
from hadviewer.io.writers._products import target_path
from hadviewer.io.writers._shapes import Shape, features_of, shapes

DIGITS = 7
"""Of a degree: about a centimetre."""


@writer(id="geojson", title="GeoJSON", extension=".geojson", products=("objects",), needs_crs=True)
def write_geojson(folder: Path, stem: str, product: MapProduct, params: Params) -> list[Path]:
    """Objects as polygons in longitude and latitude (WGS 84), for web maps and scripts."""
    return _write(folder, stem, product, [_rounded(shape) for shape in shapes(product, WGS84)], {})


@writer(id="geojson_pixels", title="GeoJSON in pixels", extension="_pixels.geojson", products=("objects",))
def write_geojson_pixels(folder: Path, stem: str, product: MapProduct, params: Params) -> list[Path]:
    """Objects as polygons in pixels, marked as such: x is the sample, y the line, from the upper left corner.

    No program of maps will put them in the right place.
    """
    found: list[Any] = [
        [[ring.tolist() for ring in rings] for rings in shape] for shape in shapes(product, pixels=True)
    ]
    return _write(folder, stem, product, found, {"coordinates": "pixel"}, "_pixels.geojson")


def _write(
    folder: Path, stem: str, product: MapProduct, found: list[Any], mark: dict[str, str], ending: str = ".geojson"
) -> list[Path]:
    table = features_of(product)
    names = [attribute.name for attribute in table.attributes]
    features = [
        {
            "type": "Feature",
            "properties": dict(zip(names, row, strict=True)) | mark,
            "geometry": {"type": "MultiPolygon", "coordinates": polygons},
        }
        for row, polygons in zip(table.rows, found, strict=True)
    ]
    target = target_path(folder, stem, ending, product)
    whole = {"type": "FeatureCollection", **mark, "features": features}
    with replacing(target) as (part,):
        part.write_text(json.dumps(whole, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
    return [target]


def _rounded(shape: Shape) -> list[Any]:
    return [[np.round(ring, DIGITS).tolist() for ring in rings] for rings in shape]
