"""The table of all figures: sorted, explained, copied."""

import math
from typing import Any

import pytest
from PyQt6.QtCore import QItemSelectionModel, Qt
from PyQt6.QtGui import QGuiApplication

from hadviewer.gui.views.data import FigureColumn, FigureRow
from hadviewer.gui.views.figure_table import FigureTable

COLUMNS = (FigureColumn("AUC", "Area under the curve."), FigureColumn("Pixels", "How many."))
ROWS = (
    FigureRow(1, "GRX", "#1a73e8", (0.8, 1200)),
    FigureRow(2, "LRX", "#e8710a", (math.nan, 3)),
    FigureRow(3, "AED", "#1e8e3e", (0.9, 20)),
)


@pytest.fixture
def table(qtbot: Any) -> FigureTable:
    table = FigureTable()
    qtbot.addWidget(table)
    table.resize(500, 200)
    table.set_figures(COLUMNS, ROWS)
    table.show()
    return table


def names(table: FigureTable) -> list[str]:
    model = table.figures
    return [model.headerData(row, Qt.Orientation.Vertical) for row in range(model.rowCount())]


def press_header(qtbot: Any, table: FigureTable, column: int) -> None:
    head = table.horizontalHeader()
    assert head is not None
    at = head.viewport().rect().center()  # type: ignore[union-attr]
    at.setX(head.sectionViewportPosition(column) + 20)
    qtbot.mouseClick(head.viewport(), Qt.MouseButton.LeftButton, pos=at)


def test_a_press_on_a_header_sorts_and_results_without_the_figure_come_last(qtbot: Any, table: FigureTable) -> None:
    assert names(table) == ["GRX", "LRX", "AED"]
    press_header(qtbot, table, 0)
    first = names(table)
    press_header(qtbot, table, 0)
    assert {tuple(first), tuple(names(table))} == {("GRX", "AED", "LRX"), ("AED", "GRX", "LRX")}
    table.set_figures(COLUMNS, ROWS[:2])
    assert names(table) == ["GRX", "LRX"]


def test_figures_read_as_numbers_and_tell_their_formula(table: FigureTable) -> None:
    model = table.figures
    cells = [[model.data(model.index(row, column)) for column in range(2)] for row in range(3)]
    assert cells == [["0.8000", "1\N{NARROW NO-BREAK SPACE}200"], ["–", "3"], ["0.9000", "20"]]
    tip = Qt.ItemDataRole.ToolTipRole
    assert model.headerData(0, Qt.Orientation.Horizontal, tip) == "Area under the curve."
    assert "Area under the curve." in model.data(model.index(0, 0), tip)


def test_what_is_marked_is_copied_with_its_names(qtbot: Any, table: FigureTable) -> None:
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None
    model = table.selectionModel()
    assert model is not None
    model.select(table.figures.index(0, 1), QItemSelectionModel.SelectionFlag.Select)
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert clipboard.text() == "Result\tPixels\nGRX\t1200\n"
    table.copy_all()
    assert clipboard.text().splitlines() == [
        "Result\tAUC\tPixels",
        "GRX\t0.8\t1200",
        "LRX\tnan\t3",
        "AED\t0.9\t20",
    ]
