"""The spectrum dock as its user meets it."""

from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QColor, QGuiApplication, QImage, QPalette, QWheelEvent
from PyQt6.QtWidgets import QApplication, QFileDialog, QLabel

from hadviewer.engine.pins import SpectraIntent
from hadviewer.gui.views.spectral_axis import SpectralAxis
from hadviewer.gui.views.spectrum_data import LIVE, SEGMENT, SUMMARY, Curve, Ribbon
from hadviewer.gui.views.spectrum_view import SpectrumView

NM = np.array([400.0, 500.0, 600.0, 700.0])
USABLE = np.array([True, True, False, True])
BARE = SpectralAxis(USABLE, None)


def spectrum(*values):
    return np.array(values, dtype=np.float32)


def pin(number, colour="#e8710a", visible=True, values=None, **more):
    values = spectrum(1, 2, 3, 4) if values is None else values
    return Curve(number, f"Line {number}, sample 0", values, colour, visible, **more)


def live(*values, title="Cursor: line 5, sample 6", **more):
    return Curve(LIVE, title, spectrum(*values), **more)


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
    """A cube is open, the cursor is on it, two spectra are collected."""
    view.set_axis(SpectralAxis(USABLE, NM), "Reflectance")
    view.show_intent(SpectraIntent())
    view.follow(LIVE, live(1, 2, 9, 4))
    view.set_pins([pin(1), pin(2, "#12b5cb")])
    return view


def test_it_says_what_to_do_while_there_is_nothing_to_show(view):
    assert "Open a cube" in view.plot.hint
    view.set_axis(SpectralAxis(USABLE, NM))
    assert "Move over the image" in view.plot.hint
    view.follow(LIVE, live(1, 2, 3, 4))
    assert view.plot.hint == ""


def test_the_live_curve_shows_the_values_with_gaps_at_bad_bands(filled):
    x, y = filled.plot.line(LIVE).getData()
    np.testing.assert_array_equal(x, NM)
    np.testing.assert_array_equal(y, [1, 2, np.nan, 4])


def test_the_axis_is_in_nm_and_the_user_asks_for_band_numbers(filled, qtbot):
    assert filled.plot.getAxis("bottom").labelText == "Wavelength (nm)"
    with qtbot.waitSignal(filled.intent_edited) as told:
        qtbot.keyClicks(filled.options.unit, "Band")
    assert told.args == [{"in_nm": False}]
    filled.set_axis(SpectralAxis(USABLE, NM, False), "Reflectance")
    assert filled.plot.getAxis("bottom").labelText == "Band"
    for key in (LIVE, 1, 2):
        np.testing.assert_array_equal(filled.plot.line(key).getData()[0], [1, 2, 3, 4])


def test_without_wavelengths_there_are_only_band_numbers(view):
    view.set_axis(BARE)
    assert not view.options.unit.isEnabled()
    assert view.options.unit.currentText() == "Band"
    assert view.plot.getAxis("bottom").labelText == "Band"


def test_the_value_axis_is_named(filled):
    assert filled.plot.getAxis("left").labelText == "Reflectance"


def test_treatment_band_and_window_are_chosen_by_keyboard(filled, qtbot):
    options = filled.options
    with qtbot.waitSignal(filled.intent_edited) as told:
        qtbot.keyClicks(options.treatment, "No")
    assert told.args == [{"treatment": "continuum"}]
    with qtbot.waitSignal(filled.intent_edited) as told:
        qtbot.keyClicks(options.spread, "Mean")
    assert told.args == [{"spread": "sigma"}]
    with qtbot.waitSignals([filled.intent_edited, filled.intent_settled]):
        qtbot.keyClick(options.rows, Qt.Key.Key_Up)
    told = []
    filled.intent_edited.connect(told.append)
    options.cols.lineEdit().selectAll()
    qtbot.keyClicks(options.cols, "4")
    qtbot.keyClick(options.cols, Qt.Key.Key_Return)
    assert told == [{"window": (3, 5)}]


