"""Profiles go through the pixels of a line, in its direction."""

import numpy as np
import pytest

from hadviewer.core.bands import BandSet
from hadviewer.core.cube import Cube
from hadviewer.engine.profiles import ProfileLine, across, read_profile
from hadviewer.io.sources import ArraySource


@pytest.fixture
def cube():
    line, sample, band = np.meshgrid(np.arange(60), np.arange(90), np.arange(4), indexing="ij")
    return Cube(ArraySource((10_000 * band + 100 * line + sample).astype(np.float32)), BandSet(4))


LINES = [
    ((0, 0), (19, 29)),
    ((19, 29), (0, 0)),
    ((3, 25), (9, 2)),
    ((2, 5), (17, 8)),
    ((4, 4), (4, 4)),
    ((1, 9), (15, 9)),
    ((0, 0), (59, 89)),
    ((50, 3), (0, 88)),
]


@pytest.mark.parametrize(("start", "end"), LINES)
def test_values_are_those_of_its_pixels(cube, start, end):
    line = ProfileLine(start, end)
    rows, cols = line.pixels()
    values = read_profile(cube, line, (2, 0))
    np.testing.assert_array_equal(values[:, 0], cube.values()[rows, cols, 2])
    np.testing.assert_array_equal(values[:, 1], cube.values()[rows, cols, 0])
    assert ((rows[0], cols[0]), (rows[-1], cols[-1])) == (start, end)
    assert np.maximum(abs(np.diff(rows)), abs(np.diff(cols))).max(initial=1) == 1


def test_rows_and_columns_run_across_the_scene(cube):
    row = across((60, 90), (7, 11), "row")
    np.testing.assert_array_equal(read_profile(cube, row, (1,))[:, 0], cube.plane(1)[7])
    column = across((60, 90), (7, 11), "column")
    np.testing.assert_array_equal(read_profile(cube, column, (1,))[:, 0], cube.plane(1)[:, 11])
    assert row.distances().tolist() == list(range(90))


def test_distances_are_those_between_pixels():
    assert ProfileLine((0, 0), (30, 40)).distances()[-1] == 50
