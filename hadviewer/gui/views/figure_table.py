"""All figures of all results in one table."""

import csv
import io
import math
from collections.abc import Sequence
from typing import Any

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPoint, Qt
from PyQt6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PyQt6.QtWidgets import QAbstractItemView, QMenu, QTableView, QWidget

from hadviewer.gui.views._figures import figure_text
from hadviewer.gui.views._swatch import swatch
from hadviewer.gui.views.data import FigureColumn, FigureRow

Role = Qt.ItemDataRole
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class FigureModel(QAbstractTableModel):
    """Results as rows, figures as columns; sorting leaves rows without the figure at the end."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.columns: tuple[FigureColumn, ...] = ()
        self.rows: list[FigureRow] = []
        self._given: tuple[FigureRow, ...] = ()
        self._sorted_by: tuple[int, Qt.SortOrder] = (-1, Qt.SortOrder.DescendingOrder)

    def set_figures(self, columns: Sequence[FigureColumn], rows: Sequence[FigureRow]) -> None:
        """Show these figures, in the order sorted by."""
        self.beginResetModel()
        self.columns, self._given = tuple(columns), tuple(rows)
        self._order()
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Called by Qt."""
        return len(self.rows)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Called by Qt."""
        return len(self.columns)

    def data(self, index: QModelIndex, role: int = Role.DisplayRole) -> Any:
        """Called by Qt."""
        if role == Role.DisplayRole:
            return figure_text(self.rows[index.row()].values[index.column()])
        if role == Role.ToolTipRole:
            return f"{self.rows[index.row()].title}: {self.columns[index.column()].formula}"
        return RIGHT if role == Role.TextAlignmentRole else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        """Called by Qt."""
        if orientation == Qt.Orientation.Horizontal:
            column = self.columns[section]
            return {Role.DisplayRole: column.name, Role.ToolTipRole: column.formula}.get(Role(role))
        row = self.rows[section]
        return {Role.DisplayRole: row.title, Role.DecorationRole: swatch(row.colour)}.get(Role(role))

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Called by Qt when a header is pressed; -1 is the order of the runs."""
        self.layoutAboutToBeChanged.emit()
        self._sorted_by = (column, order)
        self._order()
        self.layoutChanged.emit()

    def _order(self) -> None:
        column, order = self._sorted_by
        self.rows = list(self._given)
        if 0 <= column < len(self.columns):
            sign = 1.0 if order == Qt.SortOrder.AscendingOrder else -1.0
            self.rows.sort(key=lambda row: _rank(sign * row.values[column]))


class FigureTable(QTableView):
    """Results as rows, figures as columns: sorted by a press on a header, copied by Ctrl+C."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.figures = FigureModel(self)
        self.setModel(self.figures)
        self.setSortingEnabled(True)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setAccessibleName("Figures of all results")
        across, down = self.horizontalHeader(), self.verticalHeader()
        assert across is not None
        assert down is not None
        across.setSortIndicatorClearable(True)
        across.setSortIndicator(-1, Qt.SortOrder.DescendingOrder)
        across.setHighlightSections(False)
        down.setHighlightSections(False)
        down.setDefaultSectionSize(22)
        down.setMaximumWidth(160)
        down.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.customContextMenuRequested.connect(self._open_menu)
        copy = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self)
        copy.setContext(Qt.ShortcutContext.WidgetShortcut)
        copy.activated.connect(self.copy_selected)

    def set_figures(self, columns: Sequence[FigureColumn], rows: Sequence[FigureRow]) -> None:
        """Show these figures."""
        fresh = tuple(columns) != self.figures.columns
        self.figures.set_figures(columns, rows)
        if fresh:
            self.resizeColumnsToContents()

    def copy_selected(self) -> None:
        """Put the selected cells (all, when none is) on the clipboard, with names, for a spreadsheet."""
        cells = self.selectedIndexes()
        rows = sorted({cell.row() for cell in cells}) or list(range(self.figures.rowCount()))
        columns = sorted({cell.column() for cell in cells}) or list(range(self.figures.columnCount()))
        self._copy(rows, columns)

    def copy_all(self) -> None:
        """Put the whole table on the clipboard."""
        self._copy(list(range(self.figures.rowCount())), list(range(self.figures.columnCount())))

    def _copy(self, rows: list[int], columns: list[int]) -> None:
        text = io.StringIO()
        table = csv.writer(text, delimiter="\t", lineterminator="\n")
        table.writerow(["Result", *(self.figures.columns[column].name for column in columns)])
        for number in rows:
            row = self.figures.rows[number]
            table.writerow([row.title, *(repr(row.values[column]) for column in columns)])
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None:
            clipboard.setText(text.getvalue())

    def _open_menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for text, act in (("Copy", self.copy_selected), ("Copy the whole table", self.copy_all)):
            action = menu.addAction(text)
            assert action is not None
            action.triggered.connect(act)
        viewport = self.viewport()
        if viewport is not None:
            menu.popup(viewport.mapToGlobal(at))


def _rank(value: float) -> tuple[bool, float]:
    return (True, 0.0) if math.isnan(value) else (False, value)
