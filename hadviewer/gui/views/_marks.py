"""Marks on the image that keep their size on the screen: markers and the crosshair."""

from PyQt6.QtCore import QLineF, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen

RADIUS = 6.0
ARM = 12.0
_HALO = QColor(0, 0, 0, 150)
_LIGHT = QColor(255, 255, 255)


def paint_marker(painter: QPainter, centre: QPointF, pixel: float, colour: str, symbol: str) -> None:
    """A marker around a pixel of ``pixel`` screen pixels, in its colour with a dark rim; the pixel stays in sight."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    radius = max(RADIUS, 0.75 * pixel)
    box = QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius)
    for pen in (QPen(_HALO, 4.0), QPen(QColor(colour), 2.0)):
        painter.setPen(pen)
        if symbol == "circle":
            painter.drawEllipse(box)
        elif symbol == "square":
            painter.drawRect(box)
        else:
            painter.drawLine(QLineF(box.topLeft(), box.bottomRight()))
            painter.drawLine(QLineF(box.topRight(), box.bottomLeft()))


def paint_crosshair(painter: QPainter, centre: QPointF, pixel: float) -> None:
    """A box around the pixel with four arms, white with a dark rim so that it shows on any ground."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    half = max(3.0, pixel / 2)
    box = QRectF(centre.x() - half, centre.y() - half, 2 * half, 2 * half)
    arms = [
        QLineF(centre + QPointF(right, down) * half, centre + QPointF(right, down) * (half + ARM))
        for right, down in ((1, 0), (-1, 0), (0, 1), (0, -1))
    ]
    for pen in (QPen(_HALO, 3.0), QPen(_LIGHT, 1.0)):
        painter.setPen(pen)
        painter.drawRect(box)
        for arm in arms:
            painter.drawLine(arm)
