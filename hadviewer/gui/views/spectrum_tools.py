"""What the mouse does for spectra: browse, collect, draw the line of a profile."""

from collections.abc import Iterable
from typing import Protocol

from psygnal import Signal
from PyQt6.QtCore import QLineF, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QKeyEvent, QPainter, QPen

from hadviewer.core.cube import Window
from hadviewer.engine.profiles import ProfileLine
from hadviewer.gui.views.image_view import ImageView
from hadviewer.gui.views.mapping import Pixel, SceneMapping
from hadviewer.gui.views.tools import Overlay, PanTool, SelectTool, Tool, Touch

GRIP = 9.0
"""So near to its end, in points, a line is taken hold of there."""
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_HALO, _LINE = QColor(0, 0, 0, 160), QColor("#ffd54a")


class OverlayHolder(Protocol):
    """The image, or several views of it."""

    def add_overlay(self, overlay: Overlay) -> None: ...
    def update(self) -> None: ...


class Collecting(Tool):
    """Mixed into a tool: with Shift, a click collects a pixel and a drag all pixels on its way.

    Signals: ``collected(pixels)``; ``path_ended()`` after the last pixels of a drag, or a click.
    """

    collected = Signal(list)
    path_ended = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._at: Pixel | None = None
        self._collecting = False

    def click(self, view: ImageView, touch: Touch) -> None:
        """Collect the pixel, or what the tool does."""
        if not _shift(touch):
            super().click(view, touch)
        elif touch.pixel is not None:
            self.collected.emit([touch.pixel])
            self.path_ended.emit()

    def begin(self, view: ImageView, touch: Touch) -> None:
        """Begin to collect, or what the tool does."""
        self._collecting, self._at = _shift(touch), touch.pixel
        if not self._collecting:
            super().begin(view, touch)
        elif touch.pixel is not None:
            self.collected.emit([touch.pixel])

    def drag(self, view: ImageView, touch: Touch) -> None:
        """Collect every pixel between the last place and this one, however fast the mouse was."""
        if not self._collecting:
            super().drag(view, touch)
        elif touch.pixel is not None and touch.pixel != self._at:
            rows, cols = ProfileLine(self._at or touch.pixel, touch.pixel).pixels()
            first = 0 if self._at is None else 1
            self.collected.emit(list(zip(rows.tolist(), cols.tolist(), strict=True))[first:])
            self._at = touch.pixel
            view.hover(touch.pixel)

    def end(self, view: ImageView, touch: Touch) -> None:
        """The path, or the drag, is over."""
        if self._collecting:
            self._collecting = False
            self.path_ended.emit()
        else:
            super().end(view, touch)

    def cancel(self, view: ImageView) -> None:
        """Collect no more."""
        self._collecting = False
        super().cancel(view)


class BrowseTool(Collecting, SelectTool):
    """The arrow: a click puts the crosshair, a drag takes it along, Shift collects."""


class HandTool(Collecting, PanTool):
    """The hand: a drag moves the scene, a click puts the crosshair, Shift collects."""


