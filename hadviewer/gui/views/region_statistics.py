"""The window of the spectra of regions: mean, spread and range, as curves and as a table."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PyQt6.QtCore import QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QGuiApplication, QPalette
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSplitter,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from hadviewer.gui.views._page import dialog_column
from hadviewer.gui.views._swatch import swatch
from hadviewer.gui.views.plot import Plot
from hadviewer.gui.views.region_data import RegionCurves
from hadviewer.gui.views.spectral_axis import SpectralAxis

NOTHING = "Draw a region of interest, then ask for its statistics."
COLUMNS = ("Band", "nm", "Mean", "Std", "Min", "Max")
_SPREAD_ALPHA = 60


class RegionPlot(Plot):
    """A mean per region in its colour; around it ± one standard deviation, and dotted the least and largest values."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Statistics of regions by band")
        self.addLegend(offset=(-8, 8))
        self.restyle()
        self.set_hint(NOTHING)

    def draw(self, curves: Sequence[RegionCurves], axis: SpectralAxis, spread: bool, extent: bool) -> None:
        """Draw these along an axis."""
        self.clear()
        self.set_hint("" if curves else NOTHING)
        for found in curves:
            if spread:
                self._fill(found, axis)
            if extent:
                pen = self.pen(found.colour, width=1, style=Qt.PenStyle.DotLine)
                for edge in (found.minimum, found.maximum):
                    self.addItem(pg.PlotCurveItem(axis.x, axis.line(edge), pen=pen, connect="finite"))
            mean = pg.PlotCurveItem(
                axis.x, axis.line(found.mean), pen=self.pen(found.colour, width=2), connect="finite", name=found.name
            )
            self.addItem(mean)
        self.enableAutoRange()

    def restyle(self) -> None:
        """The names in the legend are text."""
        legend = self.getPlotItem().legend
        if legend is not None:
            legend.setLabelTextColor(self.palette().color(QPalette.ColorRole.Text))
            for _, name in legend.items:  # else pyqtgraph draws them anew only with the next change
                name.setText(name.text)

    def _fill(self, found: RegionCurves, axis: SpectralAxis) -> None:
        """A band for each piece without gaps: pyqtgraph would fill across them."""
        colour = QColor(found.colour)
        colour.setAlpha(_SPREAD_ALPHA)
        low, high = axis.line(found.mean - found.std), axis.line(found.mean + found.std)
        whole = np.isfinite(low) & np.isfinite(high) & np.isfinite(axis.x)
        edges = np.flatnonzero(np.diff(whole, prepend=False, append=False))
        for start, stop in zip(edges[::2], edges[1::2], strict=True):
            part = slice(int(start), int(stop))
            curves = (pg.PlotCurveItem(axis.x[part], edge[part], pen=None) for edge in (low, high))
            self.addItem(pg.FillBetweenItem(*curves, brush=colour))


