"""The spectra of all open libraries as rows of a table: searched, sorted by likeness, ticked. Any number of them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt, pyqtSignal

from hadviewer.gui.views._swatch import swatch
from hadviewer.gui.views.library_data import LibraryPlace, LibraryRows

NAME, SCORE = range(2)
Role = Qt.ItemDataRole


class LibraryModel(QAbstractTableModel):
    """Rows are places in ``_order``, an index into all spectra: searching and sorting touch numbers only.

    Signals: ``ticked(places, shown)`` when boxes are ticked or cleared.
    """

    ticked = pyqtSignal(list, bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._libraries: list[LibraryRows] = []
        self._starts = np.zeros(1, dtype=np.intp)
        self._names: list[str] = []
        self._lowered: list[str] = []
        self._colours: dict[LibraryPlace, str] = {}
        self._scores: NDArray[np.float64] | None = None
        self._score_title, self._digits = "", 2
        self._found: NDArray[np.intp] = np.zeros(0, dtype=np.intp)
        self._sorted_by: tuple[int, Qt.SortOrder] = (SCORE, Qt.SortOrder.AscendingOrder)
        self._order: NDArray[np.intp] = np.zeros(0, dtype=np.intp)

    def set_libraries(self, libraries: Sequence[LibraryRows]) -> None:
        """List the spectra of these libraries."""
        self.beginResetModel()
        self._libraries = list(libraries)
        self._names = [name for library in libraries for name in library.names]
        self._lowered = [f"{name} {library.title}".lower() for library in libraries for name in library.names]
        self._starts = np.cumsum([0, *(len(library.names) for library in libraries)])
        self._scores = None
        self._found = np.arange(len(self._names))
        self._arrange()
        self.endResetModel()

    def set_scores(self, scores: NDArray[np.float64] | None, title: str, digits: int) -> None:
        """How unlike each spectrum is to what is looked at, in the order of the libraries."""
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        places = [self._order[index.row()] for index in before]
        self._scores = scores if scores is not None and len(scores) == len(self._names) else None
        self._score_title, self._digits = title, digits
        self._arrange()
        self._follow(before, places)
        self.layoutChanged.emit()
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, SCORE, SCORE)

    def set_ticked(self, colours: Mapping[LibraryPlace, str]) -> None:
        """Which spectra are drawn, and in which colours."""
        self._colours = dict(colours)
        if len(self._order):
            self.dataChanged.emit(self.index(0, NAME), self.index(len(self._order) - 1, NAME))

    def search(self, text: str) -> None:
        """Keep the spectra whose name, or library, holds every word."""
        self.beginResetModel()
        words = text.lower().split()
        found = [number for number, name in enumerate(self._lowered) if all(word in name for word in words)]
        self._found = np.asarray(found, dtype=np.intp)
        self._arrange()
        self.endResetModel()

    def place(self, row: int) -> LibraryPlace:
        """Library and row of what stands in a row of the table."""
        number = int(self._order[row])
        which = int(np.searchsorted(self._starts, number, side="right")) - 1
        return self._libraries[which].id, number - int(self._starts[which])

    def toggle(self, rows: Sequence[int]) -> None:
        """Tick all of these rows, or clear them where all are ticked."""
        places = [self.place(row) for row in rows]
        if places:
            self.ticked.emit(places, not all(place in self._colours for place in places))

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Called by Qt."""
        return len(self._order)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Called by Qt."""
        return 2

    def data(self, index: QModelIndex, role: int = Role.DisplayRole) -> Any:
        """Called by Qt, for what is in sight only."""
        number, column = int(self._order[index.row()]), index.column()
        if role == Role.DisplayRole:
            return self._text(number, column)
        if role == Role.ToolTipRole:
            library = self._library(number)
            return f"{self._names[number]}\n{library.about}"
        if column == NAME and role == Role.CheckStateRole:
            shown = self.place(index.row()) in self._colours
            return Qt.CheckState.Checked if shown else Qt.CheckState.Unchecked
        if column == NAME and role == Role.DecorationRole:
            colour = self._colours.get(self.place(index.row()))
            return swatch(colour) if colour else None
        if column == SCORE and role == Role.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def setData(self, index: QModelIndex, value: Any, role: int = Role.EditRole) -> bool:
        """Called by Qt when a box is ticked."""
        if role != Role.CheckStateRole or index.column() != NAME:
            return False
        self.ticked.emit([self.place(index.row())], Qt.CheckState(value) == Qt.CheckState.Checked)
        return True

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        """Called by Qt."""
        own = Qt.ItemFlag.ItemIsUserCheckable if index.column() == NAME else Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | own

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        """Called by Qt."""
        if orientation != Qt.Orientation.Horizontal or role != Role.DisplayRole:
            return None
        return ("Spectrum", self._score_title)[section]

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Called by Qt when a header is pressed."""
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        places = [self._order[index.row()] for index in before]
        self._sorted_by = (column, order)
        self._arrange()
        self._follow(before, places)
        self.layoutChanged.emit()

    def _text(self, number: int, column: int) -> str:
        if column == NAME:
            return self._names[number]
        if self._scores is None:
            return ""
        value = self._scores[number]
        return f"{value:.{self._digits}f}" if np.isfinite(value) else "–"

    def _library(self, number: int) -> LibraryRows:
        return self._libraries[int(np.searchsorted(self._starts, number, side="right")) - 1]

    def _arrange(self) -> None:
        """Which spectra are listed, in which order; those without a likeness come last."""
        chosen = self._found
        column, order = self._sorted_by
        down = order == Qt.SortOrder.DescendingOrder
        if column == SCORE and self._scores is not None:
            values = self._scores[chosen]
            chosen = chosen[
                np.argsort(np.where(np.isfinite(values), -values if down else values, np.inf), kind="stable")
            ]
        elif column == NAME:
            chosen = np.asarray(sorted(chosen.tolist(), key=self._lowered.__getitem__, reverse=down), dtype=np.intp)
        self._order = chosen

    def _follow(self, before: list[QModelIndex], places: list[np.intp]) -> None:
        """Selections stay with their spectra."""
        rows = np.full(len(self._names), -1)
        rows[self._order] = np.arange(len(self._order))
        after = [
            self.index(int(rows[number]), index.column()) if rows[number] >= 0 else QModelIndex()
            for index, number in zip(before, places, strict=True)
        ]
        self.changePersistentIndexList(before, after)
