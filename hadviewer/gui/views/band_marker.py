"""Marking bands on the plot of spectra: Shift+drag over a range, or a press of the right button on one band."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, QObject, QPoint, QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QMouseEvent
from PyQt6.QtWidgets import QMenu

if TYPE_CHECKING:
    from hadviewer.gui.views.spectral_axis import SpectralAxis
    from hadviewer.gui.views.spectrum_plot import SpectrumPlot

_SHADE = QColor(128, 134, 139, 70)
LEAST_PIXELS = 3
"""A shorter drag is a shaky press: it means one band."""


class BandMarker(QObject):
    """Watches a plot of spectra; what was pointed at is asked about in a menu.

    Signals: ``marked(bands, usable)``, 0-based; ``table_requested()``.
    """

    marked = pyqtSignal(list, bool)
    table_requested = pyqtSignal()

    def __init__(self, plot: "SpectrumPlot") -> None:
        super().__init__(plot)
        self._plot = plot
        self._from: QPointF | None = None
        self._shade: pg.LinearRegionItem | None = None
        self.menu: QMenu | None = None
        viewport = plot.viewport()
        assert viewport is not None
        viewport.installEventFilter(self)
        plot.scene().sigMouseClicked.connect(self._press)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Take Shift+drag with the left button away from the plot, which would move."""
        if not isinstance(event, QMouseEvent) or self._axis is None:
            return False
        kind = event.type()
        if kind == QEvent.Type.MouseButtonPress and self._begins(event):
            self._from = event.position()
            return True
        if self._from is None:
            return False
        if kind == QEvent.Type.MouseMove:
            self._draw(self._from, event.position())
            return True
        if kind == QEvent.Type.MouseButtonRelease:
            start, self._from = self._from, None
            self._choose(start, event)
            return True
        return False

    @property
    def _axis(self) -> "SpectralAxis | None":
        return self._plot.axis

    def _begins(self, event: QMouseEvent) -> bool:
        left = event.button() == Qt.MouseButton.LeftButton
        return left and event.modifiers() == Qt.KeyboardModifier.ShiftModifier and not self._plot.hint

    def _draw(self, start: QPointF, end: QPointF) -> None:
        ends = sorted((self._x(start), self._x(end)))
        if self._shade is None:
            self._shade = pg.LinearRegionItem(ends, movable=False, brush=_SHADE, pen=pg.mkPen(None))
            self._plot.addItem(self._shade, ignoreBounds=True)
        self._shade.setRegion(ends)

    def _choose(self, start: QPointF, event: QMouseEvent) -> None:
        end = event.position()
        if abs(end.x() - start.x()) < LEAST_PIXELS:
            bands = self._nearest(self._x(end))
        else:
            low, high = sorted((self._x(start), self._x(end)))
            positions = self._positions()
            bands = np.flatnonzero((positions >= low) & (positions <= high))
        self._ask(bands, event.globalPosition().toPoint())

    def _press(self, event: Any) -> None:
        """A click of pyqtgraph: the right button asks about the band under it."""
        if event.button() == Qt.MouseButton.RightButton and self._axis is not None and not self._plot.hint:
            view = self._plot.getViewBox()
            place = view.mapSceneToView(event.scenePos())
            self._ask(self._nearest(place.x()), event.screenPos().toPoint())

    def _ask(self, bands: NDArray[np.intp], at: QPoint) -> None:
        """Offer to mark these bands."""
        menu = self.menu = QMenu(self._plot)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.aboutToHide.connect(self._forget)
        name = self._name(bands)
        self._offer(menu, f"Mark {name} as bad", bands, usable=False)
        self._offer(menu, f"Mark {name} as good", bands, usable=True)
        menu.addSeparator()
        table = menu.addAction("Bad bands…")
        if table is not None:
            table.triggered.connect(self.table_requested)
        menu.popup(at)

    def _offer(self, menu: QMenu, text: str, bands: NDArray[np.intp], *, usable: bool) -> None:
        action = menu.addAction(text)
        if action is not None:
            action.setEnabled(len(bands) > 0 and bool(np.any(self._usable()[bands] != usable)))
            action.triggered.connect(lambda checked=False: self.marked.emit(bands.tolist(), usable))

    def _forget(self) -> None:
        self.menu = None
        if self._shade is not None:
            self._plot.removeItem(self._shade)
            self._shade = None

    def _name(self, bands: NDArray[np.intp]) -> str:
        """'band 12 (650 nm)', 'bands 12-20 (650-690 nm)'."""
        if not len(bands):
            return "no band"
        axis = self._axis
        assert axis is not None
        low, high = int(bands[0]), int(bands[-1])
        numbers = f"band {low + 1}" if low == high else f"bands {low + 1}-{high + 1}"
        if axis.centres is None:
            return numbers
        ends = sorted((axis.centres[low], axis.centres[high]))
        return f"{numbers} ({ends[0]:.0f}{'' if low == high else f'-{ends[1]:.0f}'} nm)"

    def _nearest(self, x: float) -> NDArray[np.intp]:
        away = np.abs(self._positions() - x)
        return np.array([int(np.nanargmin(away))]) if np.isfinite(away).any() else np.zeros(0, dtype=np.intp)

    def _positions(self) -> NDArray[np.float64]:
        axis = self._axis
        assert axis is not None
        return axis.positions

    def _usable(self) -> NDArray[np.bool_]:
        axis = self._axis
        assert axis is not None
        return axis.usable

    def _x(self, at: QPointF) -> float:
        """Where on the axis a place on the plot lies."""
        return float(self._plot.getViewBox().mapSceneToView(self._plot.mapToScene(at.toPoint())).x())
