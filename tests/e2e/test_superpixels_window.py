"""Superpixels in the real window: cut live, listed, coloured by score, handed to SuperAD, exported."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication, QFileDialog, QPushButton

import hadviewer as hv
from hadviewer.core.bands import BandSet
from hadviewer.engine.export import export_result
from hadviewer.engine.inputs import make_again
from hadviewer.engine.recipe import read_recipe
from hadviewer.io.writers.envi import write_envi_cube

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from hadviewer.gui.workbench import Workbench

LEFT = Qt.MouseButton.LeftButton
ROWS, COLS, BANDS = 40, 50, 12


@pytest.fixture
def bench(qtbot: "QtBot", workbench: "Callable[[], Workbench]", tmp_path: Path) -> "Workbench":
    """The window on a scene of two materials with one odd pixel at line 10, sample 40 and a column without values."""
    values = np.random.default_rng(0).normal(0.3, 0.01, (ROWS, COLS, BANDS)).astype(np.float32)
    values[:, 25:] += np.linspace(0, 1, BANDS, dtype=np.float32)
    values[10, 40] += np.linspace(1, 0, BANDS, dtype=np.float32)
    values[:, 0] = -9999
    header = tmp_path / "field.hdr"
    write_envi_cube(header, values, BandSet(BANDS, centres=np.linspace(450, 2400, BANDS)), nodata=-9999)
    bench = workbench()
    bench.scene.open(header)
    qtbot.waitUntil(lambda: bench.session.cube is not None, timeout=20_000)
    settle(qtbot, bench)
    return bench


def settle(qtbot: "QtBot", bench: "Workbench") -> None:
    qtbot.waitUntil(lambda: bench.jobs.idle, timeout=60_000)
    QApplication.processEvents()


def compute(qtbot: "QtBot", bench: "Workbench", number: int = 30) -> None:
    bench.window.raise_dock("superpixels")
    bench.superpixel_panel.form.set_values({"number": number})
    qtbot.mouseClick(bench.superpixel_panel.run, LEFT)
    settle(qtbot, bench)


def detect(qtbot: "QtBot", bench: "Workbench", name: str) -> None:
    bench.window.raise_dock("detect")
    bench.detector_panel.choose(name)
    buttons = bench.detector_panel.findChildren(QPushButton)
    qtbot.mouseClick(next(button for button in buttons if button.text().startswith("Run")), LEFT)
    settle(qtbot, bench)


def test_a_turned_value_cuts_the_scene_again_and_no_data_is_left_out(qtbot: "QtBot", bench: "Workbench") -> None:
    bench.window.raise_dock("superpixels")
    panel = bench.superpixel_panel
    qtbot.mouseClick(panel.live, LEFT)
    settle(qtbot, bench)
    first = bench.session.state.segmentation
    assert first is not None
    assert (first.labels[:, 0] == -1).all()
    assert (first.labels[:, 1:] >= 0).all()
    number = panel.form.editor("number")
    number.setFocus()
    qtbot.keyClick(number, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(number, "20")
    qtbot.keyClick(number, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bench.session.state.segmentation is not first, timeout=60_000)
    settle(qtbot, bench)
    found = bench.session.state.segmentation
    assert found is not None
    assert found.count < first.count
    bench.commands.actions.by_id["undo"].trigger()
    assert bench.session.state.segmentation is None


def test_the_table_leads_to_the_superpixel_with_the_highest_score(qtbot: "QtBot", bench: "Workbench") -> None:
    compute(qtbot, bench)
    detect(qtbot, bench, "grx")
    bench.window.raise_dock("segments")
    bench.image.active.look_at(20.0, (30.0, 10.0))
    table = bench.segments_view.table
    table.sortByColumn(table.segments.titles.index("Highest"), Qt.SortOrder.DescendingOrder)
    place = table.visualRect(table.segments.index(0, 0)).center()
    qtbot.mouseClick(table.viewport(), LEFT, pos=place)
    settle(qtbot, bench)
    found, mapping = bench.session.state.segmentation, bench.image.active.mapping
    assert found is not None
    assert mapping is not None
    (picked,) = table.picked()
    assert found.labels[10, 40] == picked
    rows, cols = np.nonzero(found.labels == picked)
    assert np.abs(np.array(mapping.centre) - (rows.mean() + 0.5, cols.mean() + 0.5)).max() <= 0.6
    assert bench.segments_view.plot.shown_keys() == [1]


def test_superpixels_are_coloured_by_the_mean_score(qtbot: "QtBot", bench: "Workbench") -> None:
    compute(qtbot, bench)
    detect(qtbot, bench, "grx")
    bench.window.raise_dock("superpixels")
    before = bench.image.active.grab().toImage()
    fill = bench.superpixel_panel.fill
    fill.setFocus()
    qtbot.keyClick(fill, Qt.Key.Key_Down)
    settle(qtbot, bench)
    assert "segment_scores" in [layer.kind for layer in bench.session.state.layers]
    assert bench.image.active.grab().toImage() != before


def test_superad_runs_on_the_superpixels_on_the_screen_and_its_recipe_makes_them_again(
    qtbot: "QtBot", bench: "Workbench", tmp_path: Path
) -> None:
    compute(qtbot, bench, 24)
    found, cube = bench.session.state.segmentation, bench.session.cube
    assert found is not None
    assert cube is not None
    bench.window.raise_dock("detect")
    bench.detector_panel.choose("superad")
    box = bench.detector_panel.use_segments
    assert box.text() == f"Use the {found.count} superpixels shown"
    box.click()
    assert bench.detector_panel.uses_segments()
    bench.detector_panel._forms["superad"].set_values({"steps": 3})
    detect(qtbot, bench, "superad")
    (entry,) = bench.session.state.results
    assert entry.result.provenance["inputs"]["segments"] == found.options
    export_result(entry.result, tmp_path / "out", ("npy",), cube=cube)
    recipe = read_recipe(next((tmp_path / "out").glob("*recipe.json")))
    made = make_again(recipe.inputs, hv.open(tmp_path / "field.hdr").cube)
    np.testing.assert_array_equal(made["segments"].array, found.labels)


def test_superpixels_are_exported_by_their_command(
    qtbot: "QtBot", bench: "Workbench", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compute(qtbot, bench)

    def choose(parent: object, title: str, suggestion: str, filters: str) -> tuple[str, str]:
        chosen = next(line for line in filters.split(";;") if "NumPy" in line)
        return str(tmp_path / "parts"), chosen

    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    bench.commands.actions.by_id["export_superpixels"].trigger()
    settle(qtbot, bench)
    found = bench.session.state.segmentation
    assert found is not None
    np.testing.assert_array_equal(np.load(tmp_path / "parts.npy"), found.labels + 1)
