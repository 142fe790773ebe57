"""Layers over the image show what they claim to show, single pixels included."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from scipy.stats import rankdata

from hadviewer.render.colormaps import colour_table
from hadviewer.render.overlay import (
    ScoreScale,
    blend,
    borders,
    boundary_lines,
    mask_picture,
    outline,
    score_curve,
    score_limits,
    score_picture,
)
from hadviewer.render.pyramid import shrink_max


def test_score_limits_are_two_and_999_per_mille() -> None:
    scores = np.arange(10_001, dtype=np.float32).reshape(73, 137)
    assert score_limits(scores) == pytest.approx((200, 9990))


def test_limits_leave_out_invalid_scores() -> None:
    scores = np.full((40, 50), np.nan, dtype=np.float32)
    scores[:20] = np.linspace(0, 1, 1000, dtype=np.float32).reshape(20, 50)
    assert score_limits(scores) == pytest.approx((0.02, 0.999), abs=1e-3)


def test_one_hot_pixel_on_a_flat_map_stands_out() -> None:
    scores = np.zeros((100, 100), dtype=np.float32)
    scores[50, 50] = 3
    low, high = score_limits(scores)
    picture = score_picture(scores, colour_table("inferno"), (low, high))
    assert (low, high) == (0, 3)
    assert np.array_equal(picture[50, 50], colour_table("inferno")[255])
    assert np.array_equal(picture[0, 0], colour_table("inferno")[0])


@pytest.mark.parametrize("scores", [np.full((3, 3), np.nan), np.full((3, 3), 5.0)])
def test_limits_of_maps_without_contrast_can_be_shown(scores: np.ndarray) -> None:
    low, high = score_limits(scores.astype(np.float32))
    assert low < high


def test_invalid_scores_are_transparent() -> None:
    picture = score_picture(np.array([[np.nan, 1]], dtype=np.float32), colour_table("viridis"), (0, 1))
    assert picture[0, 0].tolist() == [0, 0, 0, 0]
    assert picture[0, 1, 3] == 255


def test_a_mask_is_drawn_in_its_colour() -> None:
    picture = mask_picture(np.array([[True, False]]), "#102030")
    assert picture.tolist() == [[[16, 32, 48, 255], [0, 0, 0, 0]]]


def test_a_single_pixel_gets_a_ring_and_stays_free() -> None:
    mask = np.zeros((5, 6), dtype=bool)
    mask[2, 3] = True
    ring = outline(mask)
    assert ring.sum() == 8
    assert not ring[2, 3]
    assert ring[1:4, 2:5].sum() == 8


def test_an_outline_agrees_with_morphology() -> None:
    ndimage = pytest.importorskip("scipy.ndimage")
    mask = np.random.default_rng(3).random((40, 31)) > 0.9
    expected = ndimage.binary_dilation(mask, np.ones((3, 3))) & ~mask
    assert np.array_equal(outline(mask), expected)


def test_borders_run_between_segments_only() -> None:
    labels = np.array([[0, 0, 1], [0, 0, 1], [2, 2, 1]])
    assert borders(labels).astype(int).tolist() == [[0, 1, 0], [1, 1, 0], [0, 1, 0]]


def test_blending_follows_the_over_rule() -> None:
    base = np.array([[[100, 100, 100, 255], [0, 0, 0, 0]]], dtype=np.uint8)
    layer = np.array([[[200, 0, 100, 255], [10, 20, 30, 255]]], dtype=np.uint8)
    assert blend(base, layer, 0.5)[0, 0].tolist() == [150, 50, 100, 255]
    assert blend(base, layer, 0.5)[0, 1].tolist() == [10, 20, 30, 128]
    assert np.array_equal(blend(base, layer, 0.0)[0, 0], base[0, 0])


@given(arrays(np.int8, st.tuples(st.integers(1, 7), st.integers(1, 7)), elements=st.integers(0, 2)))
def test_lines_lie_between_all_neighbours_that_differ_and_nowhere_else(labels: NDArray[np.int8]) -> None:
    found: set[tuple[int, int, int, int]] = set()
    for top, left, bottom, right in boundary_lines(labels).tolist():
        assert (top == bottom) != (left == right)
        found |= {(top, col, top, col + 1) for col in range(left, right)}
        found |= {(row, left, row + 1, left) for row in range(top, bottom)}
    rows, cols = labels.shape
    wanted = {(r, c, r, c + 1) for r in range(1, rows) for c in range(cols) if labels[r, c] != labels[r - 1, c]}
    wanted |= {(r, c, r + 1, c) for r in range(rows) for c in range(1, cols) if labels[r, c] != labels[r, c - 1]}
    assert found == wanted


TAILED = np.random.default_rng(8).gamma(1.5, 2.0, (120, 90)).astype(np.float32)


@pytest.mark.parametrize("scale", ["linear", "log", "rank"])
def test_every_scale_keeps_the_order_of_scores(scale: ScoreScale) -> None:
    curve = score_curve(TAILED, scale)
    places = np.empty(TAILED.shape, dtype=np.uint8)
    curve.apply(TAILED, places)
    order = np.argsort(TAILED, axis=None)
    assert (np.diff(places.ravel()[order].astype(int)) >= 0).all()
    assert places.ravel()[order][-1] == 255


def test_rank_shows_how_many_score_lower() -> None:
    places = np.empty(TAILED.shape, dtype=np.uint8)
    score_curve(TAILED, "rank").apply(TAILED, places)
    share = (rankdata(TAILED) - 0.5) / TAILED.size
    assert np.abs(places.ravel() - 255 * share).max() <= 255 * 0.002 + 1


def test_given_limits_are_the_ends_of_every_scale() -> None:
    for scale in ("linear", "log", "rank"):
        assert score_curve(TAILED, scale, (1.0, 5.0)).limits == (1.0, 5.0)


@pytest.mark.parametrize("scale", ["linear", "log", "rank"])
def test_one_hot_pixel_in_a_flat_map_has_the_last_colour(scale: ScoreScale) -> None:
    scores = np.zeros((1500, 900), dtype=np.float32)
    scores[777, 333] = 4.0
    curve = score_curve(scores, scale)
    picture = score_picture(shrink_max(scores, 16), colour_table("inferno"), curve)
    assert np.array_equal(picture[777 // 16, 333 // 16], colour_table("inferno")[255])
    assert (picture[0, 0] != picture[777 // 16, 333 // 16]).any()


@pytest.mark.parametrize("scale", ["linear", "log", "rank"])
def test_a_map_without_scores_can_be_drawn(scale: ScoreScale) -> None:
    scores = np.full((3, 4), np.nan, dtype=np.float32)
    assert not score_picture(scores, colour_table("inferno"), score_curve(scores, scale)).any()
