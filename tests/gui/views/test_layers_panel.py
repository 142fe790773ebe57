"""The layers panel shows the layers and tells only what the user changes."""

from typing import Any

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QStyle, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from hadviewer.gui.views.data import LayerRow
from hadviewer.gui.views.layers_panel import LayersPanel
from hadviewer.render.colormaps import COLORMAPS, colour_table

MASK = LayerRow(4, "mask", "Mask: GRX", True, 1.0, "inferno", "#ff3b30")
TRUTH = LayerRow(3, "truth", "Truth", True, 1.0, "inferno", "#00e5ff")
SCORES = LayerRow(1, "scores", "GRX", False, 0.75, "viridis", "#ff3b30", (1.25, 30.5))


@pytest.fixture
def panel(qtbot: QtBot) -> LayersPanel:
    panel = LayersPanel()
    qtbot.addWidget(panel)
    panel.resize(272, 400)
    panel.set_colormaps({name: colour_table(name) for name in COLORMAPS})
    panel.set_layers([MASK, TRUTH, SCORES])
    panel.show()
    return panel


def told(signal: Any) -> list[tuple[Any, ...]]:
    values: list[tuple[Any, ...]] = []
    signal.connect(lambda *arguments: values.append(arguments))
    return values


def check_box(panel: LayersPanel, row: int) -> QPoint:
    """Where the check box of a row is."""
    item = panel.list.item(row)
    option = QStyleOptionViewItem()
    panel.list.initViewItemOption(option)
    option.rect = panel.list.visualItemRect(item)
    option.features |= QStyleOptionViewItem.ViewItemFeature.HasCheckIndicator
    style = panel.list.style()
    assert style is not None
    return style.subElementRect(QStyle.SubElement.SE_ItemViewItemCheckIndicator, option, panel.list).center()


def test_the_topmost_layer_comes_first_with_its_box_ticked(panel: LayersPanel) -> None:
    items = [panel.list.item(number) for number in range(3)]
    assert [item.text() for item in items] == ["Mask: GRX", "Truth", "GRX"]
    assert [item.checkState() == Qt.CheckState.Checked for item in items] == [True, True, False]
    assert not any(item.icon().isNull() for item in items)


def test_a_click_on_the_box_shows_the_layer(panel: LayersPanel, qtbot: QtBot) -> None:
    heard = told(panel.visibility_changed)
    qtbot.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=check_box(panel, 2))
    assert heard == [(1, True)]


def test_space_toggles_and_delete_removes_the_selected_layer(panel: LayersPanel, qtbot: QtBot) -> None:
    shown, removed = told(panel.visibility_changed), told(panel.remove_requested)
    panel.select(3)
    panel.list.setFocus()
    qtbot.keyClick(panel.list, Qt.Key.Key_Space)
    qtbot.keyClick(panel.list, Qt.Key.Key_Delete)
    assert shown == [(3, False)]
    assert removed == [(3,)]


def test_showing_tells_nothing_but_a_new_selection(panel: LayersPanel) -> None:
    names = ("visibility", "opacity", "colormap", "limits", "colour")
    heard = [told(getattr(panel, f"{name}_changed")) for name in names]
    selected = told(panel.layer_selected)
    panel.select(1)
    panel.set_layers([SCORES, MASK, TRUTH])
    panel.set_layers([LayerRow(1, "scores", "GRX", True, 0.1, "turbo", "#ff3b30", (0, 1), automatic=False), MASK])
    assert heard == [[], [], [], [], []]
    assert selected == [(1,)]
    assert panel.current_id() == 1


def test_the_look_offered_is_that_of_the_kind(panel: LayersPanel) -> None:
    panel.select(1)
    assert panel.colormap.isVisible()
    assert panel.low.isVisible()
    assert not panel.colour.isVisible()
    assert panel.colormap.currentData() == "viridis"
    assert (panel.low.value(), panel.high.value()) == (1.25, 30.5)
    assert panel.opacity.value() == 75
    panel.select(3)
    assert not panel.colormap.isVisible()
    assert panel.colour.isVisible()


def test_the_opacity_slider_tells_while_it_moves_and_when_let_go(panel: LayersPanel) -> None:
    moved, settled = told(panel.opacity_changed), told(panel.opacity_settled)
    panel.select(1)
    panel.opacity.setSliderDown(True)
    panel.opacity.setValue(40)
    panel.opacity.setValue(30)
    panel.opacity.setSliderDown(False)
    assert moved == [(1, 0.4), (1, 0.3)]
    assert settled == [()]


def test_limits_are_told_when_typed_and_given_back_to_the_program(panel: LayersPanel, qtbot: QtBot) -> None:
    heard = told(panel.limits_changed)
    panel.select(1)
    panel.high.selectAll()
    qtbot.keyClicks(panel.high, "25")
    qtbot.keyClick(panel.high, Qt.Key.Key_Return)
    panel.set_layers([LayerRow(1, "scores", "GRX", True, 1, "viridis", "#ff3b30", (1.25, 25), automatic=False)])
    panel.automatic.click()
    assert heard == [(1, (1.25, 25)), (1, None)]


def test_colours_order_and_removal_are_told(panel: LayersPanel, qtbot: QtBot) -> None:
    colours, moves, maps = told(panel.colour_changed), told(panel.move_requested), told(panel.colormap_changed)
    panel.select(3)
    menu = panel.colour.menu()
    assert menu is not None
    menu.actions()[1].trigger()
    qtbot.mouseClick(panel.up, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(panel.down, Qt.MouseButton.LeftButton)
    panel.select(1)
    qtbot.keyClick(panel.colormap, Qt.Key.Key_Down)
    assert colours == [(3, "#ff9500")]
    assert moves == [(3, 1), (3, -1)]
    assert maps == [(1, COLORMAPS[COLORMAPS.index("viridis") + 1])]


def test_the_ends_of_the_list_are_ends(panel: LayersPanel) -> None:
    panel.select(4)
    assert (panel.up.isEnabled(), panel.down.isEnabled()) == (False, True)
    panel.select(1)
    assert (panel.up.isEnabled(), panel.down.isEnabled()) == (True, False)


def test_a_layer_that_goes_hands_its_selection_on(panel: LayersPanel) -> None:
    selected = told(panel.layer_selected)
    panel.select(3)
    panel.set_layers([MASK, SCORES])
    panel.set_layers([])
    assert selected == [(3,), (4,), (None,)]
    assert not panel.opacity.isEnabled()


def test_every_control_has_a_name_and_a_tip(panel: LayersPanel) -> None:
    for control in (panel.list, panel.opacity, panel.colormap, panel.automatic, panel.low, panel.high, panel.colour):
        assert control.accessibleName()
        assert control.toolTip()
    for button in (panel.up, panel.down, panel.remove):
        assert button.accessibleName()
        assert button.toolTip()
