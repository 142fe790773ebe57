"""What is under the cursor, in one line of the status bar."""

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QLabel, QSizePolicy, QWidget

HINT = "Bands count from 1, lines and samples from 0 or 1 as the Preferences say"


class Readout(QLabel):
    """Shows as much of a line as there is room for, and all of it as a tooltip; it never makes the window wider."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setAccessibleName("Under the cursor")
        self._whole = ""
        self.say("")

    def say(self, text: str) -> None:
        """Show a line."""
        self._whole = text
        self.setAccessibleDescription(text)
        self._fit()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Another width, more or less of the line."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        shown = self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, self.width())
        self.setText(shown)
        self.setToolTip(HINT if shown == self._whole else f"{self._whole}\n{HINT}")
