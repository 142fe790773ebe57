"""The threshold dock under the mouse."""

from typing import Any

import numpy as np
import pyqtgraph as pg
import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtTest import QTest

from hadviewer.analysis.objects import Cleaning
from hadviewer.gui.views.data import RuleChoice, ScoreBars
from hadviewer.gui.views.threshold_view import ThresholdView

EDGES = np.linspace(10.0, 1010.0, 101)
LINEAR = ScoreBars(EDGES, np.arange(100, 0, -1), np.eye(1, 100, 90, dtype=int)[0])
LOG = ScoreBars(np.geomspace(10.0, 1010.0, 101), np.arange(100, 0, -1), np.zeros(100, int))
RULES = (
    RuleChoice("percentile", "Highest scores", "Share (%)", 0.0, 100.0),
    RuleChoice("value", "Score value"),
    RuleChoice("mean_sigma", "Mean and deviation", "Deviations", -10.0, 100.0),
)


@pytest.fixture
def view(qtbot: Any) -> ThresholdView:
    view = ThresholdView()
    qtbot.addWidget(view)
    view.resize(900, 240)
    view.set_rules(RULES)
    view.set_bars(LINEAR, LOG, "")
    view.show_threshold(500.0, "percentile", 1.0)
    view.show()
    qtbot.waitExposed(view)
    view.grab()  # the axes find their width at the first painting
    return view


def place_of(view: ThresholdView, score: float) -> QPoint:
    return view.plot.mapFromScene(view.plot.getViewBox().mapViewToScene(QPointF(score, 1.0)))


def test_dragging_the_line_tells_the_score_all_the_way_and_the_end(
    qtbot: Any, view: ThresholdView, monkeypatch: Any
) -> None:
    monkeypatch.setitem(pg.CONFIG_OPTIONS, "mouseRateLimit", -1)
    moved: list[float] = []
    view.threshold_moved.connect(moved.append)
    area = view.plot.viewport()
    with qtbot.waitSignal(view.threshold_settled):
        QTest.mouseMove(area, place_of(view, 500))
        QTest.mousePress(area, Qt.MouseButton.LeftButton, pos=place_of(view, 500))
        for score in (520, 560, 600, 640):
            QTest.mouseMove(area, place_of(view, score))
        QTest.mouseRelease(area, Qt.MouseButton.LeftButton, pos=place_of(view, 640))
    assert moved
    assert moved[-1] == pytest.approx(640, abs=8)


def test_what_is_shown_is_not_told_back(qtbot: Any, view: ThresholdView) -> None:
    with qtbot.assertNotEmitted(view.threshold_moved), qtbot.assertNotEmitted(view.argument_edited):
        view.show_threshold(700.0, "mean_sigma", 3.0)
        view.show_mask(True)
    assert view.plot.line.value() == 700
    assert view.value.value() == 700
    assert (view.argument.value(), view.argument_label.text()) == (3.0, "Deviations")
    assert view.mask_box.isChecked()


def test_a_rule_without_number_hides_the_number(view: ThresholdView) -> None:
    assert view.argument.isVisible()
    view.show_threshold(500.0, "value", 0.0)
    assert not view.argument.isVisible()


def test_a_score_is_typed_and_a_rule_chosen(qtbot: Any, view: ThresholdView) -> None:
    view.value.setFocus()
    view.value.selectAll()
    with qtbot.waitSignal(view.threshold_moved) as told:
        qtbot.keyClicks(view.value, "123.5")
        qtbot.keyClick(view.value, Qt.Key.Key_Return)
    assert told.args == [123.5]
    with qtbot.waitSignal(view.rule_chosen) as told:
        qtbot.keyClick(view.rule, Qt.Key.Key_Down)
        view.rule.activated.emit(view.rule.currentIndex())
    assert told.args == ["value"]


def test_scores_show_the_digits_of_single_precision(view: ThresholdView) -> None:
    view.show_threshold(float(np.float32(0.1)), "value", 0.0)
    assert view.value.text() == "0.1"


