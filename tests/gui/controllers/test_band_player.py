"""Playing shows one band after another, waits for the screen, and is one step to undo."""

from collections.abc import Callable
from typing import Any

import pytest

from hadviewer.core.cube import Cube, Scene, Window
from hadviewer.engine.session import Session
from hadviewer.gui.controllers.band_player import BandPlayerController
from hadviewer.gui.controllers.display import DisplayController
from hadviewer.gui.controllers.tiles import TileLoader
from hadviewer.gui.views.display_protocols import BandPlayerLike
from hadviewer.gui.views.protocols import DisplayPanelLike, ImageViewLike
from hadviewer.render.cache import ArrayCache
from hadviewer.render.tiling import Viewport


@pytest.fixture
def player(double: Callable[[type], Any]) -> Any:
    player = double(BandPlayerLike)
    player.backwards, player.looped = False, True
    return player


def start(double: Callable[[type], Any], session: Session, jobs: Any, player: Any) -> DisplayController:
    view = double(ImageViewLike)
    view.viewport = Viewport(Window(0, 12, 0, 17), 1.0)
    tiles = TileLoader(jobs, ArrayCache(2**24), ArrayCache(2**24), lambda job: None)
    display = DisplayController(session, jobs, view, double(DisplayPanelLike), None, tiles)  # type: ignore[arg-type]
    BandPlayerController(session, display, player)
    return display


def test_usable_bands_follow_one_another_round_and_round(
    double: Any, session: Session, jobs: Any, player: Any, make_cube: Callable[..., Cube]
) -> None:
    start(double, session, jobs, player)
    session.open(Scene(make_cube(bands=4, bad=(2,))))
    shown = []
    for _ in range(5):
        player.advanced.emit()
        shown.append(session.state.display.bands[0])
    assert shown[1:] == [*{1: [3, 0, 1, 3], 0: [1, 3, 0, 1], 3: [0, 1, 3, 0]}[shown[0]]]


def test_without_a_loop_it_pauses_at_the_end(double: Any, session: Session, jobs: Any, player: Any, cube: Cube) -> None:
    display = start(double, session, jobs, player)
    session.open(Scene(cube))
    display.set_mode("grey")
    display.set_band(0, 1)
    player.backwards, player.looped = True, False
    player.pause.reset_mock()
    player.advanced.emit()
    assert session.state.display.bands == (0,)
    player.advanced.emit()
    player.pause.assert_called_once()


def test_no_frame_is_asked_for_before_the_last_is_on_the_screen(
    double: Any, session: Session, held_jobs: Any, player: Any, cube: Cube
) -> None:
    display = start(double, session, held_jobs, player)
    session.open(Scene(cube))
    while held_jobs.held:
        held_jobs.perform()
    display.set_mode("grey")
    for _ in range(7):
        player.advanced.emit()
    assert session.state.display.bands == (3,)
    while held_jobs.held:
        held_jobs.perform()
    player.advanced.emit()
    assert session.state.display.bands == (4,)


def test_all_bands_played_are_one_step_to_undo(
    double: Any, session: Session, jobs: Any, player: Any, cube: Cube
) -> None:
    display = start(double, session, jobs, player)
    session.open(Scene(cube))
    display.set_mode("grey")
    for _ in range(4):
        player.advanced.emit()
    player.stopped.emit()
    session.undo()
    assert session.state.display.bands == (3,)


def test_another_scene_pauses(double: Any, session: Session, jobs: Any, player: Any, cube: Cube) -> None:
    start(double, session, jobs, player)
    player.pause.reset_mock()
    session.open(Scene(cube))
    player.pause.assert_called_once()
