"""ROC figures against scikit-learn and against what must hold for any score map."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn import metrics

from hadviewer.analysis.roc import auc, roc_curve


def scene(seed, ties=True, shape=(23, 31), share=0.1):
    rng = np.random.default_rng(seed)
    truth = rng.random(shape) < share
    scores = rng.normal(size=shape) + truth
    return (np.round(scores, 1) if ties else scores).astype(np.float32), truth


@pytest.mark.parametrize("ties", [True, False])
@pytest.mark.parametrize("seed", range(5))
def test_agrees_with_scikit_learn(seed, ties):
    scores, truth = scene(seed, ties)
    pf, pd, thresholds = metrics.roc_curve(truth.ravel(), scores.ravel(), drop_intermediate=False)
    curve = roc_curve(scores, truth)
    np.testing.assert_allclose(curve.false_alarm, pf, atol=1e-12)
    np.testing.assert_allclose(curve.detection, pd, atol=1e-12)
    np.testing.assert_array_equal(curve.thresholds, thresholds)
    assert auc(scores, truth) == pytest.approx(metrics.roc_auc_score(truth.ravel(), scores.ravel()), abs=1e-12)


def test_a_point_of_the_curve_is_what_its_threshold_detects():
    scores, truth = scene(3)
    curve = roc_curve(scores, truth)
    assert (curve.false_alarm[0], curve.detection[0]) == (0, 0)
    assert (curve.false_alarm[-1], curve.detection[-1]) == (1, 1)
    for k in range(1, len(curve.thresholds), 7):
        detected = scores >= curve.thresholds[k]
        assert curve.detection[k] == detected[truth].mean()
        assert curve.false_alarm[k] == detected[~truth].mean()


def test_corners_draw_the_same_line_with_fewer_points():
    scores, truth = scene(4, ties=False)
    full = roc_curve(scores, truth)
    corners = full.corners()
    assert len(corners.thresholds) < len(full.thresholds) / 3
    assert np.trapezoid(corners.detection, corners.false_alarm) == pytest.approx(auc(scores, truth), abs=1e-12)
    assert set(zip(corners.false_alarm, corners.detection, strict=True)) <= set(
        zip(full.false_alarm, full.detection, strict=True)
    )


def test_detection_at_a_false_alarm_rate_is_never_optimistic():
    scores, truth = scene(5)
    curve = roc_curve(scores, truth)
    for rate in (0.0, 1e-3, 0.01, 0.1, 0.5, 1.0):
        allowed = [
            truth[scores >= t].sum() / truth.sum() for t in np.unique(scores) if (scores >= t)[~truth].mean() <= rate
        ]
        assert curve.detection_at(rate) == pytest.approx(max(allowed, default=0.0), abs=1e-12)


def test_constant_map_is_chance():
    _, truth = scene(0)
    assert auc(np.full(truth.shape, 7.0), truth) == 0.5
    assert auc(np.full(truth.shape, np.nan), truth) == 0.5


@pytest.mark.parametrize("all_targets", [True, False])
def test_one_class_has_no_area(all_targets):
    scores, truth = scene(0)
    truth = np.full(truth.shape, all_targets)
    assert np.isnan(auc(scores, truth))
    curve = roc_curve(scores, truth)
    missing, present = (curve.false_alarm, curve.detection) if all_targets else (curve.detection, curve.false_alarm)
    assert np.isnan(missing).all()
    assert present[-1] == 1


def test_no_pixel_at_all():
    assert np.isnan(auc(np.zeros((0, 4)), np.zeros((0, 4), bool)))
    assert roc_curve(np.zeros((0, 4)), np.zeros((0, 4), bool)).thresholds.tolist() == [np.inf]


def test_a_pixel_without_score_counts_as_the_lowest():
    scores, truth = scene(1)
    scores[::3, ::2] = np.nan
    filled = np.where(np.isnan(scores), np.nanmin(scores), scores)
    assert auc(scores, truth) == auc(filled, truth)


def test_ignored_pixels_do_not_count():
    scores, truth = scene(2)
    ignore = np.zeros(truth.shape, bool)
    ignore[:7] = True
    assert auc(scores, truth, ignore) == auc(scores[7:], truth[7:])


def test_infinite_scores_keep_their_rank():
    assert auc([np.inf, 1.0, -np.inf], [True, False, False]) == 1.0
    assert auc([np.inf, np.inf, -np.inf], [True, False, False]) == 0.75


def test_truth_may_be_any_non_zero_number():
    scores, truth = scene(6)
    assert auc(scores, truth.astype(np.uint8) * 255) == auc(scores, truth)


def test_shapes_must_agree():
    with pytest.raises(ValueError, match="truth has shape"):
        auc(np.zeros((3, 4)), np.zeros((4, 3)))
    with pytest.raises(ValueError, match="ignored area"):
        auc(np.zeros((3, 4)), np.zeros((3, 4)), np.zeros((4, 3)))


whole_scores = hnp.arrays(np.int16, st.integers(2, 60), elements=st.integers(-50, 50))


@settings(deadline=None, max_examples=100)
@given(whole_scores, st.data())
def test_order_is_all_that_matters(scores, data):
    truth = data.draw(hnp.arrays(np.bool_, scores.shape))
    area = auc(scores, truth)
    if truth.all() or not truth.any():
        assert np.isnan(area)
        return
    assert auc(np.exp(scores / 10.0), truth) == area
    assert auc(scores.astype(float) ** 3 + scores, truth) == area
    assert auc(-scores, truth) == pytest.approx(1 - area, abs=1e-12)
    assert auc(scores, ~truth) == pytest.approx(1 - area, abs=1e-12)
    wins = (scores[truth][:, None] > scores[~truth]).mean() + (scores[truth][:, None] == scores[~truth]).mean() / 2
    assert area == pytest.approx(wins, abs=1e-12)
    curve = roc_curve(scores, truth)
    assert (np.diff(curve.false_alarm) >= 0).all()
    assert (np.diff(curve.detection) >= 0).all()
    assert np.trapezoid(curve.detection, curve.false_alarm) == pytest.approx(area, abs=1e-12)
