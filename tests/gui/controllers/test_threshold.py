"""The threshold follows rule, hand, undo and the selected result."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from hadviewer.analysis.objects import Cleaning
from hadviewer.analysis.thresholds import RULES
from hadviewer.core.cube import Cube, Scene, Truth
from hadviewer.core.results import DetectionRequest, DetectionResult, TransformStep
from hadviewer.engine.export import mask_of
from hadviewer.engine.jobs import InlineJobs
from hadviewer.engine.session import Session
from hadviewer.gui.controllers._layer_drawings import draw_mask
from hadviewer.gui.controllers._scores import ScoreStatistics, count_mask
from hadviewer.gui.controllers.threshold import HINT, NO_SCORES, ThresholdController
from hadviewer.gui.views.protocols import ThresholdViewLike
from hadviewer.render.tiling import Address


@pytest.fixture
def view(double: Callable[[type], Any]) -> Any:
    return double(ThresholdViewLike)


@pytest.fixture
def controller(session: Session, jobs: InlineJobs, view: Any, messages: Any) -> ThresholdController:
    return ThresholdController(session, jobs, view, messages)


@pytest.fixture
def result() -> DetectionResult:
    scores = np.random.default_rng(4).gamma(2.0, 30.0, (12, 17)).astype(np.float32)
    scores[0, :3] = np.nan
    return DetectionResult(
        DetectionRequest(detector="grx"), scores, ~np.isnan(scores), 0.1, provenance={"bands_used": 8}
    )


def shown(view: Any) -> tuple[float, str, float]:
    return view.show_threshold.call_args.args


def reading(view: Any) -> str:
    return " ".join(view.show_reading.call_args.args[0])


def test_a_result_gets_a_threshold_at_one_per_cent_but_no_mask(
    controller: ThresholdController, session: Session, view: Any, scene: Scene, result: DetectionResult
) -> None:
    session.open(scene)
    entry = session.add_result(result, "GRX")
    value, rule, argument = shown(view)
    assert (rule, argument) == ("percentile", 1.0)
    assert np.count_nonzero(result.scores >= np.float32(value)) == 3, "one per cent of 201 pixels, rounded up"
    assert session.mask_layer(entry.id) is None
    view.show_mask.assert_called_with(False)


def test_dragging_lays_a_live_mask_and_is_one_step_to_undo(
    controller: ThresholdController, session: Session, view: Any, scene: Scene, result: DetectionResult
) -> None:
    session.open(scene)
    entry = session.add_result(result, "GRX")
    for value in (40.0, 50.0, 60.0):
        view.threshold_moved.emit(value)
        layer = session.mask_layer(entry.id)
        assert layer is not None
        assert layer.threshold == value
        assert shown(view) == (value, "value", 0.0)
    view.threshold_settled.emit()
    view.threshold_moved.emit(70.0)
    session.undo()
    assert shown(view)[0] == 60.0
    session.undo()
    assert session.mask_layer(entry.id) is None
    view.show_mask.assert_called_with(False)
    session.redo()
    assert shown(view)[0] == 60.0


def test_showing_a_mask_and_moving_its_line_are_two_steps(
    controller: ThresholdController, session: Session, view: Any, scene: Scene, result: DetectionResult
) -> None:
    session.open(scene)
    entry = session.add_result(result, "GRX")
    controller.toggle_mask()
    chosen = shown(view)[0]
    view.threshold_moved.emit(60.0)
    session.undo()
    assert shown(view)[0] == chosen
    assert session.mask_layer(entry.id) is not None
    session.undo()
    assert session.mask_layer(entry.id) is None


def test_a_mask_taken_away_stays_away_while_the_line_moves(
    controller: ThresholdController, session: Session, view: Any, scene: Scene, result: DetectionResult
) -> None:
    session.open(scene)
    entry = session.add_result(result, "GRX")
    view.threshold_moved.emit(40.0)
    view.mask_toggled.emit(False)
    view.threshold_moved.emit(50.0)
    assert session.mask_layer(entry.id) is None
    assert shown(view)[0] == 50.0
    controller.toggle_mask()
    layer = session.mask_layer(entry.id)
    assert layer is not None
    assert layer.threshold == 50.0
    session.update_layer(layer.id, visible=False)
    view.show_mask.assert_called_with(False)
    controller.toggle_mask()
    assert session.mask_layer(entry.id) == replace(layer, visible=True)


@pytest.mark.parametrize(
    ("rule", "argument", "expected"),
    [
        ("percentile", 10.0, lambda scores: np.sort(scores)[-21]),
        ("mean_sigma", 2.0, lambda scores: scores.mean() + 2 * scores.std()),
        ("median_mad", 3.0, lambda s: np.median(s) + 3 * stats.median_abs_deviation(s, scale=1 / 1.4826)),
        ("chi2", 0.01, lambda scores: stats.chi2.isf(0.01, 8)),
    ],
)
def test_rules_choose_as_their_definition_says(
    controller: ThresholdController,
    session: Session,
    view: Any,
    scene: Scene,
    result: DetectionResult,
    rule: str,
    argument: float,
    expected: Callable[[Any], float],
) -> None:
    session.open(scene)
    entry = session.add_result(result, "GRX")
    view.rule_chosen.emit(rule)
    view.argument_edited.emit(argument)
    value, *how = shown(view)
    assert how == [rule, argument]
    finite = result.scores[np.isfinite(result.scores)].astype(float)
    assert value == pytest.approx(expected(finite), rel=1e-6)
    layer = session.mask_layer(entry.id)
    assert layer is not None
    assert (layer.threshold, layer.rule) == (value, f"{rule}={argument:g}")


def test_otsu_needs_no_number_and_a_flat_map_has_none(
    controller: ThresholdController, session: Session, view: Any, messages: Any, scene: Scene, result: DetectionResult
) -> None:
    session.open(scene)
    session.add_result(result, "GRX")
    view.rule_chosen.emit("otsu")
    assert shown(view)[1] == "otsu"
    session.add_result(replace(result, scores=np.ones((12, 17), np.float32)), "Flat")
    view.rule_chosen.emit("otsu")
    messages.warn.assert_called_once()
    assert shown(view)[1] == "percentile"


def test_chi_square_is_offered_for_distances_of_known_dimension_only(
    controller: ThresholdController, session: Session, view: Any, scene: Scene, result: DetectionResult
) -> None:
    session.open(scene)
    session.add_result(result, "GRX")
    assert "chi2" in [rule.id for rule in view.set_rules.call_args.args[0]]
    request = DetectionRequest(detector="grx", transforms=(TransformStep(id="pca"),))
    session.add_result(replace(result, request=request), "PCA, GRX")
    assert "chi2" not in [rule.id for rule in view.set_rules.call_args.args[0]]


def test_the_reading_agrees_with_mask_and_truth(
    controller: ThresholdController, session: Session, view: Any, cube: Cube, result: DetectionResult
) -> None:
    truth = Truth(result.scores > 120)
    session.open(Scene(cube, truth))
    session.add_result(result, "GRX")
    view.threshold_moved.emit(100.0)
    mask = mask_of(result, 100.0) == 2
    hits = int((mask & truth.mask).sum())
    assert f"Above: {mask.sum()} pixels" in reading(view)
    assert f"Targets: {hits} of {truth.count} (PD {hits / truth.count:.3f})" in reading(view)
    assert f"False alarms: {mask.sum() - hits} " in reading(view)


def test_each_result_keeps_its_own_threshold(
    controller: ThresholdController, session: Session, view: Any, scene: Scene, result: DetectionResult
) -> None:
    session.open(scene)
    first = session.add_result(result, "GRX")
    view.threshold_moved.emit(44.0)
    session.add_result(replace(result), "GRX 2")
    view.threshold_moved.emit(55.0)
    session.select_result(first.id)
    assert shown(view)[0] == 44.0


def test_small_objects_are_left_out_of_the_mask_the_count_and_the_export(
    controller: ThresholdController, session: Session, view: Any, scene: Scene
) -> None:
    scores = np.zeros((12, 17), np.float32)
    scores[2, 2] = scores[5, 5] = scores[6, 6] = scores[9:11, 9:12] = 5.0
    result = DetectionResult(DetectionRequest(detector="grx"), scores, np.ones(scores.shape, bool), 0.1)
    session.open(scene)
    entry = session.add_result(result, "GRX")
    view.threshold_moved.emit(5.0)
    assert "Above: 9 pixels" in reading(view)
    assert "Objects: 3" in reading(view)
    view.cleaning_edited.emit(Cleaning(2))
    assert "Above: 8 pixels" in reading(view)
    assert "Objects: 2" in reading(view)
    view.show_cleaning.assert_called_with(Cleaning(2))
    view.cleaning_edited.emit(Cleaning(2, 4))
    assert "Above: 6 pixels" in reading(view)
    layer = session.mask_layer(entry.id)
    assert layer is not None
    assert layer.cleaning == Cleaning(2, 4)
    drawn = draw_mask(scores, (layer.colour, layer.threshold, layer.cleaning)).tiles
    assert drawn is not None
    exported = mask_of(result, 5.0, layer.cleaning) == 2
    assert exported.sum() == 6
    assert np.array_equal(drawn.draw(Address(1, 0, 0))[..., 3] > 0, exported)
    session.undo()
    view.show_cleaning.assert_called_with(Cleaning(2))
    view.threshold_moved.emit(4.0)
    layer = session.mask_layer(entry.id)
    assert layer is not None
    assert (layer.threshold, layer.cleaning.minimum) == (4.0, 2), "moving the line keeps the smallest object"


def test_every_rule_of_the_analysis_is_offered(
    controller: ThresholdController, session: Session, view: Any, scene: Scene, result: DetectionResult
) -> None:
    session.open(scene)
    session.add_result(result, "GRX")
    (rules,) = view.set_rules.call_args.args
    assert [rule.id for rule in rules] == list(RULES)
    for rule in rules:
        view.rule_chosen.emit(rule.id)
        assert shown(view)[1] == rule.id
        assert np.isfinite(shown(view)[0])


def test_without_a_result_or_scores_the_dock_says_so(
    controller: ThresholdController, session: Session, view: Any, scene: Scene, result: DetectionResult
) -> None:
    view.set_bars.assert_called_with(None, None, HINT)
    session.open(scene)
    entry = session.add_result(replace(result, scores=np.full((12, 17), np.nan, np.float32)), "None")
    view.set_bars.assert_called_with(None, None, NO_SCORES)
    session.remove_result(entry.id)
    view.set_bars.assert_called_with(None, None, HINT)


def test_bars_count_every_score_and_every_target(result: DetectionResult) -> None:
    truth = np.zeros((12, 17), dtype=bool)
    truth[0] = truth[5] = True
    found = ScoreStatistics.of(result.scores, truth)
    assert found.log is not None
    for bars in (found.linear, found.log):
        assert bars.counts.sum() == 201
        assert bars.targets is not None
        assert bars.targets.sum() == 31
        assert (bars.targets <= bars.counts).all()
    assert ScoreStatistics.of(-np.abs(result.scores), None).log is None


def test_counting_compares_as_the_mask_does() -> None:
    """A threshold taken from a float32 score includes that score, whatever its digits in double precision."""
    scores = np.float32([[0.1, 0.2, 0.3, 0.4]])
    found = ScoreStatistics.of(scores, None)
    for value in scores.ravel():
        above = int((scores >= value).sum())
        assert found.count(float(value)).pixels == above
        assert count_mask(scores, None, float(value), Cleaning()).pixels == above
