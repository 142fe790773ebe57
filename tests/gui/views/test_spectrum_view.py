"""The spectrum dock as its user meets it."""

from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QColor, QGuiApplication, QPalette, QWheelEvent
from PyQt6.QtWidgets import QApplication, QFileDialog

from hadviewer.gui.views.data import PinnedSpectrum
from hadviewer.gui.views.spectrum_plot import LIVE, SEGMENT
from hadviewer.gui.views.spectrum_view import SpectrumView

NM = np.array([400.0, 500.0, 600.0, 700.0])
USABLE = np.array([True, True, False, True])


def spectrum(*values):
    return np.array(values, dtype=np.float32)


def pin(number, colour="#e8710a", visible=True, values=None):
    values = spectrum(1, 2, 3, 4) if values is None else values
    return PinnedSpectrum(number, f"Line {number}, sample 0", colour, visible, values)


def titles(view):
    return [view.list.item(row).text() for row in range(view.list.count())]


@pytest.fixture
def view(qtbot):
    view = SpectrumView()
    qtbot.addWidget(view)
    view.resize(700, 240)
    view.show()
    return view


@pytest.fixture
def filled(view):
    """A cube is open, the cursor is on it, two spectra are kept."""
    view.set_bands(USABLE, NM, "Reflectance")
    view.set_live(spectrum(1, 2, 9, 4), "Cursor: line 5, sample 6")
    view.set_pins([pin(1), pin(2, "#12b5cb")])
    return view


def test_it_says_what_to_do_while_there_is_nothing_to_show(view):
    assert "Open a cube" in view.plot.hint
    view.set_bands(USABLE, NM)
    assert "Move over the image" in view.plot.hint
    view.set_live(spectrum(1, 2, 3, 4), "Cursor")
    assert view.plot.hint == ""


def test_the_live_curve_shows_the_values_with_gaps_at_bad_bands(filled):
    x, y = filled.plot.curve(LIVE).getData()
    np.testing.assert_array_equal(x, NM)
    np.testing.assert_array_equal(y, [1, 2, np.nan, 4])


def test_the_axis_is_in_nm_and_changes_to_band_numbers(filled, qtbot):
    assert filled.plot.getAxis("bottom").labelText == "Wavelength (nm)"
    qtbot.keyClicks(filled.unit, "Band")
    assert filled.plot.getAxis("bottom").labelText == "Band"
    for key in (LIVE, 1, 2):
        np.testing.assert_array_equal(filled.plot.curve(key).getData()[0], [1, 2, 3, 4])


def test_without_wavelengths_there_are_only_band_numbers(view):
    view.set_bands(USABLE, None)
    assert not view.unit.isEnabled()
    assert view.plot.getAxis("bottom").labelText == "Band"


def test_the_value_axis_is_named(filled):
    assert filled.plot.getAxis("left").labelText == "Reflectance"


def test_curves_have_the_colours_of_their_pins_and_the_list_names_them(filled):
    assert titles(filled) == ["Cursor: line 5, sample 6", "Line 1, sample 0", "Line 2, sample 0"]
    assert filled.plot.curve(1).opts["pen"].color() == QColor("#e8710a")
    assert filled.plot.curve(2).opts["pen"].color() == QColor("#12b5cb")


def test_kept_curves_are_not_touched_while_the_cursor_moves(filled):
    touched = []
    filled.plot.curve(1).sigPlotChanged.connect(touched.append)
    for step in range(5):
        filled.set_live(spectrum(step, 2, 3, 4), f"Cursor: line {step}, sample 6")
    filled.set_pins([pin(1, values=filled.plot._values[1]), pin(2, "#12b5cb", values=filled.plot._values[2])])
    assert touched == []
    assert titles(filled)[0] == "Cursor: line 4, sample 6"


def test_space_hides_a_kept_spectrum(filled, qtbot):
    filled.list.setCurrentRow(1)
    with qtbot.waitSignal(filled.pin_shown) as told:
        qtbot.keyClick(filled.list, Qt.Key.Key_Space)
    assert told.args == [1, False]
    filled.set_pins([pin(1, visible=False), pin(2)])
    assert not filled.plot.curve(1).isVisible()


