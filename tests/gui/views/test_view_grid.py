"""Several views side by side: linked or not, one crosshair, one active view that clicks and keys choose."""

from typing import Any

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QWheelEvent
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from hadviewer.gui.views.data import ColourScale, Marker
from hadviewer.gui.views.image_view import ImageView
from hadviewer.gui.views.tools import SelectTool
from hadviewer.gui.views.view_grid import ViewGrid

SHAPE = (60, 80)


@pytest.fixture
def grid(qtbot: QtBot) -> ViewGrid:
    """Two linked views of one scene."""
    grid = ViewGrid()
    qtbot.addWidget(grid)
    grid.resize(640, 480)
    grid.show()
    grid.active.set_scene(SHAPE)
    more(grid, 2)
    grid.set_link(lambda _from, _to, scale, place: (scale, place))
    return grid


def more(grid: ViewGrid, count: int) -> None:
    before = list(grid.views)
    grid.set_count(count)
    fresh = [view for view in grid.views if view not in before]
    for view in fresh:
        view.set_scene(SHAPE)
    grid.begin(fresh)
    QApplication.processEvents()


def told(signal: Any) -> list[tuple[Any, ...]]:
    values: list[tuple[Any, ...]] = []
    signal.connect(lambda *arguments: values.append(arguments))
    return values


def at(view: ImageView, row: int, col: int) -> QPoint:
    return view.position_of(row, col).toPoint()


def turn_wheel(view: ImageView, row: int, col: int) -> None:
    place = view.position_of(row, col)
    event = QWheelEvent(
        place,
        view.mapToGlobal(place),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, event)


def looks(grid: ViewGrid) -> list[tuple[float, float, float]]:
    mappings = [view.mapping for view in grid.views]
    return [(round(m.scale, 6), round(m.centre[0], 6), round(m.centre[1], 6)) for m in mappings if m is not None]


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_views_share_the_room(grid: ViewGrid, count: int) -> None:
    more(grid, count)
    boxes = [view.geometry() for view in grid.views]
    assert len(boxes) == count
    assert not any(one.intersects(other) for one in boxes for other in boxes if one is not other)
    covered = sum(box.width() * box.height() for box in boxes)
    assert covered > 0.97 * grid.width() * grid.height()


def test_the_wheel_over_any_view_zooms_all_linked_ones(grid: ViewGrid) -> None:
    turn_wheel(grid.views[1], 10, 20)
    first, second = looks(grid)
    assert first == second
    turn_wheel(grid.views[0], 30, 30)
    assert looks(grid)[0] == looks(grid)[1] != first


def test_dragging_pans_all_linked_views_by_as_much(grid: ViewGrid, qtbot: QtBot) -> None:
    view = grid.views[1]
    before = looks(grid)[0]
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    qtbot.mouseMove(view, QPoint(130, 110))
    qtbot.mouseMove(view, QPoint(140, 120))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(140, 120))
    assert looks(grid)[0] == looks(grid)[1] != before


def test_unlinked_views_go_their_own_way(grid: ViewGrid) -> None:
    grid.set_link(None)
    turn_wheel(grid.views[1], 10, 20)
    first, second = looks(grid)
    assert first != second
    grid.set_link(lambda _from, _to, scale, place: (scale, place))
    assert looks(grid) == [second, second], "the one touched last leads"


def test_a_link_may_convert_between_places(grid: ViewGrid) -> None:
    grid.set_link(lambda _from, to, scale, place: (scale * 2, (place[0] - 5, place[1])) if to == 1 else (scale, place))
    grid.look_at(4.0, (30.0, 40.0))
    assert looks(grid) == [(4.0, 30.0, 40.0), (8.0, 25.0, 40.0)]


def test_linked_views_stay_fitted_when_the_window_grows(grid: ViewGrid) -> None:
    grid.fit()
    grid.resize(800, 600)
    QApplication.processEvents()
    first, second = looks(grid)
    assert first == second
    assert all(view.fitted for view in grid.views)
    mapping = grid.views[0].mapping
    assert mapping is not None
    assert first[0] == pytest.approx(mapping.fitting.scale)


def test_the_whole_scene_is_seen_in_all_linked_views_though_one_has_a_colour_bar(grid: ViewGrid) -> None:
    table = np.zeros((256, 4), dtype=np.uint8)
    grid.views[0].set_colour_scale(ColourScale("Scores", table, (0.0, 1.0)))
    QApplication.processEvents()
    for number in (1, 0):
        grid.set_active(number)
        grid.fit()
        first, second = looks(grid)
        assert first == second
        for view in grid.views:
            assert view.mapping is not None
            assert view.mapping.window.shape == SHAPE
            assert view.fitted


