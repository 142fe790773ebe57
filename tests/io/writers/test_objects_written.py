"""Objects as polygons: other programs read them where an independent computation puts them, with all attributes."""

import csv
import json
import math
import re
import warnings
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest

from hadviewer.analysis.objects import Cleaning
from hadviewer.core.cube import Cube
from hadviewer.core.errors import ParamError
from hadviewer.core.geo import Georeference
from hadviewer.core.results import DetectionRequest, DetectionResult
from hadviewer.core.runs import to_mask
from hadviewer.engine.export import export_result
from hadviewer.engine.features import ATTRIBUTES
from hadviewer.engine.verbs import as_cube
from hadviewer.io.regions.files import read_regions

pyogrio = pytest.importorskip("pyogrio")
shapely = pytest.importorskip("shapely")

ROWS, COLS = 12, 16
PICTURE = """
................
.###......#.....
.#.#.......#....
.###............
........##......
........##......
................
.....#..........
....#.#.........
.....#..........
................
...............#
"""
"""A ring with a hole, two pixels that touch at a corner, a square, a diamond around a pixel, one at the edge."""
LABELS = 5
TURN = math.radians(30)
AFFINE = (
    500_000.0, 2 * math.cos(TURN), 2 * math.sin(TURN), 4_100_000.0, 2 * math.sin(TURN), -2 * math.cos(TURN),
)  # fmt: skip
GEO = Georeference(AFFINE, "EPSG:32611", "UTM 11 N, WGS-84", "m")


@pytest.fixture
def result() -> DetectionResult:
    mask = np.array([[letter == "#" for letter in line] for line in PICTURE.split()])
    scores = np.where(mask, 5 + np.arange(mask.size).reshape(mask.shape) / 1000, 0).astype(np.float32)
    provenance = {"started": "2026-11-21T09:30:00+00:00", "source": {"name": "Bahía", "path": "/data/Bahía.img"}}
    return DetectionResult(
        DetectionRequest(detector="grx"), scores, np.ones(mask.shape, bool), 0.0, provenance=provenance
    )


@pytest.fixture
def cube() -> Cube:
    return replace(as_cube(np.zeros((ROWS, COLS, 3))), geo=GEO)


def written(tmp_path: Path, result: DetectionResult, cube: Cube | None, name: str, **options: Any) -> Path:
    """The first file of a format."""
    options = {"threshold": 1.0} | options
    files = export_result(result, tmp_path, [name], cube=cube, stem="scene", **options)
    return next(file for file in files if file.suffix in (".gpkg", ".geojson", ".shp", ".kml", ".csv", ".xml", ".txt"))


