"""What a run reports while it works is recorded, compared with the truth and shown."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hadviewer.analysis.roc import auc
from hadviewer.core.cube import Cube, Scene, Truth, Window
from hadviewer.engine.film import SCORES
from hadviewer.engine.jobs import InlineJobs, Job, JobState
from hadviewer.engine.session import Session
from hadviewer.gui.controllers.training import MOST_POINTS, TrainingController
from hadviewer.gui.views.protocols import TrainingViewLike

ROWS, COLS = 12, 17


@pytest.fixture
def view(double: Callable[[type], Any]) -> Any:
    return double(TrainingViewLike)


@pytest.fixture
def controller(session: Session, jobs: InlineJobs, view: Any, messages: Any, scene: Scene) -> TrainingController:
    controller = TrainingController(session, jobs, view, messages)
    session.open(scene)
    return controller


def scores(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random((ROWS, COLS), dtype=np.float32)


def learn(report: Callable[[str, Any], None], steps: int = 5) -> None:
    """What a detector reports in some steps."""
    report("picture", ("Input", 0, np.zeros((ROWS, COLS, 3), dtype=np.float32)))
    for step in range(1, steps + 1):
        report("curve", ("loss", step, 1 / step))
        report("preview", scores(step))
        report("picture", ("Attention", step, np.eye(4, dtype=np.float32)))


def last(method: Any) -> Any:
    return method.call_args.args


def runs(view: Any) -> list[str]:
    return [run.title for run in last(view.set_runs)[0]]


def tiles(view: Any) -> list[str]:
    return [tile.name for tile in last(view.set_tiles)[0]]


def test_a_run_that_reports_nothing_is_not_listed(controller: TrainingController, view: Any, cube: Cube) -> None:
    controller.watch("GRX", cube)
    view.due.emit()
    assert runs(view) == []
    view.announce.assert_called_once()  # for the scene


def test_a_run_is_listed_and_shown_from_its_first_report_on(
    controller: TrainingController, view: Any, cube: Cube
) -> None:
    learn(controller.watch("LREN", cube))
    view.due.emit()
    assert runs(view) == ["LREN"]
    assert last(view.set_runs)[0][0].running
    (losses, areas, chosen) = last(view.set_curves)
    assert [(line.title, line.x.tolist()) for line in losses] == [("loss", [1, 2, 3, 4, 5])]
    assert chosen == last(view.set_runs)[1]
    assert last(view.set_steps) == ([0, 1, 2, 3, 4, 5], 5, True)
    assert tiles(view) == [SCORES, "Input", "Attention"]
    assert len(areas) == 1


def test_the_area_under_the_curve_is_that_of_each_unfinished_map(
    controller: TrainingController, view: Any, cube: Cube, truth: Truth
) -> None:
    learn(controller.watch("LREN", cube))
    view.due.emit()
    (line,) = last(view.set_curves)[1]
    assert line.x.tolist() == [1, 2, 3, 4, 5]
    assert line.y.tolist() == [auc(scores(step), truth.mask) for step in range(1, 6)]


def test_a_truth_loaded_later_is_compared_with_every_map_kept(
    controller: TrainingController, view: Any, session: Session, truth: Truth
) -> None:
    session.set_truth(None)
    assert session.cube is not None
    learn(controller.watch("LREN", session.cube))
    view.due.emit()
    assert last(view.set_curves)[1] == []
    session.set_truth(truth)
    view.due.emit()
    assert last(view.set_curves)[1][0].y.tolist() == [auc(scores(step), truth.mask) for step in range(1, 6)]
    session.set_truth(None)
    view.due.emit()
    assert last(view.set_curves)[1] == []


def test_the_truth_never_gets_to_the_run(controller: TrainingController, view: Any, cube: Cube, truth: Truth) -> None:
    """All that a run is given is what to report to, which gives nothing back."""
    report = controller.watch("LREN", cube)
    assert report("curve", ("loss", 1, 1.0)) is None  # type: ignore[func-returns-value]
    assert report("preview", scores(1)) is None  # type: ignore[func-returns-value]


def test_a_run_on_a_part_is_compared_with_that_part(
    controller: TrainingController, view: Any, cube: Cube, truth: Truth
) -> None:
    report = controller.watch("LREN", cube, Window(2, 8, 3, 9))
    part = scores(1)[2:8, 3:9]
    report("preview", part)
    view.due.emit()
    assert last(view.set_curves)[1][0].y.tolist() == [auc(part, truth.mask[2:8, 3:9])]


def test_areas_of_all_runs_on_the_scene_are_drawn_the_chosen_first(
    controller: TrainingController, view: Any, cube: Cube
) -> None:
    learn(controller.watch("LREN", cube))
    learn(controller.watch("SUPERAD", cube))
    view.due.emit()
    assert runs(view) == ["LREN", "SUPERAD"]
    assert [line.title for line in last(view.set_curves)[1]] == ["AUC", "AUC LREN"]
    view.run_chosen.emit(1)
    view.due.emit()
    assert [line.title for line in last(view.set_curves)[1]] == ["AUC", "AUC SUPERAD"]
    assert last(view.set_runs)[1] == 1


def test_an_earlier_step_stays_in_sight_while_the_run_goes_on(
    controller: TrainingController, view: Any, cube: Cube
) -> None:
    report = controller.watch("LREN", cube)
    learn(report)
    view.step_chosen.emit(2)
    values = last(view.set_tiles)[0][0].values
    np.testing.assert_array_equal(values, scores(2))
    report("curve", ("loss", 6, 0.1))
    report("preview", scores(6))
    view.due.emit()
    assert last(view.set_steps) == ([0, 1, 2, 3, 4, 5, 6], 2, False)
    np.testing.assert_array_equal(last(view.set_tiles)[0][0].values, scores(2))
    view.step_chosen.emit(None)
    np.testing.assert_array_equal(last(view.set_tiles)[0][0].values, scores(6))


def test_pictures_that_stay_are_not_drawn_again(controller: TrainingController, view: Any, cube: Cube) -> None:
    report = controller.watch("LREN", cube)
    learn(report, 1)
    view.due.emit()
    before = {tile.name: tile for tile in last(view.set_tiles)[0]}
    report("curve", ("loss", 2, 0.1))
    report("preview", scores(2))
    view.due.emit()
    after = {tile.name: tile for tile in last(view.set_tiles)[0]}
    assert after["Input"] is before["Input"]
    assert after[SCORES] is not before[SCORES]


def test_pictures_stay_in_order_however_late_they_are_made_ready(
    session: Session, held_jobs: Any, view: Any, messages: Any, scene: Scene
) -> None:
    controller = TrainingController(session, held_jobs, view, messages)
    session.open(scene)
    report = controller.watch("LREN", scene.cube)
    learn(report, 3)
    assert len(held_jobs.held) == 1
    while held_jobs.held:
        held_jobs.perform()
    view.due.emit()
    assert last(view.set_steps)[0] == [0, 1, 2, 3]


def test_while_pictures_are_drawn_only_the_last_wanted_waits(
    session: Session, held_jobs: Any, view: Any, messages: Any, scene: Scene
) -> None:
    controller = TrainingController(session, held_jobs, view, messages)
    session.open(scene)
    learn(controller.watch("LREN", scene.cube))
    while held_jobs.held:
        held_jobs.perform()
    view.due.emit()
    for place in (1, 2, 3):
        view.step_chosen.emit(place)
    assert len(held_jobs.held) == 1
    held_jobs.perform()
    assert len(held_jobs.held) == 1
    held_jobs.perform()
    np.testing.assert_array_equal(last(view.set_tiles)[0][0].values, scores(3))
    assert held_jobs.held == []


def test_memory_stays_below_the_limit(
    session: Session, jobs: InlineJobs, view: Any, messages: Any, scene: Scene
) -> None:
    limit = 20 * ROWS * COLS * 4
    controller = TrainingController(session, jobs, view, messages, limit)
    session.open(scene)
    for title in ("LREN", "SUPERAD", "MTGAN"):
        learn(controller.watch(title, scene.cube), 100)
        assert controller._recordings.nbytes <= limit
    view.due.emit()
    assert len(runs(view)) == 3
    assert last(view.set_steps)[0][-1] == 100


def test_the_unfinished_map_lies_over_the_image_until_the_run_ends(
    controller: TrainingController, jobs: InlineJobs, view: Any, cube: Cube
) -> None:
    laid: list[Any] = []
    controller.unfinished_changed.connect(laid.append)
    report = controller.watch("LREN", cube)
    report("preview", scores(1))
    np.testing.assert_array_equal(laid[-1], scores(1))
    view.overlay_toggled.emit(False)
    assert laid[-1] is None
    report("preview", scores(2))
    assert laid[-1] is None
    view.overlay_toggled.emit(True)
    report("preview", scores(3))
    assert laid[-1] is not None
    jobs.job_ended.emit(Job(9, "LREN", heavy=True, state=JobState.DONE))
    assert laid[-1] is None
    view.due.emit()
    assert not last(view.set_runs)[0][0].running


def test_a_map_of_another_scene_is_not_laid_over_this_one(
    controller: TrainingController, session: Session, view: Any, cube: Cube, make_cube: Callable[..., Cube]
) -> None:
    report = controller.watch("LREN", cube)
    session.open(Scene(make_cube()))
    laid: list[Any] = []
    controller.unfinished_changed.connect(laid.append)
    report("preview", scores(1))
    assert laid == []
    view.due.emit()
    assert runs(view) == ["LREN"]
    assert last(view.set_curves)[1] == []


def test_a_forgotten_run_gives_way_to_the_one_before(controller: TrainingController, view: Any, cube: Cube) -> None:
    learn(controller.watch("LREN", cube))
    learn(controller.watch("SUPERAD", cube))
    view.forget_requested.emit()
    assert runs(view) == ["LREN"]
    view.forget_requested.emit()
    assert runs(view) == []
    assert tiles(view) == []
    assert last(view.set_steps) == ([], 0, True)


def test_long_curves_are_drawn_with_fewer_points_and_both_ends(
    controller: TrainingController, view: Any, cube: Cube
) -> None:
    report = controller.watch("LREN", cube)
    for step in range(1, 3 * MOST_POINTS):
        report("curve", ("loss", step, 1.0))
    view.due.emit()
    (line,) = last(view.set_curves)[0]
    assert len(line.x) <= MOST_POINTS
    assert (line.x[0], line.x[-1]) == (1, 3 * MOST_POINTS - 1)


def test_curves_pictures_and_all_steps_are_exported(
    controller: TrainingController, view: Any, messages: Any, cube: Cube, tmp_path: Path
) -> None:
    learn(controller.watch("LREN", cube))
    view.due.emit()
    view.step_chosen.emit(2)
    view.curves_export_requested.emit(tmp_path / "curves.csv")
    view.pictures_export_requested.emit(tmp_path / "pictures")
    view.film_export_requested.emit(tmp_path / "film.png")
    assert (tmp_path / "curves.csv").read_text(encoding="utf-8").splitlines()[1] == "step,loss,AUC"
    assert sorted(path.name for path in (tmp_path / "pictures").iterdir()) == [
        "lren-anomaly-map-2.png",
        "lren-attention-2.png",
        "lren-input-0.png",
    ]
    assert (tmp_path / "film.png").stat().st_size > 1000
    assert messages.info.call_count == 3
    messages.error.assert_not_called()


def test_an_export_that_fails_is_a_message(
    controller: TrainingController, view: Any, messages: Any, cube: Cube, tmp_path: Path
) -> None:
    learn(controller.watch("LREN", cube))
    (tmp_path / "file").write_text("in the way")
    view.film_export_requested.emit(tmp_path / "file" / "film.png")
    messages.error.assert_called_once()


def test_a_step_looked_at_stays_in_sight_while_others_are_dropped(
    session: Session, jobs: InlineJobs, view: Any, messages: Any, scene: Scene
) -> None:
    controller = TrainingController(session, jobs, view, messages, 20 * ROWS * COLS * 4)
    session.open(scene)
    report = controller.watch("LREN", scene.cube)
    learn(report, 10)
    view.step_chosen.emit(8)
    for step in range(11, 200):
        report("curve", ("loss", step, 1.0))
        report("preview", scores(step))
    view.due.emit()
    steps, place, live = last(view.set_steps)
    assert len(steps) < 30
    assert abs(steps[place] - 8) <= 8
    assert not live


def test_a_recorded_run_keeps_no_cube_alive(
    controller: TrainingController, session: Session, make_cube: Callable[..., Cube]
) -> None:
    import gc
    import weakref

    cube = make_cube()
    known = weakref.ref(cube)
    learn(controller.watch("LREN", cube))
    del cube
    gc.collect()
    assert known() is None
