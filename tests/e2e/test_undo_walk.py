"""Undo and redo through everything: a long walk of random changes is taken back to the start and done again."""

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.random import Generator
from PyQt6.QtWidgets import QApplication

from hadviewer.core.bands import BandSet
from hadviewer.core.cube import Truth, Window
from hadviewer.core.library import SpectralLibrary
from hadviewer.core.region import rectangle
from hadviewer.core.results import DetectionRequest, DetectionResult
from hadviewer.core.runs import of_pixels
from hadviewer.engine.profiles import ProfileLine
from hadviewer.engine.review import Mark
from hadviewer.engine.session import FILL_KINDS, Segmentation, SessionState
from hadviewer.io.writers.envi import write_envi_cube

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from hadviewer.gui.workbench import Workbench

ROWS, COLS, BANDS = 24, 30, 10
MODES = ("true", "grey", "custom", "cir", "grey")
STRETCHES = ("linear", "minmax", "equalise", "gaussian", "root", "log", "deviation", "manual")
COMMANDS = (
    "views_1",
    "views_2",
    "views_3",
    "next_view",
    "link_views",
    "alike_views",
    "band_next",
    "band_previous",
    "auto_stretch",
    "toggle_layer",
    "layer_only",
    "opacity_up",
    "opacity_down",
    "toggle_mask",
    "remove_result",
    "roi_new",
    "roi_from_mask",
    "clear_pins",
    "undo",
    "redo",
    "undo",
)


