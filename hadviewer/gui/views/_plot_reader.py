"""Reading a plot of spectra: the band at the pointer and what the curves are worth there."""

from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import QEvent, QObject, QPointF, Qt
from PyQt6.QtWidgets import QLabel

if TYPE_CHECKING:
    from hadviewer.gui.views.spectrum_data import Curve
    from hadviewer.gui.views.spectrum_plot import SpectrumPlot

MOST_CURVES = 3
_MARGIN = 6


class PlotReader(QObject):
    """A thin line at the band nearest to the pointer, and a plate that tells the values of the curves there.

    Of many curves those selected in the list are told, else the first ones.
    """

    def __init__(self, plot: "SpectrumPlot") -> None:
        super().__init__(plot)
        self._plot = plot
        self._line = pg.InfiniteLine(angle=90, pen=plot.pen("#80868b", style=Qt.PenStyle.DotLine))
        self._line.hide()
        plot.addItem(self._line, ignoreBounds=True)
        self.plate = QLabel(plot)
        self.plate.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.plate.setAutoFillBackground(True)
        self.plate.setMargin(3)
        self.plate.setAccessibleName("Values at the pointer")
        self.plate.hide()
        plot.scene().sigMouseMoved.connect(self.point)
        plot.installEventFilter(self)

    def point(self, position: QPointF) -> None:
        """Read what is at a place of the plot's scene."""
        axis, box = self._plot.axis, self._plot.getViewBox()
        if axis is None or self._plot.hint or not box.sceneBoundingRect().contains(position):
            self.leave()
            return
        distance = np.abs(axis.positions - box.mapSceneToView(position).x())
        if np.isnan(distance).all():
            return
        band = int(np.nanargmin(distance))
        self._line.setPos(float(axis.positions[band]))
        self._line.show()
        named = f"{axis.positions[band]:.1f} nm, " if axis.in_nm and axis.centres is not None else ""
        lines = [f"<b>{named}band {band + 1}{'' if axis.usable[band] else ' (bad)'}</b>"]
        lines += [_value(curve, band) for curve in self._plot.read_first()[:MOST_CURVES]]
        self.plate.setText("<br>".join(lines))
        self.plate.adjustSize()
        self._place(position)
        self.plate.show()

    def leave(self) -> None:
        """The pointer is elsewhere."""
        self._line.hide()
        self.plate.hide()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Let go when the pointer leaves the plot."""
        if event is not None and event.type() == QEvent.Type.Leave:
            self.leave()
        return False

    def _place(self, position: QPointF) -> None:
        """In the upper corner that is further from the pointer."""
        seen = self._plot.getViewBox().sceneBoundingRect()
        right = position.x() < seen.center().x()
        left = seen.right() - self.plate.width() - _MARGIN if right else seen.left() + _MARGIN
        self.plate.move(int(left), int(seen.top()) + _MARGIN)


def _value(curve: "Curve", band: int) -> str:
    value = float(curve.values[band])
    colour = f" style='color:{curve.colour}'" if curve.colour else ""
    return f"<span{colour}>■</span> {curve.title}: {'no data' if np.isnan(value) else f'{value:.5g}'}"
