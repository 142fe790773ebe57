"""Exported spectra open again, here and with an independent reader."""

import csv
from pathlib import Path

import numpy as np
import pytest
import spectral.io.envi

from hadviewer.core.bands import BandSet
from hadviewer.core.errors import WriteError
from hadviewer.core.library import SpectralLibrary
from hadviewer.io.readers._envi_header import read_header
from hadviewer.io.writers.speclib import spectra_table, write_library

NM = np.array([400.123456, 500.5, 450.25, 2500.0])


@pytest.fixture
def library() -> SpectralLibrary:
    spectra = np.random.default_rng(0).random((3, 4), dtype=np.float32)
    return SpectralLibrary("Scene 1", ("Roof", "Grass, dry", "Roof"), spectra, NM, np.full(4, 10.5), "Reflectance")


def test_a_library_is_what_spectral_reads(library: SpectralLibrary, tmp_path: Path) -> None:
    paths = write_library(tmp_path / "mine.sli", library)
    assert [path.name for path in paths] == ["mine.sli", "mine.hdr"]
    found = spectral.io.envi.open(str(tmp_path / "mine.hdr"))
    assert isinstance(found, spectral.io.envi.SpectralLibrary)
    np.testing.assert_array_equal(found.spectra, library.spectra)
    np.testing.assert_allclose(found.bands.centers, NM)
    np.testing.assert_allclose(found.bands.bandwidths, 10.5)
    assert found.bands.band_unit == "Nanometers"
    assert found.names == ["Roof", "Grass dry", "Roof (2)"]


def test_the_header_says_what_a_library_must(library: SpectralLibrary, tmp_path: Path) -> None:
    bands = BandSet(4, NM, usable=np.array([True, False, True, True]))
    write_library(tmp_path / "mine.hdr", library, bands)
    header = read_header(tmp_path / "mine.hdr")
    assert header.notes == []
    assert header.text("file type") == "ENVI Spectral Library"
    assert (header.integer("samples"), header.integer("lines"), header.integer("bands")) == (4, 3, 1)
    assert header.words("spectra names") == ["Roof", "Grass dry", "Roof (2)"]
    assert header.words("z plot titles") == ["Wavelength (nm)", "Reflectance"]
    assert header.numbers("wavelength") == pytest.approx(NM, rel=1e-15)
    assert header.numbers("bbl") == [1, 0, 1, 1]
    assert (tmp_path / "mine.sli").stat().st_size == 3 * 4 * 4


def test_without_wavelengths_there_are_band_numbers(library: SpectralLibrary, tmp_path: Path) -> None:
    bare = SpectralLibrary("Bare", library.names, library.spectra)
    write_library(tmp_path / "bare.sli", bare)
    header = read_header(tmp_path / "bare.hdr")
    assert "wavelength" not in header.fields
    np.testing.assert_array_equal(spectral.io.envi.open(str(tmp_path / "bare.hdr")).spectra, library.spectra)
    assert spectra_table(bare, BandSet(4))[0] == ["band", "usable", "Roof", "Grass, dry", "Roof (2)"]


def test_the_text_of_a_plot_has_titles_then_columns(library: SpectralLibrary, tmp_path: Path) -> None:
    write_library(tmp_path / "plot.txt", library)
    lines = (tmp_path / "plot.txt").read_text().splitlines()
    assert lines[0].startswith("ENVI ASCII Plot File")
    assert lines[1:5] == ["Column 1: Wavelength (nm)", "Column 2: Roof", "Column 3: Grass, dry", "Column 4: Roof (2)"]
    table = np.loadtxt(tmp_path / "plot.txt", skiprows=5)
    np.testing.assert_allclose(table[:, 0], NM, rtol=1e-9)
    np.testing.assert_array_equal(table[:, 1:].astype(np.float32), library.spectra.T)


def test_the_table_has_a_row_for_each_band_and_holes_stay_empty(library: SpectralLibrary, tmp_path: Path) -> None:
    spectra = library.spectra.copy()
    spectra[1, 2] = np.nan
    holed = SpectralLibrary("Scene 1", library.names, spectra, NM, None, "Reflectance")
    write_library(tmp_path / "t.csv", holed, BandSet(4, NM, usable=np.array([True, False, True, True])))
    comment, *lines = (tmp_path / "t.csv").read_text().splitlines()
    assert comment == "# Scene 1: Reflectance"
    header, *rows = csv.reader(lines)
    assert header == ["band", "wavelength_nm", "usable", "Roof", "Grass, dry", "Roof (2)"]
    assert [row[2] for row in rows] == ["1", "0", "1", "1"]
    assert rows[2][4] == ""
    np.testing.assert_array_equal([float(row[3]) for row in rows], spectra[0].astype(float).round(9))
    for name in ("holed.txt", "holed.sli"):
        write_library(tmp_path / name, holed)
    assert "NaN" in (tmp_path / "holed.txt").read_text()
    assert np.isnan(spectral.io.envi.open(str(tmp_path / "holed.hdr")).spectra[1, 2])


def test_any_other_ending_is_refused(library: SpectralLibrary, tmp_path: Path) -> None:
    with pytest.raises(WriteError, match="xlsx"):
        write_library(tmp_path / "mine.xlsx", library)
    assert list(tmp_path.iterdir()) == []


def test_the_header_of_an_image_is_never_replaced(library: SpectralLibrary, tmp_path: Path) -> None:
    (tmp_path / "scene.hdr").write_text("ENVI")
    (tmp_path / "scene.dat").write_bytes(b"")
    with pytest.raises(WriteError, match=r"scene\.hdr belongs to another file"):
        write_library(tmp_path / "scene.sli", library)
    assert (tmp_path / "scene.hdr").read_text() == "ENVI"
    write_library(tmp_path / "mine.sli", library)
    write_library(tmp_path / "mine.sli", library)
