"""HDF5 and netCDF-4: axes, wavelengths, scale and place by what the file says; files of others refused in a sentence.

No real file of AVIRIS-3 or Tanager was at hand: those layouts are built from their documentation.
"""

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from hadviewer.core.cube import Window
from hadviewer.core.errors import ReadError
from hadviewer.io.readers import hdf5
from hadviewer.io.readers.hdf5 import Hdf5Params, contents, open_array, open_cube

WAVELENGTHS = np.linspace(400, 2400, 6)


def cube_of(rows: int = 9, cols: int = 11, bands: int = 6) -> np.ndarray:
    return np.random.default_rng(1).normal(size=(rows, cols, bands)).astype(np.float32)


def test_neon(samples: Path) -> None:
    path = samples / "hdf5" / "neon" / "neonhs_ex.h5"
    cube = open_cube(path)
    assert cube.shape == (30, 30, 426)
    assert cube.bands.centres is not None
    assert (round(float(cube.bands.centres[0]), 2), round(float(cube.bands.centres[-1]), 2)) == (383.53, 2511.89)
    with h5py.File(path) as file:
        stored = file["SJER/Reflectance/Reflectance_Data"][()]
    np.testing.assert_allclose(cube.pixel(0, 0), stored[0, 0] / 10000, rtol=1e-6)
    np.testing.assert_array_equal(
        cube.source.read(Window(3, 28, 1, 30), np.array([400, 2]), 5), stored[3:28:5, 1:30:5][:, :, [400, 2]]
    )
    assert cube.nodata == -9999
    assert cube.quantity == "Reflectance"
    assert cube.geo is not None
    assert cube.geo.crs == "EPSG:32611"
    assert cube.geo.position(0, 0) == (257000, 4112000)


def test_emit_crop_without_its_groups(samples: Path) -> None:
    cube = open_cube(samples / "netcdf" / "emit" / "EMIT_L2A_RFL_001_20241006T165148_2428011_003_crop.nc")
    assert cube.shape == (32, 32, 3)
    assert cube.nodata == -9999
    assert cube.bands.centres is None
    assert cube.quantity == "Reflectance"


def test_good_wavelengths_of_emit(samples: Path) -> None:
    cube = open_cube(samples / "netcdf" / "emit" / "fake_EMIT_L2A_with_good_wavelengths.nc")
    assert cube.bands.mask.sum() == 1


def test_wavelengths_in_attributes_of_the_cube(samples: Path) -> None:
    cube = open_cube(samples / "hdf5" / "gdal" / "fwhm.h5")
    assert cube.shape == (3, 4, 2)
    assert cube.bands.centres is not None
    assert cube.bands.fwhm is not None
    assert cube.bands.centres.tolist() == [300, 400]
    np.testing.assert_allclose(cube.bands.fwhm, [10, 20])
    assert cube.bands.mask.tolist() == [True, False]


@pytest.mark.parametrize("name", ["groups.h5", "recursive_groups.h5", "u8be.h5"])
def test_files_without_a_cube(samples: Path, name: str) -> None:
    with pytest.raises(ReadError, match=r"holds no (cube|array)"):
        open_cube(samples / "hdf5" / "gdal" / name)


def test_a_cube_with_bands_first_and_a_grid_mapping(tmp_path: Path) -> None:
    """As AVIRIS-3 writes its orthorectified reflectance."""
    array = cube_of()
    with h5py.File(tmp_path / "a.nc", "w") as file:
        group = file.create_group("reflectance")
        data = group.create_dataset("reflectance", data=array.transpose(2, 0, 1), chunks=(2, 4, 5))
        data.attrs["_FillValue"] = np.array([-9999.0])
        data.attrs["grid_mapping"] = "transverse_mercator"
        group.create_dataset("wavelength", data=WAVELENGTHS / 1000).attrs["unit"] = "micrometers"
        group.create_dataset("fwhm", data=np.full(6, 0.01)).attrs["unit"] = "micrometers"
        holder = file.create_dataset("transverse_mercator", data=b"")
        holder.attrs["GeoTransform"] = "500000 2 0.5 4100000 0.5 -2"
        holder.attrs["spatial_ref"] = 'PROJCS["UTM 11N"]'
        file.create_dataset("northing", data=np.arange(9.0))
    cube = open_cube(tmp_path / "a.nc")
    np.testing.assert_array_equal(cube.values(), array)
    assert cube.bands.centres is not None
    assert cube.bands.fwhm is not None
    np.testing.assert_allclose(cube.bands.centres, WAVELENGTHS)
    np.testing.assert_allclose(cube.bands.fwhm, 10)
    assert cube.geo is not None
    assert cube.geo.position(2, 4) == (500000 + 8 + 1, 4100000 + 2 - 4)
    assert cube.geo.units == "m"


