"""The whole scene in small, in a corner of the image, with a box around what is seen."""

from PyQt6.QtCore import QEvent, QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen, QResizeEvent
from PyQt6.QtWidgets import QWidget

from hadviewer.gui.views._mosaic_painter import paint_mosaic
from hadviewer.gui.views.mapping import SceneMapping
from hadviewer.gui.views.view_grid import ViewGrid
from hadviewer.render.mosaic import Mosaic
from hadviewer.render.tiling import Viewport

LARGEST = 170
"""Points of its longer side at most; of a small view it takes no more than a third."""
SMALLEST = 24
GAP = 10
STEP = 0.25
"""An arrow key moves the box by so much of its own size."""
_KEYS = {Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0), Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1)}
Box = tuple[float, float, float, float]


class Overview(QWidget):
    """A click brings that place to the middle of the view, dragging moves the box along, so do the arrow keys.

    It stays in the lower right corner of the active view and hides itself while the whole scene is in sight.

    Signals: ``place_chosen(row, col)`` as real numbers, for the middle of the view; ``view_changed()`` when it shows
    the scene at another size.
    """

    place_chosen = pyqtSignal(float, float)
    view_changed = pyqtSignal()

    def __init__(self, grid: ViewGrid) -> None:
        super().__init__(grid)
        self._grid = grid
        self._map: SceneMapping | None = None
        self._image: Mosaic | None = None
        self._box: Box | None = None
        self._wanted = True
        self._grip: tuple[float, float] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("Overview")
        self.setToolTip(
            "The whole scene: click or drag to look elsewhere, or move the box with the arrow keys (O hides it)"
        )
        self.setVisible(False)

    def set_wanted(self, wanted: bool) -> None:
        """Whether to be there at all when a part of the scene is in sight."""
        self._wanted = wanted
        self._appear()

    def set_scene(self, shape: tuple[int, int] | None) -> None:
        """Make room for a scene of (rows, cols)."""
        self._image = self._box = None
        self._map = None if shape is None else SceneMapping(shape, QRectF(0, 0, 1, 1))
        self.fit()

    def set_image(self, picture: Mosaic | None) -> None:
        """Show this picture of the scene."""
        self._image = picture
        self.update()

    def set_box(self, box: Box | None) -> None:
        """Draw a box around what is seen; None while that is the whole scene."""
        changed, self._box = box != self._box, box
        self.fit()
        if changed:
            self.update()

    @property
    def viewport(self) -> Viewport | None:
        """The whole scene at its size here; None while it is hidden, so that nothing is read for it."""
        if self._map is None or not self.isVisibleTo(self.parentWidget()):
            return None
        return Viewport(self._map.window, self._map.scale * self.devicePixelRatioF())

    def fit(self) -> None:
        """Take the size and place that the active view and the scene leave for it."""
        mapping = self._grid.mapping
        if self._map is not None and mapping is not None:
            rows, cols = self._map.shape
            most = min(LARGEST, mapping.area.width() / 3, mapping.area.height() / 3)
            scale = most / max(rows, cols)
            width, height = max(SMALLEST, round(cols * scale)), max(SMALLEST, round(rows * scale))
            corner = self._grid.active.pos() + mapping.area.bottomRight().toPoint()
            self.setGeometry(corner.x() - width - GAP, corner.y() - height - GAP, width, height)
        self._appear()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Show the scene at the new size."""
        if self._map is not None:
            rows, cols = self._map.shape
            scale = min(self.width() / cols, self.height() / rows)
            self._map = SceneMapping((rows, cols), QRectF(self.rect()), scale, (rows / 2, cols / 2))
            self.view_changed.emit()

    def _appear(self) -> None:
        shown = self._wanted and self._map is not None and (self._box is not None or self._grip is not None)
        if shown != self.isVisibleTo(self.parentWidget()):
            self.setVisible(shown)
            self.raise_()
            self.view_changed.emit()

    # Mouse and keyboard

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Take hold of the box, or bring it here."""
        if event is None or self._map is None or self._box is None or event.button() != Qt.MouseButton.LeftButton:
            return
        row, col = self._map.to_scene(event.position())
        top, left, bottom, right = self._box
        middle = (top + bottom) / 2, (left + right) / 2
        inside = top <= row <= bottom and left <= col <= right
        self._grip = (row - middle[0], col - middle[1]) if inside else (0.0, 0.0)
        if not inside:
            self.place_chosen.emit(row, col)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Drag it along."""
        if event is not None and self._map is not None and self._grip is not None:
            row, col = self._map.to_scene(event.position())
            self.place_chosen.emit(row - self._grip[0], col - self._grip[1])

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """Let it go."""
        self._grip = None
        self._appear()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Arrows move the box by a quarter of its size."""
        assert event is not None
        if self._box is None or event.key() not in _KEYS:
            super().keyPressEvent(event)
            return
        top, left, bottom, right = self._box
        down, across = _KEYS[Qt.Key(event.key())]
        row, col = (top + bottom) / 2, (left + right) / 2
        self.place_chosen.emit(row + down * STEP * (bottom - top), col + across * STEP * (right - left))

    def event(self, event: QEvent | None) -> bool:
        """The arrows are the box's, whatever else they do in the window."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and event.key() in _KEYS:
            event.accept()
            return True
        return super().event(event)

    # Painting

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """The scene, the box, a frame."""
        painter = QPainter(self)
        palette = self.palette()
        painter.fillRect(self.rect(), palette.color(QPalette.ColorRole.Midlight))
        if self._map is not None and self._image is not None:
            paint_mosaic(painter, self._image, self._map, self.devicePixelRatioF())
        if self._map is not None and self._box is not None:
            self._paint_box(painter, self._map, self._box)
        role = QPalette.ColorRole.Highlight if self.hasFocus() else QPalette.ColorRole.Window
        painter.setPen(QPen(palette.color(role), 2.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))
        painter.end()

    def _paint_box(self, painter: QPainter, mapping: SceneMapping, box: Box) -> None:
        """A box that shows on any ground and is never too small to be found."""
        seen = QRectF(mapping.to_screen(*box[:2]), mapping.to_screen(*box[2:]))
        if seen.width() < 6 or seen.height() < 6:
            more = QPointF(max(0.0, 6 - seen.width()) / 2, max(0.0, 6 - seen.height()) / 2)
            seen.adjust(-more.x(), -more.y(), more.x(), more.y())
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in (QPen(QColor(0, 0, 0, 170), 3.0), QPen(QColor(255, 255, 255), 1.4)):
            painter.setPen(pen)
            painter.drawRect(seen.intersected(QRectF(self.rect()).adjusted(2, 2, -2, -2)))
