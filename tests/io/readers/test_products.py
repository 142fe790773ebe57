"""Products of missions: whichever of their files is chosen, the same cube, with what the mission says of it.

Metadata of EnMAP are real (its qualification products), the pixels made. No real file of DESIS, PRISMA, Hyperion or
AVIRIS classic was at hand: those are built from documentation and from other programs' code.
"""

import struct
import warnings
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from hadviewer.core.corrections import Corrections
from hadviewer.core.cube import Cube, Window
from hadviewer.core.errors import ReadError
from hadviewer.engine import remembering, verbs
from hadviewer.io.readers.prisma import PrismaParams
from hadviewer.io.sidecar import Remembered

rasterio = pytest.importorskip("rasterio")
spectral = pytest.importorskip("spectral")


def write(path: Path, array: np.ndarray, driver: str = "GTiff", **profile: Any) -> Path:
    """An array (rows, cols, bands) by rasterio alone."""
    rows, cols, count = array.shape
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        with rasterio.open(path, "w", driver, cols, rows, count, dtype=array.dtype.name, **profile) as file:
            file.write(array.transpose(2, 0, 1))
    return path


def counts(shape: tuple[int, int, int], kind: str = "int16") -> np.ndarray:
    return np.random.default_rng(0).integers(1, 9000, shape).astype(kind)


def raw(cube: Cube) -> np.ndarray:
    return cube.source.read(cube.window, slice(None))


@pytest.fixture(params=["L1C", "L2A"])
def enmap(samples: Path, tmp_path: Path, request: pytest.FixtureRequest) -> tuple[str, Path, np.ndarray]:
    """(level, folder, pixels): a real METADATA.XML beside made pixels."""
    folder = tmp_path / "product"
    folder.mkdir()
    with zipfile.ZipFile(samples / f"product_stubs/enmap/enmap_{request.param}_gtif_qualification.zip") as archive:
        name = next(name for name in archive.namelist() if name.endswith("METADATA.XML"))
        (folder / Path(name).name).write_bytes(archive.read(name))
    array = counts((7, 9, 218))
    array[0, 0] = 0
    write(folder / Path(name).name.replace("METADATA.XML", "SPECTRAL_IMAGE.TIF"), array, crs="EPSG:32632",
          transform=rasterio.Affine(30, 0, 5e5, 0, -30, 5e6))  # fmt: skip
    write(folder / Path(name).name.replace("METADATA.XML", "QL_VNIR.TIF"), array[:, :, :3])
    return request.param, folder, array


def test_enmap_by_any_of_its_files(enmap: tuple[str, Path, np.ndarray], tmp_path: Path) -> None:
    level, folder, array = enmap
    packed = tmp_path / "product.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for item in folder.iterdir():
            archive.write(item, f"inner/{item.name}")
    image, metadata = next(folder.glob("*SPECTRAL_IMAGE.TIF")), next(folder.glob("*METADATA.XML"))
    for path in (image, metadata, folder, packed, tmp_path):
        cube = verbs.open_scene(path).cube
        assert cube.origin is not None
        assert cube.origin.reader == "enmap"
        np.testing.assert_array_equal(raw(cube), array)
        assert cube.bands.centres is not None
        assert cube.bands.fwhm is not None
        assert (cube.bands.centres[0], cube.bands.centres[-1]) == (423.03, 2438.6)
        assert (cube.bands.fwhm[0], cube.bands.fwhm[-1]) == (6.93, 8.95)
        assert cube.geo is not None
        assert cube.geo.crs == "EPSG:32632"
        assert any("both detectors" in note for note in cube.notes)
        assert np.isnan(cube.pixel(0, 0)).all(), "the background value of the metadata is no data"
        first = {"L1C": array[3, 4, 0] * 2.45729411573e-06 + 0.0464514843193, "L2A": array[3, 4, 0] * 1e-4}
        assert cube.pixel(3, 4)[0] == pytest.approx(first[level])
        assert cube.quantity == {"L1C": "Radiance", "L2A": "Reflectance"}[level]
    again = verbs.open_origin(cube.origin)
    np.testing.assert_array_equal(raw(again), array)


