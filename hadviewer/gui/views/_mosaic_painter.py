"""Paints the tiles that are there, at any zoom."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QLineF, QPointF, QRectF
from PyQt6.QtGui import QColor, QImage, QPainter, QPen

from hadviewer.core.cube import Window
from hadviewer.gui.views.data import Outline
from hadviewer.gui.views.mapping import SceneMapping
from hadviewer.render.mosaic import Mosaic, Piece
from hadviewer.render.overlay import boundary_lines
from hadviewer.render.tiling import Viewport

LINES_FROM = 3.0
"""Screen pixels per scene pixel from which on outlines are lines; where pixels are smaller, lines are hard to see."""


def paint_mosaic(
    painter: QPainter, mosaic: Mosaic, mapping: SceneMapping, density: float, outline: Outline | None = None
) -> None:
    """Paint what is in sight of a picture. ``density`` is the screen's pixels per point.

    Where a pixel of the scene is large, an ``outline`` is drawn instead, as lines that leave free what they surround.
    """
    scale = mapping.scale * density
    if outline is not None and scale >= LINES_FROM:
        painter.setPen(QPen(QColor(outline.colour), outline.width))
        _draw_lines(outline.parts, painter, mapping)
        return
    view = Viewport(mapping.window, scale)
    for piece in mosaic.pieces(view):
        _paint_piece(painter, mosaic, piece, mapping, view.window, density)


def _paint_piece(
    painter: QPainter, mosaic: Mosaic, piece: Piece, mapping: SceneMapping, seen: Window, density: float
) -> None:
    """Paint the pixels of a tile in sight. Exact ones are never interpolated: no hot pixel is lost or softened."""
    step, tile = piece.address.step, mosaic.source.grid.window(piece.address)
    top, bottom = max(piece.window.row0, seen.row0) - tile.row0, min(piece.window.row1, seen.row1) - tile.row0
    left, right = max(piece.window.col0, seen.col0) - tile.col0, min(piece.window.col1, seen.col1) - tile.col0
    if bottom <= top or right <= left:
        return
    top, left, bottom, right = top // step, left // step, -(-bottom // step), -(-right // step)
    # The image lies over the tile's own array, which ``piece`` keeps alive while it is painted.
    rows, cols, _ = piece.pixels.shape
    format_ = _FORMATS[mosaic.source.screen]
    image = QImage(piece.pixels.data, cols, rows, piece.pixels.strides[0], format_)  # type: ignore[call-overload]
    smooth = not mosaic.exact and mapping.scale * step < 1
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
    # Whole pixels of the screen: neighbours meet without a gap, and at full size pixels are copied as they are.
    start = _snapped(mapping, tile.row0 + top * step, tile.col0 + left * step, density)
    end = _snapped(mapping, tile.row0 + bottom * step, tile.col0 + right * step, density)
    painter.drawImage(QRectF(start, end), image, QRectF(left, top, right - left, bottom - top))


def _snapped(mapping: SceneMapping, row: int, col: int, density: float) -> QPointF:
    place = mapping.to_screen(row, col)
    return QPointF(math.floor(place.x() * density + 0.5), math.floor(place.y() * density + 0.5)) / density


def _draw_lines(parts: NDArray[Any], painter: QPainter, mapping: SceneMapping) -> None:
    """Find and draw the lines in sight, which are few: pixels are large."""
    seen = mapping.window
    top, left = max(0, seen.row0 - 1), max(0, seen.col0 - 1)
    parts = parts[top : seen.row1 + 1, left : seen.col1 + 1]
    corner = mapping.to_screen(top, left)
    ends = (boundary_lines(parts) * mapping.scale + np.array((corner.y(), corner.x()) * 2)).tolist()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    lines = [QLineF(left, top, right, bottom) for top, left, bottom, right in ends]
    painter.drawLines(lines)  # type: ignore[call-overload]


_FORMATS = {True: QImage.Format.Format_ARGB32_Premultiplied, False: QImage.Format.Format_RGBA8888_Premultiplied}
