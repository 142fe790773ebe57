"""The table of superpixels."""

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QHeaderView, QWidget

from hadviewer.gui.views.row_table import RowModel, RowTable

LEAST_WIDTH = 52


class SegmentTable(RowTable):
    """Superpixels as rows. Esc clears the selection."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.segments = RowModel()
        super().__init__(self.segments, "Table of superpixels", parent)
        across = self.horizontalHeader()
        assert across is not None
        across.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        across.setMinimumSectionSize(LEAST_WIDTH)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Esc selects nothing."""
        if event is not None and event.key() == Qt.Key.Key_Escape and self.picked():
            self.clearSelection()
        else:
            super().keyPressEvent(event)
