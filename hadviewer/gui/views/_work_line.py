"""One line for something under way: what, how far, and a button that ends it."""

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QWidget


class WorkLine(QWidget):
    """Signals: ``cancelled()``."""

    cancelled = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bar = QProgressBar()
        self.bar.setAccessibleName("Progress")
        self.cancel = QPushButton("Cancel")
        self.cancel.setToolTip("Stop it")
        self.cancel.clicked.connect(self.cancelled)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(6)
        line.addWidget(self.bar, 1)
        line.addWidget(self.cancel)

    def show_progress(self, title: str, fraction: float | None) -> None:
        """What is under way, and how far (0..1; None: not known)."""
        self.bar.setRange(0, 0 if fraction is None else 100)
        self.bar.setValue(round(100 * (fraction or 0.0)))
        self.bar.setFormat(title)
        self.bar.setToolTip(title)
