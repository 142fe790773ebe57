"""Small pictures that tell what kind of layer it is, in its own colours."""

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QIcon, QImage, QPainter, QPen, QPixmap

SIZE = 16
SCALE = 3


def layer_icon(kind: str, colour: str, table: NDArray[np.uint8] | None) -> QIcon:
    """Scores: the colour map; a mask: a filled square; truth: a ring; segments: a grid, or its colours."""
    if kind in ("scores", "segment_scores"):
        return QIcon() if table is None else strip_icon(table, QSize(SIZE, SIZE))
    pixmap = QPixmap(SIZE * SCALE, SIZE * SCALE)
    pixmap.fill(Qt.GlobalColor.transparent)
    pixmap.setDevicePixelRatio(SCALE)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    tint = QColor(colour)
    if kind == "mask":
        painter.fillRect(QRectF(2, 2, 12, 12), tint)
    if kind == "segment_colours":
        for place, hue in enumerate(("#7a9e5a", "#b59a6a", "#5f7f9e", "#8a8f98")):
            painter.fillRect(QRectF(2 + 6 * (place % 2), 2 + 6 * (place // 2), 6, 6), QColor(hue))
    painter.setPen(QPen(QColor(128, 128, 128), 1))
    painter.drawRect(QRectF(1.5, 1.5, 13, 13))
    if kind == "truth":
        painter.setPen(QPen(tint, 2.5))
        painter.drawEllipse(QRectF(4.5, 4.5, 7, 7))
    elif kind == "segments":
        painter.setPen(QPen(tint, 1.5))
        painter.drawLine(2, 6, 14, 8)
        painter.drawLine(6, 2, 7, 14)
        painter.drawLine(7, 10, 14, 11)
    painter.end()
    return QIcon(pixmap)


def strip_icon(table: NDArray[np.uint8], size: QSize) -> QIcon:
    """A colour map (256, 4) from left to right."""
    colours = np.ascontiguousarray(table)
    image = QImage(colours.data, 256, 1, 1024, QImage.Format.Format_RGBA8888)  # type: ignore[call-overload]
    return QIcon(QPixmap.fromImage(image.scaled(size)))
