"""Precision, recall and what follows, against scikit-learn."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from hadviewer.analysis.precision import best_f1, mask_agreement, precision_recall
from hadviewer.analysis.roc import LabelledScores, RankedCounts


def ranked(scores, truth):
    return RankedCounts.of(LabelledScores.of(scores, truth))


def scene(seed, digits):
    rng = np.random.default_rng(seed)
    truth = rng.random(300) < 0.1
    truth[:2] = True, False
    return np.round(rng.normal(size=300) + 1.5 * truth, digits), truth


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10_000), st.sampled_from([0, 1, 6]))
def test_curve_and_best_mask_agree_with_scikit_learn(seed, digits):
    scores, truth = scene(seed, digits)
    curve = precision_recall(ranked(scores, truth))
    precision, recall, thresholds = metrics.precision_recall_curve(truth, scores)
    np.testing.assert_allclose(curve.precision[::-1], precision[:-1], atol=1e-12)
    np.testing.assert_allclose(curve.recall[::-1], recall[:-1], atol=1e-12)
    np.testing.assert_array_equal(curve.thresholds[::-1], thresholds)

    best = best_f1(ranked(scores, truth))
    balance = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    assert best.f1 == pytest.approx(balance.max(), abs=1e-12)
    mask = scores >= best.threshold
    assert best.f1 == pytest.approx(metrics.f1_score(truth, mask), abs=1e-12)
    assert best.iou == pytest.approx(metrics.jaccard_score(truth, mask), abs=1e-12)
    assert best.mcc == pytest.approx(metrics.matthews_corrcoef(truth, mask), abs=1e-12)
    assert best.precision == pytest.approx(metrics.precision_score(truth, mask), abs=1e-12)
    assert best.recall == pytest.approx(metrics.recall_score(truth, mask), abs=1e-12)
    assert mask_agreement(mask, truth) == pytest.approx((best.precision, best.recall, best.iou, best.mcc), abs=1e-12)


def test_corners_keep_every_target():
    scores, truth = scene(1, 6)
    full, corners = precision_recall(ranked(scores, truth)), precision_recall(ranked(scores, truth)).corners()
    assert len(corners.thresholds) <= 2 * truth.sum() + 1
    assert set(corners.recall) == set(full.recall)
    steps = np.diff(corners.recall, prepend=0)
    assert (steps * corners.precision).sum() == pytest.approx(metrics.average_precision_score(truth, scores), abs=1e-12)


def test_perfect_constant_and_one_class():
    truth = np.arange(50) < 5
    best = best_f1(ranked(truth.astype(float), truth))
    assert (best.threshold, best.f1, best.iou, best.mcc) == (1, 1, 1, pytest.approx(1))
    flat = best_f1(ranked(np.zeros(50), truth))
    assert (flat.precision, flat.recall, flat.mcc) == (0.1, 1, 0)
    assert math.isnan(best_f1(ranked(np.arange(50.0), np.zeros(50, bool))).f1)
    only = best_f1(ranked(np.arange(50.0), np.ones(50, bool)))
    assert (only.f1, only.mcc) == (1, 0)
    assert precision_recall(ranked(np.zeros(0), np.zeros(0, bool))).corners().thresholds.size == 0


def test_agreement_of_empty_masks_is_unknown_not_an_error():
    nothing, one = np.zeros((3, 3), bool), np.eye(3, dtype=bool)
    assert np.isnan(mask_agreement(nothing, nothing)[:3]).all()
    precision, recall, iou, mcc = mask_agreement(nothing, one)
    assert math.isnan(precision)
    assert (recall, iou, mcc) == (0, 0, 0)