def test_commands_zoom_the_active_view_and_with_it_the_linked_ones(grid: ViewGrid) -> None:
    heard = told(grid.zoom_changed)
    grid.set_active(1)
    grid.set_zoom(400)
    assert [look[0] for look in looks(grid)] == [4.0 / grid.density] * 2
    assert heard[-1] == (pytest.approx(400),)


def test_a_click_makes_a_view_active_and_moves_the_crosshair_of_all(grid: ViewGrid, qtbot: QtBot) -> None:
    active, clicked, moved = told(grid.activated), told(grid.pixel_clicked), told(grid.crosshair_moved)
    qtbot.mouseClick(grid.views[1], Qt.MouseButton.LeftButton, pos=at(grid.views[1], 12, 34))
    assert active[0] == (1,)
    assert clicked == [(12, 34)]
    assert moved == [((12, 34),)]
    assert [view.crosshair for view in grid.views] == [(12, 34)] * 2


def test_tab_goes_from_view_to_view_and_shift_arrows_move_all_crosshairs(grid: ViewGrid, qtbot: QtBot) -> None:
    grid.activated.connect(grid.set_active)
    grid.activateWindow()
    grid.views[0].setFocus()
    qtbot.waitUntil(grid.views[0].hasFocus)
    qtbot.keyClick(grid.views[0], Qt.Key.Key_Tab)
    assert grid.active is grid.views[1]
    assert "active" in grid.views[1].accessibleName()
    grid.set_crosshair((5, 5))
    qtbot.keyClick(grid.views[1], Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert [view.crosshair for view in grid.views] == [(6, 5)] * 2


def test_the_mouse_over_one_view_is_seen_in_the_others(grid: ViewGrid, qtbot: QtBot) -> None:
    heard = told(grid.pixel_hovered)
    before = grid.views[1].grab().toImage()
    qtbot.mouseMove(grid.views[0], at(grid.views[0], 20, 30))
    assert heard[-1] == ((20, 30),)
    assert grid.views[1].grab().toImage() != before


def test_the_active_view_has_a_frame_only_where_there_are_several(grid: ViewGrid) -> None:
    def colours(view: ImageView) -> tuple[int, int]:
        picture = view.grab().toImage()
        return picture.pixel(1, 1), picture.pixel(60, 5)

    grid.set_titles(["True colour", "Grey"])
    (frame, inside), (bare, elsewhere) = colours(grid.views[0]), colours(grid.views[1])
    assert frame != bare
    assert inside == elsewhere, "the scene is not tinted"
    grid.set_count(1)
    QApplication.processEvents()
    assert colours(grid.active)[0] == bare


def test_tools_overlays_and_marks_are_the_same_in_all_and_in_new_views(grid: ViewGrid) -> None:
    painted: list[QPointF] = []

    class Dot:
        def paint(self, painter: Any, mapping: Any) -> None:
            painted.append(mapping.area.center())

    tool = SelectTool()
    grid.set_tool(tool)
    grid.add_overlay(Dot())
    grid.set_markers([Marker(3, 4, "#ff0000")])
    grid.set_crosshair((7, 8))
    more(grid, 3)
    painted.clear()
    for view in grid.views:
        view.grab()
    assert len(painted) == 3
    assert all(view.tool is tool for view in grid.views)
    assert [view.crosshair for view in grid.views] == [(7, 8)] * 3


def test_a_new_view_begins_where_the_active_one_looks_and_one_left_alone_stays_there(grid: ViewGrid) -> None:
    grid.set_link(None)
    grid.look_at(7.0, (11.0, 22.0))
    more(grid, 4)
    assert looks(grid)[3] == (7.0, 11.0, 22.0)
    grid.set_active(3)
    grid.look_at(9.0, (33.0, 44.0))
    more(grid, 1)
    assert looks(grid) == [(9.0, 33.0, 44.0)]


def test_places_are_those_of_the_active_view(grid: ViewGrid) -> None:
    grid.set_active(1)
    place = grid.position_of(10, 10)
    assert grid.childAt(place.toPoint()) is grid.views[1]
    assert grid.pixel_at(grid.active.position_of(10, 10)) == (10, 10)
