"""Spectral libraries of every format: values, names and wavelengths as in the file; damaged files in one sentence."""

import gzip
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hadviewer.core.errors import ReadError
from hadviewer.core.library import SpectralLibrary
from hadviewer.engine import libraries, verbs
from hadviewer.engine.libraries import is_library, open_library

MakeEnvi = Callable[..., Path]
SAMPLES = (
    "wiser/USGS_Mineral_Spectral_Library",
    "enmapbox/SpecLib_Berlin_Urban_Gradient_2009_244bands",
    "enmapbox/library_berlin",
    "enmapbox/roberts2017_urban",
)


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def sli(make_envi: MakeEnvi, spectra: np.ndarray, **fields: Any) -> Path:
    given = {"file_type": "ENVI Spectral Library", "wavelength_units": "Nanometers"} | fields
    return make_envi(spectra[:, :, np.newaxis], extension=".sli", **given)


# ENVI


@pytest.mark.parametrize("name", SAMPLES)
def test_real_libraries_hold_what_spectral_reads(samples: Path, name: str) -> None:
    envi = pytest.importorskip("spectral.io.envi")
    header = samples / "speclib" / f"{name}.hdr"
    found = open_library(header)
    oracle = envi.open(str(header))
    assert list(found.names) == [" ".join(item.split()) for item in oracle.names]
    fields = envi.read_envi_header(str(header))
    usable = np.array(fields.get("bbl", ["1"] * found.bands), dtype=float) > 0
    expected = np.where(usable, oracle.spectra, np.nan)
    expected = np.where(expected < -1e30, np.nan, expected)
    np.testing.assert_allclose(found.spectra, expected, rtol=1e-6)
    unit = 1.0 if fields["wavelength units"].lower().startswith("nano") else 1000.0
    assert found.wavelengths is not None
    np.testing.assert_allclose(found.wavelengths, np.array(fields["wavelength"], dtype=float) * unit)


def test_a_library_opens_by_either_file_with_or_without_extension(samples: Path) -> None:
    folder = samples / "speclib" / "wiser"
    by_header = open_library(folder / "usgs_resampHeadwallSWIR.hdr")
    by_data = open_library(folder / "usgs_resampHeadwallSWIR")
    np.testing.assert_array_equal(by_header.spectra, by_data.spectra)
    assert len(by_header) == 481


@pytest.mark.parametrize("kind", ["<f4", ">f4", "<f8", "<i2", ">u2", "<u1"])
def test_types_byte_orders_and_an_offset(make_envi: MakeEnvi, kind: str) -> None:
    spectra = np.arange(12).reshape(3, 4).astype(kind)
    header = sli(make_envi, spectra, offset=16, wavelength="{400, 500, 600, 700}", spectra_names="{a, b, c}")
    found = open_library(header)
    np.testing.assert_array_equal(found.spectra, spectra.astype(np.float32))
    assert found.names == ("a", "b", "c")


def test_scale_factor_ignore_value_and_bad_bands(make_envi: MakeEnvi) -> None:
    spectra = np.array([[1000, 2000, -1], [5000, -1, 7000]], dtype="<i2")
    header = sli(make_envi, spectra, reflectance_scale_factor=10000, data_ignore_value=-1, bbl="{1, 1, 0}")
    np.testing.assert_allclose(open_library(header).spectra, [[0.1, 0.2, np.nan], [0.5, np.nan, np.nan]], rtol=1e-6)


def test_deleted_values_of_the_usgs_are_missing(make_envi: MakeEnvi) -> None:
    found = open_library(sli(make_envi, np.array([[-1.23e34, 0.5]], dtype="<f4")))
    assert np.isnan(found.spectra[0, 0])
    assert found.spectra[0, 1] == 0.5


def test_names_with_commas_are_numbered_and_remarked(make_envi: MakeEnvi) -> None:
    found = open_library(sli(make_envi, np.ones((2, 3), "<f4"), spectra_names="{grass, dry, sand}"))
    assert found.names == ("Spectrum 1", "Spectrum 2")
    assert any("3 names for 2 spectra" in note for note in found.notes)


