"""The ROC dock: curves, read-out, and the figures of the selected result."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from hadviewer.gui.views.data import Figure, RocLine
from hadviewer.gui.views.roc_plot import RocPlot

TABLE_WIDTH = 230


class RocView(QWidget):
    """One ROC curve per result, and the figures of the selected one.

    Signals:
        export_requested(Path): write the curves into this CSV file.
    """

    export_requested = pyqtSignal(Path)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plot = RocPlot()
        self.log_box = QCheckBox("Log axis")
        self.export_button = QPushButton("Export CSV…")
        self.readout = QLabel()
        self.title = QLabel()
        self.table = QTableWidget(0, 2)
        self.side = QWidget()
        self._dress()
        self._arrange()
        self.log_box.toggled.connect(self.plot.set_log)
        self.export_button.clicked.connect(self._choose_file)
        self.plot.hovered.connect(self._on_hover)
        self.set_curves((), "")

    def set_curves(self, curves: Sequence[RocLine], hint: str) -> None:
        """Draw these curves; ``hint`` says why there is none."""
        self.plot.set_lines(curves)
        self.plot.set_hint("" if curves else hint)
        self.export_button.setEnabled(bool(curves))
        self.log_box.setEnabled(bool(curves))
        self._on_hover(None)

    def set_selected(self, result: int | None) -> None:
        """The result that the read-out follows."""
        self.plot.set_selected(result)

    def set_figures(self, title: str, figures: Sequence[Figure]) -> None:
        """Show the figures of one result, each with its definition as tooltip."""
        self.title.setText(title)
        self.side.setVisible(bool(figures))
        self.table.setRowCount(len(figures))
        for row, figure in enumerate(figures):
            name, value = QTableWidgetItem(figure.name), QTableWidgetItem(figure.value)
            value.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            for column, item in enumerate((name, value)):
                item.setToolTip(figure.formula)
                self.table.setItem(row, column, item)

    def _on_hover(self, false_alarm: float | None) -> None:
        line = self.plot.selected_line
        if false_alarm is None or line is None:
            self.plot.set_cursor(None)
            self.readout.setText("")
            return
        place = int(np.searchsorted(line.false_alarm, false_alarm, side="right")) - 1
        detection = float(line.detection[place])
        self.plot.set_cursor(false_alarm, detection)
        threshold = line.thresholds[place]
        above = f"score ≥ {threshold:.5g}" if np.isfinite(threshold) else "no score"
        self.readout.setText(f"PF {false_alarm:.3g} · PD {detection:.4f} · {above}")

    def _choose_file(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self, "Export ROC curves", "roc.csv", "Table (*.csv)")
        if path:
            target = Path(path)
            self.export_requested.emit(target if target.suffix else target.with_suffix(".csv"))

    def _dress(self) -> None:
        self.plot.setAccessibleName("ROC curves")
        self.plot.setToolTip("Move the pointer along a curve to read it; wheel zooms, dragging pans")
        self.log_box.setToolTip("Show false alarms on a logarithmic axis, down to one background pixel")
        self.export_button.setToolTip("Write threshold, false alarm and detection of every curve as a table")
        self.readout.setAccessibleName("Read-out")
        self.readout.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        table = self.table
        table.setAccessibleName("Figures of the selected result")
        table.setToolTip("Figures of the selected result; point at one for its definition")
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ContiguousSelection)
        table.setShowGrid(False)
        table.setAlternatingRowColors(True)
        table.setTabKeyNavigation(False)
        upright, flat = table.verticalHeader(), table.horizontalHeader()
        assert upright is not None
        assert flat is not None
        upright.hide()
        upright.setDefaultSectionSize(20)
        flat.hide()
        flat.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        flat.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self.log_box)
        head.addWidget(self.export_button)
        head.addWidget(self.readout, 1)
        left = QVBoxLayout()
        left.setSpacing(4)
        left.addLayout(head)
        left.addWidget(self.plot, 1)
        self.side.setFixedWidth(TABLE_WIDTH)
        self.side.hide()
        right = QVBoxLayout(self.side)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(4)
        right.addWidget(self.title)
        right.addWidget(self.table, 1)
        page = QHBoxLayout(self)
        page.setContentsMargins(8, 6, 8, 6)
        page.setSpacing(8)
        page.addLayout(left, 1)
        page.addWidget(self.side)
