"""What the mouse collects and draws on a real image view."""

import pytest
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QColor, QMouseEvent
from PyQt6.QtWidgets import QApplication

from hadviewer.engine.profiles import ProfileLine
from hadviewer.gui.views.image_view import ImageView
from hadviewer.gui.views.spectrum_tools import BrowseTool, HandTool, LineOverlay, LineTool, WindowsOverlay

LEFT, NONE, SHIFT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def view(qtbot):
    view = ImageView()
    qtbot.addWidget(view)
    view.resize(600, 400)
    view.show()
    qtbot.waitExposed(view)
    view.set_scene((30, 50))
    return view


def at(view, row, col) -> QPoint:
    return view.position_of(row, col).toPoint()


def drag(view, qtbot, path, keys=NONE):
    qtbot.mousePress(view, LEFT, keys, at(view, *path[0]))
    for pixel in path[1:]:
        here = QPointF(at(view, *pixel))
        there = QPointF(view.mapToGlobal(here))
        QApplication.sendEvent(
            view, QMouseEvent(QEvent.Type.MouseMove, here, there, Qt.MouseButton.NoButton, LEFT, keys)
        )
    qtbot.mouseRelease(view, LEFT, keys, at(view, *path[-1]))


def collecting(tool):
    """What a tool collects, and how many gestures ended."""
    pixels, ended = [], []
    tool.collected.connect(pixels.extend)
    tool.path_ended.connect(lambda: ended.append(True))
    return pixels, ended


@pytest.mark.parametrize("make", [BrowseTool, HandTool])
def test_shift_click_collects_and_a_plain_click_puts_the_crosshair(view, qtbot, make):
    tool = make()
    view.set_tool(tool)
    pixels, ended = collecting(tool)
    qtbot.mouseClick(view, LEFT, SHIFT, at(view, 4, 7))
    assert (pixels, len(ended), view.crosshair) == ([(4, 7)], 1, None)
    qtbot.mouseClick(view, LEFT, NONE, at(view, 5, 8))
    assert (pixels, view.crosshair) == ([(4, 7)], (5, 8))


@pytest.mark.parametrize("make", [BrowseTool, HandTool])
def test_shift_drag_collects_every_pixel_on_the_way_however_fast(view, qtbot, make):
    tool = make()
    view.set_tool(tool)
    before = view.mapping
    pixels, ended = collecting(tool)
    drag(view, qtbot, [(5, 5), (5, 9), (9, 13)], SHIFT)
    assert pixels == [(5, 5), (5, 6), (5, 7), (5, 8), (5, 9), (6, 10), (7, 11), (8, 12), (9, 13)]
    assert len(ended) == 1
    assert view.mapping == before, "the image stays where it is"


def test_a_plain_drag_browses_with_the_arrow_and_moves_the_image_with_the_hand(view, qtbot):
    told = []
    view.pixel_hovered.connect(told.append)
    view.set_tool(BrowseTool())
    drag(view, qtbot, [(5, 5), (8, 9), (20, 30)])
    assert (told[-2:], view.crosshair) == ([(8, 9), (20, 30)], (20, 30))
    view.set_tool(HandTool())
    goal = at(view, 20, 30)
    drag(view, qtbot, [(5, 5), (12, 15), (20, 30)])
    assert view.pixel_at(QPointF(goal)) == (5, 5)


def test_a_line_is_drawn_an_end_moved_and_taken_away_with_esc(view, qtbot):
    tool, drawn, finished = LineTool(), [], []
    tool.drawn.connect(drawn.append)
    tool.drawn.connect(tool.hold)
    tool.finished.connect(lambda: finished.append(True))
    view.set_tool(tool)
    drag(view, qtbot, [(5, 5), (8, 9), (20, 30)])
    assert drawn[-1] == ProfileLine((5, 5), (20, 30))
    drag(view, qtbot, [(5, 5), (7, 7), (10, 2)])
    assert drawn[-1] == ProfileLine((20, 30), (10, 2)), "the end taken hold of follows, the other stays"
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert drawn[-1] is None
    assert len(finished) == 3


def test_a_line_is_drawn_by_keyboard_from_crosshair_to_crosshair(view, qtbot):
    tool, drawn, finished = LineTool(), [], []
    tool.drawn.connect(drawn.append)
    tool.finished.connect(lambda: finished.append(True))
    view.set_tool(tool)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    view.set_crosshair((5, 5))
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert drawn == []
    for _ in range(3):
        qtbot.keyClick(view, Qt.Key.Key_Right, SHIFT)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert (drawn, len(finished)) == ([ProfileLine((5, 5), (5, 8))], 1)


def test_a_line_ends_at_the_border_of_the_scene(view, qtbot):
    tool, drawn = LineTool(), []
    tool.drawn.connect(drawn.append)
    view.set_tool(tool)
    drag(view, qtbot, [(5, 5), (8, 9), (29, 60)])
    assert drawn[-1].end == (29, 49)


def test_the_line_is_painted_over_the_image(view):
    def is_yellow(row, col):
        colour = QColor(view.grab().toImage().pixel(at(view, row, col)))
        return colour.red() > 220 and colour.blue() < 120

    overlay = LineOverlay(view)
    assert not is_yellow(5, 20)
    overlay.show_line(ProfileLine((5, 5), (5, 40)))
    assert is_yellow(5, 20)
    overlay.show_line(None)
    overlay.show_place((10, 10))
    assert not is_yellow(5, 20)
    assert is_yellow(10, 10)


def test_a_box_shows_which_pixels_are_averaged(view):
    def differs(before, row, col):
        corner = view.mapping.to_screen(row, col).toPoint()
        return view.grab().toImage().pixel(corner) != before.pixel(corner)

    before = view.grab().toImage()
    overlay = WindowsOverlay(view)
    overlay.show([((10, 10), (3, 5), "#ff0000"), ((20, 20), (1, 1), "#ff0000")])
    assert differs(before, 9, 8)
    assert differs(before, 12, 13)
    assert not differs(before, 10, 10)
    assert not differs(before, 20, 20)
