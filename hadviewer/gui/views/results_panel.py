"""The table of results."""

from collections.abc import Sequence

from PyQt6.QtCore import QPoint, Qt, pyqtBoundSignal, pyqtSignal
from PyQt6.QtGui import QKeySequence, QPalette, QShortcut
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QMenu,
    QPlainTextEdit,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from hadviewer.gui.icons import icon
from hadviewer.gui.views._duration import duration
from hadviewer.gui.views._swatch import swatch
from hadviewer.gui.views.data import ResultRow

COLUMNS = ("Result", "Parameters", "Time", "AUC", "")
TITLE, PARAMETERS, TIME, AUC, NOTES = range(5)
ID, ORDER = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1


class ResultsPanel(QWidget):
    """The results, one line each: colour of its curve, parameters off their defaults, time, AUC, remarks.

    Signals:
        selected(int): this result is the one to look at.
        toggle_requested(int): show or hide its score map.
        remove_requested(int): take it away.
        export_requested(int): write it into files.
    """

    selected = pyqtSignal(int)
    toggle_requested = pyqtSignal(int)
    remove_requested = pyqtSignal(int)
    export_requested = pyqtSignal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[ResultRow, ...] = ()
        self._quiet = False
        self.table = QTableWidget(0, len(COLUMNS))
        self._hint = QLabel("No results yet: run a detector.", self.table)
        self._dress()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.table)
        self.table.itemSelectionChanged.connect(self._on_selection)
        self.table.itemDoubleClicked.connect(lambda item: self.toggle_requested.emit(self._id_at(item.row())))
        self.table.customContextMenuRequested.connect(self._open_menu)
        delete = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self.table)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(lambda: self._ask(self.remove_requested))

    def set_rows(self, rows: Sequence[ResultRow]) -> None:
        """Show these results, in the order of the column sorted by."""
        if tuple(rows) == self._rows:
            return
        chosen = self.current
        self._rows = tuple(rows)
        self._quiet = True
        self.table.setSortingEnabled(False)
        self.table.setRowCount(len(rows))
        for place, row in enumerate(rows):
            for column, item in enumerate(self._items(row)):
                item.setData(ID, row.id)
                self.table.setItem(place, column, item)
        self.table.setColumnHidden(PARAMETERS, not any(row.parameters for row in rows))
        self.table.setSortingEnabled(True)
        self._quiet = False
        self._hint.setVisible(not rows)
        self.set_selected(chosen)

    def set_selected(self, result: int | None) -> None:
        """Mark the result that threshold and read-outs refer to; nothing is emitted."""
        self._quiet = True
        place = next((row for row in range(self.table.rowCount()) if self._id_at(row) == result), None)
        if place is None:
            self.table.clearSelection()
            self.table.setCurrentCell(-1, -1)
        elif place != self.table.currentRow() or not self.table.selectedItems():
            self.table.selectRow(place)
        self._quiet = False

    @property
    def current(self) -> int | None:
        """The id of the result marked."""
        items = self.table.selectedItems()
        return self._id_at(items[0].row()) if items else None

    def _dress(self) -> None:
        table = self.table
        table.setHorizontalHeaderLabels(COLUMNS)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.setAccessibleName("Results")
        table.setToolTip("Double click shows or hides the score map, Delete removes the result")
        upright, flat = table.verticalHeader(), table.horizontalHeader()
        assert upright is not None
        assert flat is not None
        upright.hide()
        upright.setDefaultSectionSize(24)
        flat.setHighlightSections(False)
        flat.setMinimumSectionSize(24)
        flat.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        flat.setSortIndicatorClearable(True)
        flat.setSectionResizeMode(TITLE, QHeaderView.ResizeMode.Stretch)
        flat.setSectionResizeMode(PARAMETERS, QHeaderView.ResizeMode.Interactive)
        for column, width in ((PARAMETERS, 78), (TIME, 56), (AUC, 56), (NOTES, 24)):
            flat.resizeSection(column, width)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._hint.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        QVBoxLayout(table).addWidget(self._hint)
        self._hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def _items(self, row: ResultRow) -> list[QTableWidgetItem]:
        title = _Item(row.title, row.title.lower())
        title.setIcon(swatch(row.colour))
        parameters = _Item(row.parameters, row.parameters)
        seconds = _Item(duration(row.seconds), row.seconds)
        auc = _Item("" if row.auc is None else f"{row.auc:.4f}", -1.0 if row.auc is None else row.auc)
        notes = _Item("", len(row.notes))
        if row.notes:
            notes.setIcon(icon("info"))
        items: list[QTableWidgetItem] = [title, parameters, seconds, auc, notes]
        for item in items:
            item.setToolTip(row.about)
        notes.setToolTip("\n".join(row.notes))
        notes.setData(Qt.ItemDataRole.AccessibleTextRole, "\n".join(row.notes))
        for item in (seconds, auc):
            item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return items

    def _id_at(self, row: int) -> int:
        item = self.table.item(row, TITLE)
        return -1 if item is None else int(item.data(ID))

    def _on_selection(self) -> None:
        result = self.current
        if not self._quiet and result is not None:
            self.selected.emit(result)

    def _ask(self, signal: pyqtBoundSignal) -> None:
        result = self.current
        if result is not None:
            signal.emit(result)

    def _open_menu(self, at: QPoint) -> None:
        item = self.table.itemAt(at)
        if item is not None:
            menu = self.menu_for(self._id_at(item.row()))
            menu.popup(self.table.mapToGlobal(at))

    def menu_for(self, result: int) -> QMenu:
        """The context menu of one result; it goes with its closing."""
        row = next(row for row in self._rows if row.id == result)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for text, act in (
            ("Export…", lambda: self.export_requested.emit(result)),
            ("Hide" if row.visible else "Show", lambda: self.toggle_requested.emit(result)),
            ("Show parameters", lambda: self.show_about(row)),
            ("Remove", lambda: self.remove_requested.emit(result)),
        ):
            action = menu.addAction(text)
            assert action is not None
            action.triggered.connect(lambda _=False, act=act: act())
        return menu

    def show_about(self, row: ResultRow) -> QDialog:
        """Everything known of a result, in a window of its own that does not stand in the way."""
        sheet = QDialog(self)
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet.setWindowTitle(row.title)
        text = QPlainTextEdit(row.about)
        text.setReadOnly(True)
        text.setAccessibleName(f"How {row.title} came")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(sheet.close)
        layout = QVBoxLayout(sheet)
        layout.addWidget(text)
        layout.addWidget(buttons)
        sheet.resize(420, 320)
        sheet.show()
        return sheet


class _Item(QTableWidgetItem):
    """A cell that sorts by a value of its own."""

    def __init__(self, text: str, order: float | str) -> None:
        super().__init__(text)
        self.setData(ORDER, order)

    def __lt__(self, other: QTableWidgetItem) -> bool:
        return bool(self.data(ORDER) < other.data(ORDER))
