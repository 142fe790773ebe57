"""Score maps, masks and pictures come back as they were, by our readers and by other programs, in the right place."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
from numpy.typing import NDArray

from hadviewer.core.bands import BandSet
from hadviewer.core.cube import Cube, Window
from hadviewer.core.errors import Cancelled, WriteError
from hadviewer.core.geo import Georeference
from hadviewer.core.params import NoParams
from hadviewer.core.specs import MapProduct
from hadviewer.io.readers import envi as envi_reader
from hadviewer.io.readers import geotiff as tiff_reader
from hadviewer.io.readers import mat as mat_reader
from hadviewer.io.readers import numpy_ as numpy_reader
from hadviewer.io.sources import ArraySource
from hadviewer.io.writers.envi import write_envi
from hadviewer.io.writers.geotiff import write_geotiff
from hadviewer.io.writers.mat import write_mat
from hadviewer.io.writers.numpy_ import write_npy
from hadviewer.io.writers.png import write_png

rasterio = pytest.importorskip("rasterio")

ROWS, COLS = 30, 40
WINDOW = Window(10, 25, 7, 37)
MAP_INFO = "UTM, 1, 1, 500000, 4100000, 2, 2, 11, North, WGS-84, units=Meters"
RNG = np.random.default_rng(0)
SCORES = RNG.normal(size=(ROWS, COLS)).astype(np.float32)
SCORES[0, :3] = np.nan
MASK = np.where(np.isnan(SCORES), 0, np.where(SCORES > 1, 2, 1)).astype(np.uint8)


@pytest.fixture
def cube(tmp_path: Path) -> Cube:
    """A scene from an ENVI file with a rotated georeference."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "scene.hdr").write_text(
        f"ENVI\nsamples = {COLS}\nlines = {ROWS}\nbands = 1\ndata type = 1\ninterleave = bsq\nbyte order = 0\n"
        f"map info = {{{MAP_INFO}, rotation=30}}\nx start = 5\n"
    )
    (source / "scene.img").write_bytes(bytes(ROWS * COLS))
    return envi_reader.open_cube(source / "scene.hdr")


def product(kind: Any, array: NDArray[Any], cube: Cube | None = None, window: Window | None = None) -> MapProduct:
    part = array if window is None else array[window.slices]
    recipe = {"detector": "grx", "params": {"loading": 1e-4}}
    return MapProduct(
        kind, part, "RX, global", "made of {scene}", cube, 1.0 if kind == "mask" else None, window, recipe
    )


