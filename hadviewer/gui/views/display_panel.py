"""Which bands are shown, and how they are stretched."""

from collections.abc import Sequence

from PyQt6.QtCore import QSignalBlocker, QStringListModel, Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from hadviewer.engine.display import STRETCHES
from hadviewer.gui.views._band_box import BandBox, band_texts
from hadviewer.gui.views._number_box import NumberBox
from hadviewer.gui.views._work_line import WorkLine
from hadviewer.gui.views.band_player import BandPlayer
from hadviewer.gui.views.data import BandChoice
from hadviewer.gui.views.histogram_view import HistogramView
from hadviewer.render.stretch import Histogram

_CHANNELS = (("R", "Red", "#d93025"), ("G", "Green", "#1e8e3e"), ("B", "Blue", "#1a73e8"))
_PERCENTS = (2.0, 1.0, 5.0)
_AMOUNTS = {"linear": " %", "root": " %", "log": " %", "deviation": " σ"}
_MOST = {" %": 49.0, " σ": 20.0}


class DisplayPanel(QWidget):
    """Mode, a band for each channel, stretch, and for each channel its histogram and limits.

    Signals: ``mode_chosen(str)``; ``band_chosen(channel, band)`` with the 0-based band;
    ``stretch_chosen(kind, amount)`` with percent or standard deviations; ``scope_chosen('scene' or 'view')``;
    ``limits_edited(channel, low, high)`` while dragging and after typing; ``limits_settled()`` after a drag,
    ``limits_cancelled()`` when it is to be taken back; ``work_cancelled()``: do without the components.
    """

    mode_chosen = pyqtSignal(str)
    band_chosen = pyqtSignal(int, int)
    stretch_chosen = pyqtSignal(str, float)
    scope_chosen = pyqtSignal(str)
    limits_edited = pyqtSignal(int, float, float)
    limits_settled = pyqtSignal()
    limits_cancelled = pyqtSignal()
    work_cancelled = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = QStringListModel(self)
        self.mode = _combo(
            "Mode", "Which bands are shown: a preset by wavelength, one band in grey, or bands of your own"
        )
        self.mode.activated.connect(lambda index: self.mode_chosen.emit(self.mode.itemData(index)))
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.note.setForegroundRole(self.note.palette().ColorRole.PlaceholderText)
        self.note.hide()
        self._letters = [_letter(*channel) for channel in _CHANNELS]
        self.bands = [BandBox(f"{name} band") for _, name, _ in _CHANNELS]
        self.player = BandPlayer()
        self.work = WorkLine()
        self.work.cancelled.connect(self.work_cancelled)
        self.work.hide()
        self.stretch = _combo("Stretch", "How values become brightness: what lies beyond the limits is black or white")
        for percent in _PERCENTS:
            self.stretch.addItem(f"Linear {percent:g} %", ("linear", percent))
        for kind, (title, _) in STRETCHES.items():
            if kind != "linear":
                self.stretch.addItem(title, (kind, 2.0))
        self._offered = self.stretch.count()
        for number in range(self._offered):
            tip = STRETCHES[self.stretch.itemData(number)[0]][1]
            self.stretch.setItemData(number, tip, Qt.ItemDataRole.ToolTipRole)
        self.stretch.activated.connect(lambda index: self.stretch_chosen.emit(*self.stretch.itemData(index)))
        self.amount = _amount_box()
        self.amount.valueChanged.connect(self._tell_amount)
        self.scope = _combo("Values for the stretch", "Whether the whole scene decides, or only what is in sight")
        self.scope.addItem("Whole scene", "scene")
        self.scope.addItem("In sight", "view")
        self.scope.activated.connect(lambda index: self.scope_chosen.emit(self.scope.itemData(index)))
        self.reset = QToolButton()
        self.reset.setText("Auto")
        self.reset.setToolTip("Back to the usual stretch: 2 % of the values cut at both ends")
        self.reset.setAccessibleName("Automatic stretch")
        self.reset.clicked.connect(lambda: self.stretch_chosen.emit("linear", 2.0))
        self.limits = [
            (
                NumberBox(f"{name} lower limit", f"The value that is black in {name.lower()}"),
                NumberBox(f"{name} upper limit", f"The value that is brightest in {name.lower()}"),
            )
            for _, name, _ in _CHANNELS
        ]
        self.histograms = [HistogramView(f"{name} histogram", colour) for _, name, colour in _CHANNELS]
        self._connect_channels()
        self._arrange()
        self.set_cube((), ())

    def set_cube(self, modes: Sequence[tuple[str, str]], bands: Sequence[BandChoice]) -> None:
        """Offer these modes (id, title) and bands; without any, everything is greyed out."""
        self.mode.clear()
        for mode, title in modes:
            self.mode.addItem(title, mode)
        self.set_bands(bands)
        self.setEnabled(bool(bands))
        if not bands:
            self.show_display("", (0, 0, 0), "")
            self.show_limits(())

    def set_bands(self, bands: Sequence[BandChoice]) -> None:
        """Offer these bands, or components."""
        self._model.setStringList(band_texts(bands))
        for box in self.bands:
            box.set_bands(bands, self._model)

    def show_display(self, mode: str, bands: tuple[int, ...], note: str) -> None:
        """Show what is chosen: a mode and one band (grey) or three, 0-based; ``note`` is a remark on them."""
        self.mode.setCurrentIndex(self.mode.findData(mode))
        single = len(bands) == 1
        for channel, (letter, box) in enumerate(zip(self._letters, self.bands, strict=True)):
            shown = channel < len(bands)
            letter.setVisible(shown and not single)
            box.setVisible(shown)
            if shown:
                box.show_band(bands[channel])
        self.player.setVisible(single)
        self._show_limit_rows(len(bands))
        self.note.setText(note)
        self.note.setVisible(bool(note))

    def show_work(self, title: str, fraction: float | None = None) -> None:
        """Say what is being computed and how far it is (0..1, None: not known); '' when nothing is."""
        self.work.setVisible(bool(title))
        self.work.show_progress(title, fraction)

    def show_stretch(self, kind: str, amount: float, scope: str = "scene") -> None:
        """Show the kind of stretch and its number; a percentage that is not in the list is added to it."""
        index = next((n for n in range(self.stretch.count()) if _same(self.stretch.itemData(n), kind, amount)), None)
        if index is None:
            self.stretch.addItem(f"Linear {amount:g} %", (kind, amount))
            index = self.stretch.count() - 1
        self.stretch.setCurrentIndex(index)
        unit = _AMOUNTS.get(kind)
        self.amount.setVisible(unit is not None)
        with QSignalBlocker(self.amount):
            self.amount.setSuffix(unit or "")
            self.amount.setMaximum(_MOST[unit or " %"])
            self.amount.setValue(amount)
        self.scope.setEnabled(kind != "manual")
        self.scope.setCurrentIndex(self.scope.findData(scope))

    def show_limits(self, limits: Sequence[tuple[float, float]]) -> None:
        """Show the limits in use, one pair per channel; without any the boxes are empty."""
        if not limits:
            for box in (box for boxes in self.limits for box in boxes):
                box.show_value(None)
        for boxes, histogram, values in zip(self.limits, self.histograms, limits, strict=False):
            histogram.show_limits(values)
            for box, value in zip(boxes, values, strict=True):
                box.show_value(value)

    def show_histograms(self, histograms: Sequence[Histogram]) -> None:
        """Show how the values of each channel are distributed; of none without any."""
        for number, view in enumerate(self.histograms):
            view.show_histogram(histograms[number] if number < len(histograms) else None)

    def _connect_channels(self) -> None:
        for channel, (band, boxes) in enumerate(zip(self.bands, self.limits, strict=True)):
            band.band_chosen.connect(lambda index, channel=channel: self.band_chosen.emit(channel, index))
            for box in boxes:
                box.valueChanged.connect(lambda value, channel=channel: self._tell_limits(channel))
            histogram = self.histograms[channel]
            histogram.limits_dragged.connect(
                lambda low, high, channel=channel: self.limits_edited.emit(channel, low, high)
            )
            histogram.drag_ended.connect(self.limits_settled)
            histogram.drag_cancelled.connect(self.limits_cancelled)

    def _tell_amount(self, amount: float) -> None:
        kind, _ = self.stretch.currentData()
        self.stretch_chosen.emit(kind, amount)

    def _tell_limits(self, channel: int) -> None:
        low, high = self.limits[channel]
        self.limits_edited.emit(channel, low.value(), high.value())

    def _show_limit_rows(self, count: int) -> None:
        for channel, (histogram, boxes) in enumerate(zip(self.histograms, self.limits, strict=True)):
            for widget in (histogram, *boxes):
                widget.setVisible(channel < count)
            histogram.set_colour(_CHANNELS[channel][2] if count > 1 else "")

    def _arrange(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addWidget(self.mode)
        bands = QGridLayout()
        bands.setSpacing(6)
        for row, (letter, box) in enumerate(zip(self._letters, self.bands, strict=True)):
            bands.addWidget(letter, row, 0)
            bands.addWidget(box, row, 1)
        bands.setColumnStretch(1, 1)
        column.addLayout(bands)
        column.addWidget(self.player)
        column.addWidget(self.work)
        column.addWidget(self.note)
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(self.stretch, 1)
        line.addWidget(self.amount)
        column.addLayout(line)
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(self.scope, 1)
        line.addWidget(self.reset)
        column.addLayout(line)
        limits = QGridLayout()
        limits.setSpacing(4)
        for row, (histogram, (low, high)) in enumerate(zip(self.histograms, self.limits, strict=True)):
            limits.addWidget(histogram, 2 * row, 0, 1, 2)
            limits.addWidget(low, 2 * row + 1, 0)
            limits.addWidget(high, 2 * row + 1, 1)
        for side in (0, 1):
            limits.setColumnStretch(side, 1)
        column.addLayout(limits)
        column.addStretch(1)


def _combo(name: str, tip: str) -> QComboBox:
    combo = QComboBox()
    combo.setAccessibleName(name)
    combo.setToolTip(tip)
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return combo


def _amount_box() -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(0.0, 49.0)
    box.setDecimals(2)
    box.setSingleStep(0.5)
    box.setKeyboardTracking(False)
    box.setAccessibleName("Amount of the stretch")
    box.setToolTip("How many percent are cut at both ends, or how many standard deviations around the mean are shown")
    return box


def _letter(letter: str, name: str, colour: str) -> QLabel:
    """The channel's letter in its own colour, which is data, not decoration."""
    label = QLabel(letter)
    label.setStyleSheet(f"color: {colour}; font-weight: 700;")
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    label.setFixedWidth(14)
    label.setToolTip(name)
    return label


def _same(data: tuple[str, float], kind: str, percent: float) -> bool:
    return data[0] == kind and (kind != "linear" or data[1] == percent)
