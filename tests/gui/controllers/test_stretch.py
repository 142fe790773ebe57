"""Stretches are chosen, typed and dragged live, as one step each, and a drag can be taken back."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from hadviewer.core.bands import BandSet
from hadviewer.core.cube import Cube, Scene, Window
from hadviewer.engine.display import StretchIntent
from hadviewer.engine.session import Session
from hadviewer.gui.controllers.display import DisplayController
from hadviewer.gui.controllers.tiles import TileLoader
from hadviewer.gui.views.protocols import DisplayPanelLike, ImageViewLike
from hadviewer.io.sources import ArraySource
from hadviewer.render.cache import ArrayCache
from hadviewer.render.tiling import Viewport


@pytest.fixture
def panel(double: Callable[[type], Any]) -> Any:
    return double(DisplayPanelLike)


@pytest.fixture
def view(double: Callable[[type], Any]) -> Any:
    view = double(ImageViewLike)
    view.viewport = Viewport(Window(0, 12, 0, 17), 1.0)
    return view


@pytest.fixture
def controller(
    session: Session, jobs: Any, view: Any, panel: Any, messages: Any, tiles: TileLoader, cube: Cube
) -> DisplayController:
    session.open(Scene(cube))
    return DisplayController(session, jobs, view, panel, messages, tiles)


def limits(panel: Any) -> Any:
    return panel.show_limits.call_args.args[0]


@pytest.mark.parametrize("kind", ["minmax", "deviation", "root", "log", "equalise", "gaussian", "manual"])
def test_every_stretch_is_one_step_and_goes_back(
    controller: DisplayController, session: Session, panel: Any, view: Any, kind: str
) -> None:
    before = session.state.display
    count = view.set_image.call_count
    panel.stretch_chosen.emit(kind, 2.0)
    assert session.state.display.stretch.kind == kind
    assert panel.show_stretch.call_args.args[0] == kind
    assert view.set_image.call_count > count or kind == "manual"
    session.undo()
    assert session.state.display == before


def test_the_amount_is_of_the_kind_that_is_shown(controller: DisplayController, session: Session, panel: Any) -> None:
    panel.stretch_chosen.emit("deviation", 3.0)
    panel.stretch_chosen.emit("root", 1.0)
    assert session.state.display.stretch == StretchIntent("root", 1.0, sigmas=3.0)
    panel.stretch_chosen.emit("equalise", 0.0)
    assert session.state.display.stretch.percent == 1.0


def test_a_drag_is_one_step_to_undo(controller: DisplayController, session: Session, panel: Any) -> None:
    before = limits(panel)
    for high in (30_100.0, 30_200.0, 30_300.0):
        panel.limits_edited.emit(0, 30_000.0, high)
    panel.limits_settled.emit()
    assert limits(panel)[0] == (30_000, 30_300)
    session.undo()
    assert limits(panel) == before


def test_a_drag_taken_back_leaves_what_was_and_no_step(
    controller: DisplayController, session: Session, panel: Any
) -> None:
    panel.limits_edited.emit(1, 5.0, 6.0)
    panel.limits_settled.emit()
    panel.limits_edited.emit(1, 5.0, 99.0)
    panel.limits_edited.emit(1, 5.0, 500.0)
    panel.limits_cancelled.emit()
    assert limits(panel)[1] == (5, 6)
    session.undo()
    assert session.state.display.stretch == StretchIntent()


def test_cancel_without_a_drag_takes_nothing_back(controller: DisplayController, session: Session, panel: Any) -> None:
    panel.stretch_chosen.emit("root", 2.0)
    panel.limits_cancelled.emit()
    assert session.state.display.stretch.kind == "root"


def test_dragging_a_bent_stretch_keeps_its_kind(controller: DisplayController, session: Session, panel: Any) -> None:
    panel.stretch_chosen.emit("gaussian", 0.0)
    panel.limits_edited.emit(2, 0.0, 700.0)
    stretch = session.state.display.stretch
    assert stretch.kind == "gaussian"
    assert stretch.limits[2] == (0, 700)


def test_what_is_in_sight_decides_when_asked_and_follows(
    controller: DisplayController, session: Session, panel: Any, view: Any
) -> None:
    panel.scope_chosen.emit("view")
    view.viewport = Viewport(Window(2, 4, 3, 9), 1.0)
    controller.follow_views()
    panel.stretch_chosen.emit("minmax", 0.0)
    assert limits(panel)[0] == (30_203, 30_308)
    view.viewport = Viewport(Window(0, 1, 0, 2), 1.0)
    controller.follow_views()
    assert limits(panel)[0] == (30_000, 30_001)


def test_the_whole_scene_does_not_follow_the_view(controller: DisplayController, panel: Any, view: Any) -> None:
    count = panel.show_limits.call_count
    view.viewport = Viewport(Window(2, 4, 3, 9), 1.0)
    controller.follow_views()
    assert panel.show_limits.call_count == count


def test_automatic_is_two_percent_of_what_decided_before(
    controller: DisplayController, session: Session, panel: Any
) -> None:
    panel.scope_chosen.emit("view")
    panel.stretch_chosen.emit("log", 1.0)
    controller.stretch.automatic()
    assert session.state.display.stretch == StretchIntent(scope="view")


def test_histograms_are_those_of_the_channels_shown(controller: DisplayController, panel: Any) -> None:
    shown = panel.show_histograms.call_args.args[0]
    assert len(shown) == 3
    assert [found.counts.sum() for found in shown] == [12 * 17] * 3
    assert all(found.low <= low < high <= found.high for found, (low, high) in zip(shown, limits(panel), strict=True))


def test_exact_limits_take_the_place_of_the_sampled_ones(
    session: Session, jobs: Any, view: Any, panel: Any, messages: Any, tiles: TileLoader
) -> None:
    array = np.zeros((600, 400, 1), dtype=np.float32)
    array[1::2, 1::2] = np.arange(300 * 200).reshape(300, 200, 1)
    DisplayController(session, jobs, view, panel, messages, tiles)
    session.open(Scene(Cube(ArraySource(array), BandSet(1))))
    assert limits(panel)[0] == pytest.approx(np.percentile(array, (2, 98)))


def test_extremes_of_a_band_too_large_for_memory_follow_the_sample(
    session: Session, jobs: Any, view: Any, panel: Any, messages: Any
) -> None:
    array = np.random.default_rng(0).random((600, 400, 1)).astype(np.float32)
    array[333, 222] = 50
    tiles = TileLoader(jobs, ArrayCache(1000), ArrayCache(2**24), lambda job: None)
    DisplayController(session, jobs, view, panel, messages, tiles)
    session.open(Scene(Cube(ArraySource(array), BandSet(1))))
    assert tiles.planes is not None
    assert not tiles.planes.whole
    panel.stretch_chosen.emit("minmax", 0.0)
    assert limits(panel)[0] == (array.min(), 50)