class RegionStatistics(QDialog):
    """Curves of all regions asked for, a table of one; stays open beside the window.

    Signals: ``export_requested(Path)``.
    """

    export_requested = pyqtSignal(Path)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModal(False)
        self.setWindowTitle("ROI statistics")
        self._curves: tuple[RegionCurves, ...] = ()
        self._axis = SpectralAxis(np.zeros(0, dtype=bool))
        self.plot = RegionPlot()
        self.spread = _check("± std", "Fill one standard deviation around each mean", True)
        self.extent = _check("Min–max", "Draw the least and the largest value of each band", False)
        self.region = QComboBox()
        self.region.setAccessibleName("Region of the table")
        self.region.setToolTip("The region whose numbers the table shows")
        self.table = QTableWidget(0, len(COLUMNS))
        self.copy = QPushButton("Copy")
        self.copy.setToolTip("Copy the table, for a spreadsheet")
        self.copy.setAutoDefault(False)
        self.export = QPushButton("Export…")
        self.export.setAutoDefault(False)
        self.export.setToolTip("Write the statistics of all these regions as CSV")
        self._arrange()
        self.spread.toggled.connect(self._draw)
        self.extent.toggled.connect(self._draw)
        self.region.currentIndexChanged.connect(self._fill_table)
        self.copy.clicked.connect(self._copy)
        self.export.clicked.connect(self._ask_export)
        self.resize(860, 460)

    def set_axis(self, usable: NDArray[np.bool_], centres: NDArray[np.float64] | None, quantity: str) -> None:
        """The bands of the scene and what its values are."""
        self._axis = SpectralAxis(usable, centres)
        self.plot.setLabel("bottom", self._axis.title)
        self.plot.setLabel("left", quantity)

    def show_curves(self, curves: Sequence[RegionCurves]) -> None:
        """Show these regions; the one in the table stays, while it is there."""
        kept = self.region.currentData()
        self._curves = tuple(curves)
        with QSignalBlocker(self.region):
            self.region.clear()
            for found in curves:
                self.region.addItem(swatch(found.colour), f"{found.name} ({found.pixels:,} pixels)", found.id)
            self.region.setCurrentIndex(max(0, self.region.findData(kept)))
        for widget in (self.export, self.copy, self.region):
            widget.setEnabled(bool(curves))
        self._draw()
        self._fill_table()

    def present(self) -> None:
        """Show the window, in front."""
        self.show()
        self.activateWindow()

    def text(self) -> str:
        """The table as text between tabs."""
        rows = [COLUMNS, *(self._cells(self._curves[self.region.currentIndex()]) if self._curves else ())]
        return "\n".join("\t".join(row) for row in rows) + "\n"

    def _draw(self) -> None:
        self.plot.draw(self._curves, self._axis, self.spread.isChecked(), self.extent.isChecked())

    def _fill_table(self) -> None:
        place = self.region.currentIndex()
        rows = self._cells(self._curves[place]) if 0 <= place < len(self._curves) else []
        self.table.setRowCount(len(rows))
        self.table.setColumnHidden(1, self._axis.centres is None)
        for number, row in enumerate(rows):
            for column, text in enumerate(row):
                item = QTableWidgetItem(text)
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.table.setItem(number, column, item)

    def _cells(self, found: RegionCurves) -> list[tuple[str, ...]]:
        centres = self._axis.centres
        figures = (found.mean, found.std, found.minimum, found.maximum)
        return [
            (
                str(band + 1),
                "" if centres is None else f"{centres[band]:.1f}",
                *("" if np.isnan(figure[band]) else f"{figure[band]:.5g}" for figure in figures),
            )
            for band in range(len(found.mean))
        ]

    def _copy(self) -> None:
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None:
            clipboard.setText(self.text())

    def _ask_export(self) -> None:
        answer, _ = QFileDialog.getSaveFileName(self, "Export statistics", "roi_statistics.csv", "CSV (*.csv)")
        if answer:
            self.export_requested.emit(Path(answer).with_suffix(".csv"))

    def _arrange(self) -> None:
        self.table.setHorizontalHeaderLabels(COLUMNS)
        self.table.setAccessibleName("Statistics by band")
        self.table.setShowGrid(False)
        self.table.setAlternatingRowColors(True)
        self.table.setToolTip("Figures of each band; bad bands are in the table too. Std has the divisor N")
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        rows, header = self.table.verticalHeader(), self.table.horizontalHeader()
        if rows is not None and header is not None:
            rows.hide()
            rows.setDefaultSectionSize(self.fontMetrics().height() + 6)
            header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.region)
        column.addWidget(self.table, 1)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(self.plot)
        split.addWidget(side)
        split.setSizes([520, 340])
        split.setChildrenCollapsible(False)
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(QLabel("Show"))
        line.addWidget(self.spread)
        line.addWidget(self.extent)
        line.addStretch(1)
        line.addWidget(self.copy)
        line.addWidget(self.export)
        whole = dialog_column(self)
        whole.addWidget(split, 1)
        whole.addLayout(line)


def _check(text: str, tip: str, checked: bool) -> QCheckBox:
    box = QCheckBox(text)
    box.setToolTip(tip)
    box.setChecked(checked)
    return box
