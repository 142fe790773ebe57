"""The 3D-ROC curve in space, painted as an axonometric picture that can be turned."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPolygonF,
)
from PyQt6.QtWidgets import QSizePolicy, QWidget

from hadviewer.gui.views.data import OperatingLine

Points = NDArray[np.float64]
"""Points of the unit cube (points, 3): false alarm, tau, detection."""
FIRST_TURN, FIRST_TILT = 35.0, 22.0
LEAST_TILT, MOST_TILT = 5.0, 85.0
DEGREES_PER_PIXEL = 0.5
KEY_STEP = 5.0
MARGIN = 26
CURTAIN_ALPHA = 45
SHADOW_ALPHA = 80
NAMES = ("PF", "τ", "PD")


class RocSpace(QWidget):
    """One curve per result in the cube of false alarm, threshold and detection, with its shadows on the walls.

    The selected curve has a curtain down to the floor. Drag or arrow keys turn it, double click or Home turns it back.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: tuple[OperatingLine, ...] = ()
        self._places: dict[int, Points] = {}
        self._selected: int | None = None
        self._spot: int | None = None
        self._floor: float | None = None
        self._grip: QPointF | None = None
        self.turn, self.tilt = FIRST_TURN, FIRST_TILT
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 100)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setAccessibleName("3D ROC curve")
        self.setToolTip("Drag or use the arrow keys to turn it; double click turns it back")

    def set_lines(self, lines: Sequence[OperatingLine], floor: float | None = None) -> None:
        """Draw these curves; with a floor the false alarms are logarithmic from there on."""
        self._lines, self._floor = tuple(lines), floor
        self._places = {line.id: self._cube(line) for line in self._lines}
        self._spot = None
        self.update()

    def set_selected(self, result: int | None) -> None:
        """The result whose curve stands out."""
        self._selected = result
        self.update()

    def set_spot(self, point: int | None) -> None:
        """Mark a point of the selected curve, or none."""
        self._spot = point
        self.update()

    def turn_to(self, turn: float, tilt: float) -> None:
        """Look from another side: ``turn`` around the upright axis, ``tilt`` from above, both in degrees."""
        self.turn, self.tilt = turn % 360.0, min(max(tilt, LEAST_TILT), MOST_TILT)
        self.update()

    @property
    def selected_line(self) -> OperatingLine | None:
        """The curve that stands out: the selected result's, else the first."""
        match = (line for line in self._lines if line.id == self._selected)
        return next(match, self._lines[0] if self._lines else None)

    def project(self, points: Points) -> Points:
        """Where points (points, 3) of the unit cube lie in the widget (points, 2)."""
        flat = _flatten(points, self.turn, self.tilt)
        corners = _flatten(_CORNERS, self.turn, self.tilt)
        low, high = corners.min(axis=0), corners.max(axis=0)
        room = np.array([max(self.width() - 2 * MARGIN, 1), max(self.height() - 1.4 * MARGIN, 1)])
        scale = float((room / (high - low)).min())
        middle = np.array([self.width() / 2, self.height() / 2 - 0.2 * MARGIN])
        centred: Points = (flat - (low + high) / 2) * scale * [1, -1] + middle
        return centred

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Called by Qt."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), self.palette().color(QPalette.ColorRole.Base))
        self._paint_box(painter)
        for line in self._lines:
            self._paint_shadows(painter, line)
        for line in sorted(self._lines, key=lambda item: item is self.selected_line):
            self._paint_curve(painter, line)
        if self.hasFocus():
            painter.setPen(self.palette().color(QPalette.ColorRole.Highlight))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Take hold."""
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self._grip = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Turn with the pointer."""
        if event is not None and self._grip is not None:
            moved = event.position() - self._grip
            self._grip = event.position()
            self.turn_to(self.turn - DEGREES_PER_PIXEL * moved.x(), self.tilt + DEGREES_PER_PIXEL * moved.y())

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """Let go."""
        self._grip = None
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """Look from where one looked first."""
        self.turn_to(FIRST_TURN, FIRST_TILT)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Turn by the arrow keys."""
        if event is None:
            return
        turns = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}
        if event.key() == Qt.Key.Key_Home:
            self.turn_to(FIRST_TURN, FIRST_TILT)
        elif event.key() in turns:
            across, up = turns[Qt.Key(event.key())]
            self.turn_to(self.turn + KEY_STEP * across, self.tilt + KEY_STEP * up)
        else:
            super().keyPressEvent(event)

    def _cube(self, line: OperatingLine) -> Points:
        alarm = line.false_alarm
        if self._floor is not None:
            alarm = 1 - np.log10(np.maximum(alarm, self._floor)) / math.log10(self._floor)
        return np.column_stack([alarm, line.tau, line.detection])

    def _back(self) -> Points:
        """For each axis the face that lies behind: 0 or 1; the floor is always at 0."""
        turn = math.radians(self.turn)
        return np.array([float(math.sin(turn) > 0), float(math.cos(turn) > 0), 0.0])

    def _paint_box(self, painter: QPainter) -> None:
        back = self._back()
        line, text = (self.palette().color(role) for role in (QPalette.ColorRole.Mid, QPalette.ColorRole.Text))
        for axis in range(3):
            for step in np.linspace(0, 1, 5):
                for other in {0, 1, 2} - {axis}:
                    painter.setPen(QPen(line, 1.0 if step in (0.0, 1.0) else 0.4))
                    ends = np.tile(back, (2, 1))
                    ends[:, other], ends[:, 3 - axis - other] = step, back[3 - axis - other]
                    ends[:, axis] = 0.0, 1.0
                    painter.drawLine(*_points(self.project(ends)))
        painter.setPen(text)
        for axis in range(3):
            self._paint_scale(painter, axis, back)

    def _paint_scale(self, painter: QPainter, axis: int, back: Points) -> None:
        """Numbers and the name of an axis along the edge where they stand clear of the curves."""
        edge = 1 - back
        edge[2] = 0.0
        if axis == 2:  # the upright edge on the left
            sides = [np.array([1 - back[0], back[1], 0.0]), np.array([back[0], 1 - back[1], 0.0])]
            edge = min(sides, key=lambda side: float(self.project(side[None])[0, 0]))
        # Away from the cube on the side of the axis, so that two axes do not write into the same corner.
        middle = self.project(np.array([[0.5, 0.5, 0.5]]))[0]
        centre = self.project(np.where(np.arange(3) == axis, 0.5, edge)[None])[0]
        side = 1.0 if centre[0] > middle[0] else -1.0
        for value, label in zip((0.0, 0.5, 1.0), self._labels(axis), strict=True):
            at = np.where(np.arange(3) == axis, value, edge)
            place = self.project(at[None])[0]
            away = np.array([-1.0, -0.45]) if axis == 2 else np.array([side, 0.8])
            place = place + away * 11
            painter.drawText(QRectF(place[0] - 22, place[1] - 8, 44, 16), Qt.AlignmentFlag.AlignCenter, label)

    def _labels(self, axis: int) -> tuple[str, str, str]:
        low = "0" if axis or self._floor is None else f"{self._floor:.0e}".replace("e-0", "e-")
        return low, NAMES[axis], "1"

    def _paint_shadows(self, painter: QPainter, line: OperatingLine) -> None:
        """The curve on floor and walls: the three plane curves."""
        back = self._back()
        colour = QColor(line.colour)
        colour.setAlpha(SHADOW_ALPHA)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for axis in range(3):
            shadow = self._places[line.id].copy()
            shadow[:, axis] = back[axis]
            painter.setPen(QPen(colour, 1.0))
            painter.drawPolyline(_polygon(self.project(shadow)))

    def _paint_curve(self, painter: QPainter, line: OperatingLine) -> None:
        chosen = line is self.selected_line
        curve = self._places[line.id]
        place = self.project(curve)
        if chosen:
            fill = QColor(line.colour)
            fill.setAlpha(CURTAIN_ALPHA)
            floor = curve.copy()
            floor[:, 2] = 0.0
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(fill)
            painter.drawPolygon(_polygon(np.vstack([place, self.project(floor)[::-1]])), Qt.FillRule.WindingFill)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(line.colour), 2.2 if chosen else 1.2))
        painter.drawPolyline(_polygon(place))
        if chosen and self._spot is not None and self._spot < len(place):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.palette().color(QPalette.ColorRole.Text))
            painter.drawEllipse(QPointF(*place[self._spot]), 4, 4)


_CORNERS = np.array([[x, y, z] for x in (0.0, 1.0) for y in (0.0, 1.0) for z in (0.0, 1.0)])


def _flatten(points: Points, turn: float, tilt: float) -> Points:
    """Parallel projection of points (points, 3) to the plane (points, 2): to the right, upward."""
    around, above = math.radians(turn), math.radians(tilt)
    x, y, z = (points - 0.5).T
    right = math.cos(around) * x - math.sin(around) * y
    deep = math.sin(around) * x + math.cos(around) * y
    return np.column_stack([right, math.cos(above) * z + math.sin(above) * deep])


def _points(places: Points) -> tuple[QPointF, QPointF]:
    return QPointF(*places[0]), QPointF(*places[1])


def _polygon(places: Points) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in places.tolist()])
