"""The program is killed in the middle of its work; the next one has it again."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import Qt

from hadviewer.engine.session_file import open_session
from tests.e2e.killing import kill_one, write_scene
from tests.e2e.restless import steps_of

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from hadviewer.gui.workbench import Workbench


def test_a_program_killed_at_any_moment_is_recovered(tmp_path: Path) -> None:
    """A few times here; ``tests/bench/bench_crash.py`` does it fifty times."""
    scene = write_scene(tmp_path)
    for seed in range(3):
        killed = kill_one(tmp_path / str(seed), scene, seed)
        assert killed.found >= killed.safe


def test_the_window_offers_what_a_crash_left(
    qtbot: "QtBot", workbench: "Callable[[], Workbench]", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two programs beside each other keep one session each; the one that is gone is brought back with Return."""
    other, bench = workbench(), workbench()
    scene = write_scene(tmp_path)
    for one in (other, bench):
        one.scene.open(scene)
        qtbot.waitUntil(lambda one=one: one.session.cube is not None, timeout=20_000)
    other.session.pins.add(3, 14)
    other.recovery.tick()
    qtbot.waitUntil(lambda: other.jobs.idle)
    bench.recovery.offer()
    qtbot.waitUntil(lambda: bench.jobs.idle)
    assert bench.session_dialogs.box is None, "the other is at work"
    monkeypatch.setattr("hadviewer.engine.recovery._abandoned", lambda name: True)
    bench.recovery.offer()
    qtbot.waitUntil(lambda: bench.session_dialogs.box is not None)
    box = bench.session_dialogs.box
    assert box is not None
    assert "field" in box.informativeText()
    qtbot.keyClick(box.defaultButton(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: steps_of(bench.session.state) == 3014, timeout=20_000)
    assert bench.window.windowTitle().startswith("•")
    bench.session_file.path = tmp_path / "saved.hadsession"
    bench.session_file.save()
    qtbot.waitUntil(lambda: bench.jobs.idle and not bench.session_file.changed)
    assert steps_of(open_session(tmp_path / "saved.hadsession").state) == 3014
