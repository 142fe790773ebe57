"""The continuum is the upper convex hull, found by another way here."""

import numpy as np
import pytest

from hadviewer.analysis.continuum import continuum, remove_continuum


def slow_hull(x, values):
    """The height of every chord between two points over each point; the highest is the hull."""
    points = [(a, b) for a, b in zip(x, values, strict=True) if np.isfinite(b)]
    hull = np.full(len(x), np.nan)
    for place, at in enumerate(x):
        heights = [b for a, b in points if a == at]
        for a, b in points:
            for c, d in points:
                if a < at < c:
                    heights.append(b + (d - b) * (at - a) / (c - a))
        if heights:
            hull[place] = max(heights)
    return hull


def smooth(count, bands, seed=0):
    rng = np.random.default_rng(seed)
    return np.cumsum(rng.normal(size=(count, bands)), axis=1) + 100


@pytest.mark.parametrize("seed", range(4))
def test_it_is_the_upper_hull_of_uneven_bands_with_gaps(seed):
    rng = np.random.default_rng(seed)
    x = np.sort(rng.uniform(400, 2500, 40))
    spectra = smooth(6, 40, seed)
    spectra[rng.random(spectra.shape) < 0.15] = np.nan
    for one, hull in zip(spectra, continuum(spectra, x), strict=True):
        np.testing.assert_allclose(hull, slow_hull(x, one), rtol=1e-12)


def test_bands_in_any_order_have_the_same_continuum():
    x = np.linspace(400, 2500, 60)
    spectra = smooth(3, 60)
    mixed = np.random.default_rng(1).permutation(60)
    np.testing.assert_allclose(continuum(spectra[:, mixed], x[mixed]), continuum(spectra, x)[:, mixed])
    np.testing.assert_allclose(continuum(spectra[:, ::-1], x[::-1]), continuum(spectra, x)[:, ::-1])


def test_overlapping_detectors_share_a_wavelength():
    x = np.array([400.0, 500.0, 600.0, 500.0, 600.0, 700.0])
    values = np.array([1.0, 2.0, 2.5, 3.0, 2.0, 1.0])
    np.testing.assert_allclose(continuum(values, x), [1, 3, 2.5, 3, 2.5, 1])


def test_a_concave_spectrum_is_its_own_continuum_and_a_valley_is_bridged():
    x = np.linspace(0, 1, 50)
    hill = 1 - (x - 0.5) ** 2
    np.testing.assert_allclose(remove_continuum(hill, x), 1)
    valley = np.array([1.0, 0.5, 1.0])
    np.testing.assert_allclose(remove_continuum(valley, np.array([0.0, 1.0, 2.0])), valley)


def test_known_depth_comes_out_whatever_the_slope_of_the_ground():
    x = np.linspace(2000, 2400, 81)
    ground = 0.2 + 0.0005 * (x - 2000)
    dip = 1 - 0.4 * np.exp(-(((x - 2200) / 30) ** 2))
    assert remove_continuum(ground * dip, x).min() == pytest.approx(0.6, abs=1e-3)


def test_it_never_lies_below_the_spectrum():
    spectra = smooth(200, 100)
    assert (continuum(spectra, np.linspace(400, 900, 100)) >= spectra).all()
    assert remove_continuum(spectra, np.linspace(400, 900, 100)).max() == 1


def test_nothing_known_and_single_values():
    x = np.arange(4.0)
    assert np.isnan(continuum(np.full(4, np.nan), x)).all()
    np.testing.assert_array_equal(continuum(np.array([np.nan, 3, np.nan, np.nan]), x), [np.nan, 3, np.nan, np.nan])
    assert np.isnan(remove_continuum(np.array([-1.0, -2, -3, -4]), x)).all()
    assert np.isnan(continuum(np.ones(4), np.full(4, np.nan))).all()


def test_wavelengths_that_are_not_known_are_left_out():
    x = np.array([0.0, np.nan, 2.0])
    np.testing.assert_array_equal(continuum(np.array([1.0, 9.0, 3.0]), x), [1, np.nan, 3])