def test_wavelengths_of_a_wrong_number_are_dropped_with_a_note(make_envi: MakeEnvi) -> None:
    found = open_library(sli(make_envi, np.ones((2, 3), "<f4"), wavelength="{400, 500}"))
    assert found.wavelengths is None
    assert any("2 wavelengths for 3 bands" in note for note in found.notes)


def test_a_library_cut_short_opens_with_the_spectra_that_are_there(make_envi: MakeEnvi) -> None:
    header = sli(make_envi, np.ones((5, 4), "<f4"), spectra_names="{a, b, c, d, e}")
    data = header.with_suffix(".sli")
    data.write_bytes(data.read_bytes()[: 3 * 16 + 5])
    found = open_library(header)
    assert found.names == ("a", "b", "c")
    assert any("3 of 5 lines" in note for note in found.notes)


def test_a_compressed_library(make_envi: MakeEnvi) -> None:
    spectra = np.arange(6, dtype="<f4").reshape(2, 3)
    header = sli(make_envi, spectra, file_compression=1)
    data = header.with_suffix(".sli")
    data.write_bytes(gzip.compress(data.read_bytes()))
    np.testing.assert_array_equal(open_library(header).spectra, spectra)


def test_a_header_without_file_type_but_with_names_of_spectra_is_a_library(make_envi: MakeEnvi) -> None:
    header = sli(make_envi, np.ones((2, 3), "<f4"), file_type=None, spectra_names="{a, b}")
    assert open_library(header).names == ("a", "b")


def test_an_image_of_one_sample_a_line_is_taken_for_a_library_when_asked(make_envi: MakeEnvi) -> None:
    header = make_envi(np.arange(12, dtype="<f4").reshape(3, 1, 4), wavelength="{400, 500, 600, 700}")
    found = open_library(header)
    np.testing.assert_array_equal(found.spectra, np.arange(12).reshape(3, 4))
    assert not is_library(header), "dropped on the window it is a cube"


def test_opening_a_library_as_a_cube_says_where_it_belongs(make_envi: MakeEnvi) -> None:
    with pytest.raises(ReadError, match="spectral library of 2 spectra with 3 bands"):
        verbs.open_scene(sli(make_envi, np.ones((2, 3), "<f4")))


@pytest.mark.parametrize(
    "damage",
    [{"samples": 2**60}, {"lines": 2**40}, {"samples": 0}, {"data_type": 77}, {"lines": "many"}, {"bands": 9}],
    ids=str,
)
def test_headers_that_promise_what_is_not_there_are_refused(make_envi: MakeEnvi, damage: dict[str, Any]) -> None:
    header = sli(make_envi, np.ones((2, 3), "<f4"), **damage)
    with pytest.raises(ReadError):
        open_library(header)


# ASD


def asd_file(
    path: Path, values: np.ndarray, *, kind: int = 1, magic: bytes = b"as7", reference: np.ndarray | None = None
) -> Path:
    """A file written field by field as the format's description lists them."""
    head = bytearray(484)
    head[:3] = magic
    head[186] = kind
    struct.pack_into("<ff", head, 191, 350.0, 2.0)
    head[199] = {"f4": 0, "i4": 1, "f8": 2}[values.dtype.str[1:]]
    struct.pack_into("<H", head, 204, len(values))
    body = bytes(head) + values.tobytes()
    if reference is not None:
        body += struct.pack("<hddh", -1, 0.0, 0.0, 5) + b"white" + reference.tobytes()
    path.write_bytes(body)
    return path


