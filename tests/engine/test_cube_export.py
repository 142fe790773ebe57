"""Parts of cubes in files of their own: the same values by us, rasterio and spectral, in the same place."""

import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyproj
import pytest
from numpy.typing import NDArray

from hadviewer.core import runs as runs_of
from hadviewer.core.bands import BandSet
from hadviewer.core.context import Context
from hadviewer.core.cube import Cube, Scale, Window
from hadviewer.core.errors import Cancelled, ParamError, ReadError, WriteError
from hadviewer.core.geo import Georeference
from hadviewer.engine.cube_export import CubeExportParams, cut, export_cube, export_cube_task
from hadviewer.engine.tasks import CubeReference
from hadviewer.engine.verbs import as_cube, open_scene
from hadviewer.io.sources import ArraySource

rasterio = pytest.importorskip("rasterio")
envi = pytest.importorskip("spectral.io.envi")

ROWS, COLS, BANDS = 300, 40, 9
GEO = Georeference((500_000.0, 1.6, 1.2, 4_100_000.0, 1.2, -1.6), "EPSG:32611", "UTM 11 N, WGS-84", "m")
GOOD = np.array([True, True, False, True, True, True, False, True, True])


def scene(kind: str = "int16", **changes: Any) -> Cube:
    rng = np.random.default_rng(3)
    values = rng.integers(1, 250, (ROWS, COLS, BANDS)).astype(kind)
    values[5, 7] = 0
    bands = BandSet(
        BANDS, np.linspace(400.123456, 2400, BANDS), np.linspace(5, 9, BANDS), tuple(f"B{n}" for n in range(9)), GOOD
    )
    cube = Cube(ArraySource(values), bands, name="scene", nodata=0.0, geo=GEO, default_bands=(5, 3, 1))
    return replace(cube, **changes)


def raw(cube: Cube, window: Window | None = None) -> NDArray[Any]:
    return cube.source.read(window or cube.window, slice(None))


def same_bands(found: BandSet, wanted: BandSet) -> None:
    np.testing.assert_array_equal(found.centres, wanted.centres)
    np.testing.assert_array_equal(found.fwhm, wanted.fwhm)
    np.testing.assert_array_equal(found.mask, wanted.mask)
    assert found.names == wanted.names


@pytest.mark.parametrize("interleave", ["bsq", "bil", "bip"])
def test_envi_comes_back_by_three_readers(tmp_path: Path, interleave: str) -> None:
    cube = scene()
    params = CubeExportParams(lines="11-290", samples="4-33", bands="all", interleave=interleave)
    header, data = export_cube(cube, tmp_path / "part.hdr", params)
    wanted = raw(cube, Window(10, 290, 3, 33))
    ours = open_scene(header).cube
    np.testing.assert_array_equal(raw(ours), wanted)
    assert ours.source.order == interleave
    assert (ours.nodata, ours.default_bands) == (0.0, (5, 3, 1))
    same_bands(ours.bands, cube.bands)
    assert ours.geo is not None
    np.testing.assert_allclose(ours.geo.position(0, 0), GEO.position(10, 3))
    np.testing.assert_allclose(ours.geo.position(7, 5), GEO.position(17, 8))
    with rasterio.open(data) as dataset:
        np.testing.assert_array_equal(dataset.read().transpose(1, 2, 0), wanted)
        np.testing.assert_allclose(dataset.transform.to_gdal(), ours.geo.affine)
        assert pyproj.CRS(dataset.crs.to_wkt()).equals(pyproj.CRS("EPSG:32611"), ignore_axis_order=True)
        assert dataset.nodata == 0
    theirs = envi.open(str(header), str(data))
    np.testing.assert_array_equal(theirs.open_memmap(), wanted)
    np.testing.assert_allclose(theirs.bands.centers, cube.bands.centres)
    assert [float(mark) for mark in theirs.metadata["bbl"]] == GOOD.tolist()


def test_geotiff_comes_back_with_everything(tmp_path: Path) -> None:
    cube = scene()
    (path,) = export_cube(cube, tmp_path / "part.tif", CubeExportParams(lines="11-290", bands="all"))
    assert [file.name for file in tmp_path.iterdir()] == ["part.tif"]
    ours = open_scene(path).cube
    np.testing.assert_array_equal(raw(ours), raw(cube, Window(10, 290, 0, COLS)))
    same_bands(ours.bands, cube.bands)
    with rasterio.open(path) as dataset:
        assert dataset.crs.to_epsg() == 32611
        np.testing.assert_allclose(dataset.transform.to_gdal(), GEO.shifted(10, 0).affine)
        assert (dataset.nodata, dataset.profile["interleave"], dataset.block_shapes[0]) == (0, "band", (256, 256))
        assert dataset.compression.name == "deflate"
        tags = dataset.tags(3)
        assert (tags["wavelength"], tags["wavelength_units"]) == (repr(float(cube.bands.centres[2])), "Nanometers")
        assert (tags["bbl"], float(tags["fwhm"])) == ("0", 6.0)
        assert float(dataset.tags(3, ns="IMAGERY")["CENTRAL_WAVELENGTH_UM"]) == pytest.approx(0.9, abs=2e-4)


