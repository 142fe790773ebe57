"""Comparing layers on the image: the clock of the flicker, the divider of the swipe, and what is seen where."""

from collections.abc import Callable, Sequence

from PyQt6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen, QWheelEvent
from PyQt6.QtWidgets import QAbstractSlider, QApplication, QWidget

from hadviewer.gui.views.image_view import ImageView
from hadviewer.gui.views.mapping import SceneMapping
from hadviewer.gui.views.view_grid import ViewGrid

HOLD_MS = 400
"""A key held longer than this flickers only until it is let go."""
STEPS = 1000
_WIDTH, _GRIP = 15, 44
_KEYS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Escape)


class ComparisonView(QObject):
    """Shows a comparison on the active view of a grid; ``keys()`` are those that may be held down for a flicker.

    Signals: ``beat()`` as often as layers are to change places; ``released()`` when a key held down was let go;
    ``ended()`` after Esc on the divider.
    """

    beat = pyqtSignal()
    released = pyqtSignal()
    ended = pyqtSignal()

    def __init__(self, grid: ViewGrid, keys: Callable[[], Sequence[int]]) -> None:
        super().__init__(grid)
        self._grid, self._keys = grid, keys
        self._view: ImageView | None = None
        self._captions = Captions(grid)
        self.divider: Divider | None = None
        self._place = STEPS // 2
        self.clock, self.hold = QTimer(self), QTimer(self)
        self.clock.timeout.connect(self.beat)
        self.hold.setSingleShot(True)
        self.hold.setInterval(HOLD_MS)
        self.hold.timeout.connect(self._held)
        self._long = False

    def start_clock(self, rate: float) -> None:
        """Beat ``rate`` times a second, until stopped; from now the key may be held."""
        if not self.clock.isActive():
            self._long = False
            self.hold.start()
            application = QApplication.instance()
            assert application is not None
            application.installEventFilter(self)
        self.clock.start(round(1000 / rate))

    def stop_clock(self) -> None:
        """Beat no more."""
        application = QApplication.instance()
        assert application is not None
        application.removeEventFilter(self)
        self.clock.stop()
        self.hold.stop()

    def show(self, left: str, right: str, *, divided: bool) -> None:
        """Say what is seen, on both sides of a divider or all over (``left``), on the view that is active now."""
        if self._view is not self._grid.active or divided != (self.divider is not None):
            self.clear()
            self._view = self._grid.active
            self._view.add_overlay(self._captions)
            if divided:
                self.divider = Divider(self._view, self._place)
                self.divider.valueChanged.connect(self._move)
                self.divider.ended.connect(self.ended)
                self.divider.show()
                self._move(self._place)
        self._captions.left, self._captions.right = left, right
        self._view.update()

    def clear(self) -> None:
        """Show no comparison."""
        if self._view is None:
            return
        self._view.remove_overlay(self._captions)
        self._view.set_curtain(None)
        self._view = self._captions.place = None
        if self.divider is not None:
            self.divider.hide()
            self.divider.deleteLater()
            self.divider = None

    def focus_divider(self) -> None:
        """Let the arrow keys move the divider."""
        if self.divider is not None:
            self.divider.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _move(self, value: int) -> None:
        self._place = value
        if self._view is not None:
            self._captions.place = value / STEPS
            self._view.set_curtain(self._captions.place)

    def _held(self) -> None:
        self._long = True

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """The key was let go: if it was held for long, that is the end."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyRelease or event.isAutoRepeat():
            return False
        if event.key() in self._keys():
            self.hold.stop()
            if self._long:
                self._long = False
                self.released.emit()
        return False


class Divider(QAbstractSlider):
    """The line between the two sides: dragged with the mouse, moved with the arrow keys, taken away with Esc.

    Signals: ``ended()``.
    """

    ended = pyqtSignal()

    def __init__(self, view: ImageView, place: int) -> None:
        super().__init__(view)
        self._view = view
        self.setRange(0, STEPS)
        self.setSingleStep(STEPS // 100)
        self.setPageStep(STEPS // 10)
        self.setValue(place)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.SplitHCursor)
        self.setAccessibleName("Swipe divider")
        self.setToolTip("Drag to uncover one side or the other; the arrow keys move it too, Esc takes it away")
        self.valueChanged.connect(self._follow)
        view.view_changed.connect(self._follow)
        view.installEventFilter(self)
        self._follow()

    def _follow(self) -> None:
        """Stand where the value says."""
        mapping = self._view.mapping
        if mapping is not None:
            x = mapping.area.left() + self.value() / STEPS * mapping.area.width()
            self.setGeometry(round(x - _WIDTH / 2), 0, _WIDTH, self._view.height())
            self.update()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Take hold of it."""
        assert event is not None
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Drag it along."""
        assert event is not None
        mapping = self._view.mapping
        if mapping is not None and event.buttons() & Qt.MouseButton.LeftButton:
            x = self.mapToParent(event.position().toPoint()).x() - mapping.area.left()
            self.setValue(round(STEPS * x / mapping.area.width()))

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """The wheel zooms the image, also here."""
        assert event is not None
        event.ignore()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Esc takes it away; the others are a slider's."""
        assert event is not None
        if event.key() == Qt.Key.Key_Escape:
            self.ended.emit()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent | None) -> bool:
        """Its keys belong to no menu."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and event.key() in _KEYS:
            event.accept()
            return True
        return super().event(event)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Follow the view's size."""
        if event is not None and event.type() == QEvent.Type.Resize:
            self._follow()
        return False

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """A line with a grip; in the colour of the selection while keys move it."""
        painter = QPainter(self)
        palette = self.palette()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.width() / 2
        for pen in (QPen(QColor(0, 0, 0, 150), 3.0), QPen(QColor(255, 255, 255), 1.4)):
            painter.setPen(pen)
            painter.drawLine(QPointF(middle, 0), QPointF(middle, self.height()))
        role = QPalette.ColorRole.Highlight if self.hasFocus() else QPalette.ColorRole.Window
        grip = QRectF(1, self.height() / 2 - _GRIP / 2, self.width() - 2, _GRIP)
        painter.setBrush(palette.color(role))
        painter.setPen(QPen(QColor(0, 0, 0, 150), 1.0))
        painter.drawRoundedRect(grip, 5, 5)
        text = QPalette.ColorRole.HighlightedText if self.hasFocus() else QPalette.ColorRole.WindowText
        painter.setPen(QPen(palette.color(text), 1.2))
        for offset in (-2.0, 2.0):
            painter.drawLine(QPointF(middle + offset, grip.top() + 13), QPointF(middle + offset, grip.bottom() - 13))
        painter.end()


