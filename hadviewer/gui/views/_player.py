"""A button that plays something step by step, and pauses."""

from PyQt6.QtCore import QEvent, QSize, QTimer, pyqtSignal
from PyQt6.QtGui import QActionGroup, QHideEvent
from PyQt6.QtWidgets import QMenu, QToolButton, QWidget

from hadviewer.gui.icons import icon

SPEEDS = (2, 5, 10, 20)
"""Steps a second."""
FIRST_SPEED = 5


class Player(QToolButton):
    """Pressed while it plays; its menu has the speeds. Out of sight it pauses.

    Its name says what a press would do, for those who hear the window rather than see it.

    Signals: started(); advanced(), once for each step; stopped().
    """

    started = pyqtSignal()
    advanced = pyqtSignal()
    stopped = pyqtSignal()

    def __init__(
        self, parent: QWidget | None = None, *, name: str = "Play the steps", keys: str = "Space at the slider"
    ) -> None:
        super().__init__(parent)
        self._name, self._keys = name, keys
        self.timer = QTimer(self)
        self.timer.timeout.connect(self.advanced)
        self.setCheckable(True)
        self.setAutoRaise(True)
        self.setIconSize(QSize(16, 16))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        self.speeds = QMenu(self)
        group = QActionGroup(self.speeds)
        for speed in SPEEDS:
            action = self.speeds.addAction(f"{speed} steps a second")
            assert action is not None
            action.setCheckable(True)
            action.setChecked(speed == FIRST_SPEED)
            action.setActionGroup(group)
            action.triggered.connect(lambda _=False, chosen=speed: self.set_speed(chosen))
        self.setMenu(self.speeds)
        self.set_speed(FIRST_SPEED)
        self.toggled.connect(self._on_toggled)
        self._tell()

    @property
    def playing(self) -> bool:
        """Whether it plays."""
        return self.isChecked()

    def pause(self) -> None:
        """Play no further."""
        self.setChecked(False)

    def set_speed(self, speed: int) -> None:
        """Steps a second."""
        self.timer.setInterval(1000 // speed)

    def hideEvent(self, event: QHideEvent | None) -> None:
        """Nobody looks any more."""
        super().hideEvent(event)
        self.pause()

    def changeEvent(self, event: QEvent | None) -> None:
        """Follow the theme with the icon."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.PaletteChange:
            self._tell()

    def _on_toggled(self, playing: bool) -> None:
        self._tell()
        if playing:
            self.timer.start()
            self.started.emit()
        else:
            self.timer.stop()
            self.stopped.emit()

    def _tell(self) -> None:
        playing = self.isChecked()
        self.setIcon(icon("pause" if playing else "run"))
        self.setAccessibleName("Pause" if playing else self._name)
        self.setToolTip(f"{self.accessibleName()} ({self._keys}); the arrow has the speeds")
