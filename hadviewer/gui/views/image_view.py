"""The image with its layers, marks and crosshair; zoom and pan. The only place that knows x and y."""

from collections.abc import Sequence

from PyQt6.QtCore import QEvent, QPointF, QRectF, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import (
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QWheelEvent,
)
from PyQt6.QtWidgets import QApplication, QSizePolicy, QWidget

from hadviewer.gui.views._colour_bar import ColourBar
from hadviewer.gui.views._marks import paint_crosshair, paint_marker
from hadviewer.gui.views._picture_painter import PicturePainter
from hadviewer.gui.views.data import ColourScale, LayerPicture, Marker
from hadviewer.render.pyramid import Picture

Pixel = tuple[int, int]

MARGIN = 8
ZOOM_STEP = 1.25
LARGEST_PIXEL = 128.0
"""Screen pixels per scene pixel at the strongest zoom."""
BUSY_AFTER_MS = 150
_ARROWS = {
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
}
_ON_CROSSHAIR = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)


class ImageView(QWidget):
    """The scene: wheel zooms at the cursor, dragging pans, a click sets the crosshair, Shift with an arrow moves it.

    Signals: ``pixel_hovered((row, col) or None)`` under the cursor, or where arrow keys moved the crosshair;
    ``pixel_clicked(row, col)`` after a click without movement, or Enter on the crosshair; ``view_changed()`` after zoom
    or pan; ``zoom_changed(percent)`` of screen pixels per scene pixel.
    """

    pixel_hovered = pyqtSignal(object)
    pixel_clicked = pyqtSignal(int, int)
    view_changed = pyqtSignal()
    zoom_changed = pyqtSignal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shape: tuple[int, int] | None = None
        self._image: PicturePainter | None = None
        self._layers: list[tuple[PicturePainter, float]] = []
        self._markers: tuple[Marker, ...] = ()
        self._crosshair: Pixel | None = None
        self._hovered: Pixel | None = None
        self._scale = 1.0
        self._centre = (0.0, 0.0)
        self._fitted = True
        self._pressed: QPointF | None = None
        self._panned_from: QPointF | None = None
        self._bar = ColourBar(self)
        self._busy = QTimer(self)
        self._busy.setSingleShot(True)
        self._busy.setInterval(BUSY_AFTER_MS)
        self._busy.timeout.connect(self._show_busy)
        self._slow = False
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.setMinimumSize(160, 120)
        self.setAccessibleName("Image")
        self.setAccessibleDescription(
            "The wheel zooms, dragging pans, a click keeps a spectrum; Shift with an arrow key "
            "moves the crosshair, with Ctrl as well by ten"
        )

    # What is shown

    def set_scene(self, shape: tuple[int, int] | None) -> None:
        """Make room for a scene of (rows, cols), or show the invitation to open one (None)."""
        self._shape = shape
        self._image, self._layers, self._markers = None, [], ()
        self._crosshair = self._hovered = None
        self.set_colour_scale(None)
        self.fit()

    def set_image(self, picture: Picture | None) -> None:
        """Show this picture of the scene."""
        self._image = None if picture is None else PicturePainter(picture, exact=False)
        self.update()

    def set_layers(self, layers: Sequence[LayerPicture]) -> None:
        """Lay these over the image, the last on top."""
        ready = {id(painter.picture): painter for painter, _ in self._layers}
        self._layers = [
            (
                ready.get(id(layer.picture)) or PicturePainter(layer.picture, exact=True, outline=layer.outline),
                layer.opacity,
            )
            for layer in layers
        ]
        self.update()

    def set_markers(self, markers: Sequence[Marker]) -> None:
        """Mark these pixels."""
        self._markers = tuple(markers)
        self.update()

    def set_crosshair(self, pixel: Pixel | None) -> None:
        """Put the crosshair on a pixel, or take it away."""
        self._crosshair = self._inside(pixel)
        self.update()

    @property
    def crosshair(self) -> Pixel | None:
        """The pixel under the crosshair."""
        return self._crosshair

    def set_colour_scale(self, scale: ColourScale | None) -> None:
        """Show the colour bar of a score map at the right, or none."""
        shown = self._bar.isVisibleTo(self)
        self._bar.set_scale(scale)
        if shown != (scale is not None):
            self._refit()

    def set_busy(self, busy: bool) -> None:
        """Say that bands are being read, if it takes long enough to notice."""
        if busy and not self._busy.isActive() and not self._slow:
            self._busy.start()
        elif not busy:
            self._busy.stop()
            self._slow = False
            self.update()

    # Zoom and pan

    @property
    def zoom(self) -> float:
        """Screen pixels per scene pixel, in percent."""
        return self._scale * self.devicePixelRatioF() * 100

    def fit(self) -> None:
        """Show the whole scene, as large as it goes; it stays so when the window changes its size."""
        self._fitted = True
        if self._shape is not None:
            rows, cols = self._shape
            area = self._area()
            room = max(1.0, area.width() - 2 * MARGIN) / cols, max(1.0, area.height() - 2 * MARGIN) / rows
            self._look(min(*room, LARGEST_PIXEL), (rows / 2, cols / 2))
        self.update()

    def actual_size(self) -> None:
        """One screen pixel per scene pixel."""
        self.set_zoom(100)

    def zoom_in(self) -> None:
        """Twice as near, at the crosshair if it is in sight, else at the middle."""
        self._zoom_at(self._anchor(), 2.0)

    def zoom_out(self) -> None:
        """Twice as far."""
        self._zoom_at(self._anchor(), 0.5)

    def set_zoom(self, percent: float) -> None:
        """Screen pixels per scene pixel, in percent."""
        self._zoom_at(self._anchor(), percent / self.zoom)

    def centre_on(self, row: int, col: int) -> None:
        """Bring a pixel to the middle."""
        self._fitted = False
        self._look(self._scale, (row + 0.5, col + 0.5))

    def pixel_at(self, position: QPointF) -> Pixel | None:
        """The pixel at a place of this widget, None beside the scene."""
        row, col = self._to_scene(position)
        return self._inside((int(row // 1), int(col // 1)))

    def position_of(self, row: int, col: int) -> QPointF:
        """Where the middle of a pixel is on this widget."""
        return self._to_screen(row + 0.5, col + 0.5)

    def _to_screen(self, row: float, col: float) -> QPointF:
        """The one place where rows and columns become x and y."""
        middle = self._area().center()
        return QPointF(
            middle.x() + (col - self._centre[1]) * self._scale, middle.y() + (row - self._centre[0]) * self._scale
        )

    def _to_scene(self, position: QPointF) -> tuple[float, float]:
        """The inverse of ``_to_screen``: (row, col)."""
        corner = self._to_screen(0.0, 0.0)
        return (position.y() - corner.y()) / self._scale, (position.x() - corner.x()) / self._scale

    def _area(self) -> QRectF:
        """The part of the widget that the image has: all but the colour bar."""
        width = self._bar.width() if self._bar.isVisibleTo(self) else 0
        return QRectF(0, 0, max(1, self.width() - width), max(1, self.height()))

    def _anchor(self) -> QPointF:
        if self._crosshair is not None:
            position = self.position_of(*self._crosshair)
            if self._area().contains(position):
                return position
        return self._area().center()

    def _zoom_at(self, position: QPointF, factor: float) -> None:
        """Zoom so that what lies at ``position`` stays there."""
        if self._shape is None:
            return
        self._fitted = False
        row, col = self._to_scene(position)
        area = self._area()
        smallest = min(area.width() / self._shape[1], area.height() / self._shape[0], 1.0) / 8
        scale = min(max(self._scale * factor, smallest), LARGEST_PIXEL)
        middle = area.center()
        self._look(scale, (row - (position.y() - middle.y()) / scale, col - (position.x() - middle.x()) / scale))

    def _look(self, scale: float, centre: tuple[float, float]) -> None:
        """Show the scene at this scale around this place, which is kept inside the scene."""
        if self._shape is None:
            return
        centre = (min(max(centre[0], 0.0), self._shape[0]), min(max(centre[1], 0.0), self._shape[1]))
        if (scale, centre) == (self._scale, self._centre):
            return
        zoomed = scale != self._scale
        self._scale, self._centre = scale, centre
        self.update()
        if zoomed:
            self.zoom_changed.emit(self.zoom)
        self.view_changed.emit()

    def _refit(self) -> None:
        if self._fitted:
            self.fit()
        self.update()

    def _inside(self, pixel: Pixel | None) -> Pixel | None:
        if pixel is None or self._shape is None:
            return None
        return pixel if 0 <= pixel[0] < self._shape[0] and 0 <= pixel[1] < self._shape[1] else None

    # Mouse

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Zoom at the cursor."""
        assert event is not None
        self._zoom_at(event.position(), ZOOM_STEP ** (event.angleDelta().y() / 120))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Begin a click or a drag."""
        assert event is not None
        held = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.button() == Qt.MouseButton.MiddleButton or (event.button() == Qt.MouseButton.LeftButton and held):
            self._begin_pan(event.position())
        elif event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position()
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Pan while dragging, else tell what is under the cursor."""
        assert event is not None
        position = event.position()
        if self._pressed is not None:
            moved = (position - self._pressed).manhattanLength()
            if moved >= QApplication.startDragDistance():
                self._begin_pan(self._pressed)
                self._pressed = None
        if self._panned_from is not None:
            move = position - self._panned_from
            self._panned_from = position
            self._fitted = False
            self._look(
                self._scale, (self._centre[0] - move.y() / self._scale, self._centre[1] - move.x() / self._scale)
            )
        elif self._pressed is None:
            self._hover(self.pixel_at(position) if self._area().contains(position) else None)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """End a drag, or click."""
        assert event is not None
        if self._panned_from is not None:
            self._panned_from = None
            self._show_cursor()
        elif self._pressed is not None and event.button() == Qt.MouseButton.LeftButton:
            pixel = self.pixel_at(self._pressed)
            self._pressed = None
            if pixel is not None:
                self.set_crosshair(pixel)
                self.pixel_clicked.emit(*pixel)
        else:
            super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """The second click of a double click is no further click."""

    def leaveEvent(self, event: QEvent | None) -> None:
        """The cursor is on no pixel any more."""
        self._hover(None)

    def _begin_pan(self, position: QPointF) -> None:
        self._panned_from = position
        self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def _hover(self, pixel: Pixel | None) -> None:
        if pixel != self._hovered:
            self._hovered = pixel
            self._show_cursor()
            self.pixel_hovered.emit(pixel)

    def _show_cursor(self) -> None:
        self.setCursor(Qt.CursorShape.CrossCursor if self._hovered is not None else Qt.CursorShape.ArrowCursor)

    # Keyboard

    def event(self, event: QEvent | None) -> bool:
        """Keys of the crosshair belong to it and not to any menu; plain arrows step through the bands."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            ours = self._moves(event) or (self._crosshair is not None and event.key() in _ON_CROSSHAIR)
            if ours:
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Shift+arrows move the crosshair, Enter clicks it, Esc removes it, Home fits the scene."""
        assert event is not None
        key = event.key()
        if key == Qt.Key.Key_Home:
            self.fit()
        elif self._moves(event):
            self._step(*_ARROWS[Qt.Key(key)], 10 if event.modifiers() & Qt.KeyboardModifier.ControlModifier else 1)
        elif self._crosshair is None or key not in _ON_CROSSHAIR:
            super().keyPressEvent(event)
        elif key == Qt.Key.Key_Escape:
            self.set_crosshair(None)
        else:
            self.pixel_clicked.emit(*self._crosshair)

    def _moves(self, event: QKeyEvent) -> bool:
        """Whether a key is to move the crosshair."""
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        return self._shape is not None and shift and event.key() in _ARROWS

    def _step(self, down: int, right: int, count: int) -> None:
        """Move the crosshair; where there is none, one appears in the middle of the scene."""
        assert self._shape is not None
        start = self._crosshair or (self._shape[0] // 2 - down * count, self._shape[1] // 2 - right * count)
        row = min(max(start[0] + down * count, 0), self._shape[0] - 1)
        col = min(max(start[1] + right * count, 0), self._shape[1] - 1)
        self.set_crosshair((row, col))
        if not self._area().adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN).contains(self.position_of(row, col)):
            self.centre_on(row, col)
        self._hover((row, col))

    # Painting

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Paint the scene, or the invitation to open one."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().color(QPalette.ColorRole.Midlight))
        if self._shape is None:
            keys = QKeySequence(QKeySequence.StandardKey.Open).toString(QKeySequence.SequenceFormat.NativeText)
            self._write(painter, f"Open a cube ({keys}) or drop a file here")
        else:
            self._paint_scene(painter, self._shape)
        painter.end()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Keep the whole scene in sight where it was, else the middle."""
        self._bar.setGeometry(self.width() - self._bar.width(), 0, self._bar.width(), self.height())
        self._refit()

    def changeEvent(self, event: QEvent | None) -> None:
        """Follow the theme."""
        if event is not None and event.type() == QEvent.Type.PaletteChange:
            self.update()
        super().changeEvent(event)

    def _paint_scene(self, painter: QPainter, shape: tuple[int, int]) -> None:
        area = self._area()
        origin, end = self._to_screen(0, 0), self._to_screen(*shape)
        seen = QRectF(origin, end).intersected(area)
        top, left = self._to_scene(seen.topLeft())
        bottom, right = self._to_scene(seen.bottomRight())
        visible = QRectF(left, top, right - left, bottom - top)
        painter.setClipRect(seen.adjusted(0, 0, 1, 1))  # a hot pixel in the last line keeps its screen pixel
        for picture, opacity in [(self._image, 1.0), *self._layers]:
            if picture is not None and opacity > 0:
                painter.setOpacity(opacity)
                picture.draw(painter, origin, self._scale, visible, self.devicePixelRatioF())
        painter.setOpacity(1.0)
        painter.setClipRect(area)
        for marker in self._markers:
            paint_marker(painter, self.position_of(marker.row, marker.col), self._scale, marker.colour, marker.symbol)
        if self._crosshair is not None:
            paint_crosshair(painter, self.position_of(*self._crosshair), self._scale)
        if self._slow:
            self._write(painter, "Reading bands…")

    def _write(self, painter: QPainter, text: str) -> None:
        """A line of text on a plate in the middle."""
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * 1.2)
        painter.setFont(font)
        area = self._area()
        plate = painter.boundingRect(area, Qt.AlignmentFlag.AlignCenter, text).adjusted(-14, -8, 14, 8)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().color(QPalette.ColorRole.Window))
        painter.drawRoundedRect(plate, 6, 6)
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)

    def _show_busy(self) -> None:
        self._slow = True
        self.update()
