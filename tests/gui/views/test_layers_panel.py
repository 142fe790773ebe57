"""The layers panel shows the layers and tells only what the user changes."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PyQt6.QtCore import QModelIndex, QPoint, Qt
from PyQt6.QtWidgets import QLineEdit, QStyle, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from hadviewer.gui.views.data import LayerRow
from hadviewer.gui.views.layers_panel import LayersPanel
from hadviewer.render.colormaps import COLORMAPS, colour_table
from hadviewer.render.stretch import Histogram

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
    assert panel.look.low.isVisible()
    assert not panel.colour.isVisible()
    assert panel.colormap.currentData() == "viridis"
    assert (panel.look.low.value(), panel.look.high.value()) == (1.25, 30.5)
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
    panel.look.high.selectAll()
    qtbot.keyClicks(panel.look.high, "25")
    qtbot.keyClick(panel.look.high, Qt.Key.Key_Return)
    panel.set_layers([LayerRow(1, "scores", "GRX", True, 1, "viridis", "#ff3b30", (1.25, 25), automatic=False)])
    panel.look.automatic.click()
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
    for control in (
        panel.list,
        panel.opacity,
        panel.blend,
        panel.colormap,
        panel.look.automatic,
        panel.look.low,
        panel.look.high,
        panel.colour,
    ):
        assert control.accessibleName()
        assert control.toolTip()
    for button in (panel.up, panel.down, panel.only, panel.remove):
        assert button.accessibleName()
        assert button.toolTip()


def ids(panel: LayersPanel) -> list[int]:
    return panel.list.ids()


def test_a_name_is_edited_in_place(panel: LayersPanel, qtbot: QtBot) -> None:
    heard = told(panel.renamed)
    panel.select(3)
    panel.list.setFocus()
    qtbot.keyClick(panel.list, Qt.Key.Key_F2)
    editor = panel.list.findChild(QLineEdit)
    assert editor is not None
    editor.selectAll()
    qtbot.keyClicks(editor, "Known targets")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: heard == [(3, "Known targets")])


def test_an_empty_name_leaves_the_one_before(panel: LayersPanel) -> None:
    heard = told(panel.renamed)
    item = panel.list.item(1)
    item.setText("  ")
    assert heard == []
    assert item.text() == "Truth"


def test_a_dragged_layer_tells_its_new_place_from_the_bottom(panel: LayersPanel) -> None:
    heard = told(panel.placed)
    model = panel.list.model()
    assert model is not None
    model.moveRow(QModelIndex(), 2, QModelIndex(), 0)
    assert ids(panel) == [1, 4, 3]
    model.moveRow(QModelIndex(), 0, QModelIndex(), 2)
    assert ids(panel) == [4, 1, 3]
    assert heard == [(1, 2), (1, 1)]


def test_keys_move_the_current_layer(panel: LayersPanel, qtbot: QtBot) -> None:
    heard = told(panel.move_requested)
    panel.select(3)
    panel.list.setFocus()
    qtbot.keyClick(panel.list, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(panel.list, Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier)
    assert heard == [(3, 1), (3, -1)]


def test_blend_is_shown_and_told(panel: LayersPanel, qtbot: QtBot) -> None:
    heard = told(panel.blend_changed)
    panel.select(1)
    assert panel.blend.currentText() == "Normal"
    qtbot.keyClick(panel.blend, Qt.Key.Key_Down)
    assert heard == [(1, "multiply")]
    panel.set_layers([MASK, TRUTH, replace(SCORES, blend="screen")])
    assert panel.blend.currentText() == "Screen"


def test_one_layer_alone_is_asked_for_by_button_and_menu(panel: LayersPanel, qtbot: QtBot) -> None:
    only, removed = told(panel.only_requested), told(panel.remove_requested)
    panel.select(3)
    qtbot.mouseClick(panel.only, Qt.MouseButton.LeftButton)
    menu = panel.list.menu_of(4)
    actions = {action.text(): action for action in menu.actions()}
    assert list(actions) == ["Rename", "Show only this", "Bring up", "Take down", "Remove"]
    actions["Show only this"].trigger()
    actions["Remove"].trigger()
    menu.deleteLater()
    assert only == [(3,), (4,)]
    assert removed == [(4,)]


def test_two_layers_are_chosen_with_ctrl_and_stay_so(panel: LayersPanel, qtbot: QtBot) -> None:
    heard = told(panel.chosen_changed)
    places = [panel.list.visualItemRect(panel.list.item(row)).center() for row in range(3)]
    qtbot.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=places[0])
    assert panel.chosen() == ()
    qtbot.mouseClick(
        panel.list.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, pos=places[2]
    )
    assert panel.chosen() == (4, 1)
    assert heard
    panel.set_layers([replace(MASK, opacity=0.5), TRUTH, SCORES])
    assert panel.chosen() == (4, 1)
    panel.set_layers([SCORES, TRUTH, MASK])
    assert panel.chosen() == (1, 4)
    panel.set_layers([MASK, TRUTH])
    assert panel.chosen() == ()


def test_scale_direction_and_handles_of_a_map_are_told(panel: LayersPanel, qtbot: QtBot) -> None:
    heard = [told(s) for s in (panel.scale_changed, panel.inverse_changed, panel.limits_dragged, panel.limits_settled)]
    histogram = Histogram(np.arange(256), 0.0, 40.0)
    panel.set_layers([replace(SCORES, histogram=histogram), MASK])
    panel.select(1)
    qtbot.keyClick(panel.look.scale, Qt.Key.Key_Down)
    qtbot.mouseClick(panel.look.inverse, Qt.MouseButton.LeftButton, pos=QPoint(8, panel.look.inverse.height() // 2))
    view = panel.look.histogram
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(round(view.place_of(20.0)), 10))
    assert heard[0] == [(1, "log")]
    assert heard[1] == [(1, True)]
    assert heard[2] == [(1, (1.25, pytest.approx(20.0, abs=0.3)))]
    assert heard[3] == [()]


def test_only_maps_have_a_scale(panel: LayersPanel) -> None:
    assert not panel.look.isVisible()
    panel.select(1)
    assert panel.look.isVisible()
