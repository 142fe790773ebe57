"""The palette by keyboard alone: it comes, chooses, does nothing that cannot be done, and gives the keyboard back."""

from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication, QLineEdit, QMainWindow

from hadviewer.gui.views.palette import CommandPalette
from hadviewer.gui.views.palette_data import PaletteRow

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

Key = Qt.Key
pytestmark = pytest.mark.qt_log_ignore("plugin does not support", extend=True)
ROWS = [
    PaletteRow("Open…", "File", "Ctrl+O", "Open a cube"),
    PaletteRow("Undo", "Edit", "Ctrl+Z", reason="There is nothing to take back"),
    PaletteRow("Run Global RX", "Detector"),
]


@pytest.fixture
def window(qtbot: "QtBot") -> QMainWindow:
    window = QMainWindow()
    window.resize(900, 600)
    window.setCentralWidget(QLineEdit())
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    return window


@pytest.fixture
def palette(qtbot: "QtBot", window: QMainWindow) -> CommandPalette:
    field = window.centralWidget()
    assert field is not None
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    palette = CommandPalette(window)
    palette.typed.connect(lambda text: palette.show_rows(ROWS))
    palette.present()
    qtbot.waitUntil(palette.field.hasFocus)
    return palette


def test_enter_does_what_is_chosen_and_the_keyboard_goes_back(
    qtbot: "QtBot", window: QMainWindow, palette: CommandPalette
) -> None:
    qtbot.keyClick(palette.field, Key.Key_Up)  # from the first to the last
    with qtbot.waitSignal(palette.chosen) as told:
        qtbot.keyClick(palette.field, Key.Key_Return)
    assert told.args == [2]
    assert not palette.isVisible()
    assert QApplication.focusWidget() is window.centralWidget()


def test_what_cannot_be_done_stays_and_says_why(qtbot: "QtBot", palette: CommandPalette) -> None:
    qtbot.keyClick(palette.field, Key.Key_Down)
    with qtbot.assertNotEmitted(palette.chosen):
        qtbot.keyClick(palette.field, Key.Key_Return)
    assert palette.isVisible()
    assert palette.status.text() == "There is nothing to take back"
    assert "not possible now" in palette.field.accessibleDescription()
    qtbot.keyClick(palette.field, Key.Key_Down)
    qtbot.keyClick(palette.field, Key.Key_Down)
    assert palette.field.accessibleDescription() == "Open…, File, Ctrl+O"


def test_escape_and_going_elsewhere_put_it_away(qtbot: "QtBot", window: QMainWindow, palette: CommandPalette) -> None:
    qtbot.keyClick(palette.field, Key.Key_Escape)
    assert not palette.isVisible()
    palette.present()
    other = window.centralWidget()
    assert other is not None
    other.setFocus()
    qtbot.waitUntil(lambda: not palette.isVisible())
    assert other.hasFocus()


def test_the_same_keys_put_it_away_again(palette: CommandPalette) -> None:
    palette.present()
    assert not palette.isVisible()


def test_a_click_does_what_it_hits(qtbot: "QtBot", palette: CommandPalette) -> None:
    model = palette.list.model()
    assert model is not None
    place = palette.list.visualRect(model.index(2, 0)).center()
    with qtbot.waitSignal(palette.chosen) as told:
        qtbot.mouseClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert told.args == [2]


def test_it_stays_inside_a_small_window(qtbot: "QtBot", window: QMainWindow) -> None:
    window.resize(320, 240)
    palette = CommandPalette(window)
    palette.present()
    palette.show_rows([PaletteRow("A name that is far too long for such a window " * 3, "File", "Ctrl+O", "tip " * 90)])
    palette.grab()
    assert window.rect().contains(palette.geometry())
