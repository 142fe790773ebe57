"""The one table of figures fits the evaluation, and every figure holds what its description says."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hadviewer.analysis.evaluation import evaluate_scores
from hadviewer.analysis.figures import FIGURES


def scene(seed, kind="heavy", shape=(21, 17)):
    rng = np.random.default_rng(seed)
    truth = rng.random(shape) < 0.05
    scores = {"heavy": rng.pareto(1.5, shape), "tied": rng.integers(0, 4, shape), "flat": np.zeros(shape)}[kind]
    return scores + 0.5 * truth * (kind != "flat"), truth


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10_000), st.sampled_from(["heavy", "tied", "flat"]), st.floats(0, 0.3))
def test_every_figure_lies_in_its_range_or_is_nan(seed, kind, missing):
    scores, truth = scene(seed, kind)
    scores[np.random.default_rng(seed + 1).random(scores.shape) < missing] = np.nan
    evaluation = evaluate_scores(scores, truth)
    for figure in FIGURES.values():
        value = figure.of(evaluation)
        assert math.isnan(value) or figure.range[0] - 1e-12 <= value <= figure.range[1] + 1e-12, figure.id


def test_names_and_descriptions_are_complete():
    for name, figure in FIGURES.items():
        assert figure.id == name
        assert name.replace("_", "").isalnum()
        assert figure.formula.endswith(".")
        assert figure.tooltip.startswith(figure.formula)
        assert ("better" in figure.tooltip) == (figure.direction != 0)
    for attribute in ("symbol", "title"):
        names = [getattr(figure, attribute) for figure in FIGURES.values()]
        assert len(set(names)) == len(names)
    assert FIGURES["auc_od"].range_text == "-1 to 2"
    assert FIGURES["auc_snpr"].range_text == "0 or more"
    assert FIGURES["auc_snpr_db"].range_text == ""


def test_a_better_map_is_better_in_every_figure_with_a_direction():
    rng = np.random.default_rng(3)
    truth = np.zeros((50, 60), bool)
    truth[5:8, 5:9] = truth[30:33, 40:44] = truth[20, 10] = True
    noise = rng.normal(size=truth.shape)
    worse, better = (evaluate_scores(noise + strength * truth, truth) for strength in (2.0, 12.0))
    for figure in FIGURES.values():
        first, second = figure.of(worse), figure.of(better)
        if figure.direction and not figure.id.startswith("nan"):
            assert figure.direction * second >= figure.direction * first, figure.id


def test_the_dictionary_has_every_figure_and_the_points_with_their_intervals():
    scores, truth = scene(5)
    evaluation = evaluate_scores(scores, truth)
    plain = json.loads(json.dumps(evaluation.to_dict(), allow_nan=False))
    assert set(FIGURES) <= set(plain)
    assert [point["asked"] for point in plain["operating_points"]["far_at_pd"]] == [0.5, 0.8, 0.9, 0.95, 1.0]
    point = plain["operating_points"]["pd_at_far"][2]
    assert point["interval"]["low"] <= point["value"] == plain["pd_at_far_0_01"] <= point["interval"]["high"]
    assert plain["best_f1"]["f1"] == plain["f1_max"]
    assert len(plain["objects"]) == plain["truth_objects"]
    assert isinstance(plain["false_objects_at_all"], int)


@pytest.mark.parametrize("target", [True, False])
def test_one_class_leaves_figures_unknown_and_counts_known(target):
    scores, truth = scene(6)
    plain = evaluate_scores(scores, np.full(truth.shape, target)).to_dict()
    for name in ("auc_pd_pf", "mcclish_0_1", "log_auc", "auc_delong_low", "gap", "ks", "object_auc"):
        assert plain[name] is None
    assert plain["targets"] + plain["background"] == truth.size
    json.dumps(plain, allow_nan=False)


def test_robust_figures_ignore_one_hot_pixel():
    scores, truth = scene(7)
    calm = evaluate_scores(scores, truth)
    scores[np.unravel_index(np.where(~truth, scores, -1).argmax(), truth.shape)] *= 1e4
    hot = evaluate_scores(scores, truth)
    assert hot.auc_pd_tau < calm.auc_pd_tau / 1000
    assert hot.robust.pd_tau == pytest.approx(calm.robust.pd_tau)
    assert hot.robust.pd_pf == hot.auc_pd_pf


def test_a_list_of_scores_is_compared_without_objects():
    evaluation = evaluate_scores([3.0, 1.0, 2.0, 0.0], [True, False, True, False])
    assert evaluation.objects is None
    assert evaluation.confidence.objects == 2
    assert evaluation.to_dict()["objects"] == []


def test_scenes_too_large_for_objects_say_so(monkeypatch):
    monkeypatch.setattr("hadviewer.analysis.evaluation.LARGEST_OBJECT_SCENE", 100)
    evaluation = evaluate_scores(*scene(8))
    assert evaluation.objects is None
    assert any("Objects are not counted" in note for note in evaluation.notes)
    assert evaluation.confidence.objects > 1


@pytest.mark.parametrize("points", [50, 10_000])
def test_the_curve_in_space_has_the_areas_as_its_projections(points):
    from hadviewer.analysis.roc import LabelledScores, RankedCounts
    from hadviewer.analysis.roc3d import roc3d_curve

    scores, truth = scene(9, shape=(60, 60))
    evaluation = evaluate_scores(scores, truth)
    labelled = LabelledScores.of(scores, truth)
    curve = roc3d_curve(RankedCounts.of(labelled).curve(), labelled.values, points)
    assert (curve.false_alarm[0], curve.tau[0], curve.detection[0]) == (0, 1, 0)
    assert (curve.false_alarm[-1], curve.tau[-1], curve.detection[-1]) == (1, 0, 1)
    assert (np.diff(curve.tau) <= 0).all()
    assert len(curve.tau) <= points
    tolerance = 1e-12 if points > scores.size else 0.06
    step = -np.diff(curve.tau)
    assert np.dot(step, curve.detection[:-1]) == pytest.approx(evaluation.auc_pd_tau, abs=tolerance)
    assert np.dot(step, curve.false_alarm[:-1]) == pytest.approx(evaluation.auc_pf_tau, abs=tolerance)
    assert np.trapezoid(curve.detection, curve.false_alarm) == pytest.approx(evaluation.auc_pd_pf, abs=tolerance)


@pytest.mark.parametrize(
    ("run", "name", "scene_name", "area", "false_alarm", "detection"),
    [
        ("GRX-f64", "hydice", "hydice-17", 0.9932, 0.0345, 0.2225),
        ("GRX-f64", "LREN-sandiego_plane", "sandiego-134", 0.9403, 0.0589, 0.1773),
        ("SLRX-b8-allbands", "abu-urban-1", "abu-urban-1", 0.9923, 0.0086, 0.1785),
    ],
)
def test_maps_of_other_programs_have_the_figures_measured_elsewhere(
    data_dir, scenes, run, name, scene_name, area, false_alarm, detection
):
    """AUC(PD, PF), AUC(PF, tau) and AUC(PD, tau), to the four digits they were written with."""
    import hadviewer

    scores = np.load(data_dir / "reference_maps" / run / f"{name}.npy")
    truth = hadviewer.open(scenes / f"{scene_name}.mat").truth
    evaluation = hadviewer.evaluate(scores, truth)
    found = (evaluation.auc_pd_pf, evaluation.auc_pf_tau, evaluation.auc_pd_tau)
    assert found == pytest.approx((area, false_alarm, detection), abs=6e-5)
