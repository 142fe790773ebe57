"""Figures of the part of the ROC curve with few false alarms, against scikit-learn and slow integration."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics

from hadviewer.analysis.confidence import clopper_pearson
from hadviewer.analysis.operating import detection_at, false_alarms_at
from hadviewer.analysis.partial import LIMITS, log_area, partial_areas
from hadviewer.analysis.roc import roc_curve


def scene(seed, digits=1, size=700, share=0.1):
    rng = np.random.default_rng(seed)
    truth = rng.random(size) < share
    return np.round(rng.normal(size=size) + truth, digits), truth


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10_000), st.sampled_from([0, 1, 6]), st.sampled_from([*LIMITS, 0.37]))
def test_the_standardised_area_agrees_with_scikit_learn(seed, digits, limit):
    scores, truth = scene(seed, digits)
    curve = roc_curve(scores, truth)
    expected = metrics.roc_auc_score(truth, scores, max_fpr=limit)
    chance = limit**2 / 2
    area = curve.partial_area(limit)
    assert 0.5 * (1 + (area - chance) / (limit - chance)) == pytest.approx(expected, abs=1e-12)
    assert curve.corners().partial_area(limit) == pytest.approx(area, abs=1e-12)
    for found in partial_areas(curve):
        if found.limit == limit:
            assert found.mcclish == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("digits", [0, 1, 6])
def test_the_logarithmic_area_is_the_mean_over_decades(digits):
    scores, truth = scene(4, digits)
    curve = roc_curve(scores, truth)
    background = int((~truth).sum())
    exponents = np.linspace(math.log10(1 / background), 0, 400_001)
    detection = np.interp(10.0**exponents, curve.false_alarm, curve.detection)
    mean = np.trapezoid(detection, exponents) / -math.log10(1 / background)
    assert log_area(curve, background) == pytest.approx(mean, abs=1e-4)
    assert log_area(curve.corners(), background) == pytest.approx(log_area(curve, background), abs=1e-12)


def test_perfect_constant_and_missing_classes():
    truth = np.arange(1000) < 10
    perfect = roc_curve(truth.astype(float), truth)
    assert [figure for p in partial_areas(perfect) for figure in (p.mean, p.mcclish)] == pytest.approx([1] * 6)
    assert log_area(perfect, 990) == pytest.approx(1)
    flat = roc_curve(np.zeros(1000), truth)
    assert [p.mean for p in partial_areas(flat)] == pytest.approx([limit / 2 for limit in LIMITS])
    assert [p.mcclish for p in partial_areas(flat)] == pytest.approx([0.5] * 3)
    for one_class in (np.zeros(9, bool), np.ones(9, bool)):
        curve = roc_curve(np.arange(9.0), one_class)
        assert all(math.isnan(p.mean) and math.isnan(p.mcclish) for p in partial_areas(curve))
        assert math.isnan(log_area(curve, 9))
    assert math.isnan(log_area(roc_curve([1.0, 2.0], [True, False]), 1))


def test_operating_points_are_thresholds_that_exist():
    scores, truth = scene(6)
    curve = roc_curve(scores, truth)
    targets, background = int(truth.sum()), int((~truth).sum())
    for asked in (0.5, 0.8, 0.95, 1.0):
        found = false_alarms_at(curve, background, asked)
        possible = [(scores[~truth] >= t).sum() for t in np.unique(scores) if (scores >= t)[truth].mean() >= asked]
        assert found.pixels == min(possible)
        assert found.value == found.pixels / found.of == found.per_megapixel / 1e6
        assert found.interval.low <= found.value <= found.interval.high
    for asked in (1e-4, 1e-2, 0.1):
        found = detection_at(curve, targets, asked)
        possible = [(scores[truth] >= t).sum() for t in np.unique(scores) if (scores >= t)[~truth].mean() <= asked]
        assert found.pixels == max(possible, default=0)
        assert (found.asked, found.of) == (asked, targets)


def test_a_point_without_its_class_is_unknown():
    curve = roc_curve(np.arange(9.0), np.zeros(9, bool))
    point = detection_at(curve, 0, 0.1)
    assert math.isnan(point.value)
    assert math.isnan(point.interval.low)
    assert point.pixels == 0


@pytest.mark.parametrize(("successes", "trials"), [(0, 17), (17, 17), (3, 11), (1, 60), (400, 9866)])
def test_exact_intervals_agree_with_scipy(successes, trials):
    expected = stats.binomtest(successes, trials).proportion_ci(0.95, "exact")
    found = clopper_pearson(successes, trials)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert math.isnan(clopper_pearson(0, 0).low)
