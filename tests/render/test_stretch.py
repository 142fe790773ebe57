"""A stretch shows the values between its limits and nothing surprising elsewhere."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import norm, rankdata
from skimage.exposure import adjust_gamma, equalize_hist, rescale_intensity

from hadviewer.render.stretch import (
    SAMPLE,
    Curve,
    deviations,
    equalised,
    gaussian,
    grid_sample,
    histogram,
    limits,
    linear,
    logarithm,
    square_root,
    stretch,
)


def test_two_percent_lie_beyond_either_limit() -> None:
    values = np.arange(10_001, dtype=np.float32)
    assert limits(values, 2) == pytest.approx((200, 9800))


def test_zero_percent_is_minimum_and_maximum_of_every_pixel() -> None:
    plane = np.zeros((1000, 1000), dtype=np.float32)
    plane[1, 1], plane[998, 7] = -3, 40
    assert limits(plane, 0) == (-3, 40)


def test_missing_values_do_not_count() -> None:
    assert limits(np.array([np.nan, 1, 2, np.inf, 3], dtype=np.float32), 0) == (1, 3)


def test_nothing_but_missing_values_gives_limits_that_can_be_shown() -> None:
    assert limits(np.full(5, np.nan, dtype=np.float32)) == (0, 1)


@pytest.mark.parametrize("value", [0.0, 7.0, -1e6])
def test_a_flat_band_is_mid_grey(value: float) -> None:
    plane = np.full((3, 4), value, dtype=np.float32)
    assert set(stretch(plane, limits(grid_sample(plane))).ravel()) <= {127, 128}


def test_one_bright_pixel_in_a_flat_band_is_seen() -> None:
    plane = np.zeros((50, 50), dtype=np.float32)
    plane[20, 20] = 1
    shown = stretch(plane, limits(grid_sample(plane)))
    assert shown[20, 20] == 255
    assert shown[0, 0] == 0


def test_a_sample_of_a_large_plane_is_small_and_of_a_small_plane_is_all() -> None:
    assert grid_sample(np.zeros((900, 1700))).size <= SAMPLE
    assert grid_sample(np.zeros((30, 40))).size == 1200


@given(
    hnp.arrays(
        np.float32, hnp.array_shapes(min_dims=2, max_dims=2, max_side=9), elements=st.floats(-1e4, 1e4, width=32)
    ),
    st.tuples(st.floats(-1e4, 1e4), st.floats(1e-1, 1e4)),
)
def test_a_stretch_agrees_with_the_formula(plane: np.ndarray, ends: tuple[float, float]) -> None:
    low, high = ends[0], ends[0] + ends[1]
    expected = np.clip((plane.astype(float) - low) / (high - low) * 255, 0, 255)
    assert np.abs(stretch(plane, (low, high)) - expected).max() <= 0.51 + 255 * 1e-2


def test_missing_is_zero_and_extremes_are_cut() -> None:
    plane = np.array([[np.nan, -3e38, 3e38, 0.5]], dtype=np.float32)
    assert stretch(plane, (0, 1)).tolist() == [[0, 0, 255, 128]]


def test_limits_the_wrong_way_round_turn_the_picture_into_its_negative() -> None:
    assert stretch(np.array([[0.0, 1.0]], dtype=np.float32), (1, 0)).tolist() == [[255, 0]]


SAMPLES = {
    "skewed": np.random.default_rng(3).gamma(2, 5, 4000).astype(np.float32),
    "integers": np.random.default_rng(4).integers(-3, 40, 3000).astype(np.float32),
    "huge": np.random.default_rng(5).normal(1e30, 1e28, 3000).astype(np.float32),
    "tiny": np.random.default_rng(6).normal(0, 1e-30, 3000).astype(np.float32),
}


def shown(curve: Curve, values: np.ndarray) -> np.ndarray:
    out = np.empty((1, values.size), dtype=np.uint8)
    curve.apply(np.asarray(values, dtype=np.float32)[None], out)
    return out[0].astype(float)


@pytest.mark.parametrize("name", SAMPLES)
def test_linear_is_rescale_intensity_between_percentiles(name: str) -> None:
    values = SAMPLES[name].astype(float)
    ends = tuple(np.percentile(values, [3, 97]))
    expected = rescale_intensity(values, in_range=ends, out_range=(0, 255))
    assert np.abs(shown(linear(values, 3), values) - expected).max() < 0.52


@pytest.mark.parametrize("name", SAMPLES)
def test_standard_deviations_lie_around_the_mean(name: str) -> None:
    values = SAMPLES[name].astype(float)
    mean, sigma = values.mean(), values.std()
    expected = np.clip((values - mean + 1.5 * sigma) / (3 * sigma) * 255, 0, 255)
    assert np.abs(shown(deviations(values, 1.5), values) - expected).max() < 0.52


@pytest.mark.parametrize("name", SAMPLES)
def test_square_root_is_gamma_one_half(name: str) -> None:
    values = SAMPLES[name].astype(float)
    ends = limits(values, 0)
    expected = adjust_gamma((values - ends[0]) / (ends[1] - ends[0]), 0.5) * 255
    assert np.abs(shown(square_root(ends), values) - expected).max() < 1.01


@pytest.mark.parametrize("name", SAMPLES)
def test_logarithm_agrees_with_its_formula(name: str) -> None:
    values = SAMPLES[name].astype(float)
    ends = limits(values, 0)
    expected = np.log(1 + 100 * (values - ends[0]) / (ends[1] - ends[0])) / np.log(101) * 255
    assert np.abs(shown(logarithm(ends), values) - expected).max() < 0.6


@pytest.mark.parametrize("name", SAMPLES)
def test_equalised_shows_the_share_of_values_below(name: str) -> None:
    values = SAMPLES[name].astype(float)
    expected = (rankdata(values) - 0.5) / values.size * 255
    assert np.abs(shown(equalised(values, limits(values, 0)), values) - expected).max() < 1.01


def test_equalised_agrees_with_skimage() -> None:
    values = SAMPLES["skewed"].astype(float)
    expected = equalize_hist(values, nbins=4096) * 255
    assert np.abs(shown(equalised(values, limits(values, 0)), values) - expected).max() < 1.5


@pytest.mark.parametrize("name", ["skewed", "huge", "tiny"])
def test_gaussian_makes_the_greys_normal(name: str) -> None:
    values = SAMPLES[name].astype(float)
    z = norm.ppf((rankdata(values) - 0.5) / values.size)
    expected = np.clip(127.5 + z / 3 * 127.5, 0, 255)
    assert np.abs(shown(gaussian(values, limits(values, 0)), values) - expected).max() < 2.0


CURVES: dict[str, Callable[[np.ndarray], Curve]] = {
    "linear": linear,
    "deviation": deviations,
    "root": lambda sample: square_root(limits(sample)),
    "log": lambda sample: logarithm(limits(sample)),
    "equalise": lambda sample: equalised(sample, limits(sample)),
    "gaussian": lambda sample: gaussian(sample, limits(sample)),
}


@pytest.mark.parametrize("name", CURVES)
@pytest.mark.parametrize("value", [0.0, 7.0, -1e6, 3e37])
def test_every_stretch_of_one_value_is_neither_black_nor_white(name: str, value: float) -> None:
    sample = np.full(50, value, dtype=np.float32)
    assert 20 < shown(CURVES[name](sample), sample)[0] < 235


@pytest.mark.parametrize("name", CURVES)
def test_every_stretch_of_nothing_can_be_shown(name: str) -> None:
    for sample in (np.zeros(0, dtype=np.float32), np.full(4, np.nan, dtype=np.float32)):
        curve = CURVES[name](sample)
        assert shown(curve, np.array([np.nan, 0.5]))[0] == 0


@pytest.mark.parametrize("name", CURVES)
def test_every_stretch_keeps_the_order_of_values_and_ignores_missing_ones(name: str) -> None:
    sample = SAMPLES["skewed"]
    holes = np.concatenate([sample, np.full(300, np.nan, dtype=np.float32)])
    curve = CURVES[name](holes)
    assert curve == CURVES[name](sample)
    greys = shown(curve, np.sort(np.append(sample, [-1e38, 1e38])))
    assert (np.diff(greys) >= 0).all()
    assert greys[0] == 0
    assert greys[-1] == 255


def test_a_histogram_has_room_around_the_values_and_the_limits() -> None:
    sample = np.arange(1000, dtype=np.float32)
    found = histogram(sample, (-500, 800))
    assert found.low < -500
    assert found.high > 999
    assert found.counts.sum() == 1000


def test_a_hot_pixel_does_not_squeeze_the_histogram() -> None:
    sample = np.append(np.arange(10_000, dtype=np.float32), np.float32(1e9))
    assert histogram(sample, (0, 9999)).high < 12_000


def test_a_histogram_of_nothing_is_empty() -> None:
    assert histogram(np.zeros(0, dtype=np.float32), (0, 1)).counts.sum() == 0
