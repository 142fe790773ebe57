"""The curves of the ROC dock."""

import math
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QPalette
from PyQt6.QtWidgets import QWidget

from hadviewer.gui.views.data import RocLine
from hadviewer.gui.views.plot import Plot

HOVER_RATE = 60
MARGIN = 0.02


class RocPlot(Plot):
    """Detection over false alarm, on a linear or a logarithmic axis, with the line of chance.

    On the logarithmic axis everything left of one background pixel lies at one background pixel.

    Signals:
        hovered(float or None): the false-alarm rate under the pointer.
    """

    hovered = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        self._lines: tuple[RocLine, ...] = ()
        self._curves: dict[int, pg.PlotCurveItem] = {}
        self._selected: int | None = None
        self._log = False
        self._chance = pg.PlotCurveItem(antialias=True)
        self._cursor = pg.InfiniteLine(angle=90)
        self._spot = pg.ScatterPlotItem(size=8)
        super().__init__(parent)
        self._legend = self.addLegend(offset=(-8, -8))
        for item in (self._chance, self._cursor, self._spot):
            self.addItem(item, ignoreBounds=True)
        self._spot.setZValue(20)
        self.setLabel("left", "Detection rate")
        self.getAxis("bottom").setStyle(hideOverlappingLabels=False)  # the last label is wider than its place
        self.getPlotItem().layout.setContentsMargins(0, 8, 14, 6)
        self.restyle()
        self._mouse = pg.SignalProxy(self.scene().sigMouseMoved, rateLimit=HOVER_RATE, slot=self._on_mouse)
        self.set_lines(())

    def set_lines(self, lines: Sequence[RocLine]) -> None:
        """Draw these curves instead of the ones before."""
        for curve in self._curves.values():
            self.removeItem(curve)
        self._lines = tuple(lines)
        self._curves = {}
        for line in self._lines:
            curve = pg.PlotCurveItem(antialias=len(lines) <= 5)
            self._curves[line.id] = curve
            self.addItem(curve)
        self._chance.setVisible(bool(lines))
        self._draw()
        self._write_legend()
        self.set_cursor(None)

    def set_selected(self, result: int | None) -> None:
        """Draw the curve of one result thicker; the read-out follows it."""
        self._selected = result
        self._pen_curves()

    def set_log(self, log: bool) -> None:
        """Choose the axis of false alarms."""
        self._log = log
        self._legend.setOffset((8, 8) if log else (-8, -8))
        self._draw()

    @property
    def selected_line(self) -> RocLine | None:
        """The curve the read-out follows: the selected result's, else the first."""
        match = (line for line in self._lines if line.id == self._selected)
        return next(match, self._lines[0] if self._lines else None)

    def curve(self, result: int) -> pg.PlotCurveItem:
        """The drawn curve of a result."""
        return self._curves[result]

    def set_cursor(self, false_alarm: float | None, detection: float = 0.0) -> None:
        """Mark a point of the selected curve, or none."""
        shown = false_alarm is not None
        self._cursor.setVisible(shown)
        self._spot.setVisible(shown)
        if false_alarm is not None:
            x = float(self._axis(np.array([false_alarm]))[0])
            self._cursor.setPos(x)
            self._spot.setData([x], [detection])

    def restyle(self) -> None:
        """Follow the theme."""
        palette = self.palette()
        faint = palette.color(QPalette.ColorRole.PlaceholderText)
        self._chance.setPen(pg.mkPen(faint, style=Qt.PenStyle.DashLine))
        self._cursor.setPen(pg.mkPen(faint))
        self._spot.setBrush(palette.color(QPalette.ColorRole.Text))
        self._spot.setPen(None)
        if hasattr(self, "_legend"):
            self._write_legend()

    @property
    def _floor(self) -> float:
        return 1.0 / max([line.background for line in self._lines] or [10_000])

    def _axis(self, false_alarm: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where false-alarm rates lie on the axis."""
        return np.log10(np.maximum(false_alarm, self._floor)) if self._log else false_alarm

    def _draw(self) -> None:
        low = math.log10(self._floor) if self._log else 0.0
        high = 0.0 if self._log else 1.0
        self.getAxis("bottom").setLogMode(self._log, False)
        self.setLabel("bottom", "False-alarm rate (log)" if self._log else "False-alarm rate")
        for line in self._lines:
            self._curves[line.id].setData(self._axis(line.false_alarm), line.detection)
        ramp = np.linspace(low, high, 200)
        self._chance.setData(ramp, 10**ramp if self._log else ramp)
        self._pen_curves()
        width = high - low
        self.setLimits(xMin=low - 0.1 * width, xMax=high + 0.1 * width, yMin=-0.1, yMax=1.1)
        self.setRange(xRange=(low, high), yRange=(0.0, 1.0), padding=MARGIN)

    def _write_legend(self) -> None:
        palette = self.palette()
        back = QColor(palette.color(QPalette.ColorRole.Base))
        back.setAlpha(200)
        self._legend.clear()
        self._legend.setBrush(back)
        self._legend.setLabelTextColor(palette.color(QPalette.ColorRole.Text))
        for line in self._lines:
            self._legend.addItem(self._curves[line.id], f"{line.title}  {line.auc:.4f}")

    def _pen_curves(self) -> None:
        for line in self._lines:
            chosen = line.id == self._selected
            self._curves[line.id].setPen(pg.mkPen(line.colour, width=2 if chosen else 1))
            self._curves[line.id].setZValue(10 if chosen else 0)

    def _on_mouse(self, event: tuple[QPointF]) -> None:
        box = self.getViewBox()
        if not self._lines or not box.sceneBoundingRect().contains(event[0]):
            self.hovered.emit(None)
            return
        x = box.mapSceneToView(event[0]).x()
        self.hovered.emit(float(np.clip(10**x if self._log else x, 0.0, 1.0)))

    def leaveEvent(self, event: object) -> None:
        """No read-out once the pointer is gone."""
        super().leaveEvent(event)
        self.hovered.emit(None)
