"""What the small views of the display tell: the player, the line of work, the dialogs of places and pictures."""

from typing import Any

import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from hadviewer.gui.views._work_line import WorkLine
from hadviewer.gui.views.band_player import BandPlayer
from hadviewer.gui.views.goto_dialog import GotoDialog
from hadviewer.gui.views.view_picture_dialog import ViewPictureDialog

LEFT = Qt.MouseButton.LeftButton


def told(signal: Any) -> list[tuple[Any, ...]]:
    values: list[tuple[Any, ...]] = []
    signal.connect(lambda *arguments: values.append(arguments))
    return values


def test_the_player_tells_each_step_and_the_end(qtbot: QtBot) -> None:
    player = BandPlayer()
    qtbot.addWidget(player)
    player.show()
    steps, ends = told(player.advanced), told(player.stopped)
    player.player.set_speed(200)
    qtbot.mouseClick(player.player, LEFT)
    assert player.player.playing
    qtbot.waitUntil(lambda: len(steps) >= 2)
    player.toggle()
    assert ends == [()]
    assert not player.player.playing


def test_direction_and_loop_are_switches(qtbot: QtBot) -> None:
    player = BandPlayer()
    qtbot.addWidget(player)
    assert (player.backwards, player.looped) == (False, True)
    qtbot.mouseClick(player.reverse, LEFT)
    qtbot.mouseClick(player.loop, LEFT)
    assert (player.backwards, player.looped) == (True, False)
    assert player.reverse.accessibleName() == "Backwards"


def test_out_of_sight_nothing_is_played(qtbot: QtBot) -> None:
    player = BandPlayer()
    qtbot.addWidget(player)
    player.show()
    player.toggle()
    player.hide()
    assert not player.player.playing


def test_work_under_way_can_be_cancelled(qtbot: QtBot) -> None:
    line = WorkLine()
    qtbot.addWidget(line)
    heard = told(line.cancelled)
    line.show_progress("Principal components", None)
    assert line.bar.maximum() == 0
    line.show_progress("Principal components", 0.4)
    assert line.bar.value() == 40
    qtbot.mouseClick(line.cancel, LEFT)
    assert heard == [()]


@pytest.mark.parametrize(("mapped", "kinds"), [(False, ["pixel"]), (True, ["pixel", "map", "latlon"])])
def test_only_places_that_the_scene_has_are_offered(qtbot: QtBot, mapped: bool, kinds: list[str]) -> None:
    dialog = GotoDialog()
    qtbot.addWidget(dialog)
    dialog.offer(mapped=mapped, origin=1)
    assert [dialog.kind.itemData(number) for number in range(dialog.kind.count())] == kinds
    assert "from 1" in dialog.kind.itemText(0)


def test_enter_asks_for_the_place_and_the_kind_stays_chosen(qtbot: QtBot) -> None:
    dialog = GotoDialog()
    qtbot.addWidget(dialog)
    dialog.offer(mapped=True, origin=0)
    dialog.kind.setCurrentIndex(1)
    heard = told(dialog.asked)
    dialog.present()
    qtbot.keyClicks(dialog.place, "1000, 2000")
    qtbot.keyClick(dialog.place, Qt.Key.Key_Return)
    assert heard == [("map", "1000, 2000")]
    dialog.show_error("Outside the scene.")
    assert dialog.error.isVisible()
    dialog.offer(mapped=True, origin=0)
    assert dialog.kind.currentData() == "map"
    assert not dialog.error.isVisible()


def test_the_picture_dialog_keeps_what_was_ticked_last_time(qtbot: QtBot) -> None:
    dialog = ViewPictureDialog()
    qtbot.addWidget(dialog)
    dialog.present("San Diego")
    dialog.form.set_values(dialog.form.values() | {"legend": False})
    dialog.close()
    dialog.present("Airport")
    order = dialog.order()
    assert (order["title"], order["legend"], order["colour_bar"]) == ("Airport", False, True)
    heard = told(dialog.ordered)
    qtbot.mouseClick(dialog.save, LEFT)
    assert len(heard) == 1
