"""Choosing one of several cubes in a file."""

from collections.abc import Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from hadviewer.gui.views.data import EntryRow

COLUMNS = ("Name", "Lines × samples × bands", "Type", "Note")


class EntryChooser(QDialog):
    """A list of the cubes in a file, the likeliest first; the window stays usable while it is open.

    Signals:
        chosen: (name) this one is to be opened.
        dismissed: none of them.
    """

    chosen = pyqtSignal(str)
    dismissed = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModal(False)
        self.setWindowTitle("Choose a cube")
        self._sentence = QLabel()
        self._sentence.setWordWrap(True)
        self.table = QTreeWidget()
        self.table.setHeaderLabels(COLUMNS)
        self.table.setRootIsDecorated(False)
        self.table.setAlternatingRowColors(True)
        self.table.setStyleSheet("QTreeWidget::item { padding: 4px 12px 4px 2px; }")
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setToolTip("Double click or Enter opens a cube")
        self.table.setAccessibleName("Cubes in the file")
        self.table.itemActivated.connect(self.accept)
        header = self.table.header()
        if header is not None:
            header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Open | QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(12)
        for widget in (self._sentence, self.table, buttons):
            column.addWidget(widget)
        self.resize(560, 280)

    def offer(self, file: str, rows: Sequence[EntryRow]) -> None:
        """List these cubes of a file."""
        self._sentence.setText(f"{file} holds {len(rows)} cubes. Choose the one to open.")
        self.table.clear()
        for row in rows:
            item = QTreeWidgetItem([row.name, row.size, row.dtype, row.note])
            item.setData(0, Qt.ItemDataRole.UserRole, row.name)
            self.table.addTopLevelItem(item)
        self.table.setCurrentItem(self.table.topLevelItem(0))
        self.show()
        self.table.setFocus()

    def withdraw(self) -> None:
        """Go away without a word."""
        self.hide()

    def accept(self) -> None:
        """Open the selected cube."""
        item = self.table.currentItem()
        if item is not None:
            super().accept()
            self.chosen.emit(item.data(0, Qt.ItemDataRole.UserRole))

    def reject(self) -> None:
        """Open none."""
        super().reject()
        self.dismissed.emit()
