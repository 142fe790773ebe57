"""The histogram of the threshold dock, with the line that is dragged."""

import math

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QColor, QPalette
from PyQt6.QtWidgets import QWidget

from hadviewer.gui.views.data import ScoreBars
from hadviewer.gui.views.plot import Plot
from hadviewer.render.figure import nice_ticks

TARGET_COLOUR = "#00b8d4"
MASK_COLOUR = "#ff3b30"
LEGEND_ALPHA = 200
EMPTY = 0.5
"""What an empty bar counts as on the logarithmic axis; a bar of one pixel still shows above it."""


class ScoreAxis(pg.AxisItem):
    """Scores below the histogram: round numbers also where the axis is logarithmic."""

    log = False

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """1, 2 and 5 times the powers of ten, or finer where less than a decade is shown."""
        if not self.log:
            return super().tickValues(low, high, size)
        if high - low < 1:
            values = [value for value in nice_ticks(10**low, 10**high, max(2, int(size // 70))) if value > 0]
        else:
            values = [digit * 10.0**power for power in range(math.floor(low), math.ceil(high)) for digit in (1, 2, 5)]
        places = [math.log10(value) for value in values]
        return [(1.0, [place for place in places if low <= place <= high])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """The score at each tick."""
        if not self.log:
            return super().tickStrings(values, scale, spacing)
        return [f"{10**value:.6g}" for value in values]


class ScorePlot(Plot):
    """How many pixels have which score, on a logarithmic axis of counts, and the threshold as a line to drag.

    Signals:
        moved(float): the line is being dragged and stands at this score.
        settled(): the line was let go.
    """

    moved = pyqtSignal(float)
    settled = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        self._bars: ScoreBars | None = None
        self._log = False
        self._threshold: float | None = None
        self._all, self._targets = _outline(), _outline()
        self._line = pg.InfiniteLine(angle=90, movable=True)
        super().__init__(parent)
        self._axis = ScoreAxis("bottom")
        self._axis.enableAutoSIPrefix(False)
        self.getPlotItem().setAxisItems({"bottom": self._axis})
        self._paint()
        self.getPlotItem().layout.setContentsMargins(0, 8, 14, 6)
        self.getAxis("left").setLogMode(False, True)
        self.setLabel("left", "Pixels")
        self.setMouseEnabled(x=True, y=False)
        for item in (self._all, self._targets, self._line):
            self.addItem(item)
        self._legend = self.addLegend(offset=(-8, 4))
        self.restyle()
        self._line.setZValue(10)
        self._line.sigDragged.connect(lambda line: self.moved.emit(self._score(float(line.value()))))
        self._line.sigPositionChangeFinished.connect(lambda line: self.settled.emit())
        self.set_bars(None, log=False)

    def set_bars(self, bars: ScoreBars | None, *, log: bool) -> None:
        """Draw this histogram; ``log`` when its edges are in equal ratios."""
        self._bars, self._log = bars, log
        self._axis.log = log
        self._axis.picture = None
        self.setLabel("bottom", "Score (log)" if log else "Score")
        shown = bars is not None
        self._all.setVisible(shown)
        self._targets.setVisible(bars is not None and bars.targets is not None)
        self._legend.setVisible(bars is not None and bars.targets is not None)
        if bars is not None:
            edges = np.log10(bars.edges) if log else bars.edges
            self._all.setData(edges, _heights(bars.counts))
            if bars.targets is not None:
                self._targets.setData(edges, _heights(bars.targets))
            low, high, top = float(edges[0]), float(edges[-1]), math.log10(max(10, bars.counts.max()))
            room = 0.02 * (high - low) or 1.0
            self._line.setBounds((low - room, high + room))
            self.setLimits(xMin=low - 5 * room, xMax=high + 5 * room)
            self.setRange(xRange=(low, high), yRange=(math.log10(EMPTY), top), padding=0.02)
        self.set_threshold(self._threshold)

    def set_threshold(self, value: float | None) -> None:
        """Move the line; nothing is emitted."""
        self._threshold = value
        place = None if value is None or self._bars is None else self._place(value)
        self._line.setVisible(place is not None)
        if place is not None:
            self._line.setValue(place)

    @property
    def line(self) -> pg.InfiniteLine:
        """The line that is dragged."""
        return self._line

    def restyle(self) -> None:
        """Follow the theme."""
        grey = QColor(self.palette().color(QPalette.ColorRole.PlaceholderText))
        for curve, colour in ((self._all, grey), (self._targets, QColor(TARGET_COLOUR))):
            fill = QColor(colour)
            fill.setAlpha(110)
            curve.setPen(self.pen(colour))
            curve.setBrush(fill)
        self._line.setPen(self.pen(MASK_COLOUR, width=2))
        self._line.setHoverPen(self.pen(MASK_COLOUR, width=4))
        if hasattr(self, "_legend"):
            self._write_legend()

    def _write_legend(self) -> None:
        back = self.palette().color(QPalette.ColorRole.Base)
        back.setAlpha(LEGEND_ALPHA)
        self._legend.clear()
        self._legend.setBrush(back)
        self._legend.setLabelTextColor(self.palette().color(QPalette.ColorRole.Text))
        self._legend.addItem(self._all, "All pixels")
        self._legend.addItem(self._targets, "Truth")

    def _place(self, score: float) -> float | None:
        """Where a score lies on the axis."""
        if not self._log:
            return score
        return math.log10(score) if score > 0 else None

    def _score(self, place: float) -> float:
        return 10.0**place if self._log else place


def _outline() -> pg.PlotCurveItem:
    return pg.PlotCurveItem([0, 1], [0], stepMode="center", fillLevel=math.log10(EMPTY))


def _heights(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    heights: NDArray[np.float64] = np.log10(np.maximum(counts, EMPTY))
    return heights
