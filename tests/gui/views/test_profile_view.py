"""The profile dock as its user meets it."""

from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtWidgets import QFileDialog

from hadviewer.gui.views.profile_view import ProfileView
from hadviewer.gui.views.spectrum_data import ProfileCurve

PLACES = np.arange(5.0)


@pytest.fixture
def view(qtbot):
    view = ProfileView()
    qtbot.addWidget(view)
    view.resize(700, 240)
    view.show()
    return view


@pytest.fixture
def filled(view):
    view.set_hint("")
    curves = [
        ProfileCurve("Band 3", np.array([1, 2, np.nan, 4, 5], np.float32), "#d93025"),
        ProfileCurve("Score: GRX", np.array([10, 20, 30, 40, 50], np.float32), "#e8710a", score=True),
    ]
    view.set_profile("Line 7", "Sample", PLACES, curves)
    return view


def test_the_direction_is_chosen_by_keyboard(view, qtbot):
    with qtbot.waitSignal(view.along_chosen) as told:
        qtbot.keyClick(view.along, Qt.Key.Key_Down)
    assert told.args == ["column"]
    view.show_along("line")
    assert "Drawn line" in view.along.currentText()


def test_curves_lie_over_their_places_and_scores_on_an_axis_of_their_own(filled):
    band, score = filled._lines
    np.testing.assert_array_equal(band.getData()[0], PLACES)
    assert band.getViewBox() is filled.plot.getViewBox()
    assert score.getViewBox() is filled._scores
    assert filled.plot.getAxis("right").isVisible()
    filled.set_profile("Line 8", "Sample", PLACES, [ProfileCurve("Band 3", PLACES, "#d93025")])
    assert not filled.plot.getAxis("right").isVisible()
    assert len(filled._lines) == 1


def test_the_legend_names_the_curves_and_reads_them_at_the_pointer(filled, qtbot):
    assert all(word in filled.legend.text() for word in ("Band 3", "Score: GRX"))
    assert filled.plot.getAxis("bottom").labelText == "Sample · Line 7"
    box = filled.plot.getViewBox()
    with qtbot.waitSignal(filled.place_pointed) as told:
        filled._moved(box.mapViewToScene(QPointF(3.2, 3)))
    assert told.args == [3]
    assert "Band 3 4" in filled.legend.text()
    assert "GRX 40" in filled.legend.text()


def test_export_asks_for_a_file(filled, qtbot, monkeypatch, tmp_path):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *given: (str(tmp_path / "mine"), ""))
    with qtbot.waitSignal(filled.export_requested) as told:
        qtbot.mouseClick(filled._buttons[3], Qt.MouseButton.LeftButton)
    assert told.args == [Path(tmp_path / "mine.csv")]


def test_every_control_has_a_tooltip_and_a_name(filled):
    for widget in (filled.along, *filled._buttons):
        assert widget.toolTip()
        assert widget.accessibleName()


def test_the_legend_says_less_where_there_is_less_room(filled):
    """Never a name cut off; the whole names stay in the tooltip."""
    names = [f"Band {number} ({number}46.4 nm)" for number in (2, 3, 4)]
    curves = [ProfileCurve(name, PLACES, "#d93025") for name in names]
    filled.set_profile("Line 7", "Sample", PLACES, curves)
    filled.resize(1200, 240)
    assert names[0] in filled.legend.text()
    filled.resize(550, 240)
    assert names[0] not in filled.legend.text()
    assert "246.4 nm" in filled.legend.text()
    assert filled.legend.toolTip() == "\n".join(names)