@pytest.mark.parametrize("name", ["part.hdr", "part.tif"])
@pytest.mark.parametrize(
    "kind", ["uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64", "complex64"]
)
def test_every_type_keeps_its_values(tmp_path: Path, name: str, kind: str) -> None:
    cube = scene(kind)
    path = export_cube(cube, tmp_path / name, CubeExportParams(lines="1-20", bands="all"))[0]
    found = open_scene(path).cube
    np.testing.assert_array_equal(raw(found), raw(cube, Window(0, 20, 0, COLS)))
    assert found.dtype == np.dtype(kind)


@pytest.mark.parametrize("name", ["part.hdr", "part.tif"])
def test_bad_bands_are_left_out_unless_all_are_asked_for(tmp_path: Path, name: str) -> None:
    cube = scene()
    found = open_scene(export_cube(cube, tmp_path / name)[0]).cube
    np.testing.assert_array_equal(raw(found), raw(cube)[:, :, GOOD])
    same_bands(found.bands, cube.bands.take(np.flatnonzero(GOOD)))
    some = open_scene(export_cube(cube, tmp_path / f"some_{name}", CubeExportParams(bands="600-1500nm"))[0]).cube
    np.testing.assert_array_equal(some.bands.centres, cube.bands.centres[[1, 3, 4]])


@pytest.mark.parametrize("name", ["part.hdr", "part.tif"])
@pytest.mark.parametrize(
    "scale", [Scale(1e-4), Scale(np.linspace(1e-4, 2e-4, BANDS), np.linspace(0, 1, BANDS)), Scale(0.5, 3.0)]
)
def test_raw_values_keep_their_scale_and_scaled_ones_have_none(tmp_path: Path, name: str, scale: Scale) -> None:
    cube = scene(scale=scale, quantity="Reflectance")
    kept = open_scene(export_cube(cube, tmp_path / name)[0]).cube
    assert kept.dtype == np.int16
    np.testing.assert_allclose(kept.values(), cube.values(np.flatnonzero(GOOD)), rtol=1e-6)
    done = open_scene(export_cube(cube, tmp_path / f"scaled_{name}", CubeExportParams(values="scaled"))[0]).cube
    assert (done.dtype, done.scale) == (np.float32, None)
    np.testing.assert_array_equal(done.values(), cube.values(np.flatnonzero(GOOD)))
    assert np.isnan(done.values()[5, 7]).all()


@pytest.mark.parametrize("name", ["part.hdr", "part.tif"])
@pytest.mark.parametrize(("kind", "nodata"), [("int16", None), ("uint16", None), ("float32", None), ("int16", 0.0)])
def test_what_lies_around_a_region_becomes_no_data(tmp_path: Path, name: str, kind: str, nodata: float | None) -> None:
    cube = scene(kind, nodata=nodata)
    region = runs_of.of_pixels([(20, 5), (21, 5), (21, 9), (30, 6)])
    params = CubeExportParams(bands="all", mask=True)
    found = open_scene(export_cube(cube, tmp_path / name, params, region)[0]).cube
    box = Window(20, 31, 5, 10)
    inside = runs_of.to_mask(region, box.shape, box.row0, box.col0)
    values = found.values()
    assert np.isnan(values[~inside]).all()
    np.testing.assert_array_equal(values[inside], raw(cube, box)[inside])
    whole = open_scene(
        export_cube(cube, tmp_path / f"whole_{name}", params.model_copy(update={"mask": False}), region)[0]
    )
    np.testing.assert_array_equal(raw(whole.cube), raw(cube, box))


@pytest.mark.parametrize("name", ["part.hdr", "part.tif"])
def test_without_a_map_none_is_written(tmp_path: Path, name: str) -> None:
    path = export_cube(as_cube(np.ones((5, 6, 3), np.float32)), tmp_path / name)[0]
    assert open_scene(path).cube.geo is None


