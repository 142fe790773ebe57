"""A small form over a plot to type the ends of its axes."""

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QCheckBox, QFrame, QGridLayout, QLabel, QToolButton, QWidget

from hadviewer.gui.views._number_box import NumberBox

Limits = tuple[float, float]


class AxisLimits(QFrame):
    """From and to for both axes, or automatic; Esc closes it.

    Signals: ``limits_edited(across or None, up or None)``, each (from, to); None follows the curves.
    """

    limits_edited = pyqtSignal(object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.Box)
        self.setAutoFillBackground(True)
        self.hide()
        self._titles: list[QLabel] = []
        grid = QGridLayout(self)
        grid.setContentsMargins(10, 4, 6, 8)
        grid.setVerticalSpacing(2)
        for column, heading in enumerate(("From", "To"), 1):
            grid.addWidget(QLabel(heading), 0, column)
        close = QToolButton()
        close.setText("×")
        close.setAutoRaise(True)
        close.setAccessibleName("Close")
        close.setToolTip("Close (Esc)")
        close.clicked.connect(self.hide)
        grid.addWidget(close, 0, 3, Qt.AlignmentFlag.AlignRight)
        self.across, self.auto_across = self._row(grid, 1, "Axis across")
        self.up, self.auto_up = self._row(grid, 2, "Values")

    def open(self, limits: tuple[Limits, Limits], automatic: tuple[bool, bool], title: str) -> None:
        """Show the limits as they are now; ``title`` names the axis across."""
        self.show_limits(limits, automatic)
        self._titles[0].setText(title)
        self.adjustSize()
        self.show()
        self.raise_()
        self.across[0].setFocus()

    def show_limits(self, limits: tuple[Limits, Limits], automatic: tuple[bool, bool]) -> None:
        """The limits have become these."""
        for boxes, box, ends, free in zip(
            (self.across, self.up), (self.auto_across, self.auto_up), limits, automatic, strict=True
        ):
            for number, value in zip(boxes, ends, strict=True):
                number.show_value(value)
            box.blockSignals(True)
            box.setChecked(free)
            box.blockSignals(False)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Esc closes it."""
        if event is not None and event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    def _row(self, grid: QGridLayout, row: int, title: str) -> tuple[tuple[NumberBox, NumberBox], QCheckBox]:
        label = QLabel(title)
        grid.addWidget(label, row, 0)
        self._titles.append(label)
        boxes = NumberBox(f"{title}: from", "Where the axis begins"), NumberBox(f"{title}: to", "Where it ends")
        for column, box in enumerate(boxes, 1):
            box.setMinimumWidth(90)
            box.valueChanged.connect(lambda value, row=row: self._typed(row))
            grid.addWidget(box, row, column)
        automatic = QCheckBox("Automatic")
        automatic.setToolTip("Follow the curves, so that all of them are in sight")
        automatic.setAccessibleName(f"{title}: automatic")
        automatic.toggled.connect(self._tell)
        grid.addWidget(automatic, row, 3)
        return boxes, automatic

    def _typed(self, row: int) -> None:
        """A number typed fixes its axis."""
        box = self.auto_across if row == 1 else self.auto_up
        box.blockSignals(True)
        box.setChecked(False)
        box.blockSignals(False)
        self._tell()

    def _tell(self) -> None:
        self.limits_edited.emit(_ends(self.across, self.auto_across), _ends(self.up, self.auto_up))


def _ends(boxes: tuple[NumberBox, NumberBox], automatic: QCheckBox) -> Limits | None:
    """What was typed, in rising order; None where nothing or no range was."""
    low, high = sorted(box.value() for box in boxes)
    return None if automatic.isChecked() or low == high else (low, high)
