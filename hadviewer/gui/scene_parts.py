"""Scenes in the window: opening them in many ways, their facts, editing these; built after the first paint."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from hadviewer.gui import choosers
from hadviewer.gui.session_parts import open_any

if TYPE_CHECKING:
    from hadviewer.gui.workbench import Workbench


def assemble_scene(bench: "Workbench", remember: Callable[[Path], object]) -> None:
    """Build the controllers that open scenes and edit their metadata, with their dialogs."""
    from hadviewer.gui.controllers.metadata import MetadataController
    from hadviewer.gui.controllers.scene import SceneController
    from hadviewer.gui.views.entry_chooser import EntryChooser
    from hadviewer.gui.views.metadata_editor import MetadataEditor
    from hadviewer.gui.views.scene_info import SceneInfo

    session, jobs, messages, window = bench.session, bench.jobs, bench.messages, bench.window

    def choose_file() -> Path | None:
        return choosers.choose_wavelengths(bench.metadata_editor, str(bench.store.last_folder))

    def mark_bands() -> None:
        bench.bad_bands.present()

    bench.entry_chooser, bench.scene_info = EntryChooser(window), SceneInfo(window)
    bench.scene = SceneController(session, jobs, bench.entry_chooser, bench.scene_info, messages, remember)
    editor = bench.metadata_editor = MetadataEditor(window)
    bench.metadata = MetadataController(session, jobs, editor, messages, choose_file, mark_bands)
    bench.scene.edit = bench.metadata.ask
    bench.scene_info.edit_requested.connect(bench.metadata.ask)


def scene_handlers(bench: "Workbench") -> dict[str, Callable[[], object]]:
    """What the commands do."""

    def open_folder() -> None:
        path = choosers.choose_folder(bench.window, str(bench.store.last_folder))
        if path is not None:
            open_any(bench, path)

    def open_with_options() -> None:
        path = choosers.choose_cube(bench.window, str(bench.store.last_folder))
        if path is not None:
            bench.session_file.leave(lambda: bench.scene.open_with_options(path))

    def edit() -> None:
        bench.metadata.ask()

    return {"open_folder": open_folder, "open_options": open_with_options, "edit_metadata": edit}
