"""The handles of a histogram go where mouse and keys put them, never past one another, and tell it."""

from typing import Any

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from hadviewer.gui.views.histogram_view import HistogramView
from hadviewer.render.stretch import Histogram

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def view(qtbot: QtBot) -> HistogramView:
    view = HistogramView("Red histogram", "#d93025")
    qtbot.addWidget(view)
    view.resize(201, 44)
    view.show_histogram(Histogram(np.arange(256), 0.0, 200.0))
    view.show_limits((50.0, 150.0))
    view.show()
    return view


def told(view: HistogramView) -> list[tuple[Any, ...]]:
    heard: list[tuple[Any, ...]] = []
    view.limits_dragged.connect(lambda low, high: heard.append((low, high)))
    view.drag_ended.connect(lambda: heard.append(("ended",)))
    view.drag_cancelled.connect(lambda: heard.append(("cancelled",)))
    return heard


def test_a_handle_is_dragged_and_let_go(view: HistogramView, qtbot: QtBot) -> None:
    heard = told(view)
    qtbot.mousePress(view, LEFT, pos=QPoint(52, 20))
    qtbot.mouseMove(view, QPoint(72, 20))
    qtbot.mouseRelease(view, LEFT, pos=QPoint(72, 20))
    assert heard == [(70.0, 150.0), ("ended",)]


def test_a_press_far_from_both_brings_the_nearer_one(view: HistogramView, qtbot: QtBot) -> None:
    heard = told(view)
    qtbot.mouseClick(view, LEFT, pos=QPoint(120, 20))
    assert heard == [(50.0, 120.0), ("ended",)]


def test_no_handle_passes_the_other(view: HistogramView, qtbot: QtBot) -> None:
    qtbot.mousePress(view, LEFT, pos=QPoint(50, 20))
    qtbot.mouseMove(view, QPoint(190, 20))
    low, high = view.limits
    assert low <= high == 150.0


def test_esc_takes_a_drag_back(view: HistogramView, qtbot: QtBot) -> None:
    heard = told(view)
    qtbot.mousePress(view, LEFT, pos=QPoint(50, 20))
    qtbot.mouseMove(view, QPoint(60, 20))
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    view.show_limits((50.0, 150.0))
    qtbot.mouseRelease(view, LEFT, pos=QPoint(60, 20))
    assert heard == [(60.0, 150.0), ("cancelled",)]
    assert view.limits == (50.0, 150.0)


def test_keys_choose_a_handle_and_move_it(view: HistogramView, qtbot: QtBot) -> None:
    heard = told(view)
    qtbot.keyClick(view, Qt.Key.Key_Right)
    qtbot.keyClick(view, Qt.Key.Key_Down)
    qtbot.keyClick(view, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert heard == [(51.0, 150.0), (51.0, 140.0)]


def test_what_comes_late_does_not_pull_the_handle_from_the_mouse(view: HistogramView, qtbot: QtBot) -> None:
    qtbot.mousePress(view, LEFT, pos=QPoint(50, 20))
    qtbot.mouseMove(view, QPoint(60, 20))
    view.show_limits((10.0, 20.0))
    assert view.limits == (60.0, 150.0)


def test_without_a_histogram_the_mouse_does_nothing(view: HistogramView, qtbot: QtBot) -> None:
    view.show_histogram(None)
    heard = told(view)
    qtbot.mouseClick(view, LEFT, pos=QPoint(120, 20))
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert heard == []
    view.grab()


def test_limits_beyond_the_edges_stay_at_hand(view: HistogramView) -> None:
    view.show_limits((-1e9, 1e9))
    assert view.place_of(view.limits[0]) == 0
    assert view.place_of(view.limits[1]) == 200
    view.grab()
