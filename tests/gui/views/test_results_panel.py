"""The table of results under mouse and keyboard."""

from dataclasses import replace
from typing import Any

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QPlainTextEdit

from hadviewer.gui.views.data import ResultRow
from hadviewer.gui.views.results_panel import AUC, MOST_NOTES, NOTES, PARAMETERS, TIME, TITLE, ResultsPanel

ROWS = (
    ResultRow(1, "GRX", "#1a73e8", "", 12.0, 0.82214, about="Detector: grx"),
    ResultRow(2, "LRX", "#e8710a", "inner 7, outer 21", 2.5, 0.9, ("The window is small.",), about="Detector: lrx"),
    ResultRow(3, "AE", "#1e8e3e", "", 100.0, None, visible=False),
)


@pytest.fixture
def panel(qtbot: Any) -> ResultsPanel:
    panel = ResultsPanel()
    qtbot.addWidget(panel)
    panel.resize(330, 220)
    panel.set_rows(ROWS)
    panel.show()
    return panel


def texts(panel: ResultsPanel, column: int) -> list[str]:
    return [panel.table.item(row, column).text() for row in range(panel.table.rowCount())]  # type: ignore[union-attr]


def middle(panel: ResultsPanel, row: int) -> QPoint:
    return panel.table.visualItemRect(panel.table.item(row, TITLE)).center()


def click(qtbot: Any, panel: ResultsPanel, row: int) -> None:
    qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=middle(panel, row))


def ctrl_click(qtbot: Any, panel: ResultsPanel, row: int) -> None:
    held = Qt.KeyboardModifier.ControlModifier
    qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, held, middle(panel, row))


def test_lines_come_in_the_order_of_the_runs(panel: ResultsPanel) -> None:
    assert texts(panel, TITLE) == ["GRX", "LRX", "AE"]
    assert texts(panel, AUC) == ["0.8221", "0.9000", ""]
    assert texts(panel, TIME) == ["12 s", "2.5 s", "1:40"]


@pytest.mark.parametrize(("column", "order"), [(TITLE, ["AE", "GRX", "LRX"]), (TIME, ["LRX", "GRX", "AE"])])
def test_lines_sort_by_value_and_stay_sorted(panel: ResultsPanel, column: int, order: list[str]) -> None:
    panel.table.sortByColumn(column, Qt.SortOrder.AscendingOrder)
    assert texts(panel, TITLE) == order
    panel.set_rows(ROWS[:2])
    assert texts(panel, TITLE) == [title for title in order if title != "AE"]


def test_a_click_selects(qtbot: Any, panel: ResultsPanel) -> None:
    with qtbot.waitSignal(panel.selected) as told:
        click(qtbot, panel, 1)
    assert told.args == [2]
    assert panel.current == 2


def test_selecting_from_outside_is_not_told_back(qtbot: Any, panel: ResultsPanel) -> None:
    with qtbot.assertNotEmitted(panel.selected):
        panel.set_selected(2)
        panel.set_rows(ROWS[1:])
    assert panel.current == 2
    panel.set_selected(None)
    assert panel.current is None


def test_a_double_click_toggles_and_delete_removes(qtbot: Any, panel: ResultsPanel) -> None:
    click(qtbot, panel, 0)
    with qtbot.waitSignal(panel.toggle_requested) as told:
        qtbot.mouseDClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=middle(panel, 0))
    assert told.args == [1]
    panel.table.setFocus()
    with qtbot.waitSignal(panel.remove_requested) as told:
        qtbot.keyClick(panel.table, Qt.Key.Key_Delete)
    assert told.args == [1]


def test_the_menu_offers_what_can_be_done(qtbot: Any, panel: ResultsPanel) -> None:
    actions = {action.text(): action for action in panel.menu_for(3).actions()}
    assert list(actions) == ["Export…", "Show", "Show parameters", "Remove"]
    for text, signal in (
        ("Export…", panel.export_requested),
        ("Show", panel.toggle_requested),
        ("Remove", panel.remove_requested),
    ):
        with qtbot.waitSignal(signal) as told:
            actions[text].trigger()
        assert told.args == [3]


