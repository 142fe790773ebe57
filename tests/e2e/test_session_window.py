"""A session saved and opened in the window: everything looks as it did; nothing is lost without a question."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PyQt6.QtCore import QMimeData, QPointF, Qt, QUrl
from PyQt6.QtGui import QDropEvent, QImage
from PyQt6.QtWidgets import QApplication, QFileDialog, QMessageBox

from hadviewer.core.bands import BandSet
from hadviewer.core.cube import Window
from hadviewer.core.region import rectangle
from hadviewer.core.results import DetectionRequest, DetectionResult
from hadviewer.io.writers.envi import write_envi_cube

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from hadviewer.gui.workbench import Workbench

Make = Callable[[], "Workbench"]
PANELS = ("image", "display_panel", "layers_panel", "results_panel", "spectrum_view", "regions_panel")


@pytest.fixture
def bench(workbench: Make, qtbot: "QtBot", tmp_path: Path) -> "Workbench":
    bench = workbench()
    values = np.random.default_rng(0).random((20, 30, 6), np.float32)
    write_envi_cube(tmp_path / "field.hdr", values, BandSet(6, centres=np.linspace(450, 900, 6)))
    open_scene(qtbot, bench, tmp_path / "field.hdr")
    return bench


def settle(qtbot: "QtBot", bench: "Workbench") -> None:
    qtbot.waitUntil(lambda: bench.jobs.idle, timeout=60_000)
    QApplication.processEvents()
    qtbot.waitUntil(lambda: bench.jobs.idle, timeout=60_000)


def open_scene(qtbot: "QtBot", bench: "Workbench", path: Path) -> None:
    bench.scene.open(path)
    qtbot.waitUntil(lambda: bench.session.cube is not None, timeout=60_000)
    settle(qtbot, bench)


def work(bench: "Workbench") -> None:
    """A morning's work: results, a mask, regions, spectra, several views, bad bands, zoomed in."""
    session, cube = bench.session, bench.session.cube
    assert cube is not None
    rows, cols, _ = cube.shape
    rng = np.random.default_rng(1)
    for title in ("Global", "Local"):
        scores = rng.random((rows, cols), np.float32)
        request = DetectionRequest(detector="grx")
        session.add_result(DetectionResult(request, scores, np.ones((rows, cols), bool), 0.5), title)
    session.set_threshold(session.state.results[1].id, 0.9, "by hand")
    session.regions.add([rectangle(Window(2, 9, 3, 12))], "meadow")
    bench.spectrum.collect([(4, 5), (9, 11)])
    bench.bad_bands.mark([1], True)
    session.views.show(2)
    session.views.activate(1)
    bench.display.set_mode("grey")
    bench.image.look_at(7.3, (8.2, 13.1))
    bench.image.set_crosshair((6, 7))


def pictures(bench: "Workbench") -> dict[str, QImage]:
    """The image and the panels as painted."""
    bench.window.message_bar.hide()
    QApplication.processEvents()
    return {name: getattr(bench, name).grab().toImage() for name in PANELS}


