"""The dock of regions, the window of their statistics and the choice of pixels for a run."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from hadviewer.gui.views.range_dialog import RangeDialog
from hadviewer.gui.views.region_data import GrowOptions, RegionCurves, RegionRow
from hadviewer.gui.views.region_statistics import RegionStatistics
from hadviewer.gui.views.regions_panel import RegionsPanel
from hadviewer.gui.views.scope_choice import ScopeChoice

ROWS = [RegionRow(1, "Lake", "#ff0000", True, 1234), RegionRow(2, "Wood", "#00ff00", False)]
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def panel(qtbot: QtBot) -> RegionsPanel:
    panel = RegionsPanel()
    qtbot.addWidget(panel)
    panel.resize(270, 420)
    panel.show()
    panel.set_ready(True, True, True)
    panel.set_rows(ROWS)
    return panel


def heard(signal: Any) -> list[tuple[Any, ...]]:
    calls: list[tuple[Any, ...]] = []
    signal.connect(lambda *values: calls.append(values))
    return calls


def item(panel: RegionsPanel, row: int) -> Any:
    return panel.list.topLevelItem(row)


def test_it_lists_name_pixels_and_visibility(panel: RegionsPanel) -> None:
    assert [item(panel, row).text(0) for row in (0, 1)] == ["Lake", "Wood"]
    assert [item(panel, row).text(1) for row in (0, 1)] == ["1,234", ""]
    assert item(panel, 1).checkState(0) == Qt.CheckState.Unchecked


def test_renaming_and_showing_in_place(panel: RegionsPanel) -> None:
    renamed, shown = heard(panel.renamed), heard(panel.shown)
    item(panel, 0).setText(0, "Sea")
    item(panel, 1).setCheckState(0, Qt.CheckState.Checked)
    item(panel, 0).setText(0, " ")
    assert item(panel, 0).text(0) == "Lake", "no region is without a name"
    assert renamed == [(1, "Sea")]
    assert shown == [(2, True)]


def test_a_tool_is_taken_and_laid_down_by_its_button(panel: RegionsPanel, qtbot: QtBot) -> None:
    chosen = heard(panel.tool_chosen)
    qtbot.mouseClick(panel.tools["brush"], LEFT)
    panel.show_tool("brush")
    assert panel.tools["brush"].isChecked()
    assert panel.width_box.isVisible()
    qtbot.mouseClick(panel.tools["brush"], LEFT)
    assert chosen == [("brush",), (None,)]


def test_the_settings_of_growing(panel: RegionsPanel) -> None:
    panel.show_tool("grow")
    panel.angle.setValue(4.5)
    panel.corners.setChecked(False)
    assert panel.growing() == GrowOptions(4.5, False, 100_000)


def test_the_context_menu_has_the_words_analysts_know(panel: RegionsPanel) -> None:
    panel.select(1)
    menu = panel.context_menu()
    words = {action.text(): action for action in menu.actions()}
    assert {
        *("Show ROI average spectrum", "Zoom to ROI", "Use as truth", "Detect inside", "Exclude", "Use as background"),
        "Export ROI…",
    } <= set(words)
    averages, roles, saved = heard(panel.averages_requested), heard(panel.role_requested), heard(panel.save_requested)
    for text in ("Show ROI average spectrum", "Detect inside", "Export ROI…"):
        words[text].trigger()
    assert averages == [([1],)]
    assert roles == [("inside", 1)]
    assert saved == [([1],)]


def test_what_is_for_one_region_is_greyed_for_two(panel: RegionsPanel) -> None:
    panel.list.selectAll()
    enabled = {action.text(): action.isEnabled() for action in panel.context_menu().actions()}
    assert enabled["Show ROI average spectrum"]
    assert not enabled["Detect inside"]


def test_delete_and_the_selection(panel: RegionsPanel, qtbot: QtBot) -> None:
    removed, selected = heard(panel.remove_requested), heard(panel.selected)
    panel.list.setFocus()
    panel.list.setCurrentItem(item(panel, 1))
    assert selected[-1] == (2,)
    qtbot.mouseClick(panel.remove, LEFT)
    assert removed == [([2],)]


def test_a_selection_survives_new_rows(panel: RegionsPanel) -> None:
    panel.select(2)
    panel.set_rows([*ROWS, RegionRow(3, "Road", "#0000ff", True)])
    assert panel.current() == 2 or panel.chosen() == [2]


def test_without_a_scene_nothing_can_be_drawn(panel: RegionsPanel) -> None:
    panel.set_ready(False, False, False)
    assert not any(button.isEnabled() for button in panel.tools.values())


@pytest.fixture
def statistics(qtbot: QtBot) -> Callable[..., RegionStatistics]:
    def make(centres: np.ndarray | None = None) -> RegionStatistics:
        view = RegionStatistics()
        qtbot.addWidget(view)
        usable = np.ones(6, dtype=bool)
        usable[2] = False
        view.set_axis(usable, centres, "Reflectance")
        view.show_curves([
            RegionCurves(number, name, "#ff0000", 7, *(np.arange(6.0) + step for step in range(4)))
            for number, name in ((1, "Lake"), (2, "Wood"))
        ])  # fmt: skip
        view.show()
        return view

    return make


def test_the_table_shows_the_region_chosen(statistics: Callable[..., RegionStatistics]) -> None:
    view = statistics(np.linspace(400, 900, 6))
    assert view.table.rowCount() == 6
    assert [cell.text() for column in range(6) if (cell := view.table.item(1, column))] == [
        *("2", "500.0", "1", "2", "3", "4")
    ]
    assert view.region.itemText(0) == "Lake (7 pixels)"
    assert view.text().splitlines()[0] == "Band\tnm\tMean\tStd\tMin\tMax"


def test_without_wavelengths_there_is_no_column_of_them(statistics: Callable[..., RegionStatistics]) -> None:
    assert statistics().table.isColumnHidden(1)


def test_the_region_in_the_table_stays(statistics: Callable[..., RegionStatistics]) -> None:
    view = statistics()
    view.region.setCurrentIndex(1)
    view.show_curves([RegionCurves(2, "Forest", "#00ff00", 9, *[np.ones(6)] * 4)])
    assert view.region.currentText() == "Forest (9 pixels)"
    view.extent.setChecked(True)
    view.show_curves(())
    assert view.plot.hint
    assert not view.export.isEnabled()


def test_a_range_needs_an_end_and_its_ends_in_order(qtbot: QtBot) -> None:
    dialog = RangeDialog()
    qtbot.addWidget(dialog)
    dialog.offer([("scores:1", "Scores: GRX"), ("band:0", "Band 1")], "band:0")
    ordered = heard(dialog.ordered)
    qtbot.mouseClick(dialog.make, LEFT)
    dialog.form.set_values({"low": 5.0, "high": 4.0})
    qtbot.mouseClick(dialog.make, LEFT)
    assert not ordered
    dialog.form.set_values({"high": None})
    qtbot.mouseClick(dialog.make, LEFT)
    assert ordered == [("band:0", 5.0, None)]


@pytest.fixture
def scope(qtbot: QtBot) -> ScopeChoice:
    scope = ScopeChoice()
    qtbot.addWidget(scope)
    scope.set_background(True)
    scope.offer([(1, "Lake"), (2, "Wood")])
    return scope


def test_at_first_a_run_is_about_the_whole_scene(scope: ScopeChoice) -> None:
    assert scope.chosen() == {}


def test_regions_get_their_roles(scope: ScopeChoice) -> None:
    scope.choose("inside", 1)
    scope.choose("background", 2)
    scope.boxes["exclude"].setCurrentIndex(2)
    assert scope.chosen() == {"inside": 1, "background": 2, "exclude": 2}
    scope.offer([(2, "Forest")])
    assert scope.chosen() == {"background": 2, "exclude": 2}
    scope.boxes["inside"].setCurrentIndex(1)
    assert scope.chosen()["inside"] == "view"


def test_a_background_counts_only_where_the_detector_takes_one(scope: ScopeChoice) -> None:
    scope.choose("background", 2)
    scope.set_background(False)
    assert scope.chosen() == {}
    assert "elsewhere" in scope.boxes["background"].toolTip()
