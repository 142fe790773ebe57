"""Plays through the bands, one after another in grey."""

from PyQt6.QtCore import QEvent, QSize, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from hadviewer.gui.icons import icon
from hadviewer.gui.views._player import Player


class BandPlayer(QWidget):
    """Play and pause, which way, and whether it goes on from the other end.

    Signals: ``advanced()`` when it is time for another band; ``stopped()`` when no more come.
    """

    advanced = pyqtSignal()
    stopped = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.player = Player(name="Play the bands", keys="P")
        self.player.advanced.connect(self.advanced)
        self.player.stopped.connect(self.stopped)
        self.reverse = _toggle("Backwards", "From long wavelengths to short ones")
        self.loop = _toggle("Loop", "Go on from the other end behind the last band")
        self.loop.setChecked(True)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(4)
        line.addWidget(QLabel("Play bands"))
        line.addStretch(1)
        for button in (self.player, self.reverse, self.loop):
            line.addWidget(button)
        self._redraw()

    @property
    def backwards(self) -> bool:
        """Whether the band before comes next."""
        return self.reverse.isChecked()

    @property
    def looped(self) -> bool:
        """Whether the first band follows the last."""
        return self.loop.isChecked()

    def pause(self) -> None:
        """Play no further."""
        self.player.pause()

    def toggle(self) -> None:
        """Play or pause."""
        self.player.toggle()

    def changeEvent(self, event: QEvent | None) -> None:
        """Follow the theme with the icons."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.PaletteChange:
            self._redraw()

    def _redraw(self) -> None:
        self.reverse.setIcon(icon("backwards"))
        self.loop.setIcon(icon("loop"))


def _toggle(name: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setCheckable(True)
    button.setAutoRaise(True)
    button.setIconSize(QSize(16, 16))
    button.setAccessibleName(name)
    button.setToolTip(f"{name}: {tip[0].lower()}{tip[1:]}")
    return button
