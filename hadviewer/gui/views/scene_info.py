"""The sheet of facts about the open scene."""

from collections.abc import Mapping

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QShortcut, QShowEvent
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from hadviewer.gui.views._page import dialog_column
from hadviewer.gui.views._source_mark import ROLES, TIPS, WORDS
from hadviewer.gui.views.metadata_data import Source

Facts = dict[str, dict[str, str]]
SHOWN = 400
"""Longer texts are cut on the screen, with their length told; they are copied and searched whole."""
FOLDED_FROM = 40
"""Sections of so many facts begin folded."""
WHOLE_HEIGHT = 66
_WHOLE = Qt.ItemDataRole.UserRole


class FactTree(QTreeWidget):
    """Sections of facts; ``copy_requested()`` when the keys to copy are pressed."""

    copy_requested = pyqtSignal()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Copying is not left to Qt, which would take the text as it is cut."""
        if event is not None and event.matches(QKeySequence.StandardKey.Copy):
            self.copy_requested.emit()
        else:
            super().keyPressEvent(event)


class SceneInfo(QDialog):
    """Everything known about the scene, by sections; stays open beside the window and follows what is opened.

    What was guessed, and what the user said, is marked.

    Signals:
        edit_requested(): the metadata are to be edited.
    """

    edit_requested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModal(False)
        self.setWindowTitle("Scene information")
        self._facts: Facts = {}
        self._sources: Mapping[tuple[str, str], Source] = {}
        self._filled = True
        self.guessed = QLabel()
        self.guessed.setWordWrap(True)
        self.guessed.setAccessibleName("What was guessed")
        self.guessed.setVisible(False)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search names and values")
        self.search.setClearButtonEnabled(True)
        self.search.setToolTip("Show only the facts with these words in their name or value (Ctrl+F)")
        self.search.setAccessibleName("Search the scene information")
        self.search.textChanged.connect(self._sift)
        self.table = FactTree()
        self._dress_table()
        self.whole = QPlainTextEdit()
        self.whole.setReadOnly(True)
        self.whole.setMaximumHeight(WHOLE_HEIGHT)
        self.whole.setPlaceholderText("Pick a row to read all of its value here")
        self.whole.setToolTip("The whole value of the row picked")
        self.whole.setAccessibleName("Value")
        self.table.currentItemChanged.connect(self._show_whole)
        self._none = QLabel("Nothing here has these words.")
        self._none.setVisible(False)
        self._copy = QPushButton("Copy all")
        self._copy.setToolTip("Copy everything as text. Ctrl+C copies the values of the rows picked")
        self._copy.clicked.connect(self.copy)
        self.edit_button = QPushButton("Edit metadata…")
        self.edit_button.setToolTip("Change what was guessed, wavelengths, scale, no-data value and more")
        self.edit_button.clicked.connect(self.edit_requested)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        for button in (self._copy, self.edit_button):
            buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.close)
        column = dialog_column(self)
        for widget in (self.guessed, self.search, self.table, self._none, self.whole, buttons):
            column.addWidget(widget)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self).activated.connect(self.search.setFocus)
        self.table.copy_requested.connect(self.copy_picked)
        self.resize(560, 600)

    def show_facts(self, title: str, sections: Facts, sources: Mapping[tuple[str, str], Source] | None = None) -> None:
        """Show these facts: sections of labels and texts; ``sources`` say of some where they come from."""
        self.setWindowTitle(f"{title} — scene information" if title else "Scene information")
        for button in (self._copy, self.edit_button):
            button.setEnabled(bool(sections))
        self._facts, self._sources, self._filled = sections, sources or {}, False
        guesses = [label for (_, label), source in self._sources.items() if source.kind == "guess"]
        self.guessed.setText(f"Guessed, as the file does not say it: {', '.join(guesses)}.")
        self.guessed.setVisible(bool(guesses))
        if self.isVisible():
            self._fill()

    def text(self) -> str:
        """All of it as plain text."""
        lines: list[str] = []
        for name, facts in self._facts.items():
            lines += [name, *(f"  {label}: {text}" for label, text in facts.items())]
        return "\n".join(lines)

    def copy(self) -> None:
        """Put all of it on the clipboard."""
        _to_clipboard(self.text())

    def copy_picked(self) -> None:
        """Put the values of the rows picked on the clipboard, whole; of several with their names."""
        picked = [(self.table.indexOfTopLevelItem(item.parent()), item) for item in self.table.selectedItems()]
        picked = sorted(picked, key=lambda pair: (pair[0], self.table.indexFromItem(pair[1]).row()))
        items = [item for section, item in picked if section >= 0]
        if len(items) == 1:
            _to_clipboard(items[0].data(1, _WHOLE))
        elif items:
            _to_clipboard("\n".join(f"{item.text(0)}: {item.data(1, _WHOLE)}" for item in items))

    def present(self) -> None:
        """Show the sheet, in front."""
        self.show()
        self.activateWindow()

    def showEvent(self, event: QShowEvent | None) -> None:
        """Fill the table only once somebody looks at it."""
        super().showEvent(event)
        self._fill()

    def _dress_table(self) -> None:
        table = self.table
        table.setColumnCount(3)
        table.setHeaderHidden(True)
        table.setIndentation(14)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.setToolTip("What is known about the open file. Ctrl+C copies the values of the rows picked")
        table.setAccessibleName("Scene information")
        header = table.header()
        if header is not None:
            header.setStretchLastSection(False)
            header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
            header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
            header.setSectionResizeMode(2, QHeaderView.ResizeMode.ResizeToContents)

    def _fill(self) -> None:
        if self._filled:
            return
        self._filled = True
        self.table.clear()
        for name, facts in self._facts.items():
            section = QTreeWidgetItem([name])
            font = section.font(0)
            font.setBold(True)
            section.setFont(0, font)
            section.setFlags(Qt.ItemFlag.ItemIsEnabled)
            section.addChildren([self._item(name, label, text) for label, text in facts.items()])
            self.table.addTopLevelItem(section)
            section.setFirstColumnSpanned(True)
        self._sift()

    def _show_whole(self, item: QTreeWidgetItem | None) -> None:
        self.whole.setPlainText((item.data(1, _WHOLE) or "") if item is not None else "")

    def _sift(self) -> None:
        """Hide what lacks the words searched for."""
        words = self.search.text().lower().split()
        found = False
        for place in range(self.table.topLevelItemCount()):
            section = self.table.topLevelItem(place)
            assert section is not None
            shown = 0
            for number in range(section.childCount()):
                item = section.child(number)
                assert item is not None
                text = f"{section.text(0)} {item.text(0)} {item.data(1, _WHOLE)}".lower()
                hidden = not all(word in text for word in words)
                item.setHidden(hidden)
                shown += not hidden
            section.setHidden(not shown)
            section.setExpanded(bool(words) or section.childCount() < FOLDED_FROM)
            found |= shown > 0
        self._none.setVisible(bool(words) and not found)

    def _item(self, section: str, label: str, text: str) -> QTreeWidgetItem:
        item = _item(label, text)
        source = self._sources.get((section, label))
        if source is not None:
            item.setText(2, WORDS[source.kind])
            item.setToolTip(2, source.why or TIPS[source.kind])
            item.setForeground(2, self.palette().brush(ROLES[source.kind]))
            font = item.font(2)
            font.setBold(source.kind in ("guess", "yours"))
            item.setFont(2, font)
        return item


def _item(label: str, text: str) -> QTreeWidgetItem:
    short = text if len(text) <= SHOWN else f"{text[:SHOWN]}… ({len(text)} characters)"
    item = QTreeWidgetItem([label, " ".join(short.split())])
    item.setTextAlignment(0, Qt.AlignmentFlag.AlignTop)
    item.setToolTip(1, short)
    item.setData(1, _WHOLE, text)
    return item


def _to_clipboard(text: str) -> None:
    clipboard = QGuiApplication.clipboard()
    if clipboard is not None:
        clipboard.setText(text)
