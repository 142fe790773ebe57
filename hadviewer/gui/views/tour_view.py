"""The tour: a frame around the part of the window that is meant, and a bubble beside it that says what it is for."""

from collections.abc import Callable

from PyQt6.QtCore import QEvent, QObject, QPoint, QRect, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPalette, QPen
from PyQt6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

WIDTH, GAP, RING = 320, 12, 3


class TourView(QFrame):
    """Beside what it is about, over the window, which goes on working; Esc or Close ends it.

    Signals: ``next_requested()``, ``back_requested()``, ``ended()``.
    """

    next_requested = pyqtSignal()
    back_requested = pyqtSignal()
    ended = pyqtSignal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window, self._ring = window, _Ring(window)
        self._place: Callable[[], QRect] = QRect
        self.title, self.text, self.count = QLabel(), QLabel(), QLabel()
        self.back, self.forward, self.leave = QPushButton("Back"), QPushButton("Next"), QPushButton("Close")
        self._dress()
        buttons = QHBoxLayout()
        buttons.addWidget(self.count, 1)
        for button in (self.leave, self.back, self.forward):
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 10)
        column.setSpacing(8)
        for label in (self.title, self.text):
            column.addWidget(label)
        column.addLayout(buttons)
        self._turns: dict[int, QPushButton] = {
            Qt.Key.Key_Right: self.forward,
            Qt.Key.Key_Left: self.back,
            Qt.Key.Key_Escape: self.leave,
        }
        for button in self._turns.values():
            button.installEventFilter(self)
        self.forward.clicked.connect(self.next_requested)
        self.back.clicked.connect(self.back_requested)
        self.leave.clicked.connect(self.ended)
        self.hide()

    def show_step(self, number: int, count: int, title: str, text: str, place: Callable[[], QRect]) -> None:
        """Show a step (from 1); ``place()`` is where in the window that is which it is about."""
        self._place = place
        self.title.setText(title)
        self.text.setText(text)
        self.count.setText(f"{number} of {count}")
        self.back.setEnabled(number > 1)
        self.forward.setText("Done" if number == count else "Next")
        self.setAccessibleName(f"Tour, step {number} of {count}: {title}")
        self.setAccessibleDescription(text)
        self.forward.setAccessibleDescription(f"{title}. {text}")
        if not self.isVisible():
            self._window.installEventFilter(self)
        self._ring.show()
        self.show()
        self._arrange()
        self.forward.setFocus(Qt.FocusReason.OtherFocusReason)

    def withdraw(self) -> None:
        """Go, frame and all; the keyboard goes back to the window."""
        held = self.isAncestorOf(QApplication.focusWidget())
        self._window.removeEventFilter(self)
        self._ring.hide()
        self.hide()
        if held:
            self._window.setFocus(Qt.FocusReason.OtherFocusReason)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Follow the window when it changes its size or its docks; keys turn the pages whichever button has them."""
        if watched is self._window:
            if event is not None and event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
                self._arrange()
        elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() in self._turns:
            button = self._turns[event.key()]
            if button.isEnabled():
                button.click()
            return True
        return super().eventFilter(watched, event)

    def _arrange(self) -> None:
        """The frame around what is meant, the bubble where there is room: right, left, above, below, else over it."""
        target, room = self._place(), self._window.rect()
        self._ring.setGeometry(target.adjusted(-RING, -RING, RING, RING).intersected(room))
        self.setFixedWidth(WIDTH)
        self.setFixedHeight(self.heightForWidth(WIDTH))
        width, height = self.width(), self.height()
        top = min(max(target.top(), GAP), room.height() - height - GAP)
        left = min(max(target.center().x() - width // 2, GAP), room.width() - width - GAP)
        places = (
            QPoint(target.right() + GAP, top),
            QPoint(target.left() - width - GAP, top),
            QPoint(left, target.top() - height - GAP),
            QPoint(left, target.bottom() + GAP),
        )
        fitting = (place for place in places if room.contains(QRect(place, self.size())))
        self.move(next(fitting, target.center() - self.rect().center()))
        for widget in (self._ring, self):
            widget.raise_()

    def _dress(self) -> None:
        self.setObjectName("tour")
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.ToolTipBase)
        self.setFrameShape(QFrame.Shape.Panel)
        font = self.title.font()
        font.setBold(True)
        self.title.setFont(font)
        self.text.setWordWrap(True)
        self.count.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        for button, tip in (
            (self.back, "The step before (Left)"),
            (self.forward, "The next step (Right)"),
            (self.leave, "End the tour (Esc); Help > Tour begins it again"),
        ):
            button.setToolTip(tip)
            button.setAutoDefault(True)


class _Ring(QWidget):
    """The frame around what is meant; the mouse goes through it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """A line in the colour of what is selected."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), RING))
        inset = RING // 2 + 1
        painter.drawRoundedRect(self.rect().adjusted(inset, inset, -inset, -inset), 4, 4)
        painter.end()