class Captions:
    """What is seen, at the foot of the image: on both sides of the divider, or all over."""

    def __init__(self, widget: QWidget) -> None:
        self._widget = widget
        self.left = self.right = ""
        self.place: float | None = None

    def paint(self, painter: QPainter, mapping: SceneMapping) -> None:
        """Paint the names on plates."""
        area = mapping.area
        if self.place is None:
            self._paint_plate(painter, self.left, area, area.center().x(), 0.5)
            return
        middle = area.left() + self.place * area.width()
        left = QRectF(area.left(), area.top(), middle - area.left(), area.height())
        right = QRectF(middle, area.top(), area.right() - middle, area.height())
        self._paint_plate(painter, self.left, left, middle - 12, 1.0)
        self._paint_plate(painter, self.right, right, middle + 12, 0.0)

    def _paint_plate(self, painter: QPainter, text: str, room: QRectF, x: float, anchor: float) -> None:
        """A line of text whose plate has its ``anchor`` (0 left, 1 right) at ``x``; nothing where there is no room."""
        metrics, palette = painter.fontMetrics(), self._widget.palette()
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(room.width() - 32))
        width = metrics.horizontalAdvance(shown) + 14
        if not shown or width > room.width() - 12:
            return
        plate = QRectF(x - anchor * width, room.bottom() - metrics.height() - 14, width, metrics.height() + 6)
        ground = palette.color(QPalette.ColorRole.Window)
        ground.setAlpha(225)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(plate, 4, 4)
        painter.setPen(palette.color(QPalette.ColorRole.WindowText))
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, shown)
