"""Marks on the image that keep their size on the screen: markers, the crosshair, a line of text."""

from PyQt6.QtCore import QLineF, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPalette, QPen
from PyQt6.QtWidgets import QWidget

from hadviewer.gui.views.data import Marker
from hadviewer.gui.views.mapping import Pixel, SceneMapping

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


def paint_plate(painter: QPainter, area: QRectF, widget: QWidget, text: str) -> None:
    """A line of text on a plate in the middle of ``area``, in the widget's font and colours."""
    font, palette = widget.font(), widget.palette()
    font.setPointSizeF(font.pointSizeF() * 1.2)
    painter.setFont(font)
    plate = painter.boundingRect(area, Qt.AlignmentFlag.AlignCenter, text).adjusted(-14, -8, 14, 8)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(palette.color(QPalette.ColorRole.Window))
    painter.drawRoundedRect(plate, 6, 6)
    painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)


class MarkersOverlay:
    """Marked pixels."""

    def __init__(self) -> None:
        self.markers: tuple[Marker, ...] = ()

    def paint(self, painter: QPainter, mapping: SceneMapping) -> None:
        """Paint every marker."""
        for marker in self.markers:
            place = mapping.middle_of(marker.row, marker.col)
            paint_marker(painter, place, mapping.scale, marker.colour, marker.symbol)


class CrosshairOverlay:
    """The chosen pixel, if there is one."""

    def __init__(self) -> None:
        self.pixel: Pixel | None = None

    def paint(self, painter: QPainter, mapping: SceneMapping) -> None:
        """Paint the crosshair."""
        if self.pixel is not None:
            paint_crosshair(painter, mapping.middle_of(*self.pixel), mapping.scale)
