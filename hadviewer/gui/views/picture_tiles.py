"""Several pictures side by side, as large as their place allows."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PyQt6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QHelpEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QResizeEvent
from PyQt6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QToolTip, QWidget

from hadviewer.gui.views.data import TrainingTile

GAP, TITLE = 8, 18
LEAST = 88
"""Height of the smallest picture, in points; where pictures would get smaller, the page gets wider than its window."""


@dataclass(frozen=True)
class Place:
    """Where a tile lies: its title and its picture."""

    title: QRect
    picture: QRectF


class PictureTiles(QWidget):
    """Pictures with their names; point at one to read its values, double click to see it alone and back.

    Pixels are never interpolated when enlarged: a hot one stays as it is.

    Signals:
        count_changed(): more or fewer pictures are in sight.
    """

    count_changed = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tiles: tuple[TrainingTile, ...] = ()
        self._images: list[QImage] = []
        self._alone: str | None = None
        self._first = 0
        self.setAccessibleName("Pictures of the training")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_tiles(self, tiles: Sequence[TrainingTile]) -> None:
        """Show these pictures instead of the ones before; the same object is not converted again."""
        ready = {id(tile): image for tile, image in zip(self._tiles, self._images, strict=True)}
        self._images = [ready.get(id(tile)) or _image(tile) for tile in tiles]
        self._tiles = tuple(tiles)
        if self._alone not in {tile.name for tile in tiles}:
            self._alone = None
        self.count_changed.emit()
        self.update()

    def count_from(self, first: int) -> None:
        """The number of the first line and sample in what is told of a pixel."""
        self._first = first

    @property
    def alone(self) -> str | None:
        """The name of the picture that is shown alone."""
        return self._alone

    def show_alone(self, name: str | None) -> None:
        """Show one picture only, or all of them."""
        self._alone = name
        self.count_changed.emit()
        self.update()

    @property
    def shown(self) -> list[TrainingTile]:
        """The pictures in sight."""
        return [tile for tile in self._tiles if self._alone in (None, tile.name)]

    def places(self) -> list[Place]:
        """Where each picture in sight lies: in as many lines as make them largest."""
        shown = self.shown
        if not shown:
            return []
        wide, size = self._widest(), self.size()
        lines = max(range(1, len(shown) + 1), key=lambda count: _height(count, len(shown), wide, size))
        height = max(_height(lines, len(shown), wide, size), 1.0)
        per_line = math.ceil(len(shown) / lines)
        cell = (height * wide + GAP, height + TITLE + GAP)
        return [
            _place(tile, GAP + number % per_line * cell[0], number // per_line * cell[1], height)
            for number, tile in enumerate(shown)
        ]

    def width_for(self, window: QSize, bar: int) -> int:
        """How wide the page must be in a window of this size, 0 where all fits; ``bar`` is what a scroll bar takes."""
        count, wide = len(self.shown), self._widest()
        if count < 2 or max(_height(lines, count, wide, window) for lines in range(1, count + 1)) >= LEAST:
            return 0
        lines = max(1, (window.height() - bar + GAP) // (LEAST + TITLE + GAP))
        height = (window.height() - bar - lines * TITLE - (lines - 1) * GAP) / lines
        return math.ceil(math.ceil(count / lines) * (max(height, 16) * wide + GAP)) + GAP

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Called by Qt."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().color(QPalette.ColorRole.Base))
        ground = self.palette().color(QPalette.ColorRole.Midlight)
        images = {id(tile): image for tile, image in zip(self._tiles, self._images, strict=True)}
        for tile, place in zip(self.shown, self.places(), strict=True):
            image = images[id(tile)]
            painter.setPen(self.palette().color(QPalette.ColorRole.Text))
            metrics = painter.fontMetrics()
            name = metrics.elidedText(tile.name, Qt.TextElideMode.ElideRight, place.title.width())
            painter.drawText(place.title, Qt.AlignmentFlag.AlignVCenter, name)
            room = place.title.width() - metrics.horizontalAdvance(name) - 6
            if metrics.horizontalAdvance(tile.ends) <= room:
                painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
                right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
                painter.drawText(place.title, right, tile.ends)
            painter.fillRect(place.picture, ground)
            smooth = place.picture.width() * self.devicePixelRatioF() < image.width()
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
            painter.drawImage(place.picture, image)
        painter.end()

    def event(self, event: QEvent | None) -> bool:
        """Called by Qt; tips tell the value under the pointer."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.tip_at(QPointF(event.pos())), self)
            return True
        return super().event(event)

    def tip_at(self, at: QPointF) -> str:
        """Name and value of the pixel at a place of this widget, '' beside the pictures."""
        for tile, place in zip(self.shown, self.places(), strict=True):
            if place.title.contains(at.toPoint()):
                return f"{tile.name} {tile.ends}".strip()
            if place.picture.contains(at):
                rows, cols = tile.rgba.shape[:2]
                row = min(rows - 1, int((at.y() - place.picture.top()) / place.picture.height() * rows))
                col = min(cols - 1, int((at.x() - place.picture.left()) / place.picture.width() * cols))
                value = "" if tile.values is None else f": {tile.values[row, col]:.4g}"
                return f"{tile.name}\nLine {row + self._first}, sample {col + self._first}{value}"
        return ""

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """See the picture under the pointer alone, or all again."""
        if event is None:
            return
        for tile, place in zip(self.shown, self.places(), strict=True):
            if place.picture.contains(event.position()) or place.title.contains(event.position().toPoint()):
                self.show_alone(tile.name if self._alone is None else None)
                return

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Escape shows all again."""
        if event is not None and event.key() == Qt.Key.Key_Escape and self._alone is not None:
            self.show_alone(None)
            return
        super().keyPressEvent(event)

    def _widest(self) -> float:
        """Width over height of the widest picture in sight."""
        return max((tile.rgba.shape[1] / tile.rgba.shape[0] for tile in self.shown), default=1.0)


class TilesPage(QScrollArea):
    """Pictures that all fit where they are large enough so, else in a page to scroll sideways."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tiles = PictureTiles()
        self.tiles.count_changed.connect(self._fit)
        self.setWidget(self.tiles)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumSize(LEAST, LEAST)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Called by Qt."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        bar = self.horizontalScrollBar()
        self.tiles.setMinimumWidth(self.tiles.width_for(self.size(), 0 if bar is None else bar.sizeHint().height()))


def _height(lines: int, count: int, wide: float, size: QSize) -> float:
    """How high pictures are that fit into a place in so many lines."""
    per_line = math.ceil(count / lines)
    by_height = (size.height() - lines * TITLE - (lines - 1) * GAP) / lines
    by_width = (size.width() - GAP * (per_line + 1)) / per_line / wide
    return min(by_height, by_width)


def _place(tile: TrainingTile, left: float, top: float, height: float) -> Place:
    """The picture as large as the height allows, under its title."""
    rows, cols = tile.rgba.shape[:2]
    width = height * cols / rows
    return Place(QRect(round(left), round(top), round(width), TITLE), QRectF(left, top + TITLE, width, height))


def _image(tile: TrainingTile) -> QImage:
    """A Qt image over the tile's own array, which the tile keeps alive."""
    rgba = tile.rgba
    kind = QImage.Format.Format_RGBA8888_Premultiplied
    return QImage(rgba.data, rgba.shape[1], rgba.shape[0], rgba.strides[0], kind)  # type: ignore[call-overload]
