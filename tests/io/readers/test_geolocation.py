"""Coordinates of every pixel are found inside products and beside images, whatever the mission calls them.

The layouts of EMIT, AVIRIS-3, PACE and PRISMA are built from their documentation and from other readers' code.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
from numpy.typing import NDArray

from hadviewer.core.cube import Cube
from hadviewer.core.geo import Georeference
from hadviewer.core.geolocation import Geolocation
from hadviewer.io.readers import _geolocation, envi, hdf5, prisma

h5py = pytest.importorskip("h5py")
ROWS, COLS = 12, 9


def places(rows: int = ROWS, cols: int = COLS) -> NDArray[np.float64]:
    """x and y, (rows, cols, 2), of pixels of about 60 m on a turned strip."""
    down, right = np.meshgrid(np.arange(rows), np.arange(cols), indexing="ij")
    return np.stack((-116.5 + 5e-4 * right + 1e-4 * down, 33.2 - 5e-4 * down + 1e-4 * right), axis=-1)


def netcdf(path: Path, **datasets: Any) -> Path:
    """A file of datasets by path, with __ for the slash."""
    with h5py.File(path, "w") as file:
        for name, values in datasets.items():
            file[name.replace("__", "/")] = values
    return path


def located(cube: Cube) -> Geolocation:
    assert isinstance(cube.geo, Geolocation)
    return cube.geo


def values_of(geo: Geolocation) -> NDArray[np.float64]:
    return geo.coordinates.read((0, geo.shape[0], 0, geo.shape[1]))


@pytest.mark.parametrize(
    ("lon", "lat"),
    [
        ("location__lon", "location__lat"),
        ("navigation_data__longitude", "navigation_data__latitude"),
        ("HDFEOS__SWATHS__HYP__Geolocation Fields__Longitude", "HDFEOS__SWATHS__HYP__Geolocation Fields__Latitude"),
    ],
)
def test_longitudes_and_latitudes_of_a_product_place_its_pixels(tmp_path: Path, lon: str, lat: str) -> None:
    known = places()
    known[3, 4] = -9999
    path = netcdf(
        tmp_path / "scene.nc", reflectance=np.ones((ROWS, COLS, 50), "f4"), **{lon: known[..., 0], lat: known[..., 1]}
    )
    geo = located(hdf5.open_cube(path))
    assert (geo.crs, geo.units) == ("EPSG:4326", "deg")
    known[3, 4] = np.nan
    np.testing.assert_array_equal(values_of(geo), known)
    assert geo.pixel(*known[10, 2]) == pytest.approx((10.5, 2.5), abs=1e-3)


def test_what_does_not_fit_the_cube_is_not_believed(tmp_path: Path) -> None:
    other = places(ROWS + 1, COLS)
    path = netcdf(
        tmp_path / "scene.nc", reflectance=np.ones((ROWS, COLS, 50), "f4"), lon=other[..., 0], lat=other[..., 1]
    )
    assert hdf5.open_cube(path).geo is None


def glt(rows: int = ROWS, cols: int = COLS) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Sample and line, from 1, of a table two cells wider than the scene; a gap filled with a neighbour's number."""
    line, sample = np.zeros((rows, cols + 2), np.int32), np.zeros((rows, cols + 2), np.int32)
    line[:, 2:], sample[:, 2:] = np.meshgrid(np.arange(1, rows + 1), np.arange(1, cols + 1), indexing="ij")
    sample[5, 0], line[5, 0] = -1, -6
    return sample, line


def test_a_look_up_table_places_pixels_where_there_is_nothing_better(tmp_path: Path) -> None:
    sample, line = glt()
    path = netcdf(
        tmp_path / "emit.nc", reflectance=np.ones((ROWS, COLS, 50), "f4"), location__glt_x=sample, location__glt_y=line
    )
    with h5py.File(path, "a") as file:
        file.attrs["geotransform"] = [-116.5, 5e-4, 0, 33.2, 0, -5e-4]
        file.attrs["spatial_ref"] = pyproj.CRS("EPSG:4326").to_wkt("WKT1_GDAL")
    geo = located(hdf5.open_cube(path))
    assert geo.units == "deg"
    assert geo.position(5.5, 0.5) == pytest.approx((-116.5 + 5e-4 * 2.5, 33.2 - 5e-4 * 5.5))
    assert geo.position(11.5, 8.5) == pytest.approx((-116.5 + 5e-4 * 10.5, 33.2 - 5e-4 * 11.5))


