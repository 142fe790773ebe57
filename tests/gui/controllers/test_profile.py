"""Profiles follow the pointer or a drawn line, and only while somebody looks."""

import csv

import numpy as np
import pytest

from hadviewer.core.results import DetectionRequest, DetectionResult
from hadviewer.engine.display import DisplayIntent
from hadviewer.engine.profiles import ProfileLine
from hadviewer.gui.controllers.profile import ProfileController
from hadviewer.gui.views.spectrum_protocols import LineOverlayLike, ProfileViewLike


@pytest.fixture
def view(double):
    return double(ProfileViewLike)


@pytest.fixture
def overlay(double):
    return double(LineOverlayLike)


@pytest.fixture
def controller(session, jobs, view, overlay, messages, scene):
    controller = ProfileController(session, jobs, view, overlay, messages)
    session.open(scene)
    session.set_display(DisplayIntent("grey", (2,)))
    controller.be_seen(True)
    return controller


def shown(view):
    """Title, axis, places and curves the view was last told of."""
    return view.set_profile.call_args.args


def test_the_line_of_the_scene_under_the_pointer_is_plotted(controller, session, view, cube):
    session.set_cursor((3, 5))
    title, axis, places, (curve,) = shown(view)
    assert (title, axis, curve.title) == ("Line 3", "Sample", cube.bands.label(2))
    np.testing.assert_array_equal(places, np.arange(17))
    np.testing.assert_array_equal(curve.values, cube.plane(2)[3])


def test_or_the_column(controller, session, view, cube):
    session.set_cursor((3, 5))
    view.along_chosen.emit("column")
    title, axis, places, (curve,) = shown(view)
    assert (title, axis) == ("Sample 5", "Line")
    np.testing.assert_array_equal(curve.values, cube.plane(2)[:, 5])
    assert len(places) == 12


def test_a_drawn_line_is_chosen_at_once_drawn_on_the_image_and_undone_in_one_step(
    controller, session, view, overlay, cube
):
    for col in (4, 8, 12):
        controller.draw(ProfileLine((0, 0), (9, col)))
    controller.finish()
    view.show_along.assert_called_with("line")
    line = ProfileLine((0, 0), (9, 12))
    assert overlay.show_line.call_args.args == (line,)
    title, axis, places, (curve,) = shown(view)
    assert title == "Line 0, sample 0 → line 9, sample 12"
    assert (axis, places[-1]) == ("Distance (pixels)", 15)
    np.testing.assert_array_equal(curve.values, cube.plane(2)[line.pixels()])
    session.undo()
    assert session.state.profile is None
    assert "Draw a line" in view.set_hint.call_args.args[0]


def test_the_three_bands_on_the_screen_and_the_score_are_plotted(controller, session, view, cube):
    session.set_display(DisplayIntent("custom", (5, 3, 1)))
    scores = np.random.default_rng(0).random((12, 17), dtype=np.float32)
    session.add_result(DetectionResult(DetectionRequest(detector="grx"), scores, np.ones((12, 17), bool), 0.1), "GRX")
    session.set_cursor((3, 5))
    curves = shown(view)[3]
    assert [curve.score for curve in curves] == [False, False, False, True]
    assert curves[3].title == "Score: GRX"
    np.testing.assert_array_equal(curves[3].values, scores[3])


def test_nothing_is_read_while_the_dock_is_hidden(controller, session, view, cube):
    controller.be_seen(False)
    reads = len(cube.source.reads)
    session.set_cursor((3, 5))
    assert len(cube.source.reads) == reads
    controller.be_seen(True)
    assert shown(view)[0] == "Line 3"


def test_pointing_at_the_profile_shows_the_pixel(controller, session, view, overlay):
    session.set_cursor((3, 5))
    view.place_pointed.emit(11)
    assert overlay.show_place.call_args.args == ((3, 11),)
    view.place_pointed.emit(None)
    assert overlay.show_place.call_args.args == (None,)


def test_the_pointer_may_run_ahead_of_the_disk(session, held_jobs, view, overlay, messages, scene):
    controller = ProfileController(session, held_jobs, view, overlay, messages)
    session.open(scene)
    controller.be_seen(True)
    for row in range(6):
        session.set_cursor((row, 0))
    assert len(held_jobs.held) == 1
    held_jobs.perform()
    held_jobs.perform()
    assert shown(view)[0] == "Line 5"
    assert held_jobs.held == []


def test_a_profile_is_exported_with_its_pixels(controller, session, view, cube, tmp_path, messages):
    view.export_requested.emit(tmp_path / "none.csv")
    messages.warn.assert_called_once()
    session.set_cursor((3, 5))
    view.export_requested.emit(tmp_path / "profile.csv")
    comment, *lines = (tmp_path / "profile.csv").read_text().splitlines()
    assert comment == "# Profile through small: Line 3"
    header, *rows = csv.reader(lines)
    assert header == ["line", "sample", "distance", cube.bands.label(2)]
    assert [(int(row[0]), int(row[1])) for row in rows] == [(3, col) for col in range(17)]
    np.testing.assert_array_equal([float(row[3]) for row in rows], cube.plane(2)[3])
    view.copy_requested.emit()
    assert view.copy_text.call_args.args[0].count("\n") == 18
