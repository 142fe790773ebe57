"""The training dock: what a run shows while it works, and every step of it afterwards."""

from collections.abc import Sequence
from pathlib import Path

from PyQt6.QtCore import Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QSlider,
    QSplitter,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from hadviewer.gui.views._page import Hint
from hadviewer.gui.views._player import Player
from hadviewer.gui.views.data import PlotLine, TrainingRun, TrainingTile
from hadviewer.gui.views.picture_tiles import TilesPage
from hadviewer.gui.views.training_plot import LegendEntry, TrainingPlot

REFRESH_MS = 100
"""New points and pictures are shown at most this often."""
HINT = (
    "Here you watch a detector learn: loss, anomaly map and reconstruction, step by step.\n"
    "Run one of the family Deep, or an iterative one; with truth loaded you also see its AUC against the step."
)


class TrainingView(QWidget):
    """Chooser of runs, slider over the steps and the button that plays them, curves on the left, pictures on the right.

    Signals:
        due(): there is something new and the view is ready for it.
        run_chosen(int): show this run.
        step_chosen(int or None): show the pictures at this step; None follows the run.
        overlay_toggled(bool): lay the unfinished map over the image, or not.
        forget_requested(): take the shown run off the list.
        curves_export_requested(Path): write the curves into this CSV file.
        pictures_export_requested(Path): write the pictures in sight into this folder.
        film_export_requested(Path): write all steps into this PNG file.
    """

    due = pyqtSignal()
    run_chosen = pyqtSignal(int)
    step_chosen = pyqtSignal(object)
    overlay_toggled = pyqtSignal(bool)
    forget_requested = pyqtSignal()
    curves_export_requested = pyqtSignal(Path)
    pictures_export_requested = pyqtSignal(Path)
    film_export_requested = pyqtSignal(Path)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.runs = QComboBox()
        self.forget_button = QToolButton()
        self.player = Player()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.step_label = QLabel()
        self.live = QToolButton()
        self.overlay = QCheckBox("Over the image")
        self.export_button = QPushButton()
        self.legend = Legend()
        self.log = QCheckBox("Log")
        self.plot = TrainingPlot()
        self.pages = QStackedWidget()
        self.left, self.page = QWidget(), TilesPage()
        self._steps: tuple[int, ...] = ()
        self._news = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REFRESH_MS)
        self._dress()
        self._arrange()
        self._connect()
        self.set_runs((), None)

    # What the controller says

    def announce(self) -> None:
        """There is something new; ``due`` asks for it soon, or when the view is next looked at."""
        self._news = True
        if self.isVisible() and not self._timer.isActive():
            self._timer.start()

    def set_runs(self, runs: Sequence[TrainingRun], chosen: int | None) -> None:
        """Offer these runs; ``chosen`` is the one shown, None where there is none to show."""
        titles = [(f"{run.title} …" if run.running else run.title, run.id) for run in runs]
        if titles != [(self.runs.itemText(n), self.runs.itemData(n)) for n in range(self.runs.count())]:
            self.runs.clear()
            for title, number in titles:
                self.runs.addItem(title, number)
        self.runs.setCurrentIndex(self.runs.findData(chosen))
        self.forget_button.setEnabled(any(run.id == chosen and not run.running for run in runs))
        self.pages.setCurrentIndex(0 if runs else 1)
        self._show_head(bool(runs))

    def _show_head(self, shown: bool) -> None:
        head: tuple[QWidget, ...] = (self.runs, self.forget_button, self.player, self.slider, self.step_label)
        for widget in (*head, self.live, self.overlay, self.export_button):
            widget.setVisible(shown)

    def set_curves(self, losses: Sequence[PlotLine], areas: Sequence[PlotLine], chosen: int | None) -> None:
        """Draw the losses of the chosen run, and the areas under the ROC curve of every run."""
        self.left.setVisible(bool(losses or areas))
        self.plot.set_lines(losses, areas, chosen)
        self._tell_step()

    def set_steps(self, steps: Sequence[int], place: int, live: bool) -> None:
        """Let the slider run over these steps; it stands at ``place``."""
        self._steps = tuple(steps)
        before = self.slider.blockSignals(True)
        self.slider.setRange(0, max(0, len(steps) - 1))
        self.slider.setPageStep(max(1, len(steps) // 10))
        self.slider.setValue(place)
        self.slider.blockSignals(before)
        for widget in (self.slider, self.player):
            widget.setEnabled(len(steps) > 1)
        self.live.setChecked(live)
        self.page.setVisible(bool(steps))
        self._tell_step()

    def set_tiles(self, tiles: Sequence[TrainingTile]) -> None:
        """Show these pictures."""
        self.page.tiles.set_tiles(tiles)

    def count_from(self, first: int) -> None:
        """The number of the first line and sample."""
        self.page.tiles.count_from(first)

    # What the user does

    @property
    def step(self) -> int | None:
        """The step in sight."""
        place = self.slider.value()
        return self._steps[place] if place < len(self._steps) else None

    def showEvent(self, event: QShowEvent | None) -> None:
        """Catch up with what happened out of sight."""
        super().showEvent(event)
        if self._news:
            self._timer.start()

    def _tick(self) -> None:
        if self._news and self.isVisible():
            self._news = False
            self.due.emit()

    def _on_slider(self, place: int) -> None:
        self.live.setChecked(place == self.slider.maximum())
        self._tell_step()
        self.step_chosen.emit(None if place == self.slider.maximum() else self.step)

    def _begin(self) -> None:
        """Play from the step in sight, from the first where the last is in sight."""
        if self.slider.value() == self.slider.maximum():
            self.slider.setValue(0)

    def _advance(self) -> None:
        """The next step; the last ends it."""
        self.slider.setValue(self.slider.value() + 1)
        if self.slider.value() == self.slider.maximum():
            self.player.pause()

    def _on_run(self, place: int) -> None:
        self.player.pause()
        self.run_chosen.emit(self.runs.itemData(place))

    def _on_live(self, live: bool) -> None:
        self.player.pause()
        self.step_chosen.emit(None if live else self.step)

    def _on_point(self, step: float) -> None:
        if self._steps:
            self.slider.setValue(min(range(len(self._steps)), key=lambda place: abs(self._steps[place] - step)))

    def _tell_step(self) -> None:
        step = self.step
        self.step_label.setText("" if step is None else f"Step {step} of {self._steps[-1]}")
        self.plot.set_mark(step)
        last = max((int(line.x[-1]) for line in self.plot.lines if len(line.x)), default=0)
        following = self.live.isChecked() or step is None
        self.legend.say(self.plot.values(last if following else step or 0))

    def _export_curves(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self, "Export curves", "training.csv", "Table (*.csv)")
        if path:
            self.curves_export_requested.emit(_with_ending(path, ".csv"))

    def _export_pictures(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Folder for the pictures of this step")
        if folder:
            self.pictures_export_requested.emit(Path(folder))

    def _export_film(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self, "Export all steps", "training.png", "Animated PNG (*.png)")
        if path:
            self.film_export_requested.emit(_with_ending(path, ".png"))

    # Inside

    def _dress(self) -> None:
        self.runs.setAccessibleName("Run")
        self.runs.setToolTip("The run whose training is shown")
        self.runs.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.runs.setMinimumContentsLength(12)
        self.forget_button.setText("×")
        self.forget_button.setAutoRaise(True)
        self.forget_button.setToolTip("Forget the training of this run; its result stays")
        self.forget_button.setAccessibleName("Forget this training")
        self.slider.setAccessibleName("Step")
        self.slider.setToolTip("The step whose pictures are shown; a click into the curves chooses one too")
        self.live.setText("Live")
        self.live.setCheckable(True)
        self.live.setChecked(True)
        self.live.setToolTip("Follow the run as it goes on")
        self.overlay.setChecked(True)
        self.overlay.setToolTip("Lay the unfinished anomaly map over the image while a detector runs")
        self.log.setChecked(True)
        self.log.setToolTip("Show the losses on a logarithmic axis")
        self.export_button.setText("Export")
        self.export_button.setToolTip("Write curves, pictures or all steps into files")
        menu = QMenu(self)
        for text, handler in (
            ("Curves as table (CSV)…", self._export_curves),
            ("Pictures of this step (PNG)…", self._export_pictures),
            ("All steps as animated PNG…", self._export_film),
        ):
            action = menu.addAction(text)
            assert action is not None
            action.triggered.connect(handler)
        self.export_button.setMenu(menu)
        self.plot.setAccessibleName("Curves of the training")
        self.plot.setToolTip("Click: choose a step. Wheel zooms, dragging pans, double click shows all")

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self.runs)
        head.addWidget(self.forget_button)
        head.addWidget(self.player)
        head.addWidget(self.slider, 1)
        head.addWidget(self.step_label)
        head.addWidget(self.live)
        head.addStretch(0)
        head.addWidget(self.overlay)
        head.addWidget(self.export_button)
        above = QHBoxLayout()
        above.setSpacing(6)
        above.addWidget(self.legend, 1)
        above.addWidget(self.log)
        column = QVBoxLayout(self.left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(above)
        column.addWidget(self.plot, 1)
        split = QSplitter()
        split.addWidget(self.left)
        split.addWidget(self.page)
        split.setChildrenCollapsible(False)
        split.setStretchFactor(0, 2)
        split.setStretchFactor(1, 3)
        split.setSizes([260, 400])
        hint = Hint(self)
        hint.say(HINT)
        self.pages.addWidget(split)
        self.pages.addWidget(hint)
        page = QVBoxLayout(self)
        page.setContentsMargins(8, 4, 8, 8)
        page.setSpacing(4)
        page.addLayout(head)
        page.addWidget(self.pages, 1)

    def _connect(self) -> None:
        self._timer.timeout.connect(self._tick)
        self.runs.activated.connect(self._on_run)
        self.player.started.connect(self._begin)
        self.player.advanced.connect(self._advance)
        space = QShortcut(QKeySequence(Qt.Key.Key_Space), self.slider)
        space.setContext(Qt.ShortcutContext.WidgetShortcut)
        space.activated.connect(self.player.click)
        self.forget_button.clicked.connect(self.forget_requested)
        self.slider.valueChanged.connect(self._on_slider)
        self.live.clicked.connect(self._on_live)
        self.overlay.toggled.connect(self.overlay_toggled)
        self.log.toggled.connect(self.plot.set_log)
        self.plot.step_pointed.connect(self._on_point)


class Legend(QLabel):
    """The curves and their values, as many as there is room for; the tip has all."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: tuple[LegendEntry, ...] = ()
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setAccessibleName("Values at the step")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def say(self, entries: Sequence[LegendEntry]) -> None:
        """Show these, the most important first."""
        self._entries = tuple(entries)
        self.setToolTip("<br>".join(entry.rich for entry in entries))
        self._fit()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Called by Qt."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        metrics, left = self.fontMetrics(), self.width()
        shown: list[str] = []
        for entry in self._entries:
            left -= metrics.horizontalAdvance(f"{entry.plain}   ")
            if left < 0 and shown:
                break
            shown.append(entry.rich)
        self.setText("&nbsp;&nbsp; ".join(shown) + (" …" if len(shown) < len(self._entries) else ""))


def _with_ending(path: str, ending: str) -> Path:
    return Path(path) if Path(path).suffix else Path(path).with_suffix(ending)
