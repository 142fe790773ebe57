"""The curves of the spectrum dock."""

from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QBrush, QColor, QPalette, QPen
from PyQt6.QtWidgets import QWidget

from hadviewer.gui.views._plot_picture import SIZE as FIGURE
from hadviewer.gui.views._plot_reader import PlotReader
from hadviewer.gui.views._ribbon import RibbonItem
from hadviewer.gui.views.plot import Plot
from hadviewer.gui.views.spectral_axis import SpectralAxis
from hadviewer.gui.views.spectrum_data import LIVE, SEGMENT, SUMMARY, Curve

BAND_COLOURS = {1: ("#80868b",), 3: ("#d93025", "#1e8e3e", "#1a73e8")}
_BAND_ALPHA = 140
_RIBBON_ALPHA = 50
_DASHED = {SEGMENT: Qt.PenStyle.DashLine, SUMMARY: Qt.PenStyle.DashDotLine}
LEGEND_LINE, LEGEND_COLUMNS = 20, 3
Limits = tuple[float, float]


@dataclass
class _Drawn:
    """A curve and what is drawn of it."""

    curve: Curve
    line: pg.PlotCurveItem
    ribbon: RibbonItem | None = None


class SpectrumPlot(Plot):
    """Spectra over wavelength or band number; a curve is touched only when it changes itself."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._axis: SpectralAxis | None = None
        self._drawn: dict[int, _Drawn] = {}
        self._emphasis: frozenset[int] = frozenset()
        self._bands: tuple[int, ...] = ()
        self._markers: list[pg.InfiniteLine] = []
        self._legend: pg.LegendItem | None = None
        super().__init__(parent)
        self.reader = PlotReader(self)

    @property
    def axis(self) -> SpectralAxis | None:
        """Where the bands lie, None when no cube is open."""
        return self._axis

    def set_axis(self, axis: SpectralAxis | None) -> None:
        """Lay everything out along another axis; curves of another number of bands go."""
        bands = None if axis is None else len(axis.usable)
        self._axis = axis
        for key in [key for key, drawn in self._drawn.items() if len(drawn.curve.values) != bands]:
            self.remove(key)
        for drawn in self._drawn.values():
            self._lay(drawn)
        if axis is not None:
            self.setLabel("bottom", axis.title)
        self.show_bands(self._bands)
        self.reset()

    def set_curve(self, curve: Curve) -> None:
        """Draw a curve in place of the one with its key; nothing is done where nothing changed."""
        drawn = self._drawn.get(curve.key)
        before = None if drawn is None else drawn.curve
        if drawn is None:
            line = pg.PlotCurveItem(connect="finite", antialias=False)
            line.setZValue({LIVE: 10, SUMMARY: 5}.get(curve.key, 0))
            self.addItem(line)
            drawn = self._drawn[curve.key] = _Drawn(curve, line)
        drawn.curve = curve
        banded = before is None or before.ribbon is not curve.ribbon
        if banded:
            self._change_ribbon(drawn)
        if before is None or banded or before.values is not curve.values:
            self._lay(drawn)
        if before is None or banded or before.colour != curve.colour:
            self._paint_curve(drawn)
        if before is None or banded or before.visible != curve.visible:
            self.show_curve(curve.key, curve.visible)
        elif before.title != curve.title:
            self._rename_in_legend(drawn)

    def remove(self, key: int) -> None:
        """Take a curve away, if it is there."""
        drawn = self._drawn.pop(key, None)
        if drawn is not None:
            self.removeItem(drawn.line)
            if drawn.ribbon is not None:
                self.removeItem(drawn.ribbon)
            self._fill_legend()

    def show_curve(self, key: int, visible: bool) -> None:
        """Show or hide a curve with its band."""
        drawn = self._drawn[key]
        drawn.line.setVisible(visible)
        if drawn.ribbon is not None:
            drawn.ribbon.setVisible(visible)
        self._fill_legend()

    def emphasise(self, keys: frozenset[int]) -> None:
        """Draw some curves thicker."""
        changed, self._emphasis = self._emphasis ^ keys, keys
        for key in changed & set(self._drawn):
            self._drawn[key].line.setPen(self._pen(self._drawn[key].curve))

    def show_bands(self, bands: tuple[int, ...]) -> None:
        """Mark the bands on the screen (0-based): red, green, blue, or one grey."""
        self._bands = bands
        axis, colours = self._axis, BAND_COLOURS.get(len(bands), ())
        marked = [
            (float(axis.positions[band]), QColor(name))
            for band, name in (() if axis is None else zip(bands, colours, strict=False))
            if axis is not None and band < len(axis.usable) and np.isfinite(axis.positions[band])
        ]
        while len(self._markers) > len(marked):
            self.removeItem(self._markers.pop())
        while len(self._markers) < len(marked):
            marker = pg.InfiniteLine(angle=90)
            marker.setZValue(-10)
            self.addItem(marker, ignoreBounds=True)
            self._markers.append(marker)
        # Items are moved, for taking one away and adding another costs milliseconds.
        for marker, (place, colour) in zip(self._markers, marked, strict=True):
            colour.setAlpha(_BAND_ALPHA)
            marker.setPen(self.pen(colour, width=1))
            marker.setValue(place)

    def show_legend(self, shown: bool) -> None:
        """Name the curves inside the plot, or not."""
        if shown and self._legend is None:
            self._legend = pg.LegendItem(offset=(-8, 8), labelTextSize="8pt", verSpacing=-4)
            self._legend.setParentItem(self.getViewBox())
        elif not shown and self._legend is not None:
            scene = self._legend.scene()
            if scene is not None:
                scene.removeItem(self._legend)
            self._legend = None
        self.restyle()

    @property
    def has_legend(self) -> bool:
        """Whether the curves are named inside the plot."""
        return self._legend is not None

    def reset(self) -> None:
        """Show all of every curve, and go on doing so as curves change."""
        self.enableAutoRange()

    def limits(self) -> tuple[Limits, Limits]:
        """The ends of both axes as they are now."""
        across, up = self.getViewBox().viewRange()
        return (across[0], across[1]), (up[0], up[1])

    def automatic(self) -> tuple[bool, bool]:
        """Whether each axis follows the curves."""
        across, up = self.getViewBox().autoRangeEnabled()
        return bool(across), bool(up)

    def set_limits(self, across: Limits | None, up: Limits | None) -> None:
        """Fix the ends of the axes; None lets an axis follow the curves."""
        for limits, name, fix in ((across, "x", self.setXRange), (up, "y", self.setYRange)):
            if limits is None:
                self.enableAutoRange(axis=name)
            else:
                fix(*limits, padding=0)

    def twin(self) -> "SpectrumPlot":
        """A plot of the same curves, as far as they are in sight, with a legend: for a picture."""
        twin = SpectrumPlot()
        twin.set_axis(self._axis)
        twin.setLabel("left", self.getAxis("left").labelText)
        for drawn in self._drawn.values():
            if drawn.line.isVisible():
                twin.set_curve(drawn.curve)
        twin.set_limits(*(None if free else ends for free, ends in zip(self.automatic(), self.limits(), strict=True)))
        twin.set_hint("")
        twin.resize(FIGURE)
        twin.show_legend(True)
        return twin

    def read_first(self) -> list[Curve]:
        """The curves in sight in the order in which they are read: those emphasised, else all, the live one first."""
        seen = [drawn.curve for drawn in self._drawn.values() if drawn.line.isVisible()]
        seen.sort(key=lambda curve: (curve.key > 0, abs(curve.key)))
        return [curve for curve in seen if curve.key in self._emphasis] or seen

    def shown_keys(self) -> list[int]:
        """The keys of the curves there are."""
        return list(self._drawn)

    def line(self, key: int) -> pg.PlotCurveItem:
        """The drawn curve."""
        return self._drawn[key].line

    def ribbon(self, key: int) -> RibbonItem | None:
        """The drawn band of a curve."""
        return self._drawn[key].ribbon

    def restyle(self) -> None:
        """Curves in the colour of the text change with it."""
        for drawn in self._drawn.values():
            self._paint_curve(drawn)
        if self._legend is not None:
            palette = self.palette()
            ground = palette.color(QPalette.ColorRole.Base)
            ground.setAlpha(200)
            self._legend.setBrush(ground)
            self._legend.setLabelTextColor(palette.color(QPalette.ColorRole.Text))
        self._fill_legend()

    def _change_ribbon(self, drawn: _Drawn) -> None:
        """Have a band or none, as the curve says."""
        if drawn.curve.ribbon is not None and drawn.ribbon is None:
            drawn.ribbon = RibbonItem()
            drawn.ribbon.setZValue(-5)
            self.addItem(drawn.ribbon)
        elif drawn.curve.ribbon is None and drawn.ribbon is not None:
            self.removeItem(drawn.ribbon)
            drawn.ribbon = None

    def _lay(self, drawn: _Drawn) -> None:
        axis, curve = self._axis, drawn.curve
        if axis is None:
            return
        drawn.line.setData(axis.x, axis.line(curve.values))
        if drawn.ribbon is not None and curve.ribbon is not None:
            drawn.ribbon.set_edges(axis.x, axis.line(curve.ribbon.low), axis.line(curve.ribbon.high))

    def _paint_curve(self, drawn: _Drawn) -> None:
        drawn.line.setPen(self._pen(drawn.curve))
        if drawn.ribbon is not None:
            colour = self._colour(drawn.curve)
            colour.setAlpha(_RIBBON_ALPHA)
            drawn.ribbon.setBrush(QBrush(colour))

    def _colour(self, curve: Curve) -> QColor:
        return QColor(curve.colour) if curve.colour else self.palette().color(QPalette.ColorRole.Text)

    def _pen(self, curve: Curve) -> QPen:
        style = _DASHED.get(curve.key, Qt.PenStyle.SolidLine)
        return self.pen(self._colour(curve), width=2 if curve.key in self._emphasis else 1, style=style)

    def _rename_in_legend(self, drawn: _Drawn) -> None:
        label = None if self._legend is None else self._legend.getLabel(drawn.line)
        if label is not None:
            label.setText(drawn.curve.title)

    def _fill_legend(self) -> None:
        if self._legend is None:
            return
        self._legend.clear()
        order = sorted(self._drawn.values(), key=lambda drawn: (drawn.curve.key > 0, abs(drawn.curve.key)))
        named = [drawn for drawn in order if drawn.line.isVisible()]
        room = max(1, int(self.getViewBox().height() // LEGEND_LINE))
        self._legend.setColumnCount(min(LEGEND_COLUMNS, -(-len(named) // room)) or 1)
        for drawn in named:
            self._legend.addItem(drawn.line, drawn.curve.title)
