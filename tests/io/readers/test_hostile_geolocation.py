"""Coordinates from strangers place a cube or do not: it opens in any case, and asking where it lies harms nothing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hadviewer.core.bands import BandSet
from hadviewer.core.cube import Cube, Scene
from hadviewer.core.geolocation import ArrayCoordinates, Geolocation
from hadviewer.engine.describe import describe_scene
from hadviewer.engine.places import describe_place
from hadviewer.io.readers import _geolocation, envi, hdf5
from hadviewer.io.sources import ArraySource

h5py = pytest.importorskip("h5py")
ROWS, COLS = 6, 9
many = settings(
    max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
odd = st.one_of(
    st.floats(width=64), st.floats(-180, 180),
    st.sampled_from([np.nan, np.inf, -np.inf, 0.0, -9999.0, 1e300, 360.0, -180.0])
)  # fmt: skip


def ask(cube: Cube) -> None:
    """Ask a cube everything about its place."""
    describe_scene(Scene(cube))
    geo = cube.geo
    if not isinstance(geo, Geolocation):
        return
    rows, cols = cube.shape[:2]
    geo.prepare()
    for row, col in [(0, 0), (rows // 2, cols - 1)]:
        assert describe_place(geo, row, col)
        x, y = geo.position(row + 0.5, col + 0.5)
        geo.pixel(x, y)
        geo.nearest(x, y)
        geo.north(row, col)
        geo.metres_per_column(row, col)
        geo.pixel_area(row, col)
    geo.compare(Geolocation(geo.coordinates, geo.crs))
    geo.pixels([0.0, 1e308, -np.inf, np.nan], [1e308, 0.0, np.nan, 91.0])


@given(arrays(np.float64, (ROWS, COLS, 2), elements=odd))
@many
def test_coordinates_of_any_values(values: Any) -> None:
    cube = Cube(ArraySource(np.ones((ROWS, COLS, 2))), BandSet(2), geo=Geolocation(ArrayCoordinates(values)))
    ask(cube)


@given(
    arrays(st.sampled_from(["f4", "f8", "i2", "u1", "i8", "bool"]), (ROWS, COLS)),
    arrays(st.sampled_from(["f4", "f8", "i4"]), (ROWS, COLS)),
    st.dictionaries(
        st.sampled_from(["_FillValue", "missing_value", "scale_factor", "add_offset"]),
        st.one_of(
            st.floats(),
            st.integers(-9999, 9999),
            st.text(alphabet="abc\N{DEGREE SIGN}", max_size=3),
            st.just(np.arange(3.0)),
        ),
    ),
)
@many
def test_datasets_of_any_type_and_scale(tmp_path_factory: Any, lon: Any, lat: Any, attributes: dict[str, Any]) -> None:
    path = tmp_path_factory.getbasetemp() / "scene.h5"
    with h5py.File(path, "w") as file:
        file["reflectance"] = np.ones((ROWS, COLS, 40), "f4")
        file["location/lon"], file["location/lat"] = lon, lat
        for name, value in attributes.items():
            file["location/lon"].attrs[name] = value
    ask(hdf5.open_cube(path))


@given(
    arrays(np.int32, (5, 7)), arrays(st.sampled_from(["i4", "f4", "u2"]), (5, 7)), st.lists(odd, min_size=6, max_size=6)
)
@many
def test_look_up_tables_of_any_numbers(tmp_path_factory: Any, sample: Any, line: Any, grid: list[float]) -> None:
    path = tmp_path_factory.getbasetemp() / "table.h5"
    with h5py.File(path, "w") as file:
        file["reflectance"] = np.ones((ROWS, COLS, 40), "f4")
        file["location/glt_x"], file["location/glt_y"] = sample, line
        file.attrs["geotransform"] = grid
        file.attrs["spatial_ref"] = "nonsense"
    ask(hdf5.open_cube(path))


@pytest.mark.parametrize("shape", [(ROWS,), (ROWS, COLS, 1), (COLS, ROWS), ()])
def test_datasets_of_other_shapes_are_left_alone(tmp_path: Path, shape: tuple[int, ...]) -> None:
    path = tmp_path / "scene.h5"
    with h5py.File(path, "w") as file:
        file["reflectance"] = np.ones((ROWS, COLS, 40), "f4")
        file["lon"], file["lat"] = np.zeros(shape), np.zeros(shape)
        file["location/lon"] = np.full((ROWS, COLS), b"text")
        file["location/lat"] = np.full((ROWS, COLS), b"text")
    assert hdf5.open_cube(path).geo is None


@pytest.mark.parametrize(
    "damage",
    [
        {"bands": 1}, {"bands": 99}, {"lines": 3}, {"data_type": 6}, {"data_type": 99},
        {"samples": "many"}, {"header_offset": 10**12}, {"data_ignore_value": "nan"},
        {"coordinate_system_string": "{PROJCS[}"}, {"map_info": "{}"}, {"band_names": "{}"},
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("mark", ["igm", "loc", "glt"])
def test_damaged_files_beside_an_image_leave_it_open(
    make_envi: Callable[..., Path], damage: dict[str, Any], mark: str
) -> None:
    header = make_envi(np.ones((ROWS, COLS, 4), "f4"), name="flight_rdn")
    make_envi(np.random.default_rng(0).normal(size=(ROWS, COLS, 3)), name=f"flight_rdn_{mark}", **damage)
    cube = envi.open_cube(header)
    assert cube.shape == (ROWS, COLS, 4)
    ask(cube)


def test_a_folder_full_of_headers_is_not_read_to_its_end(
    make_envi: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    header = make_envi(np.ones((ROWS, COLS, 4), "f4"), name="flight_rdn")
    for number in range(30):
        make_envi(np.ones((2, 2, 2), "f4"), name=f"flight_rdn_igm_{number}")
    monkeypatch.setattr(_geolocation, "MOST_BESIDE", 10)
    assert envi.open_cube(header).geo is None
