"""Finding one's way in the real window: palette, other keys, letters in lists, F1, the tour."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PyQt6.QtCore import QEvent, QObject, QPoint, Qt
from PyQt6.QtGui import QHelpEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QLineEdit,
    QMainWindow,
    QMenu,
    QToolTip,
    QWidget,
)

from hadviewer.core.bands import BandSet
from hadviewer.engine import catalog
from hadviewer.gui.action_tables import ACTIONS
from hadviewer.gui.main_window import DEFAULT_SIZE
from hadviewer.gui.shortcut_sheet import shortcut_sheet
from hadviewer.gui.views.manual_view import ManualWindow
from hadviewer.io.writers.envi import write_envi_cube

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from hadviewer.gui.workbench import Workbench

Make = Callable[[], "Workbench"]
Key, Modifier = Qt.Key, Qt.KeyboardModifier
pytestmark = pytest.mark.qt_log_ignore("plugin does not support", extend=True)
LETTERS = "abcdefghijklmnopqrstuvwxyz[]+-123456789"


@pytest.fixture
def bench(qtbot: "QtBot", workbench: Make, tmp_path: Path) -> "Workbench":
    """The program with a small scene."""
    path = tmp_path / "scene.hdr"
    values = np.random.default_rng(0).random((30, 40, 8), np.float32)
    write_envi_cube(path, values, BandSet(8, centres=np.linspace(450, 1000, 8)))
    bench = workbench()
    bench.scene.open(path)
    qtbot.waitUntil(lambda: bench.session.cube is not None, timeout=20_000)
    bench.window.activateWindow()
    qtbot.waitUntil(bench.window.isActiveWindow)
    return bench


def find(qtbot: "QtBot", bench: "Workbench", text: str) -> list[str]:
    """Bring up the palette with its keys, type, and tell what it offers."""
    qtbot.waitUntil(bench.window.isActiveWindow)
    QTest.keyClick(bench.window, Key.Key_P, Modifier.ControlModifier | Modifier.ShiftModifier)
    qtbot.waitUntil(bench.palette_view.field.hasFocus)
    qtbot.keyClicks(bench.palette_view.field, text)
    model = bench.palette_view.list.model()
    assert model is not None
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def test_every_command_is_found_by_its_name_and_has_a_way_by_keyboard(qtbot: "QtBot", bench: "Workbench") -> None:
    for spec in ACTIONS:
        if spec.id == "palette":
            continue
        text = bench.commands.actions.by_id[spec.id].text()
        bench.palette.present()
        bench.palette_view.field.setText(text)
        model = bench.palette_view.list.model()
        assert model is not None
        offered = [str(model.index(row, 0).data()) for row in range(min(model.rowCount(), 3))]
        assert text in offered, f"{spec.id}: {text!r} is not among {offered}"
        bench.palette_view.withdraw()


def test_docks_detectors_and_recent_files_are_found(qtbot: "QtBot", bench: "Workbench") -> None:
    bench.palette.present()
    bench.palette_view.field.setText("")
    model = bench.palette_view.list.model()
    assert model is not None
    offered = {str(model.index(row, 0).data()) for row in range(model.rowCount())}
    assert {f"Dock {dock.windowTitle()}" for dock in bench.window.docks.values()} <= offered
    assert {f"Run {spec.title}" for spec in catalog.detectors()} <= offered
    assert "Open scene.hdr" in offered


def test_by_keyboard_from_typing_to_the_thing_done(qtbot: "QtBot", bench: "Workbench") -> None:
    assert "Show band 4 (685.7 nm)" in find(qtbot, bench, "690 nm")[0]
    QTest.keyClick(bench.palette_view.field, Key.Key_Return)
    assert bench.session.state.display.bands == (3,)
    assert find(qtbot, bench, "dock thresh")[0] == "Dock Threshold"
    QTest.keyClick(bench.palette_view.field, Key.Key_Return)
    assert not bench.window.docks["threshold"].visibleRegion().isEmpty()
    find(qtbot, bench, "12, 30")
    QTest.keyClick(bench.palette_view.field, Key.Key_Return)
    qtbot.waitUntil(lambda: bench.image.crosshair == (12, 30))
    find(qtbot, bench, "run grx")
    QTest.keyClick(bench.palette_view.field, Key.Key_Return)
    qtbot.waitUntil(lambda: bool(bench.session.state.results), timeout=60_000)


def test_what_cannot_be_done_is_grey_with_its_reason(qtbot: "QtBot", workbench: Make) -> None:
    bench = workbench()
    bench.window.activateWindow()
    find(qtbot, bench, "export result")
    assert bench.palette_view.status.text().startswith("Run a detector first")
    QTest.keyClick(bench.palette_view.field, Key.Key_Return)
    assert bench.palette_view.isVisible()


def test_other_keys_are_in_menus_tooltips_sheet_and_palette_and_are_remembered(
    qtbot: "QtBot", bench: "Workbench", workbench: Make
) -> None:
    bench.shortcuts.give("run", "Ctrl+Shift+U")
    action = bench.commands.actions.by_id["run"]
    assert action.shortcut().toString() == "Ctrl+Shift+U"
    assert action.toolTip().endswith("(Ctrl+Shift+U)")
    sheet = shortcut_sheet(bench.commands.actions.keys_of)
    assert "Ctrl+Shift+U" in sheet
    assert "Ctrl+R" not in sheet
    find(qtbot, bench, "run detector")
    assert "Ctrl+Shift+U" in bench.palette_view.field.accessibleDescription()
    bench.palette_view.withdraw()
    button = bench.detector_panel.run_button
    place = QPoint(3, 3)
    QApplication.sendEvent(button, QHelpEvent(QEvent.Type.ToolTip, place, button.mapToGlobal(place)))
    assert QToolTip.text().endswith("(Ctrl+Shift+U)")
    QToolTip.hideText()
    with qtbot.assertNotEmitted(action.triggered):
        QTest.keyClick(bench.window, Key.Key_R, Modifier.ControlModifier)
    QTest.keyClick(bench.window, Key.Key_U, Modifier.ControlModifier | Modifier.ShiftModifier)
    qtbot.waitUntil(lambda: bool(bench.session.state.results), timeout=60_000)
    bench.window.close()
    bench.close()
    assert workbench().commands.actions.keys_of("run") == "Ctrl+Shift+U"


def test_the_empty_image_invites_with_the_keys_as_they_are_now(workbench: Make) -> None:
    bench = workbench()
    assert bench.image.active.invitation == "Open a cube (Ctrl+O) or drop a file here"
    bench.shortcuts.give("open", "Ctrl+F9")
    bench.image.set_count(2)
    assert {view.invitation for view in bench.image.views} == {"Open a cube (Ctrl+F9) or drop a file here"}
    bench.shortcuts.give("open", "")
    assert {view.invitation for view in bench.image.views} == {"Open a cube or drop a file here"}


def test_letters_in_closed_choices_numbers_and_searched_lists_are_no_commands(
    qtbot: "QtBot", bench: "Workbench"
) -> None:
    bench.run_detector("grx")
    qtbot.waitUntil(lambda: bool(bench.session.state.results), timeout=60_000)
    qtbot.waitUntil(lambda: bench.jobs.idle, timeout=60_000)
    fired: list[str] = []
    for name, action in bench.commands.actions.by_id.items():
        action.triggered.connect(lambda checked=False, name=name: fired.append(name))
    kinds = (QComboBox, QAbstractSpinBox)
    boxes = [box for kind in kinds for box in bench.window.findChildren(kind) if box.isVisible() and box.isEnabled()]
    boxes = [box for box in boxes if box.focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert len(boxes) > 8
    for widget in (*boxes, bench.detector_panel.detectors.tree):
        typed_into(qtbot, widget)
        assert fired == [], widget.accessibleName()


def typed_into(qtbot: "QtBot", widget: QWidget) -> None:
    widget.setFocus()
    qtbot.waitUntil(widget.hasFocus)
    for letter in LETTERS:
        QTest.keyClick(QApplication.focusWidget(), letter)


def test_letters_in_lists_that_commands_act_on_stay_commands(qtbot: "QtBot", bench: "Workbench") -> None:
    bench.run_detector("grx")
    qtbot.waitUntil(lambda: bool(bench.session.state.results), timeout=60_000)
    qtbot.waitUntil(lambda: bench.jobs.idle, timeout=60_000)
    layers = bench.layers_panel.list
    layers.setFocus()
    qtbot.waitUntil(layers.hasFocus)
    shown = [layer.visible for layer in bench.session.state.layers]
    QTest.keyClick(layers, "v")
    assert [layer.visible for layer in bench.session.state.layers] != shown


def test_f1_opens_the_passage_about_what_has_the_keyboard(qtbot: "QtBot", bench: "Workbench") -> None:
    for dock, topic in (("threshold", "Threshold"), ("detect", "Detect"), ("libraries", "Spectral libraries")):
        bench.window.activateWindow()
        qtbot.waitUntil(bench.window.isActiveWindow)
        bench.window.enter_dock(dock)
        qtbot.waitUntil(lambda dock=dock: bench.window.docks[dock].isAncestorOf(QApplication.focusWidget()))
        QTest.keyClick(QApplication.focusWidget(), Key.Key_F1)
        (manual,) = bench.window.findChildren(ManualWindow)
        assert manual.page.textCursor().block().text() == topic
        manual.close()
    bench.commands.actions.by_id["goto"].trigger()
    qtbot.waitUntil(lambda: isinstance(QApplication.focusWidget(), QLineEdit))
    QTest.keyClick(QApplication.focusWidget(), Key.Key_F1)
    (manual,) = bench.window.findChildren(ManualWindow)
    assert manual.page.textCursor().block().text() == "Where it is"


def test_the_tour_points_at_what_is_there_and_goes_by_keyboard(qtbot: "QtBot", bench: "Workbench") -> None:
    state = bench.session.state
    bench.tour.offer()
    view = bench.tour_view
    qtbot.waitUntil(view.forward.hasFocus)
    titles = []
    while view.isVisible():
        titles.append(view.title.text())
        assert bench.window.rect().contains(view.geometry())
        QTest.keyClick(QApplication.focusWidget(), Key.Key_Right)
    assert len(titles) == len(set(titles)) == 7
    assert bench.session.state is state
    bench.tour.offer()
    assert not view.isVisible()
    assert bench.store.settings.tour_seen
    bench.commands.actions.by_id["tour"].trigger()
    assert view.isVisible()
    QTest.keyClick(view.forward, Key.Key_Escape)
    assert not view.isVisible()


def test_no_part_of_the_window_flashes_as_a_window_of_its_own(qtbot: "QtBot", bench: "Workbench") -> None:
    """Such a part would take the keyboard away from the main window for good."""
    flashed: list[str] = []

    class Watcher(QObject):
        def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
            shown = event is not None and event.type() == QEvent.Type.Show and isinstance(watched, QWidget)
            if shown and watched.isWindow() and not isinstance(watched, QMenu | QDialog | QMainWindow):
                flashed.append(f"{type(watched).__name__} {watched.toolTip()}")
            return False

    application, watcher = QApplication.instance(), Watcher()
    assert application is not None
    application.installEventFilter(watcher)
    for line in bench.detector_panel.detectors.lines():
        bench.detector_panel.detectors.tree.setCurrentItem(line)
    bench.run_detector("grx")
    qtbot.waitUntil(lambda: bool(bench.session.state.results), timeout=60_000)
    for name in ("toggle_mask", "review", "views_2", "swipe", "roi_new", "collect_spectrum", "palette", "tour"):
        bench.commands.actions.by_id[name].trigger()
        qtbot.waitUntil(lambda: bench.jobs.idle, timeout=60_000)
    for dock in bench.window.docks:
        bench.window.raise_dock(dock)
        QApplication.processEvents()
    application.removeEventFilter(watcher)
    assert flashed == []
    assert bench.window.isActiveWindow()


def test_the_window_opens_in_the_size_it_is_made_for(workbench: Make) -> None:
    """Docks not yet arranged must not widen it."""
    assert workbench().window.size() == DEFAULT_SIZE