@pytest.mark.parametrize("name", ["part.hdr", "part.tif"])
def test_a_cancelled_export_leaves_nothing(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hadviewer.io.writers.envi_cube.STRIP_BYTES", 10_000)
    asked = iter([False, True])
    with pytest.raises(Cancelled):
        export_cube(scene(), tmp_path / name, ctx=Context(cancelled=lambda: next(asked)))
    assert not list(tmp_path.iterdir())


class _Endless(ArraySource):
    """A source far larger than what may be held of it, that notes how much is read at once."""

    largest = 0

    def __init__(self, shape: tuple[int, int, int]) -> None:
        super().__init__(np.broadcast_to(np.int16(7), shape))

    def read(self, window: Window, bands: Any, step: int = 1) -> NDArray[Any]:
        values = super().read(window, bands, step)
        self.largest = max(self.largest, values.nbytes)
        return values


@pytest.mark.parametrize("name", ["part.hdr", "part.tif"])
def test_memory_is_bounded_by_a_strip(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hadviewer.io.writers.envi_cube.STRIP_BYTES", 2**20)
    monkeypatch.setattr("hadviewer.io.writers.geotiff_cube.BLOCK_BYTES", 2**20)
    source = _Endless((2000, 100, 120))
    cube = Cube(source, BandSet(120))
    tracemalloc.start()
    export_cube(cube, tmp_path / name)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert source.largest <= 2**20
    assert peak < 8 * 2**20


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"lines": "0-5"}, "does not lie inside lines 1-300"),
        ({"samples": "30-50"}, "does not lie inside samples 1-40"),
        ({"lines": "ten"}, "is no range of lines"),
        ({"bands": "99"}, "is outside bands 1-9"),
    ],
)
def test_a_part_that_is_not_there_is_refused(params: dict[str, str], sentence: str) -> None:
    with pytest.raises(ParamError, match=sentence):
        cut(scene(), CubeExportParams(**params))


def test_the_cube_itself_is_never_replaced(tmp_path: Path) -> None:
    header = export_cube(scene(), tmp_path / "part.hdr")[0]
    cube = open_scene(header).cube
    before = header.with_suffix(".dat").read_bytes()
    with pytest.raises(WriteError, match="would replace the file"):
        export_cube(cube, header)
    with pytest.raises(WriteError, match="does not say what to write"):
        export_cube(cube, tmp_path / "part.xyz")
    assert header.with_suffix(".dat").read_bytes() == before


def test_the_worker_opens_the_cube_itself(tmp_path: Path) -> None:
    cube = open_scene(export_cube(scene(), tmp_path / "part.hdr")[0]).cube
    files = export_cube_task(CubeReference.of(cube), tmp_path / "again.tif", CubeExportParams(), None, Context())
    np.testing.assert_array_equal(raw(open_scene(files[0]).cube), raw(cube))


@pytest.mark.parametrize(("first", "lines", "samples"), [(1, "1-2", "4"), (0, "0-1", "3")])
def test_lines_and_samples_count_from_where_the_user_counts(first: Literal[0, 1], lines: str, samples: str) -> None:
    cube = as_cube(np.zeros((5, 4, 3), np.float32))
    part = cut(cube, CubeExportParams(lines=lines, samples=samples, first=first))
    assert part.window == (0, 2, 3, 4)


@pytest.mark.parametrize(("first", "lines", "inside"), [(1, "0-2", "1-5"), (0, "1-5", "0-4")])
def test_what_lies_outside_is_told_as_the_user_counts(first: Literal[0, 1], lines: str, inside: str) -> None:
    with pytest.raises(ParamError, match=f"{lines}.*lines {inside}"):
        cut(as_cube(np.zeros((5, 4, 3), np.float32)), CubeExportParams(lines=lines, first=first))


@pytest.mark.parametrize("folder", ["envi", "geotiff", "hdf5", "mat", "netcdf"])
def test_real_files_come_back_as_they_were(tmp_path: Path, samples: Path, folder: str) -> None:
    found = 0
    for path in sorted((samples / folder).rglob("*")):
        try:
            cube = open_scene(path).cube
            cube.pixel(cube.shape[0] - 1, 0)
        except ReadError:
            continue
        if np.prod(cube.shape) > 200_000:
            continue
        found += 1
        for target in ("part.hdr", "part.tif"):
            written = open_scene(export_cube(cube, tmp_path / target, CubeExportParams(bands="all"))[0]).cube
            np.testing.assert_array_equal(written.values(dtype=np.float64), cube.values(dtype=np.float64), str(path))
            if cube.bands.centres is not None:
                assert written.bands.centres is not None, path
                np.testing.assert_allclose(written.bands.centres, cube.bands.centres, rtol=1e-12, err_msg=str(path))
            if cube.geo is not None and cube.geo.crs:
                assert written.geo is not None, path
                places = np.indices(cube.shape[:2]).reshape(2, -1) + 0.5
                known, kept = cube.geo.positions(*places), written.geo.positions(*places)
                np.testing.assert_allclose(kept, known, rtol=1e-9, atol=1e-9, err_msg=str(path))
                assert pyproj.CRS(written.geo.crs).equals(pyproj.CRS(cube.geo.crs), ignore_axis_order=True), path
    assert found
