"""Chooses one band of hundreds: from the list, by the wheel, or by typing a number or a wavelength."""

import math
from collections.abc import Sequence

from PyQt6.QtCore import QStringListModel, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QComboBox, QSizePolicy, QWidget

from hadviewer.gui.views.data import BandChoice


class BandBox(QComboBox):
    """A list of bands in which one can type: '45' is band 45, '650 nm' or '650.5' the band nearest to it.

    Signals: ``band_chosen(int)`` (0-based) when the user chose another band.
    """

    band_chosen = pyqtSignal(int)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bands: Sequence[BandChoice] = ()
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setCompleter(None)
        self.setMaxVisibleItems(24)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(12)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setStyleSheet("QComboBox { combobox-popup: 0; }")  # a list that scrolls instead of filling the screen
        self.setAccessibleName(name)
        self.setToolTip(f"{name}: choose, turn the wheel, or type a band number (45) or a wavelength (650 nm)")
        line = self.lineEdit()
        assert line is not None
        line.editingFinished.connect(self._typed)
        self.activated.connect(self.band_chosen)

    def set_bands(self, bands: Sequence[BandChoice], model: QStringListModel) -> None:
        """Offer these bands; ``model`` holds their texts and may be shared by several boxes."""
        self._bands = bands
        self.blockSignals(True)
        self.setModel(model)
        self.blockSignals(False)

    def show_band(self, band: int) -> None:
        """Show a band (0-based) as chosen, without telling."""
        self.blockSignals(True)
        self.setCurrentIndex(band)
        self.setEditText(self.itemText(band))
        self.blockSignals(False)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Esc takes back what was typed."""
        if event is not None and event.key() == Qt.Key.Key_Escape:
            self.show_band(self.currentIndex())
            return
        super().keyPressEvent(event)

    def _typed(self) -> None:
        text = self.currentText()
        before = self.currentIndex()
        if text == self.itemText(before):
            return
        band = find_band(text, self._bands)
        self.show_band(before if band is None else band)
        if band is not None and band != before:
            self.band_chosen.emit(band)


def band_texts(bands: Sequence[BandChoice]) -> list[str]:
    """What the list shows, bad bands marked."""
    return [band.label if band.usable else f"{band.label} (bad)" for band in bands]


def find_band(text: str, bands: Sequence[BandChoice]) -> int | None:
    """The band (0-based) that a user means: a number 1..count, else the nearest usable wavelength, else a label."""
    words = text.lower().removeprefix("band").replace(",", ".").strip()
    number = words.removesuffix("nm").strip()
    try:
        value = float(number)
    except ValueError:
        return next((index for index, band in enumerate(bands) if words and words in band.label.lower()), None)
    if number == words and "." not in number and 1 <= value <= len(bands):
        return int(value) - 1
    known = [
        (abs(band.wavelength - value), index)
        for index, band in enumerate(bands)
        if band.wavelength is not None and band.usable and math.isfinite(value)
    ]
    return min(known)[1] if known else None
