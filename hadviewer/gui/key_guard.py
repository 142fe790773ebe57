"""Letters typed into a list or a closed choice search there, whatever commands they are elsewhere."""

from collections.abc import Callable

from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QAbstractItemView, QApplication, QComboBox, QWidget

from hadviewer.gui.main_window import MainWindow

COMMANDED = ("layers", "regions", "results", "review", "segments", "spectrum")
"""Docks whose lists are what commands of single letters act on: there letters stay commands."""
_CHORDS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier


class KeyGuard(QObject):
    """Watches whatever has the keyboard.

    ``ask_help()`` is called for F1 in dialogs, which the menus of the window do not reach.
    """

    def __init__(self, window: MainWindow, ask_help: Callable[[], object]) -> None:
        super().__init__(window)
        self._window, self._ask_help = window, ask_help
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
        help_wanted = event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_F1 and not event.modifiers()
        if help_wanted and watched.window() is not self._window:
            self._ask_help()
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