def test_parameters_open_in_a_window_that_does_not_block(panel: ResultsPanel) -> None:
    sheet = panel.show_about(ROWS[1])
    text = sheet.findChild(QPlainTextEdit)
    assert text is not None
    assert text.toPlainText() == "Detector: lrx"
    assert not sheet.isModal()
    sheet.close()


def test_notes_have_a_badge_that_tells_them(panel: ResultsPanel) -> None:
    badge = panel.table.item(1, NOTES)
    assert badge is not None
    assert not badge.icon().isNull()
    assert badge.toolTip() == "The window is small."
    none = panel.table.item(0, NOTES)
    assert none is not None
    assert none.icon().isNull()


def test_the_remarks_of_the_result_looked_at_are_read_below(qtbot: Any, panel: ResultsPanel) -> None:
    assert not panel.notes.isVisible()
    click(qtbot, panel, 1)
    assert panel.notes.isVisible()
    assert panel.notes.label.text() == "The window is small."
    assert 0 < panel.notes.height() <= MOST_NOTES
    click(qtbot, panel, 0)
    assert not panel.notes.isVisible()


def test_several_are_marked_and_fused(qtbot: Any, panel: ResultsPanel) -> None:
    click(qtbot, panel, 0)
    assert not panel.fuse_button.isVisible()
    with qtbot.waitSignal(panel.selected) as told:
        ctrl_click(qtbot, panel, 2)
    assert told.args == [3]
    assert panel.chosen == (1, 3)
    panel.set_selected(3)
    panel.set_rows([replace(row, seconds=1.0) for row in ROWS])
    assert panel.chosen == (1, 3), "a table filled anew keeps what is marked"
    assert panel.current == 3
    assert panel.fuse_button.text() == "Fuse 2 results"
    with qtbot.waitSignal(panel.fuse_requested) as told:
        qtbot.mouseClick(panel.fuse_button, Qt.MouseButton.LeftButton)
    assert told.args == [(1, 3)]
    menu = {action.text(): action for action in panel.menu_for(3).actions()}
    with qtbot.waitSignal(panel.fuse_requested) as told:
        menu["Fuse 2 results"].trigger()
    assert told.args == [(1, 3)]
    assert "Fuse 2 results" not in [action.text() for action in panel.menu_for(2).actions()]


def test_maps_beside_a_result_are_offered_in_its_menu(qtbot: Any, panel: ResultsPanel) -> None:
    panel.set_rows([replace(ROWS[0], maps=("Prior", "Energy")), *ROWS[1:]])
    with_maps, without = ({action.text(): action for action in panel.menu_for(row.id).actions()} for row in ROWS[:2])
    assert "Look at a map beside it" not in without
    menu = with_maps["Look at a map beside it"].menu()
    assert menu is not None
    with qtbot.waitSignal(panel.map_requested) as told:
        {action.text(): action for action in menu.actions()}["Energy"].trigger()
    assert told.args == [ROWS[0].id, "Energy"]


def test_delete_removes_all_that_are_marked(qtbot: Any, panel: ResultsPanel) -> None:
    told: list[int] = []
    panel.remove_requested.connect(told.append)
    click(qtbot, panel, 0)
    ctrl_click(qtbot, panel, 1)
    panel.table.setFocus()
    qtbot.keyClick(panel.table, Qt.Key.Key_Delete)
    assert told == [1, 2]


def test_an_empty_table_says_what_to_do(panel: ResultsPanel) -> None:
    assert not panel._hint.isVisible()
    panel.set_rows(())
    assert panel._hint.isVisible()


def test_the_column_of_parameters_is_there_when_one_was_changed(panel: ResultsPanel) -> None:
    assert not panel.table.isColumnHidden(PARAMETERS)
    panel.set_rows(ROWS[:1])
    assert panel.table.isColumnHidden(PARAMETERS)
