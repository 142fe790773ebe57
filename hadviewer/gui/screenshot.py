"""Drawing the window into a file once nothing is left to do: for documents and for machines without a screen."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PyQt6.QtCore import QObject, QTimer
from PyQt6.QtWidgets import QWidget

TICK_MS = 60
QUIET_TICKS = 5
"""So many ticks in a row without work mean that the window is as it will stay."""


class Photographer(QObject):
    """Waits until ``idle()`` stays true, runs the ``steps`` with a wait after each, then takes the picture."""

    def __init__(
        self,
        window: QWidget,
        idle: Callable[[], bool],
        steps: Sequence[Callable[[], object]],
        target: Path,
        finished: Callable[[bool], None],
    ) -> None:
        super().__init__(window)
        self._window, self._idle, self._steps = window, idle, list(steps)
        self._target, self._finished = target, finished
        self._quiet = 0
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)
        self._timer.start(TICK_MS)

    def _tick(self) -> None:
        self._quiet = self._quiet + 1 if self._idle() else 0
        if self._quiet < QUIET_TICKS:
            return
        self._quiet = 0
        if self._steps:
            self._steps.pop(0)()
            return
        self._timer.stop()
        self._target.parent.mkdir(parents=True, exist_ok=True)
        self._finished(self._window.grab().save(str(self._target), "PNG"))
