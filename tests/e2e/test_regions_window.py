"""Regions of interest in the real window: draw, measure, detect with them, undo, write and read back."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

import hadviewer as hv
from hadviewer.core.bands import BandSet
from hadviewer.core.results import DetectionRequest
from hadviewer.io.writers.envi import write_envi_cube

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from hadviewer.gui.workbench import Workbench

LEFT = Qt.MouseButton.LeftButton
SHAPE = (40, 50)


@pytest.fixture
def bench(qtbot: "QtBot", workbench: "Callable[[], Workbench]", tmp_path: Path) -> "Workbench":
    """The window on a scene whose left half is of one material and whose right half is of another."""
    values = np.random.default_rng(0).normal(0.3, 0.01, (*SHAPE, 12)).astype(np.float32)
    values[:, 25:] += np.linspace(0, 1, 12, dtype=np.float32)
    header = tmp_path / "field.hdr"
    write_envi_cube(header, values, BandSet(12, centres=np.linspace(450, 2400, 12)))
    bench = workbench()
    bench.scene.open(header)
    qtbot.waitUntil(lambda: bench.session.cube is not None, timeout=20_000)
    settle(qtbot, bench)
    return bench


def settle(qtbot: "QtBot", bench: "Workbench") -> None:
    qtbot.waitUntil(lambda: bench.jobs.idle, timeout=60_000)
    QApplication.processEvents()


def place(bench: "Workbench", row: int, col: int) -> QPoint:
    return bench.image.active.position_of(row, col).toPoint()


def drag(bench: "Workbench", *pixels: tuple[int, int]) -> None:
    view = bench.image.active
    QTest.mousePress(view, LEFT, pos=place(bench, *pixels[0]))
    for pixel in pixels[1:]:
        QTest.mouseMove(view, place(bench, *pixel))
    QTest.mouseRelease(view, LEFT, pos=place(bench, *pixels[-1]))


def rows(bench: "Workbench") -> list[tuple[str, str]]:
    tree = bench.regions_panel.list
    items = [tree.topLevelItem(number) for number in range(tree.topLevelItemCount())]
    return [(item.text(0), item.text(1)) for item in items if item is not None]


def take(bench: "Workbench", command: str) -> None:
    bench.commands.actions.by_id[command].trigger()


def test_draw_paint_grow_and_undo(qtbot: "QtBot", bench: "Workbench") -> None:
    take(bench, "roi_rectangle")
    drag(bench, (2, 3), (6, 8), (11, 12))
    settle(qtbot, bench)
    assert rows(bench) == [("ROI 1", "100")]
    take(bench, "roi_new")
    take(bench, "roi_grow")
    bench.regions_panel.angle.setValue(10)
    qtbot.mouseClick(bench.image.active, LEFT, pos=place(bench, 20, 40))
    settle(qtbot, bench)
    assert rows(bench)[1] == ("ROI 2", "1,000"), "the right half"
    take(bench, "roi_brush")
    drag(bench, (30, 5), (30, 10))
    settle(qtbot, bench)
    assert rows(bench)[1][1] > "1,000"
    take(bench, "undo")
    settle(qtbot, bench)
    assert rows(bench)[1][1] == "1,000"
    qtbot.keyClick(bench.image.active, Qt.Key.Key_Escape)
    assert not any(button.isChecked() for button in bench.regions_panel.tools.values())


def test_averages_statistics_and_files(qtbot: "QtBot", bench: "Workbench", tmp_path: Path) -> None:
    take(bench, "roi_rectangle")
    drag(bench, (2, 3), (11, 12))
    take(bench, "roi_averages")
    settle(qtbot, bench)
    cube, (pin,) = bench.session.cube, bench.session.state.pins
    assert cube is not None
    wanted = cube.values()[2:12, 3:13].reshape(-1, 12)
    np.testing.assert_allclose(pin.values, wanted.mean(axis=0), rtol=1e-6)
    assert pin.colour == bench.session.state.regions[0].colour
    take(bench, "roi_statistics")
    settle(qtbot, bench)
    assert bench.region_statistics.isVisible()
    cell = bench.region_statistics.table.item(3, 3)
    assert cell is not None
    assert cell.text() == f"{wanted[:, 3].std():.5g}"
    bench.regions.save(tmp_path / "r.geojson", None)
    settle(qtbot, bench)
    bench.regions.open(tmp_path / "r.geojson")
    settle(qtbot, bench)
    assert rows(bench) == [("ROI 1", "100"), ("ROI 1", "100")]


def test_a_run_inside_a_region_with_another_as_background(qtbot: "QtBot", bench: "Workbench") -> None:
    take(bench, "roi_rectangle")
    drag(bench, (2, 3), (11, 12))
    take(bench, "roi_new")
    drag(bench, (20, 3), (35, 20))
    settle(qtbot, bench)
    bench.detector_panel.choose("grx")
    for number, role in ((1, "Detect inside"), (2, "Use as background")):
        bench.regions_panel.select(number)
        action = next(item for item in bench.regions_panel.context_menu().actions() if item.text() == role)
        action.trigger()
    bench.detection.run()
    qtbot.waitUntil(lambda: len(bench.session.state.results) == 1, timeout=60_000)
    entry = bench.session.state.results[0]
    assert entry.title == "GRX in ROI 1"
    assert entry.result.valid.sum() == 100
    cube = bench.session.cube
    assert cube is not None
    again = hv.detect(cube, DetectionRequest.model_validate(entry.result.request.model_dump()))
    np.testing.assert_array_equal(again.scores, entry.result.scores)
    assert any("'ROI 2'" in note for note in entry.result.notes)
