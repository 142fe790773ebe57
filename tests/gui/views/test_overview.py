"""The overview shows the whole scene with a box that can be clicked, dragged and moved by keys."""

from typing import Any

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from hadviewer.core.cube import Scene
from hadviewer.engine.session import Session
from hadviewer.gui.controllers.display import DisplayController
from hadviewer.gui.controllers.overview import OverviewController
from hadviewer.gui.controllers.tiles import TileLoader
from hadviewer.gui.views.display_panel import DisplayPanel
from hadviewer.gui.views.overview import Overview
from hadviewer.gui.views.view_grid import ViewGrid
from hadviewer.render.cache import ArrayCache

ROWS, COLS = 300, 400


@pytest.fixture
def grid(qtbot: QtBot, session: Session, jobs: Any, messages: Any, tiles: TileLoader, make_cube: Any) -> ViewGrid:
    """A view of a scene with its overview."""
    grid = ViewGrid()
    qtbot.addWidget(grid)
    grid.resize(600, 450)
    grid.show()
    panel = DisplayPanel()
    qtbot.addWidget(panel)
    display = DisplayController(session, jobs, grid.active, panel, messages, tiles)
    overview = Overview(grid)
    grid.keep = (panel, display, OverviewController(session, display, overview, grid, tiles))  # type: ignore[attr-defined]
    session.open(Scene(make_cube(ROWS, COLS)))
    return grid


@pytest.fixture
def overview(grid: ViewGrid) -> Overview:
    overview = grid.findChild(Overview)
    assert overview is not None
    return overview


def centre(grid: ViewGrid) -> tuple[float, float]:
    assert grid.mapping is not None
    return grid.mapping.centre


def at(overview: Overview, row: float, col: float) -> QPoint:
    return QPoint(round(col * overview.width() / COLS), round(row * overview.height() / ROWS))


def test_it_is_there_only_while_a_part_is_in_sight(grid: ViewGrid, overview: Overview) -> None:
    assert not overview.isVisible()
    grid.look_at(4.0, (100.0, 100.0))
    assert overview.isVisible()
    grid.fit()
    assert not overview.isVisible()
    overview.set_wanted(False)
    grid.look_at(4.0, (100.0, 100.0))
    assert not overview.isVisible()


def test_it_shows_the_scene_from_few_pixels(grid: ViewGrid, overview: Overview) -> None:
    grid.look_at(4.0, (100.0, 100.0))
    picture = overview.grab().toImage()
    left, right = (picture.pixelColor(at(overview, 250, col)).lightness() for col in (20, 380))
    assert right > left, "values grow from left to right"
    assert overview.viewport is not None
    assert overview.viewport.scale < 0.5
    assert max(overview.width(), overview.height()) <= 170


def test_nothing_is_read_for_it_while_it_is_hidden(overview: Overview) -> None:
    assert overview.viewport is None


def test_a_click_brings_that_place_to_the_middle(grid: ViewGrid, overview: Overview, qtbot: QtBot) -> None:
    grid.look_at(4.0, (100.0, 100.0))
    qtbot.mouseClick(overview, Qt.MouseButton.LeftButton, pos=at(overview, 200, 300))
    assert centre(grid) == pytest.approx((200, 300), abs=3)


def test_the_box_is_dragged_from_where_it_was_taken(grid: ViewGrid, overview: Overview, qtbot: QtBot) -> None:
    grid.look_at(4.0, (100.0, 150.0))
    qtbot.mousePress(overview, Qt.MouseButton.LeftButton, pos=at(overview, 120, 170))
    qtbot.mouseMove(overview, at(overview, 170, 270))
    assert centre(grid) == pytest.approx((150, 250), abs=4)
    qtbot.mouseRelease(overview, Qt.MouseButton.LeftButton, pos=at(overview, 170, 270))
    qtbot.mouseMove(overview, at(overview, 10, 10))
    assert centre(grid) == pytest.approx((150, 250), abs=4)


def test_arrow_keys_move_the_box_by_a_quarter(grid: ViewGrid, overview: Overview, qtbot: QtBot) -> None:
    grid.look_at(4.0, (100.0, 150.0))
    qtbot.keyClick(overview, Qt.Key.Key_Right)
    assert centre(grid)[1] == pytest.approx(150 + 600 / 4 / 4, abs=1)
    qtbot.keyClick(overview, Qt.Key.Key_Up)
    assert centre(grid)[0] == pytest.approx(100 - 450 / 4 / 4, abs=1)


def test_it_stays_in_the_corner_of_the_active_view(grid: ViewGrid, overview: Overview) -> None:
    grid.look_at(4.0, (100.0, 100.0))
    assert grid.active.geometry().contains(overview.geometry())
    grid.resize(900, 500)
    QApplication.processEvents()
    assert grid.active.geometry().contains(overview.geometry())
    assert grid.active.geometry().right() - overview.geometry().right() < 20


def test_of_a_large_scene_only_the_coarsest_tile_is_wanted(
    qtbot: QtBot, session: Session, jobs: Any, messages: Any, make_cube: Any
) -> None:
    loader = TileLoader(jobs, ArrayCache(100), ArrayCache(2**26), lambda job: None)
    grid, panel = ViewGrid(), DisplayPanel()
    for widget in (grid, panel):
        qtbot.addWidget(widget)
    grid.resize(300, 200)
    grid.show()
    display = DisplayController(session, jobs, grid.active, panel, messages, loader)
    overview = Overview(grid)
    controller = OverviewController(session, display, overview, grid, loader)
    cube = make_cube(2100, 600, bands=3)
    session.open(Scene(cube))
    grid.look_at(4.0, (5.0, 5.0))
    mosaic = overview._image
    assert mosaic is not None
    assert overview.viewport is not None
    assert [address.step for address in mosaic.in_sight(overview.viewport)] == [16]
    assert all(mosaic.has(address) for address in mosaic.in_sight(overview.viewport))
    assert controller is not None
