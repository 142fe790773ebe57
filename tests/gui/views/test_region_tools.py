"""Drawing regions with the mouse: what each tool hands on, and how it is given up."""

import math
from collections.abc import Callable

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QContextMenuEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from hadviewer.core import runs as runs_of
from hadviewer.core.cube import Window
from hadviewer.core.region import Patch, Points, Polygon, Region, rectangle
from hadviewer.gui.views.region_data import ToolName
from hadviewer.gui.views.region_overlay import RegionImage
from hadviewer.gui.views.region_tools import RegionTool
from hadviewer.gui.views.view_grid import ViewGrid

SHAPE = (40, 60)
LEFT, SHIFT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier
PLAIN = Qt.KeyboardModifier.NoModifier


class Easel:
    """An image view with region tools, and what came of them."""

    def __init__(self, qtbot: QtBot) -> None:
        self.grid = ViewGrid()
        qtbot.addWidget(self.grid)
        self.grid.resize(640, 440)
        self.grid.show()
        self.view = self.grid.active
        self.view.set_scene(SHAPE)
        self.image = RegionImage(self.grid, lambda: 3.0, self.grid)
        self.drawn: list[tuple[object, bool]] = []
        self.grown: list[tuple[object, bool]] = []
        self.left: list[bool] = []
        self.image.drawn.connect(lambda part, erase: self.drawn.append((part, erase)))
        self.image.grown.connect(lambda pixel, erase: self.grown.append((pixel, erase)))
        self.image.left.connect(lambda: self.left.append(True))

    def at(self, row: int, col: int) -> QPoint:
        return self.view.position_of(row, col).toPoint()

    def click(self, row: int, col: int, keys: Qt.KeyboardModifier = PLAIN) -> None:
        QTest.mouseClick(self.view, LEFT, keys, self.at(row, col))

    def drag(self, *pixels: tuple[int, int], keys: Qt.KeyboardModifier = PLAIN) -> None:
        QTest.mousePress(self.view, LEFT, keys, self.at(*pixels[0]))
        for pixel in pixels[1:]:
            QTest.mouseMove(self.view, self.at(*pixel))
        QTest.mouseRelease(self.view, LEFT, keys, self.at(*pixels[-1]))

    def key(self, key: Qt.Key) -> None:
        QTest.keyClick(self.view, key)

    @property
    def part(self) -> object:
        ((part, _),) = self.drawn
        return part


@pytest.fixture
def easel(qtbot: QtBot) -> Easel:
    return Easel(qtbot)


def test_a_rectangle_holds_the_pixels_from_corner_to_corner(easel: Easel) -> None:
    easel.image.use("rectangle")
    easel.drag((20, 30), (12, 40), (5, 50))
    assert easel.drawn == [(rectangle(Window(5, 21, 30, 51)), False)]


def test_a_polygon_is_finished_by_a_double_click(easel: Easel) -> None:
    easel.image.use("polygon")
    for pixel in ((5, 5), (5, 20), (25, 20)):
        easel.click(*pixel)
    assert not easel.drawn
    QTest.mouseDClick(easel.view, LEFT, PLAIN, easel.at(25, 20))
    assert isinstance(easel.part, Polygon)
    assert len(easel.part.rings[0]) == 3
    assert runs_of.count(easel.part.runs(SHAPE)) == pytest.approx(150, abs=25)


def test_backspace_takes_a_corner_back_and_enter_finishes(easel: Easel) -> None:
    easel.image.use("polygon")
    for pixel in ((5, 5), (5, 20), (25, 20), (38, 55)):
        easel.click(*pixel)
    easel.key(Qt.Key.Key_Backspace)
    easel.key(Qt.Key.Key_Return)
    assert isinstance(easel.part, Polygon)
    assert len(easel.part.rings[0]) == 3


def test_a_brush_paints_a_stroke_and_shift_erases(easel: Easel) -> None:
    easel.image.use("brush")
    easel.drag((10, 10), (10, 15), (10, 20))
    easel.drag((10, 12), (10, 18), keys=SHIFT)
    assert [erase for _, erase in easel.drawn] == [False, True]
    part = easel.drawn[0][0]
    assert isinstance(part, Patch)
    assert part.runs(SHAPE)[:, 0].tolist() == [9, 10, 11]


