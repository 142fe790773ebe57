"""netCDF products of NASA's missions, laid out as their published file structures say; no real file was at hand.

EMIT's crop without its groups and NEON are real files and tested in test_hdf5.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from hadviewer.core.cube import Cube
from hadviewer.engine import verbs

LINES, SAMPLES = 9, 11


def values(bands: int) -> np.ndarray:
    return np.random.default_rng(0).uniform(0.01, 0.9, (LINES, SAMPLES, bands)).astype(np.float32)


def named(file: h5py.File, path: str, data: np.ndarray, axes: Sequence[str], **attributes: Any) -> h5py.Dataset:
    """A variable whose axes have names, as netCDF keeps them."""
    made: h5py.Dataset = file.create_dataset(path, data=data)
    for axis, name in enumerate(axes):
        if name not in file:
            length = data.shape[axis]
            told = f"This is a netCDF dimension but not a netCDF variable.{length:10d}"
            file.create_dataset(name, data=np.zeros(length, ">f4")).make_scale(told)
        made.dims[axis].attach_scale(file[name])
    made.attrs.update(attributes)
    return made


def opened(path: Path, entry: str | None = None) -> Cube:
    cube = verbs.open_scene(path, entry).cube
    assert cube.origin is not None
    assert cube.origin.reader == "hdf5"
    assert cube.notes == (), "nothing had to be guessed"
    return cube


@pytest.mark.parametrize("cube", ["reflectance", "radiance"])
def test_emit_reflectance_and_radiance(tmp_path: Path, cube: str) -> None:
    """L2A has good_wavelengths, L1B need not; the transform of the file is that of another grid."""
    array, waves = values(6), np.linspace(381.0, 2493.0, 6)
    with h5py.File(tmp_path / "emit.nc", "w") as file:
        named(file, cube, array, ("downtrack", "crosstrack", "bands"), _FillValue=np.float32(-9999))
        file.attrs["geotransform"], file.attrs["spatial_ref"] = [1.0, 2, 0, 3, 0, -2], "GEOGCS[]"
        group = file.create_group("sensor_band_parameters")
        named(file, "sensor_band_parameters/wavelengths", waves, ("bands",), units="nm")
        named(file, "sensor_band_parameters/fwhm", np.full(6, 8.5), ("bands",), units="nm")
        if cube == "reflectance":
            group.create_dataset("good_wavelengths", data=np.array([1, 1, 0, 1, 1, 1.0]))
        file["location/lat"], file["location/lon"] = np.zeros((LINES, SAMPLES)), np.zeros((LINES, SAMPLES))
        file["location/glt_x"] = np.zeros((14, 15), np.int32)
    found = opened(tmp_path / "emit.nc")
    np.testing.assert_array_equal(found.values(), array)
    assert (found.quantity, found.nodata) == (cube.capitalize(), -9999)
    np.testing.assert_allclose(found.bands.centres, waves)
    np.testing.assert_allclose(found.bands.fwhm, 8.5)
    assert found.bands.mask.tolist() == [True, True, cube == "radiance", True, True, True]


@pytest.mark.parametrize(
    ("group", "name", "units"),
    [
        ("reflectance", "AV3_RFL_ORT.nc", "units"),
        ("reflectance", "AV5_RFL_ORT.nc", "unit"),
        ("radiance", "RDN.nc", "units"),
    ],
)
def test_aviris_3_and_5(tmp_path: Path, group: str, name: str, units: str) -> None:
    """Bands first; the unit stands under either name. L1B has a table of places instead of a map."""
    array, waves = values(6), np.linspace(390.0, 2500.0, 6)
    with h5py.File(tmp_path / name, "w") as file:
        axes = ("wavelength", "northing", "easting")
        cube = named(file, f"{group}/{group}", array.transpose(2, 0, 1), axes, _FillValue=np.float32(-9999))
        file[f"{group}/wavelength"], file[f"{group}/fwhm"] = waves, np.full(6, 7.4)
        file[f"{group}/wavelength"].attrs[units] = file[f"{group}/fwhm"].attrs[units] = "nanometers"
        if group == "reflectance":
            cube.attrs["grid_mapping"] = "transverse_mercator"
            file["transverse_mercator"] = b""
            file["transverse_mercator"].attrs["GeoTransform"] = "500000 3 0 4100000 0 -3"
            file["transverse_mercator"].attrs["crs_wkt"] = 'PROJCS["UTM 11N"]'
        else:
            file["geolocation_lookup_table/sample"] = np.zeros((20, 21), np.int32)
            file["geolocation_lookup_table/line"] = np.zeros((20, 21), np.int32)
    found = opened(tmp_path / name)
    np.testing.assert_array_equal(found.values(), array)
    np.testing.assert_allclose(found.bands.centres, waves)
    np.testing.assert_allclose(found.bands.fwhm, 7.4)
    assert found.quantity == group.capitalize()
    if group == "reflectance":
        assert found.geo is not None
        assert found.geo.position(0, 0) == (500000, 4100000)


def test_pace_level_1b_has_a_cube_for_each_detector(tmp_path: Path) -> None:
    """Blue, red and SWIR with their own lists of wavelengths, bands first, scaled integers."""
    counts = {"blue": 12, "red": 16, "SWIR": 9}
    arrays = {name: (values(count) * 30000).astype(np.int16) for name, count in counts.items()}
    with h5py.File(tmp_path / "pace.nc", "w") as file:
        for number, (name, count) in enumerate(counts.items()):
            axes = (f"{name}_bands", "scans", "pixels")
            scale = {"scale_factor": np.float32(2e-5), "add_offset": np.float32(0.1), "_FillValue": np.int16(-32767)}
            named(file, f"observation_data/rhot_{name}", arrays[name].transpose(2, 0, 1), axes, units="1", **scale)
            waves = 310.0 + 300 * number + 5 * np.arange(count)
            named(file, f"sensor_band_parameters/{name}_wavelength", waves, axes[:1], units="nm")
        widths = np.full(9, 20.0)
        named(file, "sensor_band_parameters/SWIR_bandpass", widths, ("SWIR_bands",), units="nm")
        file["geolocation_data/latitude"] = np.zeros((LINES, SAMPLES))
    assert {entry.name for entry in verbs.contents(tmp_path / "pace.nc") if entry.role == "cube"} == {
        f"observation_data/rhot_{name}" for name in counts
    }
    for number, name in enumerate(counts):
        found = opened(tmp_path / "pace.nc", f"observation_data/rhot_{name}")
        np.testing.assert_allclose(found.values(), arrays[name] * 2e-5 + 0.1, rtol=1e-5)
        assert found.bands.centres is not None
        assert found.bands.centres[0] == 310 + 300 * number
        assert (found.bands.fwhm is not None) == (name == "SWIR")


def test_pace_level_2(tmp_path: Path) -> None:
    array, waves = values(7), np.linspace(346.0, 719.0, 7)
    with h5py.File(tmp_path / "pace.nc", "w") as file:
        axes = ("number_of_lines", "pixels_per_line", "wavelength_3d")
        named(file, "geophysical_data/Rrs", array, axes, units="sr^-1", _FillValue=np.float32(-32767))
        named(file, "sensor_band_parameters/wavelength_3d", waves, axes[2:], units="nm")
        file["sensor_band_parameters/wavelength"] = np.linspace(300.0, 2260.0, 30)
        file["navigation_data/latitude"] = np.zeros((LINES, SAMPLES))
    found = opened(tmp_path / "pace.nc")
    np.testing.assert_array_equal(found.values(), array)
    np.testing.assert_allclose(found.bands.centres, waves)
    assert found.unit == "sr^-1"
