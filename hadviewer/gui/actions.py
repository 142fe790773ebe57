"""The table of commands come alive: menus and tool bar."""

from collections.abc import Callable, Mapping

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction, QActionGroup, QKeySequence
from PyQt6.QtWidgets import QMainWindow, QMenu, QWidget

from hadviewer.gui.action_tables import ACTIONS, CHOICES, MENUS, Action
from hadviewer.gui.icons import icon
from hadviewer.gui.keys import only_of_the_image, sequences, shown, stored


class Actions:
    """The table come alive: QActions in the window's menus and tool bar."""

    def __init__(self, window: QMainWindow, image: QWidget, handlers: Mapping[str, Callable[[], object]]) -> None:
        self._window, self._image = window, image
        self.menus: dict[str, QMenu] = {}
        self.by_id: dict[str, QAction] = {}
        for name in MENUS:
            self._menu(name)
        bar = window.addToolBar("Main tools")
        assert bar is not None
        bar.setObjectName("main_tools")
        bar.setMovable(False)
        part = ""
        for spec in ACTIONS:
            action = self._build(spec, handlers[spec.id])
            menu = self._menu(spec.menu)
            if spec.separator and not menu.isEmpty():
                menu.addSeparator()
            menu.addAction(action)
            if spec.toolbar:
                if spec.menu != part and bar.actions():
                    bar.addSeparator()
                part = spec.menu
                bar.addAction(action)
        self.toolbar = bar
        for choice in CHOICES:
            group = QActionGroup(window)
            for name in (name for name in self.by_id if name.startswith(choice)):
                group.addAction(self.by_id[name])
        self.redraw_icons()

    def add_menu_before(self, action: str, title: str) -> QMenu:
        """A submenu of its own in front of a command."""
        spec = next(item for item in ACTIONS if item.id == action)
        submenu = QMenu(title, self._window)
        self._menu(spec.menu).insertMenu(self.by_id[action], submenu)
        return submenu

    def enable(self, present: Mapping[str, bool]) -> None:
        """Grey out what makes no sense now; ``present`` says for each need whether it is there."""
        for spec in ACTIONS:
            if spec.needs:
                self.by_id[spec.id].setEnabled(present.get(spec.needs, False))

    def name_undo(self, undo: str, redo: str) -> None:
        """Say in the Edit menu what Undo and Redo would do."""
        self.by_id["undo"].setText(f"Undo {undo}".strip())
        self.by_id["redo"].setText(f"Redo {redo}".strip())

    @property
    def mnemonics(self) -> dict[str, str]:
        """Keys that open a menu, with its title."""
        bar = self._window.menuBar()
        titles = [action.text() for action in bar.actions()] if bar is not None else []
        keys = {QKeySequence.mnemonic(title).toString(): title.replace("&", "") for title in titles}
        return {key: title for key, title in keys.items() if key}

    def keys_of(self, name: str) -> str:
        """The keys of a command now, as text; '' where it has none."""
        return stored(self.by_id[name].shortcuts())

    def set_keys(self, chosen: Mapping[str, str]) -> None:
        """Give commands other keys than the table's; those not named get back the table's."""
        for spec in ACTIONS:
            self._give_keys(spec, chosen.get(spec.id, spec.shortcut))

    def redraw_icons(self) -> None:
        """Draw the icons in the present palette's colour."""
        for spec in ACTIONS:
            if spec.icon:
                self.by_id[spec.id].setIcon(icon(spec.icon))

    def _build(self, spec: Action, handler: Callable[[], object]) -> QAction:
        action = QAction(spec.text, self._window)
        action.setObjectName(spec.id)
        action.setCheckable(spec.checkable)
        action.setStatusTip(spec.tip)
        action.triggered.connect(lambda checked=False: handler())
        self.by_id[spec.id] = action
        self._give_keys(spec, spec.shortcut)
        return action

    def _give_keys(self, spec: Action, keys: str) -> None:
        action, given = self.by_id[spec.id], sequences(keys)
        action.setShortcuts(given)
        of_image = any(only_of_the_image(key) for key in given)
        contexts = Qt.ShortcutContext
        action.setShortcutContext(contexts.WidgetWithChildrenShortcut if of_image else contexts.WindowShortcut)
        if of_image:
            self._image.addAction(action)
        else:
            self._image.removeAction(action)
        action.setToolTip(f"{spec.tip or spec.text} ({shown(keys)})" if given else spec.tip or spec.text)

    def _menu(self, path: str) -> QMenu:
        if path in self.menus:
            return self.menus[path]
        parent, _, name = path.rpartition("/")
        holder = self._menu(parent) if parent else self._window.menuBar()
        assert holder is not None
        menu = holder.addMenu(name if parent else f"&{name}")  # so that Alt and its first letter open it
        assert menu is not None
        self.menus[path] = menu
        return menu
