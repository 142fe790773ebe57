"""Another theme reaches all that is there, seen or not, without the style sheet being set again."""

from collections.abc import Iterator
from typing import Any

import pytest
from PyQt6.QtGui import QColor, QPalette
from PyQt6.QtWidgets import QApplication, QLabel, QMainWindow, QScrollArea, QTabBar, QVBoxLayout, QWidget

from hadviewer.gui.theme import Theme

GROUND = {"light": "#f3f4f6", "dark": "#1b1d20"}


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    theme = Theme(qapp, "light")
    yield theme
    theme.choose("light")
    QApplication.processEvents()


def window_with(widget: QWidget, qtbot: Any) -> QMainWindow:
    window, centre = QMainWindow(), QWidget()
    QVBoxLayout(centre).addWidget(widget)
    window.setCentralWidget(centre)
    qtbot.addWidget(window)
    window.resize(300, 200)
    return window


def colours(widget: QWidget) -> set[str]:
    image = widget.grab().toImage()
    return {QColor(image.pixel(x, y)).name() for x in range(image.width()) for y in range(image.height())}


def test_what_is_seen_and_what_is_shown_later_have_the_colours_of_the_theme(theme: Theme, qtbot: Any) -> None:
    seen, hidden = QLabel("seen"), QLabel("hidden")
    window = window_with(seen, qtbot)
    layout = window.centralWidget().layout()
    assert layout is not None
    layout.addWidget(hidden)
    hidden.hide()
    window.show()
    for name in ("dark", "light", "dark"):
        theme.choose(name)
        hidden.setVisible(name == "dark")
        qtbot.waitUntil(lambda: not theme._stale)
        QApplication.processEvents()
        assert seen.palette().color(QPalette.ColorRole.Window).name() == GROUND[name]
        assert hidden.palette().color(QPalette.ColorRole.Window).name() == GROUND[name]
        assert GROUND[name] in colours(window)


@pytest.mark.parametrize("make", [QTabBar, QScrollArea])
def test_what_the_style_sheet_colours_follows(theme: Theme, qtbot: Any, make: Any) -> None:
    def drawn_in(name: str) -> set[str]:
        theme.choose(name)
        QApplication.processEvents()
        qtbot.waitUntil(lambda: not theme._stale)
        QApplication.processEvents()
        return colours(window)

    def fill(widget: Any) -> QWidget:
        if isinstance(widget, QTabBar):
            widget.addTab("One")
            widget.addTab("Two")
        else:
            large = QLabel("large")
            large.setMinimumSize(2000, 2000)
            widget.setWidget(large)
        return widget

    theme.choose("dark")
    window = window_with(fill(make()), qtbot)
    window.show()
    fresh = drawn_in("dark")
    assert drawn_in("light") != fresh
    assert drawn_in("dark") == fresh


def test_the_style_sheet_is_set_once(theme: Theme, qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("setting a style sheet polishes every widget anew")

    monkeypatch.setattr(QApplication, "setStyleSheet", refuse)
    theme.choose("dark")
    theme.choose("light")
    assert qapp.styleSheet()
