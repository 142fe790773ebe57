"""No text of any dock or dialog is cut off in the smallest window that is supported, nor with a larger font."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication, QFileDialog, QMenu

from hadviewer.engine import catalog
from hadviewer.gui.action_tables import ACTIONS

sys.path.insert(0, str(Path(__file__).parent))
from clipping import clipped

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from hadviewer.gui.workbench import Workbench

Make = Callable[[], "Workbench"]
SMALLEST = 1280, 800
pytestmark = pytest.mark.qt_log_ignore("plugin does not support", extend=True)


@pytest.fixture(params=[1.0, 1.25], ids=["usual-font", "larger-font"])
def bench(request: pytest.FixtureRequest, workbench: Make, monkeypatch: pytest.MonkeyPatch) -> "Iterator[Workbench]":
    """The program in its smallest window; whoever asks for a file is told that none was chosen."""
    for chooser, answer in (("getOpenFileName", ""), ("getSaveFileName", ""), ("getOpenFileNames", [])):
        monkeypatch.setattr(QFileDialog, chooser, staticmethod(lambda *given, answer=answer, **named: (answer, "")))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", staticmethod(lambda *given, **named: ""))
    usual = QApplication.font()
    font = QApplication.font()
    font.setPointSizeF(font.pointSizeF() * request.param)
    QApplication.setFont(font)
    made = workbench()
    made.window.resize(*SMALLEST)
    made.window.arrange()
    yield made
    QApplication.setFont(usual)


def settle(qtbot: "QtBot", bench: "Workbench") -> None:
    qtbot.waitUntil(lambda: bench.jobs.idle, timeout=60_000)
    for _ in range(3):
        QApplication.processEvents()


def in_docks(qtbot: "QtBot", bench: "Workbench") -> list[str]:
    found = []
    for name, dock in bench.window.docks.items():
        bench.window.raise_dock(name)
        settle(qtbot, bench)
        found += [f"{name}: {line}" for line in clipped(dock)]
    return found


def worked(qtbot: "QtBot", bench: "Workbench") -> None:
    """A scene with everything there can be: results, mask, superpixels, crosshair."""
    bench.scene.open_demo()
    qtbot.waitUntil(lambda: bench.session.cube is not None, timeout=20_000)
    settle(qtbot, bench)
    view = bench.image.active
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=view.position_of(20, 30).toPoint())
    bench.run_detector("grx")
    settle(qtbot, bench)
    bench.threshold.toggle_mask()
    bench.superpixel_panel.submit()
    settle(qtbot, bench)


def test_in_no_dock(qtbot: "QtBot", bench: "Workbench") -> None:
    assert in_docks(qtbot, bench) == [], "with nothing open"
    worked(qtbot, bench)
    assert in_docks(qtbot, bench) == []
    bench.window.raise_dock("detect")
    for spec in catalog.detectors():
        bench.detector_panel.choose(spec.id)
        settle(qtbot, bench)
        assert clipped(bench.detector_panel) == [], spec.id


def test_in_no_dialog(qtbot: "QtBot", bench: "Workbench") -> None:
    worked(qtbot, bench)
    for spec in (spec for spec in ACTIONS if spec.text.endswith("…") or spec.menu == "Help"):
        before = {window for window in QApplication.topLevelWidgets() if window.isVisible()}
        bench.commands.actions.by_id[spec.id].trigger()
        settle(qtbot, bench)
        for window in QApplication.topLevelWidgets():
            if window.isVisible() and window not in before and not isinstance(window, QMenu):
                assert clipped(window) == [], spec.id
                window.close()
