"""Files of regions: what is written is read back equal, and hostile files are refused in one sentence."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hadviewer.core import runs as runs_of
from hadviewer.core.cube import Window
from hadviewer.core.errors import ReadError, WriteError
from hadviewer.core.geo import Georeference
from hadviewer.core.region import Patch, Points, Polygon, Region, rectangle
from hadviewer.io.regions.files import holds_regions, read_regions, write_regions
from hadviewer.io.regions.outlines import polygons

SHAPE = (40, 60)
UTM = Georeference((500_000.0, 2.0, 0.3, 4_200_000.0, 0.3, -2.0), "EPSG:32611", units="m")
HOLED = Polygon((
    ((3.2, 4.1), (3.2, 20.4), (18.7, 20.4), (18.7, 4.1)),
    ((6.3, 8.2), (6.3, 12.9), (11.8, 12.9), (11.8, 8.2)),
))  # fmt: skip


def scribble(seed: int = 1) -> Patch:
    return Patch(runs_of.of_mask(np.random.default_rng(seed).random((12, 15)) > 0.5, 20, 30))


def regions() -> list[Region]:
    return [
        Region(1, "Runway & <apron>", "#12ab9f", parts=(HOLED, rectangle(Window(30, 35, 2, 9)))),
        Region(2, "Roofs \"new\"", "#ff0000", parts=(Points(((0, 0), (5, 7), (39, 59))),)),
        Region(3, "Schatten äöü", "#0000ff", parts=(scribble(),)),
        Region(4, "Mixed", "#00ff00", parts=(scribble(2), Points(((1, 50),)))),
    ]  # fmt: skip


@pytest.mark.parametrize("geo", [None, UTM], ids=["pixels", "map"])
@pytest.mark.parametrize("name", ["r.geojson", "r.xml"])
def test_what_is_written_is_read_back_equal(tmp_path: Path, name: str, geo: Georeference | None) -> None:
    path = write_regions(tmp_path / name, regions(), SHAPE, geo)
    found = read_regions(path, SHAPE, geo)
    assert [(item.id, item.name, item.colour) for item in found] == [
        (item.id, item.name, item.colour) for item in regions()
    ]
    for item, original in zip(found, regions(), strict=True):
        assert np.array_equal(item.runs(SHAPE), original.runs(SHAPE))
    assert isinstance(found[1].parts[0], Points)


def test_geojson_of_a_placed_scene_keeps_to_the_standard(tmp_path: Path) -> None:
    """RFC 7946: longitude before latitude, closed rings, the outline counter-clockwise and holes clockwise, no crs."""
    whole = json.loads(write_regions(tmp_path / "r.geojson", regions(), SHAPE, UTM).read_text(encoding="utf-8"))
    assert whole["type"] == "FeatureCollection"
    assert "crs" not in whole
    assert "coordinates" not in whole["features"][0]["properties"]
    outline, hole = whole["features"][0]["geometry"]["coordinates"][0]
    assert outline[0] == outline[-1]
    assert all(-118 < lon < -116 and 37 < lat < 39 for lon, lat in outline)
    assert signed_area(outline) > 0 > signed_area(hole)


def signed_area(ring: list[list[float]]) -> float:
    x, y = np.array(ring).T
    return float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum())


def test_geojson_in_pixels_says_so(tmp_path: Path) -> None:
    whole = json.loads(write_regions(tmp_path / "r.geojson", regions(), SHAPE, None).read_text(encoding="utf-8"))
    assert whole["coordinates"] == "pixel"
    assert all(feature["properties"]["coordinates"] == "pixel" for feature in whole["features"])


def test_geojson_in_degrees_needs_a_placed_scene(tmp_path: Path) -> None:
    path = write_regions(tmp_path / "r.geojson", regions(), SHAPE, UTM)
    with pytest.raises(ReadError, match="on the Earth"):
        read_regions(path, SHAPE, None)


def test_geojson_with_the_system_of_2008_is_read_in_it(tmp_path: Path) -> None:
    corners = [UTM.position(*corner) for corner in ((2, 3), (2, 9), (8, 9), (8, 3))]
    feature = {"type": "Feature", "properties": None, "geometry": {"type": "Polygon", "coordinates": [corners]}}
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32611"}}
    path = tmp_path / "qgis.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": [feature]}))
    (found,) = read_regions(path, SHAPE, UTM)
    assert found.name == "Region 1"
    assert np.array_equal(found.runs(SHAPE), rectangle(Window(2, 8, 3, 9)).runs(SHAPE))


@given(st.integers(0, 2**63 - 1))
def test_outlines_hold_exactly_the_pixels(bits: int) -> None:
    mask = np.array([(bits >> place) & 1 for place in range(63)], dtype=bool).reshape(7, 9)
    runs = runs_of.of_mask(mask, 4, 2)
    outlines = polygons(runs)
    assert np.array_equal(runs_of.joined(item.runs((20, 20)) for item in outlines), runs)
    for outline in outlines:
        areas = [-signed_area([[col, row] for row, col in (*ring, ring[0])]) for ring in outline.rings]
        assert areas[0] < 0, "the outline comes first"
        assert all(area > 0 for area in areas[1:]), "then holes, the other way round"
        assert all(len(set(ring)) == len(ring) for ring in outline.rings), "no ring meets itself"


ENVI = """<?xml version="1.0" encoding="UTF-8"?>
<RegionsOfInterest version="1.1">
  <Region name="Water" color="0,0,255">
    <GeometryDef>
      <CoordSysStr>none</CoordSysStr>
      <Polygon><Exterior><LinearRing><Coordinates>
        3 2 9 2 9 8 3 8 3 2
      </Coordinates></LinearRing></Exterior></Polygon>
      <LineString><Coordinates>1 1 2 2</Coordinates></LineString>
    </GeometryDef>
  </Region>