def test_the_table_of_aviris_3_stands_on_its_own_grid(tmp_path: Path) -> None:
    sample, line = glt()
    path = tmp_path / "AV3.nc"
    with h5py.File(path, "w") as file:
        file["radiance/radiance"] = np.ones((50, ROWS, COLS), "f4")
        file["radiance/wavelength"] = np.linspace(400, 2500, 50)
        for name, table in (("sample", sample), ("line", line)):
            file[f"geolocation_lookup_table/{name}"] = table
            file[f"geolocation_lookup_table/{name}"].attrs["grid_mapping"] = "transverse_mercator"
        file["transverse_mercator"] = 0
        file["transverse_mercator"].attrs["GeoTransform"] = "500000 5 0 4000000 0 -5"
        file["transverse_mercator"].attrs["crs_wkt"] = "EPSG:32611"
    geo = located(hdf5.open_cube(path))
    assert (geo.crs, geo.units) == ("EPSG:32611", "m")
    assert geo.position(0.5, 0.5) == pytest.approx((500_012.5, 3_999_997.5))


def test_a_table_too_large_for_memory_places_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_geolocation, "MOST_LOOKED_UP", ROWS * COLS - 1)
    sample, line = glt()
    path = netcdf(tmp_path / "emit.nc", reflectance=np.ones((ROWS, COLS, 50), "f4"), glt_x=sample, glt_y=line)
    with h5py.File(path, "a") as file:
        file.attrs["geotransform"] = [0.0, 1, 0, 0, 0, -1]
    assert hdf5.open_cube(path).geo is None


def test_the_real_emit_layout_is_understood(samples: Path) -> None:
    geo = located(hdf5.open_cube(samples / "netcdf" / "emit" / "fake_EMIT.nc"))
    with h5py.File(samples / "netcdf" / "emit" / "fake_EMIT.nc") as file:
        lon, lat = file["location/lon"][1, 0], file["location/lat"][1, 0]
    assert geo.position(1.5, 0.5) == pytest.approx((lon, lat))


@pytest.fixture
def image(make_envi: Callable[..., Path]) -> Callable[..., Path]:
    """Makes ENVI files of the values given."""
    return make_envi


def test_an_igm_beside_an_image_places_its_pixels(image: Callable[..., Path]) -> None:
    known = np.dstack([places(), np.full((ROWS, COLS), 300.0)])
    header = image(np.ones((ROWS, COLS, 4), "f4"), name="ang2017_rdn_v2_img")
    image(
        known,
        name="ang2017_rdn_igm",
        interleave="bil",
        band_names="{Longitude (WGS-84), Latitude (WGS-84), Elevation (m)}",
    )
    image(known + 1, name="ang2018_rdn_igm", interleave="bil")
    geo = located(envi.open_cube(header))
    np.testing.assert_array_equal(values_of(geo), places())
    assert geo.label.endswith("from ang2017_rdn_igm.hdr")
    assert "igm" not in str(getattr(envi.open_cube(header.with_name("ang2017_rdn_igm.hdr")).geo, "label", ""))


@pytest.mark.parametrize(
    ("name", "beside"), [("a.b_rdn", "a.b_rdn_igm"), ("f1.v2", "f1.v2_igm"), ("f1_rdn.img", "f1_rdn_igm.img")]
)
def test_names_with_dots_belong_together(image: Callable[..., Path], name: str, beside: str) -> None:
    header = image(np.ones((ROWS, COLS, 4), "f4"), name=name, extension="" if name.endswith(".img") else ".dat")
    image(places(), name=beside, extension="" if name.endswith(".img") else ".dat")
    np.testing.assert_array_equal(values_of(located(envi.open_cube(header))), places())


def test_an_igm_in_metres_keeps_its_system(image: Callable[..., Path]) -> None:
    known = np.dstack(
        [500_000 + 4.0 * np.tile(np.arange(COLS), (ROWS, 1)), 4e6 - 4.0 * np.arange(ROWS)[:, None] * np.ones(COLS)]
    )
    header = image(np.ones((ROWS, COLS, 4), "f4"), name="f08_rdn")
    wkt = 'PROJCS["WGS_1984_UTM_Zone_11N",GEOGCS["GCS_WGS_1984"]]'
    image(known, name="f08_rdn_igm", coordinate_system_string=f"{{{wkt}}}")
    geo = located(envi.open_cube(header))
    assert (geo.crs, geo.units) == (wkt, "m")
    assert geo.position(2.5, 3.5) == (500_012.0, 3_999_992.0)


