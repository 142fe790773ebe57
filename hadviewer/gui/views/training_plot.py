"""The curves of a training against the step: losses on the left axis, areas under the ROC curve on the right."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QPalette

from hadviewer.gui.views.data import PlotLine
from hadviewer.gui.views.plot import AXES, Plot

SPARSE = [(0, 0.7), (2, 0.5)]
"""The share of an axis that numbers may take up: the plot is small."""
Values = NDArray[np.float64]


@dataclass(frozen=True)
class LegendEntry:
    """A curve in the legend: its name, its value as text, its colour, whether it is drawn dashed."""

    name: str
    value: str
    colour: str
    dashed: bool = False

    @property
    def plain(self) -> str:
        """As it reads."""
        return f"{'╍' if self.dashed else '━'} {self.name} {self.value}"

    @property
    def rich(self) -> str:
        """With its mark in the colour of the curve."""
        mark, _, text = self.plain.partition(" ")
        return f'<span style="color:{self.colour}">{mark}</span> {escape(text)}'


class LossAxis(pg.AxisItem):
    """A logarithmic axis with few numbers: powers of ten, and 1, 2, 5 where it spans less than two of them."""

    def logTickValues(self, minVal: float, maxVal: float, size: float, stdTicks: list[Any]) -> list[Any]:
        """Called by pyqtgraph, with logarithms."""
        digits = (1.0,) if maxVal - minVal >= 2 else (1.0, 2.0, 5.0)
        powers = range(math.floor(minVal), math.ceil(maxVal) + 1)
        ticks = [power + math.log10(digit) for power in powers for digit in digits]
        return [(None, [tick for tick in ticks if minVal <= tick <= maxVal])]


class TrainingPlot(Plot):
    """Losses as full lines, areas under the ROC curve dashed; a vertical line marks the step in sight.

    Wheel zooms, dragging pans, a click chooses a step; a double click shows all again.

    Signals:
        step_pointed(float): the user clicked at this step.
    """

    step_pointed = pyqtSignal(float)

    def __init__(self) -> None:
        self._losses: tuple[PlotLine, ...] = ()
        self._areas: tuple[PlotLine, ...] = ()
        self._chosen: int | None = None
        self._log = self._following = True
        self._right = pg.ViewBox(enableMenu=False)
        self._mark = pg.InfiniteLine(angle=90)
        super().__init__()
        item = self.getPlotItem()
        item.setAxisItems({"left": LossAxis("left")})
        self.getAxis("left").enableAutoSIPrefix(False)
        item.scene().addItem(self._right)
        axis = self.getAxis("right")
        axis.enableAutoSIPrefix(False)
        axis.linkToView(self._right)
        self._right.setXLink(self.getViewBox())
        self._right.setMouseEnabled(x=False, y=True)
        self.getViewBox().sigResized.connect(self._overlay)
        self.getViewBox().sigRangeChangedManually.connect(self._stay)
        self.addItem(self._mark, ignoreBounds=True)
        self._mark.hide()
        self.setLabel("bottom", "Step")
        self.setLabel("right", "AUC")
        for name in (*AXES, "right"):
            self.getAxis(name).setStyle(maxTickLevel=0, textFillLimits=SPARSE)
        item.layout.setContentsMargins(0, 6, 4, 2)
        self.scene().sigMouseClicked.connect(self._on_click)
        self.restyle()
        self.set_log(True)

    def set_lines(self, losses: Sequence[PlotLine], areas: Sequence[PlotLine], chosen: int | None) -> None:
        """Draw these losses, and these areas, of which that of the chosen run is thicker."""
        self._losses, self._areas, self._chosen = tuple(losses), tuple(areas), chosen
        self._draw()

    @property
    def lines(self) -> tuple[PlotLine, ...]:
        """Everything drawn."""
        return (*self._losses, *self._areas)

    def set_log(self, log: bool) -> None:
        """Let the axis of the losses be logarithmic; what is not above 0 is not drawn then."""
        self._log = log
        self.getAxis("left").setLogMode(y=log)
        self.setLabel("left", "Loss (log)" if log else "Loss")
        self._draw()

    def set_mark(self, step: int | None) -> None:
        """Mark a step, or none."""
        self._mark.setVisible(step is not None)
        if step is not None:
            self._mark.setValue(step)

    def values(self, step: int) -> list[LegendEntry]:
        """Name and value of every curve at a step: the area of the chosen run, its losses, the areas of others."""
        own = [line for line in self._areas if line.id == self._chosen]
        others = [line for line in self._areas if line.id != self._chosen]
        areas = [LegendEntry(line.title, _digits(line, step, ".4f"), line.colour, dashed=True) for line in own]
        losses = [LegendEntry(line.title, _digits(line, step, ".3g"), line.colour) for line in self._losses]
        rest = [LegendEntry(line.title, _digits(line, step, ".4f"), line.colour, dashed=True) for line in others]
        return [*areas, *losses, *rest]

    def restyle(self) -> None:
        """Follow the theme."""
        self._mark.setPen(self.pen(self.palette().color(QPalette.ColorRole.PlaceholderText)))
        text = self.palette().color(QPalette.ColorRole.Text)
        for name in ("left", "right"):
            self.getAxis(name).setPen(self.pen(text))
            self.getAxis(name).setTextPen(text)

    def _draw(self) -> None:
        box = self.getViewBox()
        for view in (box, self._right):
            for item in [item for item in view.addedItems if isinstance(item, pg.PlotCurveItem)]:
                view.removeItem(item)
        for line in self._losses:
            y = _logarithm(line.y) if self._log else line.y
            box.addItem(pg.PlotCurveItem(line.x, y, pen=self.pen(line.colour, width=1.5), connect="finite"))
        for line in self._areas:
            pen = self.pen(line.colour, width=2 if line.id == self._chosen else 1, style=Qt.PenStyle.DashLine)
            self._right.addItem(pg.PlotCurveItem(line.x, line.y, pen=pen, connect="finite"))
        self.showAxis("right", bool(self._areas) and not self.hint)
        self._set_ranges()

    def _set_ranges(self) -> None:
        """Follow the curves as they grow, with all of them in sight, unless the user looks at a part of them."""
        lines = [line for line in self.lines if len(line.x)]
        if not lines or not self._following:
            return
        last = max(float(line.x[-1]) for line in lines)
        losses = [_logarithm(line.y) if self._log else line.y for line in self._losses]
        self.setXRange(0, max(last, 1), padding=0.02)
        self.setYRange(*_ends(losses), padding=0.06)
        low, _ = _ends([line.y for line in self._areas])
        self._right.setYRange(min(low, 0.99), 1.0, padding=0.06)

    def _stay(self) -> None:
        self._following = False

    def _overlay(self) -> None:
        box = self.getViewBox()
        self._right.setGeometry(box.sceneBoundingRect())
        self._right.linkedViewChanged(box, self._right.XAxis)

    def _on_click(self, event: object) -> None:
        box = self.getViewBox()
        if event.double():  # type: ignore[attr-defined]
            self._following = True
            self._set_ranges()
            return
        at = event.scenePos()  # type: ignore[attr-defined]
        if self._losses and box.sceneBoundingRect().contains(at):
            self.step_pointed.emit(float(box.mapSceneToView(at).x()))


def _logarithm(values: Values) -> Values:
    return np.log10(values, out=np.full(len(values), np.nan), where=values > 0)


def _ends(curves: Sequence[Values]) -> tuple[float, float]:
    """Lowest and highest finite value, a little apart where they are one."""
    known = np.concatenate([np.zeros(0), *(curve[np.isfinite(curve)] for curve in curves)])
    if not known.size:
        return 0.0, 1.0
    low, high = float(known.min()), float(known.max())
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _digits(line: PlotLine, step: int, style: str) -> str:
    """The curve's last value up to a step, as text."""
    place = int(np.searchsorted(line.x, step, side="right")) - 1
    return "–" if place < 0 or not np.isfinite(line.y[place]) else format(float(line.y[place]), style)
