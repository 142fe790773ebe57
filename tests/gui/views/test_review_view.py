"""The dock in which objects are judged one by one, and what is painted of them over the image."""

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QLineEdit

from hadviewer.engine.review import STATE_COLOURS
from hadviewer.gui.views.review_data import ReviewFilter, ReviewMap, ReviewRows
from hadviewer.gui.views.review_overlay import ReviewOverlay
from hadviewer.gui.views.review_view import ReviewView
from hadviewer.gui.views.segment_data import SegmentMark
from hadviewer.gui.views.spectrum_data import SEGMENT, Curve
from hadviewer.gui.views.view_grid import ViewGrid

Key = Qt.Key


def rows(states=(0, 1, 2, 0), notes=("", "roof", "", "Roof edge"), hits=(1, 0, 0, 1)):
    columns = {
        "No.": np.arange(1, 5),
        "State": np.array(states, np.uint8),
        "Pixels": np.array([30, 5, 1200, 7]),
        "Peak": np.array([4.5, 9.0, 1.0, 7.0]),
        "Truth": np.array(hits, np.uint8),
        "Note": np.arange(4),
    }
    words = {"State": ("pending", "good", "bad"), "Truth": ("false alarm", "hit")}
    return ReviewRows(columns, {"Peak": "Highest score"}, words, notes)


@pytest.fixture
def view(qtbot):
    view = ReviewView()
    qtbot.addWidget(view)
    view.resize(860, 260)
    view.set_bands(np.ones(6, bool), np.linspace(400, 900, 6))
    view.set_rows(rows(), "4 objects", "")
    view.show()
    return view


def listed(view):
    model = view.table.objects
    return [int(model.index(row, 0).data()) for row in range(model.rowCount())]


def click(qtbot, view, row, column=0):
    place = view.table.visualRect(view.table.objects.index(row, column)).center()
    qtbot.mouseClick(view.table.viewport(), Qt.MouseButton.LeftButton, pos=place)


@pytest.mark.parametrize(
    ("wanted", "kept"),
    [
        (ReviewFilter(), [1, 2, 3, 4]),
        (ReviewFilter("State", "good"), [2]),
        (ReviewFilter("Truth", "hit"), [1, 4]),
        (ReviewFilter(text="roof"), [2, 4]),
        (ReviewFilter(text="pix >= 7, peak < 5"), [1, 3]),
        (ReviewFilter("State", "pending", "peak>5 edge"), [4]),
        (ReviewFilter(text="unknown > 5"), []),
        (ReviewFilter("Area", "large"), [1, 2, 3, 4]),
    ],
)
def test_a_filter_keeps_what_it_says(wanted, kept):
    assert (np.flatnonzero(wanted.kept(rows())) + 1).tolist() == kept


def test_choosing_a_state_and_typing_a_condition_leave_the_others_out(view, qtbot):
    view.kind.setCurrentText("pending")
    assert listed(view) == [1, 4]
    with qtbot.waitSignal(view.filtered):
        qtbot.keyClicks(view.search, "pixels > 10")
    assert listed(view) == [1]
    assert view.kept().tolist() == [True, False, False, False]
    view.search.clear()
    view.kind.setCurrentText("All")
    assert listed(view) == [1, 2, 3, 4]


def test_a_click_and_the_arrow_keys_pick(view, qtbot):
    view.table.sortByColumn(3, Qt.SortOrder.DescendingOrder)
    assert listed(view) == [2, 4, 1, 3]
    with qtbot.waitSignal(view.picked) as told:
        click(qtbot, view, 0)
    assert told.args == [[1]]
    with qtbot.waitSignal(view.picked) as told:
        qtbot.keyClick(view.table, Key.Key_Down)
    assert told.args == [[3]]


@pytest.mark.parametrize(("key", "state"), [(Key.Key_Y, "good"), (Key.Key_N, "bad"), (Key.Key_U, "pending")])
def test_a_key_judges_and_goes_on_to_the_next(view, qtbot, key, state):
    click(qtbot, view, 1)
    with qtbot.waitSignals([view.judged, view.picked]) as told:
        qtbot.keyClick(view.table, key)
    assert told.all_signals_and_args[0].args == ([1], state)
    assert view.table.picked() == [2]


def test_where_no_object_is_picked_a_command_picks_the_first_and_judges_none(view, qtbot):
    with qtbot.waitSignal(view.picked), qtbot.assertNotEmitted(view.judged):
        view.judge("good")
    assert view.table.picked() == [0]
    with qtbot.waitSignal(view.judged) as told:
        view.judge("good")
    assert told.args == [[0], "good"]