class Walker:
    """Changes everything that can be changed, by chance but always the same way."""

    def __init__(self, bench: "Workbench", rng: Generator) -> None:
        self.bench, self.session, self.rng = bench, bench.session, rng
        self.ways = (
            *[self.command] * 6,
            *[self.display, self.limits, self.layer, self.pins, self.regions, self.bands, self.profile],
            *[self.results, self.threshold, self.review, self.segments, self.library, self.spectra, self.truth],
        )

    def step(self) -> None:
        self.ways[self.rng.integers(len(self.ways))]()

    def pick(self, things: "tuple") -> object:  # type: ignore[type-arg]
        return things[self.rng.integers(len(things))]

    def pixel(self) -> tuple[int, int]:
        return int(self.rng.integers(ROWS)), int(self.rng.integers(COLS))

    def command(self) -> None:
        self.bench.commands.actions.by_id[str(self.pick(COMMANDS))].trigger()

    def display(self) -> None:
        display = self.bench.display
        display.set_mode(self.pick(MODES))  # type: ignore[arg-type]
        display.set_band(0, int(self.rng.integers(BANDS)))
        display.stretch.set_kind(self.pick(STRETCHES))  # type: ignore[arg-type]
        display.stretch.set_scope(self.pick(("scene", "view")))  # type: ignore[arg-type]

    def limits(self) -> None:
        for low in (0.1, 0.15, 0.2):
            self.bench.display.stretch.set_limits(0, low, 0.5)
        self.pick((self.bench.display.stretch.settle, self.bench.display.stretch.cancel))()  # type: ignore[operator]

    def layer(self) -> None:
        layers = self.session.state.layers
        if layers:
            layer = layers[self.rng.integers(len(layers))]
            self.bench.layers.set_opacity(layer.id, float(self.rng.random()))
            self.session.seal_step()
            self.session.update_layer(layer.id, blend=self.pick(("normal", "screen")), visible=bool(self.pick((0, 1))))
            self.session.move_layer(layer.id, int(self.rng.integers(len(layers))))
            if self.rng.random() < 0.2:
                self.session.remove_layer(layer.id)

    def pins(self) -> None:
        self.bench.spectrum.collect([self.pixel(), self.pixel()], merge="path")
        self.session.pins.update([1], name="first", visible=bool(self.pick((0, 1))))
        if self.rng.random() < 0.3:
            self.session.pins.remove([pin.id for pin in self.session.state.pins[:2]])

    def regions(self) -> None:
        (row, col), regions = self.pixel(), self.session.regions
        self.bench.regions.draw(rectangle(Window(row, row + 4, col, col + 5)), bool(self.rng.random() < 0.3))
        if self.session.state.regions:
            regions.update(self.session.state.regions[0].id, name="field", visible=bool(self.pick((0, 1))))
            if self.rng.random() < 0.2:
                regions.remove([self.session.state.regions[-1].id])

    def bands(self) -> None:
        self.bench.bad_bands.mark([int(self.rng.integers(BANDS))], bool(self.rng.random() < 0.5))

    def profile(self) -> None:
        self.session.set_profile(ProfileLine(self.pixel(), self.pixel()))

    def results(self) -> None:
        scores = self.rng.random((ROWS, COLS), np.float32)
        request = DetectionRequest(detector="grx")
        self.session.add_result(DetectionResult(request, scores, np.isfinite(scores), 0.1), "Map")
        self.session.select_result(self.session.state.results[0].id)

    def threshold(self) -> None:
        if self.session.selected is not None:
            self.session.set_threshold(self.session.selected.id, float(self.rng.random()))

    def review(self) -> None:
        if self.session.selected is not None:
            pixel, state = self.pixel(), self.pick(("good", "bad"))
            mark = Mark(self.session.selected.id, state, "", pixel, of_pixels([pixel]))  # type: ignore[arg-type]
            self.session.reviews.become(f"Mark as {state}", self.session.state.reviews[:1], [mark])

    def segments(self) -> None:
        labels = (np.arange(ROWS * COLS, dtype=np.int32) // 60).reshape(ROWS, COLS)
        means = self.rng.random((12, BANDS), np.float32)
        self.session.set_segmentation(Segmentation(labels, means) if self.rng.random() < 0.7 else None)
        self.session.fill_segments(self.pick((*FILL_KINDS, None)))  # type: ignore[arg-type]

    def library(self) -> None:
        waves = np.linspace(400, 2500, 40)
        self.session.shelf.add([SpectralLibrary("rocks", ("a", "b"), self.rng.random((2, 40), np.float32), waves)])
        self.session.shelf.remove(1)

    def spectra(self) -> None:
        self.session.pins.intend(window=self.pick(((1, 1), (3, 3))), treatment=self.pick(("none", "continuum")))
        self.session.seal_step()

    def truth(self) -> None:
        self.session.set_truth(Truth(self.rng.random((ROWS, COLS)) > 0.98) if self.rng.random() < 0.8 else None)


@pytest.fixture
def bench(qtbot: "QtBot", workbench: "Callable[[], Workbench]", tmp_path: Path) -> "Workbench":
    """The program with a small scene."""
    bench = workbench()
    cube = np.random.default_rng(0).normal(0.3, 0.02, (ROWS, COLS, BANDS)).astype(np.float32)
    write_envi_cube(tmp_path / "field.hdr", cube, BandSet(BANDS, centres=np.linspace(450, 2400, BANDS)))
    bench.scene.open(tmp_path / "field.hdr")
    qtbot.waitUntil(lambda: bench.session.cube is not None, timeout=20_000)
    settle(qtbot, bench)
    return bench


def settle(qtbot: "QtBot", bench: "Workbench") -> None:
    qtbot.waitUntil(lambda: bench.jobs.idle, timeout=30_000)
    QApplication.processEvents()


def parts(state: SessionState) -> list[object]:
    return [getattr(state, part.name) for part in fields(state)]


def seen(qtbot: "QtBot", bench: "Workbench") -> object:
    """The image as painted, the whole scene in sight and no region chosen; without docks, which decide its size."""
    bench.regions_panel.selected.emit(None)
    for dock in bench.window.docks.values():
        dock.hide()
    bench.window.message_bar.hide()
    bench.image.fit()
    settle(qtbot, bench)
    return bench.image.grab().toImage()


@pytest.mark.parametrize("seed", [1, 2])
def test_a_walk_is_taken_back_to_the_start_and_done_again(qtbot: "QtBot", bench: "Workbench", seed: int) -> None:
    session = bench.session
    walker = Walker(bench, np.random.default_rng(seed))
    for number in range(60):
        walker.step()
        if number % 10 == 0:
            settle(qtbot, bench)
    settle(qtbot, bench)
    end, ahead, picture = session.state, session.redo_label, seen(qtbot, bench)
    assert session.state is end, "looking changes nothing"
    taken: list[SessionState] = []
    while session.undo_label:
        taken.append(session.state)
        session.undo()
        if len(taken) % 10 == 0:
            settle(qtbot, bench)
    settle(qtbot, bench)
    assert len(taken) > 30
    assert parts(session.state) == parts(SessionState())
    assert bench.image.active.mapping is None
    while taken:
        session.redo()
        assert session.state is taken.pop()
    settle(qtbot, bench)
    assert session.state is end
    assert session.redo_label == ahead
    assert seen(qtbot, bench) == picture
