"""Superpixels: started, cancelled, shown, told."""

import numpy as np
import pytest

from hadviewer.core.cube import Scene
from hadviewer.core.errors import DetectorError
from hadviewer.engine.session import Segmentation
from hadviewer.engine.superpixel_tasks import SuperpixelParams
from hadviewer.gui.controllers.segmentation import SegmentationController
from hadviewer.gui.views.protocols import SuperpixelPanelLike

PARAMS = SuperpixelParams(number=6, components=2)


@pytest.fixture
def panel(double):
    return double(SuperpixelPanelLike)


@pytest.fixture
def controller(session, jobs, panel, messages):
    return SegmentationController(session, jobs, panel, messages)


@pytest.fixture
def held(session, held_jobs, panel, messages):
    return SegmentationController(session, held_jobs, panel, messages)


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
