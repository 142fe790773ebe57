"""The chooser among several cubes and the sheet of facts: neither keeps the window from being used."""

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QDialogButtonBox

from hadviewer.gui.views.data import EntryRow
from hadviewer.gui.views.entry_chooser import EntryChooser
from hadviewer.gui.views.scene_info import SceneInfo

ROWS = [EntryRow("first", "12 × 15 × 20", "uint16"), EntryRow("second", "12 × 15 × 10", "uint16", "axes turned")]


@pytest.fixture
def chooser(qtbot):
    chooser = EntryChooser()
    qtbot.addWidget(chooser)
    chooser.offer("both.mat", ROWS)
    return chooser


@pytest.fixture
def sheet(qtbot):
    sheet = SceneInfo()
    qtbot.addWidget(sheet)
    return sheet


def test_the_cubes_are_listed_and_the_window_stays_usable(chooser):
    assert chooser.isVisible()
    assert not chooser.isModal()
    items = [chooser.table.topLevelItem(row) for row in range(chooser.table.topLevelItemCount())]
    assert [[item.text(column) for column in range(4)] for item in items] == [
        ["first", "12 × 15 × 20", "uint16", ""],
        ["second", "12 × 15 × 10", "uint16", "axes turned"],
    ]


def test_open_sends_the_selected_cube(chooser, qtbot):
    chooser.table.setCurrentItem(chooser.table.topLevelItem(1))
    button = chooser.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Open)
    with qtbot.waitSignal(chooser.chosen) as told:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert told.args == ["second"]
    assert not chooser.isVisible()


def test_enter_opens_the_first_and_only_once(chooser, qtbot):
    told = []
    chooser.chosen.connect(told.append)
    qtbot.keyClick(chooser.table, Qt.Key.Key_Return)
    assert told == ["first"]


def test_escape_dismisses(chooser, qtbot):
    with qtbot.waitSignal(chooser.dismissed):
        qtbot.keyClick(chooser, Qt.Key.Key_Escape)


def test_withdrawing_says_nothing(chooser, qtbot):
    with qtbot.assertNotEmitted(chooser.dismissed), qtbot.assertNotEmitted(chooser.chosen):
        chooser.withdraw()
    assert not chooser.isVisible()


def test_the_sheet_shows_sections_and_copies_them_as_text(sheet):
    sheet.show_facts("field", {"File": {"Name": "field", "Size": "12 lines"}, "Truth": {"Truth": "none loaded"}})
    sheet.present()
    assert not sheet.isModal()
    assert sheet.windowTitle().startswith("field")
    sheet.copy()
    text = "File\n  Name: field\n  Size: 12 lines\nTruth\n  Truth: none loaded"
    assert QGuiApplication.clipboard().text() == text


def test_without_a_scene_the_sheet_is_empty(sheet):
    sheet.show_facts("field", {"File": {"Name": "field"}})
    sheet.show_facts("", {})
    assert sheet.text() == ""
    assert sheet.windowTitle() == "Scene information"
