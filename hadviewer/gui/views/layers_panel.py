"""The layers over the image: which are shown, in which order, and how."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, QSignalBlocker, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QIcon
from PyQt6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from hadviewer.gui.icons import icon
from hadviewer.gui.views._colour_button import ColourButton
from hadviewer.gui.views._layer_icons import layer_icon, strip_icon
from hadviewer.gui.views._layer_list import LayerList
from hadviewer.gui.views._layer_painter import BLENDS
from hadviewer.gui.views._page import hint_over
from hadviewer.gui.views.data import LayerRow
from hadviewer.gui.views.score_look import ScoreLook

_STRIP = QSize(56, 12)
NO_LAYERS = "Score maps, masks, truth and superpixels over the image are listed here."


class LayersPanel(QWidget):
    """A list with check boxes, the topmost layer first; below it the look of the selected layer.

    Signals: ``visibility_changed(id, bool)``; ``opacity_changed(id, 0..1)`` while dragging and ``opacity_settled()``
    after; ``colormap_changed(id, str)``; ``limits_changed(id, (low, high) or None)``;
    ``limits_dragged(id, (low, high))``, then ``limits_settled()`` or ``limits_cancelled()``;
    ``scale_changed(id, str)``; ``inverse_changed(id, bool)``; ``colour_changed(id, '#rrggbb')``;
    ``blend_changed(id, str)``; ``renamed(id, title)``; ``move_requested(id, +1 up or -1 down)``;
    ``placed(id, place from the bottom)``; ``only_requested(id)``; ``remove_requested(id)``;
    ``layer_selected(id or None)``; ``chosen_changed()``.
    """

    visibility_changed = pyqtSignal(int, bool)
    opacity_changed = pyqtSignal(int, float)
    opacity_settled = pyqtSignal()
    colormap_changed = pyqtSignal(int, str)
    limits_changed = pyqtSignal(int, object)
    limits_dragged = pyqtSignal(int, object)
    limits_settled = pyqtSignal()
    limits_cancelled = pyqtSignal()
    scale_changed = pyqtSignal(int, str)
    inverse_changed = pyqtSignal(int, bool)
    colour_changed = pyqtSignal(int, str)
    blend_changed = pyqtSignal(int, str)
    renamed = pyqtSignal(int, str)
    move_requested = pyqtSignal(int, int)
    placed = pyqtSignal(int, int)
    only_requested = pyqtSignal(int)
    remove_requested = pyqtSignal(int)
    layer_selected = pyqtSignal(object)
    chosen_changed = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: dict[int, LayerRow] = {}
        self._tables: Mapping[str, NDArray[np.uint8]] = {}
        self.list = LayerList()
        self._hint = hint_over(self.list)
        self._make_controls()
        self._connect_controls()
        self._connect_look()
        self._connect_list()
        self._arrange()
        self._show_look()

    # What the controller says

    def set_layers(self, rows: Sequence[LayerRow]) -> None:
        """Show these layers, the topmost first; the selected one stays selected."""
        before = self.current_id()
        self._rows = {row.id: row for row in rows}
        self.list.set_rows(rows, self._icon)
        if self.current_id() != before:
            self.layer_selected.emit(self.current_id())
        self._show_look()

    def select(self, layer_id: int) -> None:
        """Select a layer."""
        self.list.select(layer_id)

    def set_colormaps(self, tables: Mapping[str, NDArray[np.uint8]]) -> None:
        """Offer these colour maps: name and colours uint8 (256, 4)."""
        self._tables = tables
        with QSignalBlocker(self.colormap):
            self.colormap.clear()
            for name, table in tables.items():
                self.colormap.addItem(strip_icon(table, _STRIP), name.capitalize(), name)
        self.list.redraw_icons(self._icon)
        self._show_look()

    def current_id(self) -> int | None:
        """The selected layer."""
        return self.list.current_id()

    def chosen(self) -> tuple[int, ...]:
        """The two layers chosen for a comparison, the upper one first, or ()."""
        return self.list.chosen()

    # Inside

    def _icon(self, row: LayerRow) -> QIcon:
        return layer_icon(row.kind, row.colour, self._tables.get(row.colormap))

    def _show_look(self) -> None:
        """Show the look of the selected layer, and only what it has."""
        row = self._rows.get(self.current_id() or 0)
        scores = row is not None and row.kind in ("scores", "segment_scores")
        for widget in (self._map_label, self.colormap, self.look):
            widget.setVisible(scores)
        coloured = row is not None and not scores and row.kind != "segment_colours"
        self._colour_label.setVisible(coloured)
        self.colour.setVisible(coloured)
        self.opacity.setEnabled(row is not None)
        self.blend.setEnabled(row is not None)
        for button in self._buttons:
            button.setEnabled(row is not None)
        self._hint.say("" if self._rows else NO_LAYERS)
        if row is None:
            self._percent.clear()
            return
        ids = self.list.ids()
        self.up.setEnabled(ids[0] != row.id)
        self.down.setEnabled(ids[-1] != row.id)
        with QSignalBlocker(self.opacity), QSignalBlocker(self.colormap):
            self.opacity.setValue(round(row.opacity * 100))
            self.blend.setCurrentIndex(self.blend.findData(row.blend))
            self.colormap.setCurrentIndex(self.colormap.findData(row.colormap))
        self._percent.setText(f"{row.opacity * 100:.0f} %")
        self.colour.show_colour(row.colour)
        if scores:
            self.look.show_row(row)

    def _current_changed(self) -> None:
        self._show_look()
        self.layer_selected.emit(self.current_id())

    def _for_current(self, act: Callable[[int], None]) -> None:
        number = self.current_id()
        if number is not None:
            act(number)

    def changeEvent(self, event: QEvent | None) -> None:
        """Follow the theme with the icons."""
        if event is not None and event.type() == QEvent.Type.PaletteChange:
            for button in self._buttons:
                button.setIcon(icon(button.objectName()))
        super().changeEvent(event)

    def _make_controls(self) -> None:
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(0, 100)
        self.opacity.setPageStep(10)
        self.opacity.setAccessibleName("Opacity")
        self.opacity.setToolTip("How much of the layer is seen; at 0 % the image below is")
        self._percent = QLabel()
        self._percent.setMinimumWidth(self.fontMetrics().horizontalAdvance("100 %"))
        self._percent.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.blend = QComboBox()
        for name, (title, _) in BLENDS.items():
            self.blend.addItem(title, name)
        self.blend.setAccessibleName("Blend")
        self.blend.setToolTip(
            "How the layer's colours meet those below: Multiply darkens, Screen and Add brighten, Difference shows "
            "where the two are unlike"
        )
        self.blend.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.colormap = QComboBox()
        self.colormap.setIconSize(_STRIP)
        self.colormap.setAccessibleName("Colour map")
        self.colormap.setToolTip("The colours from the lowest score to the highest")
        self.colormap.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.look = ScoreLook()
        self.colour = ColourButton()
        self.up = _button("up", "Bring the layer up, nearer to the eye")
        self.down = _button("down", "Take the layer down")
        self.only = _button("eye", "Show only this layer; all others are hidden")
        self.remove = _button("trash", "Remove the layer; the result it shows stays in the list of results")
        self._buttons = (self.up, self.down, self.only, self.remove)
        self._map_label, self._colour_label = QLabel("Colours"), QLabel("Colour")

    def _connect_controls(self) -> None:
        self.opacity.valueChanged.connect(
            lambda value: self._for_current(lambda number: self.opacity_changed.emit(number, value / 100))
        )
        self.opacity.sliderReleased.connect(self.opacity_settled)
        self.colormap.activated.connect(
            lambda index: self._for_current(
                lambda number: self.colormap_changed.emit(number, self.colormap.itemData(index))
            )
        )
        self.colour.colour_chosen.connect(
            lambda colour: self._for_current(lambda number: self.colour_changed.emit(number, colour))
        )
        self.blend.activated.connect(
            lambda index: self._for_current(lambda number: self.blend_changed.emit(number, self.blend.itemData(index)))
        )
        self.up.clicked.connect(lambda: self._for_current(lambda number: self.move_requested.emit(number, 1)))
        self.down.clicked.connect(lambda: self._for_current(lambda number: self.move_requested.emit(number, -1)))
        self.only.clicked.connect(lambda: self._for_current(self.only_requested.emit))
        self.remove.clicked.connect(lambda: self._for_current(self.remove_requested.emit))

    def _connect_look(self) -> None:
        for told, tell in (
            (self.look.limits_changed, self.limits_changed),
            (self.look.limits_dragged, self.limits_dragged),
            (self.look.scale_changed, self.scale_changed),
            (self.look.inverse_changed, self.inverse_changed),
        ):
            told.connect(lambda value, tell=tell: self._for_current(lambda number: tell.emit(number, value)))
        self.look.limits_settled.connect(self.limits_settled)
        self.look.limits_cancelled.connect(self.limits_cancelled)

    def _connect_list(self) -> None:
        layers = self.list
        layers.currentItemChanged.connect(self._current_changed)
        layers.visibility_changed.connect(self.visibility_changed)
        layers.renamed.connect(self.renamed)
        layers.placed.connect(self.placed)
        layers.move_requested.connect(self.move_requested)
        layers.only_requested.connect(self.only_requested)
        layers.remove_requested.connect(self.remove_requested)
        layers.chosen_changed.connect(self.chosen_changed)

    def _arrange(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addWidget(self.list, 1)
        grid = QGridLayout()
        grid.setSpacing(6)
        grid.addWidget(QLabel("Opacity"), 0, 0)
        grid.addWidget(self.opacity, 0, 1)
        grid.addWidget(self._percent, 0, 2)
        grid.addWidget(QLabel("Blend"), 1, 0)
        grid.addWidget(self.blend, 1, 1, 1, 2)
        grid.addWidget(self._map_label, 2, 0)
        grid.addWidget(self.colormap, 2, 1, 1, 2)
        grid.addWidget(self._colour_label, 3, 0)
        grid.addWidget(self.colour, 3, 1, Qt.AlignmentFlag.AlignLeft)
        grid.setColumnStretch(1, 1)
        column.addLayout(grid)
        column.addWidget(self.look)
        line = QHBoxLayout()
        line.setSpacing(6)
        for button in (self.up, self.down, self.only):
            line.addWidget(button)
        line.addStretch(1)
        line.addWidget(self.remove)
        column.addLayout(line)


def _button(name: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setObjectName(name)
    button.setIcon(icon(name))
    button.setToolTip(tip)
    button.setAccessibleName(tip.partition(";")[0])
    button.setAutoRaise(True)
    return button
