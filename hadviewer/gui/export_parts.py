"""Exports in the window: results with their objects, and parts of the cube; built after the first paint."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hadviewer.gui.workbench import Workbench


def assemble_export(bench: "Workbench") -> None:
    """Build both dialogs and their controllers."""
    from hadviewer.engine.cube_export import CubeExportParams
    from hadviewer.gui.controllers.cube_export import CubeExportController
    from hadviewer.gui.controllers.export import ExportController
    from hadviewer.gui.views.cube_export_dialog import CubeExportDialog
    from hadviewer.gui.views.export_dialog import ExportDialog

    def remember(formats: tuple[str, ...]) -> None:
        bench.store.update(export_formats=formats)

    dialog = ExportDialog(bench.window)
    bench.export = ExportController(
        bench.session, bench.jobs, dialog, bench.messages, bench.store.settings.export_formats, remember
    )
    cube_dialog = CubeExportDialog(CubeExportParams, bench.window)
    bench.cube_export = CubeExportController(bench.session, bench.jobs, cube_dialog, bench.messages)
    dialog.cube_requested.connect(bench.cube_export.ask)


def export_handlers(bench: "Workbench") -> dict[str, Callable[[], object]]:
    """What the actions of exporting do; the controllers come after the first paint, so they are looked up late."""

    def ask_result() -> None:
        bench.export.ask()

    def ask_cube() -> None:
        bench.cube_export.ask()

    return {"export": ask_result, "export_cube": ask_cube}