def test_a_real_asd_file_holds_what_its_bytes_say(samples: Path) -> None:
    path = samples / "speclib" / "asd" / "ribb00001.asd"
    data = path.read_bytes()
    (channels,) = struct.unpack_from("<h", data, 204)
    start, step = struct.unpack_from("<ff", data, 191)
    target = np.array(struct.unpack_from(f"<{channels}d", data, 484))
    white = np.array(struct.unpack_from(f"<{channels}d", data, 484 + 8 * channels + 20))
    found = open_library(path)
    assert (found.names, found.quantity) == (("ribb00001",), "Reflectance")
    np.testing.assert_allclose(found.spectra[0], target / white, rtol=1e-6)
    assert found.wavelengths is not None
    np.testing.assert_allclose(found.wavelengths, start + step * np.arange(channels))


@pytest.mark.parametrize("kind", ["<f4", "<i4", "<f8"])
def test_asd_reflectance_is_the_ratio_to_the_white_reference(tmp_path: Path, kind: str) -> None:
    white = np.full(20, 200).astype(kind)
    path = asd_file(tmp_path / "a.asd", np.arange(20).astype(kind), reference=white)
    np.testing.assert_allclose(open_library(path).spectra[0], np.arange(20) / 200, rtol=1e-6)


def test_the_first_version_keeps_its_values(tmp_path: Path) -> None:
    found = open_library(asd_file(tmp_path / "a.asd", np.full(4, 0.5, "<f4"), magic=b"ASD"))
    assert found.quantity == "Reflectance"
    np.testing.assert_array_equal(found.spectra, [[0.5] * 4])


def test_radiance_without_calibration_says_that_it_is_digital_numbers(tmp_path: Path) -> None:
    found = open_library(asd_file(tmp_path / "a.asd", np.ones(4, "<f4"), kind=2))
    assert found.quantity == "Digital number"
    assert "digital numbers" in found.notes[0]


def test_damaged_asd_files_are_refused(tmp_path: Path) -> None:
    good = asd_file(tmp_path / "a.asd", np.ones(100, "<f8")).read_bytes()
    short = tmp_path / "short.asd"
    short.write_bytes(good[:700])
    with pytest.raises(ReadError, match="100 channels need 1284"):
        open_library(short)
    odd = bytearray(good)
    struct.pack_into("<f", odd, 195, float("nan"))
    (tmp_path / "odd.asd").write_bytes(odd)
    with pytest.raises(ReadError, match="cannot be"):
        open_library(tmp_path / "odd.asd")


# Tables


@pytest.mark.parametrize(
    "text",
    [
        "wavelength,grass,sand\n400,0.1,0.3\n500,0.2,0.4\n600,0.3,0.5\n",
        "Wavelength (nm);grass;sand\n400;0,1;0,3\n500;0,2;0,4\n600;0,3;0,5\n",
        "wavelength_um\tgrass\tsand\r\n0.4\t0.1\t0.3\r\n0.5\t0.2\t0.4\r\n0.6\t0.3\t0.5\r\n",
        "# by hand\nnm  grass  sand\n400  0.1  0.3\n500 0.2 0.4\n600 0.3 0.5\n",
        'name,400,500,600\ngrass,0.1,0.2,0.3\n"sand",0.3,0.4,0.5\n',
        "ENVI ASCII Plot\nColumn 1: Wavelength\nColumn 2: grass~~1\nColumn 3: sand\n4e2 .1 .3\n5e2 .2 .4\n6e2 .3 .5",
        "band,wavelength_nm,usable,grass,sand\n1,400,1,0.1,0.3\n2,500,1,0.2,0.4\n3,600,1,0.3,0.5\n",
    ],
    ids=["comma", "decimal comma", "tab, micrometres", "blanks", "a spectrum a row", "ENVI plot", "our own export"],
)
def test_tables_in_all_the_ways_they_are_written(tmp_path: Path, text: str) -> None:
    found = open_library(write(tmp_path / "table.csv", text))
    assert found.names == ("grass", "sand")
    np.testing.assert_allclose(found.spectra, [[0.1, 0.2, 0.3], [0.3, 0.4, 0.5]], rtol=1e-6)
    assert found.wavelengths is not None
    np.testing.assert_allclose(found.wavelengths, [400, 500, 600])


