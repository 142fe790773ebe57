"""Spectra come out the same whatever is read along with them, and neighbours are not read twice."""

from pathlib import Path

import numpy as np
import pytest

from hadviewer.core.cube import Window
from hadviewer.engine import verbs
from hadviewer.engine.spectra import SpectrumReader
from hadviewer.io.writers.envi import write_envi_cube


@pytest.fixture(params=["bsq", "bil", "bip"])
def cube(request, tmp_path: Path):
    values = np.random.default_rng(0).normal(size=(37, 300, 12)).astype(np.float32)
    values[5, 6, 7] = -9999
    header = tmp_path / "cube.hdr"
    write_envi_cube(header, values, interleave=request.param, nodata=-9999.0)
    return verbs.open_scene(header).cube


class Counted:
    """Counts the reads of a source."""

    def __init__(self, source):
        self._source, self.reads = source, 0
        self.shape, self.dtype, self.order = source.shape, source.dtype, source.order

    def read(self, window, bands, step=1):
        self.reads += 1
        return self._source.read(window, bands, step)


def test_pixels_and_windows_are_the_cubes(cube):
    reader, whole = SpectrumReader(cube), cube.values()
    for row, col in ((0, 0), (5, 6), (36, 299), (16, 64), (15, 255), (16, 256)):
        np.testing.assert_array_equal(reader.around(row, col), whole[row, col][None])
        up, left = max(row - 1, 0), max(col - 2, 0)
        window = whole[up : row + 2, left : col + 3].reshape(-1, 12)
        np.testing.assert_array_equal(reader.around(row, col, (3, 5)), window)
    np.testing.assert_array_equal(reader.read(Window(3, 35, 10, 290)), whole[3:35, 10:290])


def test_neighbours_come_from_what_was_read(cube):
    from dataclasses import replace

    source = Counted(cube.source)
    reader = SpectrumReader(replace(cube, source=source))
    for col in range(64):
        reader.around(3, col)
    assert source.reads == (64 if source.order == "bip" else 2), "the first by itself, then all that follow at once"


def test_places_far_apart_are_read_by_themselves(cube):
    from dataclasses import replace

    source = Counted(cube.source)
    reader = SpectrumReader(replace(cube, source=source))
    for col in (0, 100, 200, 299):
        reader.around(3, col)
    assert reader._chunks == {}
    assert source.reads == 4


def test_no_more_is_kept_than_may_be(cube):
    reader = SpectrumReader(cube, kept_bytes=200_000)
    for row in range(37):
        for col in range(0, 300, 50):
            reader.around(row, col)
    assert reader._chunks or cube.source.order == "bip"
    assert sum(chunk.nbytes for chunk in reader._chunks.values()) == reader._held <= 200_000