def by_ogr(path: Path) -> tuple[dict[str, Any], list[Any], dict[str, list[Any]]]:
    """Metadata, geometries and columns as GDAL reads them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        meta, _, geometry, columns = pyogrio.raw.read(path, datetime_as_string=True)
    named = {name: column.tolist() for name, column in zip(meta["fields"], columns, strict=True)}
    return meta, list(shapely.from_wkb(geometry)), named


def expected(result: DetectionResult, affine: tuple[float, ...]) -> list[Any]:
    """The union of the pixels' own squares, object by object: nothing of the program's is used."""
    from skimage.measure import label

    labels, squares = label(result.scores > 1, connectivity=2), {}
    x0, dx_col, dx_row, y0, dy_col, dy_row = affine
    for row, col in zip(*np.nonzero(labels), strict=True):
        corners = [(row, col), (row, col + 1), (row + 1, col + 1), (row + 1, col)]
        ring = [(x0 + dx_col * c + dx_row * r, y0 + dy_col * c + dy_row * r) for r, c in corners]
        squares.setdefault(int(labels[row, col]), []).append(shapely.Polygon(ring))
    return [shapely.union_all(squares[number]) for number in sorted(squares)]


def same(found: Any, wanted: Any, slack: float) -> bool:
    """Whether two shapes cover the same ground, slivers of rounding apart."""
    return found.symmetric_difference(wanted).area <= slack * wanted.length


@pytest.mark.parametrize("name", ["gpkg", "shapefile"])
def test_other_programs_find_the_objects_on_the_map(tmp_path, result, cube, name):
    meta, shapes, columns = by_ogr(written(tmp_path, result, cube, name))
    assert pyproj.CRS(meta["crs"]).equals(pyproj.CRS("EPSG:32611"), ignore_axis_order=True)
    assert len(shapes) == LABELS
    assert all(shape.is_valid for shape in shapes)
    for found, wanted in zip(shapes, expected(result, AFFINE), strict=True):
        assert same(found, wanted, 1e-6)
    size = "n_pixels" if name == "gpkg" else "n_pix"
    assert columns[size] == [8, 2, 4, 4, 1]
    np.testing.assert_allclose(columns["area_m2"], [shape.area for shape in shapes], rtol=1e-9)
    assert set(columns["source"]) == {"Bahía.img"}
    assert set(columns["detector"]) == {"grx"}
    assert columns["x"][4] == pytest.approx(AFFINE[0] + AFFINE[1] * 15.5 + AFFINE[2] * 11.5, abs=1e-9)
    assert [len(polygon.interiors) for shape in shapes for polygon in getattr(shape, "geoms", [shape])].count(1) == 1


def test_a_geopackage_is_one_to_the_letter(tmp_path, result, cube):
    import sqlite3

    path = written(tmp_path, result, cube, "gpkg")
    assert path.read_bytes()[68:72] == b"GPKG"
    assert pyogrio.list_layers(path).tolist() == [["detections", "MultiPolygon"]]
    meta, _, columns = by_ogr(path)
    assert meta["fields"].tolist() == [attribute.name for attribute in ATTRIBUTES]
    assert str(columns["time"][0]).startswith("2026-11-21T09:30:00")
    base = sqlite3.connect(path)
    assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert base.execute("PRAGMA foreign_key_check").fetchall() == []
    known = base.execute("SELECT srs_id FROM gpkg_spatial_ref_sys ORDER BY srs_id").fetchall()
    assert known == [(-1,), (0,), (4326,), (32611,)]
    extent = base.execute("SELECT min_x, min_y, max_x, max_y FROM gpkg_contents").fetchone()
    assert extent == pytest.approx(shapely.union_all(expected(result, AFFINE)).bounds)
    base.close()


def test_a_geopackage_has_a_spatial_index_that_others_use_and_keep(tmp_path, result, cube):
    import sqlite3

    path = written(tmp_path, result, cube, "gpkg")
    base = sqlite3.connect(path)
    known = base.execute("SELECT table_name, column_name, extension_name, scope FROM gpkg_extensions").fetchall()
    assert known == [("detections", "geom", "gpkg_rtree_index", "write-only")]
    boxes = base.execute("SELECT minx, miny, maxx, maxy FROM rtree_detections_geom ORDER BY id").fetchall()
    assert boxes == [pytest.approx(shape.bounds, abs=0.6) for shape in expected(result, AFFINE)]
    assert base.execute("SELECT rtreecheck('rtree_detections_geom')").fetchone() == ("ok",)
    base.close()
    wanted = expected(result, AFFINE)[2]
    meta, _, _, columns = pyogrio.raw.read(path, bbox=wanted.buffer(0.1).bounds)
    assert 3 in columns[meta["fields"].tolist().index("id")].tolist()
    assert len(columns[0]) < LABELS
    assert pyogrio.read_info(path, layer="detections")["capabilities"]["fast_spatial_filter"]
    more = shapely.to_wkb([shapely.MultiPolygon([shapely.box(0, 0, 1, 1)])])
    pyogrio.raw.write(
        path,
        more,
        [np.array([9])],
        ["id"],
        layer="detections",
        append=True,
        geometry_type="MultiPolygon",
        crs="EPSG:32611",
    )
    base = sqlite3.connect(path)
    assert base.execute("SELECT count(*) FROM rtree_detections_geom").fetchone() == (LABELS + 1,)
    base.close()


def test_geojson_follows_rfc_7946(tmp_path, result, cube):
    path = written(tmp_path, result, cube, "geojson")
    whole = json.loads(path.read_text(encoding="utf-8"))
    assert "crs" not in whole
    assert len(whole["features"]) == LABELS
    change = pyproj.Transformer.from_crs("EPSG:32611", "EPSG:4326", always_xy=True)
    for feature, wanted in zip(whole["features"], expected(result, AFFINE), strict=True):
        found = shapely.geometry.shape(feature["geometry"])
        assert found.is_valid
        on_earth = shapely.transform(wanted, lambda places: np.stack(change.transform(*places.T), axis=1))
        assert same(found, on_earth, 2e-7)
        for polygon in found.geoms:
            assert polygon.exterior.is_ccw
            assert not any(hole.is_ccw for hole in polygon.interiors)
        numbers = np.concatenate([np.ravel(ring) for rings in feature["geometry"]["coordinates"] for ring in rings])
        np.testing.assert_array_equal(numbers, np.round(numbers, 7))
        inside = shapely.Point(feature["properties"]["lon"], feature["properties"]["lat"])
        assert found.contains(inside)
    by_ogr(path)


def test_a_kml_closes_its_rings_and_keeps_the_attributes(tmp_path, result, cube):
    path = written(tmp_path, result, cube, "kml")
    space = {"k": "http://www.opengis.net/kml/2.2"}
    root = ET.parse(path).getroot()
    rings = [ring.text.split() for ring in root.iterfind(".//k:coordinates", space)]
    assert all(ring[0] == ring[-1] and len(ring) >= 5 for ring in rings)
    assert root.find(".//k:Schema", space).get("id") == "detections"
    assert len(root.findall(".//k:innerBoundaryIs", space)) == 1
    meta, shapes, columns = by_ogr(path)
    assert pyproj.CRS(meta["crs"]).equals(pyproj.CRS("EPSG:4326"), ignore_axis_order=True)
    change = pyproj.Transformer.from_crs("EPSG:32611", "EPSG:4326", always_xy=True)
    for found, wanted in zip(shapes, expected(result, AFFINE), strict=True):
        assert same(found, shapely.transform(wanted, lambda at: np.stack(change.transform(*at.T), axis=1)), 2e-7)
    assert [int(value) for value in columns["n_pixels"]] == [8, 2, 4, 4, 1]


def test_a_shapefile_has_short_names_and_its_side_files(tmp_path, result, cube):
    path = written(tmp_path, result, cube, "shapefile")
    names = {file.suffix for file in tmp_path.iterdir() if file.stem == path.stem}
    assert names == {".shp", ".shx", ".dbf", ".prj", ".cpg"}
    meta, _, columns = by_ogr(path)
    assert all(len(field) <= 10 for field in meta["fields"])
    assert {"n_pix", "area_m2", "s_max", "s_mean", "peak_row", "peak_col"} <= set(meta["fields"])
    np.testing.assert_allclose(columns["s_max"], [5 + place / 1000 for place in (51, 43, 89, 149, 191)], rtol=1e-6)


def test_the_table_says_how_it_counts(tmp_path, result, cube):
    lines = written(tmp_path, result, cube, "csv", cleaning=Cleaning(minimum=2)).read_text().splitlines()
    assert lines[0] == "# Objects of at least 2 pixels with score >= 1 (grx, Bahía.img)"
    assert "row: line of the highest score, from 0" in lines[1]
    rows = list(csv.DictReader(lines[2:]))
    assert [row["n_pixels"] for row in rows] == ["8", "2", "4", "4"]
    assert (rows[1]["row"], rows[1]["col"]) == ("2", "11")
    assert list(rows[0]) == [attribute.name for attribute in ATTRIBUTES]


@pytest.mark.parametrize("name", ["envi_roi", "envi_roi_text"])
@pytest.mark.parametrize("placed", [True, False])
def test_regions_for_envi_come_back_pixel_by_pixel(tmp_path, result, cube, name, placed):
    scene = cube if placed else replace(cube, geo=None)
    path = written(tmp_path, result, scene, name)
    found = read_regions(path, (ROWS, COLS), scene.geo)
    assert [region.name for region in found] == [f"Object {number}" for number in range(1, LABELS + 1)]
    together = np.zeros((ROWS, COLS), bool)
    for region in found:
        together |= to_mask(region.runs((ROWS, COLS)), (ROWS, COLS))
    np.testing.assert_array_equal(together, result.scores > 1)


def test_the_ascii_dump_has_the_columns_of_envi(tmp_path, result, cube):
    text = written(tmp_path, result, cube, "envi_roi_text").read_text()
    assert text.startswith("; ENVI Output of ROIs\n; Number of ROIs: 5\n; File Dimension: 16 x 12\n")
    assert re.search(r"^; +ID +X +Y +Map X +Map Y +Lat +Lon +B1$", text, re.MULTILINE)
    first = next(line for line in text.splitlines() if not line.startswith(";")).split()
    assert first[:3] == ["1", "2", "2"]
    x, y = (AFFINE[0] + AFFINE[1] * 1.5 + AFFINE[2] * 1.5, AFFINE[3] + AFFINE[4] * 1.5 + AFFINE[5] * 1.5)
    assert [float(first[3]), float(first[4])] == pytest.approx([x, y], abs=1e-5)
    lon, lat = pyproj.Transformer.from_crs("EPSG:32611", "EPSG:4326", always_xy=True).transform(x, y)
    assert [float(first[5]), float(first[6])] == pytest.approx([lat, lon], abs=1e-8)
    assert float(first[7]) == pytest.approx(5.017)


def test_without_a_coordinate_system_places_are_pixels(tmp_path, result):
    bare = as_cube(np.zeros((ROWS, COLS, 3)))
    for name in ("geojson", "kml"):
        with pytest.raises(ParamError, match="no known coordinate system"):
            written(tmp_path, result, bare, name)
    for name, affine in (("gpkg", (0, 1, 0, 0, 0, -1)), ("shapefile", (0, 1, 0, 0, 0, -1))):
        meta, shapes, columns = by_ogr(written(tmp_path, result, bare, name))
        assert not meta["crs"] or "ndefined" in meta["crs"]
        assert all(same(*pair, 1e-9) for pair in zip(shapes, expected(result, affine), strict=True))
        assert not {"x", "lon", "area_m2"} & set(columns)
    assert not list(tmp_path.glob("*.prj"))
    path = written(tmp_path, result, bare, "geojson_pixels")
    whole = json.loads(path.read_text(encoding="utf-8"))
    assert whole["coordinates"] == "pixel"
    assert all(feature["properties"]["coordinates"] == "pixel" for feature in whole["features"])
    wanted = expected(result, (0, 1, 0, 0, 0, 1))
    for feature, shape in zip(whole["features"], wanted, strict=True):
        assert shapely.geometry.shape(feature["geometry"]).equals(shape)
    assert len(read_regions(path, (ROWS, COLS))) == LABELS


@pytest.mark.parametrize("name", ["gpkg", "geojson", "shapefile", "kml", "csv", "envi_roi", "envi_roi_text"])
def test_a_scene_without_objects_gives_files_without_any(tmp_path, result, cube, name):
    path = written(tmp_path, result, cube, name, threshold=math.inf)
    if name in ("gpkg", "geojson", "shapefile"):
        assert by_ogr(path)[1] == []
    recipe = json.loads((tmp_path / "recipe.json").read_text())
    assert recipe["threshold"] is None


def test_objects_need_a_threshold(tmp_path, result, cube):
    with pytest.raises(ParamError, match="there is no threshold to find them"):
        written(tmp_path, result, cube, "gpkg", threshold=None)
    assert not list(tmp_path.iterdir())


def test_in_degrees_the_area_is_that_of_the_ellipsoid(tmp_path, result, cube):
    size = 0.0001
    geographic = replace(cube, geo=Georeference((8.0, size, 0.0, 50.0, 0.0, -size), "EPSG:4326", units="deg"))
    _, shapes, columns = by_ogr(written(tmp_path, result, geographic, "gpkg"))
    areas = [pyproj.Geod(ellps="WGS84").geometry_area_perimeter(shapely.orient_polygons(shape))[0] for shape in shapes]
    np.testing.assert_allclose(columns["area_m2"], areas, rtol=1e-4)


def test_a_system_that_epsg_does_not_list_is_kept(tmp_path, result, cube):
    own = "+proj=tmerc +lat_0=48.1 +lon_0=7.3 +k=1 +x_0=1000 +y_0=2000 +ellps=GRS80 +units=m"
    for name in ("gpkg", "shapefile"):
        placed = replace(cube, geo=replace(GEO, crs=pyproj.CRS(own).to_wkt()))
        meta, _, _ = by_ogr(written(tmp_path, result, placed, name))
        ways = [pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True) for crs in (meta["crs"], own)]
        np.testing.assert_allclose(ways[0].transform(1500, 2500), ways[1].transform(1500, 2500), rtol=0, atol=1e-9)


def test_a_picture_with_world_file_lies_on_the_scene(tmp_path, result, cube):
    rasterio = pytest.importorskip("rasterio")
    files = export_result(result, tmp_path, ["png_map"], cube=cube, stem="scene")
    assert {file.name for file in files} == {"scene_map.png", "scene_map.pgw", "scene_map.prj", "recipe.json"}
    with rasterio.open(tmp_path / "scene_map.png") as dataset:
        assert dataset.shape == (ROWS, COLS)
        np.testing.assert_allclose(dataset.transform.to_gdal(), AFFINE)
        assert (dataset.read(4) == 255).all()
    assert pyproj.CRS((tmp_path / "scene_map.prj").read_text()).equals(pyproj.CRS("EPSG:32611"), ignore_axis_order=True)


def test_tags_name_the_detector_that_ran(tmp_path, result, cube):
    rasterio = pytest.importorskip("rasterio")
    from scipy.io import loadmat

    request = DetectionRequest(detector="grx", params={"loading": 0.5})
    export_result(replace(result, request=request), tmp_path, ["geotiff", "mat"], cube=cube, stem="scene", threshold=1)
    with rasterio.open(tmp_path / "scene.tif") as dataset:
        assert dataset.tags()["DETECTOR"] == "grx"
        assert json.loads(dataset.tags()["PARAMETERS"]) == {"loading": 0.5}
    assert loadmat(tmp_path / "scene_mask.mat")["detector"] == ["grx"]
