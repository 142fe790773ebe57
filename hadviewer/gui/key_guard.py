"""Letters typed into a list or a closed choice search there, whatever commands they are elsewhere."""

from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtGui import QAction, QKeyEvent, QKeySequence
from PyQt6.QtWidgets import QAbstractItemView, QApplication, QComboBox, QWidget

from hadviewer.gui.main_window import MainWindow

COMMANDED = ("agreement", "layers", "regions", "results", "review", "segments", "spectrum")
"""Docks whose lists are what commands of single letters act on: there letters stay commands."""
_CHORDS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier


class KeyGuard(QObject):
    """Watches whatever has the keyboard.

    ``manual`` is the command that the menus of the window do not bring to dialogs: its keys are seen here.
    """

    def __init__(self, window: MainWindow, manual: QAction) -> None:
        super().__init__(window)
        self._window, self._manual = window, manual
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._follow)
        self._follow(None, application.focusWidget())

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Take letters before they become commands."""
        if not isinstance(event, QKeyEvent) or not isinstance(watched, QWidget):
            return False
        if event.type() == QEvent.Type.ShortcutOverride and _is_letter(event) and self._searches(watched):
            event.accept()
            return True
        elsewhere = event.type() == QEvent.Type.KeyPress and watched.window() is not self._window
        if elsewhere and QKeySequence(event.keyCombination()) in self._manual.shortcuts():
            self._manual.trigger()
            return True
        return False

    def _follow(self, before: QWidget | None, now: QWidget | None) -> None:
        if before is not None:
            before.removeEventFilter(self)
        if now is not None:
            now.installEventFilter(self)

    def _searches(self, widget: QWidget) -> bool:
        """Whether typing in a widget looks for what begins so."""
        if isinstance(widget, QComboBox):
            return True
        docks = [self._window.docks[name] for name in COMMANDED if name in self._window.docks]
        return isinstance(widget, QAbstractItemView) and not any(dock.isAncestorOf(widget) for dock in docks)


def _is_letter(event: QKeyEvent) -> bool:
    return bool(event.text().strip()) and event.text().isprintable() and not event.modifiers() & _CHORDS
