"""Pictures of score maps for reports."""

import numpy as np
import pytest

from hadviewer.render.colormaps import colour_table
from hadviewer.render.figure import (
    LARGEST,
    NO_SCORE,
    PAGE,
    LegendEntry,
    curve_ticks,
    nice_ticks,
    score_figure,
    view_figure,
)
from hadviewer.render.stretch import Curve, equalised, logarithm, square_root

SKEWED = np.random.default_rng(0).gamma(2, 3, 5000).astype(np.float32)


def of_colour(figure: np.ndarray, colour: tuple[int, int, int]) -> int:
    return int(np.count_nonzero((figure == colour).all(axis=2)))


def test_a_small_map_is_drawn_as_squares_in_the_colours_of_the_map() -> None:
    scores = np.zeros((4, 6), np.float32)
    scores[1, 2] = 10.0
    figure = score_figure(scores, title="Small", colormap="viridis", limits=(0.0, 10.0))
    assert figure.dtype == np.uint8
    assert figure.ndim == 3
    assert figure.shape[2] == 3
    factor = 80
    hot = tuple(int(value) for value in colour_table("viridis")[255, :3])
    place = (figure == hot).all(axis=2)
    squares = np.flatnonzero(place.sum(axis=1) >= factor)
    assert len(squares) == factor, "one square of whole pixels, as high as it is wide"
    assert (figure[0, 0] == PAGE).all(), "the page is white"


def test_pixels_without_a_score_are_grey() -> None:
    scores = np.ones((480, 480), np.float32)
    scores[:100, :50] = np.nan
    assert of_colour(score_figure(scores, title="", label=""), (NO_SCORE,) * 3) == 5000


def test_a_large_map_is_reduced_and_keeps_its_hottest_pixel() -> None:
    scores = np.zeros((30, LARGEST * 2), np.float32)
    scores[17, 4321] = 5.0
    figure = score_figure(scores, title="Large", colormap="grey", limits=(0.0, 5.0))
    assert figure.shape[1] < LARGEST * 1.3
    below_title = figure[figure.shape[0] // 4 :, : LARGEST - 100]
    assert (below_title[:, 2000:2300] == 255).any()


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (50, 60)])
def test_every_shape_has_room_for_title_and_bar(shape: tuple[int, int]) -> None:
    figure = score_figure(np.random.default_rng(0).random(shape), title="A title that is not short")
    for margin in (figure[0], figure[-1], figure[:, 0], figure[:, -1]):
        assert (margin == PAGE).all(), "nothing is cut off at the edge of the page"


def test_a_map_without_scores_is_still_a_picture() -> None:
    assert score_figure(np.full((5, 5), np.nan), title="Nothing").shape[2] == 3


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.0, 1.0, [0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (87.0, 843.0, [200, 400, 600, 800]),
        (-1e-6, 1e-6, [-1e-6, -5e-7, 0, 5e-7, 1e-6]),
    ],
)
def test_ticks_are_round_numbers_inside_the_limits(low: float, high: float, expected: list[float]) -> None:
    assert nice_ticks(low, high) == pytest.approx(expected)


def test_ticks_of_a_straight_curve_are_round_and_where_they_belong() -> None:
    assert curve_ticks(Curve(0.0, 10.0)) == tuple((value / 10, float(value)) for value in (0, 2, 4, 6, 8, 10))
    assert curve_ticks(Curve(10.0, 0.0))[0] == (0.0, 10.0)


@pytest.mark.parametrize("curve", [square_root((0.0, 100.0)), logarithm((-5.0, 3.0)), equalised(SKEWED, (0.0, 30.0))])
def test_ticks_of_a_bent_curve_stand_where_the_curve_puts_their_values(curve: Curve) -> None:
    for place, value in curve_ticks(curve):
        out = np.empty((1, 1), dtype=np.uint8)
        curve.apply(np.array([[value]], dtype=np.float32), out)
        assert abs(int(out[0, 0]) / 255 - place) < 0.01


def test_ticks_of_equal_limits_do_not_fail() -> None:
    assert curve_ticks(Curve(3.0, 3.0)) == ((0.0, 3.0),)


def test_a_view_with_nothing_added_stays_as_it_is() -> None:
    picture = np.random.default_rng(1).integers(0, 255, (40, 60, 3)).astype(np.uint8)
    assert view_figure(picture) is picture


def test_a_long_legend_is_written_in_lines_within_the_page() -> None:
    picture = np.zeros((100, 400, 3), np.uint8)
    legend = [LegendEntry(f"Region of number {number}", f"#0000{number:02x}") for number in range(100, 130)]
    page = view_figure(picture, legend=legend)
    assert page.shape[1] < 500
    for number in range(100, 130):
        assert of_colour(page, (0, 0, number)) > 100


def test_inverse_and_scale_reach_the_picture_of_a_map() -> None:
    scores = SKEWED.reshape(50, 100)
    plain = score_figure(scores, title="Map")
    assert not np.array_equal(score_figure(scores, title="Map", inverse=True), plain)
    assert not np.array_equal(score_figure(scores, title="Map", scale="rank"), plain)
