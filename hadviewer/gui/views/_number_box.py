"""A box for one number of any size."""

from PyQt6.QtGui import QValidator
from PyQt6.QtWidgets import QAbstractSpinBox, QDoubleSpinBox, QWidget

LARGEST = 1e30
DECIMALS = 12


class NumberBox(QDoubleSpinBox):
    """Shows five digits, takes any number, steps by a tenth of its size; tells when editing is finished.

    What is shown is rounded; the value itself is not until the user types.
    """

    def __init__(self, name: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setRange(-LARGEST, LARGEST)
        self.setDecimals(DECIMALS)
        self.setStepType(QAbstractSpinBox.StepType.AdaptiveDecimalStepType)
        self.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        self.setKeyboardTracking(False)
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self.setMinimumWidth(64)
        self.setMinimumHeight(self.fontMetrics().height() + 10)

    def show_value(self, value: float | None) -> None:
        """Set the value without telling; None empties the box. Not while the user is typing in it."""
        if self.hasFocus() and self._typed():
            return
        self.blockSignals(True)
        if value is None:
            self.clear()
        else:
            self.setValue(value)
        self.blockSignals(False)

    def textFromValue(self, value: float) -> str:
        """Five digits are enough to see."""
        return f"{value:.5g}"

    def valueFromText(self, text: str | None) -> float:
        """What was typed; where nothing was, the value with all its digits."""
        if text == self.textFromValue(self.value()):
            return self.value()
        try:
            return float((text or "").replace(",", "."))
        except ValueError:
            return self.value()

    def validate(self, text: str | None, position: int) -> tuple[QValidator.State, str, int]:
        """Anything that is or may become a number."""
        shown = text or ""
        try:
            float(shown.replace(",", "."))
        except ValueError:
            begun = set(shown.lower()) <= set("0123456789+-.,e")
            return (QValidator.State.Intermediate if begun else QValidator.State.Invalid), shown, position
        return QValidator.State.Acceptable, shown, position

    def _typed(self) -> bool:
        line = self.lineEdit()
        return line is not None and line.isModified()
