"""The window of bad bands: every band with its mark, and what the values say against it."""

from collections.abc import Callable, Sequence
from typing import Any

from PyQt6.QtCore import (
    QAbstractTableModel,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    Qt,
    pyqtBoundSignal,
    pyqtSignal,
)
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QProgressBar,
    QPushButton,
    QTableView,
    QWidget,
)

from hadviewer.gui.forms.param_form import ErrorLabel
from hadviewer.gui.views._page import dialog_column
from hadviewer.gui.views.library_data import BandRow

BAND, SNR, REASONS = range(3)
Role = Qt.ItemDataRole
SIZE = (620, 520)


class BandModel(QAbstractTableModel):
    """A row for each band; the tick says that it is used.

    Signals: ``marked(bands, usable)``.
    """

    marked = pyqtSignal(list, bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[BandRow, ...] = ()

    def set_rows(self, rows: Sequence[BandRow]) -> None:
        """Show these bands; selections stay where there are as many as before."""
        if len(rows) != len(self.rows):
            self.beginResetModel()
            self.rows = tuple(rows)
            self.endResetModel()
            return
        self.rows = tuple(rows)
        if self.rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, REASONS))

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Called by Qt."""
        return len(self.rows)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Called by Qt."""
        return 3

    def data(self, index: QModelIndex, role: int = Role.DisplayRole) -> Any:
        """Called by Qt."""
        row, column = self.rows[index.row()], index.column()
        if role == Role.DisplayRole:
            snr = "" if row.snr is None else f"{row.snr:.1f}"
            return (row.label, snr, row.reasons)[column]
        if role == Role.CheckStateRole and column == BAND:
            return Qt.CheckState.Checked if row.usable else Qt.CheckState.Unchecked
        if role == Role.TextAlignmentRole and column == SNR:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return row.reasons if role == Role.ToolTipRole and column == REASONS else None

    def setData(self, index: QModelIndex, value: Any, role: int = Role.EditRole) -> bool:
        """Called by Qt when a box is ticked."""
        if role != Role.CheckStateRole or index.column() != BAND:
            return False
        self.marked.emit([index.row()], Qt.CheckState(value) == Qt.CheckState.Checked)
        return True

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        """Called by Qt."""
        own = Qt.ItemFlag.ItemIsUserCheckable if index.column() == BAND else Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | own

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        """Called by Qt."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Role.ToolTipRole:
            return (
                "Ticked bands are used; the others are bad",
                "Mean of the band over what its neighbours do not explain of it",
                "Why the band might be left out",
            )[section]
        return ("Band", "Signal / noise", "Suggestion")[section] if role == Role.DisplayRole else None


class BadBandsDialog(QDialog):
    """Ticks, and buttons for many at once; not modal, so that the plot can be looked at meanwhile.

    Signals:
        marked: (bands, usable) these are bad, or good.
        typed: (text) the bands written there are to be selected.
        list_chosen: (name) a customary list is to be used.
        all_good_requested, restore_requested: every band is good; the marks of the file are wanted back.
        suggestion_requested, suggestion_accepted, cancel_requested.
    """

    marked = pyqtSignal(list, bool)
    typed = pyqtSignal(str)
    list_chosen = pyqtSignal(str)
    all_good_requested = pyqtSignal()
    restore_requested = pyqtSignal()
    suggestion_requested = pyqtSignal()
    suggestion_accepted = pyqtSignal()
    cancel_requested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Bad bands")
        self.summary = QLabel()
        self.summary.setWordWrap(True)
        self.model = BandModel(self)
        self.table = _BandTable(self.model)
        self.bad = self._button("Mark as bad", "Leave the selected bands out", lambda: self._mark(usable=False))
        self.good = self._button("Mark as good", "Use the selected bands", lambda: self._mark(usable=True))
        self.all_good = self._button("All good", "Use every band", self.all_good_requested)
        self.restore = self._button("As in the file", "The marks of the file's header", self.restore_requested)
        self.suggest = self._button(
            "Suggest", "Look at noise, saturation and stripes of every band", self.suggestion_requested
        )
        self.accept_all = self._button(
            "Mark suggested as bad", "Leave out every band with a suggestion", self.suggestion_accepted
        )
        self.progress = QProgressBar()
        self.progress.setAccessibleName("Progress of the suggestion")
        self.cancel = self._button("Cancel", "Stop looking at the bands", self.cancel_requested)
        self.field = QLineEdit()
        self.field.setPlaceholderText("1-5, 104-116, 1340-1450nm")
        self.field.setAccessibleName("Bands to select")
        self.field.setToolTip("Bands by number from 1, or by wavelength in nm; Enter selects them in the table")
        self.field.returnPressed.connect(self._type)
        self.error = ErrorLabel()
        self.known = QPushButton("Known list")
        self.known.setToolTip("A list that is customary for a sensor with this many bands")
        self.known.setAutoDefault(False)
        self._lists = QMenu(self)
        self.known.setMenu(self._lists)
        self.only = QCheckBox("Only bad and suggested")
        self.only.setToolTip("Hide the bands that nothing speaks against")
        self.only.toggled.connect(self._filter)
        self._edited = self._running = False
        self._arrange()
        self.model.marked.connect(self.marked)
        selection = self.table.selectionModel()
        assert selection is not None
        selection.selectionChanged.connect(self._tell_state)
        self.resize(*SIZE)
        self.set_progress(None, running=False)

    def set_rows(self, rows: Sequence[BandRow], summary: str, *, edited: bool) -> None:
        """Show the bands; ``edited`` where the marks are not the file's."""
        self.model.set_rows(rows)
        self.summary.setText(summary)
        self._edited = edited
        self._filter()
        self._tell_state()

    def set_lists(self, titles: Sequence[str]) -> None:
        """Offer these customary lists."""
        self._lists.clear()
        for title in titles:
            action = self._lists.addAction(title)
            if action is not None:
                action.triggered.connect(lambda checked=False, name=title: self.list_chosen.emit(name))
        self.known.setEnabled(bool(titles))

    def select(self, bands: Sequence[int]) -> None:
        """Select these bands in the table, and no other."""
        self.error.say("")
        self.table.select(bands)

    def show_error(self, text: str) -> None:
        """Say what is wrong with what was typed."""
        self.error.say(text)

    def set_progress(self, fraction: float | None, running: bool) -> None:
        """Show how far the suggestion is."""
        self._running = running
        self.progress.setVisible(running)
        self.cancel.setVisible(running)
        self.progress.setRange(0, 0 if fraction is None else 1000)
        self.progress.setValue(0 if fraction is None else round(fraction * 1000))
        self._tell_state()

    def present(self) -> None:
        """Bring the window up."""
        self.show()
        self.raise_()
        self.activateWindow()

    def _type(self) -> None:
        self.typed.emit(self.field.text())

    def _mark(self, *, usable: bool) -> None:
        rows = self.table.chosen_rows()
        if rows:
            self.marked.emit(rows, usable)

    def _filter(self) -> None:
        """Show all bands, or those that are bad or suggested."""
        only = self.only.isChecked()
        for number, row in enumerate(self.model.rows):
            self.table.setRowHidden(number, only and row.usable and not row.reasons)

    def _button(self, text: str, tip: str, slot: Callable[[], object] | pyqtBoundSignal) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(tip)
        button.setAutoDefault(False)
        button.clicked.connect(slot)
        return button

    def _arrange(self) -> None:
        first, second = QHBoxLayout(), QHBoxLayout()
        for button in (self.bad, self.good, self.all_good, self.restore, self.known):
            first.addWidget(button)
        first.addStretch(1)
        label = QLabel("Select")
        label.setBuddy(self.field)
        top = QHBoxLayout()
        top.addWidget(label)
        top.addWidget(self.field, 1)
        top.addWidget(self.only)
        for widget in (self.suggest, self.accept_all, self.progress, self.cancel):
            second.addWidget(widget)
        second.addStretch(1)
        second.addWidget(self._button("Close", "Close this window; the marks stay", self.close))
        column = dialog_column(self)
        column.addWidget(self.summary)
        column.addLayout(top)
        column.addWidget(self.error)
        column.addWidget(self.table, 1)
        column.addLayout(first)
        column.addLayout(second)

    def _tell_state(self) -> None:
        some, chosen = bool(self.model.rows), bool(self.table.chosen_rows())
        self.bad.setEnabled(chosen)
        self.good.setEnabled(chosen)
        self.all_good.setEnabled(any(not row.usable for row in self.model.rows))
        self.restore.setEnabled(self._edited)
        self.suggest.setEnabled(some and not self._running)
        self.accept_all.setEnabled(any(row.reasons and row.usable for row in self.model.rows))


