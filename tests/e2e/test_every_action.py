"""Every command, whatever is open: none raises, each has a way by keyboard, none disturbs another scene."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtGui import QContextMenuEvent
from PyQt6.QtWidgets import QApplication, QDialog, QFileDialog, QLineEdit, QMenu, QMessageBox

from hadviewer.core.bands import BandSet
from hadviewer.gui.action_tables import ACTIONS
from hadviewer.gui.keys import tidied
from hadviewer.io.writers.envi import write_envi_cube

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from hadviewer.gui.workbench import Workbench

Make = Callable[[], "Workbench"]
NAMES = tuple(spec.id for spec in ACTIONS if spec.id not in ("quit", "open_demo"))
pytestmark = pytest.mark.qt_log_ignore("plugin does not support", extend=True)


@pytest.fixture
def bench(workbench: Make, monkeypatch: pytest.MonkeyPatch) -> "Workbench":
    """The program; whoever asks for a file is told that none was chosen."""
    for chooser, answer in (("getOpenFileName", ""), ("getSaveFileName", ""), ("getOpenFileNames", [])):
        monkeypatch.setattr(QFileDialog, chooser, staticmethod(lambda *given, answer=answer, **named: (answer, "")))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", staticmethod(lambda *given, **named: ""))
    return workbench()


def settle(qtbot: "QtBot", bench: "Workbench") -> None:
    qtbot.waitUntil(lambda: bench.jobs.idle, timeout=60_000)
    QApplication.processEvents()


def cube_file(folder: Path, name: str, values: np.ndarray) -> Path:
    path = folder / f"{name}.hdr"
    write_envi_cube(path, values, BandSet(values.shape[2]))
    return path


def opened(qtbot: "QtBot", bench: "Workbench", path: Path) -> None:
    before = bench.session.cube
    bench.scene.open(path)
    qtbot.waitUntil(lambda: bench.session.cube is not before, timeout=20_000)
    settle(qtbot, bench)


def close_dialogs() -> None:
    for widget in QApplication.topLevelWidgets():
        if isinstance(widget, (QDialog, QMessageBox, QMenu)) and widget.isVisible():
            widget.close()


def act(bench: "Workbench", name: str) -> None:
    """Do what a command does, also where it is greyed out."""
    action = bench.commands.actions.by_id[name]
    enabled = action.isEnabled()
    action.setEnabled(True)
    action.trigger()
    action.setEnabled(enabled)


def test_nothing_raises_where_nothing_is_open(qtbot: "QtBot", bench: "Workbench") -> None:
    for name in NAMES:
        act(bench, name)
        settle(qtbot, bench)
        close_dialogs()
    assert bench.session.cube is None


@pytest.mark.parametrize(
    "values",
    [
        pytest.param(np.ones((1, 1, 1), np.float32), id="one-value"),
        pytest.param(np.arange(40, dtype=np.float32).reshape(1, 8, 5), id="one-line"),
        pytest.param(np.arange(99, dtype=np.float32).reshape(9, 11, 1), id="one-band"),
        pytest.param(np.full((9, 11, 6), np.nan, np.float32), id="no-values"),
        pytest.param(np.full((9, 11, 6), 7, np.float32), id="constant"),
    ],
)
def test_nothing_raises_on_scenes_out_of_the_ordinary(
    qtbot: "QtBot", bench: "Workbench", tmp_path: Path, values: np.ndarray
) -> None:
    opened(qtbot, bench, cube_file(tmp_path, "odd", values))
    qtbot.mouseClick(bench.image.active, Qt.MouseButton.LeftButton, pos=bench.image.active.position_of(0, 0).toPoint())
    for name in NAMES:
        act(bench, name)
        settle(qtbot, bench)
        close_dialogs()
    assert bench.session.cube is not None
    while bench.session.undo_label:
        bench.session.undo()
    settle(qtbot, bench)
    assert bench.session.cube is None


def test_a_scene_opened_in_the_middle_of_any_command_is_what_is_shown(
    qtbot: "QtBot", bench: "Workbench", tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    large = cube_file(tmp_path, "large", rng.random((60, 50, 8), np.float32))
    small = cube_file(tmp_path, "small", rng.random((7, 9, 3), np.float32))
    opened(qtbot, bench, large)
    paths = (small, large)
    for number, name in enumerate(name for name in NAMES if name not in ("run", "superpixels")):
        act(bench, name)
        opened(qtbot, bench, paths[number % 2])
        close_dialogs()
        cube, mapping = bench.session.cube, bench.image.active.mapping
        assert cube is not None
        assert mapping is not None
        assert cube.name == paths[number % 2].stem
        assert mapping.shape == cube.shape[:2]
    assert not bench.messages.errors


def test_the_window_closes_while_work_goes_on(qtbot: "QtBot", bench: "Workbench", tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    opened(qtbot, bench, cube_file(tmp_path, "scene", rng.random((60, 50, 8), np.float32)))
    for name in ("views_4", "mode_mnf", "superpixels", "band_play", "flicker", "suggest_bad_bands", "run"):
        act(bench, name)
    assert not bench.jobs.idle
    bench.window.close()
    bench.close()
    QApplication.processEvents()
    assert bench.worker.pid is None
    assert bench.findChildren(QTimer) == [], "a clock outside the window goes on when its views are gone"


def test_no_two_commands_share_keys(bench: "Workbench") -> None:
    """Counted as Qt compares them, so that different spellings of one key are found."""
    keys = Counter(
        key.toString() for action in bench.commands.actions.by_id.values() for key in action.shortcuts() if key
    )
    assert [key for key, count in keys.items() if count > 1] == []
    assert all(tidied(spec.shortcut) == spec.shortcut for spec in ACTIONS)


def test_every_command_is_in_a_menu_that_alt_opens(bench: "Workbench") -> None:
    bar = bench.window.menuBar()
    assert bar is not None
    reached: set[str] = set()

    def walk(menu: QMenu | None) -> None:
        for action in menu.actions() if menu is not None else ():
            reached.add(action.objectName())
            if action.menu() is not None:
                walk(action.menu())

    for top in bar.actions():
        walk(top.menu())
    assert {spec.id for spec in ACTIONS} <= reached
    assert all("&" in top.text() for top in bar.actions())


def test_letters_typed_into_a_field_are_no_commands(qtbot: "QtBot", bench: "Workbench", tmp_path: Path) -> None:
    opened(qtbot, bench, cube_file(tmp_path, "scene", np.ones((9, 11, 6), np.float32)))
    state = bench.session.state
    field = bench.detector_panel.findChild(QLineEdit)
    assert field is not None
    bench.window.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    field.clear()
    letters = "vfcgpolnskrt123[]+-"
    qtbot.keyClicks(field, letters)
    assert field.text() == letters
    assert bench.session.state is state


def test_the_right_button_offers_what_can_be_done_with_the_image(
    qtbot: "QtBot", bench: "Workbench", tmp_path: Path
) -> None:
    opened(qtbot, bench, cube_file(tmp_path, "scene", np.ones((9, 11, 6), np.float32)))
    view, menu = bench.image.active, bench.commands.image_menu
    place = view.position_of(4, 5).toPoint()
    asked = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, view.mapToGlobal(place))
    QApplication.sendEvent(view, asked)
    assert menu.isVisible()
    assert bench.image.crosshair == (4, 5)
    menu.actions()[0].trigger()
    menu.close()
    assert [(pin.row, pin.col) for pin in bench.session.state.pins] == [(4, 5)]


def test_docks_come_to_the_front_from_the_window_menu_with_the_keyboard_in_them(
    qtbot: "QtBot", bench: "Workbench"
) -> None:
    bench.window.activateWindow()
    docks, menu = bench.window.docks, bench.commands.actions.menus["Window"]
    for name, dock in docks.items():
        action = next(item for item in menu.actions() if item.text() == dock.windowTitle())
        if not dock.isHidden() and not dock.visibleRegion().isEmpty():
            action.trigger()
            assert dock.isHidden(), name
            assert not action.isChecked(), name
        action.trigger()
        QApplication.processEvents()
        assert not dock.visibleRegion().isEmpty(), name
        assert action.isChecked(), name
    raised = docks["libraries"]
    bench.window.raise_dock("detect")
    next(item for item in menu.actions() if item.text() == raised.windowTitle()).trigger()
    qtbot.waitUntil(lambda: raised.isAncestorOf(QApplication.focusWidget()))
