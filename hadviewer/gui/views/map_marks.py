"""Scale bar and north arrow, painted over a scene whose place on the map is known."""

import math

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPainterPath, QPen

from hadviewer.core.geo import Georeference
from hadviewer.core.geolocation import Location
from hadviewer.gui.views.mapping import SceneMapping

LONGEST, SHARE = 200.0, 0.25
"""A scale bar is at most so many points long, and at most this share of the image's width."""
MARGIN, BAR, ARROW = 12.0, 5.0, 34.0
ROOM = 160.0
_INK, _GROUND = QColor(255, 255, 255), QColor(0, 0, 0, 150)


def scale_length(metres_per_point: float, longest: float) -> tuple[float, str]:
    """The longest round distance (1, 2 or 5 times a power of ten) within ``longest`` points: metres, and its text."""
    most = metres_per_point * longest
    power = 10.0 ** math.floor(math.log10(most))
    metres = next(factor * power for factor in (5, 2, 1) if factor * power <= most * (1 + 1e-9))
    if metres >= 1000:
        return metres, f"{metres / 1000:g} km"
    return metres, f"{metres:g} m" if metres >= 1 else f"{metres * 100:g} cm"


class ScaleBarOverlay:
    """How long a round distance is on the screen; nothing where distances are not known.

    Where each pixel has coordinates of its own it is that in the middle, about.
    """

    def __init__(self) -> None:
        self.geo: Location | None = None
        self.shown = True

    def paint(self, painter: QPainter, mapping: SceneMapping) -> None:
        """Paint the bar at the lower left."""
        metres = None if self.geo is None or not self.shown else self.geo.metres_per_column(*mapping.centre)
        if metres is None:
            return
        per_point = metres / mapping.scale
        length, text = scale_length(per_point, min(LONGEST, SHARE * _place(mapping).width()))
        points = length / per_point
        text = text if isinstance(self.geo, Georeference) else f"\N{ALMOST EQUAL TO} {text}"
        metrics = painter.fontMetrics()
        wide, high = max(points, float(metrics.horizontalAdvance(text))), metrics.height() + BAR + 4
        area = _place(mapping)
        plate = QRectF(area.left() + MARGIN, area.bottom() - MARGIN - high - 10, wide + 16, high + 10)
        _paint_plate(painter, plate)
        painter.setPen(_INK)
        top = QRectF(plate.left(), plate.top() + 4, plate.width(), metrics.height())
        painter.drawText(top, Qt.AlignmentFlag.AlignCenter, text)
        left, bottom = plate.center().x() - points / 2, plate.bottom() - 6
        painter.setPen(QPen(_INK, 2))
        path = QPainterPath(QPointF(left, bottom - BAR))
        for corner in (QPointF(left, bottom), QPointF(left + points, bottom), QPointF(left + points, bottom - BAR)):
            path.lineTo(corner)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)


class NorthArrowOverlay:
    """Where north of the map is, in the middle of what is seen; nothing without a map."""

    def __init__(self) -> None:
        self.geo: Location | None = None
        self.shown = True

    def turn(self, row: float, col: float) -> float | None:
        """Degrees clockwise from up at a place of the scene; None where north is not known."""
        north = None if self.geo is None else self.geo.north(row, col)
        return None if north is None else math.degrees(math.atan2(north[1], -north[0]))

    def paint(self, painter: QPainter, mapping: SceneMapping) -> None:
        """Paint the arrow at the upper right."""
        turn = self.turn(*mapping.centre)
        if turn is None or not self.shown:
            return
        area = _place(mapping)
        middle = QPointF(area.right() - MARGIN - ARROW * 0.75, area.top() + MARGIN + ARROW * 0.75)
        side = ARROW * 1.5
        _paint_plate(painter, QRectF(middle.x() - side / 2, middle.y() - side / 2, side, side))
        painter.translate(middle)
        painter.rotate(turn)
        half = ARROW / 2
        path = QPainterPath(QPointF(0, -half))
        for corner in (QPointF(half * 0.5, half * 0.55), QPointF(0, half * 0.25), QPointF(-half * 0.5, half * 0.55)):
            path.lineTo(corner)
        path.closeSubpath()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_INK)
        painter.drawPath(path)
        painter.setPen(_INK)
        letter = QPointF(0, half * 0.85)
        painter.translate(letter)
        painter.rotate(-turn)
        painter.drawText(QRectF(-10, -10, 20, 20), Qt.AlignmentFlag.AlignCenter, "N")


def _place(mapping: SceneMapping) -> QRectF:
    """Where marks go: on the scene, so that pictures of it have them, unless too little of it is seen."""
    seen = mapping.seen
    return seen if min(seen.width(), seen.height()) >= ROOM else mapping.area


def _paint_plate(painter: QPainter, plate: QRectF) -> None:
    """A dark ground, so that white shows on any image."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_GROUND)
    painter.drawRoundedRect(plate, 4, 4)
