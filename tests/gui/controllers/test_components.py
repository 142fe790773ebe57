"""Component pictures are computed when a view wants them, honour bad bands, and can be given up."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from hadviewer.core.bands import BandSet
from hadviewer.core.cube import Cube, Scene, Window
from hadviewer.engine.jobs import JobRunner
from hadviewer.engine.session import Session
from hadviewer.gui.controllers.components import ComponentsController
from hadviewer.gui.controllers.cursor import CursorController
from hadviewer.gui.controllers.display import DisplayController
from hadviewer.gui.controllers.tiles import TileLoader
from hadviewer.gui.views.protocols import DisplayPanelLike, ImageViewLike, MessagesLike, ReadoutLike
from hadviewer.io.sources import ArraySource
from hadviewer.render.cache import ArrayCache
from hadviewer.render.tiling import Viewport


class Bench:
    """A display and its components, with doubles for views."""

    def __init__(self, double: Callable[[type], Any], runner: JobRunner) -> None:
        self.session, self.jobs = Session(), runner
        self.view, self.panel = double(ImageViewLike), double(DisplayPanelLike)
        self.messages = double(MessagesLike)
        self.view.viewport = Viewport(Window(0, 12, 0, 17), 1.0)
        self.tiles = TileLoader(runner, ArrayCache(2**24), ArrayCache(2**24), lambda job: None)
        self.display = DisplayController(self.session, runner, self.view, self.panel, self.messages, self.tiles)
        self.components = ComponentsController(
            self.session, runner, self.tiles, self.display, self.panel, self.messages
        )

    def heavy(self) -> list[int]:
        return [n for n, entry in enumerate(self.jobs.held) if entry.job.heavy]  # type: ignore[attr-defined]

    def perform_all(self) -> None:
        while self.jobs.held:  # type: ignore[attr-defined]
            self.jobs.perform()  # type: ignore[attr-defined]


@pytest.fixture
def bench(double: Callable[[type], Any], jobs: JobRunner) -> Bench:
    return Bench(double, jobs)


@pytest.fixture
def held(double: Callable[[type], Any], held_jobs: JobRunner) -> Bench:
    return Bench(double, held_jobs)


@pytest.fixture
def noisy() -> Cube:
    values = np.random.default_rng(2).normal(5, 1, (12, 17, 6)).astype(np.float32)
    return Cube(ArraySource(values), BandSet(6, centres=np.linspace(450, 1000, 6)))


def names(bench: Bench) -> list[str]:
    return [band.label for band in bench.panel.set_bands.call_args.args[0]]


@pytest.mark.parametrize(("kind", "word"), [("pca", "PC 1"), ("mnf", "MNF 1")])
def test_three_components_are_shown_and_listed(bench: Bench, noisy: Cube, kind: Any, word: str) -> None:
    bench.session.open(Scene(noisy))
    count = bench.view.set_image.call_count
    bench.panel.mode_chosen.emit(kind)
    assert bench.view.set_image.call_count > count
    assert bench.panel.show_display.call_args.args[:2] == (kind, (0, 1, 2))
    assert names(bench)[0].startswith(word)
    assert bench.panel.show_work.call_args.args == ("",)


def test_undo_shows_the_bands_again(bench: Bench, noisy: Cube) -> None:
    bench.session.open(Scene(noisy))
    bench.panel.mode_chosen.emit("pca")
    bench.session.undo()
    assert bench.panel.show_display.call_args.args[0] == "true"
    assert names(bench)[0] == "Band 1 (450.0 nm)"


def test_components_are_browsed_in_grey_and_computed_once(bench: Bench, noisy: Cube) -> None:
    bench.session.open(Scene(noisy))
    bench.panel.mode_chosen.emit("pca")
    planes = bench.tiles.planes_of("pca")
    bench.display.step_band(1)
    assert bench.session.state.display.bands == (0,)
    bench.display.step_band(1)
    assert bench.session.state.display.bands == (1,)
    assert bench.panel.show_display.call_args.args[:2] == ("pca", (1,))
    assert bench.tiles.planes_of("pca") is planes


def test_from_components_to_grey_shows_a_band(bench: Bench, noisy: Cube) -> None:
    bench.session.open(Scene(noisy))
    bench.panel.mode_chosen.emit("mnf")
    bench.panel.mode_chosen.emit("grey")
    assert bench.session.state.display.mode == "grey"
    assert names(bench)[0] == "Band 1 (450.0 nm)"


def test_while_they_are_computed_it_is_said_and_nothing_waits(held: Bench, noisy: Cube) -> None:
    held.session.open(Scene(noisy))
    held.perform_all()
    held.panel.mode_chosen.emit("pca")
    assert held.panel.show_work.call_args.args[0] == "Principal components"
    assert [entry.job.heavy for entry in held.jobs.held] == [True]  # type: ignore[attr-defined]


def test_cancelled_the_view_goes_back_to_bands(held: Bench, noisy: Cube) -> None:
    held.session.open(Scene(noisy))
    held.perform_all()
    held.panel.mode_chosen.emit("pca")
    held.panel.work_cancelled.emit()
    held.perform_all()
    assert held.session.state.display.mode == "true"
    assert held.panel.show_work.call_args.args == ("",)
    assert held.tiles.planes_of("pca") is None


def test_a_failure_is_told_once_and_not_repeated(bench: Bench, noisy: Cube) -> None:
    bench.session.open(Scene(noisy))
    noisy.source.read = None  # type: ignore[attr-defined]
    bench.panel.mode_chosen.emit("pca")
    assert bench.messages.error.call_count == 1
    assert bench.session.state.display.mode == "true"


def test_another_scene_makes_them_void(held: Bench, noisy: Cube, cube: Cube) -> None:
    held.session.open(Scene(noisy))
    held.perform_all()
    held.panel.mode_chosen.emit("pca")
    held.session.open(Scene(cube))
    held.perform_all()
    assert held.tiles.planes_of("pca") is None
    assert held.panel.show_work.call_args.args == ("",)


def test_other_bad_bands_give_other_components(bench: Bench, noisy: Cube) -> None:
    bench.session.open(Scene(noisy))
    bench.panel.mode_chosen.emit("pca")
    before = bench.tiles.planes_of("pca")
    usable = np.array([True, True, False, True, True, True])
    marked = replace(noisy, bands=noisy.bands.with_usable(usable))
    bench.session.change("Bad bands", scene=Scene(marked))
    after = bench.tiles.planes_of("pca")
    assert after is not None
    assert after is not before
    assert after.cube.shape[2] == 5


def test_the_readout_tells_components_by_name(bench: Bench, noisy: Cube, double: Callable[[type], Any]) -> None:
    readout = double(ReadoutLike)
    cursor = CursorController(bench.session, bench.jobs, bench.view, readout, bench.tiles)
    bench.session.open(Scene(noisy))
    bench.panel.mode_chosen.emit("pca")
    bench.session.set_cursor((4, 5))
    planes = bench.tiles.planes_of("pca")
    assert planes is not None
    value = float(planes.cube.pixel(4, 5)[0])
    assert f"PC 1: {value:.5g}" in readout.set_text.call_args.args[0]
    bench.session.count_from(1)
    cursor.refresh()
    assert readout.set_text.call_args.args[0].startswith("Line 5, sample 6")


def test_limits_set_for_bands_are_not_kept_for_components(bench: Bench, noisy: Cube) -> None:
    bench.session.open(Scene(noisy))
    bench.display.stretch.set_limits(0, 4.0, 6.0)
    bench.panel.mode_chosen.emit("pca")
    assert bench.session.state.display.stretch.limits == ()
    assert bench.session.state.display.stretch.kind == "linear"
    bench.session.undo()
    assert bench.session.state.display.stretch.limits[0] == (4.0, 6.0)
    bench.panel.mode_chosen.emit("grey")
    assert bench.session.state.display.stretch.limits[0] == (4.0, 6.0)
