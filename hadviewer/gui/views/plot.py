"""A plot in the colours of the window."""

import pyqtgraph as pg
from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtGui import QColor, QPalette, QPen
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from hadviewer.gui.views._page import Hint

AXES = ("left", "bottom")
ABOVE = 6
"""Screen pixels above the axes, or the highest number beside one is cut off."""
DRAWN = (*AXES, "right")
"""Axes that may be drawn; the right one only where a plot shows it."""


class Plot(pg.PlotWidget):
    """A plot that takes its colours from the palette and follows it from light to dark; ``hint`` fills the void.

    Wheel zooms at the pointer (over an axis: that axis only), left drag pans, right drag stretches.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMenuEnabled(False)
        self.hideButtons()
        self.setFrameShape(pg.QtWidgets.QFrame.Shape.NoFrame)
        for name in AXES:
            self.getAxis(name).enableAutoSIPrefix(False)
        self.getPlotItem().layout.setContentsMargins(0, ABOVE, 0, 0)
        self._hint = Hint()
        QVBoxLayout(self).addWidget(self._hint)
        self._paint()

    def set_hint(self, text: str) -> None:
        """Show a sentence instead of axes and what is drawn; '' brings them back."""
        self._hint.say(text)
        self.getViewBox().setVisible(not text)
        for name in AXES:
            self.showAxis(name, not text)

    def pen(self, colour: QColor | str, width: float = 1, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
        """A pen for lines of a width in points: the plot library counts in dots, of which a fine screen has more."""
        return pg.mkPen(colour, width=width * self.devicePixelRatioF(), style=style)

    @property
    def hint(self) -> str:
        """The sentence shown instead of axes, or ''."""
        return self._hint.text()

    def restyle(self) -> None:
        """Take further colours from the palette; called when it changes."""

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.PaletteChange and hasattr(self, "_hint"):
            self._paint()

    def _paint(self) -> None:
        palette = self.palette()
        self.setBackground(palette.color(QPalette.ColorRole.Base))
        text = palette.color(QPalette.ColorRole.Text)
        for name in DRAWN:
            self.getAxis(name).setPen(self.pen(text))
            self.getAxis(name).setTextPen(text)
        self.restyle()