def test_a_glt_beside_an_image_is_the_second_choice(image: Callable[..., Path]) -> None:
    sample, line = glt()
    header = image(np.ones((ROWS, COLS, 4), "f4"), name="f08_rdn_img")
    table = np.dstack([sample, line])
    image(table, name="f08_rdn_glt", map_info="{UTM, 1, 1, 500000, 4000000, 5, 5, 11, North, WGS-84, units=Meters}")
    geo = located(envi.open_cube(header))
    assert (geo.crs, geo.units) == ("EPSG:32611", "m")
    assert geo.position(0.5, 0.5) == pytest.approx((500_012.5, 3_999_997.5))
    image(np.dstack([places()]), name="f08_rdn_loc")
    assert located(envi.open_cube(header)).units == "deg"


def test_an_image_with_a_map_of_its_own_keeps_it(image: Callable[..., Path]) -> None:
    header = image(
        np.ones((ROWS, COLS, 4), "f4"), name="f08_ort",
        map_info="{UTM, 1, 1, 500000, 4000000, 5, 5, 11, North, WGS-84, units=Meters}",
    )  # fmt: skip
    image(places(), name="f08_ort_igm")
    assert isinstance(envi.open_cube(header).geo, Georeference)


def test_the_real_chunk_of_aviris_ng_lies_where_its_file_of_places_says(samples: Path) -> None:
    folder = samples / "envi" / "isofit_avirisng_chunk"
    geo = located(envi.open_cube(folder / "ang20170323t202244_rdn_7000-7010"))
    raw = np.fromfile(folder / "ang20170323t202244_loc_7000-7010", "<f8").reshape(10, 3, 10)
    assert geo.position(4.5, 7.5) == pytest.approx((raw[4, 0, 7], raw[4, 1, 7]), abs=1e-12)
    assert geo.pixel(raw[4, 0, 7], raw[4, 1, 7]) == pytest.approx((4.5, 7.5), abs=1e-2)


def test_prisma_before_it_is_mapped_has_its_own_places(tmp_path: Path) -> None:
    known = places()
    path = tmp_path / "PRS_L1_STD.he5"
    with h5py.File(path, "w") as file:
        swath = "HDFEOS/SWATHS/PRS_L1_HCO"
        for word, count in (("Vnir", 3), ("Swir", 4)):
            file[f"{swath}/Data Fields/{word.upper()}_Cube"] = np.ones((ROWS, count, COLS), "u2")
            file.attrs[f"List_Cw_{word}"] = np.linspace(900, 400, count) + (800 if word == "Swir" else 0)
            file.attrs[f"List_Fwhm_{word}"] = np.full(count, 10.0)
            file.attrs[f"ScaleFactor_{word}"], file.attrs[f"Offset_{word}"] = 100.0, 0.0
            for place, axis in (("Longitude", 0), ("Latitude", 1)):
                file[f"{swath}/Geolocation Fields/{place}_{word.upper()}"] = known[..., axis]
    geo = located(prisma.open_cube(path))
    np.testing.assert_array_equal(values_of(geo), known)


def points(rows: list[float], cols: list[float], west: float = 8.0) -> list[tuple[float, float, float, float]]:
    return [(row, col, west + col / 100, 47 - row / 100) for row in rows for col in cols]


def test_between_control_points_places_lie_on_a_line() -> None:
    coordinates = _geolocation.between_points(points([0.5, 4, 20], [0.5, 30]), (20, 30), degrees=True)
    assert coordinates is not None
    found = coordinates.read((0, 20, 0, 30), 3)
    rows, cols = np.meshgrid(np.arange(0, 20, 3) + 0.5, np.arange(0, 30, 3) + 0.5, indexing="ij")
    np.testing.assert_allclose(found, np.stack((8 + cols / 100, 47 - rows / 100), axis=-1), atol=1e-12)


def test_control_points_beyond_the_date_line_go_on() -> None:
    wrapped = [(row, col, (x + 180) % 360 - 180, y) for row, col, x, y in points([0, 10], [0, 10, 20], west=179.95)]
    coordinates = _geolocation.between_points(wrapped, (10, 20), degrees=True)
    assert coordinates is not None
    assert np.ptp(coordinates.read((0, 10, 0, 20))[..., 0]) == pytest.approx(0.19)


@pytest.mark.parametrize(
    "given",
    [[], points([0, 5], [0, 5])[:3], [*points([0, 5], [0, 5]), (2, 2, 8.0, 47.0)], [(0, 0, np.nan, 1.0)]],
    ids=["none", "one missing", "one more", "no number"],
)
def test_control_points_that_stand_anyhow_place_nothing(given: list[tuple[float, float, float, float]]) -> None:
    assert _geolocation.between_points(given, (10, 20), degrees=True) is None
