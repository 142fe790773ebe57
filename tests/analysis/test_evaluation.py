"""Every figure of an evaluation against scikit-learn or a slow literal computation."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from hadviewer.analysis.evaluation import evaluate_scores
from hadviewer.analysis.roc3d import Roc3d, stretched


def scene(seed=0, shape=(29, 17), share=0.08):
    rng = np.random.default_rng(seed)
    truth = rng.random(shape) < share
    return (rng.gamma(2.0, size=shape) * (1 + 2 * truth)).astype(np.float32), truth


def areas_by_sweeping_the_threshold(scores, truth):
    """PD and PF as functions of the threshold, integrated exactly: both are steps that change only at a score."""
    unit = (scores.astype(float) - scores.min()) / (float(scores.max()) - float(scores.min()))
    detected = alarmed = previous = 0.0
    for level in np.unique(np.append(unit, [0.0, 1.0])):
        width = level - previous
        detected += width * (unit >= level)[truth].mean()
        alarmed += width * (unit >= level)[~truth].mean()
        previous = level
    return detected, alarmed


@pytest.mark.parametrize("seed", range(4))
def test_agrees_with_scikit_learn(seed):
    scores, truth = scene(seed)
    result = evaluate_scores(scores, truth)
    flat = truth.ravel(), scores.ravel()
    assert result.auc_pd_pf == pytest.approx(metrics.roc_auc_score(*flat), abs=1e-12)
    assert result.average_precision == pytest.approx(metrics.average_precision_score(*flat), abs=1e-12)
    assert result.prevalence == truth.mean()
    assert (result.targets, result.background) == (truth.sum(), (~truth).sum())
    assert (result.nan_pixels, result.notes) == (0, ())


@pytest.mark.parametrize("seed", range(4))
def test_threshold_areas_equal_a_literal_sweep(seed):
    scores, truth = scene(seed)
    result = evaluate_scores(scores, truth)
    detected, alarmed = areas_by_sweeping_the_threshold(scores, truth)
    assert result.auc_pd_tau == pytest.approx(detected, abs=1e-12)
    assert result.auc_pf_tau == pytest.approx(alarmed, abs=1e-12)


def test_combined_figures_follow_their_formulas():
    scores, truth = scene(9)
    r = evaluate_scores(scores, truth)
    assert r.auc_td == r.auc_pd_pf + r.auc_pd_tau
    assert r.auc_bs == r.auc_pd_pf - r.auc_pf_tau
    assert r.auc_tdbs == r.auc_pd_tau - r.auc_pf_tau
    assert r.auc_snpr == r.auc_pd_tau / r.auc_pf_tau
    assert r.auc_snpr_db == pytest.approx(10 * math.log10(r.auc_snpr))
    assert r.auc_od == r.auc_pd_pf + r.auc_pd_tau - r.auc_pf_tau
    assert r.auc_odp == r.auc_pd_tau + (1 - r.auc_pf_tau)


def test_perfect_detector():
    truth = np.zeros((4, 5), bool)
    truth[1, 2] = True
    r = evaluate_scores(truth.astype(float), truth)
    assert (r.auc_pd_pf, r.auc_pd_tau, r.auc_pf_tau, r.average_precision) == (1, 1, 0, 1)
    assert r.auc_snpr == math.inf
    assert r.auc_snpr_db == math.inf
    assert r.to_dict()["auc_snpr"] is None


def test_silent_map_has_no_ratio():
    _, truth = scene()
    r = evaluate_scores(np.zeros(truth.shape), truth)
    assert r.auc_pd_pf == 0.5
    assert math.isnan(r.auc_snpr)
    assert "equal" in r.notes[0]


def test_targets_at_the_bottom_have_a_ratio_of_zero():
    assert Roc3d(0.0, 0.0, 0.5).snpr_db == -math.inf


def test_pixels_without_score_are_counted_and_lowest():
    scores, truth = scene()
    scores[:5] = np.nan
    r = evaluate_scores(scores, truth)
    assert r.nan_pixels == 5 * truth.shape[1]
    assert any(str(r.nan_pixels) in note for note in r.notes)
    filled = np.nan_to_num(scores, nan=np.nanmin(scores))
    assert r.auc_pf_tau == evaluate_scores(filled, truth).auc_pf_tau


def test_pixels_outside_the_comparison_are_left_out_entirely():
    scores, truth = scene()
    scores[:5] = np.nan
    ignore = np.isnan(scores)
    r = evaluate_scores(scores, truth, ignore)
    assert r.nan_pixels == 0
    assert r.auc_pd_pf == evaluate_scores(scores[5:], truth[5:]).auc_pd_pf
    assert r.targets == truth[5:].sum()


@pytest.mark.parametrize("target", [True, False])
def test_one_class_is_reported_not_raised(target):
    scores, truth = scene()
    r = evaluate_scores(scores, np.full(truth.shape, target))
    assert math.isnan(r.auc_pd_pf)
    assert "no ROC area" in r.notes[0]
    assert r.prevalence == float(target)
    assert r.to_dict()["auc_pd_pf"] is None


def test_everything_ignored():
    scores, truth = scene()
    r = evaluate_scores(scores, truth, np.ones(truth.shape, bool))
    assert (r.targets, r.background) == (0, 0)
    assert math.isnan(r.prevalence)
    json.dumps(r.to_dict(), allow_nan=False)


def test_dictionary_is_plain_json():
    scores, truth = scene()
    figures = json.loads(json.dumps(evaluate_scores(scores, truth).to_dict(), allow_nan=False))
    assert figures["auc_pd_pf"] == evaluate_scores(scores, truth).auc_pd_pf
    assert figures["notes"] == []
    assert "roc" not in figures


def test_curve_kept_is_small_and_exact():
    rng = np.random.default_rng(0)
    truth = np.zeros((200, 200), bool)
    truth[:3, :5] = True
    scores = rng.normal(size=truth.shape) + truth
    r = evaluate_scores(scores, truth)
    assert len(r.roc.thresholds) <= 2 * truth.sum() + 2
    assert np.trapezoid(r.roc.detection, r.roc.false_alarm) == pytest.approx(r.auc_pd_pf, abs=1e-12)


@pytest.mark.filterwarnings("error")
def test_stretching_survives_extremes():
    largest = np.finfo(np.float64).max
    assert stretched(np.array([-largest, 0.0, largest])).tolist() == [0, 0.5, 1]
    assert stretched(np.array([-np.inf, 1.0, 2.0, np.inf])).tolist() == [0, 0, 1, 1]
    assert stretched(np.array([3.0, 3.0, np.inf])).tolist() == [0, 0, 1]
    assert stretched(np.array([np.inf, -np.inf])).tolist() == [1, 0]
    assert stretched(np.zeros(0)).size == 0


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 10_000), st.floats(0.01, 100), st.floats(-100, 100))
def test_all_figures_survive_a_change_of_units(seed, gain, offset):
    scores, truth = scene(seed, share=0.2)
    first, second = (evaluate_scores(s, truth).to_dict() for s in (scores, scores.astype(float) * gain + offset))
    for name, figure in first.items():
        if isinstance(figure, float) and name != "auc_pd_pf":
            assert second[name] == pytest.approx(figure, rel=1e-6, abs=1e-9)
