"""The command palette: a field to type in over the window, and below it everything that can be done."""

from collections.abc import Sequence
from typing import Any

from PyQt6.QtCore import QAbstractListModel, QEvent, QModelIndex, QObject, QRect, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPalette
from PyQt6.QtWidgets import (
    QApplication,
    QFrame,
    QLabel,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from hadviewer.gui.views.palette_data import PaletteRow

WIDTH, HEIGHT, TOP = 620, 420, 56
_PAD = 10
_MOVES = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
Role = Qt.ItemDataRole


class CommandPalette(QFrame):
    """Lies over the window while one types; Esc, or going elsewhere, puts it away and the keyboard back.

    Signals:
        typed(str): what is in the field now.
        chosen(int): the row that is to be done; the palette is away by then.
    """

    typed = pyqtSignal(str)
    chosen = pyqtSignal(int)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._before: QWidget | None = None
        self.field, self.list, self.status = QLineEdit(), QListView(), QLabel()
        self._rows = _Rows(self)
        self.list.setModel(self._rows)
        self.list.setItemDelegate(_Painter(self))
        self._dress()
        column = QVBoxLayout(self)
        column.setContentsMargins(_PAD, _PAD, _PAD, 6)
        column.setSpacing(6)
        for widget in (self.field, self.list, self.status):
            column.addWidget(widget)
        self.field.textChanged.connect(self.typed)
        self.field.installEventFilter(self)
        selection = self.list.selectionModel()
        assert selection is not None
        selection.currentChanged.connect(self._tell)
        self.list.clicked.connect(lambda index: self._choose())
        self.hide()

    def present(self) -> None:
        """Come up with an empty field; where it is up already, go."""
        if self.isVisible():
            self.withdraw()
            return
        self._before = QApplication.focusWidget()
        self._place()
        self.field.clear()
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.typed.emit("")

    def withdraw(self) -> None:
        """Go, and give the keyboard back to where it was."""
        if not self.isVisible():
            return
        self.hide()
        if self._before is not None and self._before.isVisible():
            self._before.setFocus(Qt.FocusReason.OtherFocusReason)
        self._before = None

    def show_rows(self, rows: Sequence[PaletteRow]) -> None:
        """Offer these, the first of them chosen."""
        self._rows.fill(rows)
        self.list.setCurrentIndex(self._rows.index(0))
        self.list.scrollToTop()
        if not rows:
            self._say("Nothing is called that.")

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Keys that move go to the list, Enter does what is chosen, Esc puts the palette away."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in _MOVES:
                self._move(event)
            elif event.key() in _ENTER:
                self._choose()
            elif event.key() == Qt.Key.Key_Escape:
                self.withdraw()
            else:
                return False
            return True
        if event is not None and event.type() == QEvent.Type.FocusOut and not self._holds_focus():
            self._before = None  # the user has gone elsewhere: the keyboard stays there
            self.hide()
        return super().eventFilter(watched, event)

    def _move(self, event: QKeyEvent) -> None:
        """Through the list; behind its last row comes the first."""
        row, last = self.list.currentIndex().row(), self._rows.rowCount() - 1
        if event.key() == Qt.Key.Key_Down and row == last:
            self.list.setCurrentIndex(self._rows.index(0))
        elif event.key() == Qt.Key.Key_Up and row == 0:
            self.list.setCurrentIndex(self._rows.index(last))
        else:
            self.list.keyPressEvent(event)

    def _choose(self) -> None:
        index = self.list.currentIndex()
        if index.isValid() and not self._rows.rows[index.row()].reason:
            self.withdraw()
            self.chosen.emit(index.row())

    def _tell(self, now: QModelIndex) -> None:
        """Say below the list, and to screen readers at the field, what is chosen."""
        if now.isValid():
            row = self._rows.rows[now.row()]
            self._say(row.reason or row.tip, spoken(row))

    def _say(self, text: str, description: str = "") -> None:
        metrics = QFontMetrics(self.status.font())
        self.status.setText(metrics.elidedText(text, Qt.TextElideMode.ElideRight, self.width() - 4 * _PAD))
        self.field.setAccessibleDescription(description or text)

    def _holds_focus(self) -> bool:
        focus = QApplication.focusWidget()
        return focus is not None and (focus is self or self.isAncestorOf(focus))

    def _place(self) -> None:
        window = self.parentWidget()
        assert window is not None
        width, height = min(WIDTH, window.width() - 2 * _PAD), min(HEIGHT, window.height() - TOP - _PAD)
        self.setGeometry(QRect((window.width() - width) // 2, TOP, width, height))

    def _dress(self) -> None:
        self.setObjectName("command_palette")
        self.setAccessibleName("Command palette")
        self.setAutoFillBackground(True)
        self.setFrameShape(QFrame.Shape.Panel)
        self.setFrameShadow(QFrame.Shadow.Plain)
        self.field.setPlaceholderText("A command, dock, detector or file, “band 40”, “850 nm”, or “120, 45”")
        self.field.setAccessibleName("Command palette: type what you want to do")
        self.field.setToolTip("Parts of words are enough; Up and Down choose, Enter does it, Esc goes back")
        self.list.setAccessibleName("What can be done")
        self.list.setToolTip("A click or Enter does it")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.status.setForegroundRole(QPalette.ColorRole.PlaceholderText)


def spoken(row: PaletteRow) -> str:
    """A row as a screen reader says it."""
    state = f"not possible now: {row.reason}" if row.reason else row.keys
    return ", ".join(part for part in (row.text, row.place, state) if part)


class _Rows(QAbstractListModel):
    """The rows offered."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.rows: tuple[PaletteRow, ...] = ()

    def fill(self, rows: Sequence[PaletteRow]) -> None:
        self.beginResetModel()
        self.rows = tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Called by Qt."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def data(self, index: QModelIndex, role: int = Role.DisplayRole) -> Any:
        """Called by Qt."""
        row = self.rows[index.row()]
        texts = {Role.DisplayRole: row.text, Role.ToolTipRole: row.tip, Role.AccessibleTextRole: spoken(row)}
        return texts.get(Role(role))


class _Painter(QStyledItemDelegate):
    """Name, then place in a weaker colour; keys at the right. What cannot be done now is grey."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._gap = 8

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        """Called by Qt."""
        return QSize(0, option.fontMetrics.height() + self._gap)

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Called by Qt."""
        model = index.model()
        assert painter is not None
        assert isinstance(model, _Rows)
        row = model.rows[index.row()]
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        palette = option.palette
        if selected:
            painter.fillRect(option.rect, palette.highlight())
        area = option.rect.adjusted(_PAD, 0, -_PAD, 0)
        strong = palette.color(QPalette.ColorRole.HighlightedText if selected else QPalette.ColorRole.Text)
        weak = strong if selected else palette.color(QPalette.ColorRole.PlaceholderText)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(weak)
        painter.drawText(area, Qt.AlignmentFlag.AlignRight | middle, row.keys)
        area.setRight(area.right() - option.fontMetrics.horizontalAdvance(row.keys) - _PAD)
        painter.setPen(weak if row.reason else strong)
        text = option.fontMetrics.elidedText(row.text, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignLeft | middle, text)
        area.setLeft(area.left() + option.fontMetrics.horizontalAdvance(text) + _PAD)
        painter.setPen(weak)
        place = option.fontMetrics.elidedText(row.place, Qt.TextElideMode.ElideRight, max(area.width(), 0))
        painter.drawText(area, Qt.AlignmentFlag.AlignLeft | middle, place)
