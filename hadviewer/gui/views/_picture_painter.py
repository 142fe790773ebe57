"""Draws a picture at any zoom from the level that suits it."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QLineF, QPointF, QRectF
from PyQt6.QtGui import QColor, QImage, QPainter, QPen

from hadviewer.gui.views.data import Outline
from hadviewer.render.overlay import boundary_lines
from hadviewer.render.pyramid import Picture

LINES_FROM = 3.0
"""Screen pixels per scene pixel from which on outlines are lines; where pixels are smaller, lines are hard to see."""


class PicturePainter:
    """A picture ready for the screen: Qt images over the picture's own arrays, no copy.

    ``exact`` pictures (scores, masks) are never interpolated, so that no hot pixel is lost or softened.
    Where a pixel of the scene is large, an ``outline`` is drawn instead, as lines that leave free what they surround.
    """

    def __init__(self, picture: Picture, *, exact: bool, outline: Outline | None = None) -> None:
        self.picture = picture
        self._outline = outline
        self._exact = exact
        self._images = [
            QImage(level.rgba.data, level.rgba.shape[1], level.rgba.shape[0], level.rgba.strides[0], _FORMAT)  # type: ignore[call-overload]
            for level in picture.levels
        ]

    def draw(self, painter: QPainter, origin: QPointF, scale: float, visible: QRectF, density: float = 1.0) -> None:
        """Paint the part of the scene in ``visible`` (scene pixels); ``origin`` is where the scene's corner lies.

        ``scale`` is points of the screen per scene pixel, ``density`` the screen's pixels per point.
        """
        if self._outline is not None and scale * density >= LINES_FROM:
            painter.setPen(QPen(QColor(self._outline.colour), self._outline.width))
            _draw_lines(self._outline.parts, painter, origin, scale, visible)
            return
        number = self._level(scale * density)
        step = self.picture.levels[number].step
        image = self._images[number]
        left, top = max(0, math.floor(visible.left() / step)), max(0, math.floor(visible.top() / step))
        right = min(image.width(), math.ceil(visible.right() / step))
        bottom = min(image.height(), math.ceil(visible.bottom() / step))
        if right <= left or bottom <= top:
            return
        size = scale * step
        target = QRectF(origin.x() + left * size, origin.y() + top * size, (right - left) * size, (bottom - top) * size)
        smooth = not self._exact and size < 1
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.drawImage(target, image, QRectF(left, top, right - left, bottom - top))

    def _level(self, scale: float) -> int:
        """Imagery: the coarsest level with at least one pixel per screen pixel; exact: the finest with at most one."""
        levels = self.picture.levels
        if self._exact:
            return next((n for n, level in enumerate(levels) if level.step * scale >= 1), len(levels) - 1)
        fine = [n for n, level in enumerate(levels) if level.step * scale <= 1]
        return fine[-1] if fine else 0


def _draw_lines(parts: NDArray[Any], painter: QPainter, origin: QPointF, scale: float, visible: QRectF) -> None:
    """Find and draw the lines in sight, which are few: pixels are large."""
    top, left = max(0, math.floor(visible.top()) - 1), max(0, math.floor(visible.left()) - 1)
    parts = parts[top : math.ceil(visible.bottom()) + 1, left : math.ceil(visible.right()) + 1]
    corner = (origin.y() + top * scale, origin.x() + left * scale)
    ends = (boundary_lines(parts) * scale + np.array(corner * 2)).tolist()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    lines = [QLineF(left, top, right, bottom) for top, left, bottom, right in ends]
    painter.drawLines(lines)  # type: ignore[call-overload]


_FORMAT = QImage.Format.Format_RGBA8888_Premultiplied