def test_points_are_single_pixels(easel: Easel) -> None:
    easel.image.use("points")
    easel.click(3, 4)
    easel.drag((8, 8), (8, 12))
    assert easel.drawn[0] == (Points(((3, 4),)), False)
    assert isinstance(easel.drawn[1][0], Points)


def test_growing_starts_at_the_pixel_clicked(easel: Easel) -> None:
    easel.image.use("grow")
    easel.click(7, 9)
    easel.click(7, 9, SHIFT)
    assert easel.grown == [((7, 9), False), ((7, 9), True)]


def test_esc_gives_up_what_is_half_drawn_then_lays_the_tool_down(easel: Easel) -> None:
    easel.image.use("polygon")
    easel.click(5, 5)
    easel.key(Qt.Key.Key_Escape)
    assert not easel.left
    easel.key(Qt.Key.Key_Return)
    assert not easel.drawn
    easel.key(Qt.Key.Key_Escape)
    assert easel.left == [True]


@pytest.mark.parametrize("name", ["rectangle", "polygon", "brush", "points", "grow"])
def test_laying_a_tool_down_gives_the_mouse_back(easel: Easel, name: ToolName) -> None:
    before = easel.grid.tool
    easel.image.use(name)
    assert isinstance(easel.view.tool, RegionTool)
    easel.image.use("brush")
    easel.image.use(None)
    assert easel.grid.tool is before
    assert easel.left, "whoever shows the tools hears of it"


def painted(easel: Easel, parts: tuple[object, ...], visible: bool = True) -> Callable[[int, int], bool]:
    """Says whether a pixel looks other than without the region."""
    blank = easel.view.grab().toImage()
    region = Region(1, "R", "#ff0000", visible, parts)  # type: ignore[arg-type]
    easel.image.show([region], 1, {1: region.runs(SHAPE)})
    image = easel.view.grab().toImage()
    return lambda row, col: image.pixel(easel.at(row, col)) != blank.pixel(easel.at(row, col))


@pytest.mark.parametrize(
    "part",
    [
        rectangle(Window(5, 10, 5, 10)),
        Points(((7, 7),)),
        Patch(runs_of.from_text("5-9:5-9")),
        Polygon((tuple((7.5 + 2.5 * math.sin(turn), 7.5 + 2.5 * math.cos(turn)) for turn in range(3000)),)),
    ],
    ids=["polygon", "points", "patch", "many corners"],
)
@pytest.mark.parametrize("percent", [40, 1000])
def test_regions_are_seen_at_every_zoom(easel: Easel, part: object, percent: float) -> None:
    easel.view.set_zoom(percent)
    easel.view.centre_on(7, 7)
    changed = painted(easel, (part,))
    assert changed(7, 7)
    assert not changed(25, 40) if percent < 100 else not changed(13, 13)


def test_a_lone_pixel_of_a_patch_survives_zooming_out(easel: Easel) -> None:
    easel.view.set_scene((4000, 6000))
    changed = painted(easel, (Patch(runs_of.from_text("2001:3001")),))
    assert any(changed(2001 + down, 3001 + right) for down in (-9, 0, 9) for right in (-9, 0, 9))


def test_hidden_regions_are_not_painted(easel: Easel) -> None:
    assert not painted(easel, (rectangle(Window(5, 10, 5, 10)),), visible=False)(7, 7)


def test_the_right_button_is_for_the_topmost_visible_region(easel: Easel) -> None:
    asked: list[int] = []
    easel.image.menu_requested.connect(lambda region, place: asked.append(region))
    box = rectangle(Window(5, 15, 5, 15))
    regions = [Region(number, "R", "#ff0000", number != 3, (box,)) for number in (1, 2, 3)]
    easel.image.show(regions, None, {region.id: region.runs(SHAPE) for region in regions})
    for pixel in ((7, 7), (25, 40)):
        place = easel.at(*pixel)
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, easel.view.mapToGlobal(place))
        QApplication.sendEvent(easel.view, event)
    assert asked == [2]


def test_zooming_to_a_region_shows_all_of_it(easel: Easel) -> None:
    easel.image.zoom_to(Window(10, 20, 30, 34))
    seen = easel.image.window()
    assert seen is not None
    assert seen.row0 <= 10 < 20 <= seen.row1
    assert seen.row1 - seen.row0 < 20
