"""The QThread lanes of the job runner, and the one door from them to the main thread."""

from collections.abc import Callable

from PyQt6.QtCore import QDeadlineTimer, QObject, Qt, QThread, pyqtSignal, pyqtSlot

QUIT_SECONDS = 3.0


class Lane(QThread):
    """A thread that runs one loop until the loop returns."""

    def __init__(self, loop: Callable[[], None], name: str, parent: QObject) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._loop = loop

    def run(self) -> None:
        """Called by Qt in the new thread."""
        self._loop()


class Threads(QObject):
    """Makes lanes and brings their callbacks to the main thread."""

    _arrived = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__()
        self._lanes: list[Lane] = []
        self._arrived.connect(self._call, Qt.ConnectionType.QueuedConnection)  # type: ignore[call-arg]

    def spawn(self, loop: Callable[[], None], name: str) -> None:
        """Run ``loop`` in a thread of its own."""
        lane = Lane(loop, name, self)
        self._lanes.append(lane)
        lane.start()

    def deliver(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` on the main thread, soon. May be called from any thread."""
        self._arrived.emit(callback)

    def join(self) -> bool:
        """Wait for the lanes to end; False if one is still stuck after three seconds."""
        deadline = QDeadlineTimer(int(QUIT_SECONDS * 1000))
        return all(lane.wait(deadline) for lane in self._lanes)

    @pyqtSlot(object)
    def _call(self, callback: Callable[[], None]) -> None:
        callback()
