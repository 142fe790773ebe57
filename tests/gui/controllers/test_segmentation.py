"""Superpixels: started, cancelled, shown, told."""

import numpy as np
import pytest

from hadviewer.core.cube import Scene, Window
from hadviewer.core.errors import DetectorError
from hadviewer.core.results import DetectionRequest, DetectionResult
from hadviewer.engine import superpixel_tasks
from hadviewer.engine.display import DisplayIntent
from hadviewer.engine.session import Segmentation
from hadviewer.engine.superpixel_tasks import SuperpixelParams
from hadviewer.gui.controllers.segmentation import SegmentationController
from hadviewer.gui.views.segment_protocols import SegmentImageLike, SuperpixelPanelLike
from hadviewer.render.tiling import Viewport

PARAMS = SuperpixelParams(number=6, components=2)


@pytest.fixture
def panel(double):
    return double(SuperpixelPanelLike)


@pytest.fixture
def image(double):
    image = double(SegmentImageLike)
    image.viewport = Viewport(Window(2, 10, 3, 13), 4.0)
    return image


@pytest.fixture
def controller(session, jobs, panel, image, messages):
    return SegmentationController(session, jobs, panel, image, messages)


@pytest.fixture
def held(session, held_jobs, panel, image, messages):
    return SegmentationController(session, held_jobs, panel, image, messages)


@pytest.fixture
def large(monkeypatch):
    """Every scene is too large to be cut at every change."""
    monkeypatch.setattr(superpixel_tasks, "LIVE_PIXELS", 30)


def heavy(held_jobs):
    return [entry for entry in held_jobs.held if entry.job.heavy]


def perform_all(held_jobs):
    while held_jobs.held:
        held_jobs.perform()


def halves():
    """Left half 0, right half 1, one pixel without a value."""
    labels = np.zeros((12, 17), dtype=np.int32)
    labels[:, 8:], labels[0, 0] = 1, -1
    return Segmentation(labels, np.zeros((2, 8), np.float32))


def test_running_gives_the_session_labels_means_and_a_layer(controller, session, panel, scene):
    session.open(scene)
    panel.run_requested.emit(PARAMS)
    found = session.state.segmentation
    assert found.labels.shape == (12, 17)
    values = scene.cube.values()
    for label in range(found.count):
        np.testing.assert_allclose(found.means[label], values[found.labels == label].mean(axis=0), rtol=1e-5)
    assert found.options == PARAMS.model_dump()
    assert [layer.kind for layer in session.state.layers] == ["segments", "truth"]
    assert panel.set_segments.call_args.args == (found.count, True)
    assert panel.set_running.call_args.args == (False,)


def test_nothing_runs_without_a_scene(held, held_jobs, panel):
    panel.run_requested.emit(PARAMS)
    assert held_jobs.held == []


def test_one_computation_at_a_time(held, held_jobs, session, panel, scene):
    session.open(scene)
    panel.run_requested.emit(PARAMS)
    panel.run_requested.emit(PARAMS)
    assert len(held_jobs.held) == 1


def test_progress_reaches_the_panel_and_cancel_stops_it(held, held_jobs, session, panel, scene):
    session.open(scene)
    panel.run_requested.emit(PARAMS)
    assert panel.set_running.call_args.args == (True,)
    panel.cancel_requested.emit()
    held_jobs.perform()
    assert panel.set_running.call_args.args == (False,)
    assert session.state.segmentation is None
    panel.run_requested.emit(PARAMS)
    held_jobs.perform()
    fractions = [call.args[0] for call in panel.set_progress.call_args_list if call.args[0] is not None]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    assert session.state.segmentation is not None


def test_superpixels_of_a_scene_that_was_closed_are_dropped(held, held_jobs, session, panel, scene, make_cube):
    session.open(scene)
    panel.run_requested.emit(PARAMS)
    session.open(Scene(make_cube(rows=5)))
    held_jobs.perform()
    assert session.state.segmentation is None
    assert panel.set_running.call_args.args == (False,)