</RegionsOfInterest>
"""


def test_envi_xml_of_another_program_is_read(tmp_path: Path) -> None:
    (tmp_path / "r.xml").write_text(ENVI)
    (found,) = read_regions(tmp_path / "r.xml", SHAPE, UTM)
    assert (found.name, found.colour) == ("Water", "#0000ff")
    assert np.array_equal(found.runs(SHAPE), rectangle(Window(2, 8, 3, 9)).runs(SHAPE))


TEXT = """; ENVI Output of ROIs (4.4) [Sun Feb 07 09:41:07 2010]
; Number of ROIs: 2
; File Dimension: 60 x 40
;
; ROI name: water
; ROI rgb value: {0, 0, 255}
; ROI npts: 2
;
; ROI name: forest
; ROI rgb value: {0, 255, 0}
; ROI npts: 1
;
;   ID    X    Y       Map X       Map Y         Lat         Lon    B1
     1    5    1   500008.00  4200000.00   37.949   -117.000     12
     2    6    1   500010.00  4200000.00   37.949   -117.000     13

     1   60   40   500118.00  4199922.00   37.949   -117.000     14
"""


def test_envi_text_counts_from_one(tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text(TEXT)
    water, forest = read_regions(tmp_path / "r.txt", SHAPE)
    assert (water.name, water.colour, forest.name, forest.colour) == ("water", "#0000ff", "forest", "#00ff00")
    assert runs_of.to_text(water.runs(SHAPE)) == "0:4-5"
    assert runs_of.to_text(forest.runs(SHAPE)) == "39:59"


def test_envi_text_for_a_scene_of_another_size_is_refused(tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text(TEXT)
    with pytest.raises(ReadError, match="40 lines × 60 samples"):
        read_regions(tmp_path / "r.txt", (60, 40))


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><RegionsOfInterest>&b;</RegionsOfInterest>'
)
RING = "<Polygon><Exterior><LinearRing><Coordinates>{}</Coordinates></LinearRing></Exterior></Polygon>"
AROUND = "<RegionsOfInterest><Region><GeometryDef>{}</GeometryDef></Region></RegionsOfInterest>"


def geojson(coordinates: str, kind: str = "Polygon") -> str:
    geometry = f'{{"type": "{kind}", "coordinates": {coordinates}}}'
    return f'{{"type": "Feature", "properties": {{"coordinates": "pixel"}}, "geometry": {geometry}}}'


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a,b,c",
        "{",
        "[" * 100_000,
        "{" + '"a":[' * 100_000,
        '{"type": "FeatureCollection"}',
        '{"type": "FeatureCollection", "features": [1]}',
        geojson("[[[0, 0], [1, 1e999], [4, 4]]]"),
        geojson("[[[0, 0], [1, 1e300], [4, 4]]]"),
        geojson('[[[0, 0], [1, "x"], [4, 4]]]'),
        geojson("[[[0], [1], [4]]]"),
        geojson("[0, 0, 5]"),
        geojson("7"),
        geojson("[[0, 0], [5, 5]]", "LineString"),
        geojson("[[NaN, 0]]", "MultiPoint"),
        geojson("[[100, 100]]", "MultiPoint"),
        "<a",
        "<a/>",
        "<RegionsOfInterest/>",
        BOMB,
        '<!DOCTYPE r SYSTEM "file:///etc/passwd"><RegionsOfInterest/>',
        "<RegionsOfInterest>" + "<a>" * 10_000,
        AROUND.format(RING.format("1 2 3")),
        AROUND.format(RING.format("1 2 x 3")),
        AROUND.format(RING.format("1 2 nan 3 4 5")),
        AROUND.format("<CoordSysStr>PROJCS[nonsense]</CoordSysStr>" + RING.format("1 2 3 4 5 6 1 2")),
        TEXT.replace("npts: 2", "npts: 7"),
        TEXT.replace("npts: 2", "npts: 99999999999999999999"),
        TEXT + "9 9\n",
        TEXT.replace("     1    5    1", "     1    0    0"),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "hostile"
    path.write_text(text)
    with pytest.raises(ReadError):
        read_regions(path, SHAPE, UTM)


def test_files_of_regions_are_told_by_how_they_begin(tmp_path: Path) -> None:
    texts = {"a.txt": TEXT, "b.xml": ENVI, "c.json": geojson("[]"), "d.json": "{}", "e.xml": "<a/>", "f.txt": "x"}
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    assert [name for name in texts if holds_regions(tmp_path / name)] == ["a.txt", "b.xml", "c.json"]
    assert not holds_regions(tmp_path / "gone")
    assert not holds_regions(tmp_path)


def test_a_name_that_says_no_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WriteError, match="geojson"):
        write_regions(tmp_path / "r.shp", regions(), SHAPE)