def test_the_box_shows_and_hides_the_mask(qtbot: Any, view: ThresholdView) -> None:
    for wanted in (True, False):
        with qtbot.waitSignal(view.mask_toggled) as told:
            qtbot.mouseClick(view.mask_box, Qt.MouseButton.LeftButton, pos=QPoint(8, view.mask_box.height() // 2))
        assert told.args == [wanted]


def test_the_smallest_object_is_told_and_shown(qtbot: Any, view: ThresholdView) -> None:
    view.minimum.setFocus()
    with qtbot.waitSignal(view.cleaning_edited) as told:
        qtbot.keyClick(view.minimum, Qt.Key.Key_Up)
    assert told.args == [Cleaning(2)]
    with qtbot.waitSignal(view.cleaning_edited) as told:
        qtbot.keyClick(view.connectivity, Qt.Key.Key_Down)
        view.connectivity.activated.emit(view.connectivity.currentIndex())
    assert told.args == [Cleaning(2, 4)]
    with qtbot.assertNotEmitted(view.cleaning_edited):
        view.show_cleaning(Cleaning(5, 8))
    assert (view.minimum.text(), view.connectivity.currentData()) == ("5 px", 8)


def test_gaps_to_close_are_told_and_shown(qtbot: Any, view: ThresholdView) -> None:
    assert view.gap.text() == "Off"
    view.gap.setFocus()
    for width in (1, 2):
        with qtbot.waitSignal(view.cleaning_edited) as told:
            qtbot.keyClick(view.gap, Qt.Key.Key_Up)
        assert told.args == [Cleaning(gap=width)]
    with qtbot.assertNotEmitted(view.cleaning_edited):
        view.show_cleaning(Cleaning(gap=7))
    assert view.gap.text() == "7 px"


def test_a_rule_says_when_to_choose_it(view: ThresholdView) -> None:
    view.set_rules([RuleChoice("gpd", "Tail", help="Extrapolates the tail.")])
    assert view.rule.itemData(0, Qt.ItemDataRole.ToolTipRole) == "Extrapolates the tail."


def test_the_histogram_has_counts_on_a_logarithmic_axis(view: ThresholdView) -> None:
    x, y = view.plot._all.getData()
    assert np.array_equal(x, EDGES)
    assert np.allclose(10**y, LINEAR.counts)
    assert view.plot._targets.isVisible()
    assert view.plot._legend.isVisible()


def test_the_line_keeps_its_score_on_the_logarithmic_axis(view: ThresholdView) -> None:
    view.log_box.setChecked(True)
    assert view.plot.line.value() == pytest.approx(np.log10(500))
    ticks = [float(text) for text in view.plot._axis.tickStrings([1.0, 2.0, 2.3010299957], 1, 1)]
    assert ticks == [10, 100, 200]
    view.show_threshold(-3.0, "value", 0.0)
    assert not view.plot.line.isVisible()


def test_maps_with_no_positive_score_have_no_logarithmic_axis(view: ThresholdView) -> None:
    view.log_box.setChecked(True)
    view.set_bars(ScoreBars(EDGES - 2000, LINEAR.counts), None, "")
    assert not view.log_box.isEnabled()
    assert np.array_equal(view.plot._all.getData()[0], EDGES - 2000)
    assert not view.plot._targets.isVisible()
    assert not view.plot._legend.isVisible()


def test_without_scores_the_dock_says_why(view: ThresholdView) -> None:
    view.set_bars(None, None, "Run a detector")
    assert view.plot.hint == "Run a detector"
    assert not view.rule.isVisible()


def test_the_reading_is_shown_line_by_line(view: ThresholdView) -> None:
    view.show_reading(["Above: 3 pixels", "Targets: 1 of 2"])
    assert view.reading.text() == "Above: 3 pixels\nTargets: 1 of 2"