def test_what_is_said_of_enmap_holds_by_any_of_its_files(enmap: tuple[str, Path, np.ndarray], tmp_path: Path) -> None:
    _, folder, _ = enmap
    origin = verbs.open_scene(folder).cube.origin
    assert origin is not None
    place = remembering.keep(origin, Remembered({"detector": "vnir"}, Corrections(unit="said")))
    assert place.parent == folder
    image, metadata = next(folder.glob("*SPECTRAL_IMAGE.TIF")), next(folder.glob("*METADATA.XML"))
    for path in (image, metadata, folder, tmp_path):
        cube = verbs.open_scene(path).cube
        assert cube.unit == "said"
        assert cube.shape[2] < 218


def test_one_detector_of_enmap(enmap: tuple[str, Path, np.ndarray]) -> None:
    _, folder, array = enmap
    both = verbs.open_scene(folder).cube
    parts = {name: verbs.open_scene(folder, options={"detector": name}).cube for name in ("vnir", "swir")}
    assert sum(cube.shape[2] for cube in parts.values()) == 218
    assert both.bands.centres is not None
    for cube in parts.values():
        assert cube.bands.centres is not None
        assert np.all(np.diff(cube.bands.centres) > 0)
        where = np.flatnonzero(np.isin(both.bands.centres, cube.bands.centres))
        np.testing.assert_array_equal(raw(cube), array[:, :, where])
        np.testing.assert_allclose(cube.pixel(3, 4), both.pixel(3, 4)[where])
        assert not any("both detectors" in note for note in cube.notes)
        assert cube.origin is not None
        assert verbs.open_origin(cube.origin).shape == cube.shape


@pytest.mark.parametrize("driver", ["ENVI", "JP2OpenJPEG"])
def test_enmap_in_other_formats(enmap: tuple[str, Path, np.ndarray], driver: str) -> None:
    _, folder, array = enmap
    tiff = next(folder.glob("*SPECTRAL_IMAGE.TIF"))
    lossless = {"QUALITY": "100", "REVERSIBLE": "YES"} if driver != "ENVI" else {}
    other = write(tiff.with_suffix(".BSQ" if driver == "ENVI" else ".JP2"), array, driver, **lossless)
    tiff.unlink()
    cube = verbs.open_scene(other).cube
    np.testing.assert_array_equal(raw(cube), array)
    assert cube.bands.centres is not None


