"""Spectra that were exported open again as libraries, whatever the format."""

from pathlib import Path

import numpy as np
import pytest

from hadviewer.core.library import SpectralLibrary
from hadviewer.engine.libraries import open_library
from hadviewer.io.writers.speclib import write_library

NM = np.linspace(400.123, 2500, 60)


@pytest.mark.parametrize("suffix", [".sli", ".hdr", ".txt", ".csv"])
@pytest.mark.parametrize("count", [1, 3])
def test_what_was_exported_is_read(suffix: str, count: int, tmp_path: Path) -> None:
    spectra = np.random.default_rng(0).random((count, 60), dtype=np.float32)
    spectra[0, 10:13] = np.nan
    names = ("Roof", "Line 3, sample 4", "Ground")[:count]
    mine = SpectralLibrary("Mine", names, spectra, NM, None, "Reflectance")
    for path in write_library(tmp_path / f"mine{suffix}", mine):
        library = open_library(path)
        assert len(library) == count
        np.testing.assert_allclose(library.spectra, spectra, rtol=1e-6)
        np.testing.assert_allclose(library.wavelengths, NM, rtol=1e-8)
        assert [name.replace(",", "") for name in library.names] == [name.replace(",", "") for name in names]


@pytest.mark.parametrize("suffix", [".sli", ".csv", ".txt"])
def test_spectra_without_wavelengths_too(suffix: str, tmp_path: Path) -> None:
    spectra = np.random.default_rng(0).random((2, 60), dtype=np.float32)
    path = write_library(tmp_path / f"mine{suffix}", SpectralLibrary("Mine", ("One", "Two"), spectra))[0]
    np.testing.assert_allclose(open_library(path).spectra, spectra, rtol=1e-6)