def test_a_failure_is_told_and_another_run_is_possible(controller, session, panel, scene, messages, monkeypatch):
    def fail(*arguments):
        raise DetectorError("Too little memory.")

    session.open(scene)
    with monkeypatch.context() as patch:
        patch.setattr("hadviewer.engine.superpixel_tasks.segment", fail)
        panel.run_requested.emit(PARAMS)
    assert panel.show_failure.call_args.args == ("Too little memory.",)
    messages.error.assert_called_once()
    panel.run_requested.emit(PARAMS)
    assert session.state.segmentation is not None


def test_the_superpixel_under_the_cursor_is_told_with_its_size(controller, session, panel, scene):
    session.open(scene)
    session.set_segmentation(halves())
    session.set_cursor((5, 9))
    assert panel.show_segment.call_args.args == ("Superpixel 2 of 2: 108 pixels.",)
    session.set_cursor((5, 0))
    assert panel.show_segment.call_args.args == ("Superpixel 1 of 2: 95 pixels.",)
    session.set_cursor((0, 0))
    assert "no value" in panel.show_segment.call_args.args[0]
    session.set_cursor(None)
    assert panel.show_segment.call_args.args == ("",)


def test_boundaries_are_hidden_and_shown_again(controller, session, panel, scene):
    session.open(scene)
    session.set_segmentation(halves())
    panel.outline_toggled.emit(False)
    assert panel.set_segments.call_args.args == (2, False)
    panel.outline_toggled.emit(True)
    assert panel.set_segments.call_args.args == (2, True)


def test_boundaries_come_back_when_their_layer_was_removed(controller, session, panel, scene):
    session.open(scene)
    session.set_segmentation(halves())
    session.remove_layer(session.state.layers[0].id)
    assert panel.set_segments.call_args.args == (2, False)
    panel.outline_toggled.emit(True)
    assert panel.set_segments.call_args.args == (2, True)


def test_removing_them_can_be_undone(controller, session, panel, scene):
    session.open(scene)
    session.set_segmentation(halves())
    panel.remove_requested.emit()
    assert session.state.segmentation is None
    assert panel.set_segments.call_args.args == (0, False)
    session.undo()
    assert panel.set_segments.call_args.args == (2, True)


# Live


def test_every_change_cuts_again_and_is_one_step_to_undo(controller, session, panel, scene):
    session.open(scene)
    counts = []
    for number in (4, 12, 30):
        panel.live_changed.emit(SuperpixelParams(number=number, compactness=50.0))
        counts.append(session.state.segmentation.count)
    assert counts == sorted(set(counts))
    session.undo()
    assert session.state.segmentation is None


def test_of_changes_in_quick_succession_only_the_last_is_computed(held, held_jobs, session, panel, scene):
    session.open(scene)
    held_jobs.held.clear()
    for number in (4, 6, 8, 12):
        panel.live_changed.emit(SuperpixelParams(number=number))
    assert len(heavy(held_jobs)) == 1
    held_jobs.perform()
    assert session.state.segmentation.options["number"] == 4
    perform_all(held_jobs)
    assert session.state.segmentation.options["number"] == 12
    assert panel.set_running.call_args.args == (False,)


def test_the_scene_is_read_once_for_changes_of_shape(controller, session, panel, scene):
    session.open(scene)
    panel.live_changed.emit(PARAMS)
    reads = len(scene.cube.source.reads)
    panel.live_changed.emit(PARAMS.model_copy(update={"compactness": 9.0}))
    means_only = len(scene.cube.source.reads) - reads
    panel.live_changed.emit(PARAMS.model_copy(update={"components": 4}))
    assert len(scene.cube.source.reads) - reads - means_only > means_only


def test_switched_off_nothing_is_cut_by_itself(held, held_jobs, session, panel, scene):
    session.open(scene)
    panel.live_changed.emit(SuperpixelParams(channels="composite"))
    perform_all(held_jobs)
    panel.live_changed.emit(None)
    held_jobs.held.clear()
    session.set_display(DisplayIntent("grey", (3,)))
    assert heavy(held_jobs) == []


def test_the_composite_on_the_screen_is_followed(controller, session, panel, scene):
    session.open(scene)
    session.set_display(DisplayIntent("custom", (5, 2, 0)))
    panel.live_changed.emit(SuperpixelParams(number=6, channels="composite"))
    assert session.state.segmentation.options["composite"] == "1,3,6"
    session.set_display(DisplayIntent("grey", (3,)))
    assert session.state.segmentation.options["composite"] == "4"


