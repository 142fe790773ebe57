"""Other keys for commands: clashes are told, nothing loses its keys unasked, files are taken whole or not at all."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest

from hadviewer.engine.shortcuts import write_shortcuts
from hadviewer.gui.action_tables import ACTIONS
from hadviewer.gui.controllers.shortcuts import ShortcutsController
from hadviewer.gui.keys import tidied
from hadviewer.gui.views.comfort_protocols import ShortcutEditorLike

DEFAULTS = {spec.id: tidied(spec.shortcut) for spec in ACTIONS}


class Keys:
    """What the controller gives the commands, and what it remembers."""

    def __init__(self) -> None:
        self.applied: dict[str, str] = {}
        self.kept: dict[str, str] | None = None

    def of(self, name: str) -> str:
        return self.applied.get(name, DEFAULTS[name])


@pytest.fixture
def keys() -> Keys:
    return Keys()


@pytest.fixture
def view(double: Callable[[type], Any]) -> Any:
    return double(ShortcutEditorLike)


@pytest.fixture
def make(keys: Keys, view: Any, messages: MagicMock) -> Callable[..., ShortcutsController]:
    def build(chosen: dict[str, str] | None = None) -> ShortcutsController:
        def apply(given: dict[str, str]) -> None:
            keys.applied = given

        def keep(given: dict[str, str]) -> None:
            keys.kept = given

        return ShortcutsController(view, chosen or {}, apply, keep, messages, {"Alt+F": "File"})

    return build


def sentence(view: Any) -> str:
    return str(view.show_clash.call_args.args[0])


def test_a_free_key_is_given_and_remembered(make: Callable[..., Any], keys: Keys, view: Any) -> None:
    make()
    view.proposed.emit("open_demo", "Ctrl+D")
    assert keys.applied == keys.kept == {"open_demo": "Ctrl+D"}
    changed = {row.id for row in view.show_rows.call_args.args[0] if row.changed}
    assert changed == {"open_demo"}


def test_a_key_of_another_command_is_told_and_taken_only_when_asked(
    make: Callable[..., Any], keys: Keys, view: Any
) -> None:
    make()
    view.proposed.emit("open_demo", "Ctrl+O")
    assert sentence(view) == "Ctrl+O belongs to “Open”."
    assert view.show_clash.call_args.kwargs == {"can_take": True}
    assert keys.kept is None
    view.taken.emit("open_demo", "Ctrl+O")
    assert keys.kept == {"open_demo": "Ctrl+O", "open": ""}


def test_a_command_with_two_keys_loses_only_the_one_taken(make: Callable[..., Any], keys: Keys, view: Any) -> None:
    make()
    view.taken.emit("open_demo", "R")
    assert keys.of("fit") == "Ctrl+0"


@pytest.mark.parametrize("key", ["Esc", "Space", "Tab", "Return", "F2", "Shift+Up", "Ctrl+C", "Alt+F"])
def test_keys_with_a_meaning_everywhere_are_refused(make: Callable[..., Any], keys: Keys, view: Any, key: str) -> None:
    make()
    view.proposed.emit("open_demo", key)
    assert "choose another key" in sentence(view)
    view.taken.emit("open_demo", key)
    assert keys.kept is None


def test_one_and_all_go_back(make: Callable[..., Any], keys: Keys, view: Any) -> None:
    make({"open_demo": "Ctrl+D", "run": "Ctrl+U"})
    assert keys.applied == {"open_demo": "Ctrl+D", "run": "Ctrl+U"}
    view.reset.emit("run")
    assert keys.kept == {"open_demo": "Ctrl+D"}
    view.cleared.emit("open")
    assert keys.kept == {"open_demo": "Ctrl+D", "open": ""}
    view.all_reset.emit()
    assert keys.kept == {}


def test_resetting_does_not_steal(make: Callable[..., Any], keys: Keys, view: Any) -> None:
    make({"open_demo": "Ctrl+R", "run": ""})
    view.reset.emit("run")
    assert "belongs to “Open demo scene”" in sentence(view)
    assert keys.kept is None


@pytest.mark.parametrize(
    "chosen", [{"open": "Ctrl+R"}, {"nothing": "Ctrl+R"}, {"open": "Ctrl+R", "save_session": "Ctrl+R"}, {"open": "Esc"}]
)
def test_settings_edited_by_hand_do_no_harm(make: Callable[..., Any], keys: Keys, chosen: dict[str, str]) -> None:
    make(chosen)
    assert keys.applied == {}


def test_a_file_brings_everything_back(make: Callable[..., Any], keys: Keys, view: Any, tmp_path: Path) -> None:
    first = make({"open_demo": "Ctrl+D", "run": ""})
    first.save(tmp_path / "keys.json")
    other = make({"open": "Ctrl+U"})
    other.load(tmp_path / "keys.json")
    assert keys.kept == {"open_demo": "Ctrl+D", "run": ""}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ({"open": "Ctrl+R"}, "Ctrl+R is given to “Open” and to “Run detector”"),
        ({"open": "no key at all"}, "is no key"),
        ({"open": "Esc"}, "another meaning"),
    ],
)
def test_a_file_with_a_fault_changes_nothing(
    make: Callable[..., Any], keys: Keys, view: Any, tmp_path: Path, content: dict[str, str], told: str
) -> None:
    write_shortcuts(tmp_path / "keys.json", content)
    make().load(tmp_path / "keys.json")
    assert told in sentence(view)
    assert keys.kept is None


def test_commands_of_another_version_are_left_aside(
    make: Callable[..., Any], keys: Keys, view: Any, tmp_path: Path
) -> None:
    write_shortcuts(tmp_path / "keys.json", {"make_coffee": "Ctrl+D", "open_demo": "Ctrl+U"})
    make().load(tmp_path / "keys.json")
    assert keys.kept == {"open_demo": "Ctrl+U"}
    assert "the keys of 1 command that" in sentence(view)
