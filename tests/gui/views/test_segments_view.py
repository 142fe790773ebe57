"""The dock of superpixels and what is painted of them over the image."""

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, Qt

from hadviewer.core.cube import Window
from hadviewer.gui.views.row_data import Rows
from hadviewer.gui.views.segment_data import SegmentMark, SegmentPreview
from hadviewer.gui.views.segment_overlay import SegmentOverlay
from hadviewer.gui.views.segments_view import SegmentsView
from hadviewer.gui.views.view_grid import ViewGrid
from hadviewer.render.overlay import borders, mask_picture

MEANS = np.array([0.5, np.nan, 3.0, 1.0])


def rows(mean=MEANS):
    return Rows({"No.": np.arange(1, 5), "Pixels": np.array([30, 5, 1200, 7]), "Mean": mean}, {"Mean": "of GRX"})


@pytest.fixture
def view(qtbot):
    view = SegmentsView()
    qtbot.addWidget(view)
    view.resize(760, 240)
    view.set_bands(np.ones(6, bool), np.linspace(400, 900, 6))
    view.set_rows(rows(), "")
    view.show()
    return view


def shown(view, column=0):
    model = view.table.segments
    return [model.index(row, column).data() for row in range(model.rowCount())]


def click(qtbot, view, row, keys=Qt.KeyboardModifier.NoModifier):
    place = view.table.visualRect(view.table.segments.index(row, 1)).center()
    qtbot.mouseClick(view.table.viewport(), Qt.MouseButton.LeftButton, keys, place)


def test_the_table_is_sorted_by_a_click_on_a_header_with_gaps_last(view, qtbot):
    header = view.table.horizontalHeader()
    place = QPoint(header.sectionViewportPosition(2) + 10, header.height() // 2)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert shown(view) == ["1", "4", "3", "2"]
    assert shown(view, 2) == ["0.5", "1.0", "3.0", "–"]
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert shown(view) == ["3", "4", "1", "2"]
    assert shown(view, 1)[0] == "1\N{NARROW NO-BREAK SPACE}200"


def test_other_scores_keep_the_order_sorted_by(view):
    view.table.sortByColumn(2, Qt.SortOrder.DescendingOrder)
    view.set_rows(rows(np.array([9.0, 8.0, 7.0, 10.0])), "")
    assert shown(view) == ["4", "1", "2", "3"]


def test_a_click_tells_the_superpixel_of_that_row_and_ctrl_adds_more(view, qtbot):
    view.table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    with qtbot.waitSignal(view.picked) as told:
        click(qtbot, view, 0)
    assert told.args == [[2]]
    with qtbot.waitSignal(view.picked) as told:
        click(qtbot, view, 3, Qt.KeyboardModifier.ControlModifier)
    assert told.args == [[1, 2]]
    with qtbot.waitSignal(view.picked) as told:
        qtbot.keyClick(view.table, Qt.Key.Key_Escape)
    assert told.args == [[]]


def test_the_arrow_keys_go_through_the_table(view, qtbot):
    click(qtbot, view, 0)
    with qtbot.waitSignal(view.picked) as told:
        qtbot.keyClick(view.table, Qt.Key.Key_Down)
    assert told.args == [[1]]


def test_what_is_picked_stays_so_when_sorted(view, qtbot):
    click(qtbot, view, 2)
    view.table.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    assert view.table.picked() == [2]
    assert view.table.currentIndex().row() == 3


def test_selecting_by_the_program_tells_nothing(view, qtbot):
    with qtbot.assertNotEmitted(view.picked):
        view.select(3)
    assert view.table.picked() == [3]
    with qtbot.assertNotEmitted(view.picked):
        view.select(None)
    assert view.table.picked() == []


def test_mean_spectra_are_drawn_and_a_sentence_stands_where_there_are_none(view):
    view.show_spectra([("Superpixel 3", np.arange(6, dtype=np.float32)), ("Superpixel 1", np.ones(6, np.float32))])
    assert view.plot.shown_keys() == [1, 2]
    assert view.plot.hint == ""
    view.show_spectra([("Superpixel 2", np.ones(6, np.float32))])
    assert view.plot.shown_keys() == [1]
    view.show_spectra([])
    assert "Pick a superpixel" in view.plot.hint


def test_without_superpixels_it_says_what_to_do_and_exports_nothing(view):
    view.set_rows(Rows(), "Cut the scene first.")
    assert not view.export.isEnabled()
    assert view.table.segments.rowCount() == 0


# Over the image


@pytest.fixture
def image(qtbot):
    grid = ViewGrid()
    qtbot.addWidget(grid)
    grid.resize(400, 300)
    grid.show()
    grid.active.set_scene((60, 80))
    return grid


def colours(grid):
    picture = grid.active.grab().toImage().convertToFormat(grid.active.grab().toImage().Format.Format_RGB32)
    data = picture.constBits().asarray(picture.sizeInBytes())
    return np.frombuffer(data, np.uint32).reshape(picture.height(), -1) & 0xFFFFFF


def preview(step=1):
    labels = np.zeros((20 // step, 30 // step), np.int32)
    labels[10 // step :] = 1
    return SegmentPreview(labels, Window(10, 30, 20, 50), step, mask_picture(borders(labels), "#ff0000"), "#ff0000")


@pytest.mark.parametrize("zoom", [100, 800])
@pytest.mark.parametrize("step", [1, 2])
def test_a_preview_lies_where_its_part_of_the_scene_is(image, zoom, step):
    overlay = SegmentOverlay(image)
    image.active.look_at(zoom / 100 / image.active.density, (20.0, 35.0))
    overlay.show_preview(preview(step))
    red = colours(image) == 0xFF0000
    lines = np.flatnonzero(red.any(axis=1))
    middle = image.active.position_of(20, 35).y() - image.active.mapping.scale / 2
    assert len(lines)
    assert np.abs(lines / image.active.density - middle).max() <= 2 * step * image.active.mapping.scale
    overlay.show_preview(None)
    assert not (colours(image) == 0xFF0000).any()


def test_a_picked_superpixel_is_outlined_and_comes_to_the_middle(image):
    overlay = SegmentOverlay(image)
    mask = np.zeros((6, 8), bool)
    mask[1:-1, 1:-1] = True
    before = colours(image)
    overlay.mark(SegmentMark(9, 9, mask, (12, 13)), centre=True)
    assert (colours(image) != before).any()
    assert image.active.mapping.centre == (30.0, 40.0), "the whole scene is in sight"
    image.active.look_at(10.0, (40.0, 60.0))
    overlay.mark(SegmentMark(9, 9, mask, (12, 13)), centre=True)
    assert image.active.mapping.centre == (12.5, 13.5)
    overlay.mark(None)
    assert (colours(image) == colours(image)[0, 0]).mean() > 0.9
