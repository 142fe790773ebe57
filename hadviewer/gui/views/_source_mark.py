"""Says where a value comes from: the file, a guess, the user."""

from PyQt6.QtGui import QPalette
from PyQt6.QtWidgets import QLabel, QWidget

from hadviewer.gui.views.metadata_data import Source, SourceWord

WORDS: dict[SourceWord, str] = {"file": "file", "guess": "guessed", "yours": "yours", "unknown": "–"}
TIPS: dict[SourceWord, str] = {
    "file": "The file says so",
    "guess": "The file does not say this; it was guessed",
    "yours": "You said so; the button beside goes back to the file",
    "unknown": "The file does not say this",
}
ROLES: dict[SourceWord, QPalette.ColorRole] = {
    "file": QPalette.ColorRole.PlaceholderText,
    "guess": QPalette.ColorRole.BrightText,
    "yours": QPalette.ColorRole.Link,
    "unknown": QPalette.ColorRole.PlaceholderText,
}


class SourceMark(QLabel):
    """One word in a colour of its own; the tooltip says more."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self.setFixedWidth(self.fontMetrics().horizontalAdvance("guessed ") + 12)
        self.show_source(Source())

    def show_source(self, source: Source) -> None:
        """Say this."""
        self.setText(WORDS[source.kind])
        self.setForegroundRole(ROLES[source.kind])
        font = self.font()
        font.setBold(source.kind in ("guess", "yours"))
        self.setFont(font)
        self.setToolTip(source.why or TIPS[source.kind])
        self.setAccessibleName(f"{self._title}: {WORDS[source.kind]}")