def test_wavelengths_beside_the_cube_in_its_attributes(tmp_path: Path) -> None:
    """As Tanager writes: bands first, wavelengths with their unit among the attributes."""
    array = cube_of()
    with h5py.File(tmp_path / "a.h5", "w") as file:
        data = file.create_dataset("HDFEOS/SWATHS/HYP/Data Fields/toa_radiance", data=array.transpose(2, 0, 1))
        data.attrs["wavelengths"], data.attrs["wavelengths_units"] = WAVELENGTHS, "nanometers"
        file.create_dataset("HDFEOS/SWATHS/HYP/Geolocation Fields/Latitude", data=np.zeros((9, 11)))
    cube = open_cube(tmp_path / "a.h5")
    np.testing.assert_array_equal(cube.values(), array)
    assert cube.quantity == "Radiance"
    assert cube.notes == ()


def test_dimensions_of_netcdf_name_the_bands(tmp_path: Path) -> None:
    array = cube_of(6, 6, 6)
    with h5py.File(tmp_path / "a.nc", "w") as file:
        data = file.create_dataset("rfl", data=array.transpose(0, 2, 1))
        for axis, name in enumerate(("lines", "bands", "samples")):
            scale = file.create_dataset(name, data=np.arange(6.0))
            scale.make_scale(name)
            data.dims[axis].attach_scale(scale)
    np.testing.assert_array_equal(open_cube(tmp_path / "a.nc").values(), array)


def test_a_guess_is_told_and_can_be_changed(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("x", data=cube_of(20, 21, 19))
    cube = open_cube(tmp_path / "a.h5")
    assert cube.shape == (20, 21, 19)
    assert any("order" in note for note in cube.notes)
    assert open_cube(tmp_path / "a.h5", params=Hdf5Params(order="bsq")).shape == (21, 19, 20)


@pytest.mark.parametrize(
    ("attributes", "wanted"),
    [
        ({"Scale_Factor": np.array([10000.0])}, 3e-4),
        ({"scale_factor": 0.5, "add_offset": 1.0}, 2.5),
        ({"scale_factor": 1.0}, 3.0),
        ({}, 3.0),
    ],
)
def test_scale(tmp_path: Path, attributes: dict[str, Any], wanted: float) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        data = file.create_dataset("cube", data=np.full((8, 9, 5), 3, dtype=np.int16))
        for key, value in attributes.items():
            data.attrs[key] = value
    assert open_cube(tmp_path / "a.h5").values()[0, 0, 0] == pytest.approx(wanted)


def test_several_cubes_and_a_mask_are_listed(tmp_path: Path) -> None:
    mask = np.zeros((9, 11), dtype=np.uint8)
    mask[3, 4] = 1
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("other", data=cube_of(12, 13, 8))
        file.create_dataset("scene/reflectance", data=cube_of(), dtype="f4")
        file.create_dataset("scene/gt", data=mask)
    entries = contents(tmp_path / "a.h5")
    assert [(item.name, item.role) for item in entries] == [
        ("scene/reflectance", "cube"), ("other", "cube"), ("scene/gt", "mask"),
    ]  # fmt: skip
    assert open_cube(tmp_path / "a.h5", "other").shape == (12, 13, 8)
    np.testing.assert_array_equal(open_array(tmp_path / "a.h5", "scene/gt"), mask)
    assert open_cube(tmp_path / "a.h5", "scene/gt").shape == (9, 11, 1)
    np.testing.assert_array_equal(open_cube(tmp_path / "a.h5", "scene/gt").values()[:, :, 0], mask)
    with pytest.raises(ReadError, match="no entry 'nothing'"):
        open_cube(tmp_path / "a.h5", "nothing")


def test_values_kept_in_other_files_are_not_touched(tmp_path: Path) -> None:
    (tmp_path / "secret.bin").write_bytes(bytes(8 * 9 * 5))
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("cube", (8, 9, 5), "u1", external=[(str(tmp_path / "secret.bin"), 0, 360)])
        file["link"] = h5py.ExternalLink("secret.h5", "/x")
    with pytest.raises(ReadError, match="holds no cube"):
        open_cube(tmp_path / "a.h5")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\x0e\x03\x13\x01" + bytes(100), "an HDF4 file"),
        (b"CDF\x01" + bytes(100), "a netCDF-3 file"),
        (b"", "empty"),
        (b"\x89HDF\r\n\x1a\n" + bytes(50), "damaged or no HDF5 file"),
    ],
)
def test_other_files_are_refused_in_a_sentence(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "a.h5").write_bytes(content)
    with pytest.raises(ReadError, match=told):
        open_cube(tmp_path / "a.h5")


def test_the_content_decides() -> None:
    assert hdf5.sniff(Path("a.dat"), b"\x89HDF\r\n\x1a\n") == 2
    assert hdf5.sniff(Path("a.mat"), b"\x89HDF\r\n\x1a\n") == 0
    assert hdf5.sniff(Path("a.nc"), b"rubbish") == 1
