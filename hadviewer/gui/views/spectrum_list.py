"""The list of curves: legend of the plot, and where they are hidden, renamed, coloured and removed."""

from collections.abc import Sequence

from PyQt6.QtCore import QEvent, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QIcon, QPainter, QPalette, QPen, QPixmap
from PyQt6.QtWidgets import QAbstractItemView, QColorDialog, QListWidget, QListWidgetItem, QWidget

from hadviewer.gui.views._page import hint_over
from hadviewer.gui.views.spectrum_data import SEGMENT, SUMMARY, Curve

_KEY, _COLOUR, _TITLE = (Qt.ItemDataRole.UserRole + number for number in range(3))
NO_SPECTRA = "Shift+click on the image collects a spectrum."
_STYLES = {SEGMENT: Qt.PenStyle.DotLine, SUMMARY: Qt.PenStyle.DashDotLine}


class SpectrumList(QListWidget):
    """Curves that come by themselves first, then the collected ones in their order.

    Signals: ``shown(keys, visible)``; of collected ones ``removed(ids)``, ``renamed(id, name)``, ``coloured(ids,
    '#rrggbb')``, ``located(id)`` where one is to be found on the image; ``chosen(keys)`` are selected.
    """

    shown = pyqtSignal(list, bool)
    removed = pyqtSignal(list)
    renamed = pyqtSignal(int, str)
    coloured = pyqtSignal(list, str)
    located = pyqtSignal(int)
    chosen = pyqtSignal(list)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setToolTip("The curves. Space hides or shows, F2 renames, Delete removes; double click shows the pixel.")
        self.setAccessibleName("List of spectra")
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.setUniformItemSizes(True)
        self._items: dict[int, QListWidgetItem] = {}
        self._hint = hint_over(self)
        self._hint.say(NO_SPECTRA)
        self.itemChanged.connect(self._changed)
        self.itemSelectionChanged.connect(lambda: self.chosen.emit(self.selected()))
        self.itemDoubleClicked.connect(self._double_clicked)

    def put(self, curve: Curve) -> None:
        """List a curve, or change what the list says of it."""
        self.blockSignals(True)
        item = self._items.get(curve.key)
        if item is None:
            item = self._items[curve.key] = QListWidgetItem()
            item.setData(_KEY, curve.key)
            editable = Qt.ItemFlag.ItemIsEditable if curve.key > 0 else Qt.ItemFlag.NoItemFlags
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable | editable)
            self.insertItem(self._place(curve.key), item)
            self._hint.say("")
            self._draw_swatch(item, curve.colour)
        if item.text() != curve.title or item.data(_TITLE) != curve.title:
            item.setText(curve.title)
            item.setData(_TITLE, curve.title)
        if item.data(_COLOUR) != curve.colour:
            self._draw_swatch(item, curve.colour)
        state = Qt.CheckState.Checked if curve.visible else Qt.CheckState.Unchecked
        if item.checkState() != state:
            item.setCheckState(state)
        if item.toolTip() != curve.about:
            item.setToolTip(curve.about)
        self.blockSignals(False)

    def drop(self, key: int) -> None:
        """List a curve no more."""
        item = self._items.pop(key, None)
        if item is not None:
            self.takeItem(self.row(item))
            self._hint.say("" if self._items else NO_SPECTRA)

    def keep(self, curves: Sequence[Curve]) -> None:
        """List these collected curves and no other."""
        wanted = {curve.key for curve in curves}
        for key in [key for key in self._items if key > 0 and key not in wanted]:
            self.drop(key)
        for curve in curves:
            self.put(curve)

    def listed(self) -> list[int]:
        """What is listed, from top to bottom."""
        items = [self.item(row) for row in range(self.count())]
        return [item.data(_KEY) for item in items if item is not None]

    def selected(self) -> list[int]:
        """The keys of the selected curves, from top to bottom."""
        items = {item.data(_KEY) for item in self.selectedItems()}
        return [key for key in self.listed() if key in items]

    def is_shown(self, key: int) -> bool:
        """Whether a curve is ticked; one that is not listed would be."""
        item = self._items.get(key)
        return item is None or item.checkState() == Qt.CheckState.Checked

    def collected(self) -> list[int]:
        """The ids of the selected collected curves."""
        return [key for key in self.selected() if key > 0]

    def passing(self) -> list[int]:
        """The keys of the selected curves that come by themselves."""
        return [key for key in self.selected() if key < 0]

    def remove_selected(self) -> None:
        """Ask for the selected collected curves to go."""
        if self.collected():
            self.removed.emit(self.collected())

    def rename_current(self) -> None:
        """Let the user type another name."""
        item = self.currentItem()
        if item is not None and item.data(_KEY) > 0:
            self.editItem(item)

    def colour_selected(self) -> None:
        """Let the user choose another colour."""
        chosen = self.collected()
        if not chosen:
            return
        dialog = QColorDialog(QColor(self._items[chosen[0]].data(_COLOUR)), self)
        dialog.setWindowTitle("Colour of the spectrum")
        dialog.colorSelected.connect(lambda colour: self.coloured.emit(chosen, colour.name()))
        dialog.finished.connect(dialog.deleteLater)
        dialog.show()

    def changeEvent(self, event: QEvent | None) -> None:
        """Swatches in the colour of the text change with it."""
        super().changeEvent(event)
        if event is None or event.type() != QEvent.Type.PaletteChange or not hasattr(self, "_items"):
            return
        self.blockSignals(True)
        for item in self._items.values():
            if not item.data(_COLOUR):
                self._draw_swatch(item, "")
        self.blockSignals(False)

    def _place(self, key: int) -> int:
        """Where a new curve goes: live, superpixel, summary, then the collected ones."""
        return self.count() if key > 0 else sum(1 for other in self.listed() if key < other < 0)

    def _draw_swatch(self, item: QListWidgetItem, colour: str) -> None:
        shown = colour or self.palette().color(QPalette.ColorRole.Text).name()
        item.setData(_COLOUR, colour)
        item.setIcon(_swatch(shown, _STYLES.get(item.data(_KEY), Qt.PenStyle.SolidLine)))

    def _changed(self, item: QListWidgetItem) -> None:
        """A box was ticked, or a name typed: the item tells which by what the controller said last."""
        key, visible = item.data(_KEY), item.checkState() == Qt.CheckState.Checked
        several = [key] if key not in self.selected() else self.selected()
        name = " ".join(item.text().split())
        if item.data(_TITLE) == item.text():
            self.shown.emit(several, visible)
        elif name:
            self.renamed.emit(key, name)
        else:
            item.setText(item.data(_TITLE))

    def _double_clicked(self, item: QListWidgetItem) -> None:
        if item.data(_KEY) > 0:
            self.located.emit(item.data(_KEY))


def _swatch(colour: str, style: Qt.PenStyle) -> QIcon:
    """A short line in the colour of a curve."""
    pixmap = QPixmap(16, 16)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setPen(QPen(QColor(colour), 3, style))
    painter.drawLine(1, 8, 15, 8)
    painter.end()
    return QIcon(pixmap)
