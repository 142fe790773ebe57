"""What helps to find one's way: palette, keyboard shortcuts, manual, tour; built after the first paint."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtWidgets import QApplication

from hadviewer.gui import choosers
from hadviewer.gui.action_tables import ACTIONS
from hadviewer.gui.keys import shown
from hadviewer.gui.session_parts import open_any

if TYPE_CHECKING:
    from hadviewer.gui.action_tables import Action
    from hadviewer.gui.controllers.palette import Offer
    from hadviewer.gui.views.palette_data import PaletteRow
    from hadviewer.gui.workbench import Workbench

REASONS = {
    "scene": "Open a cube first",
    "result": "Run a detector first, or select a result",
    "jobs": "Nothing is running",
    "undo": "There is nothing to take back",
    "redo": "Nothing was taken back",
}
"""Why a command cannot be used, by what it needs."""
_SHORTCUT_FILES = {"Keyboard shortcuts (*.json)": ".json"}


def assemble_comfort(bench: "Workbench") -> None:
    """Build palette, editor of shortcuts and what guards typed letters."""
    from hadviewer.gui.controllers.palette import PaletteController
    from hadviewer.gui.controllers.palette_jumps import PaletteJumps
    from hadviewer.gui.controllers.shortcuts import ShortcutsController
    from hadviewer.gui.key_guard import KeyGuard
    from hadviewer.gui.key_tips import KeyTips
    from hadviewer.gui.tour_parts import assemble_tour
    from hadviewer.gui.views.palette import CommandPalette
    from hadviewer.gui.views.shortcut_editor import ShortcutEditor

    def tell(sentence: str) -> None:
        if sentence:
            bench.messages.warn(sentence)

    def offers() -> "list[Offer]":
        return list(_offers(bench))

    def keep(chosen: dict[str, str]) -> None:
        bench.store.update(shortcuts=tuple(f"{name}={keys}" for name, keys in chosen.items()))

    jumps = PaletteJumps(bench.session, lambda kind, text: bench.goto.go(kind, text, tell))
    bench.palette_view = CommandPalette(bench.window)
    bench.palette = PaletteController(bench.palette_view, offers, jumps.read)
    editor = bench.shortcut_editor = ShortcutEditor(bench.window)
    actions = bench.commands.actions
    chosen = {name: keys for name, _, keys in (item.partition("=") for item in bench.store.settings.shortcuts)}
    bench.shortcuts = ShortcutsController(editor, chosen, actions.set_keys, keep, bench.messages, actions.mnemonics)
    editor.import_requested.connect(lambda: _import(bench))
    editor.export_requested.connect(lambda: _export(bench))
    KeyGuard(bench.window, actions.by_id["manual"])
    detect, threshold, display = bench.detector_panel, bench.threshold_view, bench.display_panel
    KeyTips(
        actions.keys_of, {"run": detect.run_button, "toggle_mask": threshold.mask_box, "auto_stretch": display.reset}
    )
    assemble_tour(bench)


def comfort_handlers(bench: "Workbench") -> dict[str, Callable[[], object]]:
    """What their commands do."""

    def find() -> None:
        bench.palette.present()

    def edit() -> None:
        bench.shortcuts.present()

    def sheet() -> None:
        from hadviewer.gui.shortcut_sheet import shortcut_sheet
        from hadviewer.gui.views.manual_view import text_page

        text_page("Keyboard shortcuts", shortcut_sheet(bench.commands.actions.keys_of), bench.window).show()

    def tour() -> None:
        bench.tour.begin()

    return {
        "palette": find,
        "edit_shortcuts": edit,
        "shortcuts": sheet,
        "manual": lambda: _open_manual(bench),
        "tour": tour,
        "reset_layout": bench.window.arrange,
    }


def _open_manual(bench: "Workbench") -> None:
    """Open the manual at the passage about what has the keyboard."""
    from hadviewer.gui.help_topics import topic_of
    from hadviewer.gui.views.manual_view import ManualWindow

    focus = QApplication.focusWidget()
    open_ones = bench.window.findChildren(ManualWindow)
    shown_in = open_ones[0] if open_ones else ManualWindow(bench.window)
    shown_in.present(topic_of(focus, bench.window))


def _offers(bench: "Workbench") -> "Iterator[Offer]":
    """All that the palette offers, in the order of the menus."""
    from hadviewer.engine import catalog
    from hadviewer.gui.controllers.palette import Offer
    from hadviewer.gui.views.palette_data import PaletteRow

    for spec in ACTIONS:
        if spec.id != "palette":
            yield Offer(_row(bench, spec), bench.commands.actions.by_id[spec.id].trigger)
    for name, dock in bench.window.docks.items():
        row = PaletteRow(f"Dock {dock.windowTitle()}", "Window", tip="Bring it to the front, with the keyboard in it")
        yield Offer(row, partial(bench.window.enter_dock, name), "show panel tab")
    reason = "" if bench.session.cube is not None else REASONS["scene"]
    for detector in catalog.detectors():
        place = f"Detector, {detector.family}"
        row = PaletteRow(f"Run {detector.title}", place, tip=detector.summary, reason=reason)
        yield Offer(row, partial(bench.run_detector, detector.id), detector.id)
    for path in map(Path, bench.store.settings.recent):
        yield Offer(PaletteRow(f"Open {path.name}", str(path.parent)), partial(open_any, bench, path), "recent")


def _row(bench: "Workbench", spec: "Action") -> "PaletteRow":
    from hadviewer.gui.views.palette_data import PaletteRow

    action = bench.commands.actions.by_id[spec.id]
    reason = "" if action.isEnabled() else REASONS.get(spec.needs, "Not possible now")
    return PaletteRow(action.text(), spec.place, shown(bench.commands.actions.keys_of(spec.id)), spec.tip, reason)


def _import(bench: "Workbench") -> None:
    path = choosers.choose_file(bench.shortcut_editor, "Import keyboard shortcuts", _SHORTCUT_FILES)
    if path is not None:
        bench.shortcuts.load(path)


def _export(bench: "Workbench") -> None:
    target = str(Path.home() / "hadviewer-shortcuts.json")
    path = choosers.choose_target(bench.shortcut_editor, "Export keyboard shortcuts", target, _SHORTCUT_FILES)
    if path is not None:
        bench.shortcuts.save(path)
