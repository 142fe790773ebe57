"""Tools that draw regions of interest on the image: each hands on a part when it is finished."""

from collections.abc import Callable

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QColor, QKeyEvent, QPainter, QPen, QPolygonF

from hadviewer.core.cube import Window
from hadviewer.core.region import Corner, Part, Patch, Points, Polygon, rectangle, stroke
from hadviewer.gui.views.image_view import ImageView
from hadviewer.gui.views.mapping import Pixel, SceneMapping
from hadviewer.gui.views.tools import Tool, Touch

Draw = Callable[[Part, bool], None]
_DARK, _LIGHT = QColor(0, 0, 0, 160), QColor(255, 255, 255)
_ERASING = QColor("#ff6b60")
_ENDING = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Backspace)


class RegionTool(Tool):
    """What drawing tools share: ``draw(part, erase)`` gets what was drawn, Shift erases, Esc gives up, then leaves."""

    def __init__(self, draw: Draw, leave: Callable[[], None]) -> None:
        self._draw, self._leave = draw, leave
        self._erasing = False

    @property
    def busy(self) -> bool:
        """Whether something is half drawn."""
        return False

    def wants(self, key: int) -> bool:
        """Esc is the tool's."""
        return key == Qt.Key.Key_Escape

    def key(self, view: ImageView, event: QKeyEvent) -> None:
        """Give up what is half drawn, else lay the tool down."""
        if self.busy:
            self.cancel(view)
            view.update()
        else:
            self._leave()

    def _finish(self, view: ImageView, part: Part) -> None:
        erasing = self._erasing
        self.cancel(view)
        view.update()
        self._draw(part, erasing)

    def _pen(self, painter: QPainter) -> tuple[QPen, QPen]:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        return QPen(_DARK, 3.0), QPen(_ERASING if self._erasing else _LIGHT, 1.2)


