"""The dock of agreement shows each two results, says why there are none, and offers what can be made of them."""

from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import Qt

from hadviewer.gui.views.agreement_view import COLUMNS, AgreementView
from hadviewer.gui.views.data import FigureRow

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

ROW = FigureRow(0, "One · Two", "#1a73e8", (2, 5, 0.4, float("nan"), -0.25))


@pytest.fixture
def view(qtbot: "QtBot") -> AgreementView:
    view = AgreementView()
    qtbot.addWidget(view)
    view.resize(700, 200)
    view.show()
    return view


def test_pairs_are_listed_with_a_line_about_all(view: AgreementView) -> None:
    view.show_pairs([ROW], "Pixels found by 1 of 2: 3, by all: 2", "")
    model = view.table.figures
    assert [model.index(0, column).data() for column in range(len(COLUMNS))] == ["2", "5", "0.4000", "–", "-0.2500"]
    assert model.headerData(0, Qt.Orientation.Vertical) == "One · Two"
    assert view.found_by.text().endswith("by all: 2")


def test_without_pairs_it_says_what_to_do(view: AgreementView) -> None:
    view.show_pairs([ROW], "told", "")
    view.show_pairs((), "", "Run two")
    assert view.table.figures.rowCount() == 0
    assert view._hint.isVisible()
    assert view._hint.text() == "Run two"


def test_what_can_be_made_is_offered_and_asked_for(view: AgreementView, qtbot: "QtBot") -> None:
    view.offer(2, 1)
    assert view.side_by_side.isEnabled()
    assert not view.as_map.isEnabled()
    view.offer(2, 2)
    for button, signal in ((view.side_by_side, view.side_by_side_requested), (view.as_map, view.map_requested)):
        with qtbot.waitSignal(signal, timeout=1000):
            qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_coming_to_the_front_is_told_once(view: AgreementView) -> None:
    told: list[bool] = []
    view.shown_changed.connect(lambda: told.append(view.in_front))
    for in_front in (True, True, False):
        view.come_to_front(in_front)
    assert told == [True, False]
