"""The dock of agreement follows the session while it is in front, and passes on what is asked of it."""

from unittest.mock import MagicMock

import numpy as np
import pytest
from psygnal import Signal

from hadviewer.core.cube import Scene
from hadviewer.core.results import DetectionRequest, DetectionResult
from hadviewer.engine import verbs
from hadviewer.engine.jobs import InlineJobs
from hadviewer.engine.session import Session
from hadviewer.gui.controllers.agreement import NO_MASKS, TOO_FEW, AgreementController


class View:
    side_by_side_requested = Signal()
    map_requested = Signal()
    shown_changed = Signal()

    def __init__(self):
        self.in_front = True
        self.shown, self.offered, self.times = ((), "", ""), (0, 0), 0

    def show_pairs(self, rows, found_by, hint):
        self.shown, self.times = (rows, found_by, hint), self.times + 1

    def offer(self, maps, masks):
        self.offered = maps, masks


@pytest.fixture
def session():
    session = Session()
    session.open(Scene(verbs.as_cube(np.ones((4, 5, 3), np.float32), "field")))
    return session


@pytest.fixture
def view():
    return View()


@pytest.fixture
def messages():
    return MagicMock()


@pytest.fixture
def controller(session, view, messages):
    return AgreementController(session, InlineJobs(), view, messages, lambda: ())


def add(session, title, threshold=None):
    scores = np.arange(20, dtype=np.float32).reshape(4, 5)
    entry = session.add_result(
        DetectionResult(DetectionRequest(detector="grx"), scores, np.ones((4, 5), bool), 0.1), title
    )
    if threshold is not None:
        session.set_threshold(entry.id, threshold)
    return entry


def test_it_follows_the_session(controller, session, view):
    assert view.shown[2] == TOO_FEW
    add(session, "One")
    add(session, "Two", 15.0)
    assert view.offered == (2, 1)
    (row,), found_by, hint = view.shown
    assert (row.title, hint, found_by) == ("One · Two", "", NO_MASKS)
    assert np.isnan(row.values[:4]).all()
    session.set_threshold(session.state.results[0].id, 18.0)
    (row,), found_by, _ = view.shown
    assert row.values[:3] == (2, 5, 0.4)
    assert found_by == "Pixels found by 1 of 2: 3, by all: 2"


def test_nothing_is_computed_for_what_changes_nothing_or_is_not_seen(controller, session, view):
    add(session, "One", 15.0)
    add(session, "Two", 18.0)
    times = view.times
    session.update_layer(session.state.layers[0].id, opacity=0.3)
    assert view.times == times
    view.in_front = False
    session.set_threshold(session.state.results[0].id, 3.0)
    assert view.times == times
    view.in_front = True
    view.shown_changed.emit()
    assert view.times == times + 1


def test_a_map_of_votes_becomes_a_result(controller, session, view, messages):
    add(session, "One", 15.0)
    view.map_requested.emit()
    messages.info.assert_called_once_with(NO_MASKS)
    add(session, "Two", 18.0)
    view.map_requested.emit()
    assert session.state.results[-1].title == "Agreement of 2"
    assert session.state.results[-1].result.scores.max() == 2


def test_maps_are_shown_side_by_side(controller, session, view, messages):
    add(session, "One")
    view.side_by_side_requested.emit()
    messages.info.assert_called_once_with(TOO_FEW)
    add(session, "Two")
    view.side_by_side_requested.emit()
    assert session.state.views.count == 2
