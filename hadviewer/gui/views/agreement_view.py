"""The dock that tells how far results agree: each two of them in a table, and what can be made of them."""

from collections.abc import Sequence

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from hadviewer.gui.views._page import dock_column, hint_over
from hadviewer.gui.views.data import FigureColumn, FigureRow
from hadviewer.gui.views.figure_table import FigureTable

COLUMNS = (
    FigureColumn("Both", "Pixels that both masks have"),
    FigureColumn("Either", "Pixels that one of the masks has at least"),
    FigureColumn("Jaccard", "Pixels of both by pixels of either: 1 where the masks are the same"),
    FigureColumn("Kappa", "Cohen's kappa: 1 where the masks are the same, 0 where they agree as by chance"),
    FigureColumn(
        "Rank correlation", "Spearman's, of the scores, whatever the thresholds: 1 where the order is the same"
    ),
)


class AgreementView(QWidget):
    """A table of pairs, a line about all, two buttons.

    Signals:
        side_by_side_requested: the maps are wanted in a view each.
        map_requested: how many results find each pixel is wanted as a map.
        shown_changed: the dock came to the front, or went.
    """

    side_by_side_requested = pyqtSignal()
    map_requested = pyqtSignal()
    shown_changed = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.in_front = False
        self.table = FigureTable()
        self.table.setAccessibleName("Agreement of each two results")
        self.table.setToolTip("Results marked in the table of results (Ctrl+click), or all. Ctrl+C copies.")
        self._hint = hint_over(self.table)
        self.found_by = QLabel()
        self.found_by.setWordWrap(True)  # or a long sentence takes the width from the docks at the sides
        self.found_by.setAccessibleName("Pixels by the number of results that find them")
        self.side_by_side, self.as_map = QPushButton("Maps side by side"), QPushButton("Agreement map")
        self.side_by_side.setToolTip("Show up to four score maps in linked views, one each")
        self.as_map.setToolTip("Add a map of how many results find each pixel, each with its own threshold")
        self.side_by_side.clicked.connect(self.side_by_side_requested)
        self.as_map.clicked.connect(self.map_requested)
        foot = QHBoxLayout()
        foot.addWidget(self.found_by, 1)
        foot.addWidget(self.side_by_side)
        foot.addWidget(self.as_map)
        page = dock_column(self)
        page.addWidget(self.table, 1)
        page.addLayout(foot)
        self.show_pairs((), "", "")
        self.offer(0, 0)

    # What the controller says

    def come_to_front(self, in_front: bool) -> None:
        """The dock is in sight now, or no more; Qt does not hide what lies behind another tab."""
        if in_front != self.in_front:
            self.in_front = in_front
            self.shown_changed.emit()

    def show_pairs(self, rows: Sequence[FigureRow], found_by: str, hint: str) -> None:
        """Show these pairs, or why there are none."""
        self.table.set_figures(COLUMNS, rows)
        self.found_by.setText(found_by)
        self.found_by.setToolTip(found_by)
        self._hint.say(hint)

    def offer(self, maps: int, masks: int) -> None:
        """Offer what can be made of so many maps and masks."""
        self.side_by_side.setEnabled(maps > 1)
        self.as_map.setEnabled(masks > 1)