def save(qtbot: "QtBot", bench: "Workbench", path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", staticmethod(lambda *given, **named: (str(path), "")))
    bench.commands.actions.by_id["save_session"].trigger()
    settle(qtbot, bench)
    assert path.exists()


def test_the_view_comes_back_exactly(
    qtbot: "QtBot", workbench: Make, scenes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a real scene, in another window, through the command line's way in."""
    first = workbench()
    open_scene(qtbot, first, min(scenes.glob("abu-airport-*.mat")))
    work(first)
    settle(qtbot, first)
    save(qtbot, first, tmp_path / "work.hadsession", monkeypatch)
    assert first.window.windowTitle().startswith("work (")
    before, state = pictures(first), first.session.state
    second = workbench()
    second.open_first(str(tmp_path / "work.hadsession"))
    qtbot.waitUntil(lambda: second.session.cube is not None, timeout=60_000)
    settle(qtbot, second)
    assert second.window.windowTitle() == first.window.windowTitle()
    assert [layer.title for layer in second.session.state.layers] == [layer.title for layer in state.layers]
    after = pictures(second)
    assert [name for name in PANELS if after[name] != before[name]] == []


def test_a_session_is_dropped_and_found_among_the_recent(
    qtbot: "QtBot", bench: "Workbench", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work(bench)
    settle(qtbot, bench)
    save(qtbot, bench, tmp_path / "work.hadsession", monkeypatch)
    assert bench.store.settings.recent[0] == str(tmp_path / "work.hadsession")
    state = bench.session.state
    for number in range(2):
        bench.session.pins.clear()
        if number == 0:
            drop(bench, tmp_path / "work.hadsession")
        else:
            recent = next(menu for menu in [bench.commands._recent] if menu.actions())
            recent.actions()[0].trigger()
        qtbot.waitUntil(lambda: len(bench.session.state.pins) == 2, timeout=20_000)
        settle(qtbot, bench)
        assert bench.session.state.layers == state.layers
        assert bench.session.undo_label == ""


def drop(bench: "Workbench", path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    bench.window.dropEvent(QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, data, left, none))


def question(qtbot: "QtBot", bench: "Workbench") -> QMessageBox:
    qtbot.waitUntil(lambda: bench.session_dialogs.box is not None)
    box = bench.session_dialogs.box
    assert box is not None
    return box


@pytest.mark.parametrize(
    ("key", "open_", "saved"),
    [
        pytest.param(Qt.Key.Key_Return, False, True, id="return-saves"),
        pytest.param(Qt.Key.Key_D, False, False, id="dont-save"),
        pytest.param(Qt.Key.Key_Escape, True, False, id="escape-cancels"),
    ],
)
def test_closing_asks_and_the_keyboard_answers(
    qtbot: "QtBot",
    bench: "Workbench",
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    key: int,
    open_: bool,
    saved: bool,
) -> None:
    target = tmp_path / "work.hadsession"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", staticmethod(lambda *given, **named: (str(target), "")))
    bench.store.update(ask_to_save=True)
    work(bench)
    assert bench.window.windowTitle().startswith("• field")
    bench.window.close()
    box = question(qtbot, bench)
    assert bench.window.isVisible()
    button = box.defaultButton() if key == Qt.Key.Key_Return else box
    box.activateWindow()
    qtbot.keyClick(button, Qt.Key(key))
    qtbot.waitUntil(lambda: bench.session_dialogs.box is None)
    settle(qtbot, bench)
    qtbot.waitUntil(lambda: bench.window.isVisible() == open_)
    assert target.exists() == saved
    bench.store.update(ask_to_save=False)


def test_opening_another_scene_asks_first(qtbot: "QtBot", bench: "Workbench", tmp_path: Path) -> None:
    bench.store.update(ask_to_save=True)
    work(bench)
    cube = bench.session.cube
    bench.commands.actions.by_id["open_demo"].trigger()
    box = question(qtbot, bench)
    box.close()
    qtbot.waitUntil(lambda: bench.session_dialogs.box is None)
    settle(qtbot, bench)
    assert cube is not None
    assert cube.same_pixels(bench.session.cube)
    bench.store.update(ask_to_save=False)


def test_what_is_at_work_is_kept_and_a_clean_exit_leaves_nothing(
    qtbot: "QtBot", bench: "Workbench", tmp_path: Path
) -> None:
    work(bench)
    bench.recovery.tick()
    settle(qtbot, bench)
    assert len(list((tmp_path / "recovery").glob("*/session.json"))) == 1
    bench.window.close()
    bench.close()
    assert list((tmp_path / "recovery").iterdir()) == []


def test_a_session_that_came_back_is_undone_to_its_start_and_done_again(
    qtbot: "QtBot", bench: "Workbench", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At least fifty steps, and no part of the state is forgotten."""
    work(bench)
    settle(qtbot, bench)
    save(qtbot, bench, tmp_path / "work.hadsession", monkeypatch)
    drop(bench, tmp_path / "work.hadsession")
    settle(qtbot, bench)
    session = bench.session
    start = session.state
    for number in range(60):
        session.pins.add(number % 20, number % 30)
        session.seal_step()
    end, steps = session.state, 0
    while session.undo_label:
        session.undo()
        steps += 1
    assert steps == 60
    assert session.state is start
    while session.redo_label:
        session.redo()
    assert session.state is end
    settle(qtbot, bench)
