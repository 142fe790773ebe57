"""The spectrum dock: the spectrum under the cursor and the spectra that were kept."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, Qt, pyqtBoundSignal, pyqtSignal
from PyQt6.QtGui import QAction, QColor, QGuiApplication, QIcon, QKeySequence, QPainter, QPalette, QPen, QPixmap
from PyQt6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from hadviewer.gui.icons import icon
from hadviewer.gui.views.data import PinnedSpectrum, Spectrum
from hadviewer.gui.views.spectral_axis import SpectralAxis
from hadviewer.gui.views.spectrum_plot import LIVE, SEGMENT, SpectrumPlot

SIDE_WIDTH = 224
_KEY = Qt.ItemDataRole.UserRole
_NO_CUBE = "Open a cube to see spectra."
_NO_CURVE = "Move over the image to see the spectrum of a pixel. Click to keep it."


class SpectrumView(QWidget):
    """Curves on the left; on the right their list, where they are hidden (Space) and removed (Delete).

    Signals:
        pin_removed: (id) a kept spectrum is to go.
        pin_shown: (id, visible) a kept spectrum is to be shown or hidden.
        pins_cleared: all kept spectra are to go.
        copy_requested: the spectra are wanted on the clipboard.
        export_requested: (Path) the spectra are wanted in this file.
    """

    pin_removed = pyqtSignal(int)
    pin_shown = pyqtSignal(int, bool)
    pins_cleared = pyqtSignal()
    copy_requested = pyqtSignal()
    export_requested = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plot = SpectrumPlot()
        self.plot.setToolTip("Wheel: zoom at the pointer; drag: move; right drag: stretch")
        self.plot.setAccessibleName("Spectra")
        self.list = QListWidget()
        self.list.setToolTip("The curves. Space hides or shows one, Delete removes a kept one.")
        self.list.setAccessibleName("List of spectra")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.list.itemChanged.connect(self._item_changed)
        self.list.currentItemChanged.connect(self._current_changed)
        self.unit = QComboBox()
        self.unit.addItems(["nm", "Band"])
        self.unit.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.unit.setToolTip("Axis: wavelength in nm, or band number counted from 1")
        self.unit.setAccessibleName("Axis unit")
        self.unit.currentIndexChanged.connect(self._lay_out)
        self._usable: NDArray[np.bool_] | None = None
        self._centres: NDArray[np.float64] | None = None
        self._buttons: list[QToolButton] = []
        self._make_actions()
        self._arrange()
        self.set_bands(None)

    # What the controller says

    def set_bands(
        self,
        usable: NDArray[np.bool_] | None,
        centres: NDArray[np.float64] | None = None,
        quantity: str = "Value",
    ) -> None:
        """Show spectra of another cube: which bands are good (bands,), wavelengths in nm if known, what values are.

        None when no cube is open. Every curve goes.
        """
        self.set_live(None)
        self.set_segment(None)
        self.set_pins(())
        self._usable, self._centres = usable, centres
        self.unit.blockSignals(True)
        self.unit.setCurrentIndex(0 if centres is not None else 1)
        self.unit.blockSignals(False)
        self.unit.setEnabled(centres is not None)
        self.plot.setLabel("left", quantity)
        self._lay_out()

    def set_live(self, values: Spectrum | None, title: str = "") -> None:
        """Show the spectrum under the cursor."""
        self._follow(LIVE, values, title)

    def set_segment(self, values: Spectrum | None, title: str = "") -> None:
        """Show the mean spectrum of the superpixel under the cursor, dashed."""
        self._follow(SEGMENT, values, title)

    def set_pins(self, pins: Sequence[PinnedSpectrum]) -> None:
        """Show these kept spectra and no other."""
        wanted = {pin.id for pin in pins}
        for key in [key for key in self.plot.shown_keys() if key > 0 and key not in wanted]:
            self.plot.remove(key)
        for key in [key for key in self._listed() if key > 0 and key not in wanted]:
            self.list.takeItem(self._listed().index(key))
        for pin in pins:
            self.plot.set_curve(pin.id, pin.values, pin.colour, pin.visible)
            self._enlist(pin.id, pin.title, pin.visible, pin.colour)
        self._tell_state()

    def show_bands(self, bands: tuple[int, ...]) -> None:
        """Mark the bands that the image shows (0-based)."""
        self.plot.show_bands(bands)

    def copy_text(self, text: str) -> None:
        """Put text on the clipboard."""
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None:
            clipboard.setText(text)

    # What the user does

    def ask_export(self) -> None:
        """Ask for a file and send it out as a request."""
        name, _ = QFileDialog.getSaveFileName(self, "Export spectra", "spectra.csv", "Table (*.csv)")
        if name:
            path = Path(name)
            self.export_requested.emit(path if path.suffix else path.with_suffix(".csv"))

    def changeEvent(self, event: QEvent | None) -> None:
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.PaletteChange and hasattr(self, "_remove"):
            self._restyle()

    def _remove_current(self) -> None:
        item = self.list.currentItem()
        if item is not None and item.data(_KEY) > 0:
            self.pin_removed.emit(item.data(_KEY))

    def _item_changed(self, item: QListWidgetItem) -> None:
        key, visible = item.data(_KEY), item.checkState() == Qt.CheckState.Checked
        if key > 0:
            self.pin_shown.emit(key, visible)
        elif key in self.plot.shown_keys():
            self.plot.curve(key).setVisible(visible)

    def _current_changed(self, item: QListWidgetItem | None) -> None:
        self.plot.emphasise(None if item is None else item.data(_KEY))
        self._tell_state()

    # Inside

    def _make_actions(self) -> None:
        self._reset = self._action("Reset view", "reset", "Show all of every curve", self.plot.reset)
        self._remove = self._action("Remove", "trash", "Remove the selected spectrum (Delete)", self._remove_current)
        self._remove.setShortcut(QKeySequence(QKeySequence.StandardKey.Delete))
        self._remove.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self._clear = self._action("Remove all", "", "Remove every kept spectrum", self.pins_cleared)
        self._copy = self._action("Copy", "copy", "Copy the spectra as a table", self.copy_requested)
        self._export = self._action("Export as CSV…", "save", "Write the spectra into a CSV file", self.ask_export)
        self.list.addActions([self._remove, self._clear, self._copy, self._export])

    def _action(self, text: str, drawing: str, tip: str, slot: Callable[[], None] | pyqtBoundSignal) -> QAction:
        action = QAction(text, self)
        action.setToolTip(tip)
        action.setObjectName(drawing)
        action.triggered.connect(slot)
        return action

    def _arrange(self) -> None:
        tools = QHBoxLayout()
        tools.setSpacing(2)
        label = QLabel("Axis")
        label.setBuddy(self.unit)
        tools.addWidget(label)
        tools.addWidget(self.unit)
        tools.addStretch(1)
        for action in (self._reset, self._remove, self._copy, self._export):
            button = QToolButton()
            button.setDefaultAction(action)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
            button.setAutoRaise(True)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.setAccessibleName(action.text())
            self._buttons.append(button)
            tools.addWidget(button)
        side = QVBoxLayout()
        side.setSpacing(6)
        side.addLayout(tools)
        side.addWidget(self.list)
        panel = QWidget()
        panel.setLayout(side)
        side.setContentsMargins(0, 0, 0, 0)
        panel.setFixedWidth(SIDE_WIDTH)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 8, 8, 8)
        row.setSpacing(6)
        row.addWidget(self.plot, 1)
        row.addWidget(panel)
        self._restyle()

    def _restyle(self) -> None:
        """Icons and swatches in the colours of the palette."""
        for action in (self._reset, self._remove, self._copy, self._export):
            action.setIcon(icon(action.objectName()))
        text = self.palette().color(QPalette.ColorRole.Text).name()
        self.list.blockSignals(True)
        for row, key in enumerate(self._listed()):
            item = self.list.item(row)
            if key < 0 and item is not None:
                item.setIcon(_swatch(text, dashed=key == SEGMENT))
        self.list.blockSignals(False)

    def _lay_out(self) -> None:
        if self._usable is None:
            self.plot.set_axis(None)
        else:
            self.plot.set_axis(SpectralAxis(self._usable, self._centres, self.unit.currentIndex() == 0))
        self._tell_state()

    def _follow(self, key: int, values: Spectrum | None, title: str) -> None:
        """Show, change or take away a curve that follows the cursor."""
        listed = self._listed()
        if values is None:
            self.plot.remove(key)
            if key in listed:
                self.list.takeItem(listed.index(key))
        else:
            item = self.list.item(listed.index(key)) if key in listed else None
            visible = item is None or item.checkState() == Qt.CheckState.Checked
            self.plot.set_curve(key, values, visible=visible)
            self._enlist(key, title, visible, "")
        if (values is None) != (key not in listed):
            self._tell_state()

    def _enlist(self, key: int, title: str, visible: bool, colour: str) -> None:
        """Put a curve into the list, or change what the list says of it."""
        state = Qt.CheckState.Checked if visible else Qt.CheckState.Unchecked
        listed = self._listed()
        self.list.blockSignals(True)
        if key in listed:
            item = self.list.item(listed.index(key))
            assert item is not None
            item.setText(title)
            item.setCheckState(state)
        else:
            shown = colour or self.palette().color(QPalette.ColorRole.Text).name()
            item = QListWidgetItem(_swatch(shown, dashed=key == SEGMENT), title)
            item.setData(_KEY, key)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(state)
            followers = sum(1 for other in listed if other < 0)
            self.list.insertItem(0 if key == LIVE else followers if key < 0 else len(listed), item)
        self.list.blockSignals(False)

    def _listed(self) -> list[int]:
        """The keys in the list, in its order."""
        items = [self.list.item(row) for row in range(self.list.count())]
        return [item.data(_KEY) for item in items if item is not None]

    def _tell_state(self) -> None:
        """Enable what makes sense now, and say what to do where nothing is shown."""
        keys = self._listed()
        current = self.list.currentItem()
        self._remove.setEnabled(current is not None and current.data(_KEY) > 0)
        self._clear.setEnabled(any(key > 0 for key in keys))
        for action in (self._reset, self._copy, self._export):
            action.setEnabled(bool(keys))
        self.plot.set_hint(_NO_CUBE if self._usable is None else "" if keys else _NO_CURVE)


def _swatch(colour: str, *, dashed: bool = False) -> QIcon:
    """A short line in the colour of a curve."""
    pixmap = QPixmap(16, 16)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setPen(QPen(QColor(colour), 3, Qt.PenStyle.DotLine if dashed else Qt.PenStyle.SolidLine))
    painter.drawLine(1, 8, 15, 8)
    painter.end()
    return QIcon(pixmap)
