"""Tools have the left button, overlays are painted over the scene, and the mapping says where pixels lie."""

from typing import Any

import numpy as np
import pytest
from PyQt6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from hadviewer.core.cube import Window
from hadviewer.gui.views.image_view import ImageView
from hadviewer.gui.views.mapping import SceneMapping
from hadviewer.gui.views.tools import PanTool, SelectTool, Tool, Touch

ROWS, COLS = 30, 50
LEFT, MIDDLE, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.KeyboardModifier.NoModifier


class NotingTool(Tool):
    """Notes what it is told; wants Esc and paints a red box."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Any]] = []

    def click(self, view: ImageView, touch: Touch) -> None:
        self.told.append(("click", touch.pixel))

    def double_click(self, view: ImageView, touch: Touch) -> None:
        self.told.append(("double", touch.pixel))

    def begin(self, view: ImageView, touch: Touch) -> None:
        self.told.append(("begin", touch.pixel))

    def drag(self, view: ImageView, touch: Touch) -> None:
        self.told.append(("drag", touch.pixel))

    def end(self, view: ImageView, touch: Touch) -> None:
        self.told.append(("end", touch.pixel))

    def wants(self, key: int) -> bool:
        return key == Qt.Key.Key_Escape

    def key(self, view: ImageView, event: QKeyEvent) -> None:
        self.told.append(("key", event.key()))

    def cancel(self, view: ImageView) -> None:
        self.told.append(("cancel", None))

    def paint(self, painter: QPainter, mapping: SceneMapping) -> None:
        painter.fillRect(QRectF(mapping.to_screen(2, 3), mapping.to_screen(4, 6)), QColor("#ff0000"))


@pytest.fixture
def view(qtbot: QtBot) -> ImageView:
    view = ImageView()
    qtbot.addWidget(view)
    view.resize(600, 400)
    view.show()
    qtbot.waitExposed(view)
    view.set_scene((ROWS, COLS))
    return view


def at(view: ImageView, row: int, col: int) -> QPoint:
    return view.position_of(row, col).toPoint()


def drag(view: ImageView, qtbot: QtBot, path: list[tuple[int, int]], button: Qt.MouseButton = LEFT) -> None:
    qtbot.mousePress(view, button, pos=at(view, *path[0]))
    places = [at(view, *pixel) for pixel in path[1:]]
    for place in places:
        here, there = QPointF(place), QPointF(view.mapToGlobal(place))
        event = QMouseEvent(QEvent.Type.MouseMove, here, there, Qt.MouseButton.NoButton, button, NONE)
        QApplication.sendEvent(view, event)
    qtbot.mouseRelease(view, button, pos=places[-1])


def test_a_tool_hears_clicks_and_drags_as_pixels(view: ImageView, qtbot: QtBot) -> None:
    tool = NotingTool()
    view.set_tool(tool)
    qtbot.mouseClick(view, LEFT, pos=at(view, 4, 7))
    drag(view, qtbot, [(5, 5), (8, 9), (20, 30)])
    qtbot.mouseDClick(view, LEFT, pos=at(view, 1, 1))
    assert tool.told[:5] == [
        ("click", (4, 7)),
        ("begin", (5, 5)),
        ("drag", (8, 9)),
        ("drag", (20, 30)),
        ("end", (20, 30)),
    ]
    assert ("double", (1, 1)) in tool.told
    assert view.crosshair is None, "the tool decides what a click does"


def test_the_middle_button_pans_whatever_the_tool(view: ImageView, qtbot: QtBot) -> None:
    tool = NotingTool()
    view.set_tool(tool)
    goal = at(view, 20, 30)
    drag(view, qtbot, [(5, 5), (12, 15), (20, 30)], MIDDLE)
    assert view.pixel_at(QPointF(goal)) == (5, 5)
    assert tool.told == []


def test_space_held_pans_with_the_left_button(view: ImageView, qtbot: QtBot) -> None:
    tool = NotingTool()
    view.set_tool(tool)
    goal = at(view, 20, 30)
    qtbot.keyPress(view, Qt.Key.Key_Space)
    drag(view, qtbot, [(5, 5), (12, 15), (20, 30)])
    qtbot.keyRelease(view, Qt.Key.Key_Space)
    assert view.pixel_at(QPointF(goal)) == (5, 5)
    assert tool.told == []
    qtbot.mouseClick(view, LEFT, pos=QPoint(goal))
    assert tool.told == [("click", (5, 5))]


def test_keys_a_tool_wants_are_its_own(view: ImageView, qtbot: QtBot) -> None:
    tool = NotingTool()
    view.set_tool(tool)
    view.set_crosshair((3, 3))
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert tool.told == [("key", Qt.Key.Key_Escape)]
    assert view.crosshair == (3, 3)


def test_another_tool_or_scene_ends_what_a_tool_was_at(view: ImageView) -> None:
    tool = NotingTool()
    view.set_tool(tool)
    view.set_scene((5, 5))
    view.set_tool(PanTool())
    assert tool.told == [("cancel", None)] * 2


def test_dragging_with_the_arrow_browses_pixels(view: ImageView, qtbot: QtBot) -> None:
    view.set_tool(SelectTool())
    before = view.mapping
    told: list[object] = []
    view.pixel_hovered.connect(told.append)
    drag(view, qtbot, [(5, 5), (8, 9), (20, 30)])
    assert told[-2:] == [(8, 9), (20, 30)]
    assert view.crosshair == (20, 30)
    assert view.mapping == before


def test_overlays_are_painted_in_order_and_tools_on_top(view: ImageView) -> None:
    class Fill:
        def __init__(self, colour: str) -> None:
            self.colour = QColor(colour)

        def paint(self, painter: QPainter, mapping: SceneMapping) -> None:
            painter.fillRect(QRectF(mapping.to_screen(0, 0), mapping.to_screen(10, 10)), self.colour)

    def colour(row: int, col: int) -> str:
        return QColor(view.grab().toImage().pixel(at(view, row, col))).name()

    first, second = Fill("#0000ff"), Fill("#00ff00")
    view.add_overlay(first)
    view.add_overlay(second)
    assert colour(3, 4) == "#00ff00"
    view.remove_overlay(second)
    assert colour(3, 4) == "#0000ff"
    view.set_tool(NotingTool())
    assert colour(3, 4) == "#ff0000"
    assert colour(8, 8) == "#0000ff"


@pytest.mark.parametrize("scale", [0.07, 0.5, 1.0, 3.7, 90.0])
@pytest.mark.parametrize("centre", [(0.0, 0.0), (150.0, 20.5), (300.0, 40.0)])
def test_mapping_goes_both_ways_and_knows_what_is_in_sight(scale: float, centre: tuple[float, float]) -> None:
    mapping = SceneMapping((300, 40), QRectF(0, 0, 200, 100)).looking(scale, centre)
    row, col = mapping.to_scene(mapping.to_screen(17.25, 3.5))
    assert (row, col) == pytest.approx((17.25, 3.5))
    seen = np.zeros(mapping.shape, dtype=bool)
    for y in np.arange(0.25, 100, 0.5):
        for x in np.arange(0.25, 200, 2.5):
            pixel = mapping.pixel_at(QPointF(x, y))
            if pixel is not None:
                seen[pixel] = True
    window = mapping.window
    assert seen[window.slices].sum() == seen.sum()
    rows = np.flatnonzero(seen.any(axis=1))
    if scale >= 1:
        assert (window.row0, window.row1 - 1) == (rows[0], rows[-1])


def test_a_scene_out_of_sight_has_an_empty_window() -> None:
    mapping = SceneMapping((30, 40), QRectF(0, 0, 200, 100), 1.0, (1000.0, 1000.0))
    rows, cols = mapping.window.shape
    assert rows * cols == 0
    assert isinstance(mapping.window, Window)
