"""The curves of the spectrum dock."""

from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QPalette, QPen
from PyQt6.QtWidgets import QWidget

from hadviewer.gui.views.data import Spectrum
from hadviewer.gui.views.plot import Plot
from hadviewer.gui.views.spectral_axis import SpectralAxis

LIVE, SEGMENT = -1, -2
"""Keys of the two curves that follow the cursor; pins have their own ids, which are positive."""
BAND_COLOURS = {1: ("#80868b",), 3: ("#d93025", "#1e8e3e", "#1a73e8")}
_BAND_ALPHA = 140


@dataclass(frozen=True)
class _Look:
    """``colour`` '' means the colour of the text."""

    colour: str = ""
    visible: bool = True


class SpectrumPlot(Plot):
    """Spectra over wavelength or band number; a curve is touched only when it changes itself."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._axis: SpectralAxis | None = None
        self._curves: dict[int, pg.PlotCurveItem] = {}
        self._values: dict[int, Spectrum] = {}
        self._looks: dict[int, _Look] = {}
        self._emphasis: int | None = None
        self._bands: tuple[int, ...] = ()
        self._markers: list[pg.InfiniteLine] = []
        super().__init__(parent)

    def set_axis(self, axis: SpectralAxis | None) -> None:
        """Lay everything out along another axis; curves of another number of bands go."""
        bands = None if axis is None else len(axis.usable)
        self._axis = axis
        for key in [key for key, values in self._values.items() if len(values) != bands]:
            self.remove(key)
        for key in self._curves:
            self._draw(key)
        if axis is not None:
            self.setLabel("bottom", axis.title)
        self.show_bands(self._bands)
        self.reset()

    def set_curve(self, key: int, values: Spectrum, colour: str = "", visible: bool = True) -> None:
        """Draw a spectrum (bands,) under a key; nothing is done where nothing changed."""
        look = _Look(colour, visible)
        curve = self._curves.get(key)
        if curve is None:
            curve = self._curves[key] = pg.PlotCurveItem(connect="finite", antialias=False)
            self.addItem(curve)
        if self._looks.get(key) != look:
            self._looks[key] = look
            curve.setVisible(visible)
            curve.setPen(self._pen(key))
            curve.setZValue(10 if key == LIVE else 0)
        if self._values.get(key) is not values:
            self._values[key] = values
            self._draw(key)

    def remove(self, key: int) -> None:
        """Take a curve away, if it is there."""
        curve = self._curves.pop(key, None)
        if curve is not None:
            self.removeItem(curve)
            del self._values[key], self._looks[key]

    def emphasise(self, key: int | None) -> None:
        """Draw one curve thicker."""
        before, self._emphasis = self._emphasis, key
        for one in (before, key):
            if one is not None and one in self._curves:
                self._curves[one].setPen(self._pen(one))

    def show_bands(self, bands: tuple[int, ...]) -> None:
        """Mark the bands on the screen (0-based): red, green, blue, or one grey."""
        self._bands = bands
        for marker in self._markers:
            self.removeItem(marker)
        self._markers = []
        axis = self._axis
        if axis is None:
            return
        for band, name in zip(bands, BAND_COLOURS.get(len(bands), ()), strict=False):
            if band < len(axis.usable) and np.isfinite(axis.positions[band]):
                colour = QColor(name)
                colour.setAlpha(_BAND_ALPHA)
                marker = pg.InfiniteLine(float(axis.positions[band]), angle=90, pen=pg.mkPen(colour, width=1))
                marker.setZValue(-10)
                self.addItem(marker, ignoreBounds=True)
                self._markers.append(marker)

    def reset(self) -> None:
        """Show all of every curve, and go on doing so as curves change."""
        self.enableAutoRange()

    def shown_keys(self) -> list[int]:
        """The keys of the curves there are."""
        return list(self._curves)

    def curve(self, key: int) -> pg.PlotCurveItem:
        """The drawn curve."""
        return self._curves[key]

    def restyle(self) -> None:
        """Curves in the colour of the text change with it."""
        for key, curve in self._curves.items():
            curve.setPen(self._pen(key))

    def _draw(self, key: int) -> None:
        if self._axis is not None:
            self._curves[key].setData(self._axis.x, self._axis.line(self._values[key]))

    def _pen(self, key: int) -> QPen:
        look = self._looks[key]
        colour = QColor(look.colour) if look.colour else self.palette().color(QPalette.ColorRole.Text)
        style = Qt.PenStyle.DashLine if key == SEGMENT else Qt.PenStyle.SolidLine
        return pg.mkPen(colour, width=2 if key == self._emphasis else 1, style=style)
