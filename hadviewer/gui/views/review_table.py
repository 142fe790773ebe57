"""The table of reviewed objects: sorted, filtered, judged by keys, with notes written in place."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, QModelIndex, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QKeyEvent, QPixmap
from PyQt6.QtWidgets import QAbstractItemView, QHeaderView, QWidget

from hadviewer.engine.review import STATE_COLOURS
from hadviewer.gui.views.review_data import NOTE, STATE, ReviewFilter, ReviewRows
from hadviewer.gui.views.row_table import RowModel, RowTable, SortOrder

Role = Qt.ItemDataRole
Key = Qt.Key
JUDGING = {Key.Key_Y: "good", Key.Key_N: "bad", Key.Key_U: "pending"}
WIDTHS = {"No.": 56, STATE: 82, "Pixels": 54, NOTE: 96, "Truth": 84}
WIDTH, CHIP = 66, 10


class ReviewModel(RowModel):
    """Objects as rows, those that the filter keeps.

    Signals: ``noted(object, text)`` when a note was written.
    """

    noted = pyqtSignal(int, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: ReviewRows = ReviewRows()
        self.filter = ReviewFilter()
        self._chips = [_chip(colour) for colour in STATE_COLOURS]

    def set_rows(self, rows: ReviewRows) -> None:  # type: ignore[override]
        """Show these objects, sorted and filtered as before."""
        super().set_rows(rows)

    def set_filter(self, wanted: ReviewFilter) -> None:
        """Show the rows that are wanted."""
        self.beginResetModel()
        self.filter = wanted
        self._order()
        self.endResetModel()

    def kept(self) -> NDArray[np.bool_]:
        """Which objects the filter keeps."""
        return self.filter.kept(self.rows)

    def data(self, index: QModelIndex, role: int = Role.DisplayRole) -> Any:
        """Called by Qt."""
        title, one = self.titles[index.column()], int(self.order[index.row()])
        if title == NOTE:
            return self.rows.notes[one] if role in (Role.DisplayRole, Role.EditRole, Role.ToolTipRole) else None
        if title not in self.rows.words:
            text = super().data(index, role)
            most = self.rows.of.get(title)
            return f"{text} of {most}" if most is not None and role == Role.DisplayRole else text
        place = int(self.rows.columns[title][one])
        if role == Role.DisplayRole:
            return self.rows.words[title][place]
        return self._chips[place] if role == Role.DecorationRole and title == STATE else None

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        """Called by Qt: only notes are written here."""
        editable = index.isValid() and self.titles[index.column()] == NOTE
        return super().flags(index) | (Qt.ItemFlag.ItemIsEditable if editable else Qt.ItemFlag.NoItemFlags)

    def setData(self, index: QModelIndex, value: Any, role: int = Role.EditRole) -> bool:
        """Called by Qt when a note was written."""
        one = int(self.order[index.row()])
        if role != Role.EditRole or str(value).strip() == self.rows.notes[one]:
            return False
        self.noted.emit(one, str(value).strip())
        return True

    def _order(self) -> None:
        column = self._sorted_by[0]
        if 0 <= column < len(self.titles) and self.titles[column] == NOTE:
            places = np.argsort(np.array([note.casefold() for note in self.rows.notes], dtype=object), kind="stable")
            self.order = places if self._sorted_by[1] == SortOrder.AscendingOrder else places[::-1]
        else:
            super()._order()
        self.order = self.order[self.filter.kept(self.rows)[self.order]]


class ReviewTable(RowTable):
    """Objects as rows. Y, N and U judge those picked and go on to the next, F2 writes a note, Esc picks none.

    Signals: ``judged(list of int, state)``.
    """

    judged = pyqtSignal(list, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        self.objects = ReviewModel()
        super().__init__(self.objects, "Table of objects", parent)
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(triggers.DoubleClicked | triggers.EditKeyPressed)
        across = self.horizontalHeader()
        assert across is not None
        across.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        across.setStretchLastSection(True)
        across.setSectionsMovable(True)

    def set_rows(self, rows: ReviewRows) -> None:
        """Show these objects; what is picked and where one looks stay, as far as they are still there."""
        picked, widths = self.picked(), self.objects.titles != tuple(rows.columns)
        bar = self.verticalScrollBar()
        assert bar is not None
        place = bar.value()
        self.objects.set_rows(rows)
        if widths:
            for column, title in enumerate(self.objects.titles):
                self.setColumnWidth(column, WIDTHS.get(title, WIDTH))
        self.pick([one for one in picked if one < rows.count])
        bar.setValue(place)

    def pick(self, objects: list[int]) -> None:
        """Select objects, as far as the filter keeps them; the first becomes the current one."""
        selection = self.selectionModel()
        assert selection is not None
        self.clearSelection()
        places = np.full(self.objects.rows.count, -1)
        places[self.objects.order] = np.arange(len(self.objects.order))
        flags = selection.SelectionFlag
        for number, one in enumerate(one for one in objects if places[one] >= 0):
            index = self.objects.index(int(places[one]), 0)
            if number == 0:
                selection.setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
            else:
                selection.select(index, flags.Select | flags.Rows)

    def step(self, way: int) -> int | None:
        """The object so many rows from the one looked at; at the end the last, None in an empty table."""
        order = self.objects.order
        if not len(order):
            return None
        row = self.currentIndex().row()
        row = 0 if row < 0 else min(max(row + way, 0), len(order) - 1)
        return int(order[row])

    def judge(self, state: str) -> None:
        """Judge those that are picked, and go on to the next where it is one."""
        picked = self.picked()
        if not picked:
            return
        after = self.step(1) if len(picked) == 1 else None
        self.judged.emit(picked, state)
        if after is not None:
            self.pick([after])
            self.scrollTo(self.currentIndex())

    def event(self, event: QEvent | None) -> bool:
        """Its keys come before those of the window."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and _judges(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Judge, write a note, pick none."""
        if event is not None and _judges(event):
            self.judge(JUDGING[Key(event.key())])
        elif event is not None and event.key() == Key.Key_Escape and self.picked():
            self.clearSelection()
        elif event is not None and event.key() == Key.Key_F2 and self.picked():
            note = self.objects.index(self.currentIndex().row(), self.objects.titles.index(NOTE))
            self.scrollTo(note)
            self.edit(note)
        else:
            super().keyPressEvent(event)


def _judges(event: QKeyEvent) -> bool:
    return event.key() in JUDGING and event.modifiers() == Qt.KeyboardModifier.NoModifier


def _chip(colour: str) -> QPixmap:
    chip = QPixmap(CHIP, CHIP)
    chip.fill(QColor(colour))
    return chip
