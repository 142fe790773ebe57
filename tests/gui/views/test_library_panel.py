"""The library dock: thousands of spectra, searched, sorted by likeness, ticked by mouse and keyboard."""

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from hadviewer.gui.views.bad_bands_dialog import BadBandsDialog
from hadviewer.gui.views.library_data import BandRow, Choice, LibraryRows
from hadviewer.gui.views.library_panel import LibraryPanel

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

CHECK = Qt.ItemDataRole.CheckStateRole


@pytest.fixture
def panel(qtbot: "QtBot") -> LibraryPanel:
    panel = LibraryPanel()
    qtbot.addWidget(panel)
    panel.resize(320, 480)
    panel.set_libraries(
        [LibraryRows(1, "trees", ("oak", "beech", "dry grass")), LibraryRows(4, "roofs", ("tile", "Oak shingle"))]
    )
    panel.show()
    return panel


def names(panel: LibraryPanel) -> list[str]:
    return [panel.model.index(row, 0).data() for row in range(panel.model.rowCount())]


def test_the_most_alike_come_first_and_those_without_likeness_last(panel: LibraryPanel) -> None:
    assert names(panel) == ["oak", "beech", "dry grass", "tile", "Oak shingle"]
    assert panel.table.isColumnHidden(1)
    panel.set_scores(np.array([3.0, 1.0, np.nan, 2.0, 0.5]), "Angle (°)", 2)
    assert names(panel) == ["Oak shingle", "beech", "tile", "oak", "dry grass"]
    assert not panel.table.isColumnHidden(1)
    assert [panel.model.index(row, 1).data() for row in (0, 4)] == ["0.50", "–"]
    assert panel.model.headerData(1, Qt.Orientation.Horizontal) == "Angle (°)"
    panel.table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    assert names(panel)[:2] == ["beech", "dry grass"]


def test_words_find_spectra_and_libraries(panel: LibraryPanel, qtbot: "QtBot") -> None:
    QTest.keyClicks(panel.search, "oak")
    qtbot.waitUntil(lambda: names(panel) == ["oak", "Oak shingle"])
    QTest.keyClicks(panel.search, " roofs")
    qtbot.waitUntil(lambda: names(panel) == ["Oak shingle"])
    assert panel.model.place(0) == (4, 1)


def test_a_click_on_the_box_ticks(panel: LibraryPanel, qtbot: "QtBot") -> None:
    box = panel.table.visualRect(panel.model.index(1, 0))
    with qtbot.waitSignal(panel.ticked) as ticked:
        place = box.topLeft()
        place.setX(place.x() + 11)
        place.setY(box.center().y())
        QTest.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    assert ticked.args == [[(1, 1)], True]
    panel.set_ticked({(1, 1): "#ff0000"})
    assert panel.model.index(1, 0).data(CHECK) == Qt.CheckState.Checked
    assert panel.model.index(0, 0).data(CHECK) == Qt.CheckState.Unchecked


def test_space_ticks_what_is_selected(panel: LibraryPanel, qtbot: "QtBot") -> None:
    panel.table.selectAll()
    panel.set_ticked({(1, 0): "#ff0000"})
    with qtbot.waitSignal(panel.ticked) as ticked:
        QTest.keyClick(panel.table, Qt.Key.Key_Space)
    assert ticked.args == [[(1, 0), (1, 1), (1, 2), (4, 0), (4, 1)], True]


def test_the_selection_stays_with_its_spectrum(panel: LibraryPanel) -> None:
    panel.table.selectRow(0)
    panel.set_scores(np.array([9.0, 1, 2, 3, 4]), "Angle (°)", 2)
    assert [names(panel)[row] for row in panel.table.chosen_rows()] == ["oak"]


def test_the_library_of_the_selected_spectrum_is_closed(panel: LibraryPanel, qtbot: "QtBot") -> None:
    panel.table.selectRow(3)
    with qtbot.waitSignal(panel.close_requested) as closed:
        QTest.mouseClick(panel.closer, Qt.MouseButton.LeftButton)
    assert closed.args == [4]


def test_without_a_library_the_dock_says_what_to_do(panel: LibraryPanel) -> None:
    panel.set_libraries([])
    assert "No spectral library is open" in panel.hint.text()
    assert not panel.table.isVisible()


