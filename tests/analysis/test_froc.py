"""Figures by objects equal counting by hand at every threshold."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import label
from skimage.morphology import local_maxima as skimage_maxima

from hadviewer.analysis.froc import evaluate_objects, false_objects, local_maxima
from hadviewer.analysis.objects import tolerance_zone, truth_objects

EIGHT = np.ones((3, 3))


def scene(seed, levels=12, shape=(9, 11), share=0.08):
    rng = np.random.default_rng(seed)
    truth = rng.random(shape) < share
    truth[4, 5] = True
    return rng.integers(0, levels, shape) + 3.0 * truth, truth, rng.random(shape) < 0.95


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10_000), st.sampled_from([3, 12, 1000]))
def test_false_objects_are_those_a_labelling_finds(seed, levels):
    scores, truth, used = scene(seed, levels)
    zone = tolerance_zone(truth) & used
    thresholds, counts = false_objects(scores, used, zone)
    np.testing.assert_array_equal(thresholds, np.unique(scores[used])[::-1])
    for threshold, count in zip(thresholds, counts, strict=True):
        labels, groups = label((scores >= threshold) & used, EIGHT)
        assert count == groups - len(set(labels[zone]) - {0})
    lowest = float(np.median(scores[used]))
    some, fewer = false_objects(scores, used, zone, lowest)
    np.testing.assert_array_equal(some, thresholds[thresholds >= lowest])
    np.testing.assert_array_equal(fewer, counts[thresholds >= lowest])


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10_000), st.sampled_from([3, 12, 1000]))
def test_local_maxima_are_those_of_scikit_image(seed, levels):
    scores, _, _ = scene(seed, levels)
    everywhere = np.ones(scores.shape, bool)
    found = local_maxima(scores, everywhere, everywhere)
    padded = skimage_maxima(np.pad(scores, 1, constant_values=-1))[1:-1, 1:-1].astype(bool)
    groups, count = label(padded, EIGHT)
    expected = [scores[groups == k].max() for k in range(1, count + 1)]
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("seed", range(6))
def test_the_curve_is_what_each_threshold_finds(seed, share):
    scores, truth, used = scene(seed)
    result = evaluate_objects(scores, truth, used, share=share)
    objects = truth_objects(truth & used)
    zone = tolerance_zone(truth) & used
    names = range(1, objects.max() + 1)
    worst = 0
    for threshold in np.unique(scores[used])[::-1]:
        detected = (scores >= threshold) & used
        found = np.mean(
            [detected[objects == k].sum() >= max(1, math.ceil(share * (objects == k).sum())) for k in names]
        )
        labels, groups = label(detected, EIGHT)
        worst = max(worst, groups - len(set(labels[zone]) - {0}))
        at = result.froc.thresholds >= threshold
        assert result.froc.detection[at].max() == pytest.approx(found)
        assert result.froc.false_objects[at].max() == worst
        if found == 1:
            break
    assert result.false_at_all == worst == result.froc.false_at(1.0)
    assert result.per_megapixel == pytest.approx(1e6 * worst / used.sum())


def planes():
    """A flat scene with three targets of falling score, and two false spots between the second and the third."""
    scores, truth = np.zeros((40, 50)), np.zeros((40, 50), bool)
    for (row, col), score in {(5, 5): 9.0, (20, 20): 7.0, (30, 40): 3.0}.items():
        truth[row : row + 3, col : col + 3] = True
        scores[row + 1, col + 1] = score
    scores[5, 30] = scores[35, 5] = 5.0
    scores[4, 4] = 8.0  # in the margin of the first target: neither false nor another object
    return scores, truth


def test_each_target_tells_how_many_false_objects_come_before_it():
    scores, truth = planes()
    result = evaluate_objects(scores, truth)
    assert [(item.area, item.score, item.false_before) for item in result.objects] == [(9, 9, 0), (9, 7, 0), (9, 3, 2)]
    first = result.objects[0]
    assert (first.row, first.col, first.peak_row, first.peak_col, first.offset) == (6, 6, 6, 6, 0)
    assert result.false_at_all == 2
    assert result.froc.detection_at(0) == pytest.approx(2 / 3)
    # Two false objects in 2000 pixels: only 8 in 10 000 allow 1.6, so the third target is never allowed.
    assert result.mean_detection == pytest.approx(2 / 3)
    # The maxima outside are the two spots at 5: two targets lie above both, one below.
    assert result.area == pytest.approx(2 / 3)


def test_a_perfect_and_a_constant_map():
    _, truth = planes()
    perfect = evaluate_objects(truth.astype(float), truth)
    assert (perfect.area, perfect.mean_detection, perfect.false_at_all) == (1, 1, 0)
    flat = evaluate_objects(np.zeros(truth.shape), truth)
    assert (flat.area, flat.false_at_all) == (0.5, 0)
    assert evaluate_objects(-truth.astype(float), truth).area == 0


def test_without_a_target_there_is_nothing_to_find():
    scores, truth = planes()
    assert evaluate_objects(scores, np.zeros_like(truth)) is None
    assert evaluate_objects(scores, truth, ~truth) is None


def test_a_scene_that_is_all_target_has_no_background_to_compare():
    result = evaluate_objects(np.arange(12.0).reshape(3, 4), np.ones((3, 4), bool))
    assert math.isnan(result.area)
    assert result.false_at_all == 0


def test_tolerance_widens_the_margin():
    scores, truth = planes()
    scores[5, 10] = 6.0  # three columns right of the first target
    assert evaluate_objects(scores, truth, tolerance=1).false_at_all == 3
    assert evaluate_objects(scores, truth, tolerance=3).false_at_all == 2
