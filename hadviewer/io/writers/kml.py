"""KML 2.2: objects for Google Earth and other globes."""

from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from hadviewer.core.features import FeatureTable, Value
from hadviewer.core.params import Params
from hadviewer.core.specs import MapProduct, writer
from hadviewer.io.atomic import replacing
from hadviewer.io.coordinates import WGS84
from hadviewer.io.writers._products import target_path
from hadviewer.io.writers._shapes import Ring, Shape, features_of, shapes

DIGITS = 7
_TYPES = {"int": "int", "real": "double", "text": "string", "time": "string"}
# KML's colours are aabbggrr: red lines, and a red through which the ground is seen.
_STYLE = (
    '<Style id="detection"><LineStyle><color>ff0000ff</color><width>2</width></LineStyle>'
    "<PolyStyle><color>400000ff</color></PolyStyle></Style>"
)


@writer(id="kml", title="KML", extension=".kml", products=("objects",), needs_crs=True)
def write_kml(folder: Path, stem: str, product: MapProduct, params: Params) -> list[Path]:
    """Objects as polygons on the globe, with their attributes, for Google Earth."""
    table = features_of(product)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<kml xmlns="http://www.opengis.net/kml/2.2">',
        "<Document>",
        f"<name>{escape(stem)}</name>",
        f"<description>{escape(table.about)}</description>",
        *_schema(table),
        _STYLE,
    ]
    for shape, row in zip(shapes(product, WGS84), table.rows, strict=True):
        lines += _placemark(table, row, shape)
    target = target_path(folder, stem, ".kml", product)
    with replacing(target) as (part,):
        part.write_text("\n".join([*lines, "</Document>", "</kml>", ""]), encoding="utf-8")
    return [target]


def _schema(table: FeatureTable) -> list[str]:
    fields = [
        f'<SimpleField type="{_TYPES[attribute.kind]}" name={quoteattr(attribute.name)}>'
        f"<displayName>{escape(attribute.about)}</displayName></SimpleField>"
        for attribute in table.attributes
    ]
    return ['<Schema name="detections" id="detections">', *fields, "</Schema>"]


def _placemark(table: FeatureTable, row: tuple[Value, ...], shape: Shape) -> list[str]:
    data = [
        f"<SimpleData name={quoteattr(attribute.name)}>{escape(str(value))}</SimpleData>"
        for attribute, value in zip(table.attributes, row, strict=True)
        if value is not None
    ]
    return [
        "<Placemark>",
        f"<name>Object {row[0]}</name>",
        "<styleUrl>#detection</styleUrl>",
        '<ExtendedData><SchemaData schemaUrl="#detections">',
        *data,
        "</SchemaData></ExtendedData>",
        "<MultiGeometry>",
        *(line for rings in shape for line in _polygon(rings)),
        "</MultiGeometry>",
        "</Placemark>",
    ]


def _polygon(rings: list[Ring]) -> list[str]:
    sides = ["outerBoundaryIs", *["innerBoundaryIs"] * (len(rings) - 1)]
    return [
        "<Polygon>",
        *(
            f"<{side}><LinearRing><coordinates>{_places(ring)}</coordinates></LinearRing></{side}>"
            for side, ring in zip(sides, rings, strict=True)
        ),
        "</Polygon>",
    ]


def _places(ring: Ring) -> str:
    return " ".join(f"{x:.{DIGITS}f},{y:.{DIGITS}f}" for x, y in ring.tolist())
