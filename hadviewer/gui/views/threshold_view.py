"""The threshold dock: histogram, line, rule, and what lies above."""

from collections.abc import Sequence

import numpy as np
from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from hadviewer.analysis.objects import Cleaning
from hadviewer.gui.forms.editors import NumberEdit
from hadviewer.gui.views.data import RuleChoice, ScoreBars
from hadviewer.gui.views.score_plot import ScorePlot

SIDE_DIGITS, BOX_DIGITS = 35, 9
"""Widths in digits, so that they grow with the font."""
MOST_PIXELS = 99_999
WIDEST_GAP = 50


class ScoreEdit(NumberEdit):
    """A score, with as many digits as tell it from the next one (scores have single precision)."""

    def textFromValue(self, value: float) -> str:
        """The shortest text for the score."""
        with np.errstate(over="ignore"):
            return str(np.float32(value)).removesuffix(".0")


class ThresholdView(QWidget):
    """The histogram of a score map and the threshold on it.

    Signals:
        threshold_moved(float): the threshold was dragged or typed to this score.
        threshold_settled(): the line was let go, or a score typed in full.
        rule_chosen(str): let this rule choose.
        argument_edited(float): the rule's number is another one.
        cleaning_edited(Cleaning): close gaps and leave out small objects like this.
        mask_toggled(bool): show or hide the mask.
    """

    threshold_moved = pyqtSignal(float)
    threshold_settled = pyqtSignal()
    rule_chosen = pyqtSignal(str)
    argument_edited = pyqtSignal(float)
    cleaning_edited = pyqtSignal(object)
    mask_toggled = pyqtSignal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bars: tuple[ScoreBars | None, ScoreBars | None] = (None, None)
        self._rules: dict[str, RuleChoice] = {}
        self.plot = ScorePlot()
        self.rule = QComboBox()
        self.argument_label = QLabel()
        self.argument = NumberEdit()
        self.value = ScoreEdit()
        self.minimum_label = QLabel("Objects ≥")
        self.minimum = QSpinBox()
        self.connectivity = QComboBox()
        self.gap_label = QLabel("Close gaps ≤")
        self.gap = QSpinBox()
        self.mask_box = QCheckBox("Show mask")
        self.log_box = QCheckBox("Log score axis")
        self.reading = QLabel()
        self._side = QWidget()
        self._form = QFormLayout()
        self._dress()
        self._arrange()
        self.plot.moved.connect(self.threshold_moved)
        self.plot.settled.connect(self.threshold_settled)
        self.value.valueChanged.connect(self.threshold_moved)
        self.value.editingFinished.connect(self.threshold_settled)
        self.rule.activated.connect(lambda index: self.rule_chosen.emit(self.rule.itemData(index)))
        self.argument.valueChanged.connect(self.argument_edited)
        self.minimum.valueChanged.connect(self._on_cleaning)
        self.gap.valueChanged.connect(self._on_cleaning)
        self.connectivity.activated.connect(self._on_cleaning)
        self.mask_box.clicked.connect(self.mask_toggled)
        self.log_box.toggled.connect(self._draw)
        self.set_bars(None, None, "")

    def set_bars(self, linear: ScoreBars | None, log: ScoreBars | None, hint: str) -> None:
        """Show the histogram of a score map, in equal steps and in equal ratios; ``hint`` says why there is none."""
        self._bars = (linear, log)
        self._side.setVisible(linear is not None)
        self.log_box.setEnabled(log is not None)
        self._draw()
        self.plot.set_hint(hint if linear is None else "")

    def set_rules(self, rules: Sequence[RuleChoice]) -> None:
        """Offer these rules."""
        self._rules = {rule.id: rule for rule in rules}
        self.rule.clear()
        for rule in rules:
            self.rule.addItem(rule.title, rule.id)
            self.rule.setItemData(self.rule.count() - 1, rule.help, Qt.ItemDataRole.ToolTipRole)

    def show_threshold(self, value: float | None, rule: str, argument: float) -> None:
        """Show the threshold and how it was chosen; nothing is emitted."""
        editors = (self.value, self.argument)
        before = [editor.blockSignals(True) for editor in editors]
        self.rule.setCurrentIndex(self.rule.findData(rule))
        chosen = self._rules.get(rule)
        asks = chosen is not None and bool(chosen.argument)
        self._form.setRowVisible(self.argument, asks)
        if chosen is not None and asks:
            self.argument_label.setText(chosen.argument)
            self.argument.setRange(chosen.low, chosen.high)
            self.argument.setValue(argument)
        if value is not None:
            self.value.setValue(value)
        for editor, state in zip(editors, before, strict=True):
            editor.blockSignals(state)
        self.plot.set_threshold(value)

    def show_cleaning(self, cleaning: Cleaning) -> None:
        """Show which gaps are closed and which objects left out; nothing is emitted."""
        for box, value in ((self.minimum, cleaning.minimum), (self.gap, cleaning.gap)):
            before = box.blockSignals(True)
            box.setValue(value)
            box.blockSignals(before)
        self.connectivity.setCurrentIndex(self.connectivity.findData(cleaning.connectivity))

    def show_mask(self, shown: bool) -> None:
        """Tick the box or not; nothing is emitted."""
        self.mask_box.setChecked(shown)

    def show_reading(self, lines: Sequence[str]) -> None:
        """Say what lies above the threshold."""
        self.reading.setText("\n".join(lines))

    def _on_cleaning(self) -> None:
        chosen = Cleaning(self.minimum.value(), self.connectivity.currentData(), self.gap.value())
        self.cleaning_edited.emit(chosen)

    def _draw(self) -> None:
        linear, log = self._bars
        use_log = self.log_box.isChecked() and log is not None
        self.plot.set_bars(log if use_log else linear, log=use_log)

    def _dress(self) -> None:
        self.plot.setAccessibleName("Histogram of the scores")
        self.plot.setToolTip("Drag the red line; wheel zooms along the scores")
        for widget, name, tip in (
            (self.rule, "Rule", "How the threshold is chosen"),
            (self.argument, "Number of the rule", "What the rule asks for"),
            (self.value, "Threshold", "Pixels with at least this score are in the mask"),
            (self.minimum, "Smallest object", "Smaller groups of pixels are left out of the mask, also of its export"),
            (
                self.connectivity,
                "Neighbours",
                "Which pixels make one object: 8 also joins those that touch at a corner, 4 only those with a side",
            ),
            (
                self.gap,
                "Close gaps",
                "Gaps up to so many pixels wide are filled, so that the parts of an object count as one",
            ),
            (self.mask_box, "Show mask", "Mark the pixels above the threshold on the image"),
            (
                self.log_box,
                "Log score axis",
                "Show the scores on a logarithmic axis; scores of 0 and below are left out",
            ),
            (self.reading, "Read-out", "What lies above the threshold"),
        ):
            widget.setAccessibleName(name)
            widget.setToolTip(tip)
        self.rule.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.reading.setWordWrap(True)
        for box, low, high in ((self.minimum, 1, MOST_PIXELS), (self.gap, 0, WIDEST_GAP)):
            box.setRange(low, high)
            box.setSuffix(" px")
            box.setFixedWidth(BOX_DIGITS * self.fontMetrics().horizontalAdvance("0"))
            box.setKeyboardTracking(False)
        self.gap.setSpecialValueText("Off")
        for count in (8, 4):
            self.connectivity.addItem(f"{count} neighbours", count)

    def _arrange(self) -> None:
        self._side.setFixedWidth(SIDE_DIGITS * self.fontMetrics().horizontalAdvance("0"))
        self.minimum_label.setBuddy(self.minimum)
        self.gap_label.setBuddy(self.gap)
        self.argument_label.setBuddy(self.argument)
        form = self._form
        form.setContentsMargins(0, 0, 0, 0)
        form.setSpacing(6)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(self.rule)
        form.addRow(self.argument_label, self.argument)
        form.addRow("Threshold", self.value)
        objects = QGridLayout()
        objects.setSpacing(6)
        objects.addWidget(self.gap_label, 0, 0)
        objects.addWidget(self.gap, 0, 1)
        objects.addWidget(self.minimum_label, 1, 0)
        objects.addWidget(self.minimum, 1, 1)
        objects.addWidget(self.connectivity, 1, 2)
        objects.setColumnStretch(2, 1)
        form.addRow(objects)
        boxes = QHBoxLayout()
        boxes.addWidget(self.mask_box)
        boxes.addWidget(self.log_box)
        side = QVBoxLayout(self._side)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(6)
        side.addLayout(form)
        side.addLayout(boxes)
        side.addWidget(self.reading)
        side.addStretch(1)
        page = QHBoxLayout(self)
        page.setContentsMargins(8, 6, 8, 6)
        page.setSpacing(8)
        page.addWidget(self.plot, 1)
        page.addWidget(self._side)
