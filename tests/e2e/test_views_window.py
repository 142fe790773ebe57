"""Several views in the real window: keys and clicks choose, link, compare and survey them."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QApplication

from hadviewer.core.bands import BandSet
from hadviewer.core.geo import Georeference
from hadviewer.core.geolocation import ArrayCoordinates, Geolocation
from hadviewer.core.results import DetectionRequest, DetectionResult
from hadviewer.gui import choosers
from hadviewer.io.writers.envi import write_envi_cube

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from hadviewer.gui.workbench import Workbench

ROWS, COLS, BANDS = 40, 50, 12


@pytest.fixture
def bench(qtbot: "QtBot", workbench: "Callable[[], Workbench]", tmp_path: Path) -> "Workbench":
    """The program with a small scene and two results."""
    bench = workbench()
    cube = np.random.default_rng(0).normal(0.3, 0.02, (ROWS, COLS, BANDS)).astype(np.float32)
    write_envi_cube(tmp_path / "field.hdr", cube, BandSet(BANDS, centres=np.linspace(450, 2400, BANDS)))
    bench.scene.open(tmp_path / "field.hdr")
    qtbot.waitUntil(lambda: bench.session.cube is not None, timeout=20_000)
    for title in ("First", "Second"):
        scores = np.linspace(0, 1, ROWS * COLS, dtype=np.float32).reshape(ROWS, COLS)
        request = DetectionRequest(detector="grx")
        bench.session.add_result(DetectionResult(request, scores, np.isfinite(scores), 0.1), title)
    settle(qtbot, bench)
    return bench


def settle(qtbot: "QtBot", bench: "Workbench") -> None:
    qtbot.waitUntil(lambda: bench.jobs.idle, timeout=20_000)
    QApplication.processEvents()


def press(qtbot: "QtBot", bench: "Workbench", key: Qt.Key, keys: Qt.KeyboardModifier | None = None) -> None:
    """A key in the active view, as the window hears it."""
    bench.window.activateWindow()
    bench.image.active.setFocus()
    qtbot.waitUntil(bench.image.active.hasFocus)
    qtbot.keyClick(bench.image.active, key, keys or Qt.KeyboardModifier.NoModifier)
    settle(qtbot, bench)


def test_keys_arrange_views_and_a_click_chooses_what_the_panels_are_about(qtbot: "QtBot", bench: "Workbench") -> None:
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    press(qtbot, bench, Qt.Key.Key_2, both)
    first, second = bench.image.views
    qtbot.mouseClick(second, Qt.MouseButton.LeftButton, pos=second.position_of(10, 20).toPoint())
    assert bench.image.active is second
    assert [view.crosshair for view in (first, second)] == [(10, 20)] * 2
    press(qtbot, bench, Qt.Key.Key_Right)
    settle(qtbot, bench)
    assert [look.display.mode for look in bench.session.views.looks] == ["true", "grey"]
    assert bench.display_panel.mode.currentData() == "grey"
    press(qtbot, bench, Qt.Key.Key_N)
    assert bench.image.active is first
    assert bench.display_panel.mode.currentData() == "true"
    assert bench.commands.actions.by_id["views_2"].isChecked()


def test_l_unlinks_and_links_again(qtbot: "QtBot", bench: "Workbench") -> None:
    bench.commands.actions.by_id["views_4"].trigger()
    settle(qtbot, bench)

    def scales() -> set[float]:
        return {round(view.mapping.scale, 6) for view in bench.image.views if view.mapping is not None}

    press(qtbot, bench, Qt.Key.Key_Plus)
    assert len(scales()) == 1
    press(qtbot, bench, Qt.Key.Key_L)
    assert not bench.commands.actions.by_id["link_views"].isChecked()
    press(qtbot, bench, Qt.Key.Key_Plus)
    assert len(scales()) == 2
    press(qtbot, bench, Qt.Key.Key_L)
    assert len(scales()) == 1


def test_f_flickers_and_s_swipes_until_esc(qtbot: "QtBot", bench: "Workbench") -> None:
    def seen() -> list[tuple[int, str]]:
        return [(layer.id, layer.side) for layer in bench.image.active._layers]

    before = seen()
    assert len(before) == 1
    press(qtbot, bench, Qt.Key.Key_F)
    assert bench.comparison.way == "flicker"
    qtbot.waitUntil(lambda: seen() == [])
    qtbot.waitUntil(lambda: len(seen()) == 1)
    press(qtbot, bench, Qt.Key.Key_S)
    assert seen() == [(before[0][0], "right")]
    divider = QApplication.focusWidget()
    assert divider is not None
    assert divider.accessibleName() == "Swipe divider"
    qtbot.keyClick(divider, Qt.Key.Key_Escape)
    assert seen() == before
    assert bench.comparison.way == ""


def test_the_overview_moves_the_view_and_o_hides_it(qtbot: "QtBot", bench: "Workbench") -> None:
    overview = bench.overview_view
    assert not overview.isVisible()
    bench.image.look_at(40.0, (20.0, 25.0))
    settle(qtbot, bench)
    assert overview.isVisible()
    qtbot.mouseClick(overview, Qt.MouseButton.LeftButton, pos=QPoint(overview.width() // 4, overview.height() // 4))
    assert bench.image.mapping is not None
    assert bench.image.mapping.centre == pytest.approx((ROWS / 4, COLS / 4), abs=1)
    press(qtbot, bench, Qt.Key.Key_O)
    assert not overview.isVisible()


def test_a_part_of_a_flight_lies_where_the_coordinates_of_its_pixels_say(
    qtbot: "QtBot", bench: "Workbench", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, cols = np.indices((ROWS, COLS))
    geo = Geolocation(ArrayCoordinates(np.stack((8 + 1e-4 * cols + 2e-5 * rows, 47 - 1e-4 * rows), axis=-1)))
    array = np.random.default_rng(1).random((ROWS, COLS, 4)).astype(np.float32)
    write_envi_cube(tmp_path / "flight.hdr", array, geo=geo)
    write_envi_cube(tmp_path / "piece.hdr", array[12:, 5:], geo=geo.shifted(12, 5))
    bench.scene.open(tmp_path / "flight.hdr")
    qtbot.waitUntil(lambda: bench.session.cube is not None and bench.session.cube.name == "flight", timeout=20_000)
    settle(qtbot, bench)
    monkeypatch.setattr(choosers, "choose_cube", lambda *given: tmp_path / "piece.hdr")
    bench.commands.actions.by_id["cube_beside"].trigger()
    qtbot.waitUntil(lambda: bench.session.state.views.count == 2, timeout=20_000)
    assert bench.session.views.placement(bench.session.views.looks[1].cube) == (12, 5, 1)
    assert bench.commands.actions.by_id["link_map"].isChecked()


def test_another_cube_is_opened_beside_the_scene_where_the_map_says(
    qtbot: "QtBot", bench: "Workbench", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    array = np.random.default_rng(1).random((ROWS, COLS, 4)).astype(np.float32)
    for name, affine in (("early", (0.0, 2.0, 0.0, 80.0, 0.0, -2.0)), ("late", (20.0, 4.0, 0.0, 60.0, 0.0, -4.0))):
        write_envi_cube(tmp_path / f"{name}.hdr", array, geo=Georeference(affine, units="m"))
    bench.scene.open(tmp_path / "early.hdr")
    qtbot.waitUntil(lambda: bench.session.cube is not None and bench.session.cube.name == "early", timeout=20_000)
    settle(qtbot, bench)
    monkeypatch.setattr(choosers, "choose_cube", lambda *given: tmp_path / "late.hdr")
    bench.commands.actions.by_id["cube_beside"].trigger()
    qtbot.waitUntil(lambda: bench.session.state.views.count == 2, timeout=20_000)
    settle(qtbot, bench)
    other = bench.session.views.looks[1].cube
    assert other is not None
    assert other.name == "late"
    assert bench.session.views.placement(other) == pytest.approx((10.0, 10.0, 2.0))
    assert bench.commands.actions.by_id["link_map"].isChecked()
    second = bench.image.views[1]
    qtbot.mouseClick(second, Qt.MouseButton.LeftButton, pos=second.position_of(15, 15).toPoint())
    settle(qtbot, bench)
    assert [view.crosshair for view in bench.image.views] == [(15, 15)] * 2
    bench.commands.actions.by_id["scene_again"].trigger()
    settle(qtbot, bench)
    assert bench.session.views.looks[1].cube is None


def test_undo_and_redo_restore_the_arrangement(qtbot: "QtBot", bench: "Workbench") -> None:
    actions = bench.commands.actions.by_id
    actions["views_3"].trigger()
    bench.views.activate(2)
    bench.display.set_mode("grey")
    settle(qtbot, bench)
    for _ in range(2):
        actions["undo"].trigger()
    settle(qtbot, bench)
    assert len(bench.image.views) == 1
    assert bench.session.state.display.mode == "true"
    for _ in range(2):
        actions["redo"].trigger()
    settle(qtbot, bench)
    assert [look.display.mode for look in bench.session.views.looks] == ["true", "true", "grey"]
