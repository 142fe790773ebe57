"""The divider is dragged and moved with keys; a key held down flickers only so long."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from hadviewer.gui.views.comparison_view import STEPS, ComparisonView
from hadviewer.gui.views.data import LayerPicture
from hadviewer.gui.views.view_grid import ViewGrid
from hadviewer.render.cache import ArrayCache
from hadviewer.render.mosaic import Mosaic
from hadviewer.render.overlay import mask_picture
from hadviewer.render.pyramid import shrink_max
from hadviewer.render.tile_sources import ArrayTiles


@pytest.fixture
def grid(qtbot: QtBot) -> ViewGrid:
    grid = ViewGrid()
    qtbot.addWidget(grid)
    grid.resize(400, 300)
    grid.show()
    grid.active.set_scene((30, 40))
    return grid


@pytest.fixture
def comparison(grid: ViewGrid) -> Iterator[ComparisonView]:
    comparison = ComparisonView(grid, lambda: (Qt.Key.Key_F,))
    yield comparison
    comparison.stop_clock()


def told(signal: Any) -> list[tuple[Any, ...]]:
    values: list[tuple[Any, ...]] = []
    signal.connect(lambda *arguments: values.append(arguments))
    return values


def red(side: str) -> LayerPicture:
    """A layer that is red all over."""
    mask = np.ones((30, 40), dtype=bool)
    source = ArrayTiles(mask, shrink_max, lambda plane: mask_picture(plane, "#ff0000"))
    mosaic = Mosaic(source, ArrayCache(2**20))
    mosaic.draw(mosaic.overview)
    return LayerPicture(1, mosaic, side=side)


def reds(grid: ViewGrid, row: int) -> tuple[bool, bool]:
    """Whether the scene is red near its left and its right edge."""
    picture = grid.active.grab().toImage()
    places = (grid.active.position_of(row, col).toPoint() for col in (2, 37))
    left, right = (picture.pixelColor(place) == QColor(255, 0, 0) for place in places)
    return left, right


@pytest.mark.parametrize(("side", "expected"), [("left", (True, False)), ("right", (False, True))])
def test_a_layer_is_seen_on_its_side_of_the_divider(
    grid: ViewGrid, comparison: ComparisonView, side: str, expected: tuple[bool, bool]
) -> None:
    grid.active.set_layers([red(side)])
    comparison.show("Left", "Right", divided=True)
    assert reds(grid, 3) == expected
    comparison.clear()
    assert reds(grid, 3) == (True, True)


def test_the_divider_is_dragged(grid: ViewGrid, comparison: ComparisonView, qtbot: QtBot) -> None:
    grid.active.set_layers([red("right")])
    comparison.show("Left", "Right", divided=True)
    divider = comparison.divider
    assert divider is not None
    assert divider.geometry().center().x() == pytest.approx(200, abs=1)
    qtbot.mousePress(divider, Qt.MouseButton.LeftButton, pos=QPoint(7, 100))
    qtbot.mouseMove(divider, QPoint(7 - 190, 100))
    qtbot.mouseRelease(divider, Qt.MouseButton.LeftButton, pos=QPoint(7, 100))
    assert divider.geometry().center().x() == pytest.approx(10, abs=2)
    assert reds(grid, 3) == (True, True)


def test_keys_move_the_divider_and_esc_ends_it(grid: ViewGrid, comparison: ComparisonView, qtbot: QtBot) -> None:
    comparison.show("Left", "Right", divided=True)
    heard, divider = told(comparison.ended), comparison.divider
    assert divider is not None
    for key, value in ((Qt.Key.Key_Right, 510), (Qt.Key.Key_PageUp, 610), (Qt.Key.Key_Home, 0)):
        qtbot.keyClick(divider, key)
        assert divider.value() == value
    qtbot.keyClick(divider, Qt.Key.Key_Escape)
    assert heard == [()]
    assert divider.accessibleName()
    assert divider.toolTip()


def test_the_divider_stays_in_its_place_when_it_comes_again_and_when_the_view_grows(
    grid: ViewGrid, comparison: ComparisonView
) -> None:
    comparison.show("Left", "Right", divided=True)
    assert comparison.divider is not None
    comparison.divider.setValue(STEPS // 4)
    comparison.clear()
    comparison.show("Left", "Right", divided=True)
    assert comparison.divider.value() == STEPS // 4
    grid.resize(800, 300)
    QApplication.processEvents()
    assert comparison.divider.geometry().center().x() == pytest.approx(200, abs=1)


def test_a_comparison_moves_to_the_view_that_becomes_active(grid: ViewGrid, comparison: ComparisonView) -> None:
    grid.set_count(2)
    comparison.show("Left", "Right", divided=True)
    grid.set_active(1)
    comparison.show("Left", "Right", divided=True)
    assert comparison.divider is not None
    assert comparison.divider.parent() is grid.views[1]


def test_a_tap_flickers_on_and_a_key_held_long_ends_when_let_go(
    grid: ViewGrid, comparison: ComparisonView, qtbot: QtBot
) -> None:
    heard = told(comparison.released)
    comparison.start_clock(4)
    assert comparison.clock.interval() == 250
    qtbot.keyRelease(grid.active, Qt.Key.Key_F)
    assert heard == []
    comparison.stop_clock()
    comparison.start_clock(4)
    comparison.hold.timeout.emit()
    qtbot.keyRelease(grid.active, Qt.Key.Key_G)
    assert heard == []
    qtbot.keyRelease(grid.active, Qt.Key.Key_F)
    assert heard == [()]


def test_what_is_seen_is_said_on_the_image(grid: ViewGrid, comparison: ComparisonView) -> None:
    before = grid.active.grab().toImage()
    comparison.show("Without GRX", "", divided=False)
    assert grid.active.grab().toImage() != before
    comparison.clear()
    assert grid.active.grab().toImage() == before
