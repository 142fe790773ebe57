"""Intervals of the area: against the definition of DeLong's variance, and by how often they hold the truth."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from hadviewer.analysis.confidence import area_confidence, bootstrap_objects, delong, placements
from hadviewer.analysis.roc import LabelledScores, auc


def slow_delong(targets, background):
    """Variance of the area by its definition: kernels of all pairs (DeLong et al. 1988, equations 2 to 6)."""
    won = (targets[:, None] > background) + 0.5 * (targets[:, None] == background)
    of_targets, of_background = won.mean(axis=1), won.mean(axis=0)
    return of_targets.var(ddof=1) / len(targets) + of_background.var(ddof=1) / len(background)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.sampled_from([0, 1, 6]))
def test_standard_error_is_that_of_all_pairs(seed, digits):
    rng = np.random.default_rng(seed)
    truth = rng.random(120) < 0.2
    truth[:4] = True, True, False, False
    scores = np.round(rng.normal(size=120) + truth, digits)
    labelled = LabelledScores.of(scores, truth)
    error, interval = delong(labelled)
    assert error**2 == pytest.approx(slow_delong(scores[truth], scores[~truth]), abs=1e-12)
    area = auc(scores, truth)
    of_targets, of_background = placements(labelled)
    assert of_targets.mean() == pytest.approx(area, abs=1e-12)
    assert of_background.mean() == pytest.approx(area, abs=1e-12)
    assert 0 <= interval.low <= area <= interval.high <= 1


def test_delong_holds_the_true_area_about_as_often_as_it_says():
    rng = np.random.default_rng(1)
    true = norm.cdf(1 / math.sqrt(2))
    truth = np.arange(400) < 60
    held = 0
    for _ in range(400):
        _, interval = delong(LabelledScores.of(rng.normal(size=400) + truth, truth))
        held += interval.low <= true <= interval.high
    assert 0.92 <= held / 400 <= 0.98


def test_objects_drawn_again_are_objects_not_pixels():
    """Ten objects of 25 equal pixels are ten observations: the interval is far wider than DeLong's."""
    rng = np.random.default_rng(2)
    objects = np.repeat(np.arange(1, 11), 25)
    scores = np.concatenate([np.repeat(rng.normal(1, 1, 10), 25), rng.normal(size=5000)])
    truth = np.arange(len(scores)) < 250
    found = area_confidence(LabelledScores.of(scores, truth), objects)
    assert found.objects == 10
    assert found.over_objects.high - found.over_objects.low > 2.5 * (found.delong.high - found.delong.low)
    assert found.over_objects.low < found.area < found.over_objects.high


def test_the_interval_over_objects_equals_a_literal_resampling():
    rng = np.random.default_rng(3)
    objects = np.array([4, 4, 9, 9, 9, 2, 7, 7])
    placed = rng.random(8)
    names = np.unique(objects)
    draws = np.random.default_rng(0).multinomial(4, [0.25] * 4, size=2000)
    areas = [
        np.concatenate(
            [np.tile(placed[objects == name], times) for name, times in zip(names, draw, strict=True)]
        ).mean()
        for draw in draws
    ]
    found = bootstrap_objects(placed, objects)
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(areas, [0.025, 0.975])), abs=1e-12)
    assert found == bootstrap_objects(placed, objects)


def test_what_cannot_be_said_is_nan():
    one = area_confidence(LabelledScores.of([3.0, 1.0, 2.0], [True, False, False]), np.array([1]))
    assert one.area == 1
    assert math.isnan(one.standard_error)
    assert math.isnan(one.delong.low)
    assert math.isnan(one.over_objects.high)
    none = area_confidence(LabelledScores.of([3.0, 1.0], [False, False]), np.array([], int))
    assert math.isnan(none.area)
    assert none.objects == 0
