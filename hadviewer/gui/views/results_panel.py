"""The table of results."""

from collections.abc import Callable, Sequence

from PyQt6.QtCore import QItemSelectionModel, QPoint, Qt, pyqtSignal
from PyQt6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from hadviewer.gui.icons import icon
from hadviewer.gui.views._duration import duration
from hadviewer.gui.views._page import dialog_column, dock_column, hint_over
from hadviewer.gui.views._swatch import swatch
from hadviewer.gui.views.data import ResultRow

COLUMNS = ("Result", "Parameters", "Time", "AUC", "")
TITLE, PARAMETERS, TIME, AUC, NOTES = range(5)
NO_RESULTS = "No results yet. Choose a detector in the dock Detect and run it."
MOST_NOTES = 64
"""Screen pixels that remarks may take up."""
Acts = tuple[tuple[str, Callable[[], None]], ...]
ID, ORDER = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1


class ResultsPanel(QWidget):
    """The results, one line each: colour of its curve, parameters off their defaults, time, AUC, remarks.

    Below are the remarks of the one to look at, and the button that fuses those selected.

    Signals:
        selected(int): this result is the one to look at.
        toggle_requested(int): show or hide its score map.
        remove_requested(int): take it away.
        export_requested(int): write it into files.
        fuse_requested(tuple of int): make one result of these.
        map_requested(int, str): make a result of this map that the run left beside its scores.
    """

    selected = pyqtSignal(int)
    toggle_requested = pyqtSignal(int)
    remove_requested = pyqtSignal(int)
    export_requested = pyqtSignal(int)
    fuse_requested = pyqtSignal(tuple)
    map_requested = pyqtSignal(int, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[ResultRow, ...] = ()
        self._quiet = False
        self.table = QTableWidget(0, len(COLUMNS))
        self._hint = hint_over(self.table)
        self._hint.say(NO_RESULTS)
        self.fuse_button = QPushButton()
        self.notes = NotesLabel()
        self._dress()
        layout = dock_column(self)
        layout.setSpacing(4)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.notes)
        layout.addWidget(self.fuse_button)
        self.table.itemSelectionChanged.connect(self._on_selection)
        self.table.itemDoubleClicked.connect(lambda item: self.toggle_requested.emit(self._id_at(item.row())))
        self.table.customContextMenuRequested.connect(self._open_menu)
        delete = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self.table)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self._remove_chosen)
        self.fuse_button.clicked.connect(lambda: self.fuse_requested.emit(self.chosen))
        self._follow()

    def set_rows(self, rows: Sequence[ResultRow]) -> None:
        """Show these results, in the order of the column sorted by."""
        if tuple(rows) == self._rows:
            return
        current, chosen = self.current, self.chosen
        self._rows = tuple(rows)
        self._quiet = True
        self.table.setSortingEnabled(False)
        self.table.setRowCount(len(rows))
        for place, row in enumerate(rows):
            for column, item in enumerate(self._items(row)):
                item.setData(ID, row.id)
                self.table.setItem(place, column, item)
        self.table.setColumnHidden(PARAMETERS, not any(row.parameters for row in rows))
        self.table.setColumnHidden(NOTES, not any(row.notes for row in rows))
        self.table.setSortingEnabled(True)
        self._quiet = False
        self._hint.setVisible(not rows)
        self._mark(chosen)
        self.set_selected(current)

    def set_selected(self, result: int | None) -> None:
        """Mark the result that threshold and read-outs refer to; nothing is emitted."""
        self._quiet = True
        place = next((row for row in range(self.table.rowCount()) if self._id_at(row) == result), None)
        if place is None:
            self.table.clearSelection()
            self.table.setCurrentCell(-1, -1)
        elif result in self.chosen:
            self.table.setCurrentCell(place, TITLE, QItemSelectionModel.SelectionFlag.NoUpdate)
        else:
            flags = QItemSelectionModel.SelectionFlag  # or Qt asks the keyboard, where Shift may be held
            self.table.setCurrentCell(place, TITLE, flags.ClearAndSelect | flags.Rows)
        self._quiet = False
        self._follow()

    @property
    def current(self) -> int | None:
        """The id of the result to look at: of those marked, the one marked last."""
        chosen = self.chosen
        current = self._id_at(self.table.currentRow())
        return current if current in chosen else next(iter(chosen), None)

    @property
    def chosen(self) -> tuple[int, ...]:
        """The ids of all results marked, in the order of the table."""
        rows = sorted({item.row() for item in self.table.selectedItems()})
        return tuple(self._id_at(row) for row in rows)

    def _dress(self) -> None:
        table = self.table
        table.setHorizontalHeaderLabels(COLUMNS)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.setAccessibleName("Results")
        table.setToolTip(
            "Double click shows or hides the score map, Delete removes the result, Ctrl+click marks several to fuse"
        )
        self.fuse_button.setToolTip("Add the pixels' ranks in these score maps up to a new result")
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
        for column, width in ((PARAMETERS, 96), (TIME, 60), (AUC, 60), (NOTES, 24)):
            flat.resizeSection(column, width)
        for column in (PARAMETERS, NOTES):
            table.setColumnHidden(column, True)

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
        self._follow()

    def _follow(self) -> None:
        """Show the remarks of the result to look at, and the button where there is something to fuse."""
        current = self.current
        row = next((row for row in self._rows if row.id == current), None)
        self.notes.say(() if row is None else row.notes)
        count = len(self.chosen)
        self.fuse_button.setVisible(count > 1)
        self.fuse_button.setText(f"Fuse {count} results")

    def _mark(self, chosen: tuple[int, ...]) -> None:
        """Mark these results again after the table was filled anew."""
        quiet, self._quiet = self._quiet, True
        self.table.clearSelection()
        model, table = self.table.selectionModel(), self.table.model()
        assert model is not None
        assert table is not None
        flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        for row in range(self.table.rowCount()):
            if self._id_at(row) in chosen:
                model.select(table.index(row, TITLE), flags)
        self._quiet = quiet

    def _remove_chosen(self) -> None:
        for result in self.chosen:
            self.remove_requested.emit(result)

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
        chosen = self.chosen
        fuse: Acts = ()
        if result in chosen and len(chosen) > 1:
            fuse = ((f"Fuse {len(chosen)} results", lambda: self.fuse_requested.emit(chosen)),)
        for text, act in (
            *fuse,
            ("Export…", lambda: self.export_requested.emit(result)),
            ("Hide" if row.visible else "Show", lambda: self.toggle_requested.emit(result)),
            ("Show parameters", lambda: self.show_about(row)),
            ("Remove", lambda: self.remove_requested.emit(result)),
        ):
            action = menu.addAction(text)
            assert action is not None
            action.triggered.connect(lambda _=False, act=act: act())
        if row.maps:
            self._offer_maps(menu, row)
        return menu

    def _offer_maps(self, menu: QMenu, row: ResultRow) -> None:
        """The maps beside the scores, each of which can become a result."""
        maps = menu.addMenu("Look at a map beside it")
        assert maps is not None
        for name in row.maps:
            action = maps.addAction(name)
            assert action is not None
            action.triggered.connect(lambda _=False, name=name: self.map_requested.emit(row.id, name))

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
        layout = dialog_column(sheet)
        layout.addWidget(text)
        layout.addWidget(buttons)
        sheet.resize(420, 320)
        sheet.show()
        return sheet


class NotesLabel(QScrollArea):
    """The remarks on a result; takes no room when there is none, and never much."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label = QLabel()
        self.label.setWordWrap(True)
        self.label.setContentsMargins(0, 0, 0, 2)
        self.label.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.label.setAccessibleName("Remarks on the result")
        self.setWidget(self.label)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setToolTip("What the run remarked on this result")

    def say(self, notes: Sequence[str]) -> None:
        """Show these sentences."""
        self.label.setText("\n".join(notes))
        self.setVisible(bool(notes))
        self._fit()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Sentences wrap otherwise at another width."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        viewport = self.viewport()
        width = self.width() if viewport is None else viewport.width()
        self.setFixedHeight(min(max(self.label.heightForWidth(width), 0), MOST_NOTES))


class _Item(QTableWidgetItem):
    """A cell that sorts by a value of its own."""

    def __init__(self, text: str, order: float | str) -> None:
        super().__init__(text)
        self.setData(ORDER, order)

    def __lt__(self, other: QTableWidgetItem) -> bool:
        return bool(self.data(ORDER) < other.data(ORDER))
