"""What is made of a scene whose pixels have coordinates of their own lies where these say, for us and for others."""

import json
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from hadviewer.core.cube import Cube
from hadviewer.core.errors import WriteError
from hadviewer.core.geolocation import ArrayCoordinates, Geolocation
from hadviewer.core.region import Patch, Region
from hadviewer.core.results import DetectionRequest, DetectionResult
from hadviewer.engine.cube_export import CubeExportParams, check_target, export_cube
from hadviewer.engine.export import export_result, planned_files
from hadviewer.engine.verbs import as_cube, open_scene
from hadviewer.io.readers import envi as envi_reader
from hadviewer.io.regions.files import read_regions, write_regions

rasterio = pytest.importorskip("rasterio")
pyogrio = pytest.importorskip("pyogrio")
shapely = pytest.importorskip("shapely")

ROWS, COLS = 40, 50


def on_ground(rows: Any, cols: Any) -> NDArray[np.float64]:
    """Longitude and latitude of a place in pixel space of a turned and slightly bent strip."""
    rows, cols = np.asarray(rows, float), np.asarray(cols, float)
    return np.stack(
        (8 + 5e-4 * cols - 1.5e-4 * rows + 2e-7 * rows**2, 47 - 4e-4 * rows - 2e-4 * cols + 1e-7 * cols**2), axis=-1
    )


@pytest.fixture
def cube() -> Cube:
    rows, cols = np.meshgrid(np.arange(ROWS) + 0.5, np.arange(COLS) + 0.5, indexing="ij")
    geo = Geolocation(ArrayCoordinates(on_ground(rows, cols)))
    return replace(as_cube(np.random.default_rng(0).random((ROWS, COLS, 4), dtype=np.float32)), geo=geo, name="strip")


@pytest.fixture
def result() -> DetectionResult:
    scores = np.zeros((ROWS, COLS), np.float32)
    scores[3:6, 10:14], scores[20, 30], scores[39, 49] = 5, 6, 7
    return DetectionResult(DetectionRequest(detector="grx"), scores, np.ones(scores.shape, bool), 0.0)


def squares(result: DetectionResult) -> list[Any]:
    """The ground of each object as the union of its pixels' own corners, strongest last."""
    from skimage.measure import label

    labels, found = label(result.scores > 1, connectivity=2), {}
    for row, col in zip(*np.nonzero(labels), strict=True):
        ring = on_ground([row, row, row + 1, row + 1], [col, col + 1, col + 1, col])
        found.setdefault(int(labels[row, col]), []).append(shapely.Polygon(ring))
    return [shapely.union_all(found[number], grid_size=1e-9) for number in sorted(found)]


def same_places(geo: Any, cube: Cube) -> None:
    places = np.indices((ROWS, COLS)).reshape(2, -1) + 0.5
    assert isinstance(geo, Geolocation)
    assert cube.geo is not None
    np.testing.assert_array_equal(geo.positions(*places), cube.geo.positions(*places))


@pytest.mark.parametrize(
    ("name", "suffix"), [("gpkg", ".gpkg"), ("shapefile", ".shp"), ("geojson", ".geojson"), ("kml", ".kml")]
)
def test_outlines_of_objects_lie_on_the_ground(
    tmp_path: Path, result: DetectionResult, cube: Cube, name: str, suffix: str
) -> None:
    files = export_result(result, tmp_path, [name], cube=cube, stem="scene", threshold=1.0)
    path = next(file for file in files if file.suffix == suffix)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        meta, _, geometry, columns = pyogrio.raw.read(path)
    assert "4326" in meta["crs"] or "WGS 84" in meta["crs"]
    for shape, wanted in zip(shapely.from_wkb(geometry), squares(result), strict=True):
        assert shape.is_valid
        assert shape.symmetric_difference(wanted).area < 0.02 * wanted.area
    named = dict(zip(meta["fields"], columns, strict=True))
    np.testing.assert_allclose([float(named["lon"][1]), float(named["lat"][1])], on_ground(20.5, 30.5), atol=1e-7)
    assert float(named["area_m2"][1]) == pytest.approx(38 * 44.5 + 15.2 * 16.7, rel=0.15)


def test_an_envi_score_map_and_its_mask_share_one_geometry(tmp_path: Path, result: DetectionResult, cube: Cube) -> None:
    planned = planned_files(tmp_path, ["envi"], "scene", mask=True, truth=False, cube=cube)
    files = export_result(result, tmp_path, ["envi"], cube=cube, stem="scene", threshold=1.0)
    assert set(files) == set(planned) == set(tmp_path.iterdir())
    assert {file.name for file in files} >= {"scene_igm.hdr", "scene_igm.dat"}
    for name in ("scene.hdr", "scene_mask.hdr"):
        same_places(envi_reader.open_cube(tmp_path / name).geo, cube)
        assert "map info" not in (tmp_path / name).read_text()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        with rasterio.open(tmp_path / "scene_igm.dat") as dataset:
            assert dataset.descriptions == ("Longitude", "Latitude")
            lon, lat = dataset.read()
    np.testing.assert_array_equal(np.stack((lon, lat), axis=-1)[7, 9], on_ground(7.5, 9.5))
    spectral = pytest.importorskip("spectral")
    image = spectral.io.envi.open(str(tmp_path / "scene_igm.hdr"), str(tmp_path / "scene_igm.dat"))
    np.testing.assert_array_equal(image.open_memmap()[7, 9], on_ground(7.5, 9.5))


