"""The chooser among several cubes and the sheet of facts: neither keeps the window from being used."""

from typing import Literal

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QDialogButtonBox

from hadviewer.core.params import Params, field
from hadviewer.gui.views.data import EntryRow
from hadviewer.gui.views.entry_chooser import EntryChooser
from hadviewer.gui.views.entry_data import EntryPreview
from hadviewer.gui.views.scene_info import SceneInfo

ROWS = [EntryRow("first", "12 × 15 × 20", "uint16"), EntryRow("second", "12 × 15 × 10", "uint16", "axes turned")]


class OrderParams(Params):
    """Options of a reader."""

    order: Literal["auto", "bsq"] = field("auto", "Axis order")


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


def test_moving_down_asks_for_a_look_and_shows_it(chooser, qtbot):
    with qtbot.waitSignal(chooser.looked_at) as told:
        qtbot.keyClick(chooser.table, Qt.Key.Key_Down)
    assert told.args == ["second"]
    picture = np.full((20, 30, 4), 200, dtype=np.uint8)
    chooser.show_preview("second", EntryPreview(picture, "True colour", (("Wavelengths", "unknown"),), ("Guessed.",)))
    assert not chooser.picture.pixmap().isNull()
    texts = " ".join(label.text() for label in chooser.findChildren(type(chooser.picture)))
    assert "Wavelengths: unknown" in texts
    assert "Guessed." in texts


def test_a_look_at_another_cube_changes_its_icon_only(chooser):
    chooser.show_preview("first", EntryPreview(None, "Too large for a quick look"))
    chooser.show_preview("second", EntryPreview(np.zeros((4, 4, 4), np.uint8), "Band 1"))
    assert "Too large" in " ".join(label.text() for label in chooser.findChildren(type(chooser.picture)))


def test_options_are_offered_and_a_change_asks_for_another_look(chooser, qtbot):
    chooser.offer("one.npy", ROWS[:1], OrderParams, {"order": "bsq"})
    assert chooser.options == {"order": "bsq"}
    with qtbot.waitSignal(chooser.looked_at):
        chooser.form.set_values({"order": "auto"})
    chooser.show_failure("first", "order", "order: does not fit.")
    assert "Does not fit." in " ".join(label.text() for label in chooser.form.findChildren(type(chooser.picture)))


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


def shown(sheet):
    """Labels of the rows in sight."""
    sections = [sheet.table.topLevelItem(place) for place in range(sheet.table.topLevelItemCount())]
    return [
        section.child(place).text(0)
        for section in sections
        if not section.isHidden() and section.isExpanded()
        for place in range(section.childCount())
        if not section.child(place).isHidden()
    ]


FACTS = {
    "File": {"Name": "field", "Size": "12 lines"},
    "Header, as in the file": {"map info": "UTM, 1, 1, 500000", "wavelength": "450.5, " * 400 + "987.6"},
    "Bands, one by one": {f"Band {number}": f"{400 + number} nm" for number in range(1, 101)},
}


def test_a_search_leaves_what_has_the_words_in_name_or_value(sheet, qtbot):
    sheet.show_facts("field", FACTS)
    sheet.present()
    assert shown(sheet) == ["Name", "Size", "map info", "wavelength"], "long sections begin folded"
    qtbot.keyClicks(sheet.search, "487 nm")
    assert shown(sheet) == ["Band 87"]
    sheet.search.setText("987.6")
    assert shown(sheet) == ["wavelength"], "texts are searched whole"
    sheet.search.setText("UTM header")
    assert shown(sheet) == ["map info"]
    sheet.search.setText("nowhere")
    assert shown(sheet) == []
    assert sheet._none.isVisible()
    sheet.search.clear()
    assert shown(sheet) == ["Name", "Size", "map info", "wavelength"]


def test_long_texts_are_cut_on_the_screen_and_copied_whole(sheet, qtbot):
    sheet.show_facts("field", FACTS)
    sheet.present()
    item = sheet.table.topLevelItem(1).child(1)
    assert len(item.text(1)) < 500
    sheet.table.setCurrentItem(item)
    assert sheet.whole.toPlainText() == FACTS["Header, as in the file"]["wavelength"]
    sheet.table.setFocus()
    qtbot.keyClick(sheet.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == FACTS["Header, as in the file"]["wavelength"]
    sheet.table.topLevelItem(0).child(0).setSelected(True)
    sheet.copy_picked()
    assert QGuiApplication.clipboard().text().startswith("Name: field\nwavelength: 450.5")


def test_another_scene_is_shown_while_the_sheet_is_open_and_the_search_stays(sheet):
    sheet.present()
    sheet.search.setText("name")
    sheet.show_facts("field", FACTS)
    assert shown(sheet) == ["Name"]
