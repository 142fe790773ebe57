"""Pictures of a training in colours and side by side."""

import numpy as np

from hadviewer.render.film import EMPTY, GAP, SIDE, TITLE, frame_picture, picture_limits, sheet


def test_a_map_is_cut_as_score_maps_are_and_has_no_colour_where_it_has_no_value():
    scores = np.linspace(0, 1, 600, dtype=np.float32).reshape(20, 30)
    scores[0, 0], scores[19, 29] = np.nan, 1000
    rgba, ends = frame_picture(scores, "map")
    assert ends[1] < 1000
    assert rgba[0, 0, 3] == 0
    assert (rgba[1:, :, 3] == 255).all()


def test_marks_are_black_and_white_however_few_they_are():
    marks = np.ones((20, 30), dtype=np.float32)
    assert picture_limits(marks, cut=True) == (0, 1)
    marks[3, 3] = 0
    rgba, _ = frame_picture(marks, "map")
    assert rgba[3, 3, :3].sum() < rgba[0, 0, :3].sum()


def test_a_matrix_goes_from_its_lowest_to_its_highest_value():
    assert picture_limits(np.array([[0.0, 0.25], [3.0, 1.0]]), cut=False) == (0, 3)
    assert picture_limits(np.full((2, 2), 7.0), cut=False) == (7, 8)
    assert picture_limits(np.full((2, 2), np.nan), cut=True) == (0, 1)


def test_colours_are_shown_as_they_are():
    colours = np.random.default_rng(0).integers(0, 256, (4, 5, 3), dtype=np.uint8)
    rgba, ends = frame_picture(colours, "colours")
    np.testing.assert_array_equal(rgba[:, :, :3], colours)
    assert ends is None


def test_a_sheet_holds_every_picture_enlarged_by_whole_numbers_or_shrunk():
    small, large = np.zeros((50, 100, 4), dtype=np.uint8), np.zeros((900, 600, 4), dtype=np.uint8)
    small[..., 3] = large[..., 3] = 255
    small[..., 0], large[..., 1] = 255, 255
    page = sheet([("Small", small), ("Large", large)], "SUPERAD, step 3")
    red = (page == (255, 0, 0)).all(axis=2)
    green = (page == (0, 255, 0)).all(axis=2)
    assert red.sum() == 100 * 200
    assert green.sum() == 240 * 160
    assert page.shape == (SIDE + 2 * TITLE + 3 * GAP, 2 * (SIDE + GAP) + GAP, 3)


def test_what_has_no_value_is_grey_on_a_sheet():
    page = sheet([("Nothing", np.zeros((10, 10, 4), dtype=np.uint8))], "")
    assert (page == EMPTY).all(axis=2).sum() == 240 * 240