def test_a_table_without_names_takes_that_of_the_file(tmp_path: Path) -> None:
    found = open_library(write(tmp_path / "oak.txt", "400 0.1\n500 0.2\n600 0.3\n"))
    assert found.names == ("oak",)


def test_empty_cells_and_bad_bands_are_gaps(tmp_path: Path) -> None:
    found = open_library(write(tmp_path / "a.csv", "band,wavelength_nm,usable,a\n1,400,1,\n2,500,0,3\n3,600,1,4\n"))
    np.testing.assert_array_equal(found.spectra, [[np.nan, np.nan, 4]])


def test_band_numbers_are_no_wavelengths(tmp_path: Path) -> None:
    found = open_library(write(tmp_path / "a.csv", "band,usable,a\n1,1,5\n2,1,6\n3,1,7\n"))
    assert found.wavelengths is None
    np.testing.assert_array_equal(found.spectra, [[5, 6, 7]])


@pytest.mark.parametrize(
    "content",
    [
        b"just words\nand more words\n",
        b"wavelength,a\n400,1\n500,1,2,3\n",
        b"wavelength,a\n400,1\n500,oops\n",
        b"\0\1\2\3 400,1\n500,2\n",
        b"",
        b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n",
    ],
    ids=["words", "ragged", "text among numbers", "binary", "empty", "pointer"],
)
def test_what_is_no_table_is_refused_in_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(ReadError) as caught:
        open_library(path)
    assert "\n" not in str(caught.value)


# USGS and ECOSTRESS


def test_usgs_version_7_finds_its_wavelengths_beside(tmp_path: Path) -> None:
    write(tmp_path / "splib07a_Wavelengths_TEST.txt", " splib07a Record=1: Wavelengths\n 0.4\n 0.5\n 0.6\n")
    folder = tmp_path / "ChapterM"
    folder.mkdir()
    path = write(folder / "mineral.txt", " splib07a Record=77: Alunite GDS84 ASDFRb AREF\n 0.1\n -1.23e34\n 0.3\n")
    found = open_library(path)
    assert (found.names, found.quantity) == (("Alunite GDS84 ASDFRb AREF",), "Reflectance")
    np.testing.assert_allclose(found.spectra, [[0.1, np.nan, 0.3]], rtol=1e-6)
    assert found.wavelengths is not None
    np.testing.assert_allclose(found.wavelengths, [400, 500, 600])


def test_usgs_without_its_wavelengths_says_so(tmp_path: Path) -> None:
    found = open_library(write(tmp_path / "mineral.txt", "splib07a Record=77: Alunite\n0.1\n0.2\n"))
    assert found.wavelengths is None
    assert "wavelengths" in found.notes[0]


def test_usgs_version_6(tmp_path: Path) -> None:
    text = "USGS Digital Spectral Library: splib06a\n\nhttp://\nReference.\ntitle = Quartz GDS31\nhistory\n\n"
    path = write(tmp_path / "q.asc", text + "  0.4  0.5  0.01\n  0.5 -1.23e34 0.0\n  0.6  0.7  0.01\n")
    found = open_library(path)
    assert found.names == ("Quartz GDS31",)
    np.testing.assert_allclose(found.spectra, [[0.5, np.nan, 0.7]], rtol=1e-6)


def test_ecostress_percents_and_micrometres(tmp_path: Path) -> None:
    text = (
        "Name: Olivine\nType: Mineral\nClass: Silicate\nSubclass: Nesosilicate\nWavelength Range: All\n"
        "X Units: Wavelength (micrometers)\nY Units: Reflectance (percent)\nNumber of X Values: 3\n"
        "Additional Information: none\n\n   2.0000\t 30.0\n   1.0000\t 20.0\n   0.5000\t 10.0\n"
    )
    found = open_library(write(tmp_path / "m.spectrum.txt", text))
    assert (found.names, found.quantity) == (("Olivine",), "Reflectance")
    np.testing.assert_allclose(found.spectra, [[0.3, 0.2, 0.1]], rtol=1e-6)
    assert found.wavelengths is not None
    np.testing.assert_allclose(found.wavelengths, [2000, 1000, 500])


