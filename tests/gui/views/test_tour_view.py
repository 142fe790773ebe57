"""The tour's bubble stands beside what it is about, inside the window, and is turned by keys."""

from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import QRect, Qt
from PyQt6.QtWidgets import QApplication, QMainWindow

from hadviewer.gui.views.tour_view import TourView

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

Key = Qt.Key
pytestmark = pytest.mark.qt_log_ignore("plugin does not support", extend=True)
TEXT = "What this part of the window is for, in two or three short sentences. " * 3


@pytest.fixture
def window(qtbot: "QtBot") -> QMainWindow:
    window = QMainWindow()
    window.resize(1000, 700)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    return window


@pytest.mark.parametrize(
    "target",
    [
        pytest.param(QRect(0, 60, 270, 400), id="left"),
        pytest.param(QRect(720, 60, 280, 500), id="right"),
        pytest.param(QRect(270, 500, 450, 200), id="below"),
        pytest.param(QRect(0, 0, 40, 20), id="menu"),
        pytest.param(QRect(0, 0, 1000, 700), id="all"),
    ],
)
def test_it_stands_in_the_window_and_hides_what_it_is_about_only_if_it_must(window: QMainWindow, target: QRect) -> None:
    view = TourView(window)
    view.show_step(1, 3, "Title", TEXT, lambda: target)
    assert window.rect().contains(view.geometry())
    assert target.size() == window.size() or not view.geometry().intersects(target)


def test_it_follows_the_window(qtbot: "QtBot", window: QMainWindow) -> None:
    view = TourView(window)
    view.show_step(1, 3, "Title", TEXT, lambda: QRect(window.width() - 200, 60, 200, 300))
    before = view.x()
    window.resize(800, 600)
    qtbot.waitUntil(lambda: view.x() < before)
    assert window.rect().contains(view.geometry())


def test_keys_turn_its_pages_and_esc_ends_it(qtbot: "QtBot", window: QMainWindow) -> None:
    view = TourView(window)
    view.show_step(2, 3, "Title", TEXT, lambda: QRect(0, 60, 200, 300))
    qtbot.waitUntil(view.forward.hasFocus)
    for key, signal in (
        (Key.Key_Right, view.next_requested),
        (Key.Key_Left, view.back_requested),
        (Key.Key_Return, view.next_requested),
        (Key.Key_Escape, view.ended),
    ):
        with qtbot.waitSignal(signal):
            qtbot.keyClick(QApplication.focusWidget(), key)
    view.withdraw()
    assert not view.isVisible()