class _BandTable(QTableView):
    """Space marks what is selected as bad, or as good where all of it is bad."""

    def __init__(self, model: BandModel) -> None:
        super().__init__()
        self._bands = model
        self.setModel(model)
        self.setAccessibleName("Bands")
        self.setToolTip("Ticked bands are used. Space changes the selected ones.")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        across, down = self.horizontalHeader(), self.verticalHeader()
        assert across is not None
        assert down is not None
        down.hide()
        down.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        down.setDefaultSectionSize(22)
        across.setHighlightSections(False)
        across.resizeSection(BAND, 190)
        across.resizeSection(SNR, 100)
        across.setStretchLastSection(True)

    def chosen_rows(self) -> list[int]:
        """The selected rows, from the top."""
        selection = self.selectionModel()
        return sorted(index.row() for index in selection.selectedRows()) if selection is not None else []

    def select(self, bands: Sequence[int]) -> None:
        """Select these rows and show the first of them."""
        selection = self.selectionModel()
        if selection is None:
            return
        chosen = QItemSelection()
        for band in bands:
            chosen.select(self._bands.index(band, 0), self._bands.index(band, REASONS))
        selection.select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if len(bands):
            self.scrollTo(self._bands.index(bands[0], 0))

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Space marks."""
        rows = self.chosen_rows()
        if event is not None and event.key() == Qt.Key.Key_Space and rows:
            usable = not any(self._bands.rows[row].usable for row in rows)
            self._bands.marked.emit(rows, usable)
            return
        super().keyPressEvent(event)
