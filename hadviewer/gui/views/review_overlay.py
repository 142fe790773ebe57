"""Reviewed objects over the image, in the colours of what was decided of them, and a ring around the one looked at."""

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QImage, QPainter, QPen

from hadviewer.engine.review import STATE_COLOURS
from hadviewer.gui.views.mapping import SceneMapping
from hadviewer.gui.views.review_data import ReviewMap
from hadviewer.gui.views.segment_data import SegmentMark
from hadviewer.gui.views.segment_overlay import HALO, MARK, SegmentOverlay, placed
from hadviewer.gui.views.view_grid import ViewGrid
from hadviewer.render.colormaps import parse_colour
from hadviewer.render.overlay import boundary_lines

LINES_FROM = 2.0
"""Screen points per pixel from which on objects are outlined; below, dots stand at their peaks."""
DOT, RING = 2, 11.0
"""Points from the middle of a dot to its side; radius of the ring around an object too small to be seen."""


class ReviewOverlay(SegmentOverlay):
    """Objects by their state, and the one that is looked at."""

    def __init__(self, image: ViewGrid) -> None:
        super().__init__(image)
        self._shown: ReviewMap | None = None
        self._middle: tuple[int, int] | None = None
        self._extent = 0

    def show_objects(self, shown: ReviewMap | None) -> None:
        """Colour these objects, or none."""
        if shown is not self._shown:
            self._shown = shown
            self._repaint()

    def mark(self, mark: SegmentMark | None, *, centre: bool = False) -> None:
        """Outline an object, with a ring where it is small on the screen."""
        self._middle = None if mark is None else mark.middle
        self._extent = 0 if mark is None else max(mark.mask.shape)
        super().mark(mark, centre=centre)

    def paint(self, painter: QPainter, mapping: SceneMapping) -> None:
        """Called by the image, clipped to its area."""
        if self._shown is not None:
            if mapping.scale >= LINES_FROM:
                _paint_outlines(painter, mapping, self._shown)
            else:
                _paint_dots(painter, mapping, self._shown)
        super().paint(painter, mapping)
        if self._middle is not None and self._extent * mapping.scale < 2 * RING:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for colour, width in ((HALO, 4), (MARK, 2)):
                painter.setPen(QPen(colour, width))
                painter.drawEllipse(mapping.middle_of(*self._middle), RING, RING)


def _paint_outlines(painter: QPainter, mapping: SceneMapping, shown: ReviewMap) -> None:
    """Lines around the objects in sight; those of bad ones are dashed."""
    window = mapping.window
    row, col = max(0, window.row0 - 1), max(0, window.col0 - 1)
    states = shown.states[shown.labels[row : window.row1 + 1, col : window.col1 + 1]]
    for state, colour in enumerate(STATE_COLOURS, 1):
        mask = np.pad(states == state, 1)
        if not mask.any():
            continue
        lines = placed(boundary_lines(mask) + np.array((row - 1, col - 1) * 2), mapping)
        style = Qt.PenStyle.DashLine if state == len(STATE_COLOURS) else Qt.PenStyle.SolidLine
        for pen in (QPen(HALO, 3.5), QPen(QColor(colour), 2, style)):
            painter.setPen(pen)
            painter.drawLines(lines)  # type: ignore[call-overload]


def _paint_dots(painter: QPainter, mapping: SceneMapping, shown: ReviewMap) -> None:
    """A dot at the peak of every object in sight, however many; judged ones lie over pending ones."""
    area = mapping.area.toAlignedRect()
    high, wide = area.height(), area.width()
    canvas = np.zeros((high, wide), np.uint8)
    corner = mapping.to_screen(0.5, 0.5) - QPointF(area.topLeft())
    down = np.rint(corner.y() + shown.rows * mapping.scale).astype(np.intp)
    across = np.rint(corner.x() + shown.cols * mapping.scale).astype(np.intp)
    inside = (down >= DOT) & (down < high - DOT) & (across >= DOT) & (across < wide - DOT)
    places = down[inside] * wide + across[inside]
    states = shown.states[1:][inside]
    for state in range(1, len(STATE_COLOURS) + 1):
        canvas.ravel()[places[states == state]] = state
    inner = _grown(canvas, DOT - 1)
    canvas = np.where(inner > 0, inner, np.where(_grown(inner, 1) > 0, np.uint8(len(STATE_COLOURS) + 1), np.uint8(0)))
    table = np.zeros((len(STATE_COLOURS) + 2, 4), np.uint8)
    for state, colour in enumerate(STATE_COLOURS, 1):
        table[state] = (*parse_colour(colour), 255)
    table[-1] = (0, 0, 0, 200)
    picture = np.take(table, canvas, axis=0)
    image = QImage(picture.data, wide, high, picture.strides[0], QImage.Format.Format_RGBA8888)  # type: ignore[call-overload]
    painter.drawImage(QRectF(area), image)


def _grown(canvas: NDArray[np.uint8], width: int) -> NDArray[np.uint8]:
    """The highest number within so many points on all sides."""
    for _ in range(width):
        tall = np.maximum(canvas[:-1], canvas[1:])
        canvas = np.concatenate([tall[:1], np.maximum(tall[:-1], tall[1:]), tall[-1:]])
        broad = np.maximum(canvas[:, :-1], canvas[:, 1:])
        canvas = np.concatenate([broad[:, :1], np.maximum(broad[:, :-1], broad[:, 1:]), broad[:, -1:]], axis=1)
    return canvas
