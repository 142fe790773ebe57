"""The image shows the bands asked for, reads no others, and reads none twice."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from hadviewer.core.cube import Cube, Scene, Truth, Window
from hadviewer.core.errors import ReadError
from hadviewer.engine.session import Session
from hadviewer.gui.controllers.display import DisplayController
from hadviewer.gui.controllers.tiles import TileLoader
from hadviewer.gui.views.protocols import DisplayPanelLike, ImageViewLike
from hadviewer.render.cache import ArrayCache
from hadviewer.render.composite import Rgba
from hadviewer.render.tiling import Viewport


@pytest.fixture
def view(double: Callable[[type], Any]) -> Any:
    view = double(ImageViewLike)
    view.viewport = Viewport(Window(0, 12, 0, 17), 1.0)
    return view


@pytest.fixture
def panel(double: Callable[[type], Any]) -> Any:
    return double(DisplayPanelLike)


@pytest.fixture
def controller(
    session: Session, jobs: Any, view: Any, panel: Any, messages: Any, tiles: TileLoader
) -> DisplayController:
    return DisplayController(session, jobs, view, panel, messages, tiles)


def reads(cube: Cube) -> set[int]:
    return {band for bands in cube.source.reads for band in bands}  # type: ignore[attr-defined]


def shown(view: Any) -> Rgba:
    """What the image view was last given, of the pixels in sight."""
    (piece,) = view.set_image.call_args.args[0].pieces(view.viewport)
    return piece.pixels


def test_opening_shows_true_colour_and_reads_only_its_bands(
    controller: DisplayController, session: Session, view: Any, panel: Any, cube: Cube
) -> None:
    session.open(Scene(cube))
    view.set_scene.assert_called_with((12, 17))
    assert shown(view).shape == (12, 17, 4)
    assert panel.show_display.call_args.args[:2] == ("true", (3, 1, 0))
    assert reads(cube) == {0, 1, 3}
    assert view.set_busy.call_args.args == (False,)


def test_the_panel_is_told_modes_and_bands_of_the_cube(
    controller: DisplayController, session: Session, panel: Any, make_cube: Callable[..., Cube]
) -> None:
    session.open(Scene(make_cube(bad=(2,))))
    modes, bands = panel.set_cube.call_args.args
    assert [mode for mode, _ in modes] == ["true", "cir", "grey", "custom", "pca", "mnf"]
    assert [band.usable for band in bands] == [True, True, False, *[True] * 5]
    assert bands[0].label == "Band 1 (450.0 nm)"
    assert bands[0].wavelength == 450


def test_a_cube_without_wavelengths_gets_false_colour_with_a_note(
    controller: DisplayController, session: Session, panel: Any, make_cube: Callable[..., Cube]
) -> None:
    session.open(Scene(make_cube(wavelengths=False)))
    assert ("true", "False colour") in panel.set_cube.call_args.args[0]
    assert "No wavelengths" in panel.show_display.call_args.args[2]


def test_another_stretch_reads_nothing(
    controller: DisplayController, session: Session, view: Any, panel: Any, cube: Cube
) -> None:
    session.open(Scene(cube))
    before, count = shown(view), len(cube.source.reads)  # type: ignore[attr-defined]
    panel.stretch_chosen.emit("minmax", 0.0)
    assert len(cube.source.reads) == count  # type: ignore[attr-defined]
    assert not np.array_equal(shown(view), before)
    assert panel.show_limits.call_args.args[0][0] == (30_000, 31_116)


def test_going_back_to_a_band_reads_nothing(
    controller: DisplayController, session: Session, panel: Any, cube: Cube
) -> None:
    session.open(Scene(cube))
    panel.band_chosen.emit(0, 6)
    count = len(cube.source.reads)  # type: ignore[attr-defined]
    panel.band_chosen.emit(0, 3)
    assert len(cube.source.reads) == count  # type: ignore[attr-defined]
    assert session.state.display.bands == (3, 1, 0)


def test_one_band_more_reads_one_band(controller: DisplayController, session: Session, panel: Any, cube: Cube) -> None:
    session.open(Scene(cube))
    panel.band_chosen.emit(2, 7)
    assert cube.source.reads[-1] == (7,)  # type: ignore[attr-defined]
    assert session.state.display.mode == "custom"


def test_the_red_channel_is_the_first_band(
    controller: DisplayController, session: Session, view: Any, cube: Cube
) -> None:
    session.open(Scene(cube))
    controller.stretch.set_limits(0, 30_000, 30_255)
    assert shown(view)[0, :, 2].tolist() == list(range(17)), "blue comes first"


def test_limits_by_hand_leave_the_other_channels_alone(
    controller: DisplayController, session: Session, panel: Any, cube: Cube
) -> None:
    session.open(Scene(cube))
    before = panel.show_limits.call_args.args[0]
    panel.limits_edited.emit(1, 5.0, 6.0)
    assert panel.show_limits.call_args.args[0] == (before[0], (5, 6), before[2])
    assert panel.show_stretch.call_args.args[0] == "manual"
    session.undo()
    assert panel.show_limits.call_args.args[0] == before


def test_the_same_plan_starts_no_job(controller: DisplayController, session: Session, view: Any, cube: Cube) -> None:
    session.open(Scene(cube))
    count = view.set_image.call_count
    session.set_truth(Truth(np.zeros((12, 17), dtype=bool)))
    controller.stretch.automatic()
    assert view.set_image.call_count == count
    assert view.set_scene.call_count == 1


def test_bands_are_stepped_in_grey_past_bad_ones(
    controller: DisplayController, session: Session, make_cube: Callable[..., Cube]
) -> None:
    session.open(Scene(make_cube(bad=(4, 5))))
    controller.step_band(1)
    assert (session.state.display.mode, session.state.display.bands) == ("grey", (3,))
    controller.step_band(1)
    assert session.state.display.bands == (6,)
    for _ in range(3):
        controller.step_band(1)
    assert session.state.display.bands == (7,)
    controller.step_band(-1)
    controller.step_band(-1)
    assert session.state.display.bands == (3,)


def test_scrolling_through_bands_is_one_step_to_undo(
    controller: DisplayController, session: Session, cube: Cube
) -> None:
    session.open(Scene(cube))
    controller.set_mode("grey")
    for _ in range(4):
        controller.step_band(1)
    session.undo()
    assert session.state.display.bands == (3,)


@pytest.mark.parametrize("mode", ["cir", "grey", "custom", "true"])
def test_modes_follow_each_other(
    controller: DisplayController, session: Session, panel: Any, cube: Cube, mode: Any
) -> None:
    session.open(Scene(cube))
    for before in ("grey", "custom", "true"):
        controller.set_mode(before)  # type: ignore[arg-type]
        controller.set_mode(mode)
        assert panel.show_display.call_args.args[0] == mode
        assert len(panel.show_display.call_args.args[1]) == (1 if mode == "grey" else 3)


@pytest.fixture
def held(session: Session, held_jobs: Any, view: Any, panel: Any, messages: Any) -> Any:
    """Jobs of a controller that wait until told to be done."""
    loader = TileLoader(held_jobs, ArrayCache(2**24), ArrayCache(2**24), lambda job: None)
    held_jobs.controller = DisplayController(session, held_jobs, view, panel, messages, loader)
    return held_jobs


def test_the_present_picture_stays_until_the_next_is_complete(
    held: Any, session: Session, view: Any, cube: Cube
) -> None:
    session.open(Scene(cube))
    while held.held:
        held.perform()
    count = view.set_image.call_count
    held.controller.set_mode("grey")
    assert view.set_busy.call_args.args == (True,)
    held.perform()
    assert held.held, "its tiles are still to be made"
    assert view.set_image.call_count == count
    held.perform()
    assert view.set_image.call_count == count + 1
    assert view.set_image.call_args.args[0].source.bands == (3,)
    assert view.set_busy.call_args.args == (False,)


def test_of_many_plans_in_a_row_only_the_last_comes_next(
    held: Any, session: Session, view: Any, panel: Any, cube: Cube
) -> None:
    session.open(Scene(cube))
    while held.held:
        held.perform()
    held.controller.set_mode("grey")
    for _ in range(4):
        held.controller.step_band(1)
    assert len(held.held) == 1
    while held.held:
        held.perform()
    assert reads(cube) == {0, 1, 3, 7}
    assert panel.show_display.call_args.args[1] == (7,)
    assert view.set_image.call_args.args[0].source.bands == (7,)


def test_a_picture_of_a_scene_that_was_closed_is_not_shown(held: Any, session: Session, view: Any, cube: Cube) -> None:
    session.open(Scene(cube))
    session.undo()
    while held.held:
        held.perform()
    assert [call.args for call in view.set_image.call_args_list if call.args[0] is not None] == []
    view.set_scene.assert_called_with(None)


def test_bands_are_read_where_one_looks_while_the_stretch_is_still_found(
    held: Any, session: Session, view: Any, make_cube: Callable[..., Cube]
) -> None:
    cube = make_cube(rows=600, cols=700)
    view.viewport = Viewport(Window(0, 300, 0, 300), 1.0)
    session.open(Scene(cube))
    held.perform(1)
    strips = list(cube.source.windows)  # type: ignore[attr-defined]
    assert {(strip.col0, strip.col1) for strip in strips} == {(0, 512)}
    assert [row for strip in strips for row in range(strip.row0, strip.row1)] == list(range(512))
    while held.held:
        held.perform()
    assert cube.source.windows.count(strips[0]) == 1, "nor twice"  # type: ignore[attr-defined]


def test_a_file_that_cannot_be_read_is_a_message(
    controller: DisplayController, session: Session, messages: Any, view: Any, cube: Cube, monkeypatch: Any
) -> None:
    def fail(*arguments: Any) -> None:
        raise ReadError("small.dat has become shorter.", details="at byte 12")

    monkeypatch.setattr(cube.source, "read", fail)
    session.open(Scene(cube))
    messages.error.assert_called_once_with("small.dat has become shorter.", "at byte 12")
    assert view.set_busy.call_args.args == (False,)


def test_limits_of_a_large_scene_do_not_depend_on_what_is_in_sight(
    session: Session, jobs: Any, view: Any, panel: Any, messages: Any, make_cube: Callable[..., Cube]
) -> None:
    loader = TileLoader(jobs, ArrayCache(100), ArrayCache(2**24), lambda job: None)
    DisplayController(session, jobs, view, panel, messages, loader)
    cube = make_cube(rows=600, cols=700)
    view.viewport = Viewport(Window(0, 5, 0, 5), 8.0)
    session.open(Scene(cube))
    assert loader.planes is not None
    assert not loader.planes.whole
    limits = panel.show_limits.call_args.args[0]
    assert limits[0] == pytest.approx(np.percentile(cube.plane(3), (2, 98)), rel=0.01)
    view.viewport = Viewport(Window(590, 600, 690, 700), 8.0)
    view.view_changed.emit()
    assert panel.show_limits.call_count == 1
    assert len(list(view.set_image.call_args.args[0].pieces(view.viewport))) == 1


def test_minimum_and_maximum_are_exact_where_all_pixels_are_at_hand(
    controller: DisplayController, session: Session, panel: Any, make_cube: Callable[..., Cube]
) -> None:
    cube = make_cube(rows=700, cols=500)
    session.open(Scene(cube))
    panel.stretch_chosen.emit("minmax", 0.0)
    assert panel.show_limits.call_args.args[0][2] == (0, 100 * 699 + 499)


def test_bands_marked_as_bad_are_avoided_by_presets_and_said_in_the_list(
    controller: DisplayController, session: Session, panel: Any, view: Any, cube: Cube
) -> None:
    session.open(Scene(cube))
    scenes = view.set_scene.call_count
    usable = np.ones(8, dtype=bool)
    usable[3] = False
    session.change("Bad bands", scene=Scene(replace(cube, bands=cube.bands.with_usable(usable))))
    assert [band.usable for band in panel.set_bands.call_args.args[0]] == usable.tolist()
    assert 3 not in panel.show_display.call_args.args[1]
    assert view.set_scene.call_count == scenes
    session.undo()
    assert panel.show_display.call_args.args[1] == (3, 1, 0)


def test_stepping_goes_round_when_it_loops(
    controller: DisplayController, session: Session, make_cube: Callable[..., Cube]
) -> None:
    session.open(Scene(make_cube(bad=(0, 7))))
    controller.set_mode("grey")
    controller.set_band(0, 6)
    assert not controller.step_band(1)
    assert controller.step_band(1, loop=True)
    assert session.state.display.bands == (1,)
    assert controller.step_band(-1, loop=True)
    assert session.state.display.bands == (6,)


def test_a_view_taken_away_while_its_picture_is_made_is_left_alone(
    session: Session, held_jobs: Any, view: Any, panel: Any, messages: Any, double: Callable[[type], Any], cube: Cube
) -> None:
    """By then the widget is gone."""
    tiles = TileLoader(held_jobs, ArrayCache(2**24), ArrayCache(2**24), lambda job: None)
    controller = DisplayController(session, held_jobs, view, panel, messages, tiles)
    second = double(ImageViewLike)
    second.viewport = view.viewport
    session.open(Scene(cube))
    session.views.show(2)
    controller.set_views([view, second])
    session.views.show(1)
    controller.set_views([view])
    second.reset_mock()
    while held_jobs.held:
        held_jobs.perform()
    assert second.method_calls == []
    assert shown(view).shape == (12, 17, 4)
