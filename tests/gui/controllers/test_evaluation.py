"""Every result is compared with the truth as soon as both are there."""

import csv
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from hadviewer.analysis.figures import FIGURES
from hadviewer.core.cube import Cube, Scene, Truth
from hadviewer.engine.jobs import InlineJobs
from hadviewer.engine.session import ResultEntry, Session
from hadviewer.engine.verbs import detect, evaluate
from hadviewer.gui.controllers._curves import MOST_POINTS, SPACE_POINTS, curves_of, roc_line
from hadviewer.gui.controllers.evaluation import NO_CURVE, NO_RESULT, NO_TRUTH, EvaluationController
from hadviewer.gui.views.protocols import RocViewLike


@pytest.fixture
def view(double: Callable[[type], Any]) -> Any:
    return double(RocViewLike)


@pytest.fixture
def controller(session: Session, jobs: InlineJobs, view: Any, messages: Any) -> EvaluationController:
    return EvaluationController(session, jobs, view, messages)


def add(session: Session, cube: Cube, title: str = "GRX") -> ResultEntry:
    return session.add_result(detect(cube, "grx"), title)


def hint(view: Any) -> str:
    return str(view.set_curves.call_args.args[1])


def curves(view: Any) -> list[Any]:
    return list(view.set_curves.call_args.args[0])


def test_the_dock_says_what_is_missing(
    controller: EvaluationController, session: Session, view: Any, cube: Cube, truth: Truth
) -> None:
    assert hint(view) == NO_TRUTH
    session.open(Scene(cube))
    add(session, cube)
    assert hint(view) == NO_TRUTH
    session.open(Scene(cube, truth))
    assert hint(view) == NO_RESULT


def test_a_result_gets_a_curve_in_its_colour(
    controller: EvaluationController, session: Session, view: Any, scene: Scene
) -> None:
    session.open(scene)
    entry = add(session, scene.cube)
    (line,) = curves(view)
    assert (line.id, line.title, line.colour) == (entry.id, "GRX", entry.colour)
    assert line.auc == evaluate(entry.result.scores, scene.truth).auc_pd_pf  # type: ignore[arg-type]
    assert line.background == 12 * 17 - 1
    view.set_selected.assert_called_with(entry.id)


def test_a_truth_loaded_later_evaluates_everything(
    controller: EvaluationController, session: Session, view: Any, cube: Cube, truth: Truth
) -> None:
    session.open(Scene(cube))
    first, second = add(session, cube), add(session, cube, "GRX 2")
    assert session.evaluations == {}
    session.set_truth(truth)
    assert set(session.evaluations) == {first.id, second.id}
    other = Truth(np.roll(truth.mask, 40))
    before = session.evaluations[first.id]
    session.set_truth(other)
    assert session.evaluations[first.id] is not before
    session.undo()
    assert session.evaluations[first.id].auc_pd_pf == before.auc_pd_pf
    session.set_truth(None)
    assert curves(view) == []
    assert hint(view) == NO_TRUTH


def test_nothing_is_evaluated_twice(session: Session, held_jobs: Any, view: Any, messages: Any, scene: Scene) -> None:
    EvaluationController(session, held_jobs, view, messages)
    session.open(scene)
    entry = add(session, scene.cube)
    session.select_result(None)
    add(session, scene.cube, "GRX 2")
    assert len(held_jobs.held) == 2
    held_jobs.perform()
    held_jobs.perform()
    session.remove_result(entry.id)
    session.undo()
    assert held_jobs.held == []
    assert len(curves(view)) == 2


def test_an_evaluation_against_a_truth_that_was_replaced_is_dropped(
    session: Session, held_jobs: Any, view: Any, messages: Any, scene: Scene
) -> None:
    EvaluationController(session, held_jobs, view, messages)
    session.open(scene)
    add(session, scene.cube)
    session.set_truth(None)
    held_jobs.perform()
    assert session.evaluations == {}


