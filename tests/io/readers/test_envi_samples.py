"""Real ENVI files from many programs and cameras, compared with rasterio and spectral."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from hadviewer.core.cube import Cube
from hadviewer.core.errors import ReadError
from hadviewer.io.readers.envi import contents, open_array, open_cube

GOOD = {
    "avirisng_eph/ang20170323t202244_eph_att": (17540, 1, 7),
    "emit_unmix/emit20250324t221005_jpl_unmix_ex": (10, 10, 285),
    "enmapbox_fraction/fraction.bsq": (400, 220, 5),
    "gdal/aea.dat": (3, 434, 1),
    "gdal/aea_compressed.dat": (3, 434, 1),
    "gdal/envi_rgbsmall_bil.img": (49, 50, 3),
    "gdal/envi_rgbsmall_bip.img": (49, 50, 3),
    "gdal/envi_rgbsmall_bsq.img": (49, 50, 3),
    "gdal/uint16_envi_bigendian.dat": (20, 20, 1),
    "gdal_complex/cfloat32.raw": (20, 20, 1),
    "gdal_complex/cfloat64.raw": (20, 20, 1),
    "isofit_aviris3/AV320250308t200738_rdn.img": (1, 1, 284),
    "isofit_avirisng_chunk/ang20170323t202244_rdn_7000-7010": (10, 10, 425),
    "plantcv/corn-kernel-hyperspectral.raw": (31, 43, 580),
    "qps/qps_envi": (7, 10, 177),
    "snap_s2_nonascii_bo1/B8A.img": (100, 100, 1),
    "snap_s2_nonascii_bo1/sun_zenith.img": (100, 100, 1),
    "specim_fenix/Radiometric_4x2_1x1.dat": (1, 384, 450),
    "wiser/caltech_425_7_7_nm": (7, 7, 425),
    "wiser/caltech_4_100_150_nm": (150, 150, 4),
    "wiser_small/envi": (11, 12, 10),
}
NOT_FOR_SPECTRAL = ("gdal/aea_compressed.dat", "plantcv/corn-kernel-hyperspectral.raw")


def raw(cube: Cube) -> NDArray[Any]:
    return cube.source.read(cube.window, slice(None))


def header_of(data: Path) -> Path:
    return next(path for path in (data.with_suffix(".hdr"), data.with_name(data.name + ".hdr")) if path.exists())


@pytest.mark.parametrize("name", GOOD)
def test_values_equal_those_of_two_other_programs(samples: Path, name: str) -> None:
    rasterio = pytest.importorskip("rasterio")
    spectral = pytest.importorskip("spectral")
    data = samples / "envi" / name
    values = raw(open_cube(data))
    assert values.shape == GOOD[name]
    np.testing.assert_array_equal(values, raw(open_cube(header_of(data))))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        with rasterio.open(data) as dataset:
            np.testing.assert_array_equal(values, dataset.read().transpose(1, 2, 0))
    if name not in NOT_FOR_SPECTRAL:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            image = spectral.io.envi.open(str(header_of(data)), str(data))
        np.testing.assert_array_equal(values, image.open_memmap(interleave="bip"))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("plantcv_dark/darkReference2.hdr", "35 wavelengths for 978 bands"),
        ("plantcv/corn-kernel-hyperspectral.hdr", "little endian assumed"),
        ("plantcv/kmeans_training_5.hdr", "12 bytes longer"),
        ("gdal/rotation.hdr", "1 byte longer"),
        ("emit_unmix/emit20250324t221005_jpl_unmix_ex.hdr", "nanometres assumed"),
    ],
)
def test_what_is_odd_is_told_not_fatal(samples: Path, name: str, words: str) -> None:
    assert words in " ".join(open_cube(samples / "envi" / name).notes)


def test_three_interleaves_of_one_image_are_one_image(samples: Path) -> None:
    first, *others = (
        raw(open_cube(samples / f"envi/gdal/envi_rgbsmall_{order}.hdr")) for order in ("bsq", "bil", "bip")
    )
    for other in others:
        np.testing.assert_array_equal(first, other)


def test_compressed_equals_plain(samples: Path) -> None:
    plain, packed = (raw(open_cube(samples / f"envi/gdal/{name}.hdr")) for name in ("aea", "aea_compressed"))
    np.testing.assert_array_equal(plain, packed)


def test_zero_based_default_bands_of_wiser(samples: Path) -> None:
    cube = open_cube(samples / "envi/wiser/caltech_4_100_150_nm.hdr")
    assert cube.default_bands == (2, 1, 0)
    assert cube.nodata == -9999


def test_gain_of_a_sentinel_band(samples: Path) -> None:
    cube = open_cube(samples / "envi/snap_s2_nonascii_bo1/B8A.hdr")
    np.testing.assert_allclose(cube.values()[:, :, 0], raw(cube)[:, :, 0] * 1e-4, rtol=1e-6)
    assert cube.bands.centres is not None
    assert cube.bands.centres[0] == 865


def test_rotation_and_units(samples: Path) -> None:
    geo = open_cube(samples / "envi/gdal/rotation.hdr").geo
    assert geo is not None
    np.testing.assert_allclose(geo.affine[1:3], (1.0982, -2.4666), atol=1e-4)
    assert geo.label == "UTM 12 N, WGS-84"


def test_the_classification_is_a_mask(samples: Path) -> None:
    path = samples / "envi/gdal/testenviclasses.hdr"
    assert contents(path)[0].role == "mask"
    assert open_array(path).shape == (1, 1)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("envi/git_lfs_pointer_data/HymapBerlinA_image.hdr", "Git LFS pointer"),
        ("envi/plantcv_dark/arcgis.hdr", "ESRI header"),
        ("ehdr_esri_bil/float32.hdr", "ESRI header"),
        ("ehdr_esri_bil/float32.bil", "ESRI header"),
        ("envi/headers_only/jasperRidge2_F224.hdr", "is missing"),
        ("envi/headers_only/hylite_hypercloud.hdr", "Hypercloud"),
        ("geotiff/gdal_envi_sidecar/byte_envi.hdr", "TIFF"),
        ("speclib/enmapbox/library_berlin.sli", "spectral library of 75 spectra with 177 bands"),
        ("envi/gdal/envistat.sta", "is not the data"),
    ],
)
def test_what_is_no_image_is_refused_in_one_sentence(samples: Path, name: str, words: str) -> None:
    with pytest.raises(ReadError) as caught:
        open_cube(samples / name)
    assert words in caught.value.message
    assert Path(name).stem in caught.value.message
    assert "\n" not in str(caught.value)
