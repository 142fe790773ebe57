"""The list of detectors: by family, filtered by what is typed."""

from collections.abc import Mapping, Sequence

from PyQt6.QtCore import QEvent, QModelIndex, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QMouseEvent
from PyQt6.QtWidgets import QLineEdit, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from hadviewer.core.specs import DetectorSpec, family_place

FIRST = ("auto", "grx")
"""Chosen at the start: the first of these that exists."""
ID = Qt.ItemDataRole.UserRole
_MOVES = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class DetectorList(QWidget):
    """The detectors by family, above them a field to search in.

    Up and Down move through the list while one types in the field, and typing while in the list goes to the field.

    Signals:
        chosen_changed(): another detector is chosen, or none.
    """

    chosen_changed = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._specs: dict[str, DetectorSpec] = {}
        self.search = QLineEdit()
        self.tree = _Tree()
        self._dress()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.search)
        layout.addWidget(self.tree, 1)
        self.search.textChanged.connect(self._filter)
        self.tree.currentItemChanged.connect(lambda now, before: self.chosen_changed.emit())
        for widget in (self.search, self.tree):
            widget.installEventFilter(self)

    def set_detectors(self, specs: Sequence[DetectorSpec], broken: Mapping[str, str]) -> None:
        """List these detectors, and the plug-ins that could not be loaded with the reason."""
        self._specs = {spec.id: spec for spec in specs}
        self.tree.clear()
        for family in sorted({spec.family for spec in specs}, key=family_place):
            head = self._add_family(family)
            for spec in (item for item in specs if item.family == family):
                line = QTreeWidgetItem(head, [spec.title])
                line.setData(0, ID, spec.id)
                line.setToolTip(0, "\n".join(part for part in (spec.summary, spec.when, f"Id: {spec.id}") if part))
        if broken:
            head = self._add_family("Not available")
            for name, reason in broken.items():
                line = QTreeWidgetItem(head, [name])
                line.setToolTip(0, reason)
                line.setDisabled(True)
        self.tree.expandAll()
        self._choose_first()

    @property
    def chosen(self) -> DetectorSpec | None:
        """The detector chosen."""
        item = self.tree.currentItem()
        return None if item is None else self._specs.get(item.data(0, ID) or "")

    def choose(self, detector: str) -> None:
        """Choose a detector by its id."""
        self.search.clear()
        for line in self.lines():
            if line.data(0, ID) == detector:
                self.tree.setCurrentItem(line)
                self.tree.scrollToItem(line)

    def lines(self) -> list[QTreeWidgetItem]:
        """The line of every detector and of every plug-in that failed, in order."""
        heads = [self.tree.topLevelItem(index) for index in range(self.tree.topLevelItemCount())]
        lines = [head.child(index) for head in heads if head is not None for index in range(head.childCount())]
        return [line for line in lines if line is not None]

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Pass keys between field and list."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and self._pass_on(watched, event):
            return True
        return super().eventFilter(watched, event)

    def _pass_on(self, watched: QObject | None, event: QKeyEvent) -> bool:
        if watched is self.search:
            if event.key() in _MOVES:
                self.tree.keyPressEvent(event)
                return True
            if event.key() == Qt.Key.Key_Escape and self.search.text():
                self.search.clear()
                return True
        elif event.text().strip() and event.text().isprintable() and not event.modifiers() & _COMMANDS:
            self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.search.insert(event.text())
            return True
        return False

    def _dress(self) -> None:
        self.search.setPlaceholderText("Search detectors")
        self.search.setClearButtonEnabled(True)
        self.search.setToolTip("Words of the name, family or description; Up and Down move through the list")
        self.search.setAccessibleName("Search detectors")
        self.tree.setHeaderHidden(True)
        self.tree.setRootIsDecorated(False)
        self.tree.setItemsExpandable(False)
        self.tree.setIndentation(12)
        self.tree.setUniformRowHeights(True)
        self.tree.setAccessibleName("Detectors")
        self.tree.setToolTip("The detectors, by family; type to search")

    def _add_family(self, title: str) -> QTreeWidgetItem:
        head = QTreeWidgetItem(self.tree, [title])
        head.setFlags(Qt.ItemFlag.ItemIsEnabled)
        font = head.font(0)
        font.setBold(True)
        head.setFont(0, font)
        return head

    def _filter(self, text: str) -> None:
        """Show what holds every word; keep something chosen."""
        words = text.lower().split()
        for line in self.lines():
            spec = self._specs.get(line.data(0, ID) or "")
            about = line.text(0) if spec is None else " ".join(_searched(spec))
            line.setHidden(not all(word in about.lower() for word in words))
        for index in range(self.tree.topLevelItemCount()):
            head = self.tree.topLevelItem(index)
            if head is not None:
                lines = [head.child(number) for number in range(head.childCount())]
                head.setHidden(all(line is None or line.isHidden() for line in lines))
        current = self.tree.currentItem()
        if current is None or current.isHidden():
            self._choose_first()
        elif not words:
            self.tree.scrollToItem(current)

    def _choose_first(self) -> None:
        """Choose what is best to begin with among the lines shown."""
        shown = [line for line in self.lines() if not line.isHidden() and line.data(0, ID)]
        if shown:
            wanted = [line for name in FIRST for line in shown if line.data(0, ID) == name]
            self.tree.setCurrentItem((wanted or shown)[0])


class _Tree(QTreeWidget):
    """A tree in which families are passed over by keyboard and mouse."""

    def moveCursor(self, action: QTreeWidget.CursorAction, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        """Called by Qt for every key that moves."""
        index = super().moveCursor(action, modifiers)
        if index.data(ID):
            return index
        upward = action in (QTreeWidget.CursorAction.MoveUp, QTreeWidget.CursorAction.MovePageUp)
        beside = self.indexAbove(index) if upward else self.indexBelow(index)
        return beside if beside.data(ID) else self.currentIndex()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """A press on a family does nothing."""
        if event is not None and self.indexAt(event.pos()).data(ID):
            super().mousePressEvent(event)


_COMMANDS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier


def _searched(spec: DetectorSpec) -> tuple[str, ...]:
    return spec.id, spec.title, spec.family, spec.summary, spec.when, spec.reference
