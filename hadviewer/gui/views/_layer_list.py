"""The list of layers: shown by a check box, renamed in place, put in order by dragging."""

from collections.abc import Callable, Sequence

from PyQt6.QtCore import QModelIndex, QPoint, QSignalBlocker, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QIcon, QKeySequence, QShortcut
from PyQt6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QMenu, QWidget

from hadviewer.gui.views._layer_icons import SIZE
from hadviewer.gui.views.data import LayerRow

_ID = Qt.ItemDataRole.UserRole
MOST_CHOSEN = 2


class LayerList(QListWidget):
    """Layers, the topmost first. One is the current one; with Ctrl a second is chosen, to be compared with it.

    Signals: ``visibility_changed(id, bool)``; ``renamed(id, title)``; ``placed(id, place)``, counted from the bottom,
    after a drag; ``move_requested(id, +1 up or -1 down)``; ``only_requested(id)``; ``remove_requested(id)``;
    ``chosen_changed()``.
    """

    visibility_changed = pyqtSignal(int, bool)
    renamed = pyqtSignal(int, str)
    placed = pyqtSignal(int, int)
    move_requested = pyqtSignal(int, int)
    only_requested = pyqtSignal(int)
    remove_requested = pyqtSignal(int)
    chosen_changed = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: dict[int, LayerRow] = {}
        self.setAccessibleName("Layers")
        self.setToolTip(
            "The layers over the image, the topmost first. Drag one to another place or press Ctrl+Up and Ctrl+Down; "
            "Space shows or hides it, F2 renames it, Delete removes it. Choose a second one with Ctrl+click or "
            "Shift+Down to flicker or swipe between the two."
        )
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setIconSize(QSize(SIZE, SIZE))
        self.setMinimumHeight(72)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._offer)
        self.itemChanged.connect(self._item_changed)
        self.itemSelectionChanged.connect(self.chosen_changed)
        model = self.model()
        assert model is not None
        model.rowsMoved.connect(self._row_moved)
        self._key(QKeySequence(QKeySequence.StandardKey.Delete), self.remove_requested.emit)
        self._key(QKeySequence("Ctrl+Up"), lambda number: self.move_requested.emit(number, 1))
        self._key(QKeySequence("Ctrl+Down"), lambda number: self.move_requested.emit(number, -1))

    def set_rows(self, rows: Sequence[LayerRow], icon: Callable[[LayerRow], QIcon]) -> None:
        """Show these; what is current and chosen stays so, as far as it is there."""
        current, chosen = self.current_id(), self.chosen()
        before, self._rows = self._rows, {row.id: row for row in rows}
        with QSignalBlocker(self):
            if list(self._rows) != self.ids():
                self._relist()
                before = {}
            for number, row in enumerate(rows):
                if row != before.get(row.id):
                    self._fill(self.item(number), row, icon(row))
            self._restore(current, chosen)
        if self.chosen() != chosen:
            self.chosen_changed.emit()

    def redraw_icons(self, icon: Callable[[LayerRow], QIcon]) -> None:
        """Draw the icons of all rows again."""
        with QSignalBlocker(self):
            for number, row in enumerate(self._rows.values()):
                self._fill(self.item(number), row, icon(row))

    def select(self, layer_id: int) -> None:
        """Make a layer the current one."""
        ids = self.ids()
        if layer_id in ids:
            self.setCurrentRow(ids.index(layer_id))

    def current_id(self) -> int | None:
        """The current layer."""
        item = self.currentItem()
        return None if item is None else item.data(_ID)

    def chosen(self) -> tuple[int, ...]:
        """The two layers to be compared, the upper one first; () when no two are chosen."""
        items = (self.item(number) for number in range(self.count()))
        found = tuple(item.data(_ID) for item in items if item is not None and item.isSelected())
        return found if len(found) == MOST_CHOSEN else ()

    def ids(self) -> list[int]:
        """The layers as they are listed."""
        items = (self.item(number) for number in range(self.count()))
        return [item.data(_ID) for item in items if item is not None]

    def _restore(self, current: int | None, chosen: Sequence[int]) -> None:
        ids = self.ids()
        if not ids:
            return
        if self.current_id() != current or current is None or not self.selectedItems():
            self.setCurrentRow(ids.index(current) if current in ids else 0)
        for number in chosen:
            item = self.item(ids.index(number)) if number in ids else None
            if item is not None:
                item.setSelected(True)

    def _relist(self) -> None:
        self.clear()
        for number in self._rows:
            item = QListWidgetItem()
            item.setData(_ID, number)
            flags = item.flags() | Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsEditable
            item.setFlags(flags & ~Qt.ItemFlag.ItemIsDropEnabled)
            self.addItem(item)

    def _fill(self, item: QListWidgetItem | None, row: LayerRow, icon: QIcon) -> None:
        assert item is not None
        item.setText(row.title)
        item.setToolTip(row.title)
        item.setCheckState(Qt.CheckState.Checked if row.visible else Qt.CheckState.Unchecked)
        item.setIcon(icon)

    def _item_changed(self, item: QListWidgetItem) -> None:
        row = self._rows.get(item.data(_ID))
        if row is None:
            return
        visible, title = item.checkState() == Qt.CheckState.Checked, item.text().strip()
        if visible != row.visible:
            self.visibility_changed.emit(row.id, visible)
        if title and title != row.title:
            self.renamed.emit(row.id, title)
        elif item.text() != row.title:
            with QSignalBlocker(self):
                item.setText(row.title)

    def _row_moved(self, _parent: QModelIndex, start: int, _end: int, _target: QModelIndex, row: int) -> None:
        place = row if row < start else row - 1
        item = self.item(place)
        if item is not None:
            self.placed.emit(item.data(_ID), self.count() - 1 - place)

    def _key(self, keys: QKeySequence, act: Callable[[int], None]) -> None:
        def for_current() -> None:
            number = self.current_id()
            if number is not None:
                act(number)

        shortcut = QShortcut(keys, self)
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        shortcut.activated.connect(for_current)

    def menu_of(self, layer_id: int) -> QMenu:
        """What can be done to a layer."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for text, act in (
            ("Rename", self._rename),
            ("Show only this", self.only_requested.emit),
            ("Bring up", lambda number: self.move_requested.emit(number, 1)),
            ("Take down", lambda number: self.move_requested.emit(number, -1)),
            ("Remove", self.remove_requested.emit),
        ):
            action = menu.addAction(text)
            assert action is not None
            action.triggered.connect(lambda checked=False, act=act: act(layer_id))
        return menu

    def _rename(self, layer_id: int) -> None:
        self.select(layer_id)
        self.editItem(self.currentItem())

    def _offer(self, position: QPoint) -> None:
        """Show the menu of the layer under the mouse, or by the menu key of the current one."""
        item, viewport = self.itemAt(position) or self.currentItem(), self.viewport()
        if item is not None and viewport is not None:
            self.menu_of(item.data(_ID)).popup(viewport.mapToGlobal(position))
