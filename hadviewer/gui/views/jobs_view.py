"""The list of runs: what waits, what is under way and how far, what failed and why."""

import time

from PyQt6.QtCore import Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QFontMetrics, QResizeEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QScrollArea, QToolButton, QVBoxLayout, QWidget

from hadviewer.gui.forms.param_form import ErrorLabel
from hadviewer.gui.views._duration import duration
from hadviewer.gui.views.data import JobLine

TICK_MS = 500
MOST_HEIGHT = 120
STATES = {"queued": "Queued", "running": "Running", "failed": "Failed", "cancelled": "Cancelled", "done": "Done"}


class JobsView(QScrollArea):
    """The runs that are queued, under way, failed or cancelled; takes no room when there is none.

    Signals:
        cancel_requested(int): stop the job with this id.
        clear_requested(int): forget the finished job with this id.
    """

    cancel_requested = pyqtSignal(int)
    clear_requested = pyqtSignal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: dict[int, _JobRow] = {}
        page = QWidget()
        self._layout = QVBoxLayout(page)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(4)
        self._layout.addStretch(1)
        self.setWidget(page)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("Runs")
        self.setToolTip("Runs that wait, are under way, or ended without a result")
        self._clock = QTimer(self)
        self._clock.setInterval(TICK_MS)
        self._clock.timeout.connect(self._tick)
        self.hide()

    def show_job(self, line: JobLine) -> None:
        """Add a run, or bring its row up to date."""
        row = self._rows.get(line.id)
        if row is None:
            row = _JobRow(line.id)
            row.button.clicked.connect(lambda _=False, number=line.id: self._on_button(number))
            self._rows[line.id] = row
            self._layout.insertWidget(self._layout.count() - 1, row)
            row.show()
        row.show_line(line)
        self._fit()

    def remove_job(self, number: int) -> None:
        """Take a run off the list."""
        row = self._rows.pop(number, None)
        if row is not None:
            self._layout.removeWidget(row)
            row.hide()
            row.deleteLater()
            self._fit()

    def text_of(self, number: int) -> str:
        """What the row of a run says."""
        row = self._rows[number]
        return " ".join(part for part in (row.title.text(), row.state.text(), row.error.text()) if part)

    def button_of(self, number: int) -> QToolButton:
        """The button that cancels or clears a run."""
        return self._rows[number].button

    @property
    def numbers(self) -> list[int]:
        """The ids of the runs listed, oldest first."""
        return list(self._rows)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Sentences wrap otherwise at another width."""
        super().resizeEvent(event)
        if event is not None and event.size().width() != event.oldSize().width():
            self._fit()

    def _on_button(self, number: int) -> None:
        signal = self.clear_requested if self._rows[number].finished else self.cancel_requested
        signal.emit(number)

    def _tick(self) -> None:
        for row in self._rows.values():
            row.show_time()

    def _fit(self) -> None:
        """As high as the rows, up to a few of them; the clock runs while a job does."""
        self.setVisible(bool(self._rows))
        self._layout.activate()
        wraps = self._layout.hasHeightForWidth()
        height = self._layout.totalHeightForWidth(self.width()) if wraps else self._layout.sizeHint().height()
        self.setFixedHeight(min(max(height, 1), MOST_HEIGHT))
        running = any(row.running for row in self._rows.values())
        if running != self._clock.isActive():
            self._clock.start() if running else self._clock.stop()


class _JobRow(QWidget):
    """Title and state, a bar, and the button."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.title = QLabel()
        self.state = QLabel()
        self.state.setSizePolicy(self.state.sizePolicy().Policy.Ignored, self.state.sizePolicy().Policy.Preferred)
        self.state.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(8)
        self.button = QToolButton()
        self.error = ErrorLabel()
        self._line = JobLine(number, "", "queued")
        self._since = time.monotonic()
        words = QHBoxLayout()
        words.addWidget(self.title)
        words.addWidget(self.state, 1)
        left = QVBoxLayout()
        left.setSpacing(2)
        left.addLayout(words)
        left.addWidget(self.bar)
        top = QHBoxLayout()
        top.setSpacing(6)
        top.addLayout(left, 1)
        top.addWidget(self.button)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(2)
        page.addLayout(top)
        page.addWidget(self.error)

    @property
    def running(self) -> bool:
        return self._line.state == "running"

    @property
    def finished(self) -> bool:
        return self._line.state in ("failed", "cancelled", "done")

    def show_line(self, line: JobLine) -> None:
        """Bring the row up to date."""
        self._line = line
        self._since = time.monotonic() - line.seconds
        self.title.setText(line.title)
        self.bar.setVisible(not self.finished)
        self.bar.setRange(0, 0 if self.running and line.fraction is None else 1000)
        self.bar.setValue(round(1000 * (line.fraction or 0.0)))
        self.bar.setAccessibleName(f"Progress of {line.title}")
        self.error.say(line.error)
        self.error.setToolTip(line.error)
        verb = "Clear" if self.finished else "Cancel"
        self.button.setText(verb)
        self.button.setAccessibleName(f"{verb} {line.title}")
        self.button.setToolTip("Take this line off the list" if self.finished else "Stop this run")
        self.setToolTip(line.error or line.message)
        self.show_time()

    def show_time(self) -> None:
        """State, step and time spent, shortened to the room there is."""
        words = STATES.get(self._line.state, self._line.state)
        if self.running:
            seconds = time.monotonic() - self._since
            message = self._line.message or words
            words = f"{message} · {duration(seconds)}"
        metrics = QFontMetrics(self.state.font())
        self.state.setText(metrics.elidedText(words, Qt.TextElideMode.ElideLeft, max(self.state.width(), 120)))
