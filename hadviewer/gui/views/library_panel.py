"""The dock of spectral libraries: what is in them, what is drawn, and what is most like a pixel."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, QPoint, Qt, QTimer, pyqtBoundSignal, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from hadviewer.gui.icons import icon
from hadviewer.gui.views._page import Hint
from hadviewer.gui.views.library_data import Choice, LibraryPlace, LibraryRows
from hadviewer.gui.views.library_model import NAME, SCORE, LibraryModel

SEARCH_MS = 150
ROW_HEIGHT = 22
_NO_LIBRARY = "No spectral library is open. Open one with the button above, or drop its file on the window."


class LibraryPanel(QWidget):
    """A table of all spectra, the most alike first; a tick draws one in the spectrum dock.

    Signals:
        open_requested: libraries are to be opened.
        close_requested: (library id) one is to be closed.
        ticked: (places, shown) spectra are to be drawn, or no more.
        measure_chosen, target_chosen: (id) how to compare, and with what.
    """

    open_requested = pyqtSignal()
    close_requested = pyqtSignal(int)
    ticked = pyqtSignal(list, bool)
    measure_chosen = pyqtSignal(str)
    target_chosen = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search spectra")
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName("Search spectra")
        self.search.setToolTip("Words that the name of a spectrum, or of its library, holds")
        self.opener = self._button("open", "Open spectral library…", self.open_requested)
        self.closer = self._button("close", "Close the library of the selected spectrum", self._close)
        self.target = _combo("Compare with", "The spectrum that all others are compared with")
        self.measure = _combo("Measure", "How spectra are compared")
        self.level = QCheckBox("To its level")
        self.level.setToolTip(
            "Multiply a spectrum when it is ticked so that it lies at the height of the one it is compared with"
        )
        self.model = LibraryModel(self)
        self.table = _SpectraTable(self.model)
        self.hint = Hint()
        self._typed = QTimer(self)
        self._typed.setSingleShot(True)
        self._typed.setInterval(SEARCH_MS)
        self._typed.timeout.connect(lambda: self.model.search(self.search.text()))
        self._count = 0
        self._connect()
        self._arrange()
        self.set_hint("")

    @property
    def levelled(self) -> bool:
        """Whether ticked spectra are brought to the height of the one they are compared with."""
        return self.level.isChecked()

    # What the controller says

    def set_libraries(self, libraries: Sequence[LibraryRows]) -> None:
        """List these libraries."""
        self.model.set_libraries(libraries)
        self._count = len(libraries)
        self._tell_state()

    def set_ticked(self, colours: dict[LibraryPlace, str]) -> None:
        """Mark what is drawn in its colour."""
        self.model.set_ticked(colours)

    def set_measures(self, measures: Sequence[Choice]) -> None:
        """Offer ways to compare."""
        _fill(self.measure, measures, self.measure.currentData())

    def set_targets(self, targets: Sequence[Choice], chosen: str) -> None:
        """Offer spectra to compare with."""
        _fill(self.target, targets, chosen)

    def set_scores(self, scores: NDArray[np.float64] | None, title: str, digits: int) -> None:
        """Show how unlike the spectra are; None where nothing is compared."""
        self.model.set_scores(scores, title, digits)
        self.table.setColumnHidden(SCORE, scores is None)

    def set_hint(self, text: str) -> None:
        """Say why nothing is compared."""
        self.hint.setText(text or ("" if self._count else _NO_LIBRARY))
        self._tell_state()

    # Inside

    def changeEvent(self, event: QEvent | None) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.PaletteChange and hasattr(self, "closer"):
            self.opener.setIcon(icon("open"))
            self.closer.setIcon(icon("close"))

    def _connect(self) -> None:
        self.search.textChanged.connect(self._wait_for_more)
        self.model.ticked.connect(self.ticked)
        self.measure.activated.connect(lambda: self.measure_chosen.emit(self.measure.currentData()))
        self.target.activated.connect(lambda: self.target_chosen.emit(self.target.currentData()))
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._open_menu)

    def _arrange(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(2)
        top.addWidget(self.search, 1)
        top.addWidget(self.opener)
        top.addWidget(self.closer)
        compare = QHBoxLayout()
        label = QLabel("Like")
        label.setBuddy(self.target)
        compare.addWidget(label)
        compare.addWidget(self.target, 1)
        how = QHBoxLayout()
        by = QLabel("By")
        by.setBuddy(self.measure)
        by.setMinimumWidth(label.sizeHint().width())
        how.addWidget(by)
        how.addWidget(self.measure, 1)
        how.addWidget(self.level)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        for row in (top, compare, how):
            column.addLayout(row)
        column.addWidget(self.table, 1)
        column.addWidget(self.hint)

    def _button(self, drawing: str, text: str, slot: Callable[[], None] | pyqtBoundSignal) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(drawing))
        button.setToolTip(text)
        button.setAccessibleName(text)
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.clicked.connect(slot)
        return button

    def _wait_for_more(self, text: str) -> None:
        """Search when the typing pauses."""
        self._typed.start()

    def _close(self) -> None:
        row = self.table.currentIndex().row()
        if 0 <= row < self.model.rowCount():
            self.close_requested.emit(self.model.place(row)[0])

    def _open_menu(self, at: QPoint) -> None:
        rows = self.table.chosen_rows()
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for text, slot, useful in (
            ("Draw or hide selected", lambda: self.model.toggle(rows), bool(rows)),
            ("Hide all library spectra", lambda: self.ticked.emit([], False), True),
            ("Close library", self._close, bool(rows)),
        ):
            action = menu.addAction(text)
            if action is not None:
                action.setEnabled(useful)
                action.triggered.connect(lambda checked=False, act=slot: act())
        viewport = self.table.viewport()
        menu.popup((viewport or self.table).mapToGlobal(at))

    def _tell_state(self) -> None:
        some = self._count > 0
        for widget in (self.closer, self.target, self.measure, self.level, self.search):
            widget.setEnabled(some)
        self.table.setVisible(some)
        if some and self.hint.text() == _NO_LIBRARY:
            self.hint.setText("")
        if not some:
            self.hint.setText(_NO_LIBRARY)
        self.hint.setVisible(bool(self.hint.text()))


class _SpectraTable(QTableView):
    """Rows of one height, so that Qt asks for those in sight only; Space ticks what is selected."""

    def __init__(self, model: LibraryModel) -> None:
        super().__init__()
        self._spectra = model
        self.setModel(model)
        self.setAccessibleName("Spectra of the open libraries")
        self.setToolTip("Tick a spectrum to draw it beside that of the pixel; Space ticks what is selected")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        across, down = self.horizontalHeader(), self.verticalHeader()
        assert across is not None
        assert down is not None
        down.hide()
        down.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        down.setDefaultSectionSize(ROW_HEIGHT)
        across.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        across.setSectionResizeMode(SCORE, QHeaderView.ResizeMode.Fixed)
        across.resizeSection(SCORE, 84)
        across.setHighlightSections(False)
        self.setSortingEnabled(True)
        self.sortByColumn(SCORE, Qt.SortOrder.AscendingOrder)
        self.setColumnHidden(SCORE, True)

    def chosen_rows(self) -> list[int]:
        """The selected rows, from the top."""
        selection = self.selectionModel()
        return sorted(index.row() for index in selection.selectedRows()) if selection is not None else []

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Space ticks."""
        if event is not None and event.key() == Qt.Key.Key_Space:
            self._spectra.toggle(self.chosen_rows())
            return
        super().keyPressEvent(event)


def _combo(name: str, tip: str) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    box.setToolTip(tip)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(8)
    return box


def _fill(box: QComboBox, choices: Sequence[Choice], chosen: object) -> None:
    box.blockSignals(True)
    box.clear()
    for place, choice in enumerate(choices):
        box.addItem(choice.title, choice.id)
        box.setItemData(place, choice.help, Qt.ItemDataRole.ToolTipRole)
    box.setCurrentIndex(max(0, box.findData(chosen)))
    box.blockSignals(False)
