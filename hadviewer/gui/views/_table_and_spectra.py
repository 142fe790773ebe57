"""What docks with a table on the left and spectra of what is picked in it on the right have in common."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QLayout, QSplitter, QVBoxLayout, QWidget

from hadviewer.gui.views._page import dock_column, hint_over
from hadviewer.gui.views.row_table import RowTable
from hadviewer.gui.views.spectral_axis import SpectralAxis
from hadviewer.gui.views.spectrum_data import Curve
from hadviewer.gui.views.spectrum_plot import SpectrumPlot


class TableAndSpectra(QWidget):
    """A table, and a plot beside it in which ``pick`` stands while nothing is picked.

    Signals:
        picked: (list of int) these rows' things, the current one first, are to be shown; none when it is empty.
    """

    picked = pyqtSignal(list)

    def __init__(self, table: RowTable, plot_name: str, pick: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picking, self._pick = table, pick
        self._telling = True
        self._hint = hint_over(table)
        self.plot = SpectrumPlot()
        self.plot.setAccessibleName(plot_name)
        self.plot.setToolTip("Wheel: zoom at the pointer; drag: move")
        selection = table.selectionModel()
        assert selection is not None
        selection.selectionChanged.connect(self._tell)

    def set_bands(
        self, usable: NDArray[np.bool_] | None, centres: NDArray[np.float64] | None = None, quantity: str = "Value"
    ) -> None:
        """Lay spectra out along these bands; those of before are gone."""
        self.plot.set_axis(None if usable is None else SpectralAxis(usable, centres))
        self.plot.setLabel("left", quantity)
        self.show_curves(())

    def show_curves(self, curves: Sequence[Curve]) -> None:
        """Draw these spectra and no other."""
        self.plot.set_hint("" if curves else self._pick)
        wanted = {curve.key for curve in curves}
        for key in self.plot.shown_keys():
            if key not in wanted:
                self.plot.remove(key)
        for curve in curves:
            self.plot.set_curve(curve)

    def _tell(self) -> None:
        if self._telling:
            self.picked.emit(self._picking.picked())

    def lay_out(
        self,
        left: Sequence[QWidget | QLayout],
        right: Sequence[QWidget | QLayout],
        shares: tuple[int, int],
        widths: tuple[int, int],
    ) -> None:
        """Two columns with a handle between; in each the table or plot takes the room that is left."""
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        for place, (parts, share) in enumerate(zip((left, right), shares, strict=True)):
            side = QWidget()
            column = QVBoxLayout(side)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(4)
            for part in parts:
                if isinstance(part, QLayout):
                    column.addLayout(part)
                else:
                    column.addWidget(part, isinstance(part, RowTable | SpectrumPlot))
            split.addWidget(side)
            split.setStretchFactor(place, share)
        split.setSizes(list(widths))
        dock_column(self).addWidget(split)
