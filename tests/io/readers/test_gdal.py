"""Rasters of many programs by GDAL: known by content, equal to rasterio, and no file outside their folder is opened."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hadviewer.core.errors import ReadError
from hadviewer.engine import verbs
from hadviewer.io.readers import gdal

rasterio = pytest.importorskip("rasterio")


def write(path: Path, driver: str, count: int = 3, dtype: str = "uint8", **profile: Any) -> np.ndarray:
    """A random image by rasterio alone, (rows, cols, bands)."""
    array = np.random.default_rng(0).integers(0, 255, (count, 20, 24)).astype(dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        with rasterio.open(path, "w", driver, 24, 20, count, dtype=dtype, **profile) as file:
            file.write(array)
    return array.transpose(1, 2, 0)


WRITTEN = [
    ("a.img", "HFA", {}), ("a.pix", "PCIDSK", {}), ("a.ntf", "NITF", {}), ("a.png", "PNG", {}), ("a.vic", "VICAR", {}),
    ("a.cub", "ISIS3", {}), ("a.bil", "EHdr", {}), ("a.jp2", "JP2OpenJPEG", {"QUALITY": "100", "REVERSIBLE": "YES"}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "driver", "profile"), WRITTEN, ids=[driver for _, driver, _ in WRITTEN])
def test_formats_are_told_by_their_content(tmp_path: Path, name: str, driver: str, profile: Any) -> None:
    array = write(tmp_path / name, driver, **profile)
    path = tmp_path / name
    if driver != "EHdr":
        path = path.rename(tmp_path / "renamed.dat")
    cube = verbs.open_scene(path).cube
    assert cube.origin is not None
    assert cube.origin.reader == "gdal"
    np.testing.assert_array_equal(cube.source.read(cube.window, slice(None)), array)


def test_an_esri_header_leads_to_its_data(tmp_path: Path) -> None:
    array = write(tmp_path / "a.bil", "EHdr", 4, "float32")
    cube = verbs.open_scene(tmp_path / "a.hdr").cube
    np.testing.assert_array_equal(cube.source.read(cube.window, slice(None)), array)
    (tmp_path / "a.bil").unlink()
    with pytest.raises(ReadError, match="ESRI header"):
        verbs.open_scene(tmp_path / "a.hdr")


@pytest.mark.parametrize(
    ("clicked", "shape"),
    [
        ("crism_pds3/hsp00017ba0_01_ra218s_trr3_truncated.lbl", (2, 64, 107)),
        ("crism_pds3/hsp00017ba0_01_ra218s_trr3_truncated.img", (2, 64, 107)),
        ("isis3/isis3_detached.lbl", (30, 317, 1)),
        ("isis3/isis3_detached.cub", (30, 317, 1)),
        ("isis3/FC21B0037339_15142232818F1C_3bands_truncated.cub", (1, 1, 3)),
        ("jp2/ESP_048952_1785_COLOR_crop.JP2", (128, 128, 3)),
        ("erdas_lan/fakelan.lan", (2, 2, 1)),
    ],
)
def test_label_and_image_of_planetary_data_are_one(samples: Path, clicked: str, shape: tuple[int, ...]) -> None:
    assert verbs.open_scene(samples / "other" / clicked).cube.shape == shape


def test_wavelengths_beside_an_image_of_erdas(tmp_path: Path) -> None:
    """As Purdue's Indian Pines: 92AV3C.lan with 92AV3C.spc."""
    write(tmp_path / "a.img", "HFA")
    (tmp_path / "a.spc").write_text("  400.02  9.78  0.22\n  409.82  9.78  0.22\n  419.62  9.79  0.22\n")
    cube = verbs.open_scene(tmp_path / "a.img").cube
    assert cube.bands.centres is not None
    assert cube.bands.centres.tolist() == [400.02, 409.82, 419.62]
    assert any("a.spc" in note for note in cube.notes)


VRT = """<VRTDataset rasterXSize="24" rasterYSize="20">{more}<VRTRasterBand dataType="Byte" band="1"{kind}>
<SimpleSource><SourceFilename relativeToVRT="{relative}">{name}</SourceFilename><SourceBand>2</SourceBand>
</SimpleSource></VRTRasterBand></VRTDataset>"""


def virtual(folder: Path, name: str, relative: int = 1, kind: str = "", more: str = "") -> Path:
    path = folder / "a.vrt"
    path.write_text(VRT.format(name=name, relative=relative, kind=kind, more=more))
    return path


def test_a_virtual_raster_of_its_own_folder(tmp_path: Path) -> None:
    array = write(tmp_path / "a.tif", "GTiff")
    cube = verbs.open_scene(virtual(tmp_path, "a.tif")).cube
    np.testing.assert_array_equal(cube.source.read(cube.window, slice(None)), array[:, :, 1:2])


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": "../a.tif"}, "not in its own folder"),
        ({"name": "/etc/passwd"}, "not in its own folder"),
        ({"name": "/vsicurl/http://example.org/a.tif"}, "not in its own folder"),
        ({"name": "a.tif", "relative": 0}, "not in its own folder"),
        ({"name": "b.tif"}, "not there"),
        ({"name": "a.vrt"}, "no TIFF"),
        ({"name": "link.tif"}, "not in its own folder"),
        ({"name": "a.tif", "kind": ' subClass="VRTDerivedRasterBand"'}, "VRTDerivedRasterBand"),
        ({"name": "a.tif", "more": "<OverviewFile>x</OverviewFile>"}, "OverviewFile"),
        ({"name": "a.tif", "more": '<Metadata domain="OVERVIEWS"/>'}, "OVERVIEWS"),
    ],
)
def test_a_virtual_raster_reaches_no_other_file(tmp_path: Path, fields: Any, words: str) -> None:
    folder = tmp_path / "inner"
    folder.mkdir()
    write(tmp_path / "a.tif", "GTiff")
    write(folder / "a.tif", "GTiff")
    (folder / "link.tif").symlink_to(tmp_path / "a.tif")
    with pytest.raises(ReadError, match=words):
        verbs.open_scene(virtual(folder, **fields))


def test_xml_with_declarations_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.vrt"
    path.write_text('<VRTDataset><!DOCTYPE x [<!ENTITY a "aaaa">]></VRTDataset>')
    with pytest.raises(ReadError, match="no plain XML"):
        gdal.open_cube(path)


def test_a_label_reaches_no_other_file(samples: Path, tmp_path: Path) -> None:
    text = (samples / "other" / "isis3" / "isis3_detached.lbl").read_text(encoding="latin-1")
    (tmp_path / "a.lbl").write_text(text.replace("isis3_detached.cub", "../../secret.cub"), encoding="latin-1")
    with pytest.raises(ReadError, match="not in its own folder"):
        gdal.open_cube(tmp_path / "a.lbl")