def test_a_truth_without_targets_has_figures_but_no_curve(
    controller: EvaluationController, session: Session, view: Any, cube: Cube
) -> None:
    session.open(Scene(cube, Truth(np.zeros((12, 17), dtype=bool))))
    add(session, cube)
    assert curves(view) == []
    assert hint(view) == NO_CURVE
    values = {figure.name: figure.value for figure in view.set_figures.call_args.args[1]}
    assert values["AUC (PD, PF)"] == "–"
    assert values["Target pixels"] == "0"


def test_a_truth_of_another_size_is_one_message(
    controller: EvaluationController, session: Session, messages: Any, cube: Cube
) -> None:
    session.open(Scene(cube))
    add(session, cube)
    session.set_truth(Truth(np.ones((3, 4), dtype=bool)))
    session.select_result(None)
    messages.error.assert_called_once()
    assert "could not be compared" in messages.error.call_args.args[0]


def test_every_figure_is_shown_with_its_formula(
    controller: EvaluationController, session: Session, view: Any, scene: Scene
) -> None:
    session.open(scene)
    entry = add(session, scene.cube)
    found = session.evaluations[entry.id]
    title, figures = view.set_figures.call_args.args
    assert title == "GRX"
    values = {figure.name: figure.value for figure in figures}
    assert len(values) == len(FIGURES)
    assert float(values["AUC OD"]) == pytest.approx(found.auc_pd_pf + found.auc_pd_tau - found.auc_pf_tau, abs=1e-4)
    assert float(values["AUC SNPR"]) == pytest.approx(found.auc_pd_tau / found.auc_pf_tau, abs=1e-4)
    assert all(figure.formula for figure in figures)


def test_curves_are_exported_as_one_table(
    controller: EvaluationController, session: Session, view: Any, messages: Any, scene: Scene, tmp_path: Path
) -> None:
    session.open(scene)
    first, _ = add(session, scene.cube), add(session, scene.cube, "GRX 2")
    view.export_requested.emit(tmp_path / "roc.csv")
    text = (tmp_path / "roc.csv").read_text(encoding="utf-8")
    table = list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
    found = session.evaluations[first.id]
    assert found.objects is not None
    froc = found.objects.froc
    for curve, column, values in (
        ("ROC", "detection", found.roc.detection),
        ("PR", "precision", found.precision_recall.precision),
        ("3D ROC", "tau", found.roc3d.tau),
        ("3D ROC robust", "tau", found.robust_roc3d.tau),
        ("FROC", "false_objects", froc.false_objects),
    ):
        rows = [row for row in table if (row["result"], row["curve"]) == ("GRX", curve)]
        assert [float(row[column]) for row in rows] == values.tolist()
        assert all(row["threshold"] for row in rows)
        assert {row["precision"] == "" for row in rows} == {curve != "PR"}
    assert {row["result"] for row in table} == {"GRX", "GRX 2"}
    assert "roc.csv" in messages.info.call_args.args[0]


def test_everything_drawn_comes_from_the_evaluation(
    controller: EvaluationController, session: Session, view: Any, scene: Scene
) -> None:
    session.open(scene)
    entry = add(session, scene.cube)
    found = session.evaluations[entry.id]
    (drawn,) = view.set_results.call_args.args[0]
    assert np.array_equal(drawn.operating[False].tau, found.roc3d.tau)
    lowest, highest = entry.result.scores.min(), entry.result.scores.max()
    assert np.allclose(drawn.operating[False].thresholds, lowest + found.roc3d.tau * (highest - lowest), rtol=1e-6)
    assert np.array_equal(drawn.precision.x, found.precision_recall.recall)
    assert drawn.boxes[False, 10.0].gap == found.separability.gap
    assert np.array_equal(drawn.operating[True].tau, found.robust_roc3d.tau)
    assert {kind: box.gap for kind, box in drawn.boxes.items()} == {k: apart.gap for k, apart in found.boxes.items()}
    assert found.objects is not None
    assert drawn.objects is not None
    assert drawn.objects.y[-1] == 1.0


