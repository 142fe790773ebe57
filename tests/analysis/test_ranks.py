"""Ranks equal scipy's, and sums of ranks depend on the order of the scores alone."""

import numpy as np
import pytest
from scipy.stats import rankdata

from hadviewer.analysis.ranks import rank_sum, relative_ranks


def maps(count=3, seed=0):
    return np.random.default_rng(seed).gamma(2, size=(count, 9, 14)).astype(np.float32)


@pytest.mark.parametrize("levels", [3, 10_000])
def test_ranks_are_those_of_scipy_with_ties(levels):
    values = np.random.default_rng(1).integers(0, levels, 500).astype(float)
    np.testing.assert_array_equal(relative_ranks(values), rankdata(values) / 500)


def test_values_that_are_missing_have_no_rank_and_count_for_none():
    values = np.array([[3.0, np.nan, 1.0], [2.0, np.inf, 3.0]])
    np.testing.assert_array_equal(relative_ranks(values), [[3.5 / 4, np.nan, 1 / 4], [2 / 4, np.nan, 3.5 / 4]])
    assert np.isnan(relative_ranks(np.full((2, 3), np.nan))).all()
    assert relative_ranks(np.zeros(0)).shape == (0,)


def test_the_sum_is_that_of_the_ranks_over_what_all_maps_score():
    first, second, third = maps()
    second[2, 3] = np.nan
    common = np.isfinite(second)
    expected = sum(rankdata(scores[common]) for scores in (first, second, third)) / common.sum()
    found = rank_sum([first, second, third])
    assert found.dtype == np.float32
    np.testing.assert_allclose(found[common], expected, rtol=1e-6)
    assert np.isnan(found[2, 3])


def test_any_increasing_change_of_one_map_changes_nothing():
    first, second, third = maps()
    np.testing.assert_array_equal(rank_sum([first, second, third]), rank_sum([np.log(first), 5 * second, third**3]))


def test_equal_maps_sum_to_the_order_of_one():
    first = maps()[0]
    np.testing.assert_allclose(rank_sum([first, first]), 2 * relative_ranks(first), rtol=1e-6)
