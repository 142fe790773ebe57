"""The ROC dock: curves, axes, read-out."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtWidgets import QApplication, QFileDialog

from hadviewer.analysis.roc import roc_curve
from hadviewer.gui.views.data import Figure, OperatingLine, PlotLine, ResultCurves, RocLine, ScoreBox
from hadviewer.gui.views.roc3d_view import AXES, PLANES, operating_text
from hadviewer.gui.views.roc_view import BOXES, FIGURES, NO_OBJECTS, OBJECTS, PRECISION, ROC, SEPARATOR, SPACE, RocView

TRUTH = np.zeros(400, dtype=bool)
TRUTH[:20] = True


def line(number: int, title: str, colour: str, shift: float) -> RocLine:
    scores = np.random.default_rng(number).normal(size=400) + shift * TRUTH
    roc = roc_curve(scores, TRUTH).corners()
    return RocLine(number, title, colour, roc.false_alarm, roc.detection, roc.thresholds, 0.9, 380)


def curves(number: int, title: str, colour: str) -> ResultCurves:
    tau = np.linspace(1, 0, 100)
    plain = OperatingLine(number, title, colour, (1 - tau) ** 9, tau, (1 - tau) ** 2, 10 * tau, 380)
    operating = {False: plain, True: replace(plain, tau=np.sqrt(tau))}
    precision = PlotLine(number, title, colour, np.linspace(0, 1, 20), np.linspace(1, 0.1, 20))
    box = ScoreBox(number, title, colour, (0.1, 0.4, 0.5, 0.8, 1.0), (0.0, 0.1, 0.1, 0.2, 0.9), 0.2)
    boxes = {(robust, low): replace(box, gap=0.2 + low / 100 + robust) for robust in (False, True) for low in (10, 25)}
    boxes[False, 10.0] = box
    objects = PlotLine(number, title, colour, np.array([0.0, 3.0, 9.0]), np.array([0.0, 0.5, 1.0]))
    return ResultCurves(operating, precision, boxes, objects, prevalence=0.05)


RESULTS = (curves(1, "GRX", "#1a73e8"), curves(2, "LRX", "#e8710a"))
LINES = (line(1, "GRX", "#1a73e8", 1.0), line(2, "LRX", "#e8710a", 2.0))


@pytest.fixture
def view(qtbot: Any) -> RocView:
    view = RocView()
    qtbot.addWidget(view)
    view.resize(900, 240)
    view.set_curves(LINES, "")
    view.set_results(RESULTS)
    view.set_figures("LRX", [Figure("AUC OD", "1.2345", "AUC(PD, PF) + AUC(PD, τ) - AUC(PF, τ)")])
    view.set_selected(2)
    view.show()
    qtbot.waitExposed(view)
    view.grab()  # the axes find their width at the first painting
    return view


def test_curves_are_drawn_as_they_are_in_the_colour_of_their_result(view: RocView) -> None:
    for given in LINES:
        x, y = view.plot.curve(given.id).getData()
        assert np.array_equal(x, given.false_alarm)
        assert np.array_equal(y, given.detection)
        assert view.plot.curve(given.id).opts["pen"].color().name() == given.colour


def test_the_selected_curve_is_thicker(view: RocView) -> None:
    assert [view.plot.curve(number).opts["pen"].width() for number in (1, 2)] == [1, 2]
    view.set_selected(1)
    assert [view.plot.curve(number).opts["pen"].width() for number in (1, 2)] == [2, 1]


def test_the_logarithmic_axis_ends_at_one_background_pixel(qtbot: Any, view: RocView) -> None:
    qtbot.mouseClick(view.log_box, Qt.MouseButton.LeftButton, pos=QPoint(8, view.log_box.height() // 2))
    x, y = view.plot.curve(1).getData()
    assert x.min() == pytest.approx(np.log10(1 / 380))
    assert x.max() == 0
    assert np.isfinite(x).all()
    assert np.array_equal(y, LINES[0].detection)
    view.log_box.setChecked(False)
    assert np.array_equal(view.plot.curve(1).getData()[0], LINES[0].false_alarm)


def test_the_pointer_reads_detection_and_threshold(qtbot: Any, view: RocView) -> None:
    roc = LINES[1]
    box = view.plot.getViewBox()
    at = view.plot.mapFromScene(box.mapViewToScene(QPointF(0.1, 0.5)))
    with qtbot.waitSignal(view.plot.hovered) as told:
        qtbot.mouseMove(view.plot.viewport(), at)
    assert told.args[0][0] == pytest.approx(0.1, abs=0.01)
    qtbot.waitUntil(lambda: bool(view.readout.text()))
    place = np.flatnonzero(roc.false_alarm <= told.args[0][0])[-1]
    assert f"PD {roc.detection[place]:.4f}" in view.readout.text()
    assert f"score ≥ {roc.thresholds[place]:.5g}" in view.readout.text()


def test_left_of_every_false_alarm_the_best_threshold_without_one_is_read(view: RocView) -> None:
    view.plot.hovered.emit((0.0, 0.5))
    best = LINES[1].detection[LINES[1].false_alarm == 0].max()
    assert f"PD {best:.4f}" in view.readout.text()
    view.plot.hovered.emit(None)
    assert view.readout.text() == ""


def test_the_legend_names_every_curve_with_its_area(view: RocView) -> None:
    assert [label.text for _, label in view.plot._legend.items] == ["GRX  0.9000", "LRX  0.9000"]


def test_figures_are_listed_with_their_formulas(view: RocView) -> None:
    view.set_figures("GRX", [Figure("AUC OD", "1.2345", "AUC(PD, PF) + AUC(PD, τ) - AUC(PF, τ)")])
    name, value = view.table.item(0, 0), view.table.item(0, 1)
    assert name is not None
    assert value is not None
    assert (name.text(), value.text()) == ("AUC OD", "1.2345")
    assert "AUC(PD, τ)" in value.toolTip()
    assert view.side.isVisible()
    view.set_figures("", ())
    assert not view.side.isVisible()


def test_without_curves_the_dock_says_why(view: RocView) -> None:
    view.set_curves((), "Load a truth mask to see ROC curves")
    assert view.hint.text() == "Load a truth mask to see ROC curves"
    assert view.hint.isVisible()
    assert not view.export_button.isEnabled()
    view.set_curves(LINES, "")
    assert not view.hint.isVisible()
    assert view.plot.isVisible()


def test_a_file_without_extension_becomes_csv(qtbot: Any, view: RocView, monkeypatch: Any) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *arguments: ("folder/curves", ""))
    with qtbot.waitSignal(view.export_requested) as told:
        qtbot.mouseClick(view.export_button, Qt.MouseButton.LeftButton)
    assert told.args == [Path("folder/curves.csv")]


def test_colours_follow_the_theme(qtbot: Any, view: RocView) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    before = application.palette()
    palette = application.palette()
    palette.setColor(palette.ColorRole.Base, Qt.GlobalColor.black)
    palette.setColor(palette.ColorRole.Text, Qt.GlobalColor.white)
    application.setPalette(palette)
    try:
        qtbot.waitUntil(lambda: view.plot.backgroundBrush().color() == Qt.GlobalColor.black)
        assert view.plot._legend.labelTextColor().name() == "#ffffff"
    finally:
        application.setPalette(before)


def test_every_page_shows_every_result(view: RocView) -> None:
    for page in range(view.tabs.count()):
        view.tabs.setCurrentIndex(page)
        assert view.pages.currentIndex() == page
        assert view.log_box.isVisible() == (page in (ROC, SPACE, OBJECTS))
        assert view.side.isVisible() == (page in (ROC, PRECISION))
    assert np.array_equal(view.precision.curve(1).getData()[1], RESULTS[0].precision.y)
    assert [box.title for box in view.boxes.boxes] == ["GRX", "LRX"]
    assert np.array_equal(view.objects.curve(2).getData()[0], [0, 3, 9])
    for plane, names in zip(view.space.planes, PLANES, strict=True):
        for axis, name in zip(plane.curve(1).getData(), names, strict=True):
            assert np.array_equal(axis, getattr(RESULTS[0].operating[False], AXES[name]))


def test_precision_by_chance_is_drawn(view: RocView) -> None:
    view.tabs.setCurrentIndex(PRECISION)
    assert view.precision._chance.isVisible()
    assert view.precision._chance.value() == 0.05
    assert view.precision._legend is not None
    assert [label.text for _, label in view.precision._legend.items] == ["GRX", "LRX", "By chance  0.0500"]
    assert not view.objects._chance.isVisible()


def test_the_tabs_are_reached_by_keyboard(qtbot: Any, view: RocView) -> None:
    view.tabs.setFocus()
    qtbot.keyClick(view.tabs, Qt.Key.Key_Right)
    assert view.tabs.currentIndex() == PRECISION
    assert view.precision.isVisible()


def test_pointing_at_one_projection_marks_the_same_threshold_in_all(qtbot: Any, view: RocView) -> None:
    view.tabs.setCurrentIndex(SPACE)
    view.space.grab()
    line, point = RESULTS[1].operating[False], 60
    _, detection, _ = view.space.planes
    detection.hovered.emit((float(line.tau[point]), float(line.detection[point])))
    for plane, (x, y) in zip(view.space.planes, PLANES, strict=True):
        spot = plane._spot.getData()
        near = detection.nearest((float(line.tau[point]), float(line.detection[point])))
        assert (spot[0][0], spot[1][0]) == (getattr(line, AXES[x])[near], getattr(line, AXES[y])[near])
    assert view.readout.text() == SEPARATOR.join(operating_text(line, near))
    detection.hovered.emit(None)
    assert view.readout.text() == ""
    assert not detection._spot.isVisible()


def test_false_alarms_become_logarithmic_on_every_page(qtbot: Any, view: RocView) -> None:
    view.tabs.setCurrentIndex(SPACE)
    view.log_box.setChecked(True)
    roc, detection, alarm = view.space.planes
    assert roc.curve(1).getData()[0].min() == pytest.approx(np.log10(1 / 380))
    assert alarm.curve(1).getData()[1].min() == pytest.approx(np.log10(1 / 380))
    assert np.array_equal(detection.curve(1).getData()[0], RESULTS[0].operating[False].tau)
    view.tabs.setCurrentIndex(OBJECTS)
    assert view.objects.curve(1).getData()[0][0] == pytest.approx(np.log10(0.5)), "none is drawn at a half"


def test_the_curve_in_space_turns_with_the_mouse_and_by_keys(qtbot: Any, view: RocView) -> None:
    view.tabs.setCurrentIndex(SPACE)
    space = view.space.space
    before = space.turn, space.tilt
    qtbot.mousePress(space, Qt.MouseButton.LeftButton, pos=QPoint(60, 60))
    qtbot.mouseMove(space, QPoint(90, 80))
    qtbot.mouseRelease(space, Qt.MouseButton.LeftButton, pos=QPoint(90, 80))
    assert (space.turn, space.tilt) != before
    qtbot.mouseDClick(space, Qt.MouseButton.LeftButton, pos=QPoint(60, 60))
    assert (space.turn, space.tilt) == before
    space.setFocus()
    qtbot.keyClick(space, Qt.Key.Key_Left)
    qtbot.keyClick(space, Qt.Key.Key_Up)
    assert (space.turn, space.tilt) == (before[0] - 5, before[1] + 5)
    qtbot.keyClick(space, Qt.Key.Key_Home)
    assert (space.turn, space.tilt) == before


@pytest.mark.parametrize("turn", [0, 35, 90, 135, 200, 300])
def test_the_cube_lies_inside_the_picture_from_every_side(view: RocView, turn: float) -> None:
    space = view.space.space
    space.resize(200, 150)
    for tilt in (5, 45, 85):
        space.turn_to(turn, tilt)
        corners = space.project(np.array([[x, y, z] for x in (0.0, 1.0) for y in (0.0, 1.0) for z in (0.0, 1.0)]))
        assert corners.min() >= 0
        assert (corners <= [200, 150]).all()
        low, high = space.project(np.array([[0.5, 0.5, 0.0], [0.5, 0.5, 1.0]]))
        assert low[1] > high[1], "detection points upward"


def test_the_read_out_shows_what_there_is_room_for(view: RocView) -> None:
    for width in (900, 520):
        view.resize(width, 240)
        view.readout.say(("PD 0.500", "PF 0.0123", "τ 0.500", "score ≥ 123.4"))
        assert view.readout.fontMetrics().horizontalAdvance(view.readout.text()) <= max(view.readout.width(), 60)
        assert view.readout.text().startswith("PD 0.500")
    assert "score" not in view.readout.text()


def test_the_boxes_are_read_by_pointing_at_them(view: RocView) -> None:
    view.tabs.setCurrentIndex(BOXES)
    view.boxes.grab()
    at = view.boxes.getViewBox().mapViewToScene(QPointF(1.0, 0.5))
    view.boxes._on_mouse(at)
    assert "LRX: gap +0.200 · targets 0.400–0.800 · background 0.100–0.200".startswith(view.readout.text())
    assert view.readout.text().startswith("LRX: gap +0.200")


def test_the_robust_scale_is_shown_in_space_and_boxes(qtbot: Any, view: RocView) -> None:
    for page in range(view.tabs.count()):
        view.tabs.setCurrentIndex(page)
        assert view.robust_box.isVisible() == (page in (SPACE, BOXES))
        assert view.box_range.isVisible() == (page == BOXES)
    view.tabs.setCurrentIndex(SPACE)
    qtbot.mouseClick(view.robust_box, Qt.MouseButton.LeftButton, pos=QPoint(8, view.robust_box.height() // 2))
    _, detection, _ = view.space.planes
    assert np.array_equal(detection.curve(1).getData()[0], RESULTS[0].operating[True].tau)
    view.tabs.setCurrentIndex(BOXES)
    assert [box.gap for box in view.boxes.boxes] == [pytest.approx(1.3)] * 2
    qtbot.mouseClick(view.robust_box, Qt.MouseButton.LeftButton, pos=QPoint(8, view.robust_box.height() // 2))
    assert [box.gap for box in view.boxes.boxes] == [0.2, 0.2]


def test_the_percentiles_of_the_boxes_are_chosen(qtbot: Any, view: RocView) -> None:
    view.tabs.setCurrentIndex(BOXES)
    assert view.box_range.currentText() == "Box 10–90 %"
    view.box_range.setFocus()
    qtbot.keyClick(view.box_range, Qt.Key.Key_Down)
    assert view.box_range.currentText() == "Box 25–75 %"
    assert [box.gap for box in view.boxes.boxes] == [pytest.approx(0.45)] * 2


def test_the_diagonal_of_chance_bends_with_the_logarithmic_axis(view: RocView) -> None:
    for log in (False, True):
        view.log_box.setChecked(log)
        x, y = view.plot._diagonal.getData()
        assert np.allclose(10**x if log else x, y)
        assert not view.plot._spot.isVisible(), "a point marked on the other axis is gone"
        view.plot.hovered.emit((0.1, 0.5))
        assert view.plot._spot.getData()[0][0] == pytest.approx(-1 if log else 0.1)
    assert view.plot._diagonal.isVisible()
    view.set_curves((), "Nothing")
    assert not view.plot._diagonal.isVisible()


def test_a_result_without_objects_has_no_froc(view: RocView) -> None:
    view.tabs.setCurrentIndex(OBJECTS)
    view.set_results([replace(result, objects=None) for result in RESULTS])
    assert view.objects.hint == NO_OBJECTS
    view.set_results(RESULTS)
    assert view.objects.hint == ""


def test_figures_are_exported_from_their_page(qtbot: Any, view: RocView, monkeypatch: Any) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *arguments: ("folder/all", ""))
    view.tabs.setCurrentIndex(FIGURES)
    with qtbot.waitSignal(view.figures_export_requested) as told:
        qtbot.mouseClick(view.export_button, Qt.MouseButton.LeftButton)
    assert told.args == [Path("folder/all.csv")]


def test_what_is_told_while_nobody_looks_is_drawn_when_it_is_shown(view: RocView, qtbot: Any) -> None:
    view.hide()
    other = line(3, "CRD", "#188038", 3.0)
    view.set_curves((LINES[0],), "")
    view.set_curves((*LINES, other), "")
    view.set_figures("CRD", [Figure("AUC OD", "1.5", "")])
    view.set_selected(3)
    assert view.title.text() == "LRX"
    with pytest.raises(KeyError):
        view.plot.curve(3)
    view.show()
    qtbot.waitExposed(view)
    assert np.array_equal(view.plot.curve(3).getData()[1], other.detection)
    assert view.title.text() == "CRD"
    assert view.plot.selected_line is not None
    assert view.plot.selected_line.id == 3