def test_detectors_of_level_1b_are_two_entries(samples: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(samples / "product_stubs/enmap/enmap_L1B_gtif_qualification.zip") as archive:
        name = next(name for name in archive.namelist() if name.endswith("METADATA.XML"))
        (tmp_path / Path(name).name).write_bytes(archive.read(name))
    image = Path(name).name.replace("METADATA.XML", "SPECTRAL_IMAGE_{}.TIF")
    for detector, count in (("VNIR", 88), ("SWIR", 130)):
        write(tmp_path / image.format(detector), counts((4, 5, count)))
    assert [entry.shape for entry in verbs.contents(tmp_path)] == [(4, 5, 88), (4, 5, 130)]
    vnir, swir = (verbs.open_scene(tmp_path / image.format(name)).cube for name in ("VNIR", "SWIR"))
    assert vnir.bands.centres is not None
    assert swir.bands.centres is not None
    assert vnir.bands.centres[0] == 423.03
    assert swir.bands.centres[-1] == 2438.6
    assert vnir.bands.centres[-1] > swir.bands.centres[0]
    assert np.all(np.diff(vnir.bands.centres) > 0)
    assert vnir.shape[2] == 88
    with pytest.raises(ReadError, match="detector swir"):
        verbs.open_scene(tmp_path / image.format("VNIR"), options={"detector": "swir"})


@pytest.mark.parametrize("level", ["L1B", "L1C", "L2A"])
def test_empty_images_of_real_bundles_are_told(samples: Path, level: str) -> None:
    with pytest.raises(ReadError, match=r"SPECTRAL_IMAGE.*is empty \(0 bytes\)"):
        verbs.open_scene(samples / f"product_stubs/enmap/enmap_{level}_gtif_qualification.zip")


def test_metadata_of_another_image_are_refused(enmap: tuple[str, Path, np.ndarray]) -> None:
    image = next(enmap[1].glob("*SPECTRAL_IMAGE.TIF"))
    write(image, counts((4, 5, 3)))
    with pytest.raises(ReadError, match=r"describes 218 bands, and .* has 3"):
        verbs.open_scene(image)
    image.unlink()
    with pytest.raises(ReadError, match="without the image"):
        verbs.open_scene(next(enmap[1].glob("*METADATA.XML")))


def test_an_archive_writes_nowhere_else(tmp_path: Path) -> None:
    packed = tmp_path / "deep" / "product.zip"
    packed.parent.mkdir()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("../../x-METADATA.XML", "<level_X/>")
        archive.writestr("/../x-SPECTRAL_IMAGE.TIF", b"II*\0")
    with pytest.raises(ReadError):
        verbs.open_scene(packed)
    assert sorted(item.name for item in tmp_path.rglob("*")) == ["deep", "product.zip"]


def test_an_archive_that_claims_too_much_is_refused(tmp_path: Path) -> None:
    packed = tmp_path / "product.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x-METADATA.XML", "<level_X/>" * 10)
        archive.writestr("x-SPECTRAL_IMAGE.TIF", b"II*\0" * 10)
    data = packed.read_bytes()
    at = data.rindex(b"PK\x01\x02") + 24
    packed.write_bytes(data[:at] + struct.pack("<I", 2**31) + data[at + 4 :])
    with pytest.raises(ReadError, match="more than it can hold"):
        verbs.open_scene(packed)


def test_desis_by_any_of_its_files(tmp_path: Path) -> None:
    stem = tmp_path / "DESIS-HSI-L2A-DT0001-20200101T000000-V0210"
    array = counts((6, 8, 5))
    array[0, 0] = -32768
    image = write(Path(f"{stem}-SPECTRAL_IMAGE.tif"), array, nodata=-32768, compress="deflate")
    lists = {"wavelength": "401.9, 404.5, 407.1, 409.6, 412.1", "fwhm": "2.8, 3.2, 3.4, 3.4, 3.5"}
    lists |= {"data gain values": "1e-4, 1e-4, 1e-4, 1e-4, 2e-4", "data offset values": "0, 0, 0, 0, 0.5"}
    text = "".join(f"{key} = {{{values}}}\n" for key, values in lists.items())
    header = Path(f"{stem}-SPECTRAL_IMAGE.hdr")
    header.write_text(f"ENVI\nsamples = 8\nlines = 6\nbands = 5\nwavelength units = nanometers\n{text}")
    metadata = Path(f"{stem}-METADATA.xml")
    metadata.write_text("<hsi_doc/>")
    for path in (image, header, metadata, tmp_path):
        cube = verbs.open_scene(path).cube
        assert cube.origin is not None
        assert cube.origin.reader == "desis"
        np.testing.assert_array_equal(raw(cube), array)
        assert cube.bands.centres is not None
        assert cube.bands.centres[-1] == 412.1
        np.testing.assert_allclose(cube.pixel(2, 3), array[2, 3] * [1e-4, 1e-4, 1e-4, 1e-4, 2e-4] + [0, 0, 0, 0, 0.5])
        assert np.isnan(cube.pixel(0, 0)).all()
        assert cube.quantity == "Reflectance"


