"""How spectra are read and drawn: axis, treatment, window, band around means."""

from PyQt6.QtCore import QSignalBlocker, pyqtSignal
from PyQt6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSizePolicy, QSpinBox, QWidget

from hadviewer.engine.pins import LARGEST_WINDOW, SpectraIntent

AXES = (("nm", True), ("Band", False))
TREATMENTS = {
    "none": ("Values", "Values as the cube has them"),
    "max": ("÷ maximum", "Each spectrum divided by its largest value"),
    "mean": ("÷ mean", "Each spectrum divided by its mean"),
    "unit": ("Unit length", "Each spectrum divided by its length, as the spectral angle sees it"),
    "continuum": ("No continuum", "Continuum removed: divided by the convex hull, so that only absorption bands stay"),
    "first": ("1st derivative", "Slope, per nm or per band as the axis is"),
    "second": ("2nd derivative", "Change of the slope: sharp bands stand out"),
}
SPREADS = {
    "none": ("No spread", "Curves only"),
    "sigma": ("Mean ± σ", "A standard deviation around the mean: of each window, and of all collected spectra"),
    "range": ("Min – max", "From the smallest to the largest value: of each window, and of all collected spectra"),
}


class OddBox(QSpinBox):
    """A full width in pixels, always odd."""

    def __init__(self, name: str, tip: str) -> None:
        super().__init__()
        self.setRange(1, LARGEST_WINDOW)
        self.setSingleStep(2)
        self.setKeyboardTracking(False)
        self.setFixedWidth(self.fontMetrics().horizontalAdvance("00") + 34)
        self.setAccessibleName(name)
        self.setToolTip(tip)

    def fixup(self, text: str | None) -> str:
        """Nothing typed counts as one pixel."""
        return super().fixup(text) or "1"

    def odd(self) -> int:
        """The value, or the next odd one above it."""
        return self.value() | 1


class SpectrumOptions(QWidget):
    """A row of choices.

    Signals: ``edited(dict)`` of what changed in ``SpectraIntent``; ``settled()`` when that is over.
    """

    edited = pyqtSignal(dict)
    settled = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.unit = _combo("Axis unit", "Axis: wavelength in nm, or band number counted from 1")
        self.unit.addItems([title for title, _ in AXES])
        self.treatment = _combo("Treatment", "What is done to every spectrum before it is drawn, copied or exported")
        self.spread = _combo("Spread around means", "A band around means of windows and of all collected spectra")
        for combo, choices in ((self.treatment, TREATMENTS), (self.spread, SPREADS)):
            for key, (title, tip) in choices.items():
                combo.addItem(title, key)
                combo.setItemData(combo.count() - 1, tip, 3)
        tip = "Full width of the window around a pixel whose mean is shown and collected; 1 × 1 is the pixel itself"
        self.rows, self.cols = OddBox("Window: lines", f"Lines. {tip}"), OddBox("Window: samples", f"Samples. {tip}")
        self._arrange()
        self.unit.currentIndexChanged.connect(lambda index: self._tell(in_nm=AXES[index][1]))
        self.treatment.currentIndexChanged.connect(lambda index: self._tell(treatment=self.treatment.currentData()))
        self.spread.currentIndexChanged.connect(lambda index: self._tell(spread=self.spread.currentData()))
        for box in (self.rows, self.cols):
            box.valueChanged.connect(lambda value: self._tell(window=(self.rows.odd(), self.cols.odd())))

    def show_intent(self, intent: SpectraIntent) -> None:
        """Show how it is now, without telling."""
        blockers = [QSignalBlocker(part) for part in (self.unit, self.treatment, self.spread, self.rows, self.cols)]
        if self.unit.isEnabled():
            self.unit.setCurrentIndex(0 if intent.in_nm else 1)
        self.treatment.setCurrentIndex(self.treatment.findData(intent.treatment))
        self.spread.setCurrentIndex(self.spread.findData(intent.spread))
        self.rows.setValue(intent.window[0])
        self.cols.setValue(intent.window[1])
        del blockers

    def offer_wavelengths(self, known: bool, in_nm: bool) -> None:
        """Whether the axis can be in nm, and whether it is."""
        blocker = QSignalBlocker(self.unit)
        self.unit.setCurrentIndex(0 if known and in_nm else 1)
        self.unit.setEnabled(known)
        del blocker

    def _tell(self, **changes: object) -> None:
        self.edited.emit(changes)
        self.settled.emit()

    def _arrange(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        times = QLabel("×")
        for part in (self.unit, self.treatment, self.rows, times, self.cols, self.spread):
            row.addWidget(part)
        row.addStretch(1)


def _combo(name: str, tip: str) -> QComboBox:
    combo = QComboBox()
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    combo.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    combo.setToolTip(tip)
    combo.setAccessibleName(name)
    return combo