def test_with_a_filter_the_judged_object_goes_and_the_next_stays_picked(view, qtbot):
    view.kind.setCurrentText("pending")
    click(qtbot, view, 0)
    qtbot.keyClick(view.table, Key.Key_Y)
    view.set_rows(rows(states=(1, 1, 2, 0)), "", "")
    assert listed(view) == [4]
    assert view.table.picked() == [3]


def test_several_are_judged_at_once_and_stay_picked(view, qtbot):
    view.table.selectAll()
    with qtbot.waitSignal(view.judged) as told:
        qtbot.keyClick(view.table, Key.Key_N)
    assert sorted(told.args[0]) == [0, 1, 2, 3]
    assert len(view.table.picked()) == 4


def test_a_note_is_written_in_place(view, qtbot):
    click(qtbot, view, 2)
    qtbot.keyClick(view.table, Key.Key_F2)
    editor = view.table.findChild(QLineEdit)
    qtbot.keyClicks(editor, "new Y or N")
    with qtbot.waitSignal(view.noted) as told:
        qtbot.keyClick(editor, Key.Key_Return)
    assert told.args == [2, "new Y or N"]


def test_notes_are_sorted_as_text(view):
    view.table.sortByColumn(5, Qt.SortOrder.DescendingOrder)
    assert listed(view)[:2] == [4, 2]


def test_selecting_by_the_program_and_new_rows_tell_nothing(view, qtbot):
    with qtbot.assertNotEmitted(view.picked):
        view.select(3)
        view.set_rows(rows(states=(1, 1, 1, 1)), "", "")
    assert view.table.picked() == [3]


def test_without_objects_it_says_what_to_do(view):
    view.set_rows(ReviewRows(), "", "Run a detector.")
    assert not view.export.isEnabled()
    assert not view.region.isEnabled()
    assert listed(view) == []


def test_what_the_good_ones_become_is_offered_where_there_are_some(view, qtbot):
    view.set_good(1)
    for button, signal in ((view.region, view.region_requested), (view.truth, view.truth_requested)):
        with qtbot.waitSignal(signal):
            qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_spectra_of_object_and_surroundings_are_drawn(view):
    view.show_curves([Curve(1, "Object 1", np.arange(6.0)), Curve(SEGMENT, "Surroundings", np.ones(6))])
    assert set(view.plot.shown_keys()) == {1, SEGMENT}
    view.show_curves(())
    assert "Pick an object" in view.plot.hint


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


def of_state(state):
    return QColor(STATE_COLOURS[state]).rgb() & 0xFFFFFF


def shown(states=(0, 1, 2)):
    labels = np.zeros((60, 80), np.int32)
    labels[10:13, 20:24] = 1
    labels[40, 60] = 2
    return ReviewMap(labels, np.array(states, np.uint8), np.array([11, 40]), np.array([21, 60]))


@pytest.mark.parametrize("scale", [0.5, 2.0, 6.0])
def test_objects_stand_where_they_are_in_the_colours_of_their_states(image, scale):
    overlay = ReviewOverlay(image)
    image.active.look_at(scale, (25.0, 40.0))
    overlay.show_objects(shown())
    for state, pixel in ((0, (11, 21)), (1, (40, 60))):
        lines, samples = np.nonzero(colours(image) == of_state(state))
        assert len(lines), f"state {state}"
        place = image.active.position_of(*pixel)
        reach = 2 * scale + 3
        assert abs(lines.mean() / image.active.density - place.y()) <= reach
        assert abs(samples.mean() / image.active.density - place.x()) <= reach


def test_what_the_filter_leaves_out_is_not_painted(image):
    overlay = ReviewOverlay(image)
    overlay.show_objects(shown((0, 0, 2)))
    found = colours(image)
    assert not (found == of_state(0)).any()
    assert (found == of_state(1)).any()
    overlay.show_objects(None)
    assert not (colours(image) == of_state(1)).any()


def test_a_small_object_looked_at_has_a_ring(image):
    overlay = ReviewOverlay(image)
    image.active.look_at(1.0, (40.5, 60.5))
    overlay.mark(SegmentMark(39, 59, np.pad(np.ones((1, 1), bool), 1), (40, 60)))
    lines, _ = np.nonzero(colours(image) == 0xFFFFFF)
    assert np.ptp(lines) / image.active.density > 18
    overlay.mark(None)
    assert not (colours(image) == 0xFFFFFF).any()
