"""Spectral libraries and bad bands in the window: dock, dialog and commands, built after the first paint."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from hadviewer.gui import choosers

if TYPE_CHECKING:
    from hadviewer.gui.workbench import Workbench


def assemble_libraries(bench: "Workbench") -> None:
    """Build dock, dialog and controllers; the spectrum dock must be there."""
    from hadviewer.gui.controllers.bad_bands import BadBandsController
    from hadviewer.gui.controllers.libraries import LibraryController
    from hadviewer.gui.views.bad_bands_dialog import BadBandsDialog
    from hadviewer.gui.views.band_marker import BandMarker
    from hadviewer.gui.views.library_panel import LibraryPanel

    window, session, jobs, messages = bench.window, bench.session, bench.jobs, bench.messages
    panel = bench.library_panel = LibraryPanel()
    window.fill_dock("libraries", panel)
    bench.libraries = LibraryController(session, jobs, panel, messages, lambda: window.raise_dock("spectrum"))
    bench.bad_bands_dialog = BadBandsDialog(window)
    bench.band_marker = BandMarker(bench.spectrum_view.plot)
    bench.bad_bands = BadBandsController(session, jobs, bench.bad_bands_dialog, bench.band_marker, messages)
    panel.open_requested.connect(lambda: _open(bench))
    bench.image.crosshair_moved.connect(bench.libraries.look_at)


def library_handlers(bench: "Workbench") -> dict[str, Callable[[], object]]:
    """What the commands do."""

    def present() -> None:
        bench.bad_bands.present()

    def suggest() -> None:
        bench.bad_bands.present()
        bench.bad_bands.suggest()

    return {
        "open_library": lambda: _open(bench),
        "bad_bands": present,
        "suggest_bad_bands": suggest,
    }


def _open(bench: "Workbench") -> None:
    paths = choosers.choose_libraries(bench.window, str(bench.store.last_folder))
    if paths:
        bench.window.raise_dock("libraries")
        bench.libraries.open(paths)