def test_what_the_session_says_is_shown_without_an_echo(filled, qtbot):
    with qtbot.assertNotEmitted(filled.intent_edited):
        filled.show_intent(SpectraIntent((5, 7), "second", "range", in_nm=False, follow=False))
    options = filled.options
    assert (options.rows.value(), options.cols.value()) == (5, 7)
    assert (options.treatment.currentData(), options.spread.currentData()) == ("second", "range")
    assert not filled._follow.isChecked()


def test_following_the_pointer_is_turned_off_as_a_step_of_its_own(filled, qtbot):
    told = []
    filled.intent_edited.connect(told.append)
    with qtbot.waitSignal(filled.intent_settled):
        filled._follow.trigger()
    assert told == [{"follow": False}]


def test_curves_have_the_colours_of_their_pins_and_the_list_names_them(filled):
    assert titles(filled) == ["Cursor: line 5, sample 6", "Line 1, sample 0", "Line 2, sample 0"]
    assert filled.plot.line(1).opts["pen"].color() == QColor("#e8710a")
    assert filled.plot.line(2).opts["pen"].color() == QColor("#12b5cb")


def test_collected_curves_are_not_touched_while_the_cursor_moves(filled):
    touched = []
    first, second = pin(1), pin(2, "#12b5cb")
    filled.set_pins([first, second])
    filled.plot.line(1).sigPlotChanged.connect(touched.append)
    for step in range(5):
        filled.follow(LIVE, live(step, 2, 3, 4, title=f"Cursor: line {step}, sample 6"))
    filled.set_pins([pin(1, values=first.values), pin(2, "#12b5cb", values=second.values)])
    assert touched == []
    assert titles(filled)[0] == "Cursor: line 4, sample 6"


def test_space_hides_a_collected_spectrum(filled, qtbot):
    filled.list.setCurrentRow(1)
    with qtbot.waitSignal(filled.pins_shown) as told:
        qtbot.keyClick(filled.list, Qt.Key.Key_Space)
    assert told.args == [[1], False]
    filled.set_pins([pin(1, visible=False), pin(2)])
    assert not filled.plot.line(1).isVisible()


def test_space_hides_all_that_are_selected(filled, qtbot):
    filled.list.setCurrentRow(1)
    filled.list.selectAll()
    with qtbot.waitSignal(filled.pins_shown) as told:
        qtbot.keyClick(filled.list, Qt.Key.Key_Space)
    assert told.args == [[1, 2], False]


def test_space_hides_the_live_curve(filled, qtbot):
    filled.list.setCurrentRow(0)
    qtbot.keyClick(filled.list, Qt.Key.Key_Space)
    assert not filled.plot.line(LIVE).isVisible()
    filled.follow(LIVE, live(4, 4, 4, 4, title="Cursor: line 9, sample 9"))
    assert not filled.plot.line(LIVE).isVisible()


def test_f2_renames_a_collected_spectrum(filled, qtbot):
    filled.activateWindow()
    filled.list.setFocus()
    filled.list.setCurrentRow(1)
    filled._rename.trigger()
    editor = QApplication.focusWidget()
    assert editor is not None
    qtbot.keyClicks(editor, "Roof")
    with qtbot.waitSignal(filled.pin_renamed) as told, qtbot.assertNotEmitted(filled.pins_shown):
        qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert told.args == [1, "Roof"]


def test_delete_removes_the_selected_collected_spectra_and_no_other(filled, qtbot):
    filled.activateWindow()
    filled.list.setFocus()
    filled.list.setCurrentRow(2)
    with qtbot.waitSignal(filled.pins_removed) as told:
        qtbot.keyClick(filled.list, Qt.Key.Key_Delete)
    assert told.args == [[2]]
    filled.list.setCurrentRow(0)
    with qtbot.assertNotEmitted(filled.pins_removed):
        qtbot.keyClick(filled.list, Qt.Key.Key_Delete)


def test_a_double_click_asks_where_a_spectrum_comes_from(filled, qtbot):
    with qtbot.waitSignal(filled.pin_located) as told:
        filled.list.itemDoubleClicked.emit(filled.list.item(2))
    assert told.args == [2]


