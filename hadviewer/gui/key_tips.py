"""Tooltips of buttons that do what a command does name its keys as they are now."""

from collections.abc import Callable, Mapping

from PyQt6.QtCore import QEvent, QObject
from PyQt6.QtGui import QHelpEvent
from PyQt6.QtWidgets import QToolTip, QWidget

from hadviewer.gui.keys import shown


class KeyTips(QObject):
    """Adds the keys of commands, by name, to the tooltips of widgets; lives as long as the first of these."""

    def __init__(self, keys_of: Callable[[str], str], widgets: Mapping[str, QWidget]) -> None:
        super().__init__(next(iter(widgets.values())))
        self._keys_of, self._names = keys_of, {widget: name for name, widget in widgets.items()}
        for widget in widgets.values():
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Show the tooltip with the keys behind it."""
        if not isinstance(event, QHelpEvent) or event.type() != QEvent.Type.ToolTip or not isinstance(watched, QWidget):
            return False
        keys = shown(self._keys_of(self._names[watched]))
        if not keys or not watched.isEnabled():
            return False
        QToolTip.showText(event.globalPos(), f"{watched.toolTip()} ({keys})", watched)
        return True
