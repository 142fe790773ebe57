"""A plot of one curve per result, with marks at an operating point."""

import math
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QPalette
from PyQt6.QtWidgets import QWidget

from hadviewer.gui.views.data import PlotLine
from hadviewer.gui.views.plot import AXES, Plot

HOVER_RATE = 60
MOST_SMOOTH = 5
"""Curves up to which all are drawn smoothly, which takes longer."""
MOST_NAMED = 5
"""Curves that the legend names: more would hide what is drawn; the table of results has them all."""
MARGIN = 0.02
SPARSE, STEPS = [(0, 0.6), (2, 0.4)], [(0.5, 0), (0.1, 0)]
"""In small plots, those without a legend: the share of an axis that numbers may take up, and their distances."""
Range = tuple[float, float]


class CurvePlot(Plot):
    """Curves over fixed axes, each in the colour of its result; the selected one is thicker.

    ``legend`` is where the legend lies, from the left and top or, where negative, from the right and bottom. With
    ``upright`` a line stands where a point is marked. Either axis may be logarithmic, from ``floor`` on; what lies
    below is drawn at the floor.

    Signals:
        hovered(tuple or None): the point (x, y) under the pointer, in the plot's own units.
    """

    hovered = pyqtSignal(object)

    def __init__(
        self,
        x: str,
        y: str,
        *,
        legend: tuple[int, int] | None = (-8, -8),
        upright: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        self._titles = (x, y)
        self._lines: tuple[PlotLine, ...] = ()
        self._curves: dict[int, pg.PlotCurveItem] = {}
        self._selected: int | None = None
        self._floors: tuple[float | None, float | None] = (None, None)
        self._ranges: tuple[Range, Range] = ((0.0, 1.0), (0.0, 1.0))
        self._spot = pg.ScatterPlotItem(size=8)
        self._chance, self._dashes = pg.InfiniteLine(angle=0), pg.PlotCurveItem()
        self._unnamed = pg.PlotCurveItem(pen=None)
        self._diagonal, self._upright = pg.PlotCurveItem(), pg.InfiniteLine(angle=90) if upright else None
        super().__init__(parent)
        self._legend = self.addLegend(offset=legend) if legend else None
        for item in (self._spot, self._chance, self._diagonal, *([self._upright] if self._upright else [])):
            self.addItem(item, ignoreBounds=True)
        self._chance.hide()
        self._diagonal.hide()
        self._spot.setZValue(20)
        self.getAxis("bottom").setStyle(hideOverlappingLabels=False)  # the last label is wider than its place
        for name in AXES:
            if legend is None:
                self.getAxis(name).setStyle(textFillLimits=SPARSE)
        self.getPlotItem().layout.setContentsMargins(0, 8, 14, 4)
        self.set_axes()
        self.restyle()
        self._mouse = pg.SignalProxy(self.scene().sigMouseMoved, rateLimit=HOVER_RATE, slot=self._on_mouse)

    def set_axes(
        self,
        x_range: Range = (0.0, 1.0),
        y_range: Range = (0.0, 1.0),
        *,
        x_floor: float | None = None,
        y_floor: float | None = None,
    ) -> None:
        """Choose the ends of the axes; one with a floor is logarithmic from there on."""
        self._floors, self._ranges = (x_floor, y_floor), (x_range, y_range)
        for name, title, floor in zip(("bottom", "left"), self._titles, self._floors, strict=True):
            self.getAxis(name).setLogMode(x=floor is not None, y=floor is not None)
            if self._legend is None:
                self.getAxis(name).setTickSpacing(levels=STEPS if floor is None else None)
            self.setLabel(name, title if floor is None else f"{title} (log)")
        self.set_spot(None)
        self._draw()

    def set_lines(self, lines: Sequence[PlotLine]) -> None:
        """Draw these curves instead of the ones before."""
        for curve in self._curves.values():
            self.removeItem(curve)
        self._lines = tuple(lines)
        self._curves = {}
        for line in self._lines:
            curve = pg.PlotCurveItem(antialias=len(self._lines) <= MOST_SMOOTH)
            self._curves[line.id] = curve
            self.addItem(curve)
        self._draw()
        self._write_legend()
        self.set_spot(None)

    def set_selected(self, result: int | None) -> None:
        """Draw the curve of one result thicker; the read-out follows it."""
        self._selected = result
        self._pen_curves()
        if len(self._lines) > MOST_NAMED:
            self._write_legend()

    def set_chance(self, level: float | None) -> None:
        """Draw what comes by chance as a dashed line across the plot, or nothing."""
        self._chance.setVisible(level is not None)
        if level is not None:
            self._chance.setValue(level)
        self._write_legend()

    def show_diagonal(self, shown: bool) -> None:
        """Draw the dashed line on which both axes have the same value: chance in a ROC plot."""
        self._diagonal.setVisible(shown)

    def set_spot(self, at: tuple[float, float] | None) -> None:
        """Mark a point, or none."""
        self._spot.setVisible(at is not None)
        if self._upright is not None:
            self._upright.setVisible(at is not None)
        if at is not None:
            x, y = (self._place(np.array([value]), floor) for value, floor in zip(at, self._floors, strict=True))
            self._spot.setData(x, y)
            if self._upright is not None:
                self._upright.setPos(float(x[0]))

    @property
    def selected_line(self) -> PlotLine | None:
        """The curve the read-out follows: the selected result's, else the first."""
        match = (line for line in self._lines if line.id == self._selected)
        return next(match, self._lines[0] if self._lines else None)

    def curve(self, result: int) -> pg.PlotCurveItem:
        """The drawn curve of a result."""
        return self._curves[result]

    def nearest(self, at: tuple[float, float]) -> int | None:
        """The number of the point of the selected curve that is drawn nearest to ``at`` (in the plot's units)."""
        line = self.selected_line
        if line is None:
            return None
        width, height = self.getViewBox().viewPixelSize()
        x, y = self._place(line.x, self._floors[0]), self._place(line.y, self._floors[1])
        x0, y0 = (
            float(self._place(np.array([value]), floor)[0]) for value, floor in zip(at, self._floors, strict=True)
        )
        distance = ((x - x0) / (width or 1)) ** 2 + ((y - y0) / (height or 1)) ** 2
        return int(np.nanargmin(distance)) if np.isfinite(distance).any() else None

    def restyle(self) -> None:
        """Follow the theme."""
        self._spot.setBrush(self.palette().color(QPalette.ColorRole.Text))
        self._spot.setPen(None)
        faint = self.palette().color(QPalette.ColorRole.PlaceholderText)
        for item in (self._chance, self._dashes, self._diagonal):
            item.setPen(self.pen(faint, style=Qt.PenStyle.DashLine))
        if self._upright is not None:
            self._upright.setPen(self.pen(faint))
        if hasattr(self, "_legend"):
            self._write_legend()

    def _draw(self) -> None:
        for line in self._lines:
            self._curves[line.id].setData(self._place(line.x, self._floors[0]), self._place(line.y, self._floors[1]))
        self._pen_curves()
        (left, right), (low, high) = (
            (math.log10(floor), math.log10(max(top, floor * 10))) if floor is not None else (bottom, top)
            for (bottom, top), floor in zip(self._ranges, self._floors, strict=True)
        )
        ramp = np.linspace(left, right, 200)
        even = ramp if self._floors[0] is None else 10**ramp
        self._diagonal.setData(ramp, self._place(even, self._floors[1]))
        across, up = right - left, high - low
        self.setLimits(xMin=left - 0.1 * across, xMax=right + 0.1 * across, yMin=low - 0.1 * up, yMax=high + 0.1 * up)
        self.setRange(xRange=(left, right), yRange=(low, high), padding=MARGIN)

    def _write_legend(self) -> None:
        if self._legend is None:
            return
        palette = self.palette()
        back = QColor(palette.color(QPalette.ColorRole.Base))
        back.setAlpha(200)
        self._legend.clear()
        self._legend.setBrush(back)
        self._legend.setLabelTextColor(palette.color(QPalette.ColorRole.Text))
        named = self._named()
        for line in named:
            self._legend.addItem(self._curves[line.id], line.title)
        if len(named) < len(self._lines):
            self._legend.addItem(self._unnamed, f"and {len(self._lines) - len(named)} more")
        if self._chance.isVisible():
            self._legend.addItem(self._dashes, f"By chance  {self._chance.value():.4f}")

    def _named(self) -> list[PlotLine]:
        """The curves that the legend has room for, the selected one among them."""
        if len(self._lines) <= MOST_NAMED:
            return list(self._lines)
        others = [line for line in self._lines if line.id != self._selected]
        kept = {line.id for line in others[: MOST_NAMED - 1]} | {self._selected}
        return [line for line in self._lines if line.id in kept][:MOST_NAMED]

    def _pen_curves(self) -> None:
        for line in self._lines:
            chosen = line.id == self._selected
            self._curves[line.id].setPen(self.pen(line.colour, width=2 if chosen else 1))
            self._curves[line.id].setZValue(10 if chosen else 0)

    def _place(self, values: NDArray[np.float64], floor: float | None) -> NDArray[np.float64]:
        """Where values lie on an axis."""
        return values if floor is None else np.log10(np.maximum(values, floor))

    def _on_mouse(self, event: tuple[QPointF]) -> None:
        box = self.getViewBox()
        if not self._lines or not box.sceneBoundingRect().contains(event[0]):
            self.hovered.emit(None)
            return
        at = box.mapSceneToView(event[0])
        place = (
            10**value if floor is not None else value
            for value, floor in zip((at.x(), at.y()), self._floors, strict=True)
        )
        self.hovered.emit(tuple(place))

    def leaveEvent(self, event: object) -> None:
        """No read-out once the pointer is gone."""
        super().leaveEvent(event)
        self.hovered.emit(None)
