"""The image with its layers, marks and crosshair; zoom and pan."""

from collections.abc import Sequence
from dataclasses import replace

from PyQt6.QtCore import QEvent, QPointF, QRectF, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import (
    QInputEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QWheelEvent,
)
from PyQt6.QtWidgets import QSizePolicy, QWidget

from hadviewer.core.geo import SAME, Placement
from hadviewer.gui.views._colour_bar import ColourBar
from hadviewer.gui.views._layer_painter import paint_layers
from hadviewer.gui.views._marks import CrosshairOverlay, MarkersOverlay, paint_plate
from hadviewer.gui.views._mosaic_painter import paint_mosaic
from hadviewer.gui.views.data import ColourScale, LayerPicture, Marker
from hadviewer.gui.views.mapping import MARGIN, Pixel, SceneMapping
from hadviewer.gui.views.tools import Gesture, Overlay, PanTool, Tool, Touch
from hadviewer.render.mosaic import Mosaic
from hadviewer.render.tiling import Viewport

ZOOM_STEP = 1.25
BUSY_AFTER_MS = 150
INVITATION = "Open a cube or drop a file here"
_ARROWS = {
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
}
_ON_CROSSHAIR = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)


class ImageView(QWidget):
    """The scene: wheel zooms at the cursor, the left button is the tool's, the middle one (or Ctrl, or Space) pans.

    ``mapping`` says where pixels lie; ``set_tool`` and ``add_overlay`` are for what is drawn on the image; ``fitted``
    tells that the whole scene stays in sight when the widget changes its size.

    Signals: ``pixel_hovered((row, col) or None)`` under the cursor, or where arrow keys moved the crosshair;
    ``pixel_clicked(row, col)`` after a click without movement, or Enter on the crosshair;
    ``crosshair_moved((row, col) or None)``; ``view_changed()`` when another part of the scene or another size of it is
    in sight; ``zoom_changed(percent)`` of screen pixels per scene pixel.
    """

    pixel_hovered = pyqtSignal(object)
    pixel_clicked = pyqtSignal(int, int)
    crosshair_moved = pyqtSignal(object)
    view_changed = pyqtSignal()
    zoom_changed = pyqtSignal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._map: SceneMapping | None = None
        self._image: Mosaic | None = None
        self._placement = SAME
        self._layers: tuple[LayerPicture, ...] = ()
        self._curtain: float | None = None
        self._markers, self._crosshair = MarkersOverlay(), CrosshairOverlay()
        self._overlays: list[Overlay] = [self._markers, self._crosshair]
        self._tool: Tool = PanTool()
        self._hand = PanTool()
        self._gesture: Gesture | None = None
        self._space = False
        self._hovered: Pixel | None = None
        self.fitted = True
        self.invitation = INVITATION
        self._bar = ColourBar(self)
        self._busy = QTimer(self)
        self._busy.setSingleShot(True)
        self._busy.setInterval(BUSY_AFTER_MS)
        self._busy.timeout.connect(self._show_busy)
        self._slow = False
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 120)
        self.setAccessibleName("Image")
        self.setAccessibleDescription(
            "The wheel zooms, a click puts the crosshair, with Shift it collects a spectrum; Shift with an arrow key "
            "moves the crosshair, with Ctrl as well by ten"
        )

    # What is shown

    def set_scene(self, shape: tuple[int, int] | None) -> None:
        """Make room for a scene of (rows, cols), or show the invitation to open one (None)."""
        self._tool.cancel(self)
        self._map = None if shape is None else SceneMapping(shape, self._area())
        self._image, self._layers, self._markers.markers = None, (), ()
        self._crosshair.pixel = self._hovered = self._gesture = None
        self.set_colour_scale(None)
        self.fit()

    def set_image(self, picture: Mosaic | None, placement: Placement = SAME) -> None:
        """Show this picture of the scene, as far as its tiles are there; after more have come, call ``update``."""
        self._image, self._placement = picture, placement
        self.update()

    def set_layers(self, layers: Sequence[LayerPicture]) -> None:
        """Lay these over the image, the last on top."""
        self._layers = tuple(layers)
        self.update()

    def set_curtain(self, place: float | None) -> None:
        """Where layers of the left side end and those of the right begin, as a share of the image's width."""
        self._curtain = place
        self.update()

    def set_markers(self, markers: Sequence[Marker]) -> None:
        """Mark these pixels."""
        self._markers.markers = tuple(markers)
        self.update()

    def set_crosshair(self, pixel: Pixel | None) -> None:
        """Put the crosshair on a pixel, or take it away."""
        before, self._crosshair.pixel = self.crosshair, None if self._map is None else self._map.inside(pixel)
        if self.crosshair != before:
            self.update()
            self.crosshair_moved.emit(self.crosshair)

    @property
    def crosshair(self) -> Pixel | None:
        """The pixel under the crosshair."""
        return self._crosshair.pixel

    def add_overlay(self, overlay: Overlay) -> None:
        """Paint this over the scene, above what was added before."""
        self._overlays.append(overlay)
        self.update()

    def remove_overlay(self, overlay: Overlay) -> None:
        """Paint it no more."""
        self._overlays.remove(overlay)
        self.update()

    @property
    def tool(self) -> Tool:
        """What the left button does."""
        return self._tool

    def set_tool(self, tool: Tool) -> None:
        """Give the left button to a tool; what the one before was at is given up."""
        self._tool.cancel(self)
        self._tool, self._gesture = tool, None
        self.show_cursor()
        self.update()

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
            if self._slow:
                self._slow = False
                self.update()

    # Zoom and pan

    @property
    def mapping(self) -> SceneMapping | None:
        """Where the pixels of the scene lie on this widget; None without a scene."""
        return self._map

    @property
    def viewport(self) -> Viewport | None:
        """What of the scene is in sight, at which size; None without a scene."""
        return None if self._map is None else Viewport(self._map.window, self._map.scale * self.density)

    @property
    def density(self) -> float:
        """The screen's pixels per point of this widget."""
        return self.devicePixelRatioF()

    @property
    def zoom(self) -> float:
        """Screen pixels per scene pixel, in percent."""
        return (1.0 if self._map is None else self._map.scale) * self.density * 100

    def fit(self) -> None:
        """Show the whole scene, as large as it goes; it stays so when the window changes its size."""
        self.fitted = True
        if self._map is not None:
            self._look(self._map.fitting)
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
        if self._map is not None:
            self.look_at(self._map.scale, (row + 0.5, col + 0.5))

    def look_at(self, scale: float, centre: tuple[float, float]) -> None:
        """Show the scene at ``scale`` points per pixel around ``centre`` (row, col): what linked views share."""
        self.fitted = False
        if self._map is not None:
            self._look(self._map.looking(scale, centre))

    def pan(self, way: QPointF) -> None:
        """Move the scene by so many points."""
        self.fitted = False
        if self._map is not None:
            self._look(self._map.moved(way))

    def pixel_at(self, position: QPointF) -> Pixel | None:
        """The pixel at a place of this widget, None beside the scene."""
        return None if self._map is None else self._map.pixel_at(position)

    def position_of(self, row: int, col: int) -> QPointF:
        """Where the middle of a pixel is on this widget."""
        return QPointF() if self._map is None else self._map.middle_of(row, col)

    def _area(self) -> QRectF:
        """The part of the widget that the image has: all but the colour bar."""
        width = self._bar.width() if self._bar.isVisibleTo(self) else 0
        return QRectF(0, 0, max(1, self.width() - width), max(1, self.height()))

    def _anchor(self) -> QPointF:
        if self.crosshair is not None:
            position = self.position_of(*self.crosshair)
            if self._area().contains(position):
                return position
        return self._area().center()

    def _zoom_at(self, position: QPointF, factor: float) -> None:
        """Zoom so that what lies at ``position`` stays there."""
        if self._map is not None:
            self.fitted = False
            self._look(self._map.zoomed(position, factor))

    def _look(self, mapping: SceneMapping) -> None:
        """Show the scene this way."""
        before, self._map = self._map, mapping
        if mapping == before:
            return
        self.update()
        if before is None or mapping.scale != before.scale:
            self.zoom_changed.emit(self.zoom)
        self.view_changed.emit()

    def _refit(self) -> None:
        """Follow another size of the widget."""
        if self._map is not None:
            mapping = replace(self._map, area=self._area())
            self._look(mapping.fitting if self.fitted else mapping)
        self.update()

    # Mouse

    def click(self, pixel: Pixel | None) -> None:
        """What a click on a pixel does, whichever tool is chosen: set the crosshair and tell."""
        if pixel is not None:
            self.set_crosshair(pixel)
            self.pixel_clicked.emit(*pixel)

    def hover(self, pixel: Pixel | None) -> None:
        """Tell that this pixel is looked at now."""
        if pixel != self._hovered:
            self._hovered = pixel
            self.show_cursor()
            self.pixel_hovered.emit(pixel)

    def show_cursor(self) -> None:
        """The tool's cursor over the scene, an arrow beside it."""
        self.setCursor(self._tool.cursor if self._hovered is not None else Qt.CursorShape.ArrowCursor)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Zoom at the cursor."""
        assert event is not None
        self._zoom_at(event.position(), ZOOM_STEP ** (event.angleDelta().y() / 120))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Begin a click or a drag."""
        assert event is not None
        held = self._space or bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        touch = self._touch(event.position(), event)
        if touch is None or event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            super().mousePressEvent(event)
        elif held or event.button() == Qt.MouseButton.MiddleButton:
            self._gesture = Gesture(self._hand, touch, dragging=True)
            self._hand.begin(self, touch)
        else:
            self._gesture = Gesture(self._tool, touch)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Go on with a drag, else tell what is under the cursor."""
        assert event is not None
        gesture, touch = self._gesture, self._touch(event.position(), event)
        if touch is None:
            return
        if gesture is None:
            self.hover(touch.pixel if self._area().contains(touch.position) else None)
            self._tool.hover(self, touch)
        else:
            gesture.move(self, touch)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """End a drag, or click."""
        assert event is not None
        gesture, self._gesture = self._gesture, None
        touch = self._touch(event.position(), event)
        if gesture is None or touch is None:
            super().mouseReleaseEvent(event)
        else:
            gesture.end(self, touch)

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """The second click of a double click is no further click."""
        assert event is not None
        touch = self._touch(event.position(), event)
        if touch is not None and event.button() == Qt.MouseButton.LeftButton:
            self._tool.double_click(self, touch)

    def leaveEvent(self, event: QEvent | None) -> None:
        """The cursor is on no pixel any more."""
        self.hover(None)

    def _touch(self, position: QPointF, event: QInputEvent) -> Touch | None:
        if self._map is None:
            return None
        return Touch(position, self._map.to_scene(position), self._map.pixel_at(position), event.modifiers())

    # Keyboard

    def event(self, event: QEvent | None) -> bool:
        """Keys of tool and crosshair belong to them and not to any menu; plain arrows step through the bands."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            on_crosshair = self.crosshair is not None and event.key() in _ON_CROSSHAIR
            if self._moves(event) or on_crosshair or self._tool.wants(event.key()):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Shift+arrows move the crosshair, Enter clicks it, Esc removes it, Home fits, Space is a hand."""
        assert event is not None
        key = event.key()
        if self._tool.wants(key):
            self._tool.key(self, event)
        elif key == Qt.Key.Key_Space:
            self._space = True
        elif key == Qt.Key.Key_Home:
            self.fit()
        elif self._moves(event):
            self._step(*_ARROWS[Qt.Key(key)], 10 if event.modifiers() & Qt.KeyboardModifier.ControlModifier else 1)
        elif self.crosshair is None or key not in _ON_CROSSHAIR:
            super().keyPressEvent(event)
        elif key == Qt.Key.Key_Escape:
            self.set_crosshair(None)
        else:
            self.pixel_clicked.emit(*self.crosshair)

    def keyReleaseEvent(self, event: QKeyEvent | None) -> None:
        """Space lets go."""
        assert event is not None
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = False
        super().keyReleaseEvent(event)

    def _moves(self, event: QKeyEvent) -> bool:
        """Whether a key is to move the crosshair."""
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        return self._map is not None and shift and event.key() in _ARROWS

    def _step(self, down: int, right: int, count: int) -> None:
        """Move the crosshair; where there is none, one appears in the middle of the scene."""
        assert self._map is not None
        rows, cols = self._map.shape
        start = self.crosshair or (rows // 2 - down * count, cols // 2 - right * count)
        row = min(max(start[0] + down * count, 0), rows - 1)
        col = min(max(start[1] + right * count, 0), cols - 1)
        self.set_crosshair((row, col))
        if not self._area().adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN).contains(self.position_of(row, col)):
            self.centre_on(row, col)
        self.hover((row, col))

    # Painting

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Paint the scene, or the invitation to open one."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().color(QPalette.ColorRole.Midlight))
        if self._map is None:
            paint_plate(painter, self._area(), self, self.invitation)
        else:
            self._paint_scene(painter, self._map)
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

    def _paint_scene(self, painter: QPainter, mapping: SceneMapping) -> None:
        # One pixel more, so that a hot pixel in the last line keeps its screen pixel.
        painter.setClipRect(mapping.seen.adjusted(0, 0, 1, 1))
        if self._image is not None:
            placed = mapping.placed(self._placement, self._image.shape)
            paint_mosaic(painter, self._image, placed, self.density)
        paint_layers(painter, self._layers, mapping, self.density, self._curtain)
        painter.setClipRect(mapping.area)
        for overlay in (*self._overlays, self._tool):
            painter.save()
            overlay.paint(painter, mapping)
            painter.restore()
        if self._slow:
            paint_plate(painter, mapping.area, self, "Reading bands…")

    def _show_busy(self) -> None:
        self._slow = True
        self.update()