def test_measures_and_targets_are_offered(panel: LibraryPanel, qtbot: "QtBot") -> None:
    panel.set_measures([Choice("a", "A", "help"), Choice("b", "B")])
    panel.set_targets([Choice("crosshair", "Pixel"), Choice("3", "Roofs")], "3")
    assert panel.target.currentText() == "Roofs"
    with qtbot.waitSignal(panel.measure_chosen) as chosen:
        QTest.keyClick(panel.measure, Qt.Key.Key_Down)
    assert chosen.args == ["b"]


def test_only_rows_in_sight_are_asked_for(panel: LibraryPanel, qtbot: "QtBot", monkeypatch: pytest.MonkeyPatch) -> None:
    asked: set[int] = set()
    data = panel.model.data

    def counting(index, role=Qt.ItemDataRole.DisplayRole):  # type: ignore[no-untyped-def]
        asked.add(index.row())
        return data(index, role)

    panel.set_libraries([LibraryRows(1, "large", tuple(f"spectrum {number}" for number in range(50_000)))])
    monkeypatch.setattr(panel.model, "data", counting)
    panel.set_scores(np.random.default_rng(0).uniform(size=50_000), "Angle (°)", 2)
    qtbot.waitUntil(lambda: bool(asked))
    panel.grab()
    assert len(asked) < 100


@pytest.fixture
def dialog(qtbot: "QtBot") -> BadBandsDialog:
    dialog = BadBandsDialog()
    qtbot.addWidget(dialog)
    rows = [BandRow("Band 1", True), BandRow("Band 2", False), BandRow("Band 3", True, 4.0, "signal to noise 4.0")]
    dialog.set_rows(rows, "1 of 3 bands are bad: 2.", edited=False)
    dialog.show()
    return dialog


def test_selected_bands_are_marked_by_button_and_space(dialog: BadBandsDialog, qtbot: "QtBot") -> None:
    assert not dialog.bad.isEnabled()
    dialog.table.selectRow(0)
    with qtbot.waitSignal(dialog.marked) as marked:
        QTest.mouseClick(dialog.bad, Qt.MouseButton.LeftButton)
    assert marked.args == [[0], False]
    dialog.table.selectRow(1)
    with qtbot.waitSignal(dialog.marked) as marked:
        QTest.keyClick(dialog.table, Qt.Key.Key_Space)
    assert marked.args == [[1], True]


def test_typed_bands_are_asked_for_and_selected(dialog: BadBandsDialog, qtbot: "QtBot") -> None:
    QTest.keyClicks(dialog.field, "2-3")
    with qtbot.waitSignal(dialog.typed) as typed:
        QTest.keyClick(dialog.field, Qt.Key.Key_Return)
    assert typed.args == ["2-3"]
    dialog.select([1, 2])
    assert dialog.table.chosen_rows() == [1, 2]
    dialog.show_error("'x' is not a band choice.")
    assert dialog.error.isVisible()
    dialog.select([0])
    assert not dialog.error.isVisible()


def test_a_customary_list_is_offered_where_there_is_one(dialog: BadBandsDialog, qtbot: "QtBot") -> None:
    dialog.set_lists(["HYDICE Urban"])
    menu = dialog.known.menu()
    assert menu is not None
    with qtbot.waitSignal(dialog.list_chosen) as chosen:
        menu.actions()[0].trigger()
    assert chosen.args == ["HYDICE Urban"]
    dialog.set_lists([])
    assert not dialog.known.isEnabled()


def test_the_table_can_be_cut_down_to_what_matters(dialog: BadBandsDialog) -> None:
    dialog.only.click()
    assert [dialog.table.isRowHidden(row) for row in range(3)] == [True, False, False]


def test_buttons_are_enabled_where_they_make_sense(dialog: BadBandsDialog) -> None:
    assert dialog.accept_all.isEnabled()
    assert not dialog.restore.isEnabled()
    dialog.set_progress(0.5, running=True)
    assert dialog.cancel.isVisible()
    assert not dialog.suggest.isEnabled()
    dialog.set_rows([BandRow("Band 1", True)], "", edited=True)
    assert dialog.restore.isEnabled()
    assert not dialog.accept_all.isEnabled()