# All of them


def test_single_spectra_of_a_folder_become_one_library(tmp_path: Path) -> None:
    paths = [write(tmp_path / f"{name}.txt", "400 1\n500 2\n600 3\n") for name in ("a", "b", "c")]
    odd = write(tmp_path / "other.txt", "400 1\n500 2\n")
    found, failed = libraries.open_libraries([*paths, odd, tmp_path / "missing.txt"])
    assert [len(library) for library in found] == [3, 1]
    assert found[0].names == ("a", "b", "c")
    assert [str(error).endswith("Check the path.") for error in failed] == [True]


def test_both_files_of_a_pair_are_one_library(make_envi: MakeEnvi) -> None:
    header = sli(make_envi, np.ones((2, 3), "<f4"))
    found, _ = libraries.open_libraries([header, header.with_suffix(".sli")])
    assert [library.source for library in found] == [header]


TEXTS = (
    "Name: Olivine\nType: Mineral\nClass: Silicate\nX Units: Wavelength (micrometers)\n\n2.0 30.0\n1.0 20.0\n",
    "splib07a Record=77: Alunite\n0.1\n0.2\n",
    "USGS Digital Spectral Library: splib06a\ntitle = Quartz\n  0.4  0.5  0.01\n  0.5 0.6 0.0\n",
    "name,400,500,600\na,1,2,3\nb,4,5,6\n",
    "wavelength;a;b\n400;1,5;2\n500;1,6;3\n",
)


@pytest.mark.parametrize("seed", range(60))
def test_damaged_text_gives_a_library_or_one_sentence(tmp_path: Path, seed: int) -> None:
    random = np.random.default_rng(seed)
    text = bytearray(TEXTS[seed % len(TEXTS)].encode())
    for place in random.integers(0, len(text), 6).tolist():
        text[place] = int(random.choice(list(b',;\t\n" 0-e{}=:\x00\xff')))
    path = tmp_path / "a.txt"
    path.write_bytes(text[: int(random.integers(1, len(text) + 1))])
    is_library(path)
    found, failed = libraries.open_libraries([path])
    assert len(found) + len(failed) == 1
    assert all("\n" not in str(error) for error in failed)


def test_a_dump_of_regions_is_no_library(tmp_path: Path) -> None:
    path = write(tmp_path / "rois.txt", "; ENVI Output of ROIs (5.3)\n; ROI name: a\n 1 2 3\n 2 3 4\n")
    assert not is_library(path)


def test_files_of_cubes_are_no_libraries(samples: Path) -> None:
    assert not is_library(samples / "envi" / "plantcv" / "corn-kernel-hyperspectral.hdr")
    assert not is_library(samples / "numpy" / "missing.npy")


@pytest.mark.parametrize("seed", range(40))
def test_damaged_bytes_give_a_library_or_one_sentence(samples: Path, tmp_path: Path, seed: int) -> None:
    random = np.random.default_rng(seed)
    source = samples / "speclib" / ("asd/ribb00001.asd" if seed % 2 else "enmapbox/library_berlin.hdr")
    data = bytearray(source.read_bytes()[: int(random.integers(10, 9000))])
    for place in random.integers(0, len(data), 12).tolist():
        data[place] = int(random.integers(256))
    path = tmp_path / source.name
    path.write_bytes(data)
    beside = source.with_suffix(".sli")
    if beside.exists():
        (tmp_path / beside.name).write_bytes(beside.read_bytes()[:9000])
    found, failed = libraries.open_libraries([path])
    assert len(found) + len(failed) == 1
    assert all(isinstance(library, SpectralLibrary) for library in found)
    assert all("\n" not in str(error) for error in failed)


def test_a_cell_longer_than_a_table_can_have_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", 'wavelength,a\n400,1\n500,"' + "9" * 200_000 + "\n")
    with pytest.raises(ReadError):
        open_library(path)
