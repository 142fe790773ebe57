"""Where bands lie along the axis, and where lines break."""

import numpy as np
import pytest

from hadviewer.gui.views.spectral_axis import SpectralAxis


def axis(centres=None, bad=(), count=None, in_nm=True):
    count = count or len(centres)
    usable = np.ones(count, dtype=bool)
    usable[list(bad)] = False
    return SpectralAxis(usable, None if centres is None else np.asarray(centres, float), in_nm)


def pieces(chart, values):
    """The unbroken pieces of a line, as lists of (x, y)."""
    found, piece = [], []
    for x, y in [*zip(chart.x, chart.line(values), strict=True), (np.nan, np.nan)]:
        if np.isfinite(x) and np.isfinite(y):
            piece.append((float(x), float(y)))
        elif piece:
            found.append(piece)
            piece = []
    return found


def test_all_bands_make_one_line_over_their_wavelengths():
    assert pieces(axis([400, 500, 600]), [1, 2, 3]) == [[(400, 1), (500, 2), (600, 3)]]


def test_a_bad_band_is_a_gap():
    assert pieces(axis([400, 500, 600, 700], bad=(1,)), [1, 2, 3, 4]) == [[(400, 1)], [(600, 3), (700, 4)]]


def test_a_missing_value_is_a_gap():
    assert pieces(axis([400, 500, 600]), [1, np.nan, 3]) == [[(400, 1)], [(600, 3)]]


def test_the_line_breaks_where_the_wavelength_turns_back():
    chart = axis([900, 1000, 950, 1050])
    assert pieces(chart, [1, 2, 3, 4]) == [[(900, 1), (1000, 2)], [(950, 3), (1050, 4)]]


def test_wavelengths_that_fall_throughout_make_one_line():
    assert len(pieces(axis([900, 800, 700]), [1, 2, 3])) == 1


def test_band_numbers_count_from_one():
    chart = axis(count=3)
    assert chart.title == "Band"
    assert pieces(chart, [5, 6, 7]) == [[(1, 5), (2, 6), (3, 7)]]
    assert axis([900, 1000, 950], in_nm=False).positions.tolist() == [1, 2, 3]


@pytest.mark.parametrize("centres", [[650.0], None])
def test_a_single_band_has_a_place(centres):
    assert len(pieces(axis(centres, count=1), [3])) == 1
