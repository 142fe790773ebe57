"""The dock of superpixels: their table, and the mean spectra of those picked."""

import itertools
from collections.abc import Sequence

from PyQt6.QtCore import QItemSelectionModel, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from hadviewer.core.colours import CATEGORIES
from hadviewer.gui.views._table_and_spectra import TableAndSpectra
from hadviewer.gui.views.data import Spectrum
from hadviewer.gui.views.row_data import Rows
from hadviewer.gui.views.segment_table import SegmentTable
from hadviewer.gui.views.spectrum_data import Curve

COLOURS = ("", *CATEGORIES[1:], CATEGORIES[0])
TABLE_WIDTH, PLOT_WIDTH = 410, 250
PICK = "Pick a superpixel in the table to see its mean spectrum."


class SegmentsView(TableAndSpectra):
    """Superpixels on the left, the mean spectra of those picked on the right.

    Signals:
        export_requested: the superpixels are wanted in a file.
    """

    export_requested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        self.table = SegmentTable()
        super().__init__(self.table, "Mean spectra of superpixels", PICK, parent)
        self.table.setToolTip(
            "A click outlines the superpixel and brings it to the middle. Ctrl or Shift picks several. "
            "A click on a header sorts. Esc picks none."
        )
        self.count = QLabel()
        self.export = QPushButton("Export…")
        self.export.setToolTip("Write the table as CSV, or the map of superpixel numbers as ENVI, GeoTIFF or NumPy")
        self.export.clicked.connect(self.export_requested)
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

    def show_curves(self, curves: Sequence[Curve]) -> None:
        """Draw these spectra and no other, with a legend."""
        super().show_curves(curves)
        self.plot.show_legend(bool(curves))
        self.plot.reset()

    def show_spectra(self, spectra: Sequence[tuple[str, Spectrum]]) -> None:
        """Draw these spectra, by name, in colours of their own."""
        colours = itertools.cycle(COLOURS)
        named = zip(itertools.count(1), spectra, colours, strict=False)
        self.show_curves([Curve(key, title, values, colour) for key, (title, values), colour in named])

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

    def _arrange(self) -> None:
        foot = QHBoxLayout()
        foot.addWidget(self.count)
        foot.addStretch(1)
        foot.addWidget(self.export)
        self.lay_out((self.table, foot), (self.plot,), (1, 1), (TABLE_WIDTH, PLOT_WIDTH))
