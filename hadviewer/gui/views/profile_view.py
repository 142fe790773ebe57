"""The profile dock: values along a row, a column or a drawn line."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, QPointF, pyqtSignal
from PyQt6.QtGui import QGuiApplication, QResizeEvent
from PyQt6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from hadviewer.gui.icons import icon
from hadviewer.gui.views.plot import Plot
from hadviewer.gui.views.spectrum_data import ProfileCurve

ALONG = (
    ("row", "Line of the pointer", "X profile: the whole line of the scene under the pointer"),
    ("column", "Sample of the pointer", "Y profile: the whole column of the scene under the pointer"),
    ("line", "Drawn line", "Choose the profile line (8) and drag on the image"),
)


class ProfileView(QWidget):
    """One plot; scores have an axis of their own at the right.

    Signals:
        along_chosen: ('row', 'column' or 'line'); line_cleared: the drawn line is to go.
        place_pointed: (number of the pixel along the line, or None) the pointer is over it.
        copy_requested; export_requested: (Path).
    """

    along_chosen = pyqtSignal(str)
    line_cleared = pyqtSignal()
    place_pointed = pyqtSignal(object)
    copy_requested = pyqtSignal()
    export_requested = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plot = Plot()
        self.plot.setAccessibleName("Profile")
        self.plot.setLabel("left", "Value")
        self.plot.setToolTip("Wheel: zoom at the pointer, over an axis that axis; drag: move; double click: show all")
        self._places: NDArray[np.float64] = np.empty(0)
        self._lines: list[pg.PlotCurveItem] = []
        self._scores = pg.ViewBox(enableMenu=False)
        self._add_score_axis()
        self._pointer = pg.InfiniteLine(angle=90, pen=pg.mkPen("#80868b"))
        self._pointer.hide()
        self.plot.addItem(self._pointer, ignoreBounds=True)
        self.along = QComboBox()
        for key, title, tip in ALONG:
            self.along.addItem(title, key)
            self.along.setItemData(self.along.count() - 1, tip, 3)
        self.along.setAccessibleName("Direction of the profile")
        self.along.setToolTip("Where the profile runs: with the pointer, or along a line you draw")
        self.along.activated.connect(lambda index: self.along_chosen.emit(self.along.currentData()))
        self.legend = QLabel()
        self.legend.setAccessibleName("Legend and values at the pointer")
        # As wide as there is room: long names of bands must not widen the window.
        self.legend.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._curves: Sequence[ProfileCurve] = ()
        self._buttons = [
            self._button("Show all", "reset", "Show all of the profile", self.reset),
            self._button("Remove the line", "trash", "Take the drawn line away", self.line_cleared.emit),
            self._button("Copy", "copy", "Copy the profile as a table", self.copy_requested.emit),
            self._button("Export…", "save", "Write the profile as a table (CSV)", self.ask_export),
        ]
        self._arrange()
        self.plot.scene().sigMouseMoved.connect(self._moved)

    def set_profile(self, title: str, axis: str, places: NDArray[np.float64], curves: Sequence[ProfileCurve]) -> None:
        """Show curves over places along the line (pixels,)."""
        self._places, self._curves = places, curves
        self.plot.setLabel("bottom", f"{axis} · {title}" if title else axis)
        while len(self._lines) > len(curves):
            line = self._lines.pop()
            line.getViewBox().removeItem(line)
        for number, curve in enumerate(curves):
            if number == len(self._lines):
                self._lines.append(pg.PlotCurveItem(connect="finite", antialias=False))
                self.plot.addItem(self._lines[number])
            line = self._lines[number]
            box = self._scores if curve.score else self.plot.getViewBox()
            if line.getViewBox() is not box:
                line.getViewBox().removeItem(line)
                box.addItem(line)
            line.setPen(self.plot.pen(curve.colour))
            line.setData(places, np.asarray(curve.values, dtype=np.float64))
        self.plot.showAxis("right", any(curve.score for curve in curves))
        self._tell_legend(None)

    def show_along(self, along: str) -> None:
        """Show where the profile runs."""
        self.along.setCurrentIndex(self.along.findData(along))

    def set_hint(self, text: str) -> None:
        """Say what to do where there is no profile; '' when there is one."""
        self.plot.set_hint(text)

    def copy_text(self, text: str) -> None:
        """Put text on the clipboard."""
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None:
            clipboard.setText(text)

    def reset(self) -> None:
        """Show all of every curve, and go on doing so."""
        self.plot.enableAutoRange()
        self._scores.enableAutoRange()

    def ask_export(self) -> None:
        """Ask for a file and send it out as a request."""
        name, _ = QFileDialog.getSaveFileName(self, "Export profile", "profile.csv", "Table (*.csv)")
        if name:
            path = Path(name)
            self.export_requested.emit(path if path.suffix else path.with_suffix(".csv"))

    def leaveEvent(self, event: QEvent | None) -> None:
        """The pointer is on no place any more."""
        self._pointer.hide()
        self._tell_legend(None)
        self.place_pointed.emit(None)

    def changeEvent(self, event: QEvent | None) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.PaletteChange and hasattr(self, "_buttons"):
            self._restyle()

    def _add_score_axis(self) -> None:
        """A second view over the first, with an axis at the right."""
        item = self.plot.getPlotItem()
        item.scene().addItem(self._scores)
        item.getAxis("right").linkToView(self._scores)
        item.setLabel("right", "Score")
        item.getAxis("right").enableAutoSIPrefix(False)
        self._scores.setXLink(self.plot.getViewBox())
        self.plot.getViewBox().sigResized.connect(
            lambda: self._scores.setGeometry(self.plot.getViewBox().sceneBoundingRect())
        )
        self.plot.showAxis("right", False)

    def _moved(self, position: QPointF) -> None:
        """Point at the place under the mouse."""
        if not len(self._places) or not self.plot.getViewBox().sceneBoundingRect().contains(position):
            return
        across = self.plot.getViewBox().mapSceneToView(position).x()
        number = int(np.argmin(np.abs(self._places - across)))
        self._pointer.setPos(float(self._places[number]))
        self._pointer.show()
        self._tell_legend(number)
        self.place_pointed.emit(number)

    def _tell_legend(self, number: int | None) -> None:
        """Name the curves, and their values at the pointer, in as many words as there is room for."""
        told = [
            "" if number is None or number >= len(item.values) else f"{item.values[number]:.5g}"
            for item in self._curves
        ]
        for shorten in (str, _short, lambda title: ""):
            texts = [f"■ {shorten(item.title)} {value}".strip() for item, value in zip(self._curves, told, strict=True)]
            if self.legend.fontMetrics().horizontalAdvance("   ".join(texts)) < self.legend.width():
                break
        colours = [item.colour for item in self._curves]
        parts = [f"<span style='color:{one}'>■</span>{text[1:]}" for one, text in zip(colours, texts, strict=True)]
        self.legend.setText(" &nbsp; ".join(parts))
        self.legend.setToolTip("\n".join(item.title for item in self._curves))

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """There is other room for names."""
        super().resizeEvent(event)
        self._tell_legend(None)

    def _button(self, text: str, drawing: str, tip: str, slot: object) -> QToolButton:
        button = QToolButton()
        button.setObjectName(drawing)
        button.setAutoRaise(True)
        button.setToolTip(tip)
        button.setAccessibleName(text)
        button.clicked.connect(lambda checked=False: slot())  # type: ignore[operator]
        return button

    def _arrange(self) -> None:
        tools = QHBoxLayout()
        tools.setSpacing(4)
        tools.addWidget(self.along)
        tools.addWidget(self.legend, 1)
        for button in self._buttons:
            tools.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(4)
        column.addLayout(tools)
        column.addWidget(self.plot, 1)
        self._restyle()

    def _restyle(self) -> None:
        for button in self._buttons:
            button.setIcon(icon(button.objectName()))


def _short(title: str) -> str:
    """What tells a curve from the others: 'Band 22 (646.4 nm)' by its wavelength, a score by its result."""
    return title.removeprefix("Score: ").partition("(")[2].rstrip(")") or title.removeprefix("Score: ")
