"""The editor of metadata: every value says where it comes from, and goes back there."""

from typing import Literal

import pytest
from PyQt6.QtCore import Qt

from hadviewer.core.params import Params, field
from hadviewer.gui.views.metadata_data import FiledTexts, MetadataSheet, Source
from hadviewer.gui.views.metadata_editor import MetadataEditor

FILED = {
    "name": "field",
    "quantity": "Value",
    "unit": "",
    "scale": "1",
    "offset": "0",
    "nodata": "none",
    "wavelength_unit": "um",
    "wavelengths": "0.4\n0.5",
}
SOURCES = {"name": Source("file"), "wavelengths": Source("guess", "The unit is not given.")}
SOURCES["wavelength_unit"] = SOURCES["wavelengths"]


class OrderParams(Params):
    """Options of a reader."""

    order: Literal["auto", "bsq"] = field("auto", "Axis order")


@pytest.fixture
def editor(qtbot):
    editor = MetadataEditor()
    qtbot.addWidget(editor)
    editor.offer(
        MetadataSheet(
            "field",
            {**FILED, "nodata": "-9999"},
            FiledTexts(FILED, SOURCES, "12 lines", "0.0001"),
            OrderParams,
            {"order": "bsq"},
            (("nm", "Nanometres"), ("um", "Micrometres")),
            "1 of 2: 1",
            "field.npy.hadviewer.json",
        )
    )
    editor.present()
    return editor


def press(qtbot, editor):
    qtbot.mouseClick(editor.apply_button, Qt.MouseButton.LeftButton)


def test_each_value_says_where_it_comes_from(editor):
    words = {name: mark.text() for name, mark in editor.marks.items()}
    assert words["name"] == "file"
    assert words["wavelengths"] == words["wavelength_unit"] == "guessed"
    assert words["nodata"] == "yours"
    assert words["scale"] == "–"
    assert editor.marks["wavelengths"].toolTip() == "The unit is not given."


def test_what_is_typed_is_yours_and_goes_back_to_the_file(editor, qtbot):
    qtbot.keyClicks(editor.editors["unit"], "W")
    assert editor.marks["unit"].text() == "yours"
    qtbot.mouseClick(editor.backs["unit"], Qt.MouseButton.LeftButton)
    assert editor.editors["unit"].text() == ""
    assert not editor.backs["unit"].isEnabled()


def test_a_guess_can_be_said_to_be_right_and_that_taken_back(editor, qtbot):
    assert editor.order().confirmed == frozenset()
    qtbot.mouseClick(editor.backs["wavelengths"], Qt.MouseButton.LeftButton)
    assert editor.marks["wavelengths"].text() == editor.marks["wavelength_unit"].text() == "yours"
    assert editor.order().confirmed == {"wavelength_unit"}
    qtbot.mouseClick(editor.backs["wavelength_unit"], Qt.MouseButton.LeftButton)
    assert editor.marks["wavelengths"].text() == "guessed"


def test_a_guess_about_the_reading_can_be_said_to_be_right(editor, qtbot):
    sources = {"order": Source("guess", "The axes were taken as …")}
    filed = FiledTexts(FILED, sources, "12 lines", guessed_options={"order": "bsq"})
    editor.offer(MetadataSheet("field", FILED, filed, OrderParams))
    assert editor.reading_mark.text() == "guessed"
    with qtbot.waitSignal(editor.options_changed) as told:
        qtbot.mouseClick(editor.reading_back, Qt.MouseButton.LeftButton)
    assert told.args == [{"order": "bsq"}]
    editor.show_filed(FiledTexts(FILED, {"order": Source("yours")}, "12 lines"))
    assert editor.reading_mark.text() == "yours"
    qtbot.mouseClick(editor.reading_back, Qt.MouseButton.LeftButton)
    assert editor.order().options == {"order": "auto"}


def test_going_back_to_the_file_says_nothing_any_more(editor, qtbot):
    said = frozenset({"wavelengths", "wavelength_unit", "fwhm"})
    texts = {**FILED, "wavelengths": "400, 9\n500, 9", "wavelength_unit": "nm"}
    units = (("nm", "Nanometres"), ("um", "Micrometres"))
    editor.offer(MetadataSheet("field", texts, FiledTexts(FILED, SOURCES, ""), units=units, said=said))
    for name in ("wavelengths", "wavelength_unit"):
        assert editor.marks[name].text() == "yours"
        qtbot.mouseClick(editor.backs[name], Qt.MouseButton.LeftButton)
    assert editor.order().texts == FILED
    assert editor.order().confirmed == frozenset()
    assert editor.marks["wavelengths"].text() == "guessed"


def test_apply_sends_everything(editor, qtbot):
    with qtbot.waitSignal(editor.ordered) as told:
        press(qtbot, editor)
    [order] = told.args
    assert order.texts == {**FILED, "nodata": "-9999"}
    assert order.options == {"order": "bsq"}
    assert order.remember
    assert editor.isVisible()


def test_ctrl_return_applies_from_anywhere(editor, qtbot):
    editor.editors["wavelengths"].setFocus()
    with qtbot.waitSignal(editor.ordered):
        qtbot.keyClick(editor.editors["wavelengths"], Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)


def test_what_is_done_stands_before_the_way_out(editor):
    left_to_right = sorted(editor.buttons.buttons(), key=lambda button: button.x())
    assert [button.text() for button in left_to_right] == ["Apply", "Close"]


def test_a_suggested_scale_is_used_only_when_it_is_pressed(editor, qtbot):
    assert editor.editors["scale"].text() == "1"
    qtbot.mouseClick(editor.suggestion, Qt.MouseButton.LeftButton)
    assert editor.editors["scale"].text() == "0.0001"
    assert editor.editors["quantity"].currentText() == "Reflectance"
    assert not editor.suggestion.isVisible()


def test_another_axis_order_shows_what_the_file_says_then_and_keeps_what_is_yours(editor, qtbot):
    with qtbot.waitSignal(editor.options_changed) as told:
        editor.form.set_values({"order": "auto"})
    assert told.args == [{"order": "auto"}]
    editor.show_filed(FiledTexts({**FILED, "wavelengths": "", "nodata": "7"}, {}, "2 lines"))
    assert editor.editors["wavelengths"].toPlainText() == ""
    assert editor.editors["nodata"].text() == "-9999"


def test_an_error_stands_at_its_field_until_the_next_order(editor):
    editor.show_error("scale", "'x' is no number.")
    assert editor.errors["scale"].text() == "'x' is no number."
    editor.show_error("order", "order: does not fit.")
    assert editor.errors["scale"].text() == ""
    editor.show_error("", "It cannot be read.")
    assert editor.error.text() == "It cannot be read."


def test_wavelengths_from_a_file_fill_both_fields(editor, qtbot):
    with qtbot.waitSignal(editor.load_requested):
        qtbot.mouseClick(editor.load_button, Qt.MouseButton.LeftButton)
    editor.set_wavelengths("400\n500", "nm")
    texts = editor.order().texts
    assert (texts["wavelengths"], texts["wavelength_unit"]) == ("400\n500", "nm")


def test_bad_bands_have_their_own_dialog(editor, qtbot):
    with qtbot.waitSignal(editor.bad_bands_requested):
        qtbot.mouseClick(editor.bad_button, Qt.MouseButton.LeftButton)


def test_escape_closes_and_changes_nothing(editor, qtbot):
    with qtbot.assertNotEmitted(editor.ordered):
        qtbot.keyClick(editor, Qt.Key.Key_Escape)
    assert not editor.isVisible()
