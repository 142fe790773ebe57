"""Chang's 3D ROC: the curve in space and its three projections, all marked at the same threshold."""

from collections.abc import Sequence

import numpy as np
from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from hadviewer.gui.views.curve_plot import CurvePlot
from hadviewer.gui.views.data import OperatingLine, PlotLine
from hadviewer.gui.views.roc_space import RocSpace

FLAT = 2.2
"""Width over height from which the four pictures lie in one row."""
AXES = {"PF": "false_alarm", "PD": "detection", "τ": "tau"}
PLANES = (("PF", "PD"), ("τ", "PD"), ("τ", "PF"))


class Roc3dView(QWidget):
    """Three projections and the curve in space; pointing at one marks the same threshold in all.

    Signals:
        pointed(tuple of str): what the threshold under the pointer gives, the most important first.
    """

    pointed = pyqtSignal(tuple)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: tuple[OperatingLine, ...] = ()
        self._columns = 0
        self.space = RocSpace()
        self.planes = tuple(CurvePlot(x, y, legend=None) for x, y in PLANES)
        for plane, (x, y) in zip(self.planes, PLANES, strict=True):
            plane.setAccessibleName(f"{y} over {x}")
            plane.setToolTip("Point at the curve to mark the same threshold in all four; wheel zooms, dragging pans")
            plane.hovered.connect(lambda at, plane=plane: self._on_hover(plane, at))
        self._pictures: tuple[CurvePlot | RocSpace, ...] = (*self.planes, self.space)
        roc, detection, alarm = self.planes
        detection.setYLink(roc)
        alarm.setXLink(detection)
        self._grid = QGridLayout()
        self._grid.setSpacing(4)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(self._grid, 1)
        self._place(4)

    def set_lines(self, lines: Sequence[OperatingLine], *, log: bool = False) -> None:
        """Draw these curves, over false alarms on a linear or a logarithmic axis."""
        self._lines = tuple(lines)
        floor = 1.0 / max([line.background for line in self._lines] or [10_000]) if log else None
        for plane, (x, y) in zip(self.planes, PLANES, strict=True):
            plane.set_axes(x_floor=floor if x == "PF" else None, y_floor=floor if y == "PF" else None)
            plane.set_lines([
                PlotLine(line.id, line.title, line.colour, getattr(line, AXES[x]), getattr(line, AXES[y]))
                for line in self._lines
            ])  # fmt: skip
        self.space.set_lines(self._lines, floor)
        self.pointed.emit(())

    def set_selected(self, result: int | None) -> None:
        """The result whose curve stands out and is pointed at."""
        for picture in self._pictures:
            picture.set_selected(result)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """One row where it is wide, two by two where it is high."""
        super().resizeEvent(event)
        self._place(4 if self.width() > FLAT * self.height() else 2)

    def _place(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for number, picture in enumerate(self._pictures):
            self._grid.addWidget(picture, number // columns, number % columns)
        for column in range(4):
            self._grid.setColumnStretch(column, int(column < columns))

    def _on_hover(self, plane: CurvePlot, at: tuple[float, float] | None) -> None:
        line = self.space.selected_line
        point = None if at is None else plane.nearest(at)
        if line is None or point is None:
            for picture in self._pictures:
                picture.set_spot(None)
            self.pointed.emit(())
            return
        for other, (x, y) in zip(self.planes, PLANES, strict=True):
            other.set_spot((float(getattr(line, AXES[x])[point]), float(getattr(line, AXES[y])[point])))
        self.space.set_spot(point)
        self.pointed.emit(operating_text(line, point))


def operating_text(line: OperatingLine, point: int) -> tuple[str, ...]:
    """'PD 0.8', 'PF 0.001', 'τ 0.25', 'score ≥ 12'."""
    threshold = line.thresholds[point]
    return (
        f"PD {line.detection[point]:.3f}",
        f"PF {line.false_alarm[point]:.3g}",
        f"τ {line.tau[point]:.3f}",
        f"score ≥ {threshold:.4g}" if np.isfinite(threshold) else "no score",
    )
