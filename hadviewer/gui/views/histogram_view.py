"""How the values of a channel are distributed, with the two limits of its stretch to take hold of."""

import numpy as np
from PyQt6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPolygonF,
)
from PyQt6.QtWidgets import QSizePolicy, QWidget

from hadviewer.render.stretch import Histogram, Limits

HEIGHT = 34
REACH = 12.0
"""Points within which a press takes hold of a handle; further away it moves the nearer one to the mouse."""
GRIP = 5.0
STEP, FAR = 0.005, 0.05
"""Shares of the width that an arrow key moves a handle, without and with Shift."""
OUTSIDE_ALPHA = 120
_KEYS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class HistogramView(QWidget):
    """Bars of one channel between two handles: what lies left of one is darkest, right of the other brightest.

    Drag a handle; or choose one with Up and Down and move it with Left and Right, with Shift further. Esc takes a drag
    back.

    Signals: ``limits_dragged(low, high)`` while a handle moves; ``drag_ended()`` when it was let go;
    ``drag_cancelled()`` when it is to go back.
    """

    limits_dragged = pyqtSignal(float, float)
    drag_ended = pyqtSignal()
    drag_cancelled = pyqtSignal()

    def __init__(self, name: str, colour: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colour = colour
        self._histogram: Histogram | None = None
        self._limits: Limits = (0.0, 1.0)
        self._chosen = 0
        self._held = False
        self._offset = 0.0
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(name)
        tip = "Drag a line: left of the first is darkest, right of the second brightest. Esc takes the drag back."
        self.setToolTip(f"{name}. {tip}")
        self.setAccessibleDescription(f"{tip} Up and Down choose a line, Left and Right move it, with Shift further")

    def show_histogram(self, histogram: Histogram | None) -> None:
        """Show this distribution, or none. While a handle is held the present one stays, so that nothing slips away."""
        if not self._held:
            self._histogram = histogram
            self.update()

    def show_limits(self, limits: Limits) -> None:
        """Put the handles at these values; while one is held they stay with the mouse."""
        if not self._held:
            self._limits = limits
            self.update()

    def set_colour(self, colour: str) -> None:
        """Draw the bars in a colour (#rrggbb); '' is grey."""
        self._colour = colour
        self.update()

    @property
    def limits(self) -> Limits:
        """The values at the handles."""
        return self._limits

    def place_of(self, value: float) -> float:
        """Where a value lies across the widget, at its edges if beyond."""
        found = self._histogram
        if found is None or found.high == found.low:
            return 0.0
        share = (value - found.low) / (found.high - found.low)
        return min(max(share, 0.0), 1.0) * (self.width() - 1)

    def value_at(self, place: float) -> float:
        """The value at a place across the widget."""
        found = self._histogram
        if found is None:
            return 0.0
        share = min(max(place / max(1, self.width() - 1), 0.0), 1.0)
        return found.low + share * (found.high - found.low)

    def sizeHint(self) -> QSize:
        """Called by Qt."""
        return QSize(180, HEIGHT)

    # Mouse and keys

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Take hold of the nearer handle."""
        if event is None or event.button() != Qt.MouseButton.LeftButton or self._histogram is None:
            return
        x = event.position().x()
        gaps = [abs(self.place_of(limit) - x) for limit in self._limits]
        # Where both lie on one another, the side on which the mouse is decides.
        self._chosen = int(x > self.place_of(self._limits[0])) if gaps[0] == gaps[1] else int(gaps[1] < gaps[0])
        self._held = True
        near = gaps[self._chosen] <= REACH
        self._offset = self.place_of(self._limits[self._chosen]) - x if near else 0.0
        if not near:
            self._move_to(x)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Move the handle along."""
        if event is not None and self._held:
            self._move_to(event.position().x() + self._offset)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """Let go."""
        if event is not None and self._held and event.button() == Qt.MouseButton.LeftButton:
            self._held = False
            self.drag_ended.emit()

    def event(self, event: QEvent | None) -> bool:
        """The arrows and, while dragging, Esc belong to the handles and to no menu."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            arrows = (*_KEYS, Qt.Key.Key_Up, Qt.Key.Key_Down)
            if event.key() in arrows or (self._held and event.key() == Qt.Key.Key_Escape):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Up and Down choose a handle, Left and Right move it, Esc takes a drag back."""
        if event is None:
            return
        key = event.key()
        if key == Qt.Key.Key_Escape and self._held:
            self._held = False
            self.drag_cancelled.emit()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._chosen = 1 - self._chosen
            self.update()
        elif key in _KEYS and self._histogram is not None:
            share = FAR if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else STEP
            width = self._histogram.high - self._histogram.low
            self._set(self._limits[self._chosen] + _KEYS[Qt.Key(key)] * share * width)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        """What the keys moved is one step; what comes next is another."""
        super().focusOutEvent(event)
        self.drag_ended.emit()

    def _move_to(self, place: float) -> None:
        self._set(self.value_at(place))

    def _set(self, value: float) -> None:
        """Move the chosen handle, never past the other."""
        low, high = self._limits
        limits = (min(value, high), high) if self._chosen == 0 else (low, max(value, low))
        if limits != self._limits and limits[0] < limits[1]:
            self._limits = limits
            self.update()
            self.limits_dragged.emit(*limits)

    # Painting

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Called by Qt."""
        painter = QPainter(self)
        palette = self.palette()
        painter.fillRect(self.rect(), palette.color(QPalette.ColorRole.Base))
        if self._histogram is not None and self.isEnabled():
            self._paint_bars(painter, self._histogram)
            self._paint_handles(painter)
        focus = QPalette.ColorRole.Highlight if self.hasFocus() else QPalette.ColorRole.Mid
        painter.setPen(palette.color(focus))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _paint_bars(self, painter: QPainter, found: Histogram) -> None:
        """The distribution, by the root of the counts, so that thin tails are seen."""
        heights = np.sqrt(found.counts / max(1, int(found.counts.max(initial=0))))
        width, bottom = self.width() / len(heights), float(self.height() - 1)
        outline = [QPointF(0, bottom)]
        for number, height in enumerate((bottom - heights * (bottom - 3)).tolist()):
            outline += [QPointF(number * width, height), QPointF((number + 1) * width, height)]
        outline.append(QPointF(self.width(), bottom))
        colour = QColor(self._colour) if self._colour else self.palette().color(QPalette.ColorRole.PlaceholderText)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPolygon(QPolygonF(outline))
        beyond = self.palette().color(QPalette.ColorRole.Base)
        beyond.setAlpha(OUTSIDE_ALPHA)
        low, high = (self.place_of(limit) for limit in sorted(self._limits))
        painter.fillRect(QRectF(0, 0, low, bottom), beyond)
        painter.fillRect(QRectF(high, 0, self.width() - high, bottom), beyond)

    def _paint_handles(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, limit in enumerate(self._limits):
            chosen = number == self._chosen and (self.hasFocus() or self._held)
            role = QPalette.ColorRole.Highlight if chosen else QPalette.ColorRole.Text
            colour = self.palette().color(role)
            x = min(max(self.place_of(limit), 1.5), self.width() - 2.5)
            painter.setPen(QPen(colour, 2.0))
            painter.drawLine(QLineF(x, 0, x, self.height()))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            bottom = float(self.height())
            grip = (QPointF(x - GRIP, bottom), QPointF(x + GRIP, bottom), QPointF(x, bottom - 1.6 * GRIP))
            painter.drawPolygon(QPolygonF(grip))
