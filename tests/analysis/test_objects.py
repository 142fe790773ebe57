"""Objects of a mask and of the truth, against scikit-image and by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import binary_closing
from skimage.measure import label as skimage_label
from skimage.measure import regionprops

from hadviewer.analysis.objects import (
    Cleaning,
    close_gaps,
    clump,
    describe_objects,
    find_objects,
    sieve,
    tolerance_zone,
    truth_objects,
)
from hadviewer.core.geo import Georeference


def mask_of(seed, share=0.3, shape=(19, 23)):
    return np.random.default_rng(seed).random(shape) < share


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000), st.sampled_from([4, 8]), st.floats(0.05, 0.6))
def test_objects_agree_with_scikit_image(seed, connectivity, share):
    mask = mask_of(seed, share)
    scores = np.random.default_rng(seed).normal(size=mask.shape)
    expected = skimage_label(mask, connectivity=connectivity // 4)
    labels, found = find_objects(mask, scores, Cleaning(connectivity=connectivity))
    np.testing.assert_array_equal(labels, expected)
    for item, region in zip(found, regionprops(expected, scores), strict=True):
        assert (item.label, item.area, item.box) == (region.label, region.area, region.bbox)
        assert (item.row, item.col) == pytest.approx(region.centroid)
        assert item.peak == region.intensity_max == scores[item.peak_row, item.peak_col]
        assert item.mean == pytest.approx(region.intensity_mean)
        assert labels[item.peak_row, item.peak_col] == item.label
        assert (item.x, item.y) == (None, None)


def test_small_objects_are_left_out_and_the_others_counted_anew():
    mask = np.zeros((6, 9), bool)
    mask[0, 0] = mask[2:4, 1:4] = mask[5, 5] = mask[0:3, 7] = True
    labels = sieve(clump(mask), 3)
    assert np.unique(labels).tolist() == [0, 1, 2]
    assert labels[0, 0] == labels[5, 5] == 0
    assert [item.area for item in find_objects(mask, cleaning=Cleaning(3))[1]] == [3, 6]
    assert sieve(clump(mask), 100).max() == 0


def test_corners_connect_only_with_eight_neighbours():
    mask = np.eye(3, dtype=bool)
    assert clump(mask, 8).max() == 1
    assert clump(mask, 4).max() == 3
    with pytest.raises(ValueError, match="4 or 8"):
        clump(mask, 6)


def test_closing_joins_what_is_near_and_keeps_the_border():
    mask = np.zeros((9, 12), bool)
    mask[0:3, 0:3] = mask[0:3, 4:7] = True
    closed = close_gaps(mask, 1)
    assert closed[1, 3]
    assert closed[mask].all()
    assert len(find_objects(mask, cleaning=Cleaning(gap=1))[1]) == 1
    assert len(find_objects(mask)[1]) == 2
    np.testing.assert_array_equal(close_gaps(mask, 0), mask)
    assert close_gaps(np.ones((4, 5), bool), 2).all()


@pytest.mark.parametrize("width", [2, 4, 6])
@pytest.mark.parametrize("share", [0.01, 0.1, 0.5])
def test_closing_is_that_of_mathematical_morphology(width, share):
    mask = mask_of(7, share)
    border = 2 * width
    expected = binary_closing(np.pad(mask, border), np.ones((width + 1, width + 1)))[border:-border, border:-border]
    np.testing.assert_array_equal(close_gaps(mask, width), expected)


@given(st.integers(1, 6), st.integers(1, 6))
def test_gaps_up_to_the_width_are_closed_and_wider_ones_are_not(width, gap):
    for across in (np.s_[3, :], np.s_[:, 3]):
        mask = np.zeros((12, 12), bool)
        mask[across][[2, 3 + gap]] = True
        closed = close_gaps(mask, width)
        assert closed.sum() == (2 + gap if gap <= width else 2)
        assert closed[mask].all()


def test_cleaning_closes_gaps_before_it_leaves_out_small_objects():
    mask = np.zeros((7, 20), bool)
    mask[3, 2:4] = mask[3, 5:7] = mask[3, 15:17] = True
    cleaning = Cleaning(minimum=5, gap=1)
    assert np.flatnonzero(cleaning.clean(mask).any(axis=0)).tolist() == [2, 3, 4, 5, 6]
    assert not Cleaning(minimum=5).clean(mask).any()
    valid = np.ones_like(mask)
    valid[3, 4] = False
    assert not cleaning.clean(mask, valid).any(), "a gap without data stays a gap"
    assert Cleaning().changes is False
    assert cleaning.changes


def test_places_on_the_map_are_those_of_pixel_centres():
    mask = np.zeros((6, 8), bool)
    mask[2:4, 3:5] = True
    geo = Georeference((500_000.0, 2.0, 0.0, 4_000_000.0, 0.0, -2.0), units="m")
    [item] = find_objects(mask, geo=geo)[1]
    assert (item.row, item.col) == (2.5, 3.5)
    assert (item.x, item.y) == geo.position(3.0, 4.0) == (500_008.0, 3_999_994.0)
    assert np.isnan(item.peak)
    assert np.isnan(item.mean)


def test_pixels_without_a_score_do_not_spoil_their_object():
    scores = np.array([[1.0, np.nan, 5.0, 0.0], [np.nan, 0, 0, 0]])
    mask = np.array([[1, 1, 1, 0], [0, 0, 0, 1]], bool)
    first = find_objects(mask, scores, Cleaning(connectivity=4))[1][0]
    assert (first.peak, first.mean, first.area) == (5, 3, 3)
    [alone] = describe_objects(np.array([[0, 0, 0, 0], [1, 0, 0, 0]], np.int32), scores)
    assert np.isnan(alone.peak)
    with pytest.raises(ValueError, match="shape"):
        find_objects(mask, scores[:1])


def test_nothing_detected_is_no_object():
    labels, found = find_objects(np.zeros((4, 5), bool), np.ones((4, 5)))
    assert labels.max() == 0
    assert found == []


def test_truth_regions_one_pixel_apart_are_one_object():
    truth = np.zeros((9, 20), bool)
    truth[1, 1] = truth[1, 3] = truth[3, 5] = True  # one pixel between, also across
    truth[1, 10] = truth[1, 13] = True  # two pixels between
    labels = truth_objects(truth)
    assert labels[1, 1] == labels[1, 3] == labels[3, 5] == 1
    assert labels.max() == 3
    assert truth_objects(truth, merge=1).max() == 5
    np.testing.assert_array_equal(labels > 0, truth)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10_000))
def test_unmerged_truth_objects_are_its_clumps(seed):
    truth = mask_of(seed)
    np.testing.assert_array_equal(truth_objects(truth, merge=1), clump(truth))


@pytest.mark.parametrize("shape", [(1, 30), (30, 1), (1, 1), (2, 2)])
def test_thin_scenes(shape):
    truth = np.zeros(shape, bool)
    truth.flat[0] = True
    assert truth_objects(truth, merge=3).sum() == 1
    assert tolerance_zone(truth, 2).sum() == np.prod([min(3, n) for n in shape])


def test_tolerance_zone_is_a_margin_on_all_sides():
    truth = np.zeros((7, 7), bool)
    truth[3, 3] = True
    assert tolerance_zone(truth, 1).sum() == 9
    np.testing.assert_array_equal(tolerance_zone(truth, 0), truth)