def by_rasterio(path: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        return rasterio.open(path)


class TestEnvi:
    def test_scores_come_back_by_three_readers(self, tmp_path: Path, cube: Cube) -> None:
        header, data = write_envi(tmp_path, "out", product("scores", SCORES, cube), NoParams())
        np.testing.assert_array_equal(envi_reader.open_array(header), SCORES)
        with by_rasterio(data) as dataset:
            assert dataset.nodata == -9999
            assert dataset.descriptions == ("RX; global",)
            np.testing.assert_array_equal(dataset.read(1, masked=True).filled(np.nan), SCORES)
            assert cube.geo is not None
            np.testing.assert_allclose(dataset.transform.to_gdal(), cube.geo.affine)
        spectral = pytest.importorskip("spectral")
        image = spectral.io.envi.open(str(header), str(data))
        assert image.metadata["band names"] == ["RX; global"]
        filled = np.where(np.isnan(SCORES), -9999, SCORES)
        np.testing.assert_array_equal(image.open_memmap()[:, :, 0], filled)

    def test_the_header_is_plain_text_with_the_source_fields_verbatim(self, tmp_path: Path, cube: Cube) -> None:
        header, _ = write_envi(tmp_path, "out", product("scores", SCORES, cube), NoParams())
        text = header.read_bytes().decode("ascii")
        assert text.startswith("ENVI\ndescription = {made of (scene)}\nsamples = 40\nlines = 30\nbands = 1\n")
        assert f"\nmap info = {{{MAP_INFO}, rotation=30}}\n" in text
        assert "\nx start = 5\n" in text
        assert "\r" not in text
        assert cube.geo is not None
        assert envi_reader.open_cube(header).geo == cube.geo

    def test_a_mask_is_a_classification(self, tmp_path: Path, cube: Cube) -> None:
        header, data = write_envi(tmp_path, "out", product("mask", MASK, cube), NoParams())
        np.testing.assert_array_equal(envi_reader.open_array(header), MASK == 2)
        with by_rasterio(data) as dataset:
            np.testing.assert_array_equal(dataset.read(1), MASK)
            assert dataset.colormap(1)[2][:3] == (255, 0, 0)
        complete = np.maximum(MASK, 1)
        header, data = write_envi(tmp_path, "full", product("mask", complete, cube), NoParams())
        assert "classes = 2\nclass names = {background, anomaly}\n" in header.read_text()
        np.testing.assert_array_equal(np.fromfile(data, np.uint8).reshape(ROWS, COLS), complete - 1)
        np.testing.assert_array_equal(envi_reader.open_array(header), complete == 2)
        spectral = pytest.importorskip("spectral")
        assert spectral.io.envi.open(str(header), str(data)).metadata["class names"] == ["background", "anomaly"]

    def test_a_part_of_the_scene_lies_where_it_was_cut(self, tmp_path: Path, cube: Cube) -> None:
        header, data = write_envi(tmp_path, "out", product("scores", SCORES, cube, WINDOW), NoParams())
        assert cube.geo is not None
        geo = envi_reader.open_cube(header).geo
        assert geo is not None
        np.testing.assert_allclose(geo.position(0, 0), cube.geo.position(WINDOW.row0, WINDOW.col0))
        np.testing.assert_allclose(geo.position(3, 4), cube.geo.position(WINDOW.row0 + 3, WINDOW.col0 + 4))
        with by_rasterio(data) as dataset:
            np.testing.assert_allclose(dataset.transform.to_gdal(), geo.affine)
        assert geo.verbatim["x start"] == "12"

    @pytest.mark.parametrize(
        ("crs", "expected"),
        [("EPSG:32611", "UTM"), ("EPSG:4326", "Geographic Lat/Lon"), ("EPSG:3857", None), ("", "Arbitrary")],
    )
    def test_a_georeference_of_another_format_is_put_into_envi_words(
        self, tmp_path: Path, crs: str, expected: str | None
    ) -> None:
        affine = (500000.0, 1.5, 0.5, 4100000.0, 0.5, -1.5)
        other = Cube(ArraySource(np.zeros((ROWS, COLS, 1))), BandSet(1), geo=Georeference(affine, crs, units="m"))
        header, data = write_envi(tmp_path, "out", product("scores", SCORES, other), NoParams())
        if expected:
            assert f"map info = {{{expected}, 1, 1, " in header.read_text()
        geo = envi_reader.open_cube(header).geo
        assert geo is not None
        np.testing.assert_allclose(geo.affine, affine)
        with by_rasterio(data) as dataset:
            np.testing.assert_allclose(dataset.transform.to_gdal(), affine)
            if crs:
                assert pyproj.CRS(dataset.crs.to_wkt()).equals(pyproj.CRS(crs), ignore_axis_order=True)

    def test_without_map_info_a_part_says_where_it_starts(self, tmp_path: Path) -> None:
        plain = Cube(ArraySource(np.zeros((ROWS, COLS, 1))), BandSet(1))
        header, _ = write_envi(tmp_path, "out", product("scores", SCORES, plain, WINDOW), NoParams())
        assert "x start = 8\ny start = 11\n" in header.read_text()
        assert "map info" not in header.read_text()


class TestGeoTiff:
    def test_scores(self, tmp_path: Path, cube: Cube) -> None:
        (path,) = write_geotiff(tmp_path, "out", product("scores", SCORES, cube), NoParams())
        with rasterio.open(path) as dataset:
            np.testing.assert_array_equal(dataset.read(1), SCORES)
            assert np.isnan(dataset.nodata)
            assert dataset.crs.to_epsg() == 32611
            assert cube.geo is not None
            np.testing.assert_allclose(dataset.transform.to_gdal(), cube.geo.affine)
            assert dataset.descriptions == ("RX, global",)
            tags = dataset.tags()
            assert (tags["DETECTOR"], tags["PARAMETERS"], tags["SOURCE"]) == ("grx", '{"loading": 0.0001}', "scene.hdr")
            assert dataset.profile["compress"] == "deflate"
            assert dataset.block_shapes == [(256, 256)]
        assert [item.name for item in tmp_path.iterdir() if item.is_file()] == ["out.tif"]

    def test_mask(self, tmp_path: Path, cube: Cube) -> None:
        (path,) = write_geotiff(tmp_path, "out", product("mask", MASK, cube, WINDOW), NoParams())
        part = MASK[WINDOW.slices]
        with rasterio.open(path) as dataset:
            np.testing.assert_array_equal(dataset.read(1), np.where(part == 0, 255, part == 2))
            assert dataset.nodata == 255
            assert dataset.colorinterp[0].name == "palette"
            assert dataset.tags()["THRESHOLD"] == "1.0"
            assert dataset.colormap(1)[1] == (255, 0, 0, 255)
            assert dataset.crs.to_epsg() == 32611
            assert cube.geo is not None
            np.testing.assert_allclose(dataset.transform.to_gdal(), cube.geo.shifted(10, 7).affine)

    def test_our_own_reader_finds_what_was_written(self, tmp_path: Path, cube: Cube) -> None:
        (path,) = write_geotiff(tmp_path, "s", product("scores", SCORES, cube), NoParams())
        np.testing.assert_array_equal(tiff_reader.open_array(path), SCORES)
        geo = tiff_reader.open_cube(path).geo
        assert geo is not None
        assert cube.geo is not None
        assert (geo.crs, geo.units) == ("EPSG:32611", "m")
        np.testing.assert_allclose(geo.position(3, 4), cube.geo.position(3, 4))
        (path,) = write_geotiff(tmp_path, "m", product("mask", MASK, cube), NoParams())
        np.testing.assert_array_equal(np.nan_to_num(tiff_reader.open_array(path)) == 1, MASK == 2)
        labels = np.arange(ROWS * COLS, dtype=np.int32).reshape(ROWS, COLS)
        (path,) = write_geotiff(tmp_path, "l", product("labels", labels, cube), NoParams())
        np.testing.assert_array_equal(np.nan_to_num(tiff_reader.open_array(path)), labels)

    def test_without_coordinates_none_are_invented(self, tmp_path: Path) -> None:
        (path,) = write_geotiff(tmp_path, "out", product("scores", SCORES), NoParams())
        with by_rasterio(path) as dataset:
            assert dataset.crs is None
            assert dataset.transform.is_identity


def test_npy_keeps_every_value(tmp_path: Path) -> None:
    (path,) = write_npy(tmp_path, "s", product("scores", SCORES), NoParams())
    np.testing.assert_array_equal(numpy_reader.open_array(path), SCORES)
    (path,) = write_npy(tmp_path, "m", product("mask", MASK), NoParams())
    np.testing.assert_array_equal(np.load(path), MASK == 2)
    assert numpy_reader.contents(path)[0].role == "mask"


def test_mat_keeps_every_value_and_says_what_it_is(tmp_path: Path) -> None:
    from scipy.io import loadmat

    (path,) = write_mat(tmp_path, "s", product("scores", SCORES), NoParams())
    loaded = loadmat(path, simplify_cells=True)
    np.testing.assert_array_equal(loaded["scores"], SCORES)
    assert (loaded["detector"], loaded["parameters"]) == ("grx", '{"loading": 0.0001}')
    np.testing.assert_array_equal(mat_reader.open_array(path), SCORES)
    (path,) = write_mat(tmp_path, "m", product("mask", MASK), NoParams())
    np.testing.assert_array_equal(mat_reader.open_array(path), MASK == 2)
    assert mat_reader.contents(path)[0].role == "mask"


class TestPicture:
    def test_pixels_and_title_come_back_and_the_scene_keeps_its_place(self, tmp_path: Path, cube: Cube) -> None:
        from PIL import Image

        for channels in (3, 4):
            picture = RNG.integers(0, 256, (ROWS, COLS, channels)).astype(np.uint8)
            path, world, projection = write_png(tmp_path, "out", product("picture", picture, cube), NoParams())
            with Image.open(path) as image:
                np.testing.assert_array_equal(np.asarray(image), picture)
                assert image.text["Title"] == "RX, global"  # type: ignore[attr-defined]
                assert "not data" in image.text["Comment"]  # type: ignore[attr-defined]
            numbers = [float(line) for line in world.read_text().splitlines()]
            assert cube.geo is not None
            np.testing.assert_allclose(numbers[4:], cube.geo.position(0.5, 0.5))
            assert projection.read_text().startswith("PROJCS[")

    def test_a_picture_with_a_colour_bar_has_no_world_file(self, tmp_path: Path, cube: Cube) -> None:
        picture = np.zeros((ROWS + 9, COLS + 30, 3), np.uint8)
        assert [path.name for path in write_png(tmp_path, "out", product("picture", picture, cube), NoParams())] == [
            "out.png"
        ]


@contextmanager
def full_disk() -> Iterator[None]:
    """No file can grow beyond 10 bytes; only around the call itself, for the test's own output may go to a file."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("write", [write_envi, write_geotiff, write_npy, write_mat, write_png])
class TestEveryWriter:
    def test_a_full_disk_is_a_sentence_and_leaves_nothing_behind(self, tmp_path: Path, write: Any, cube: Cube) -> None:
        folder = tmp_path / "out"
        with pytest.raises(WriteError, match="File too large"), full_disk():
            write(folder, "out", sample(write, cube), NoParams())
        assert not list(folder.iterdir())

    def test_a_failure_leaves_nothing_behind(
        self, tmp_path: Path, write: Any, monkeypatch: pytest.MonkeyPatch, cube: Cube
    ) -> None:
        def fail(*_: object) -> None:
            raise Cancelled

        monkeypatch.setattr(Path, "replace", fail)
        folder = tmp_path / "out"
        with pytest.raises(Cancelled):
            write(folder, "out", sample(write, cube), NoParams())
        assert not list(folder.iterdir())

    def test_a_folder_without_permission_is_a_sentence(self, tmp_path: Path, write: Any, cube: Cube) -> None:
        (tmp_path / "file").write_text("in the way")
        with pytest.raises(WriteError, match="cannot be written"):
            write(tmp_path / "file", "out", sample(write, cube), NoParams())

    def test_the_source_is_never_replaced(self, tmp_path: Path, write: Any, cube: Cube) -> None:
        extension = {"write_envi": ".img", "write_geotiff": ".tif", "write_npy": ".npy", "write_mat": ".mat"}
        source = tmp_path / f"scene{extension.get(write.__name__, '.png')}"
        source.write_bytes(b"precious")
        with pytest.raises(WriteError, match="would replace"):
            write(tmp_path, "scene", sample(write, replace(cube, path=source)), NoParams())
        assert source.read_bytes() == b"precious"


def sample(write: Any, cube: Cube) -> MapProduct:
    if write is write_png:
        return product("picture", np.zeros((ROWS, COLS, 3), np.uint8), cube)
    return product("scores", SCORES, cube)