class RectangleTool(RegionTool):
    """Drag from corner to corner; whole pixels count."""

    def __init__(self, draw: Draw, leave: Callable[[], None]) -> None:
        super().__init__(draw, leave)
        self._ends: tuple[Corner, Corner] | None = None

    @property
    def busy(self) -> bool:
        return self._ends is not None

    def click(self, view: ImageView, touch: Touch) -> None:
        """A rectangle of one pixel."""
        self._erasing = _shift(touch)
        self._ends = (touch.place, touch.place)
        self.end(view, touch)

    def begin(self, view: ImageView, touch: Touch) -> None:
        """The first corner."""
        self._erasing = _shift(touch)
        self._ends = (touch.place, touch.place)

    def drag(self, view: ImageView, touch: Touch) -> None:
        """The other corner follows."""
        if self._ends is not None:
            self._ends = (self._ends[0], touch.place)
            view.update()

    def end(self, view: ImageView, touch: Touch) -> None:
        """It is done."""
        mapping = view.mapping
        window = None if mapping is None else self._window(mapping.shape)
        if window is None:
            self.cancel(view)
        else:
            self._finish(view, rectangle(window))

    def cancel(self, view: ImageView) -> None:
        """Forget the corners."""
        self._ends = None

    def paint(self, painter: QPainter, mapping: SceneMapping) -> None:
        """The pixels it will hold."""
        window = self._window(mapping.shape)
        if window is not None:
            box = QRectF(mapping.to_screen(window.row0, window.col0), mapping.to_screen(window.row1, window.col1))
            for pen in self._pen(painter):
                painter.setPen(pen)
                painter.drawRect(box)

    def _window(self, shape: tuple[int, int]) -> Window | None:
        if self._ends is None:
            return None
        (row0, col0), (row1, col1) = self._ends
        window = Window(
            max(0, int(min(row0, row1) // 1)),
            min(shape[0], int(max(row0, row1) // 1) + 1),
            max(0, int(min(col0, col1) // 1)),
            min(shape[1], int(max(col0, col1) // 1) + 1),
        )
        return window if min(window.shape) > 0 else None


class PolygonTool(RegionTool):
    """Click corner after corner, or drag along an edge; double click or Enter closes it, Backspace takes one back."""

    def __init__(self, draw: Draw, leave: Callable[[], None]) -> None:
        super().__init__(draw, leave)
        self._corners: list[Corner] = []
        self._cursor: Corner | None = None

    @property
    def busy(self) -> bool:
        return bool(self._corners)

    def click(self, view: ImageView, touch: Touch) -> None:
        """One more corner."""
        if not self._corners:
            self._erasing = _shift(touch)
        self._corners.append(touch.place)
        view.update()

    def double_click(self, view: ImageView, touch: Touch) -> None:
        """The corner of the first click was the last."""
        self._close(view)

    def begin(self, view: ImageView, touch: Touch) -> None:
        """Draw freely from here."""
        self.click(view, touch)

    def drag(self, view: ImageView, touch: Touch) -> None:
        """A corner wherever the mouse passes."""
        self._corners.append(touch.place)
        self.hover(view, touch)

    def hover(self, view: ImageView, touch: Touch) -> None:
        """The edge to come follows the mouse."""
        self._cursor = touch.place
        if self._corners:
            view.update()

    def wants(self, key: int) -> bool:
        """Enter and Backspace too, while there are corners."""
        return super().wants(key) or (self.busy and key in _ENDING)

    def key(self, view: ImageView, event: QKeyEvent) -> None:
        """Close it, take a corner back, or give up."""
        if event.key() == Qt.Key.Key_Backspace:
            self._corners.pop()
            view.update()
        elif event.key() == Qt.Key.Key_Escape:
            super().key(view, event)
        else:
            self._close(view)

    def cancel(self, view: ImageView) -> None:
        """Forget the corners."""
        self._corners = []

    def paint(self, painter: QPainter, mapping: SceneMapping) -> None:
        """The edges so far, and the one to come."""
        corners = [*self._corners, *([self._cursor] if self._corners and self._cursor else [])]
        line = QPolygonF([mapping.to_screen(*corner) for corner in corners])
        for pen in self._pen(painter):
            painter.setPen(pen)
            painter.drawPolyline(line)
            if self._corners:
                painter.drawEllipse(mapping.to_screen(*self._corners[0]), 3.0, 3.0)

    def _close(self, view: ImageView) -> None:
        corners = tuple(dict.fromkeys(self._corners))
        if len(corners) >= 3:
            self._finish(view, Polygon((corners,)))


class BrushTool(RegionTool):
    """Paint with a round brush; ``diameter()`` is its width in pixels."""

    def __init__(self, draw: Draw, leave: Callable[[], None], diameter: Callable[[], float]) -> None:
        super().__init__(draw, leave)
        self._diameter = diameter
        self._places: list[Corner] = []
        self._cursor: Corner | None = None

    @property
    def busy(self) -> bool:
        return bool(self._places)

    def click(self, view: ImageView, touch: Touch) -> None:
        """One dab."""
        self.begin(view, touch)
        self.end(view, touch)

    def begin(self, view: ImageView, touch: Touch) -> None:
        """Set the brush down."""
        self._erasing = _shift(touch)
        self._places = [touch.place]

    def drag(self, view: ImageView, touch: Touch) -> None:
        """Paint on."""
        if self._places:
            self._places.append(touch.place)
        self.hover(view, touch)

    def end(self, view: ImageView, touch: Touch) -> None:
        """Lift it: the stroke is done."""
        if self._places:
            self._finish(view, Patch(stroke(self._places, self._diameter())))

    def hover(self, view: ImageView, touch: Touch) -> None:
        """The brush is seen before it paints."""
        self._cursor = touch.place
        view.update()

    def cancel(self, view: ImageView) -> None:
        """Forget the stroke."""
        self._places = []

    def paint(self, painter: QPainter, mapping: SceneMapping) -> None:
        """The stroke under way and the brush."""
        width = self._diameter() * mapping.scale
        if len(self._places) > 1:
            colour = QColor(_ERASING if self._erasing else _LIGHT)
            colour.setAlpha(120)
            style = Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
            painter.setPen(QPen(colour, max(width, 1.0), Qt.PenStyle.SolidLine, *style))
            painter.drawPolyline(QPolygonF([mapping.to_screen(*place) for place in self._places]))
        if self._cursor is not None:
            for pen in self._pen(painter):
                painter.setPen(pen)
                painter.drawEllipse(mapping.to_screen(*self._cursor), width / 2, width / 2)


class PointsTool(RegionTool):
    """Click single pixels; dragging takes all on the way."""

    def __init__(self, draw: Draw, leave: Callable[[], None]) -> None:
        super().__init__(draw, leave)
        self._pixels: dict[Pixel, None] = {}

    @property
    def busy(self) -> bool:
        return bool(self._pixels)

    def click(self, view: ImageView, touch: Touch) -> None:
        """One pixel."""
        self.begin(view, touch)
        self.end(view, touch)

    def begin(self, view: ImageView, touch: Touch) -> None:
        """The first pixel."""
        self._erasing = _shift(touch)
        self.drag(view, touch)

    def drag(self, view: ImageView, touch: Touch) -> None:
        """One more."""
        if touch.pixel is not None:
            self._pixels[touch.pixel] = None
            view.update()

    def end(self, view: ImageView, touch: Touch) -> None:
        """They are done."""
        if self._pixels:
            self._finish(view, Points(tuple(self._pixels)))

    def cancel(self, view: ImageView) -> None:
        """Forget them."""
        self._pixels = {}

    def paint(self, painter: QPainter, mapping: SceneMapping) -> None:
        """The pixels so far."""
        for pen in self._pen(painter):
            painter.setPen(pen)
            for row, col in self._pixels:
                corners = mapping.to_screen(row, col), mapping.to_screen(row + 1, col + 1)
                painter.drawRect(QRectF(*corners))


class GrowTool(RegionTool):
    """Click the pixel from which a region is to grow."""

    def __init__(self, grow: Callable[[Pixel, bool], None], leave: Callable[[], None]) -> None:
        super().__init__(lambda part, erase: None, leave)
        self._grow = grow

    def click(self, view: ImageView, touch: Touch) -> None:
        """Grow from here."""
        if touch.pixel is not None:
            self._grow(touch.pixel, _shift(touch))


def _shift(touch: Touch) -> bool:
    return bool(touch.keys & Qt.KeyboardModifier.ShiftModifier)
