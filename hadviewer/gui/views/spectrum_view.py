"""The spectrum dock: the spectrum under the cursor and the collected ones."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PyQt6.QtCore import QEvent, QPoint, Qt, pyqtBoundSignal, pyqtSignal
from PyQt6.QtGui import QAction, QGuiApplication, QKeySequence
from PyQt6.QtWidgets import QFileDialog, QHBoxLayout, QTabWidget, QToolButton, QVBoxLayout, QWidget

from hadviewer.engine.pins import SpectraIntent
from hadviewer.gui.icons import icon
from hadviewer.gui.views._axis_limits import AxisLimits
from hadviewer.gui.views._plot_picture import plot_picture
from hadviewer.gui.views.spectral_axis import SpectralAxis
from hadviewer.gui.views.spectrum_data import Curve
from hadviewer.gui.views.spectrum_list import SpectrumList
from hadviewer.gui.views.spectrum_options import SpectrumOptions
from hadviewer.gui.views.spectrum_plot import SpectrumPlot

SIDE_WIDTH = 232
FORMATS = {
    "Table (*.csv)": ".csv",
    "ENVI spectral library (*.sli)": ".sli",
    "ENVI plot text (*.txt)": ".txt",
}
PICTURES = {"Picture (*.png)": ".png", "Drawing (*.svg)": ".svg"}
_NO_CUBE = "Open a cube to see spectra."
_NO_CURVE = "Move over the image to see the spectrum of a pixel. Shift+click collects it."


class SpectrumView(QWidget):
    """Curves on the left; on the right their list; further pages beside the list by ``add_page``.

    Signals:
        intent_edited: (dict) what is to change in ``SpectraIntent``; ``intent_settled()`` when that is over.
        pins_removed, pins_cleared: (ids) some, all collected spectra are to go.
        pins_shown: (ids, visible); pin_renamed: (id, name); pins_coloured: (ids, colour).
        kept: (keys) curves that come by themselves are to be collected.
        pin_located: (id) the image is to show where this one comes from.
        copy_requested: (keys) these spectra, or all shown where empty, are wanted on the clipboard.
        export_requested: (Path, keys) the same in this file.
        picture_requested: (Path) the plot is wanted as a picture.
    """

    intent_edited = pyqtSignal(dict)
    intent_settled = pyqtSignal()
    pins_removed = pyqtSignal(list)
    pins_shown = pyqtSignal(list, bool)
    pin_renamed = pyqtSignal(int, str)
    pins_coloured = pyqtSignal(list, str)
    pins_cleared = pyqtSignal()
    pin_located = pyqtSignal(int)
    kept = pyqtSignal(list)
    copy_requested = pyqtSignal(list)
    export_requested = pyqtSignal(object, list)
    picture_requested = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plot = SpectrumPlot()
        self.plot.setToolTip(
            "Wheel: zoom at the pointer, over an axis that axis; drag: move; right drag: stretch\n"
            "Shift+drag: mark bands as bad or good; right click: one band"
        )
        self.plot.setAccessibleName("Spectra")
        self.list = SpectrumList()
        self.options = SpectrumOptions()
        self.pages = QTabWidget()
        self.pages.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # it hands the keyboard to its tabs, also to hidden ones
        self.limits = AxisLimits(self)
        self._axis: SpectralAxis | None = None
        self._buttons: list[QToolButton] = []
        self._make_actions()
        self._arrange()
        self._connect()
        self.set_axis(None)

    # What the controller says

    def set_axis(self, axis: SpectralAxis | None, quantity: str = "Value") -> None:
        """Show spectra along another axis, and say what their values are now; None when no cube is open.

        Curves of another number of bands go.
        """
        before, self._axis = self._axis, axis
        if axis is None or (before is not None and len(before.usable) != len(axis.usable)):
            for key in [key for key in self.list.listed() if key < 0]:
                self.follow(key, None)
            self.set_pins(())
        self.options.offer_wavelengths(axis is not None and axis.centres is not None, axis is not None and axis.in_nm)
        self.plot.setLabel("left", quantity)
        self.plot.set_axis(axis)
        self._tell_state()

    def show_intent(self, intent: SpectraIntent) -> None:
        """Show how spectra are read and drawn now."""
        self.options.show_intent(intent)
        self._follow.setChecked(intent.follow)

    def follow(self, key: int, curve: Curve | None) -> None:
        """Show, change or take away a curve that comes by itself; the user may have hidden it."""
        if (curve is None) != (key not in self.plot.shown_keys()):
            if curve is None:
                self.plot.remove(key)
                self.list.drop(key)
            self._tell_state()
        if curve is not None:
            shown = Curve(key, curve.title, curve.values, curve.colour, self.list.is_shown(key), curve.ribbon)
            self.plot.set_curve(shown)
            self.list.put(shown)
            if self.plot.hint:
                self._tell_state()

    def set_pins(self, curves: Sequence[Curve]) -> None:
        """Show these collected spectra and no other."""
        wanted = {curve.key for curve in curves}
        for key in [key for key in self.plot.shown_keys() if key > 0 and key not in wanted]:
            self.plot.remove(key)
        for curve in curves:
            self.plot.set_curve(curve)
        self.list.keep(curves)
        self._tell_state()

    def show_bands(self, bands: tuple[int, ...]) -> None:
        """Mark the bands that the image shows (0-based)."""
        self.plot.show_bands(bands)

    def copy_text(self, text: str) -> None:
        """Put text on the clipboard."""
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None:
            clipboard.setText(text)

    def picture(self, vector: bool) -> bytes:
        """The plot with a legend, dark on white, as SVG (``vector``) or PNG."""
        twin = self.plot.twin()
        try:
            return plot_picture(twin, vector, "Spectra")
        finally:
            twin.close()
            twin.deleteLater()

    def add_page(self, title: str, page: QWidget) -> None:
        """Put another page beside the list of curves."""
        self.pages.addTab(page, title)
        bar = self.pages.tabBar()
        if bar is not None:
            bar.setVisible(self.pages.count() > 1)

    # What the user does

    def ask_export(self, keys: Sequence[int] = ()) -> None:
        """Ask for a file and send it out as a request: for these curves, or all shown."""
        path = self._ask("Export spectra", "spectra.csv", FORMATS)
        if path is not None:
            self.export_requested.emit(path, list(keys))

    def ask_picture(self) -> None:
        """Ask for a file for a picture of the plot."""
        path = self._ask("Save picture of the plot", "spectra.png", PICTURES)
        if path is not None:
            self.picture_requested.emit(path)

    def open_limits(self) -> None:
        """Let the user type the ends of the axes."""
        title = "" if self._axis is None else self._axis.title
        self.limits.move(self.plot.pos() + QPoint(60, 0))
        self.limits.open(self.plot.limits(), self.plot.automatic(), title)

    def changeEvent(self, event: QEvent | None) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.PaletteChange and hasattr(self, "_remove"):
            self._restyle()

    # Inside

    def _ask(self, title: str, name: str, formats: dict[str, str]) -> Path | None:
        chosen, kind = QFileDialog.getSaveFileName(self, title, name, ";;".join(formats))
        path = Path(chosen)
        if not chosen:
            return None
        return path if path.suffix.lower() in formats.values() else path.with_name(path.name + formats.get(kind, ""))

    def _make_actions(self) -> None:
        self._follow = self._action("Follow the pointer", "follow", "Live curve: that of the pixel under the pointer")
        self._follow.setCheckable(True)
        self._follow.triggered.connect(lambda checked: self.intent_edited.emit({"follow": checked}))
        self._follow.triggered.connect(self.intent_settled)
        self._legend = self._action("Legend", "legend", "Name the curves inside the plot")
        self._legend.setCheckable(True)
        self._legend.toggled.connect(self.plot.show_legend)
        self._limits = self._action("Axis limits…", "limits", "Type the ends of the axes", self.open_limits)
        self._reset = self._action("Reset view", "reset", "Show all of every curve", self.plot.reset)
        self._remove = self._action("Remove", "trash", "Remove the selected spectra", self.list.remove_selected)
        self._remove.setShortcut(QKeySequence(QKeySequence.StandardKey.Delete))
        self._keep = self._action(
            "Collect", "", "Keep the curve: it follows the pointer no more", lambda: self.kept.emit(self.list.passing())
        )
        self._rename = self._action("Rename", "", "Give the spectrum another name (F2)", self.list.rename_current)
        self._colour = self._action("Colour…", "", "Of curve and marker", self.list.colour_selected)
        self._clear = self._action("Remove all", "", "Remove every collected spectrum", self.pins_cleared)
        self._copy = self._action("Copy", "copy", "Copy the spectra as a table", lambda: self.copy_requested.emit([]))
        self._export = self._action(
            "Export…", "save", "Write all shown spectra as table, ENVI library or text", lambda: self.ask_export(())
        )
        self._picture = self._action("Save picture…", "picture", "The plot as PNG or SVG", self.ask_picture)
        self._copy_some = self._action(
            "Copy selected", "", "Copy the selected spectra", lambda: self.copy_requested.emit(self.list.selected())
        )
        self._copy_some.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        self._export_some = self._action(
            "Export selected…", "", "Write the selected spectra", lambda: self.ask_export(self.list.selected())
        )
        for action in (self._remove, self._copy_some):
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        own = [self._keep, self._rename, self._colour, self._remove, self._copy_some, self._export_some]
        self.list.addActions([*own, self._clear])

    def _action(
        self, text: str, drawing: str, tip: str, slot: Callable[[], None] | pyqtBoundSignal | None = None
    ) -> QAction:
        action = QAction(text, self)
        action.setToolTip(tip)
        action.setObjectName(drawing)
        if slot is not None:
            action.triggered.connect(slot)
        return action

    def _arrange(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(4)
        left.addWidget(self.options)
        left.addWidget(self.plot, 1)
        tools = QHBoxLayout()
        tools.setSpacing(0)
        for action in self._shown_actions():
            button = QToolButton()
            button.setDefaultAction(action)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
            button.setAutoRaise(True)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.setAccessibleName(action.text())
            self._buttons.append(button)
            tools.addWidget(button)
        tools.addStretch(1)
        self.pages.setDocumentMode(True)
        self.add_page("Curves", self.list)
        panel = QWidget()
        side = QVBoxLayout(panel)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(4)
        side.addLayout(tools)
        side.addWidget(self.pages)
        panel.setFixedWidth(SIDE_WIDTH)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 8, 8, 8)
        row.setSpacing(6)
        row.addLayout(left, 1)
        row.addWidget(panel)
        self._restyle()

    def _connect(self) -> None:
        self.options.edited.connect(self.intent_edited)
        self.options.settled.connect(self.intent_settled)
        self.limits.limits_edited.connect(self.plot.set_limits)
        listed = self.list
        listed.shown.connect(self._show)
        listed.chosen.connect(self._choose)
        listed.removed.connect(self.pins_removed)
        listed.renamed.connect(self.pin_renamed)
        listed.coloured.connect(self.pins_coloured)
        listed.located.connect(self.pin_located)

    def _shown_actions(self) -> tuple[QAction, ...]:
        shown = (self._follow, self._legend, self._limits, self._reset, self._remove, self._copy, self._export)
        return (*shown, self._picture)

    def _restyle(self) -> None:
        """Icons in the colour of the palette."""
        for action in self._shown_actions():
            action.setIcon(icon(action.objectName()))

    def _show(self, keys: list[int], visible: bool) -> None:
        """Curves that come by themselves are hidden here, collected ones by the session."""
        for key in keys:
            if key < 0 and key in self.plot.shown_keys():
                self.plot.show_curve(key, visible)
        collected = [key for key in keys if key > 0]
        if collected:
            self.pins_shown.emit(collected, visible)

    def _choose(self, keys: list[int]) -> None:
        self.plot.emphasise(frozenset(keys))
        self._tell_state()

    def _tell_state(self) -> None:
        """Enable what makes sense now, and say what to do where nothing is shown."""
        keys, collected = self.list.listed(), self.list.collected()
        for action in (self._remove, self._rename, self._colour):
            action.setEnabled(bool(collected))
        self._keep.setEnabled(bool(self.list.passing()))
        for action in (self._copy_some, self._export_some):
            action.setEnabled(bool(self.list.selected()))
        self._clear.setEnabled(any(key > 0 for key in keys))
        for action in (self._reset, self._limits, self._copy, self._export, self._picture):
            action.setEnabled(bool(keys))
        self.plot.set_hint(_NO_CUBE if self._axis is None else "" if keys else _NO_CURVE)
