"""Sessions in the window: saving, opening, asking, keeping for the case of a crash; built after the first paint."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QTimer

if TYPE_CHECKING:
    from hadviewer.engine.session_file import Viewing
    from hadviewer.gui.workbench import Workbench


class Sight:
    """Where the window looks: each view, the crosshair, the docks in front."""

    def __init__(self, bench: "Workbench") -> None:
        self._bench = bench

    def viewing(self) -> "Viewing":
        """Where it looks now."""
        from hadviewer.engine.session_file import Viewing, ViewPlace

        image, docks = self._bench.image, self._bench.window.docks
        maps = [(view.mapping, view.fitted) for view in image.views]
        places = tuple(ViewPlace(seen.scale, seen.centre, fitted) for seen, fitted in maps if seen is not None)
        front = tuple(name for name, dock in docks.items() if not dock.visibleRegion().isEmpty())
        return Viewing(places, image.crosshair, front)

    def look(self, viewing: "Viewing") -> None:
        """Look there again."""
        image = self._bench.image
        for name in viewing.docks:
            if name in self._bench.window.docks:
                self._bench.window.raise_dock(name)
        # The active view comes last: those linked to it follow.
        pairs = sorted(zip(image.views, viewing.places, strict=False), key=lambda pair: pair[0] is image.active)
        for view, place in pairs:
            if place.fitted:
                view.fit()
            else:
                view.look_at(place.scale, place.centre)
        image.set_crosshair(viewing.crosshair)


def assemble_sessions(bench: "Workbench", remember: Callable[[Path], None]) -> None:
    """Build the controllers; the one of scenes must be there."""
    from hadviewer.engine.recovery import Recovery
    from hadviewer.gui.controllers.recovery import KEEP_EVERY_MS, RecoveryController
    from hadviewer.gui.controllers.session_file import SessionFileController
    from hadviewer.gui.views.session_dialogs import SessionDialogs

    session, jobs, messages, window = bench.session, bench.jobs, bench.messages, bench.window
    dialogs = bench.session_dialogs = SessionDialogs(window)
    file = bench.session_file = SessionFileController(
        session, jobs, dialogs, Sight(bench), messages, remember, lambda: bench.store.settings.ask_to_save
    )
    recovery = bench.recovery = RecoveryController(Recovery(bench.store.recovery), file, jobs, dialogs, messages)

    def retitle(title: str) -> None:
        window.setWindowTitle(title)

    bench.scene.opened.connect(file.begin)
    bench.scene.leave = file.leave
    file.title_changed.connect(retitle)
    window.may_close = lambda: file.may_close(window.close)
    timer = QTimer(window)
    timer.timeout.connect(recovery.tick)
    timer.start(KEEP_EVERY_MS)


def session_handlers(bench: "Workbench") -> dict[str, Callable[[], object]]:
    """What the commands about sessions do."""

    def save() -> None:
        bench.session_file.save()

    def save_as() -> None:
        bench.session_file.save_as()

    def open_one() -> None:
        bench.session_file.ask_for_one()

    return {"open_session": open_one, "save_session": save, "save_session_as": save_as}


def open_any(bench: "Workbench", path: Path) -> None:
    """Open a session or a cube in place of what is open, after asking where work would be lost."""
    from hadviewer.engine.session_file import is_session

    if is_session(path):
        bench.session_file.leave(lambda: bench.session_file.open(path))
    else:
        bench.session_file.leave(lambda: bench.scene.open(path))


def open_dropped(bench: "Workbench", paths: list[Path], others: Callable[[list[Path]], None]) -> None:
    """Open a session among dropped files, else leave them to ``others``."""
    from hadviewer.engine.session_file import is_session

    found = next((path for path in paths if is_session(path)), None)
    if found is None:
        others(paths)
    else:
        open_any(bench, found)
