"""A scene far larger than the window: right pixels wherever one looks, and a file that fails spoils nothing."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PyQt6.QtGui import QColor

from hadviewer.core.bands import BandSet
from hadviewer.core.cube import Cube, Scene
from hadviewer.core.results import DetectionRequest, DetectionResult
from hadviewer.io.sources import ArraySource

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from hadviewer.gui.workbench import Workbench

Make = Callable[[], "Workbench"]
ROWS, COLS, BANDS = 9_000, 2_000, 4
"""More pixels than are kept whole."""


def value(row: np.ndarray | int, col: np.ndarray | int, band: int) -> np.ndarray | int:
    return (row // 40 * 37 + col // 40 * 11 + band * 50) % 200 + 1


@pytest.fixture
def large_file(tmp_path: Path) -> Path:
    """A BSQ file of bytes whose squares of 40 x 40 pixels are of one value; 0 is no data."""
    row, col = np.ogrid[:ROWS, :COLS]
    path = tmp_path / "large.dat"
    with path.open("wb") as file:
        for band in range(BANDS):
            plane = np.asarray(value(row, col, band)).astype(np.uint8)
            plane[4_000:4_080, 400:480] = 0
            file.write(plane.tobytes())
    path.with_suffix(".hdr").write_text(
        f"ENVI\nlines = {ROWS}\nsamples = {COLS}\nbands = {BANDS}\ndata type = 1\ninterleave = bsq\n"
        "byte order = 0\ndata ignore value = 0\ndefault bands = {1, 2, 3}\n"
    )
    return path


def settle(qtbot: "QtBot", bench: "Workbench") -> None:
    qtbot.waitUntil(lambda: bench.complete and bench.jobs.idle, timeout=60_000)


def colour_at(bench: "Workbench", row: int, col: int) -> tuple[int, int, int]:
    view = bench.image.active
    colour = QColor(view.grab().toImage().pixel(view.position_of(row, col).toPoint()))
    return colour.red(), colour.green(), colour.blue()


@pytest.mark.parametrize("percent", [800, 100, 50, 23])
def test_the_colour_of_a_pixel_is_that_of_its_values_at_every_size(
    qtbot: "QtBot", workbench: Make, large_file: Path, percent: int
) -> None:
    bench = workbench()
    bench.scene.open(large_file, truth=None)
    settle(qtbot, bench)
    assert bench.tiles.planes is not None
    assert not bench.tiles.planes.whole
    for channel in range(3):
        bench.display.stretch.set_limits(channel, 0, 255)
    bench.image.set_zoom(percent)
    for row, col in [(20, 20), (8_980, 1_980), (4_180, 1_020), (2_500, 60)]:
        bench.image.centre_on(row, col)
        settle(qtbot, bench)
        assert colour_at(bench, row, col) == tuple(value(row, col, band) for band in range(3))


def test_no_data_lets_the_ground_show_through(qtbot: "QtBot", workbench: Make, large_file: Path) -> None:
    bench = workbench()
    bench.scene.open(large_file, truth=None)
    settle(qtbot, bench)
    bench.image.set_zoom(100)
    bench.image.centre_on(4_040, 440)
    settle(qtbot, bench)
    hole = colour_at(bench, 4_040, 440)
    bench.image.set_zoom(10)
    bench.image.centre_on(4_040, 440)
    settle(qtbot, bench)
    assert colour_at(bench, 4_040, 440) == hole
    assert hole == bench.image.palette().midlight().color().getRgb()[:3]


def test_a_file_cut_short_while_scrolling_is_one_sentence_and_the_rest_stays_in_sight(
    qtbot: "QtBot", workbench: Make, large_file: Path
) -> None:
    bench = workbench()
    bench.scene.open(large_file, truth=None)
    settle(qtbot, bench)
    bench.image.set_zoom(100)
    bench.image.centre_on(500, 500)
    settle(qtbot, bench)
    seen = colour_at(bench, 500, 500)
    os.truncate(large_file, ROWS * COLS * (BANDS - 2) + 3_000_000)
    said: list[str] = []
    error = bench.messages.error
    bench.messages.error = lambda text, details="": (said.append(text), error(text, details))  # type: ignore[method-assign]
    for row in range(2_000, 9_000, 500):
        bench.image.centre_on(row, 1_000)
    settle(qtbot, bench)
    bench.image.centre_on(8_000, 1_500)
    settle(qtbot, bench)
    assert said == ["large.dat has become shorter since it was opened. Open it again."]
    bench.image.centre_on(500, 500)
    settle(qtbot, bench)
    assert colour_at(bench, 500, 500) == seen


@pytest.mark.skipif(os.name == "nt", reason="an open file cannot be deleted there")
def test_a_file_deleted_while_scrolling_stays_in_sight_until_it_is_closed(
    qtbot: "QtBot", workbench: Make, large_file: Path
) -> None:
    bench = workbench()
    bench.scene.open(large_file, truth=None)
    settle(qtbot, bench)
    for channel in range(3):
        bench.display.stretch.set_limits(channel, 0, 255)
    large_file.unlink()
    bench.image.set_zoom(100)
    bench.image.centre_on(8_020, 1_500)
    settle(qtbot, bench)
    assert colour_at(bench, 8_020, 1_500) == tuple(value(8_020, 1_500, band) for band in range(3))


def test_a_scene_may_be_closed_or_replaced_while_it_is_read(qtbot: "QtBot", workbench: Make, large_file: Path) -> None:
    bench = workbench()
    other = Scene(Cube(ArraySource(np.full((30, 40, 3), 7, dtype=np.float32)), BandSet(3)))
    for _ in range(3):
        bench.scene.open(large_file, truth=None)
        qtbot.waitUntil(lambda: bench.image.mapping is not None and bench.image.mapping.shape == (ROWS, COLS))
        for row in range(0, 9_000, 700):
            bench.image.centre_on(row, 1_000)
        bench.session.open(other)
        settle(qtbot, bench)
        assert bench.image.mapping is not None
        assert bench.image.mapping.shape == (30, 40)
        assert bench.tiles.planes is not None
        assert bench.tiles.planes.cube is other.cube
        assert all(source.planes is bench.tiles.planes for source, _ in bench.tiles._tile_cache._arrays)
    bench.session.undo()


@pytest.mark.parametrize("shape", [(1, 1), (1, 700), (700, 1), (2, 5_000)])
def test_scenes_of_one_line_or_one_sample_are_shown(qtbot: "QtBot", workbench: Make, shape: tuple[int, int]) -> None:
    bench = workbench()
    array = np.arange(shape[0] * shape[1] * 3, dtype=np.float32).reshape(*shape, 3)
    bench.session.open(Scene(Cube(ArraySource(array), BandSet(3))))
    settle(qtbot, bench)
    for percent in (1600, 100, 7):
        bench.image.set_zoom(percent)
        settle(qtbot, bench)
    bench.image.set_zoom(1600)
    for channel in range(3):
        bench.display.stretch.set_limits(channel, 0, 255)
    bench.image.centre_on(0, 0)
    settle(qtbot, bench)
    assert colour_at(bench, 0, 0) == (1, 1, 0), "the bands of a false colour picture of three"


@pytest.mark.parametrize("place", [(19_999, 1_199), (10_237, 511), (0, 0)])
def test_one_hot_pixel_of_a_long_scene_is_seen_at_every_zoom(
    qtbot: "QtBot", workbench: Make, place: tuple[int, int]
) -> None:
    bench = workbench()
    shape = (20_000, 1_200)
    flat = np.broadcast_to(np.zeros(1, dtype=np.float32), (*shape, 1))
    bench.session.open(Scene(Cube(ArraySource(flat), BandSet(1))))
    scores = np.zeros(shape, dtype=np.float32)
    scores[place] = 1
    entry = bench.session.add_result(
        DetectionResult(DetectionRequest(detector="grx"), scores, np.isfinite(scores), 0.1), "GRX"
    )
    layer = next(item for item in bench.session.state.layers if item.result == entry.id)
    bench.session.update_layer(layer.id, colormap="gray", limits=(0.0, 1.0), opacity=1.0)
    settle(qtbot, bench)
    view = bench.image.active
    for percent in (400, 100, 61, 30, 11, 3, 1.2, None):
        if percent is None:
            view.fit()
        else:
            view.set_zoom(percent)
            view.centre_on(*place)
        settle(qtbot, bench)
        pixels = view.grab().toImage()
        middle = view.position_of(*place).toPoint()
        near = [
            QColor(pixels.pixel(middle.x() + x, middle.y() + y)).lightness()
            for x in (-2, -1, 0, 1)
            for y in (-2, -1, 0, 1)
            if 0 <= middle.x() + x < pixels.width() and 0 <= middle.y() + y < pixels.height()
        ]
        assert max(near) == 255, percent