def test_a_geotiff_is_placed_by_control_points(tmp_path: Path, result: DetectionResult, cube: Cube) -> None:
    export_result(result, tmp_path, ["geotiff"], cube=cube, stem="scene")
    with rasterio.open(tmp_path / "scene.tif") as dataset:
        points, crs = dataset.gcps
        assert crs.to_epsg() == 4326
        assert len(points) == 21 * 21
        for point in points[::50]:
            np.testing.assert_allclose((point.x, point.y), on_ground(point.row, point.col), atol=1e-9)
        with rasterio.vrt.WarpedVRT(dataset, crs="EPSG:4326") as warped:
            row, col = warped.index(*on_ground(4.5, 12.0))
            assert warped.read(1)[row, col] == 5
    again = open_scene(tmp_path / "scene.tif").cube.geo
    assert isinstance(again, Geolocation)
    rows, cols = np.random.default_rng(1).uniform(0, ROWS, 50), np.random.default_rng(2).uniform(0, COLS, 50)
    np.testing.assert_allclose(again.pixels(*on_ground(rows, cols).T), np.column_stack([rows, cols]), atol=0.05)


@pytest.mark.parametrize("target", ["part.hdr", "part.tif"])
def test_a_part_of_the_cube_takes_its_places_along(tmp_path: Path, cube: Cube, target: str) -> None:
    files = export_cube(cube, tmp_path / target, CubeExportParams(lines="11-30", samples="6-45", bands="all"))
    assert files == check_target(tmp_path / target, cube)
    part = open_scene(files[0]).cube
    assert part.shape == (20, 40, 4)
    assert part.geo is not None
    np.testing.assert_allclose(part.geo.position(4.5, 7.5), on_ground(14.5, 12.5), atol=1e-6)


def test_regions_come_back_through_longitude_and_latitude(tmp_path: Path, cube: Cube) -> None:
    pixels = np.array([[0, 0, 2], [3, 4, 9], [4, 2, 11], [5, 6, 8], [39, 45, 50]], np.int32)
    region = Region(1, "Field", "#ff0000", parts=(Patch(pixels),))
    path = write_regions(tmp_path / "roi.geojson", [region], (ROWS, COLS), cube.geo)
    first = json.loads(path.read_text())["features"][0]["geometry"]["coordinates"][0][0][0]
    assert 7.9 < first[0] < 8.1
    [again] = read_regions(path, (ROWS, COLS), cube.geo)
    np.testing.assert_array_equal(again.runs((ROWS, COLS)), region.runs((ROWS, COLS)))


def test_regions_for_envi_are_pixels_for_it_knows_no_map_there(
    tmp_path: Path, result: DetectionResult, cube: Cube
) -> None:
    export_result(result, tmp_path, ["envi_roi", "envi_roi_text"], cube=cube, stem="scene", threshold=1.0)
    assert "<CoordSysStr>none</CoordSysStr>" in (tmp_path / "scene_objects.xml").read_text()
    text = (tmp_path / "scene_objects.txt").read_text()
    assert "Map X" not in text
    last = text.splitlines()[-2].split()
    np.testing.assert_allclose([float(last[4]), float(last[3])], on_ground(39.5, 49.5), atol=1e-8)
    for name in ("scene_objects.xml", "scene_objects.txt"):
        assert len(read_regions(tmp_path / name, (ROWS, COLS), cube.geo)) == 3


def test_a_picture_has_no_world_file_that_would_lie(tmp_path: Path, result: DetectionResult, cube: Cube) -> None:
    planned = planned_files(tmp_path, ["png_map"], "scene", mask=False, truth=False, cube=cube)
    assert set(export_result(result, tmp_path, ["png_map"], cube=cube, stem="scene")) == set(planned)
    assert not list(tmp_path.glob("*.pgw"))


def test_pixels_without_coordinates_have_none_in_any_file(tmp_path: Path, result: DetectionResult, cube: Cube) -> None:
    rows, cols = np.meshgrid(np.arange(ROWS) + 0.5, np.arange(COLS) + 0.5, indexing="ij")
    values = on_ground(rows, cols)
    values[15:25, 25:35] = np.nan
    holed = replace(cube, geo=Geolocation(ArrayCoordinates(values)))
    export_result(result, tmp_path, ["envi", "csv"], cube=holed, stem="scene", threshold=1.0)
    geo = open_scene(tmp_path / "scene.hdr").cube.geo
    assert isinstance(geo, Geolocation)
    assert np.isnan(geo.position(20.5, 30.5)).all()
    lines = (tmp_path / "scene_objects.csv").read_text().splitlines()
    header, row = lines[2].split(","), lines[4].split(",")
    assert (row[header.index("row")], row[header.index("lon")], row[header.index("area_m2")]) == ("20", "", "")
    with pytest.raises(WriteError, match="no map coordinates"):
        export_result(result, tmp_path / "more", ["gpkg"], cube=holed, stem="scene", threshold=1.0)
    assert not (tmp_path / "more").exists()


def test_the_file_that_places_the_scene_is_never_replaced(tmp_path: Path, result: DetectionResult, cube: Cube) -> None:
    export_cube(cube, tmp_path / "flight_rdn.hdr", CubeExportParams(bands="all"))
    before = (tmp_path / "flight_rdn_igm.dat").read_bytes()
    scene = open_scene(tmp_path / "flight_rdn.hdr").cube
    with pytest.raises(WriteError, match="would replace"):
        export_result(result, tmp_path, ["envi"], cube=replace(scene, path=None), stem="flight_rdn")
    with pytest.raises(WriteError, match="would replace"):
        check_target(tmp_path / "flight_rdn.hdr", replace(scene, path=None, origin=None))
    assert (tmp_path / "flight_rdn_igm.dat").read_bytes() == before