def test_space_hides_the_live_curve(filled, qtbot):
    filled.list.setCurrentRow(0)
    qtbot.keyClick(filled.list, Qt.Key.Key_Space)
    assert not filled.plot.curve(LIVE).isVisible()
    filled.set_live(spectrum(4, 4, 4, 4), "Cursor: line 9, sample 9")
    assert not filled.plot.curve(LIVE).isVisible()


def test_delete_removes_the_selected_kept_spectrum_and_no_other(filled, qtbot):
    filled.activateWindow()
    filled.list.setFocus()
    filled.list.setCurrentRow(2)
    with qtbot.waitSignal(filled.pin_removed) as told:
        qtbot.keyClick(filled.list, Qt.Key.Key_Delete)
    assert told.args == [2]
    filled.list.setCurrentRow(0)
    with qtbot.assertNotEmitted(filled.pin_removed):
        qtbot.keyClick(filled.list, Qt.Key.Key_Delete)


def test_pins_that_went_leave_list_and_plot(filled):
    filled.set_pins([pin(2)])
    assert titles(filled) == ["Cursor: line 5, sample 6", "Line 2, sample 0"]
    assert set(filled.plot.shown_keys()) == {LIVE, 2}


def test_the_mean_of_the_superpixel_is_dashed_and_listed_below_the_cursor(filled):
    filled.set_segment(spectrum(2, 2, 2, 2), "Superpixel 3: mean")
    assert filled.plot.curve(SEGMENT).opts["pen"].style() == Qt.PenStyle.DashLine
    assert titles(filled)[1] == "Superpixel 3: mean"
    filled.set_segment(None)
    assert "Superpixel 3: mean" not in titles(filled)


def test_the_shown_bands_are_marked_at_their_wavelengths(filled):
    filled.show_bands((3, 1, 0))
    assert [marker.value() for marker in filled.plot._markers] == [700, 500, 400]
    filled.show_bands((1,))
    assert [marker.value() for marker in filled.plot._markers] == [500]


def test_the_wheel_zooms_and_reset_shows_everything_again(filled, qtbot):
    box = filled.plot.getViewBox()
    QApplication.processEvents()
    before = box.viewRange()[0]
    centre = QPointF(filled.plot.viewport().rect().center())
    wheel = QWheelEvent(
        centre,
        filled.plot.mapToGlobal(centre),
        QPoint(),
        QPoint(0, 240),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(filled.plot.viewport(), wheel)
    zoomed = box.viewRange()[0]
    assert zoomed[1] - zoomed[0] < before[1] - before[0]
    filled._reset.trigger()
    QApplication.processEvents()
    assert box.viewRange()[0] == pytest.approx(before, abs=2)


def test_another_cube_takes_every_curve_away(filled):
    filled.set_bands(np.ones(7, dtype=bool), None)
    assert titles(filled) == []
    assert filled.plot.shown_keys() == []


def test_export_asks_for_a_file_and_adds_the_ending(filled, qtbot, monkeypatch, tmp_path):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *given: (str(tmp_path / "mine"), ""))
    with qtbot.waitSignal(filled.export_requested) as told:
        filled._export.trigger()
    assert told.args == [Path(tmp_path / "mine.csv")]


def test_nothing_happens_when_the_file_chooser_is_cancelled(filled, qtbot, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *given: ("", ""))
    with qtbot.assertNotEmitted(filled.export_requested):
        filled._export.trigger()


def test_copied_text_is_on_the_clipboard(filled):
    filled.copy_text("a\tb")
    assert QGuiApplication.clipboard().text() == "a\tb"


def test_a_dark_palette_makes_a_dark_plot_with_light_curves(filled):
    palette = QPalette(QColor("#202020"))
    palette.setColor(QPalette.ColorRole.Base, QColor("#101010"))
    palette.setColor(QPalette.ColorRole.Text, QColor("#fafafa"))
    filled.setPalette(palette)
    QApplication.processEvents()
    assert filled.plot.backgroundBrush().color() == QColor("#101010")
    assert filled.plot.curve(LIVE).opts["pen"].color() == QColor("#fafafa")
    assert filled.plot.curve(1).opts["pen"].color() == QColor("#e8710a")


def test_every_control_has_a_tooltip_and_a_name_and_is_reached_by_tab(filled):
    for widget in (filled.unit, filled.list, *filled._buttons):
        assert widget.toolTip()
        assert widget.accessibleName()
        assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus
