"""A stretch shows the values between its limits and nothing surprising elsewhere."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from hadviewer.render.stretch import SAMPLE, grid_sample, limits, plane_limits, stretch


def test_two_percent_lie_beyond_either_limit() -> None:
    values = np.arange(10_001, dtype=np.float32)
    assert limits(values, 2) == pytest.approx((200, 9800))


def test_zero_percent_is_minimum_and_maximum_of_every_pixel() -> None:
    plane = np.zeros((1000, 1000), dtype=np.float32)
    plane[1, 1], plane[998, 7] = -3, 40
    assert plane_limits(plane, 0) == (-3, 40)


def test_missing_values_do_not_count() -> None:
    assert limits(np.array([np.nan, 1, 2, np.inf, 3], dtype=np.float32), 0) == (1, 3)


def test_nothing_but_missing_values_gives_limits_that_can_be_shown() -> None:
    assert limits(np.full(5, np.nan, dtype=np.float32)) == (0, 1)


@pytest.mark.parametrize("value", [0.0, 7.0, -1e6])
def test_a_flat_band_is_mid_grey(value: float) -> None:
    plane = np.full((3, 4), value, dtype=np.float32)
    assert set(stretch(plane, plane_limits(plane)).ravel()) <= {127, 128}


def test_one_bright_pixel_in_a_flat_band_is_seen() -> None:
    plane = np.zeros((50, 50), dtype=np.float32)
    plane[20, 20] = 1
    shown = stretch(plane, plane_limits(plane))
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
