"""How the scores of a map take its colours: scale, direction, and the scores at both ends."""

from PyQt6.QtCore import QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QSizePolicy, QWidget

from hadviewer.gui.views._number_box import NumberBox
from hadviewer.gui.views.data import LayerRow
from hadviewer.gui.views.histogram_view import HistogramView

_SCALES = (
    ("Linear", "linear", "Equal steps of the score are equal steps of colour"),
    ("Logarithm", "log", "Low scores get more colours, high ones fewer"),
    ("Rank", "rank", "Colour by how many pixels score lower, whatever the scores are"),
)


class ScoreLook(QWidget):
    """Scale, inverse, histogram with handles, and the limits as numbers.

    Signals: ``scale_changed(str)``; ``inverse_changed(bool)``; ``limits_changed((low, high) or None)`` when typed or
    made automatic; ``limits_dragged((low, high))``, ``limits_settled()``, ``limits_cancelled()``.
    """

    scale_changed = pyqtSignal(str)
    inverse_changed = pyqtSignal(bool)
    limits_changed = pyqtSignal(object)
    limits_dragged = pyqtSignal(object)
    limits_settled = pyqtSignal()
    limits_cancelled = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scale = QComboBox()
        for number, (title, scale, tip) in enumerate(_SCALES):
            self.scale.addItem(title, scale)
            self.scale.setItemData(number, tip, Qt.ItemDataRole.ToolTipRole)
        self.scale.setAccessibleName("Scale of the colours")
        self.scale.setToolTip("How scores between the limits take colours: in equal steps, by logarithm, or by rank")
        self.scale.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.inverse = QCheckBox("Inverse")
        self.inverse.setToolTip("Give the lowest score the last colour and the highest the first")
        self.histogram = HistogramView("Scores")
        self.automatic = QCheckBox("Automatic limits")
        self.automatic.setAccessibleName("Automatic limits")
        self.automatic.setToolTip("Colours run from the score that 2 % lie below to the one that 0.1 % lie above")
        self.low = NumberBox("Lowest score", "The score that has the first colour")
        self.high = NumberBox("Highest score", "The score that has the last colour")
        self._connect()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(6)
        grid.addWidget(self.scale, 0, 0)
        grid.addWidget(self.inverse, 0, 1)
        grid.addWidget(self.histogram, 1, 0, 1, 2)
        grid.addWidget(self.low, 2, 0)
        grid.addWidget(self.high, 2, 1)
        grid.addWidget(self.automatic, 3, 0, 1, 2)
        for column in (0, 1):
            grid.setColumnStretch(column, 1)

    def show_row(self, row: LayerRow) -> None:
        """Show the look of a layer; nothing is told."""
        with QSignalBlocker(self.automatic), QSignalBlocker(self.inverse):
            self.automatic.setChecked(row.automatic)
            self.inverse.setChecked(row.inverse)
        self.scale.setCurrentIndex(self.scale.findData(row.scale))
        self.histogram.show_histogram(row.histogram)
        if row.limits is not None:
            self.histogram.show_limits(row.limits)
        for box, value in zip((self.low, self.high), row.limits or (), strict=False):
            box.show_value(value)

    def _connect(self) -> None:
        self.scale.activated.connect(lambda index: self.scale_changed.emit(self.scale.itemData(index)))
        self.inverse.toggled.connect(self.inverse_changed)
        self.automatic.toggled.connect(self._tell_automatic)
        self.low.valueChanged.connect(self._tell_limits)
        self.high.valueChanged.connect(self._tell_limits)
        self.histogram.limits_dragged.connect(lambda low, high: self.limits_dragged.emit((low, high)))
        self.histogram.drag_ended.connect(self.limits_settled)
        self.histogram.drag_cancelled.connect(self.limits_cancelled)

    def _tell_limits(self) -> None:
        self.limits_changed.emit((self.low.value(), self.high.value()))

    def _tell_automatic(self, automatic: bool) -> None:
        if automatic:
            self.limits_changed.emit(None)
        else:
            self._tell_limits()
