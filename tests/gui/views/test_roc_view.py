"""The ROC dock: curves, axes, read-out."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtWidgets import QApplication, QFileDialog

from hadviewer.analysis.roc import roc_curve
from hadviewer.gui.views.data import Figure, RocLine
from hadviewer.gui.views.roc_view import RocView

TRUTH = np.zeros(400, dtype=bool)
TRUTH[:20] = True


def line(number: int, title: str, colour: str, shift: float) -> RocLine:
    scores = np.random.default_rng(number).normal(size=400) + shift * TRUTH
    roc = roc_curve(scores, TRUTH).corners()
    return RocLine(number, title, colour, roc.false_alarm, roc.detection, roc.thresholds, 0.9, 380)


LINES = (line(1, "GRX", "#1a73e8", 1.0), line(2, "LRX", "#e8710a", 2.0))


@pytest.fixture
def view(qtbot: Any) -> RocView:
    view = RocView()
    qtbot.addWidget(view)
    view.resize(700, 240)
    view.set_curves(LINES, "")
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
    assert told.args[0] == pytest.approx(0.1, abs=0.01)
    qtbot.waitUntil(lambda: bool(view.readout.text()))
    place = np.flatnonzero(roc.false_alarm <= told.args[0])[-1]
    assert f"PD {roc.detection[place]:.4f}" in view.readout.text()
    assert f"score ≥ {roc.thresholds[place]:.5g}" in view.readout.text()


def test_left_of_every_false_alarm_the_best_threshold_without_one_is_read(view: RocView) -> None:
    view.plot.hovered.emit(0.0)
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
