"""The ROC dock: every result against the truth, as curves, boxes and figures."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QShowEvent
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QTabBar,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from hadviewer.analysis.separability import BOXES as BOXED
from hadviewer.gui.views._page import Hint
from hadviewer.gui.views.box_plot import BoxPlot
from hadviewer.gui.views.curve_plot import CurvePlot
from hadviewer.gui.views.data import Figure, FigureColumn, FigureRow, PlotLine, ResultCurves, RocLine
from hadviewer.gui.views.figure_table import FigureTable
from hadviewer.gui.views.roc3d_view import Roc3dView

SIDE_WIDTH, VALUE_WIDTH = 220, 70
LEFT, RIGHT = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
LEAST_FALSE_OBJECTS = 0.5
"""Where no false object is drawn on a logarithmic axis."""
ROC, PRECISION, SPACE, BOXES, OBJECTS, FIGURES = range(6)
TABS = (
    ("ROC", "Detection rate over false-alarm rate"),
    ("PR", "Precision over recall: how clean the mask is"),
    ("3D ROC", "Detection, false alarms and threshold: Chang's 3D ROC"),
    ("Boxes", "Separability: the scores of targets and of background"),
    ("FROC", "Objects found over false objects"),
    ("Figures", "All figures of all results, to sort, copy and export"),
)
SEPARATOR = " · "
Tell = Callable[[PlotLine, int], tuple[str, ...]]
NO_OBJECTS = "No objects to count: the truth marks none, or the scene is too large."


class RocView(QWidget):
    """Pages of curves, boxes and figures; beside ROC and PR curve the figures of the selected result.

    While nobody sees them nothing is drawn: what they are told waits until they are shown.

    Signals:
        export_requested(Path): write all curves of all results into this CSV file.
        figures_export_requested(Path): write all figures of all results into this CSV file.
    """

    export_requested = pyqtSignal(Path)
    figures_export_requested = pyqtSignal(Path)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tabs = QTabBar()
        self.pages = QStackedWidget()
        self.plot = CurvePlot("False-alarm rate", "Detection rate", upright=True)
        self.precision = CurvePlot("Recall", "Precision", legend=(-8, 8))
        self.space = Roc3dView()
        self.boxes = BoxPlot()
        self.objects = CurvePlot("False objects", "Objects found")
        self.figures = FigureTable()
        self.hint = Hint()
        self.log_box = QCheckBox("Log axis")
        self.robust_box = QCheckBox("Robust")
        self.box_range = QComboBox()
        self.export_button = QPushButton("Export…")
        self.readout = Readout()
        self.title = QLabel()
        self.table = QTableWidget(0, 2)
        self.side = QWidget()
        self._curves: tuple[ResultCurves, ...] = ()
        self._stale: set[int] = set()
        self._waiting: dict[Callable[..., None], tuple[Any, ...]] = {}
        self._floor = 1.0
        self._dress()
        self._arrange()
        self._connect()
        self.set_curves((), "")

    def set_curves(self, curves: Sequence[RocLine], hint: str) -> None:
        """Draw these ROC curves; ``hint`` says why there is none."""
        if self._waits(self.set_curves, curves, hint):
            return
        self._floor = 1.0 / max([line.background for line in curves] or [10_000])
        self.plot.set_lines([
            PlotLine(
                line.id, f"{line.title}  {line.auc:.4f}", line.colour, line.false_alarm, line.detection, line.thresholds
            )
            for line in curves
        ])  # fmt: skip
        self.plot.show_diagonal(bool(curves))
        self._set_roc_axes()
        self.hint.setText("" if curves else hint)
        self.export_button.setEnabled(bool(curves))
        self._show_page()
        self._on_hover(None)

    def set_results(self, results: Sequence[ResultCurves]) -> None:
        """Draw precision, 3D ROC, boxes and objects of these results."""
        if self._waits(self.set_results, results):
            return
        if tuple(results) == self._curves:
            return
        self._curves = tuple(results)
        self._stale = {PRECISION, SPACE, BOXES, OBJECTS}
        self._show_page()

    def set_table(self, columns: Sequence[FigureColumn], rows: Sequence[FigureRow]) -> None:
        """Show all figures of all results."""
        if self._waits(self.set_table, columns, rows):
            return
        self.figures.set_figures(columns, rows)

    def set_selected(self, result: int | None) -> None:
        """The result that stands out and that the read-out follows."""
        if self._waits(self.set_selected, result):
            return
        for page in (self.plot, self.precision, self.space, self.objects):
            page.set_selected(result)

    def set_figures(self, title: str, figures: Sequence[Figure]) -> None:
        """Show the figures of one result, each with its definition as tooltip."""
        if self._waits(self.set_figures, title, figures):
            return
        self.title.setText(title)
        fresh = len(figures) != self.table.rowCount()
        self.table.setRowCount(len(figures))
        for row, figure in enumerate(figures):
            for column, text in enumerate((figure.name, figure.value)):
                item = QTableWidgetItem() if fresh else self.table.item(row, column)
                assert item is not None
                item.setText(text)
                if fresh:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignVCenter | (RIGHT if column else LEFT))
                    item.setToolTip(figure.formula)
                    self.table.setItem(row, column, item)
        if fresh:
            self._show_page()

    def _waits(self, act: Callable[..., None], *told: Any) -> bool:
        """Whether something waits until this is seen; what was told before in the same way is no longer wanted."""
        if self.isVisible():
            return False
        self._waiting[act] = told
        return True

    def showEvent(self, event: QShowEvent | None) -> None:
        """Catch up with what was told meanwhile."""
        super().showEvent(event)
        waiting, self._waiting = self._waiting, {}
        for act, told in waiting.items():
            act(*told)

    def _show_page(self) -> None:
        """The page chosen, or why it is empty."""
        page = self.tabs.currentIndex()
        empty = bool(self.hint.text())
        self._draw(page)
        self.pages.setCurrentWidget(self.hint if empty else self.pages.widget(page))
        self.side.setVisible(page in (ROC, PRECISION) and self.table.rowCount() > 0)
        self.log_box.setVisible(page in (ROC, SPACE, OBJECTS))
        self.robust_box.setVisible(page in (SPACE, BOXES))
        self.box_range.setVisible(page == BOXES)
        for control in (self.log_box, self.robust_box, self.box_range):
            control.setEnabled(not empty)
        self.readout.say(())

    def _draw(self, page: int) -> None:
        """Draw a page unless it is up to date; those out of sight wait until they are looked at."""
        if page not in self._stale:
            return
        self._stale.discard(page)
        log, robust = self.log_box.isChecked(), self.robust_box.isChecked()
        if page == PRECISION:
            self.precision.set_lines([result.precision for result in self._curves])
            self.precision.set_chance(self._curves[0].prevalence if self._curves else None)
        elif page == SPACE:
            self.space.set_lines([result.operating[robust] for result in self._curves], log=log)
        elif page == BOXES:
            self.boxes.set_boxes([result.boxes[robust, self.box_range.currentData()] for result in self._curves])
        elif page == OBJECTS:
            lines = [result.objects for result in self._curves if result.objects is not None]
            most = max((float(line.x.max()) for line in lines), default=1.0)
            self.objects.set_hint("" if lines else NO_OBJECTS)
            self.objects.set_lines(lines)
            self.objects.set_axes((0.0, max(most, 1.0)), x_floor=LEAST_FALSE_OBJECTS if log else None)

    def _set_log(self, log: bool) -> None:
        self._set_roc_axes()
        self._stale |= {SPACE, OBJECTS}
        self._draw(self.tabs.currentIndex())

    def _set_roc_axes(self) -> None:
        self.plot.set_axes(x_floor=self._floor if self.log_box.isChecked() else None)

    def _redraw_scaled(self) -> None:
        """The scores are stretched, or the boxes cut, otherwise."""
        self._stale |= {SPACE, BOXES}
        self._draw(self.tabs.currentIndex())

    def _on_hover(self, at: tuple[float, float] | None) -> None:
        line = self.plot.selected_line
        if at is None or line is None or line.thresholds is None:
            self.plot.set_spot(None)
            self.readout.say(())
            return
        false_alarm = min(max(at[0], 0.0), 1.0)
        place = int(np.searchsorted(line.x, false_alarm, side="right")) - 1
        detection = float(line.y[place])
        self.plot.set_spot((false_alarm, detection))
        self.readout.say((f"PF {false_alarm:.3g}", f"PD {detection:.4f}", _above(line.thresholds[place])))

    def _point_at(self, plot: CurvePlot, tell: Tell, at: tuple[float, float] | None) -> None:
        line = plot.selected_line
        point = None if at is None else plot.nearest(at)
        if line is None or point is None:
            plot.set_spot(None)
            self.readout.say(())
            return
        plot.set_spot((float(line.x[point]), float(line.y[point])))
        above = () if line.thresholds is None else (_above(line.thresholds[point]),)
        self.readout.say((*tell(line, point), *above))

    def _choose_file(self) -> None:
        figures = self.tabs.currentIndex() == FIGURES
        title, name = ("Export figures", "figures.csv") if figures else ("Export curves", "curves.csv")
        path, _ = QFileDialog.getSaveFileName(self, title, name, "Table (*.csv)")
        if path:
            target = Path(path)
            signal = self.figures_export_requested if figures else self.export_requested
            signal.emit(target if target.suffix else target.with_suffix(".csv"))

    def _connect(self) -> None:
        self.tabs.currentChanged.connect(self._show_page)
        self.log_box.toggled.connect(self._set_log)
        self.robust_box.toggled.connect(self._redraw_scaled)
        self.box_range.currentIndexChanged.connect(self._redraw_scaled)
        self.export_button.clicked.connect(self._choose_file)
        self.plot.hovered.connect(self._on_hover)
        self.precision.hovered.connect(lambda at: self._point_at(self.precision, _precision_text, at))
        self.objects.hovered.connect(lambda at: self._point_at(self.objects, _objects_text, at))
        self.space.pointed.connect(self.readout.say)
        self.boxes.pointed.connect(self.readout.say)

    def _dress(self) -> None:
        for index, (name, tip) in enumerate(TABS):
            self.tabs.addTab(name)
            self.tabs.setTabToolTip(index, tip)
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setAccessibleName("Pages of the comparison with the truth")
        tip = "Point at a curve to read it; wheel zooms, dragging pans"
        for plot, name in ((self.plot, "ROC curves"), (self.precision, "Precision and recall"), (self.objects, "FROC")):
            plot.setAccessibleName(name)
            plot.setToolTip(tip)
        self.boxes.setAccessibleName("Separability")
        self.boxes.setToolTip("Colour: targets, grey: background, both stretched to 0–1. Line: median, whiskers: all")
        for low, high in BOXED:
            self.box_range.addItem(f"Box {low:g}–{high:g} %", low)
        self.box_range.setAccessibleName("Percentiles of the boxes")
        self.box_range.setToolTip("Where the boxes end: 10–90 % in most papers on anomalies, 25–75 % are the quartiles")
        self.robust_box.setToolTip(
            "Clip the highest 0.1 % of the scores before they are stretched: one hot pixel then does not set the scale"
        )
        self.log_box.setToolTip("Show false alarms on a logarithmic axis, down to one background pixel")
        self.export_button.setToolTip(
            "Write a table as CSV: on the page Figures all figures, elsewhere every ROC, PR, 3D-ROC and FROC curve"
        )
        self._dress_table()

    def _dress_table(self) -> None:
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
        flat.setSectionResizeMode(1, QHeaderView.ResizeMode.Fixed)
        flat.resizeSection(1, VALUE_WIDTH)

    def _arrange(self) -> None:
        for page in (self.plot, self.precision, self.space, self.boxes, self.objects, self.figures, self.hint):
            self.pages.addWidget(page)
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self.tabs)
        head.addWidget(self.readout, 1)
        head.addWidget(self.box_range)
        head.addWidget(self.robust_box)
        head.addWidget(self.log_box)
        head.addWidget(self.export_button)
        self.side.setFixedWidth(SIDE_WIDTH)
        right = QVBoxLayout(self.side)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(4)
        right.addWidget(self.title)
        right.addWidget(self.table, 1)
        body = QHBoxLayout()
        body.setSpacing(8)
        body.addWidget(self.pages, 1)
        body.addWidget(self.side)
        page_layout = QVBoxLayout(self)
        page_layout.setContentsMargins(8, 4, 8, 6)
        page_layout.setSpacing(4)
        page_layout.addLayout(head)
        page_layout.addLayout(body, 1)


class Readout(QLabel):
    """A line of numbers, as many of them as there is room for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Read-out")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    def say(self, parts: tuple[str, ...]) -> None:
        """Show these, the most important first; the last ones only where they fit."""
        metrics = self.fontMetrics()
        while len(parts) > 1 and metrics.horizontalAdvance(SEPARATOR.join(parts)) > self.width():
            parts = parts[:-1]
        self.setText(SEPARATOR.join(parts))


def _above(threshold: float) -> str:
    return f"score ≥ {threshold:.5g}" if np.isfinite(threshold) else "no score"


def _precision_text(line: PlotLine, point: int) -> tuple[str, ...]:
    return f"Recall {line.x[point]:.4f}", f"precision {line.y[point]:.4f}"


def _objects_text(line: PlotLine, point: int) -> tuple[str, ...]:
    return f"{100 * line.y[point]:.3g} % found", f"{line.x[point]:.0f} false objects"
