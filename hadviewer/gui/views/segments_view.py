"""The dock of superpixels: their table, and the mean spectra of those picked."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QItemSelectionModel, Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSplitter, QVBoxLayout, QWidget

from hadviewer.gui.views._page import dock_column, hint_over
from hadviewer.gui.views.data import Spectrum
from hadviewer.gui.views.row_data import Rows
from hadviewer.gui.views.segment_table import SegmentTable
from hadviewer.gui.views.spectral_axis import SpectralAxis
from hadviewer.gui.views.spectrum_data import Curve
from hadviewer.gui.views.spectrum_plot import SpectrumPlot

COLOURS = ("", "#e8710a", "#12b5cb", "#d01884", "#7cb342", "#9334e6", "#f9ab00", "#1a73e8")
TABLE_WIDTH, PLOT_WIDTH = 410, 250
PICK = "Pick a superpixel in the table to see its mean spectrum."


class SegmentsView(QWidget):
    """Table on the left, mean spectra on the right.

    Signals:
        picked: (list of int) these superpixels, the current one first, are to be shown; none when it is empty.
        export_requested: the superpixels are wanted in a file.
    """

    picked = pyqtSignal(list)
    export_requested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = SegmentTable()
        self.table.setToolTip(
            "A click outlines the superpixel and brings it to the middle. Ctrl or Shift picks several. "
            "A click on a header sorts. Esc picks none."
        )
        self._telling = True
        self._hint = hint_over(self.table)
        self.plot = SpectrumPlot()
        self.plot.setAccessibleName("Mean spectra of superpixels")
        self.plot.setToolTip("Wheel: zoom at the pointer; drag: move")
        self.count = QLabel()
        self.export = QPushButton("Export…")
        self.export.setToolTip("Write the table as CSV, or the map of superpixel numbers as ENVI, GeoTIFF or NumPy")
        self.export.clicked.connect(self.export_requested)
        self._listen()
        self._arrange()
        self.set_bands(None)
        self.set_rows(Rows(), "")

    # What the controller says

    def set_rows(self, rows: Rows, hint: str) -> None:
        """Show these superpixels, or why there are none; what was picked is so no more."""
        self._telling = False
        self.table.segments.set_rows(rows)
        self._telling = True
        self._hint.say(hint)
        self.export.setEnabled(rows.count > 0)
        self.count.setText(f"{rows.count} superpixels" if rows.count else "")

    def set_bands(
        self, usable: NDArray[np.bool_] | None, centres: NDArray[np.float64] | None = None, quantity: str = "Value"
    ) -> None:
        """Lay spectra out along these bands."""
        self.plot.set_axis(None if usable is None else SpectralAxis(usable, centres))
        self.plot.setLabel("left", quantity)
        self.show_spectra(())

    def show_spectra(self, spectra: Sequence[tuple[str, Spectrum]]) -> None:
        """Draw these spectra and no other."""
        self.plot.set_hint("" if spectra else PICK)
        for key in self.plot.shown_keys():
            if key > len(spectra):
                self.plot.remove(key)
        for place, (title, values) in enumerate(spectra):
            self.plot.set_curve(Curve(place + 1, title, values, COLOURS[place % len(COLOURS)]))
        self.plot.show_legend(bool(spectra))
        self.plot.reset()

    def select(self, segment: int | None) -> None:
        """Pick one superpixel, or none, without telling."""
        selection = self.table.selectionModel()
        assert selection is not None
        self._telling = False
        if segment is None:
            self.table.clearSelection()
        else:
            index = self.table.segments.index(self.table.segments.place_of(segment), 0)
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            selection.setCurrentIndex(index, flags)
            self.table.scrollTo(index)
        self._telling = True

    # Inside

    def _listen(self) -> None:
        selection = self.table.selectionModel()
        assert selection is not None
        selection.selectionChanged.connect(self._tell)

    def _tell(self) -> None:
        if self._telling:
            self.picked.emit(self.table.picked())

    def _arrange(self) -> None:
        foot = QHBoxLayout()
        foot.addWidget(self.count)
        foot.addStretch(1)
        foot.addWidget(self.export)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.table, 1)
        column.addLayout(foot)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(left)
        split.addWidget(self.plot)
        split.setStretchFactor(0, 1)
        split.setStretchFactor(1, 1)
        split.setSizes([TABLE_WIDTH, PLOT_WIDTH])
        dock_column(self).addWidget(split)
