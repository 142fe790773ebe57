"""The display panel shows what is chosen and tells only what the user changes."""

from typing import Any

import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from hadviewer.gui.views._band_box import find_band
from hadviewer.gui.views._number_box import NumberBox
from hadviewer.gui.views.data import BandChoice
from hadviewer.gui.views.display_panel import DisplayPanel

BANDS = [
    BandChoice(f"Band {index + 1} ({nm:.1f} nm)", nm, usable=index != 3)
    for index, nm in enumerate([450.0, 550.0, 650.0, 750.0, 850.0])
]
MODES = [("true", "True colour"), ("cir", "Colour infrared"), ("grey", "Grey"), ("custom", "Custom")]


@pytest.fixture
def panel(qtbot: QtBot) -> DisplayPanel:
    panel = DisplayPanel()
    qtbot.addWidget(panel)
    panel.set_cube(MODES, BANDS)
    panel.show_display("true", (2, 1, 0), "")
    panel.show_stretch("linear", 2.0)
    panel.show_limits([(0.123456789, 1), (2, 3), (4, 5)])
    panel.show()
    return panel


def told(signal: Any) -> list[tuple[Any, ...]]:
    values: list[tuple[Any, ...]] = []
    signal.connect(lambda *arguments: values.append(arguments))
    return values


def test_it_shows_the_bands_in_use_and_marks_bad_ones(panel: DisplayPanel) -> None:
    assert [box.currentText() for box in panel.bands] == ["Band 3 (650.0 nm)", "Band 2 (550.0 nm)", "Band 1 (450.0 nm)"]
    assert panel.bands[0].itemText(3) == "Band 4 (750.0 nm) (bad)"
    assert panel.mode.currentText() == "True colour"


def test_showing_tells_nothing(panel: DisplayPanel) -> None:
    heard = [told(s) for s in (panel.mode_chosen, panel.band_chosen, panel.stretch_chosen, panel.limits_edited)]
    panel.set_cube(MODES, BANDS)
    panel.show_display("grey", (4,), "a remark")
    panel.show_stretch("manual", 2.0)
    panel.show_limits([(7, 8)])
    assert heard == [[], [], [], []]


@pytest.mark.parametrize(
    ("text", "band"),
    [("4", 3), ("550", 1), ("640 nm", 2), ("band 2", 1), ("749.9", 2), ("9999", 4), ("1 nm", 0), ("2.0", 0)],
)
def test_a_number_or_a_wavelength_finds_its_band(text: str, band: int) -> None:
    assert find_band(text, BANDS) == band


@pytest.mark.parametrize("text", ["", "nonsense", "0"])
def test_what_means_no_band_finds_none(text: str) -> None:
    plain = [BandChoice(f"Band {number}") for number in (1, 2)]
    assert find_band(text, plain) is None


def test_typing_a_wavelength_chooses_the_nearest_band(panel: DisplayPanel, qtbot: QtBot) -> None:
    heard = told(panel.band_chosen)
    line = panel.bands[1].lineEdit()
    assert line is not None
    line.selectAll()
    qtbot.keyClicks(line, "840 nm")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert heard == [(1, 4)]
    assert panel.bands[1].currentText() == "Band 5 (850.0 nm)"


def test_nonsense_typed_goes_back_to_what_was(panel: DisplayPanel, qtbot: QtBot) -> None:
    heard = told(panel.band_chosen)
    line = panel.bands[0].lineEdit()
    assert line is not None
    line.selectAll()
    qtbot.keyClicks(line, "reddish")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert heard == []
    assert panel.bands[0].currentText() == "Band 3 (650.0 nm)"


def test_the_down_key_steps_through_the_bands(panel: DisplayPanel, qtbot: QtBot) -> None:
    heard = told(panel.band_chosen)
    qtbot.keyClick(panel.bands[2], Qt.Key.Key_Down)
    assert heard == [(2, 1)]


def test_grey_has_one_band_and_one_pair_of_limits(panel: DisplayPanel) -> None:
    panel.show_display("grey", (1,), "")
    assert [box.isVisible() for box in panel.bands] == [True, False, False]
    assert [low.isVisible() for low, _ in panel.limits] == [True, False, False]


def test_a_remark_is_shown_and_goes_away(panel: DisplayPanel) -> None:
    panel.show_display("true", (2, 1, 0), "The nearest band is far.")
    assert panel.note.isVisible()
    panel.show_display("true", (2, 1, 0), "")
    assert not panel.note.isVisible()


def test_limits_typed_are_told_with_their_partner_in_full(panel: DisplayPanel, qtbot: QtBot) -> None:
    heard = told(panel.limits_edited)
    high = panel.limits[0][1]
    high.selectAll()
    qtbot.keyClicks(high, "2.5")
    qtbot.keyClick(high, Qt.Key.Key_Return)
    assert heard == [(0, pytest.approx(0.123456789), 2.5)]


def test_walking_through_the_boxes_changes_nothing(panel: DisplayPanel, qtbot: QtBot) -> None:
    heard = told(panel.limits_edited)
    for box in (panel.limits[0][0], panel.limits[0][1], panel.limits[1][0]):
        box.setFocus()
        qtbot.keyClick(box, Qt.Key.Key_Return)
    assert heard == []


def test_stretches_and_auto(panel: DisplayPanel, qtbot: QtBot) -> None:
    heard = told(panel.stretch_chosen)
    qtbot.keyClick(panel.stretch, Qt.Key.Key_Down)
    qtbot.mouseClick(panel.reset, Qt.MouseButton.LeftButton)
    panel.show_stretch("linear", 7.0)
    assert heard == [("linear", 1.0), ("linear", 2.0)]
    assert panel.stretch.currentText() == "Linear 7 %"


def test_without_a_cube_everything_is_greyed_out(panel: DisplayPanel) -> None:
    panel.set_cube((), ())
    assert not panel.isEnabled()


@pytest.mark.parametrize("value", [0.0, -3.25, 1e-9, 123456.0, 6.02e23])
def test_a_number_box_keeps_what_it_is_given(qtbot: QtBot, value: float) -> None:
    box = NumberBox("n", "t")
    qtbot.addWidget(box)
    box.show_value(value)
    assert box.value() == pytest.approx(value, abs=1e-12)
    assert float(box.text()) == pytest.approx(value, rel=1e-4)


def test_every_control_has_a_name_and_a_tip(panel: DisplayPanel) -> None:
    boxes = [box for pair in panel.limits for box in pair]
    for control in (panel.mode, panel.stretch, panel.reset, *panel.bands, *boxes):
        assert control.accessibleName()
        assert control.toolTip()


def test_without_a_scene_the_boxes_of_the_limits_are_empty(panel: DisplayPanel) -> None:
    panel.show_limits([(1.0, 2.0), (3.0, 4.0), (5.0, 6.0)])
    assert [box.text() for boxes in panel.limits for box in boxes] == ["1", "2", "3", "4", "5", "6"]
    panel.set_cube((), ())
    assert [box.text() for boxes in panel.limits for box in boxes] == [""] * 6
    panel.show_limits([(1.0, 2.0), (3.0, 4.0), (5.0, 6.0)])
    assert [box.text() for boxes in panel.limits for box in boxes] == ["1", "2", "3", "4", "5", "6"]