class LineTool(Tool):
    """Draws the line of a profile from where the button goes down; an end of the line there is can be moved.

    By keyboard: Enter at the crosshair begins, Enter elsewhere ends.

    Signals: ``drawn(ProfileLine or None)`` while it is drawn, None when Esc takes it away; ``finished()``.
    """

    drawn = Signal(object)
    finished = Signal()

    def __init__(self) -> None:
        self._line: ProfileLine | None = None
        self._fixed: Pixel | None = None

    def hold(self, line: ProfileLine | None) -> None:
        """This is the line there is now."""
        self._line = line

    def begin(self, view: ImageView, touch: Touch) -> None:
        """Take hold of an end, or begin a line."""
        self._fixed = self._other_end(view, touch.position) or touch.pixel

    def drag(self, view: ImageView, touch: Touch) -> None:
        """The free end follows the mouse."""
        mapping = view.mapping
        if self._fixed is not None and mapping is not None:
            row, col = (
                min(max(int(place), 0), size - 1) for place, size in zip(touch.place, mapping.shape, strict=True)
            )
            self.drawn.emit(ProfileLine(self._fixed, (row, col)))

    def end(self, view: ImageView, touch: Touch) -> None:
        """The line stays."""
        self._fixed = None
        self.finished.emit()

    def cancel(self, view: ImageView) -> None:
        """Forget the end that was held."""
        self._fixed = None

    def click(self, view: ImageView, touch: Touch) -> None:
        """A click looks at a pixel, as with any tool."""
        view.click(touch.pixel)

    def wants(self, key: int) -> bool:
        """Enter begins or ends a line, Esc takes it away."""
        return key in _ENTER or (key == Qt.Key.Key_Escape and self._line is not None)

    def key(self, view: ImageView, event: QKeyEvent) -> None:
        """Begin or end at the crosshair, or take the line away."""
        start, self._fixed = self._fixed, None
        if event.key() == Qt.Key.Key_Escape:
            self.drawn.emit(None)
        elif view.crosshair is None:
            return
        elif start is None:
            self._fixed = view.crosshair
            return
        else:
            self.drawn.emit(ProfileLine(start, view.crosshair))
        self.finished.emit()

    def _other_end(self, view: ImageView, position: QPointF) -> Pixel | None:
        """The end that stays when the line is taken hold of at the other one."""
        if self._line is None or view.mapping is None:
            return None
        for held, other in ((self._line.start, self._line.end), (self._line.end, self._line.start)):
            if QLineF(view.mapping.middle_of(*held), position).length() <= GRIP:
                return other
        return None


class LineOverlay:
    """The line of a profile over the image, its start marked by a ring and its end by a disc."""

    def __init__(self, view: "OverlayHolder") -> None:
        self._view = view
        self._line: ProfileLine | None = None
        self._place: Pixel | None = None
        view.add_overlay(self)

    def show_line(self, line: ProfileLine | None) -> None:
        """Paint this line, or none."""
        self._line = line
        self._view.update()

    def show_place(self, pixel: Pixel | None) -> None:
        """Mark the pixel that the profile is pointed at, or none."""
        self._place = pixel
        self._view.update()

    def paint(self, painter: QPainter, mapping: SceneMapping) -> None:
        """Paint what there is of it."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._line is not None:
            ends = QLineF(mapping.middle_of(*self._line.start), mapping.middle_of(*self._line.end))
            for pen in (QPen(_HALO, 4.0), QPen(_LINE, 1.8)):
                painter.setPen(pen)
                painter.drawLine(ends)
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawEllipse(ends.p1(), 4.0, 4.0)
                painter.setBrush(_LINE)
                painter.drawEllipse(ends.p2(), 3.0, 3.0)
        if self._place is not None:
            painter.setPen(QPen(_HALO, 1.0))
            painter.setBrush(_LINE)
            painter.drawEllipse(mapping.middle_of(*self._place), 4.5, 4.5)


class WindowsOverlay:
    """The windows whose means are shown: a box around the pixels of each, in the colour of its curve."""

    def __init__(self, view: OverlayHolder) -> None:
        self._view = view
        self._boxes: tuple[tuple[Window, str], ...] = ()
        view.add_overlay(self)

    def show(self, boxes: Iterable[tuple[Pixel, tuple[int, int], str]]) -> None:
        """Paint these: the pixel in the middle, full width (rows, cols), colour; one pixel needs no box."""
        self._boxes = tuple(
            (Window(row - tall // 2, row + tall // 2 + 1, col - wide // 2, col + wide // 2 + 1), colour)
            for (row, col), (tall, wide), colour in boxes
            if (tall, wide) != (1, 1)
        )
        self._view.update()

    def paint(self, painter: QPainter, mapping: SceneMapping) -> None:
        """Paint every box."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for window, colour in self._boxes:
            box = QRectF(mapping.to_screen(window.row0, window.col0), mapping.to_screen(window.row1, window.col1))
            for pen in (QPen(_HALO, 3.0), QPen(QColor(colour), 1.2)):
                painter.setPen(pen)
                painter.drawRect(box)


def _shift(touch: Touch) -> bool:
    return bool(touch.keys & Qt.KeyboardModifier.ShiftModifier)
