"""What the program has to say: a bar above the image, a log of all of it, and a dialog for its own mistakes."""

import platform
import sys
import traceback
from collections.abc import Callable
from datetime import datetime
from types import TracebackType

from PyQt6.QtCore import QEvent, Qt, QTimer
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPalette
from PyQt6.QtWidgets import (
    QApplication,
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from hadviewer import __version__
from hadviewer.core.errors import in_a_line
from hadviewer.gui.icons import icon
from hadviewer.gui.views._page import dialog_column

INFO_SECONDS = 10
STRIPE = 4
MOST_DETAILS, AROUND_DETAILS = 140, 24
"""Height of the details at most, and what the box has beside its lines."""
_LOOKS = {"info": ("info", "#1967d2"), "warn": ("warning", "#b06000"), "error": ("warning", "#c5221f")}
_MARKS = {"info": "Info", "warn": "Note", "error": "Error"}


class MessageBar(QFrame):
    """One message at a time, with its details on demand; an info goes by itself, an error stays until closed."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("message_bar")
        self._kind = "info"
        self._icon, self._text, self._details = QLabel(), QLabel(), QPlainTextEdit()
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._details.setReadOnly(True)
        self._details.setAccessibleName("Details of the message")
        self._details.hide()
        self._more = QPushButton("Details")
        self._more.setCheckable(True)
        self._more.toggled.connect(self._details.setVisible)
        self._action = QPushButton()
        self._action.setAccessibleName("What can be done about it")
        self._act: Callable[[], None] = lambda: None
        self._action.clicked.connect(self._perform)
        self._close = QToolButton()
        self._close.setAutoRaise(True)
        self._close.setToolTip("Close this message (Esc)")
        self._close.setAccessibleName("Close message")
        self._close.clicked.connect(self.hide)
        row = QHBoxLayout()
        for widget in (self._icon, self._text, self._action, self._more, self._close):
            row.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 5, 6, 5)
        column.addLayout(row)
        column.addWidget(self._details)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        self.hide()

    def _perform(self) -> None:
        self._act()

    @property
    def text(self) -> str:
        """The sentence shown now."""
        return self._text.text()

    def changeEvent(self, event: QEvent | None) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.PaletteChange:
            self._draw_icons()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """A stripe in the colour of the kind of message, and a line below."""
        painter = QPainter(self)
        painter.fillRect(0, 0, STRIPE, self.height(), QColor(_LOOKS[self._kind][1]))
        painter.fillRect(0, self.height() - 1, self.width(), 1, self.palette().color(QPalette.ColorRole.Mid))
        painter.end()

    def _draw_icons(self) -> None:
        self._icon.setPixmap(icon(_LOOKS[self._kind][0]).pixmap(18, 18))
        self._close.setIcon(icon("close"))

    def show_message(
        self, kind: str, text: str, details: str = "", action: tuple[str, Callable[[], None]] | None = None
    ) -> None:
        """Show a message in place of the one before."""
        self._kind = kind
        self._draw_icons()
        self.update()
        self._text.setText(text)
        self._details.setPlainText(details)
        lines = self._details.fontMetrics().lineSpacing() * (details.count("\n") + 1)
        self._details.setFixedHeight(min(lines + AROUND_DETAILS, MOST_DETAILS))
        self._more.setChecked(False)
        self._more.setVisible(bool(details))
        self._action.setVisible(action is not None)
        if action is not None:
            label, self._act = action
            self._action.setText(label)
        self.show()
        if kind == "info":
            self._timer.start(INFO_SECONDS * 1000)
        else:
            self._timer.stop()


class Messages:
    """The one door for what users are told. ``errors`` counts them, for those who run the program unattended."""

    def __init__(self, bar: MessageBar, log: QPlainTextEdit) -> None:
        self._bar, self._log = bar, log
        self.errors: list[str] = []

    def info(self, text: str, action: tuple[str, Callable[[], None]] | None = None) -> None:
        """Worth knowing; goes by itself."""
        self._tell("info", text, action=action)

    def warn(self, text: str, details: str = "") -> None:
        """Remarkable, not wrong."""
        self._tell("warn", text, details)

    def error(self, text: str, details: str = "") -> None:
        """Something asked for did not happen."""
        self.errors.append(text)
        self._tell("error", text, details)

    def _tell(
        self, kind: str, text: str, details: str = "", action: tuple[str, Callable[[], None]] | None = None
    ) -> None:
        stamp = f"{datetime.now().astimezone():%H:%M:%S}"
        self._log.appendPlainText(f"{stamp}  {_MARKS[kind]}: {text}" + (f"\n{details}" if details else ""))
        self._bar.show_message(kind, text, details, action)


class BugDialog(QDialog):
    """One dialog for what should not have happened: a sentence and a report to copy. The program goes on."""

    def __init__(self, summary: str, trace: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Unexpected error")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sentence = QLabel("Something went wrong inside hadviewer. Your work is still here and the program goes on.")
        sentence.setWordWrap(True)
        self.report = f"hadviewer {__version__}, Python {platform.python_version()}, {platform.platform()}\n{trace}"
        text = QPlainTextEdit(self.report)
        text.setReadOnly(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        copy = buttons.addButton("Copy report", QDialogButtonBox.ButtonRole.ActionRole)
        assert copy is not None
        copy.clicked.connect(self._copy)
        buttons.rejected.connect(self.close)
        column = dialog_column(self)
        column.addWidget(sentence)
        column.addWidget(QLabel(summary))
        column.addWidget(text)
        column.addWidget(buttons)
        self.resize(640, 360)

    def _copy(self) -> None:
        clipboard = QApplication.clipboard()
        if clipboard is not None:
            clipboard.setText(self.report)


def catch_bugs(show: Callable[[str, str], None]) -> None:
    """Send every exception nobody caught to ``show(summary, trace)`` instead of ending the program."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
            return
        text = "".join(traceback.format_exception(kind, error, trace))
        sys.stderr.write(text)
        show(in_a_line(error), text)

    sys.excepthook = hook