def test_pins_that_went_leave_list_and_plot(filled):
    filled.set_pins([pin(2)])
    assert titles(filled) == ["Cursor: line 5, sample 6", "Line 2, sample 0"]
    assert set(filled.plot.shown_keys()) == {LIVE, 2}


def test_means_are_dashed_and_listed_between_cursor_and_collection(filled):
    filled.follow(SUMMARY, Curve(SUMMARY, "Mean of 2", spectrum(2, 2, 2, 2)))
    filled.follow(SEGMENT, Curve(SEGMENT, "Superpixel 3: mean", spectrum(2, 2, 2, 2)))
    assert filled.plot.line(SEGMENT).opts["pen"].style() == Qt.PenStyle.DashLine
    assert filled.plot.line(SUMMARY).opts["pen"].style() == Qt.PenStyle.DashDotLine
    assert titles(filled)[1:3] == ["Superpixel 3: mean", "Mean of 2"]
    filled.follow(SEGMENT, None)
    assert "Superpixel 3: mean" not in titles(filled)


def test_a_band_around_a_mean_has_gaps_and_comes_and_goes(filled):
    values = spectrum(2, 3, 4, 5)
    ribbon = Ribbon(values - 1, values + 1)
    filled.set_pins([pin(1, values=values, ribbon=ribbon)])
    item = filled.plot.ribbon(1)
    path = item.path()
    assert path.contains(QPointF(450, 2.5))
    assert not path.contains(QPointF(650, 4.5)), "a bad band is a gap in the band too"
    assert item.brush().color().name() == "#e8710a"
    filled.set_pins([pin(1, visible=False, values=values, ribbon=ribbon)])
    assert not item.isVisible()
    filled.set_pins([pin(1, values=values)])
    assert filled.plot.ribbon(1) is None


def test_the_shown_bands_are_marked_at_their_wavelengths(filled):
    filled.show_bands((3, 1, 0))
    assert [marker.value() for marker in filled.plot._markers] == [700, 500, 400]
    filled.show_bands((1,))
    assert [marker.value() for marker in filled.plot._markers] == [500]


def test_the_wheel_zooms_and_reset_shows_everything_again(filled):
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
    assert box.viewRange()[0] == pytest.approx(before, rel=0.01)