def test_curves_of_scores_as_good_as_chance_are_drawn_with_a_bounded_number_of_points() -> None:
    rng = np.random.default_rng(2)
    truth = rng.random((200, 200)) < 0.1
    found = evaluate(rng.random(truth.shape), truth)
    assert found.objects is not None
    entry = SimpleNamespace(id=1, title="GRX", colour="#1a73e8")
    drawn, roc = curves_of(entry, found), roc_line(entry, found)  # type: ignore[arg-type]
    assert drawn.objects is not None
    assert len(found.roc.thresholds) > MOST_POINTS < len(found.precision_recall.thresholds)
    assert max(len(roc.thresholds), len(drawn.precision.x), len(drawn.objects.x)) <= MOST_POINTS
    assert (roc.detection[0], roc.detection[-1]) == (0, 1)
    assert drawn.objects.y[-1] == found.objects.froc.detection[-1]


def test_a_long_curve_in_space_is_drawn_with_fewer_points_that_look_the_same() -> None:
    rng = np.random.default_rng(1)
    truth = np.zeros((80, 80), dtype=bool)
    truth[3, :12] = True
    scores = rng.gamma(2, 1, truth.shape)
    scores[truth] += 4
    found = evaluate(scores, truth)
    entry = SimpleNamespace(id=1, title="GRX", colour="#1a73e8")
    drawn = curves_of(entry, found).operating[False]  # type: ignore[arg-type]
    exact = found.roc3d
    assert len(drawn.tau) <= SPACE_POINTS < len(exact.tau)
    for axis, most in (("false_alarm", 0.01), ("detection", 0.1)):
        between = np.interp(exact.tau[::-1], drawn.tau[::-1], getattr(drawn, axis)[::-1])
        assert np.abs(between - getattr(exact, axis)[::-1]).max() < most
    assert set(np.unique(exact.detection)) == set(np.unique(drawn.detection)), "every target is seen to be found"
    rare = exact.false_alarm[(exact.false_alarm > 0) & (exact.false_alarm < 1e-3)]
    assert np.isin(rare, drawn.false_alarm).mean() > 0.8


def test_the_table_has_every_figure_of_every_result_and_is_exported(
    controller: EvaluationController, session: Session, view: Any, messages: Any, scene: Scene, tmp_path: Path
) -> None:
    session.open(scene)
    first, second = add(session, scene.cube), add(session, scene.cube, "GRX 2")
    columns, rows = view.set_table.call_args.args
    assert [column.name for column in columns] == [figure.symbol for figure in FIGURES.values()]
    assert [row.id for row in rows] == [first.id, second.id]
    assert rows[0].values[0] == session.evaluations[first.id].auc_pd_pf
    view.figures_export_requested.emit(tmp_path / "figures.csv")
    text = (tmp_path / "figures.csv").read_text(encoding="utf-8")
    table = list(csv.DictReader(line for line in text.splitlines() if not line.startswith("# ")))
    assert [row["Result"] for row in table] == ["GRX", "GRX 2"]
    assert float(table[0]["AUC OD"]) == session.evaluations[first.id].auc_od
    assert "figures.csv" in messages.info.call_args.args[0]


def test_a_large_scene_is_evaluated_by_the_worker(
    session: Session, jobs: InlineJobs, view: Any, messages: Any, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hadviewer.gui.controllers.evaluation.LARGEST_HERE", 10)
    heavy: list[Any] = []
    monkeypatch.setattr(jobs, "heavy", lambda task, *rest, **more: heavy.append((task, rest)))
    EvaluationController(session, jobs, view, messages)
    session.open(scene)
    entry = add(session, scene.cube)
    ((task, (scores, truth)),) = heavy
    assert scores is entry.result.scores
    assert task(scores, truth, None).auc_pd_pf == evaluate(scores, truth).auc_pd_pf


def test_an_export_that_fails_is_a_message(
    controller: EvaluationController, session: Session, view: Any, messages: Any, scene: Scene, tmp_path: Path
) -> None:
    session.open(scene)
    add(session, scene.cube)
    (tmp_path / "file").write_text("in the way")
    view.export_requested.emit(tmp_path / "file" / "roc.csv")
    messages.error.assert_called_once()
