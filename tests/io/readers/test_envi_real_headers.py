"""Real headers of which the data were too large to keep: opened over a data file of the size they ask for."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from hadviewer.io.readers.envi import EnviParams, examine, open_cube
from tests.io.conftest import MakeEnvi

SIZES = {
    "headers_only/enmap_berlin": (400, 220, 177),
    "headers_only/f180522t01p00r07rdn_e_obs": (1130, 677, 10),
    "headers_only/hires_berlin": (3327, 800, 3),
    "headers_only/isofit_ocean_spectra_rev2": (2000, 1, 850),
    "headers_only/jasperRidge2_F224": (100, 100, 224),
    "plantcv_dark/leading_commas_header_only": (1, 1600, 978),
    "day10/day10_bsq": (400, 440, 64),
}


def with_data(samples: Path, name: str, folder: Path) -> Path:
    """A copy of the header beside a file without blocks."""
    header = folder / f"{Path(name).name}.hdr"
    shutil.copyfile(samples / "envi" / f"{name}.hdr", header)
    data = header.with_suffix(".img")
    data.write_bytes(b"\0")
    os.truncate(data, examine(header, EnviParams())[2].end)
    return header


@pytest.mark.parametrize("name", SIZES)
def test_real_headers_open(samples: Path, tmp_path: Path, name: str) -> None:
    cube = open_cube(with_data(samples, name, tmp_path))
    assert cube.shape == SIZES[name]
    assert cube.notes == ()
    assert cube.values(slice(0, 2)).shape[2] == min(2, SIZES[name][2])


def test_wavelengths_of_two_detectors_keep_the_order_of_the_file(samples: Path, tmp_path: Path) -> None:
    """AVIRIS classic: its detectors overlap, so that wavelengths go back at three places."""
    bands = open_cube(with_data(samples, "headers_only/jasperRidge2_F224", tmp_path)).bands
    assert bands.centres is not None
    assert np.count_nonzero(np.diff(bands.centres) < 0) >= 1
    wanted = 664.14
    assert bands.nearest(wanted) == int(np.argmin(np.abs(bands.centres - wanted)))


def test_leading_commas_hide_no_wavelength(samples: Path, tmp_path: Path) -> None:
    bands = open_cube(with_data(samples, "plantcv_dark/leading_commas_header_only", tmp_path)).bands
    assert bands.centres is not None
    assert (bands.centres[0], bands.centres[-1], len(bands.centres)) == (379.027, 1000.95, 978)


@pytest.mark.parametrize("count", [3, 11])
def test_a_list_of_wavelengths_of_another_file_is_told_and_ignored(make_envi: MakeEnvi, count: int) -> None:
    """As the loc and obs files of isofit's PRISM example, which repeat the 246 wavelengths of the radiance."""
    waves = "{" + ", ".join(f"{350 + 2.8 * number:.2f}" for number in range(246)) + "}"
    header = make_envi(np.zeros((4, 5, count), np.float64), wavelength=waves, wavelength_units="Nanometers")
    cube = open_cube(header)
    assert cube.bands.centres is None
    assert f"246 wavelengths for {count} bands" in " ".join(cube.notes)
