"""Scaling, derivatives and statistics of spectra against numpy and exact cases."""

import numpy as np
import pytest

from hadviewer.analysis.spectra import TREATMENTS, derivative, norm, spread, treat

X = np.array([400.0, 410.0, 425.0, 430.0, 460.0, 480.0, 481.0])


def test_derivatives_of_a_parabola_are_exact_on_uneven_bands():
    parabola = 3 * X**2 - 5 * X + 2
    np.testing.assert_allclose(derivative(parabola, X)[1:-1], (6 * X - 5)[1:-1])
    np.testing.assert_allclose(derivative(parabola, X, 2)[1:-1], 6)
    assert np.isnan(derivative(parabola, X, 2)[[0, -1]]).all()


def test_the_first_derivative_is_that_of_numpy():
    values = np.random.default_rng(0).normal(size=(3, len(X)))
    np.testing.assert_allclose(derivative(values, X), np.gradient(values, X, axis=1))


def test_derivatives_do_not_reach_over_gaps():
    values = 2 * X
    values[3] = np.nan
    first = derivative(values, X)
    assert np.isnan(first[3])
    np.testing.assert_allclose(np.delete(first, 3), 2)
    assert np.isfinite(derivative(values, X, 2)).tolist() == [False, True, False, False, False, True, False]


def test_derivatives_do_not_reach_over_the_seam_of_two_detectors():
    x = np.array([400.0, 500.0, 600.0, 550.0, 650.0, 750.0])
    values = np.array([0.0, 1.0, 2.0, 50.0, 51.0, 52.0])
    np.testing.assert_allclose(derivative(values, x), 0.01)
    assert np.isfinite(derivative(values, x, 2)).tolist() == [False, True, False, False, True, False]


def test_falling_wavelengths_give_the_same_derivative():
    values = np.sin(X / 30)
    for order in (1, 2):
        np.testing.assert_allclose(derivative(values[::-1], X[::-1], order), derivative(values, X, order)[::-1])


def test_norms_leave_gaps_out():
    values = np.array([[3.0, np.nan, 4.0], [0.0, 0.0, 0.0], [np.nan] * 3])
    assert norm(values, "max")[0] == 4
    assert norm(values, "mean")[0] == 3.5
    assert norm(values, "unit")[0] == 5
    for kind in ("max", "mean", "unit"):
        assert np.isnan(norm(values, kind)[1:]).all()


def test_normalised_spectra_differ_no_more_by_their_brightness():
    values = np.array([0.1, 0.4, 0.2, 0.3, 0.5, 0.2, 0.1])
    for treatment in ("max", "mean", "unit", "continuum"):
        np.testing.assert_allclose(treat(values, X, treatment), treat(7 * values, X, treatment))


@pytest.mark.parametrize("treatment", TREATMENTS)
def test_every_treatment_keeps_shape_input_and_one_band(treatment):
    values = np.ones((2, 7), dtype=np.float32)
    values.flags.writeable = False
    assert treat(values, X, treatment).shape == (2, 7)
    assert treat(np.ones(1), np.ones(1), treatment).shape == (1,)


def test_the_spread_is_numpys_and_leaves_gaps_out():
    values = np.random.default_rng(0).normal(100, 3, size=(30, 5))
    values[::4, 1], values[:, 2] = np.nan, np.nan
    found = spread(values.reshape(5, 6, 5))
    known = values[:, [0, 1, 3, 4]]
    for given, wanted in (
        (found.mean, np.nanmean(known, axis=0)),
        (found.std, np.nanstd(known, axis=0)),
        (found.minimum, np.nanmin(known, axis=0)),
        (found.maximum, np.nanmax(known, axis=0)),
    ):
        np.testing.assert_allclose(given[[0, 1, 3, 4]], wanted)
        assert np.isnan(given[2])
    assert found.count.tolist() == [30, 22, 0, 30, 30]


def test_one_spectrum_has_no_spread():
    found = spread(np.array([[1.0, 2.0]]))
    assert found.std.tolist() == [0, 0]
    assert found.mean.tolist() == found.minimum.tolist() == found.maximum.tolist() == [1, 2]
