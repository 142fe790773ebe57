"""The program with a window: starts Qt, builds the workbench, opens what was asked for, draws it if wanted."""

import gc
import sys
from collections.abc import Mapping
from pathlib import Path

from PyQt6.QtCore import QEvent, QMessageLogContext, QtMsgType, qInstallMessageHandler
from PyQt6.QtWidgets import QApplication

from hadviewer import __version__
from hadviewer.engine.settings import SettingsStore
from hadviewer.gui.messages import BugDialog, catch_bugs
from hadviewer.gui.screenshot import Photographer
from hadviewer.gui.theme import Theme
from hadviewer.gui.workbench import Workbench

EXIT_DONE, EXIT_FAILED = 0, 3


def run(
    path: str | None = None,
    *,
    entry: str | None = None,
    options: Mapping[str, str] | None = None,
    truth: str | None = None,
    screenshot: Path | None = None,
    run: str | None = None,
    size: tuple[int, int] | None = None,
    theme: str | None = None,
) -> int:
    """Open the window, on ``path`` or on the demo scene; return the exit code.

    ``run`` names a detector to run at once. With ``screenshot`` the window is drawn into that file when nothing is left
    to do, and the program ends: 0, or 3 with the sentences on stderr when something asked for failed.
    """
    qInstallMessageHandler(_pass_on)
    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    application.setApplicationName("hadviewer")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("hadviewer")
    store = SettingsStore()
    bench = Workbench(store, Theme(application, theme or store.text("theme")))
    catch_bugs(lambda summary, trace: BugDialog(summary, trace, bench.window).show())
    bench.show(size=size, restore=screenshot is None)
    bench.when_complete(_collect_garbage)
    bench.when_complete(lambda: bench.open_first(path, entry, truth, options))
    steps = [] if run is None else [lambda: bench.run_detector(run)]
    saved: list[bool] = []

    def finish(done: bool) -> None:
        saved.append(done)
        application.exit()  # quit() would ask the window, and that the user

    def offer() -> None:
        bench.recovery.offer()
        if path is None:  # the tour is about the demo scene
            bench.tour.offer()

    if screenshot is not None:
        Photographer(bench.window, lambda: bench.complete and bench.jobs.idle, steps, screenshot, finish)
    else:
        bench.when_complete(offer)
        if steps:
            bench.after_opening(steps[0])
    application.exec()
    bench.close()
    _take_down(bench)
    return EXIT_DONE if screenshot is None else _report(bench.messages.errors, saved == [True], screenshot)


def _collect_garbage() -> None:
    """From now on; what the start-up made stays for good and is not looked through again."""
    gc.freeze()
    gc.enable()


def _take_down(bench: Workbench) -> None:
    """Delete the window and all in it while Qt still stands: at the interpreter's end the order is a matter of luck."""
    bench.window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    QApplication.processEvents()


def _pass_on(kind: QtMsgType, context: QMessageLogContext, text: str | None) -> None:
    """Qt's own warnings, without one that the offscreen platform gives for every window."""
    if text and "propagateSizeHints" not in text and kind != QtMsgType.QtDebugMsg:
        sys.stderr.write(f"{text}\n")


def _report(errors: list[str], saved: bool, target: Path) -> int:
    sentences = list(errors) if saved else [*errors, f"{target} cannot be written: choose another folder."]
    for sentence in sentences:
        sys.stderr.write(f"hadviewer: {sentence}\n")
    return EXIT_FAILED if sentences else EXIT_DONE
