"""Other keys for commands: told where they clash, kept in the settings, taken along as a file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtGui import QKeySequence

from hadviewer.core.errors import HadviewerError
from hadviewer.engine.shortcuts import read_shortcuts, write_shortcuts
from hadviewer.gui.action_tables import ACTIONS
from hadviewer.gui.keys import reserved_for, sequences, shown, stored, tidied
from hadviewer.gui.views.shortcut_data import KeyRow

if TYPE_CHECKING:
    from hadviewer.gui.views.comfort_protocols import ShortcutEditorLike
    from hadviewer.gui.views.protocols import MessagesLike


@dataclass(frozen=True)
class Clash:
    """Why a command cannot have a key, in a sentence; ``holder`` is the command that has it, if one can give it up."""

    sentence: str
    holder: str = ""


class ShortcutsController:
    """Keeps the keys of all commands, those of the table unless the user chose others.

    ``apply(chosen)`` gives the commands their keys, ``keep(chosen)`` remembers them; both get only what differs from
    the table. ``mnemonics`` are keys that open a menu, with its title.
    """

    def __init__(
        self,
        view: "ShortcutEditorLike",
        chosen: Mapping[str, str],
        apply: Callable[[dict[str, str]], object],
        keep: Callable[[dict[str, str]], object],
        messages: "MessagesLike",
        mnemonics: Mapping[str, str],
    ) -> None:
        self._view, self._apply, self._keep, self._messages = view, apply, keep, messages
        self._mnemonics = mnemonics
        self._keys = {spec.id: tidied(spec.shortcut) for spec in ACTIONS}
        known = {name: tidied(keys) for name, keys in chosen.items() if name in self._keys}
        if not (
            _first_fault(known, mnemonics) or _first_clash(self._keys | known)
        ):  # edited by hand they may be anything
            self._keys |= known
        view.proposed.connect(self.give)
        view.taken.connect(self.take)
        view.cleared.connect(lambda name: self._change({name: ""}))
        view.reset.connect(self.reset)
        view.all_reset.connect(lambda: self._change(_defaults()))
        apply(self._chosen)

    def present(self) -> None:
        """Show all commands with their keys."""
        self._show()
        self._view.present()

    def give(self, name: str, keys: str) -> None:
        """Give a command other keys, unless something else has them: then say what."""
        clash = self.clash(name, keys)
        if clash is None:
            self._change({name: tidied(keys)})
        else:
            self._view.show_clash(clash.sentence, can_take=bool(clash.holder))

    def take(self, name: str, keys: str) -> None:
        """Give a command keys that another has, which loses them."""
        clash = self.clash(name, keys)
        if clash is None or clash.holder:
            holders = {clash.holder: _without(self._keys[clash.holder], keys)} if clash else {}
            self._change({**holders, name: tidied(keys)})

    def reset(self, name: str) -> None:
        """Give a command back the keys of the table, if nothing else has them now."""
        keys = _defaults()[name]
        clash = self.clash(name, keys)
        if clash is None:
            self._change({name: keys})
        else:
            self._view.show_clash(f"{clash.sentence} Give that other keys first.", can_take=False)

    def clash(self, name: str, keys: str) -> Clash | None:
        """What stands against giving these keys to a command."""
        given = sequences(keys)
        if keys and not given:
            return Clash("This is no key that a command can have.")
        for key in given:
            text = shown(stored([key]))
            if does := reserved_for(key):
                return Clash(f"{text} {does}: choose another key.")
            if menu := self._mnemonics.get(key.toString()):
                return Clash(f"{text} opens the menu {menu}: choose another key.")
            for other, theirs in self._keys.items():
                if other != name and key in sequences(theirs):
                    return Clash(f"{text} belongs to “{_title(other)}”.", other)
        return None

    def save(self, path: Path) -> None:
        """Write the keys that differ from the table."""
        try:
            write_shortcuts(path, self._chosen)
        except HadviewerError as error:
            self._messages.error(str(error), error.details)
            return
        self._messages.info(f"The keyboard shortcuts are in {path.name}.")

    def load(self, path: Path) -> None:
        """Take the keys of a file, all or none; what it does not name gets back the keys of the table."""
        try:
            found = read_shortcuts(path)
        except HadviewerError as error:
            self._view.show_clash(str(error), can_take=False)
            return
        known = {name: keys for name, keys in found.items() if name in self._keys}
        wanted = _defaults() | {name: tidied(keys) for name, keys in known.items()}
        fault = _first_fault(known, self._mnemonics) or _first_clash(wanted)
        if fault:
            self._view.show_clash(f"{path.name} is not used: {fault}", can_take=False)
            return
        self._change(wanted)
        if left := len(found) - len(known):
            told = f"Left aside: the keys of {left} {'command' if left == 1 else 'commands'} that this program lacks."
            self._view.show_clash(told, can_take=False)

    @property
    def _chosen(self) -> dict[str, str]:
        """What differs from the table."""
        defaults = _defaults()
        return {name: keys for name, keys in self._keys.items() if keys != defaults[name]}

    def _change(self, keys: Mapping[str, str]) -> None:
        self._keys |= keys
        self._apply(self._chosen)
        self._keep(self._chosen)
        self._show()

    def _show(self) -> None:
        changed = self._chosen
        self._view.show_rows(
            [
                KeyRow(spec.id, spec.text, spec.place, shown(self._keys[spec.id]), spec.tip, spec.id in changed)
                for spec in ACTIONS
            ]
        )
        self._view.show_clash("", can_take=False)


def _defaults() -> dict[str, str]:
    return {spec.id: tidied(spec.shortcut) for spec in ACTIONS}


def _title(name: str) -> str:
    return next(spec.text for spec in ACTIONS if spec.id == name).rstrip("…")


def _without(keys: str, gone: str) -> str:
    lost = sequences(gone)
    return stored([key for key in sequences(keys) if key not in lost])


def _first_fault(keys: Mapping[str, str], mnemonics: Mapping[str, str]) -> str:
    """What is wrong with the keys in a file, taken one by one."""
    for name, text in keys.items():
        given = sequences(text)
        if text and not given:
            return f"“{_title(name)}” is to have {text!r}, which is no key."
        taken = next((key for key in given if reserved_for(key) or key.toString() in mnemonics), None)
        if taken is not None:
            return f"“{_title(name)}” is to have {shown(stored([taken]))}, which has another meaning everywhere."
    return ""


def _first_clash(keys: Mapping[str, str]) -> str:
    """Two commands that are to have one key."""
    holders: dict[str, str] = {}
    for name, text in keys.items():
        for key in map(QKeySequence.toString, sequences(text)):
            if key in holders:
                return f"{shown(key)} is given to “{_title(holders[key])}” and to “{_title(name)}”."
            holders[key] = name
    return ""