def test_of_a_large_scene_the_part_in_sight_is_a_preview(controller, session, panel, image, scene, large):
    session.open(scene)
    panel.live_changed.emit(PARAMS)
    assert session.state.segmentation is None
    preview = image.show_preview.call_args.args[0]
    assert preview.window == Window(2, 10, 3, 13)
    assert preview.labels.shape == (4, 5)
    assert preview.rgba.shape == (4, 5, 4)
    assert "every 2nd pixel" in panel.show_note.call_args.args[0]
    image.viewport = Viewport(Window(0, 5, 0, 6), 8.0)
    image.view_changed.emit()
    assert image.show_preview.call_args.args[0].window == Window(0, 5, 0, 6)


def test_computing_the_whole_of_a_large_scene_takes_the_preview_away(controller, session, panel, image, scene, large):
    session.open(scene)
    panel.live_changed.emit(PARAMS)
    panel.run_requested.emit(PARAMS)
    assert session.state.segmentation is not None
    image.viewport = Viewport(Window(0, 5, 0, 6), 8.0)
    image.view_changed.emit()
    assert image.show_preview.call_args.args == (None,)
    assert panel.show_note.call_args.args == ("",)
    panel.live_changed.emit(PARAMS.model_copy(update={"number": 9}))
    assert image.show_preview.call_args.args[0].window == Window(0, 5, 0, 6)


def test_a_press_on_compute_is_not_forgotten_while_the_view_moves(held, held_jobs, session, panel, image, scene, large):
    session.open(scene)
    held_jobs.held.clear()
    panel.live_changed.emit(PARAMS)
    panel.run_requested.emit(PARAMS)
    image.viewport = Viewport(Window(0, 5, 0, 6), 8.0)
    image.view_changed.emit()
    perform_all(held_jobs)
    assert session.state.segmentation is not None


def test_another_scene_ends_live_cutting(held, held_jobs, session, panel, image, scene, make_cube):
    session.open(scene)
    panel.live_changed.emit(PARAMS)
    session.open(Scene(make_cube(rows=5)))
    assert panel.stop_live.called
    perform_all(held_jobs)
    assert session.state.segmentation is None
    image.view_changed.emit()
    assert held_jobs.held == []


def test_a_live_failure_is_told_in_the_panel_only(controller, session, panel, scene, messages, monkeypatch):
    def fail(*arguments):
        raise DetectorError("Too little memory.")

    monkeypatch.setattr("hadviewer.engine.superpixel_tasks.segment", fail)
    session.open(scene)
    panel.live_changed.emit(PARAMS)
    assert panel.show_failure.call_args.args == ("Too little memory.",)
    messages.error.assert_not_called()


# Colours


def result(shape=(12, 17)):
    scores = np.random.default_rng(0).random(shape).astype(np.float32)
    return DetectionResult(DetectionRequest(detector="grx"), scores, np.isfinite(scores), 0.1)


def test_superpixels_are_coloured_by_the_selected_result_and_follow_it(controller, session, panel, scene):
    session.open(scene)
    session.set_segmentation(halves())
    assert panel.set_fill.call_args.args == ("", "")
    first, second = session.add_result(result(), "GRX"), session.add_result(result(), "LRX")
    panel.fill_chosen.emit("segment_scores")
    assert panel.set_fill.call_args.args == ("segment_scores", "LRX")
    (layer,) = [layer for layer in session.state.layers if layer.kind == "segment_scores"]
    assert layer.result == second.id
    session.select_result(first.id)
    changed = session.layer(layer.id)
    assert (changed.result, changed.title) == (first.id, "GRX: superpixel means")
    session.undo()
    assert session.layer(layer.id).result == second.id
    panel.fill_chosen.emit("")
    assert panel.set_fill.call_args.args == ("", "LRX")


def test_colours_go_when_the_result_does(controller, session, panel, scene):
    session.open(scene)
    session.set_segmentation(halves())
    entry = session.add_result(result(), "GRX")
    panel.fill_chosen.emit("segment_scores")
    session.remove_result(entry.id)
    assert panel.set_fill.call_args.args == ("", "")
    assert all(layer.kind != "segment_scores" for layer in session.state.layers)