def test_axis_limits_are_typed_and_stay_until_automatic_again(filled, qtbot):
    filled._limits.trigger()
    across, automatic = filled.limits.across, filled.limits.auto_across
    assert automatic.isChecked()
    for box, text in zip(across, ("450", "650"), strict=True):
        box.lineEdit().selectAll()
        qtbot.keyClicks(box, text)
        qtbot.keyClick(box, Qt.Key.Key_Return)
    assert filled.plot.limits()[0] == pytest.approx((450, 650))
    assert filled.plot.automatic() == (False, True)
    filled.follow(LIVE, live(50, 60, 70, 80))
    assert filled.plot.limits()[0] == pytest.approx((450, 650))
    qtbot.mouseClick(automatic, Qt.MouseButton.LeftButton, pos=QPoint(8, automatic.height() // 2))
    assert filled.plot.automatic() == (True, True)
    qtbot.keyClick(filled.limits, Qt.Key.Key_Escape)
    assert not filled.limits.isVisible()


def test_pointing_at_the_plot_reads_the_curves(filled):
    plot = filled.plot
    QApplication.processEvents()

    def read(x):
        plot.reader.point(plot.getViewBox().mapViewToScene(QPointF(x, 3)))
        return plot.reader.plate.text()

    assert all(part in read(520) for part in ("500.0 nm, band 2", "Cursor: line 5, sample 6: 2", "Line 2, sample 0: 2"))
    assert "band 3 (bad)" in read(610)
    filled.list.setCurrentRow(2)
    assert "Cursor" not in read(700)
    assert "Line 2, sample 0: 4" in read(700)
    plot.reader.point(QPointF(1, 1))
    assert not plot.reader.plate.isVisible()


def test_the_legend_names_what_is_in_sight(filled):
    def named():
        return [label.text for _, label in filled.plot._legend.items]

    filled._legend.trigger()
    assert named() == ["Cursor: line 5, sample 6", "Line 1, sample 0", "Line 2, sample 0"]
    filled.follow(LIVE, live(1, 2, 3, 4, title="Cursor: line 7, sample 7"))
    filled.set_pins([pin(1, visible=False), pin(2)])
    assert named() == ["Cursor: line 7, sample 7", "Line 2, sample 0"]
    filled._legend.trigger()
    assert not filled.plot.has_legend


def test_the_picture_is_dark_on_white_with_legend_and_axes(filled):
    palette = QPalette(QColor("#202020"))
    palette.setColor(QPalette.ColorRole.Base, QColor("#101010"))
    filled.setPalette(palette)
    png = QImage.fromData(filled.picture(False))
    assert (png.width(), png.height()) == (1800, 1080)
    assert png.pixelColor(1, 1) == QColor("white")
    assert png.pixelColor(1798, 1078) == QColor("white")
    svg = filled.picture(True).decode()
    assert svg.lstrip().startswith("<?xml")
    for text in ("Wavelength (nm)", "Reflectance", "Line 2, sample 0"):
        assert text in svg
    assert not filled.plot.has_legend
    assert filled.plot.backgroundBrush().color() == QColor("#101010")


@pytest.mark.parametrize(
    ("typed", "kind", "name"),
    [
        ("mine", "ENVI spectral library (*.sli)", "mine.sli"),
        ("mine.txt", "Table (*.csv)", "mine.txt"),
        ("mine.v2", "Table (*.csv)", "mine.v2.csv"),
    ],
)
def test_export_asks_for_a_file_and_adds_the_ending(filled, qtbot, monkeypatch, tmp_path, typed, kind, name):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *given: (str(tmp_path / typed), kind))
    with qtbot.waitSignal(filled.export_requested) as told:
        filled._export.trigger()
    assert told.args == [Path(tmp_path / name), []]


def test_one_spectrum_is_exported_and_copied_alone(filled, qtbot, monkeypatch, tmp_path):
    filled.list.setCurrentRow(2)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *given: (str(tmp_path / "one.csv"), ""))
    with qtbot.waitSignal(filled.export_requested) as told:
        filled._export_some.trigger()
    assert told.args == [tmp_path / "one.csv", [2]]
    with qtbot.waitSignal(filled.copy_requested) as told:
        filled._copy_some.trigger()
    assert told.args == [[2]]


def test_nothing_happens_when_the_file_chooser_is_cancelled(filled, qtbot, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *given: ("", ""))
    with qtbot.assertNotEmitted(filled.export_requested), qtbot.assertNotEmitted(filled.picture_requested):
        filled._export.trigger()
        filled._picture.trigger()


def test_copied_text_is_on_the_clipboard(filled):
    filled.copy_text("a\tb")
    assert QGuiApplication.clipboard().text() == "a\tb"


def test_further_pages_stand_beside_the_list(filled):
    bar = filled.pages.tabBar()
    assert not bar.isVisible()
    filled.add_page("Library", QLabel("empty"))
    assert bar.isVisible()
    assert [filled.pages.tabText(number) for number in range(2)] == ["Curves", "Library"]


def test_a_dark_palette_makes_a_dark_plot_with_light_curves(filled):
    palette = QPalette(QColor("#202020"))
    palette.setColor(QPalette.ColorRole.Base, QColor("#101010"))
    palette.setColor(QPalette.ColorRole.Text, QColor("#fafafa"))
    filled.setPalette(palette)
    QApplication.processEvents()
    assert filled.plot.backgroundBrush().color() == QColor("#101010")
    assert filled.plot.line(LIVE).opts["pen"].color() == QColor("#fafafa")
    assert filled.plot.line(1).opts["pen"].color() == QColor("#e8710a")


def test_every_control_has_a_tooltip_and_a_name_and_is_reached_by_tab(filled):
    options = filled.options
    choices = (options.unit, options.treatment, options.spread, options.rows, options.cols)
    for widget in (*choices, filled.list, *filled._buttons):
        assert widget.toolTip()
        assert widget.accessibleName()
        assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus
