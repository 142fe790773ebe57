"""Normalisations do what their names say, and pixels without values neither count nor appear."""

import numpy as np
import pytest

from hadviewer.core.context import Context
from hadviewer.core.errors import ParamError
from hadviewer.core.params import NoParams, parse
from hadviewer.transforms.normalise import ClipParams, RangeParams, bandwise, clip, l2, unit, zscore

RNG = np.random.default_rng(0)
CUBE = (RNG.gamma(2.0, 900.0, (17, 23, 6)) * RNG.uniform(0.2, 2, 6)).astype(np.float32)


def test_scene_goes_to_zero_and_one_and_spectra_keep_their_shape():
    result = unit(CUBE, RangeParams(), Context())
    assert (result.min(), result.max()) == (0, 1)
    expected = (CUBE.astype(float) - CUBE.min()) / (CUBE.max() - CUBE.min())
    np.testing.assert_allclose(result, expected, atol=1e-6)


def test_every_band_goes_to_zero_and_one():
    result = bandwise(CUBE, RangeParams(), Context())
    assert (result.min(axis=(0, 1)) == 0).all()
    assert (result.max(axis=(0, 1)) == 1).all()
    low, high = CUBE.min(axis=(0, 1)), CUBE.max(axis=(0, 1))
    np.testing.assert_allclose(result, (CUBE.astype(float) - low) / (high - low), atol=1e-6)


@pytest.mark.parametrize("function", [unit, bandwise])
def test_tails_are_clipped_to_the_ends(function):
    result = function(CUBE, RangeParams(tails=2), Context())
    assert (result.min(), result.max()) == (0, 1)
    assert (result == 1).mean() == pytest.approx(0.02, abs=0.01)
    assert result.mean() > function(CUBE, RangeParams(), Context()).mean()


def test_standardised_bands_have_mean_zero_and_deviation_one():
    result = zscore(CUBE, NoParams(), Context()).astype(float)
    np.testing.assert_allclose(result.mean(axis=(0, 1)), 0, atol=1e-6)
    np.testing.assert_allclose(result.std(axis=(0, 1)), 1, atol=1e-6)


def test_standardising_a_band_far_from_zero_keeps_its_digits():
    cube = (1e6 + RNG.integers(0, 8, (40, 40, 1))).astype(np.float32)
    result = zscore(cube, NoParams(), Context()).astype(float)
    assert abs(result.mean()) < 1e-6
    assert len(np.unique(result)) == 8


def test_spectra_have_length_one_and_keep_their_direction():
    result = l2(CUBE, NoParams(), Context())
    np.testing.assert_allclose(np.linalg.norm(result, axis=2), 1, atol=1e-6)
    ratio = CUBE / result
    np.testing.assert_allclose(ratio, ratio[..., :1].repeat(6, axis=2), rtol=1e-5)


def test_black_pixel_stays_black():
    cube = CUBE.copy()
    cube[3, 4] = 0
    assert (l2(cube, NoParams(), Context())[3, 4] == 0).all()


def test_clipping_moves_only_the_extremes():
    result = clip(CUBE, ClipParams(low=5, high=90), Context())
    low, high = np.percentile(CUBE, [5, 90], axis=(0, 1))
    np.testing.assert_allclose(result, np.clip(CUBE, low, high), rtol=1e-6)
    assert (result == CUBE).mean() == pytest.approx(0.85, abs=0.02)


def test_one_hot_pixel_no_longer_rules_the_range():
    cube = np.tile(np.linspace(0, 1, 10_000, dtype=np.float32).reshape(100, 100, 1), (1, 1, 2))
    cube[0, 0] = 1e6
    assert clip(cube, ClipParams(), Context()).max() < 1.001


def test_percentiles_in_the_wrong_order_name_the_field():
    with pytest.raises(ParamError, match="below the upper") as caught:
        parse(ClipParams, {"low": 60, "high": 40})
    assert caught.value.field == "low"


@pytest.mark.parametrize("function", [unit, bandwise, zscore, l2, clip])
def test_a_pixel_missing_one_band_is_missing_and_does_not_count(function):
    params = {unit: RangeParams(), bandwise: RangeParams(), clip: ClipParams(low=1, high=99)}.get(function, NoParams())
    holed = CUBE.copy()
    holed[0, :, 2] = np.nan
    holed[0, :, :2] = 1e9  # what is left of a broken pixel must not stretch the range
    result = function(holed, params, Context())
    assert np.isnan(result[0]).all()
    np.testing.assert_array_equal(result[1:], function(np.ascontiguousarray(CUBE[1:]), params, Context()))