def prisma(path: Path, level: str) -> tuple[np.ndarray, np.ndarray]:
    """A product of 4 and 5 bands, of which two are absent: (VNIR, SWIR) as stored (lines, bands, samples)."""
    vnir, swir = counts((6, 4, 7), "uint16"), counts((6, 5, 7), "uint16")
    vnir[0, :, 0] = swir[0, :, 0] = 0
    with h5py.File(path, "w") as file:
        for kind in ("HCO", "HRC"):
            fields = file.create_group(f"HDFEOS/SWATHS/PRS_{level}_{kind}/Data Fields")
            fields.create_dataset("VNIR_Cube", data=vnir, chunks=(1, 4, 7))
            fields.create_dataset("SWIR_Cube", data=swir, chunks=(1, 5, 7))
        file.attrs["List_Cw_Vnir"] = np.array([970.0, 700.0, 410.0, 0.0], dtype=np.float32)
        file.attrs["List_Cw_Swir"] = np.array([2500.0, 2000.0, 1500.0, 940.0, 0.0], dtype=np.float32)
        file.attrs["List_Fwhm_Vnir"] = np.array([12.0, 11.0, 10.0, 0.0], dtype=np.float32)
        file.attrs["List_Fwhm_Swir"] = np.array([9.0, 8.0, 7.0, 6.0, 0.0], dtype=np.float32)
        for word, low, high in (("Vnir", 0.0, 0.5), ("Swir", 0.1, 0.7)):
            file.attrs[f"L2Scale{word}Min"], file.attrs[f"L2Scale{word}Max"] = low, high
            file.attrs[f"ScaleFactor_{word}"], file.attrs[f"Offset_{word}"] = 100.0, low
        file.attrs["Epsg_Code"] = 32632
        file.attrs["Product_ULcorner_easting"], file.attrs["Product_ULcorner_northing"] = 500015.0, 5000985.0
        file.attrs["Product_LRcorner_easting"], file.attrs["Product_LRcorner_northing"] = 500195.0, 5000835.0
    return vnir, swir


def test_prisma_l2d_joins_both_detectors(tmp_path: Path) -> None:
    vnir, swir = prisma(tmp_path / "a.he5", "L2D")
    cube = verbs.open_scene(tmp_path / "a.he5").cube
    assert cube.origin is not None
    assert (cube.origin.reader, cube.origin.entry) == ("prisma", "PRS_L2D_HCO")
    assert cube.bands.centres is not None
    assert cube.bands.fwhm is not None
    assert cube.bands.centres.tolist() == [410, 700, 940, 970, 1500, 2000, 2500]
    assert cube.bands.fwhm.tolist() == [10, 11, 6, 12, 7, 8, 9]
    wanted = [vnir[:, 2], vnir[:, 1], swir[:, 3], vnir[:, 0], swir[:, 2], swir[:, 1], swir[:, 0]]
    stored = np.stack(wanted, axis=2)
    np.testing.assert_array_equal(raw(cube), stored)
    np.testing.assert_array_equal(
        cube.source.read(Window(1, 6, 2, 7), np.array([6, 0, 3]), 2), stored[1:6:2, 2:7:2][:, :, [6, 0, 3]]
    )
    assert cube.pixel(2, 2)[0] == pytest.approx(vnir[2, 2, 2] / 65535 * 0.5)
    assert cube.pixel(2, 2)[6] == pytest.approx(0.1 + swir[2, 0, 2] / 65535 * 0.6)
    assert np.isnan(cube.pixel(0, 0)).all()
    assert cube.geo is not None
    assert cube.geo.crs == "EPSG:32632"
    assert cube.geo.position(0.5, 0.5) == (500015, 5000985)
    assert cube.geo.position(5.5, 6.5) == (500195, 5000835)
    assert verbs.open_scene(tmp_path / "a.he5", options={"zeros": False}).cube.nodata is None
    assert PrismaParams().zeros


