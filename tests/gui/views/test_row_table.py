"""Figures in tables of many rows: as many digits in all rows of a column, and no more than say something."""

import numpy as np
import pytest

from hadviewer.gui.views.row_table import digits_of


@pytest.mark.parametrize(
    ("values", "digits"),
    [
        pytest.param([1787.9, 311.5, 215.0], 1, id="the-largest-has-five-figures"),
        pytest.param([0.5, 1.0, np.nan], 1, id="no-zeros-that-say-nothing"),
        pytest.param([3.0, 12.0], 0, id="whole"),
        pytest.param([0.1234567, 0.9], 5, id="below-one"),
        pytest.param([123456.7], 0, id="six-places-before-the-point"),
        pytest.param([1e9, 1.0], -1, id="too-large-for-a-fixed-point"),
        pytest.param([1e-6], -1, id="too-small-for-a-fixed-point"),
        pytest.param([0.0, 0.0], 0, id="zeros"),
        pytest.param([np.nan, np.inf], 0, id="nothing-finite"),
        pytest.param([], 0, id="no-rows"),
    ],
)
def test_a_column_has_as_many_digits_as_its_largest_value_needs(values, digits):
    assert digits_of(np.array(values, dtype=np.float64)) == digits


def test_counts_have_no_digits():
    assert digits_of(np.arange(5)) == 0
