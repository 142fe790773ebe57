"""GeoTIFF: equal to rasterio for any layout, window, bands and step; wavelengths from every place they are kept in."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hadviewer.core.cube import Window
from hadviewer.core.errors import ReadError
from hadviewer.io.readers import geotiff
from hadviewer.io.readers.geotiff import open_array, open_cube

rasterio = pytest.importorskip("rasterio")


def write(path: Path, array: np.ndarray, **profile: Any) -> Path:
    """An array (rows, cols, bands) as GeoTIFF, by rasterio alone."""
    rows, cols, count = array.shape
    tags, band_tags = profile.pop("tags", {}), profile.pop("band_tags", [])
    names, scales = profile.pop("names", ()), profile.pop("scales", None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        size = {"height": rows, "width": cols, "count": count, "dtype": array.dtype.name}
        with rasterio.open(path, "w", driver="GTiff", **size, **profile) as dataset:
            dataset.write(array.transpose(2, 0, 1))
            for namespace, fields in tags.items():
                dataset.update_tags(ns=namespace, **fields)
            for band, fields in enumerate(band_tags, 1):
                dataset.update_tags(band, **fields)
            for band, name in enumerate(names, 1):
                dataset.set_band_description(band, name)
            if scales is not None:
                dataset.scales, dataset.offsets = scales
    return path


LAYOUTS = [
    {"interleave": "pixel"},
    {"interleave": "band"},
    {"interleave": "pixel", "tiled": True, "blockxsize": 16, "blockysize": 16, "compress": "deflate"},
    {"interleave": "band", "tiled": True, "blockxsize": 16, "blockysize": 32},
    {"interleave": "band", "blockysize": 3, "compress": "lzw", "BIGTIFF": "YES"},
]


@pytest.fixture(scope="module")
def cubes(tmp_path_factory: pytest.TempPathFactory) -> Any:
    array = np.random.default_rng(1).integers(-500, 30000, size=(41, 53, 6)).astype(np.int16)
    folder = tmp_path_factory.mktemp("tiff")
    return array, [open_cube(write(folder / f"{n}.tif", array, **layout)) for n, layout in enumerate(LAYOUTS)]


@given(st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_part_of_any_layout_equals_the_array(cubes: Any, data: st.DataObject) -> None:
    array, opened = cubes
    cube = data.draw(st.sampled_from(opened))
    row0, row1 = sorted(data.draw(st.lists(st.integers(0, 41), min_size=2, max_size=2)))
    col0, col1 = sorted(data.draw(st.lists(st.integers(0, 53), min_size=2, max_size=2)))
    bands = np.array(data.draw(st.lists(st.integers(0, 5), max_size=4)), dtype=np.intp)
    step = data.draw(st.integers(1, 20))
    found = cube.source.read(Window(row0, row1, col0, col1), bands, step)
    np.testing.assert_array_equal(found, array[row0:row1:step, col0:col1:step][:, :, bands])


def test_sizes_come_from_the_blocks_wanted(cubes: Any) -> None:
    """Between lines of a coarse picture whole rows of blocks are left out."""
    from hadviewer.io.readers._raster import _by_blocks

    parts = [list(range(40))[part] for part in _by_blocks(np.arange(0, 40), 3)]
    assert parts == [list(range(40))]
    rows = np.arange(0, 40, 10)
    assert [rows[part].tolist() for part in _by_blocks(rows, 16)] == [[0, 10], [20, 30]]


WAVELENGTHS = [450.5, 550.25, 650.125]


@pytest.mark.parametrize(
    "kept",
    [
        {"band_tags": [{"wavelength": w, "wavelength_units": "Nanometers", "fwhm": 5, "bbl": 1} for w in WAVELENGTHS]},
        {"tags": {"ENVI": {"wavelength": "{0.4505, 0.55025, 0.650125}", "wavelength_units": "Micrometers"}}},
        {"names": [f"band ({w} Nanometers)" for w in WAVELENGTHS]},
        {"names": [f"wl_{w}" for w in WAVELENGTHS]},
        {"tags": {None: {f"Band_{n}": f"{w} Nanometers" for n, w in enumerate(WAVELENGTHS, 1)}}},
    ],
    ids=["band tags", "ENVI tags", "names", "names of converted PRISMA", "numbered tags"],
)
def test_wavelengths_are_found_where_programs_keep_them(tmp_path: Path, kept: Any) -> None:
    cube = open_cube(write(tmp_path / "a.tif", np.zeros((4, 5, 3), dtype=np.uint8), **kept))
    assert cube.bands.centres is not None
    np.testing.assert_allclose(cube.bands.centres, WAVELENGTHS)


def test_wavelengths_of_a_header_beside(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", np.zeros((4, 5, 3), dtype=np.uint8))
    (tmp_path / "a.hdr").write_text(
        "ENVI\nsamples = 5\nlines = 4\nbands = 3\nfile type = TIFF\ndata type = 1\n"
        "wavelength units = Nanometers\nwavelength = {450.5, 550.25, 650.125}\n"
    )
    cube = open_cube(path)
    assert cube.bands.centres is not None
    np.testing.assert_allclose(cube.bands.centres, WAVELENGTHS)


def test_bad_bands_scale_no_data_and_place(tmp_path: Path) -> None:
    array = np.arange(60, dtype=np.int16).reshape(4, 5, 3)
    place = {"crs": "EPSG:32611", "transform": rasterio.Affine(2, 1, 500000, 1, -2, 4100000)}
    flags = [{"bbl": flag} for flag in (1, 0, 1)]
    scales = ([1e-4] * 3, [0.5] * 3)
    cube = open_cube(write(tmp_path / "a.tif", array, nodata=7, band_tags=flags, scales=scales, **place))
    assert cube.bands.mask.tolist() == [True, False, True]
    wanted = array * 1e-4 + 0.5
    wanted[array == 7] = np.nan
    np.testing.assert_allclose(cube.values(dtype=np.float64), wanted, rtol=1e-12)
    assert cube.geo is not None
    assert (cube.geo.label, cube.geo.units) == ("EPSG:32611", "m")
    assert cube.geo.position(3, 2) == (500000 + 2 * 2 + 1 * 3, 4100000 + 1 * 2 - 2 * 3)


@pytest.mark.parametrize(
    "tags",
    [
        {"ENVI": {"bbl": "{1, 0, 1}", "default_bands": "{3, 2, 1}"}},
        {None: {"BAD_BANDS": "{1,0,1}", "DEFAULT_BANDS": "{2,1,0}"}},
    ],
    ids=["ENVI tags", "tags of WISER"],
)
def test_bad_and_default_bands_of_a_whole_raster(tmp_path: Path, tags: Any) -> None:
    cube = open_cube(write(tmp_path / "a.tif", np.zeros((4, 5, 3), dtype=np.uint8), tags=tags))
    assert cube.bands.mask.tolist() == [True, False, True]
    assert cube.default_bands == (2, 1, 0)


def test_no_data_is_compared_as_it_is_stored(tmp_path: Path) -> None:
    value = float(np.float32(-3.4e38))
    array = np.full((4, 5, 1), value, dtype=np.float32)
    array[1, 1] = 3
    values = open_cube(write(tmp_path / "a.tif", array, nodata=-3.4e38)).values()
    assert np.flatnonzero(np.isfinite(values)).tolist() == [6]


def test_a_score_map_is_read_back_with_its_gaps(tmp_path: Path) -> None:
    scores = np.random.default_rng(0).normal(size=(6, 7, 1)).astype(np.float32)
    scores[0, 0] = np.nan
    path = write(tmp_path / "a.tif", scores, nodata=np.nan)
    np.testing.assert_array_equal(open_array(path), scores[:, :, 0])
    with pytest.raises(ReadError, match="3 bands"):
        open_array(write(tmp_path / "b.tif", np.zeros((4, 5, 3), dtype=np.uint8)))


@pytest.mark.parametrize("content", [b"", b"version https://git-lfs.github.com/spec/v1", b"ENVI\n", b"II*\0rubbish"])
def test_what_is_no_tiff_is_refused_in_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(content)
    with pytest.raises(ReadError, match=r"a\.tif"):
        open_cube(path)


def test_a_file_cut_short_says_so_when_read(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", np.random.default_rng(0).integers(0, 255, (80, 90, 4)).astype(np.uint8))
    path.write_bytes(path.read_bytes()[:9000])
    with pytest.raises(ReadError, match=r"a\.tif is damaged"):
        open_cube(path).values()


GOOD = {
    "enmap_potsdam/enmap_potsdam_tile_64_0.tif": (32, 32, 224),
    "neon_hsi_crop/2019_HARV_6_726000_4699000_image_crop_hyperspectral_2019.tif": (27, 10, 369),
    "neon_hsi_crop/OSBS_graves.contrib.112_2021.tif": (11, 11, 369),
    "node_gdal/multiband.tif": (512, 512, 3),
    "node_gdal/sample_jpeg.tif": (4, 4, 3),
    "node_gdal/sample_bigtiff.tif": (1, 100000, 1),
}


@pytest.mark.parametrize("name", GOOD)
def test_real_files_equal_rasterio(samples: Path, name: str) -> None:
    path = samples / "geotiff" / name
    cube = open_cube(path)
    assert cube.shape == GOOD[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        with rasterio.open(path) as dataset:
            wanted = dataset.read().transpose(1, 2, 0)
    np.testing.assert_array_equal(cube.source.read(cube.window, slice(None)), wanted)


def test_the_tile_of_enmap(samples: Path) -> None:
    cube = open_cube(samples / "geotiff" / "enmap_potsdam" / "enmap_potsdam_tile_64_0.tif")
    assert cube.bands.centres is not None
    assert cube.bands.centres[0] == 418.24
    assert np.flatnonzero(~cube.bands.mask).tolist() == list(range(129, 135))
    assert cube.scale is not None
    assert np.all(np.asarray(cube.scale.gain) == 1e-4)
    assert cube.geo is not None
    assert cube.geo.crs == "EPSG:32633"


def test_a_block_larger_than_memory_is_refused(samples: Path) -> None:
    with pytest.raises(ReadError, match=r"blocks of 4096 × 66000 pixels, 1 GiB each"):
        open_cube(samples / "geotiff" / "node_gdal" / "huge-sparse.tiff")


def test_a_truncated_file(samples: Path) -> None:
    cube = open_cube(samples / "geotiff" / "node_gdal" / "truncated.tiff")
    with pytest.raises(ReadError, match="damaged"):
        cube.values()


def test_the_content_decides() -> None:
    assert geotiff.sniff(Path("a.dat"), b"II+\0\x08\0") == 2
    assert geotiff.sniff(Path("a.tif"), b"ENVI") == 1
    assert geotiff.sniff(Path("a.img"), b"ENVI") == 0
