"""Separability of targets and background: two boxes per result."""

from collections.abc import Sequence

import pyqtgraph as pg
from PyQt6.QtCore import QPointF, pyqtSignal
from PyQt6.QtGui import QColor, QPalette
from PyQt6.QtWidgets import QWidget

from hadviewer.gui.views.data import FiveNumbers, ScoreBox
from hadviewer.gui.views.plot import Plot

OFFSET, WIDTH = 0.2, 0.32
LABEL_PIXELS = 7
"""About the width of a letter below the axis."""


class BoxPlot(Plot):
    """Boxes between two percentiles, a line at the median, whiskers to the extremes.

    The left box of a pair, in the colour of the result, holds the targets, the right one, grey, the background.

    Signals:
        pointed(tuple of str): the numbers of the pair under the pointer, the most important first.
    """

    pointed = pyqtSignal(tuple)

    def __init__(self, parent: QWidget | None = None) -> None:
        self._boxes: tuple[ScoreBox, ...] = ()
        self._items: list[pg.GraphicsObject] = []
        super().__init__(parent)
        self.setLabel("left", "Score (0–1)")
        self.setMouseEnabled(x=False, y=True)
        self.setLimits(yMin=-0.1, yMax=1.1)
        self.getPlotItem().layout.setContentsMargins(0, 8, 14, 4)
        self.scene().sigMouseMoved.connect(self._on_mouse)

    def set_boxes(self, boxes: Sequence[ScoreBox]) -> None:
        """Draw these pairs."""
        self._boxes = tuple(boxes)
        self._draw()

    @property
    def boxes(self) -> tuple[ScoreBox, ...]:
        """The pairs drawn, from left to right."""
        return self._boxes

    def restyle(self) -> None:
        """Follow the theme."""
        self._draw()

    def resizeEvent(self, event: object) -> None:
        """Names are cut to the room there is."""
        super().resizeEvent(event)
        if self._boxes:  # Qt asks before the axes are there
            self._name_boxes()

    def _draw(self) -> None:
        for item in self._items:
            self.removeItem(item)
        self._items = []
        grey = self.palette().color(QPalette.ColorRole.PlaceholderText)
        for place, box in enumerate(self._boxes):
            self._draw_box(place - OFFSET, box.targets, QColor(box.colour))
            self._draw_box(place + OFFSET, box.background, grey)
        self._name_boxes()
        self.setRange(xRange=(-0.6, max(len(self._boxes), 1) - 0.4), yRange=(0.0, 1.0), padding=0.02)

    def _draw_box(self, x: float, numbers: FiveNumbers, colour: QColor) -> None:
        low, foot, median, top, high = numbers
        fill = QColor(colour)
        fill.setAlpha(110)
        text = self.palette().color(QPalette.ColorRole.Text)
        half = WIDTH / 2
        body = pg.BarGraphItem(x=[x], y0=[foot], height=[top - foot], width=WIDTH, pen=self.pen(colour), brush=fill)
        whiskers = pg.PlotCurveItem(
            [x, x, x, x, x - half / 2, x + half / 2, x - half / 2, x + half / 2],
            [low, foot, top, high, low, low, high, high],
            connect="pairs",
            pen=self.pen(colour),
        )
        line = pg.PlotCurveItem([x - half, x + half], [median, median], pen=self.pen(text, width=2))
        for item in (body, whiskers, line):
            self.addItem(item)
            self._items.append(item)

    def _name_boxes(self) -> None:
        room = max(int(self.width() / max(len(self._boxes), 1) / LABEL_PIXELS) - 1, 3)
        names = [box.title if len(box.title) <= room else f"{box.title[: room - 1]}…" for box in self._boxes]
        self.getAxis("bottom").setTicks([list(enumerate(names))])

    def _on_mouse(self, at: QPointF) -> None:
        box = self.getViewBox()
        place = round(box.mapSceneToView(at).x()) if box.sceneBoundingRect().contains(at) else -1
        self.pointed.emit(box_text(self._boxes[place]) if 0 <= place < len(self._boxes) else ())

    def leaveEvent(self, event: object) -> None:
        """No read-out once the pointer is gone."""
        super().leaveEvent(event)
        self.pointed.emit(())


def box_text(box: ScoreBox) -> tuple[str, ...]:
    """'GRX: gap -0.1', 'targets 0.1–0.6', 'background 0.0–0.2'."""
    targets, background = (f"{numbers[1]:.3f}–{numbers[3]:.3f}" for numbers in (box.targets, box.background))
    return f"{box.title}: gap {box.gap:+.3f}", f"targets {targets}", f"background {background}"
