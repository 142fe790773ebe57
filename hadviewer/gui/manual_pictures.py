"""The pictures of the manual, made anew: python -m hadviewer.gui.manual_pictures [folder].

The window works through the demo scene as a user would, once light, once dark; docks and dialogs are drawn on the way.
"""

import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PyQt6.QtWidgets import QApplication, QWidget

from hadviewer.assets import resources
from hadviewer.engine.settings import SettingsStore
from hadviewer.gui.screenshot import Photographer
from hadviewer.gui.theme import Theme
from hadviewer.gui.workbench import Workbench

SIZE = (1280, 800)
PLACES = ((112, 76), (60, 178), (178, 40))
"""Lines and samples whose spectra are collected."""
SEEN = (100, 118)
JUDGED = ("good", "good", "bad")
Draw = Callable[[str, QWidget], object]


def main() -> None:
    """Make all pictures."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else resources() / "help" / "pictures"
    application = QApplication(sys.argv[:1])
    for theme in ("light", "dark"):
        with tempfile.TemporaryDirectory() as settings:
            store = SettingsStore(Path(settings) / "settings.json")
            store.update(ask_to_save=False)
            bench = Workbench(store, Theme(application, theme))
            bench.show(size=SIZE, restore=False)
            bench.when_complete(partial(bench.open_first, None))
            steps = _steps(bench, partial(_draw, folder, theme))
            Photographer(
                bench.window,
                partial(_idle, bench),
                steps,
                folder / f"window-{theme}.png",
                lambda done: application.exit(),
            )
            application.exec()
            bench.window.close()
            bench.close()


def _steps(bench: Workbench, draw: Draw) -> list[Callable[[], object]]:
    """What is done one after another, each when the one before is over; parts of the window come late, so by name."""

    def dock(name: str) -> list[Callable[[], object]]:
        return [partial(bench.window.raise_dock, name), partial(draw, name, bench.window.docks[name])]

    def trigger(name: str) -> Callable[[], object]:
        return bench.commands.actions.by_id[name].trigger

    def judge(state: str) -> Callable[[], object]:
        return lambda: bench.review_view.judge(state)

    def search() -> None:
        bench.palette.present()
        bench.palette_view.field.setText("spec")

    def leave() -> None:
        bench.palette_view.withdraw()
        bench.shortcut_editor.close()

    return [
        lambda: bench.run_detector("grx"),
        lambda: bench.run_detector("auto"),
        lambda: bench.spectrum.collect(PLACES),
        lambda: bench.image.set_crosshair(SEEN),
        *dock("spectrum"),
        *dock("display"),
        *dock("layers"),
        *dock("detect"),
        *dock("roc"),
        trigger("toggle_mask"),
        *dock("threshold"),
        trigger("review"),
        lambda: bench.review_view.step(0),
        *map(judge, JUDGED),
        *dock("review"),
        trigger("roi_from_mask"),
        *dock("regions"),
        trigger("superpixels"),
        *dock("superpixels"),
        *dock("segments"),
        bench.session.undo,
        bench.session.undo,
        search,
        lambda: draw("palette", bench.palette_view),
        leave,
        trigger("edit_shortcuts"),
        lambda: draw("shortcuts", bench.shortcut_editor),
        leave,
        lambda: bench.window.raise_dock("spectrum"),
        lambda: bench.window.raise_dock("detect"),
        lambda: bench.window.raise_dock("layers"),
    ]


def _idle(bench: Workbench) -> bool:
    return bench.complete and bench.jobs.idle and bench.session.cube is not None


def _draw(folder: Path, theme: str, name: str, widget: QWidget) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    widget.grab().save(str(folder / f"{name}-{theme}.png"), "PNG")


if __name__ == "__main__":
    main()