def test_prisma_l1_is_radiance(tmp_path: Path) -> None:
    _, swir = prisma(tmp_path / "a.he5", "L1")
    cube = verbs.open_scene(tmp_path / "a.he5").cube
    assert (cube.quantity, cube.unit) == ("Radiance", "W/(m² sr µm)")
    assert cube.geo is None
    assert cube.pixel(2, 2)[6] == pytest.approx(swir[2, 0, 2] / 100 - 0.1)


@pytest.mark.parametrize("missing", ["List_Cw_Swir", "L2ScaleSwirMax"])
def test_prisma_without_its_attributes_is_refused(tmp_path: Path, missing: str) -> None:
    prisma(tmp_path / "a.he5", "L2D")
    with h5py.File(tmp_path / "a.he5", "a") as file:
        del file.attrs[missing]
    with pytest.raises(ReadError, match=missing):
        verbs.open_scene(tmp_path / "a.he5")


@pytest.mark.parametrize("driver", ["GTiff", "PNG"])
def test_a_folder_of_bands_is_a_cube(tmp_path: Path, driver: str) -> None:
    array = counts((8, 9, 12), "uint16")
    for band in range(12):
        name = f"scene_{400 + 100 * band}nm.{'tif' if driver == 'GTiff' else 'png'}"
        write(tmp_path / name, array[:, :, band : band + 1], driver)
    write(tmp_path / f"preview.{'tif' if driver == 'GTiff' else 'png'}", array[:4, :4, :3], driver)
    (tmp_path / "notes.txt").write_text("x")
    cube = verbs.open_scene(tmp_path).cube
    np.testing.assert_array_equal(raw(cube), array)
    assert cube.bands.centres is not None
    assert cube.bands.centres.tolist() == list(range(400, 1600, 100))
    assert any("1 other images" in note for note in cube.notes)


def test_numbers_in_names_count_by_value(tmp_path: Path) -> None:
    array = counts((4, 5, 11), "uint8")
    for band in range(11):
        write(tmp_path / f"ms_{band + 1}.png", array[:, :, band : band + 1], "PNG")
    np.testing.assert_array_equal(raw(verbs.open_scene(tmp_path).cube), array)


def test_hyperion_gets_its_wavelengths(tmp_path: Path) -> None:
    for band in (5, 8, 57, 71, 77, 224):
        write(tmp_path / f"EO1H0120312010_B{band:03}_L1T.TIF", counts((4, 5, 1)))
    cube = verbs.open_scene(tmp_path).cube
    assert cube.bands.centres is not None
    np.testing.assert_allclose(cube.bands.centres, [396.29, 426.82, 925.41, 851.92, 912.45, 2395.5], atol=0.1)
    assert cube.bands.mask.tolist() == [False, True, True, False, False, True]
    np.testing.assert_allclose(cube.pixel(1, 1), raw(cube)[1, 1] / [40, 40, 40, 80, 80, 80], rtol=1e-6)


def test_a_folder_without_images_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="is a folder"):
        verbs.open_scene(tmp_path)


def test_aviris_classic_equals_spectral(tmp_path: Path) -> None:
    path = tmp_path / "f970619.rfl"
    np.random.default_rng(0).integers(0, 10000, (3, 224, 614)).astype(">i2").tofile(path)
    lines = [f"{400 + 9.5 * band:.2f} 9.8 0.1 0.1 {band + 1}" for band in range(224)]
    (tmp_path / "f970619.spc").write_text("\n".join(lines))
    cube = verbs.open_scene(path).cube
    image = spectral.io.aviris.open(str(path))
    np.testing.assert_array_equal(raw(cube), np.asarray(image.open_memmap(interleave="bip")))
    np.testing.assert_allclose(cube.pixel(1, 2), image.read_pixel(1, 2), rtol=1e-6)
    assert cube.bands.centres is not None
    assert cube.bands.fwhm is not None
    np.testing.assert_allclose(cube.bands.centres, 400 + 9.5 * np.arange(224))
    image.fid.close()
    assert cube.bands.fwhm[0] == 9.8
    assert any("no header" in note for note in cube.notes)
