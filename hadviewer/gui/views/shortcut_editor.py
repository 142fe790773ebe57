"""Where users give commands other keys."""

from collections.abc import Callable, Sequence

from PyQt6.QtCore import QEvent, QObject, QSize, Qt, pyqtBoundSignal, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QKeySequence
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from hadviewer.gui.forms.param_form import ErrorLabel
from hadviewer.gui.views._page import dialog_column
from hadviewer.gui.views.shortcut_data import KeyRow

ROW_HEIGHT = 20
_COMMAND, _KEYS = 0, 2
_ID = Qt.ItemDataRole.UserRole
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ShortcutEditor(QDialog):
    """All commands with their keys; another key is pressed in the field below the list.

    Signals:
        proposed(str, str): the command by its id is to have these keys.
        taken(str, str): so, and the command that has them is to lose them.
        cleared(str), reset(str), all_reset(): no keys; those of the program again; for all commands.
        import_requested(), export_requested(): from and into a file.
    """

    proposed = pyqtSignal(str, str)
    taken = pyqtSignal(str, str)
    cleared = pyqtSignal(str)
    reset = pyqtSignal(str)
    all_reset = pyqtSignal()
    import_requested = pyqtSignal()
    export_requested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        self.search, self.table, self.keys = QLineEdit(), QTreeWidget(), QKeySequenceEdit()
        self.clash = ErrorLabel()
        self.give = _button("Set", "Give the selected command the keys pressed at the left", self._propose)
        self.take = _button("Take them", "Take the keys from the command that has them", self._take)
        self.clear = _button("No keys", "Take the selected command its keys", lambda: self.cleared.emit(self._id))
        self.back = _button(
            "Reset", "Give the selected command the keys it came with", lambda: self.reset.emit(self._id)
        )
        self.back_all = _button("Reset all", "Give all commands the keys they came with", self.all_reset)
        self.load = _button("Import…", "Take the keys from a file", self.import_requested)
        self.save = _button("Export…", "Write the keys you changed into a file", self.export_requested)
        self._dress()
        self._arrange()
        self.search.textChanged.connect(self._filter)
        self.table.currentItemChanged.connect(lambda now, before: self._select())
        self.table.itemActivated.connect(lambda item, column: self.keys.setFocus())
        self.keys.keySequenceChanged.connect(lambda keys: self._pressed())
        self._select()

    def present(self) -> None:
        """Come to the front, ready to search."""
        self.show()
        self.raise_()
        self.activateWindow()
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def show_rows(self, rows: Sequence[KeyRow]) -> None:
        """List the commands; the one selected stays so."""
        chosen = self._id
        self.table.clear()
        for row in rows:
            item = QTreeWidgetItem(self.table, [row.text, row.place, row.keys])
            item.setData(_COMMAND, _ID, row.id)
            item.setToolTip(_COMMAND, row.tip)
            item.setSizeHint(_COMMAND, QSize(0, ROW_HEIGHT))
            font = item.font(_KEYS)
            font.setBold(row.changed)
            item.setFont(_KEYS, font)
            item.setToolTip(_KEYS, "Changed by you" if row.changed else "")
            if row.id == chosen:
                self.table.setCurrentItem(item)
        self._filter()

    def show_clash(self, sentence: str, *, can_take: bool) -> None:
        """Say why a command cannot have the keys, and offer to take them from the one that has them."""
        self.clash.say(sentence)
        self.take.setVisible(can_take)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Enter and Esc in the field for new keys are no new keys."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in _ENTER:
                self.give.click()
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.table.setFocus(Qt.FocusReason.OtherFocusReason)
                return True
        return super().eventFilter(watched, event)

    @property
    def _id(self) -> str:
        item = self.table.currentItem()
        return "" if item is None else str(item.data(_COMMAND, _ID))

    @property
    def _given(self) -> str:
        return self.keys.keySequence().toString(QKeySequence.SequenceFormat.PortableText)

    def _propose(self) -> None:
        self.proposed.emit(self._id, self._given)

    def _take(self) -> None:
        self.taken.emit(self._id, self._given)

    def _pressed(self) -> None:
        self.show_clash("", can_take=False)
        self.give.setEnabled(bool(self._id and self._given))

    def _select(self) -> None:
        self.keys.clear()
        item = self.table.currentItem()
        for widget in (self.keys, self.clear, self.back):
            widget.setEnabled(item is not None)
        self.keys.setAccessibleName(f"New keys for {item.text(_COMMAND)}" if item is not None else "New keys")
        self._pressed()

    def _filter(self) -> None:
        """Leave the commands that hold every word typed, also of their keys."""
        words = self.search.text().lower().split()
        for number in range(self.table.topLevelItemCount()):
            item = self.table.topLevelItem(number)
            if item is not None:
                text = " ".join(item.text(column) for column in range(3)).lower()
                item.setHidden(not all(word in text for word in words))

    def _dress(self) -> None:
        self.search.setPlaceholderText("Search commands or keys")
        self.search.setAccessibleName("Search commands or keys")
        self.search.setToolTip("Words of the command, its menu or its keys")
        self.search.setClearButtonEnabled(True)
        self.table.setHeaderLabels(["Command", "Menu", "Keys"])
        self.table.setAccessibleName("Commands and their keys")
        self.table.setToolTip("Enter goes to the field for new keys")
        self.table.setRootIsDecorated(False)
        self.table.setUniformRowHeights(True)
        self.table.setAlternatingRowColors(True)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        header = self.table.header()
        assert header is not None
        header.setStretchLastSection(True)
        for column, width in ((_COMMAND, 210), (1, 150)):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
            header.resizeSection(column, width)
        self.keys.setMaximumSequenceLength(1)
        self.keys.setToolTip("Press the new keys here, then Enter; Esc goes back to the list")
        self.keys.installEventFilter(self)
        self.take.hide()
        self.resize(560, 560)

    def _arrange(self) -> None:
        new = QHBoxLayout()
        for widget in (self.keys, self.give, self.clear, self.back):
            new.addWidget(widget, 1 if widget is self.keys else 0)
        told = QHBoxLayout()
        told.addWidget(self.clash, 1)
        told.addWidget(self.take)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        for widget in (self.load, self.save, self.back_all):
            buttons.addButton(widget, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.close)
        column = dialog_column(self)
        column.addWidget(self.search)
        column.addWidget(self.table, 1)
        column.addLayout(new)
        column.addLayout(told)
        column.addWidget(buttons)
        self.give.setDefault(True)


def _button(text: str, tip: str, act: Callable[..., object] | pyqtBoundSignal) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    button.setAutoDefault(False)
    button.clicked.connect(act)
    return button
