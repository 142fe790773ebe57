"""Whole cubes and tables written by the program are read by others."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from hadviewer.core.bands import BandSet
from hadviewer.core.geo import Georeference
from hadviewer.io.readers.envi import open_cube
from hadviewer.io.writers.envi import write_envi_cube
from hadviewer.io.writers.table import write_csv


@pytest.mark.parametrize(
    ("kind", "order"),
    list(itertools.product(["u1", "<i2", ">f4", "f8", "c8", "?", "i1", "f2", "u8"], ["bsq", "bil", "bip"])),
)
def test_every_type_and_interleave(tmp_path: Path, kind: str, order: str) -> None:
    array = np.random.default_rng(0).integers(0, 100, (5, 6, 7)).astype(kind)
    header, data = write_envi_cube(tmp_path / "a.hdr", array, interleave=order)
    cube = open_cube(header)
    np.testing.assert_array_equal(cube.source.read(cube.window, slice(None)), array)
    assert cube.source.order == order
    assert data.stat().st_size == array.size * cube.dtype.itemsize
    spectral = pytest.importorskip("spectral")
    image = spectral.io.envi.open(str(header), str(data))
    np.testing.assert_array_equal(image.open_memmap(interleave="bip"), array)


def test_what_is_known_about_the_cube_survives(tmp_path: Path) -> None:
    bands = BandSet(
        3,
        np.array([400.25, 1e3 / 3, 2500]),
        np.array([1.5, 2, 3]),
        ("a", "b, c", "d {e}"),
        np.array([True, False, True]),
    )
    geo = Georeference((500000.0, 2.0, 0.0, 4100000.0, 0.0, -2.0), "EPSG:32633", units="m")
    array = np.arange(24, dtype="i2").reshape(2, 4, 3)
    header, _ = write_envi_cube(
        tmp_path / "a.hdr", array, bands, description="é {x}\ny", nodata=-9999, scale_factor=10000, geo=geo,
        default_bands=(2, 1, 0), extra={"sensor type": "simulated"},
    )  # fmt: skip
    cube = open_cube(header)
    np.testing.assert_array_equal(cube.bands.centres, bands.centres)
    np.testing.assert_array_equal(cube.bands.fwhm, bands.fwhm)
    assert cube.bands.names == ("a", "b; c", "d (e)")
    assert cube.bands.mask.tolist() == [True, False, True]
    assert (cube.nodata, cube.default_bands) == (-9999, (2, 1, 0))
    assert cube.geo is not None
    assert cube.geo.affine == geo.affine
    assert cube.meta["sensor type"] == "simulated"
    np.testing.assert_allclose(cube.values(), array / 10000, rtol=1e-6)
    again, _ = write_envi_cube(tmp_path / "b.hdr", array, cube.bands, geo=cube.geo)
    assert open_cube(again).geo == cube.geo
    assert not cube.notes


def test_a_table_has_comments_header_and_rows(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "roc.csv", ["pf", "pd"], [(0.0, 0.5), (np.float64(0.1), 1)], "made by\nhadviewer é")
    assert path.read_text(encoding="utf-8") == "# made by\n# hadviewer é\npf,pd\n0.0,0.5\n0.1,1\n"
    assert np.loadtxt(path, delimiter=",", skiprows=3, encoding="utf-8").shape == (2, 2)
