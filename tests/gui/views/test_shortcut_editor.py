"""Keys are pressed, set with Enter, taken from others when asked; no key traps the keyboard in the field."""

from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication

from hadviewer.gui.views.shortcut_data import KeyRow
from hadviewer.gui.views.shortcut_editor import ShortcutEditor

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

Key = Qt.Key
CONTROL = Qt.KeyboardModifier.ControlModifier
pytestmark = pytest.mark.qt_log_ignore("plugin does not support", extend=True)
ROWS = [KeyRow("open", "Open…", "File", "Ctrl+O"), KeyRow("run", "Run detector", "Detection", "Ctrl+U", changed=True)]


@pytest.fixture
def editor(qtbot: "QtBot") -> ShortcutEditor:
    editor = ShortcutEditor()
    qtbot.addWidget(editor)
    editor.show_rows(ROWS)
    editor.present()
    qtbot.waitUntil(editor.search.hasFocus)
    return editor


def choose(editor: ShortcutEditor, number: int) -> None:
    editor.table.setCurrentItem(editor.table.topLevelItem(number))


def test_new_keys_are_pressed_and_set_with_enter(qtbot: "QtBot", editor: ShortcutEditor) -> None:
    assert not editor.give.isEnabled()
    choose(editor, 0)
    editor.keys.setFocus()
    qtbot.keyClick(editor.keys, Key.Key_D, CONTROL)
    with qtbot.waitSignal(editor.proposed) as told:
        qtbot.keyClick(editor.keys, Key.Key_Return)
    assert told.args == ["open", "Ctrl+D"]


def test_a_clash_is_told_and_taking_is_another_press(qtbot: "QtBot", editor: ShortcutEditor) -> None:
    choose(editor, 0)
    qtbot.keyClick(editor.keys, Key.Key_U, CONTROL)
    editor.show_clash("Ctrl+U belongs to “Run detector”.", can_take=True)
    with qtbot.waitSignal(editor.taken) as told:
        qtbot.mouseClick(editor.take, Qt.MouseButton.LeftButton)
    assert told.args == ["open", "Ctrl+U"]
    qtbot.keyClick(editor.keys, Key.Key_D, CONTROL)
    assert not editor.take.isVisible()
    assert not editor.clash.isVisible()


def test_escape_leaves_the_field_and_then_the_dialog(qtbot: "QtBot", editor: ShortcutEditor) -> None:
    choose(editor, 0)
    editor.keys.setFocus()
    qtbot.keyClick(editor.keys, Key.Key_Escape)
    assert QApplication.focusWidget() is editor.table
    qtbot.keyClick(editor.table, Key.Key_Escape)
    assert not editor.isVisible()


def test_the_list_is_searched_and_the_command_chosen_stays(qtbot: "QtBot", editor: ShortcutEditor) -> None:
    choose(editor, 1)
    qtbot.keyClicks(editor.search, "ctrl+u")
    hidden = [item.isHidden() for number in (0, 1) if (item := editor.table.topLevelItem(number)) is not None]
    assert hidden == [True, False]
    editor.show_rows(ROWS)
    with qtbot.waitSignal(editor.reset) as told:
        qtbot.mouseClick(editor.back, Qt.MouseButton.LeftButton)
    assert told.args == ["run"]
