"""Tables of many things of one kind, sorted by any column; made for a hundred thousand rows."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt
from PyQt6.QtWidgets import QAbstractItemView, QTableView, QWidget

from hadviewer.gui.views._figures import figure_text
from hadviewer.gui.views.row_data import Rows

Role = Qt.ItemDataRole
LEFT, RIGHT = (
    side | Qt.AlignmentFlag.AlignVCenter for side in (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight)
)
SortOrder = Qt.SortOrder
ROW_HEIGHT = 20
FIGURES = 5
LEAST_FIXED, LARGEST_FIXED = 1e-3, 1e7
"""Columns whose largest value lies between these have a fixed point, so that figures stand below each other."""


class RowModel(QAbstractTableModel):
    """Things as rows; those without a value in the column sorted by come last."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows = Rows()
        self.titles: tuple[str, ...] = ()
        self._digits: dict[str, int] = {}
        self.order: NDArray[np.intp] = np.empty(0, dtype=np.intp)
        self._sorted_by = (0, SortOrder.AscendingOrder)

    def set_rows(self, rows: Rows) -> None:
        """Show these, sorted as before."""
        self.beginResetModel()
        self.rows, self.titles = rows, tuple(rows.columns)
        self._digits = {title: digits_of(values) for title, values in rows.columns.items()}
        self._order()
        self.endResetModel()

    def place_of(self, one: int) -> int:
        """The row in which one stands now."""
        return int(np.flatnonzero(self.order == one)[0])

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Called by Qt."""
        return 0 if parent is not None and parent.isValid() else len(self.order)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Called by Qt."""
        return len(self.titles)

    def data(self, index: QModelIndex, role: int = Role.DisplayRole) -> Any:
        """Called by Qt."""
        if role == Role.DisplayRole:
            title = self.titles[index.column()]
            return _text(self.rows.columns[title][self.order[index.row()]], self._digits[title])
        return RIGHT if role == Role.TextAlignmentRole else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        """Called by Qt."""
        if orientation != Qt.Orientation.Horizontal or section >= len(self.titles):
            return None
        title = self.titles[section]
        if role == Role.TextAlignmentRole:
            if section == self._sorted_by[0]:
                return LEFT  # the arrow stands at the right
            return self.data(self.index(0, section), role) if len(self.order) else None
        return {Role.DisplayRole: title, Role.ToolTipRole: self.rows.tips.get(title, "")}.get(Role(role))

    def sort(self, column: int, order: SortOrder = SortOrder.AscendingOrder) -> None:
        """Called by Qt when a header is pressed."""
        self.layoutAboutToBeChanged.emit()
        kept = self.persistentIndexList()
        moving = [int(self.order[index.row()]) for index in kept]
        self._sorted_by = (column, order)
        self._order()
        places = np.argsort(self.order)
        moved = [self.index(int(places[one]), index.column()) for one, index in zip(moving, kept, strict=True)]
        self.changePersistentIndexList(kept, moved)
        self.layoutChanged.emit()

    def _order(self) -> None:
        column, order = self._sorted_by
        if not 0 <= column < len(self.titles):
            self.order = np.arange(self.rows.count)
            return
        values = np.asarray(self.rows.columns[self.titles[column]], dtype=np.float64)
        self.order = np.argsort(values if order == SortOrder.AscendingOrder else -values, kind="stable")


class RowTable(QTableView):
    """Things as rows, of which several can be picked."""

    def __init__(self, model: RowModel, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = model
        model.setParent(self)
        self.setModel(model)
        self.setSortingEnabled(True)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setAccessibleName(name)
        across, down = self.horizontalHeader(), self.verticalHeader()
        assert across is not None
        assert down is not None
        across.setHighlightSections(False)
        across.setSortIndicator(0, SortOrder.AscendingOrder)
        down.setVisible(False)
        down.setDefaultSectionSize(ROW_HEIGHT)

    def picked(self) -> list[int]:
        """Those selected, the current one first, then from top to bottom."""
        selection = self.selectionModel()
        assert selection is not None
        rows = [index.row() for index in selection.selectedRows()]
        current = self.currentIndex().row()
        rows.sort(key=lambda row: (row != current, row))
        return [int(self._rows.order[row]) for row in rows]


def digits_of(values: NDArray[np.generic]) -> int:
    """Digits after the point that all values (things,) of a column are told with: its largest has five figures.

    Fewer where the rest would be zeros; -1 where they span too much for a fixed point.
    """
    if not np.issubdtype(values.dtype, np.floating):
        return 0
    finite = np.abs(values[np.isfinite(values)].astype(np.float64))
    largest = float(finite.max(initial=0.0))
    if largest == 0.0 or not LEAST_FIXED <= largest < LARGEST_FIXED:
        return 0 if largest == 0.0 else -1
    most = max(0, FIGURES - 1 - math.floor(math.log10(largest)))
    whole = (digits for digits in range(most) if np.allclose(finite, finite.round(digits), rtol=0, atol=1e-9))
    return next(whole, most)


def _text(value: Any, digits: int) -> str:
    if isinstance(value, np.integer):
        return figure_text(int(value))
    if np.isnan(value):
        return "–"
    return f"{float(value):.{digits}f}" if digits >= 0 else f"{float(value):.{FIGURES}g}"
