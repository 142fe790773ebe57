"""A detector watched while it learns, in the real window: curves, pictures, truth, cancel, export, superpixels."""

import csv
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication, QFileDialog

import hadviewer as hv
from hadviewer.core.bands import BandSet
from hadviewer.engine import catalog
from hadviewer.engine.film import SCORES
from hadviewer.gui.controllers.layer_pictures import GHOST
from hadviewer.gui.views.training_view import TrainingView
from hadviewer.io.writers.envi import write_envi_cube

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from hadviewer.gui.workbench import Workbench

Make = Callable[[], "Workbench"]
ROWS, COLS, BANDS = 30, 36, 20
LEFT = Qt.MouseButton.LeftButton
STEPS = 50


@pytest.fixture
def plugins(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The detector that learns, here and in the worker process."""
    folder = str(Path(__file__).parent)
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([folder, str(Path(hv.__file__).parents[1])]))
    monkeypatch.setenv(catalog.PLUGIN_VARIABLE, "learning_detectors")
    catalog.detectors.cache_clear()
    yield
    catalog.detectors.cache_clear()
    sys.modules.pop("learning_detectors", None)


@pytest.fixture
def bench(qtbot: "QtBot", plugins: None, workbench: Make, tmp_path: Path) -> "Workbench":
    """The window with a small scene, its truth, and the detector that learns chosen; the training dock in front."""
    rng = np.random.default_rng(3)
    cube = rng.normal(0.3, 0.02, (ROWS, COLS, BANDS)).astype(np.float32)
    truth = np.zeros((ROWS, COLS), dtype=np.uint8)
    truth[8, 10:15] = truth[20, 25] = 1
    cube[truth > 0] += np.linspace(0, 0.4, BANDS, dtype=np.float32)
    write_envi_cube(tmp_path / "field.hdr", cube, BandSet(BANDS, centres=np.linspace(450, 2400, BANDS)))
    np.save(tmp_path / "field_truth.npy", truth)
    bench = workbench()
    bench.scene.open(tmp_path / "field.hdr")
    qtbot.waitUntil(lambda: bench.session.cube is not None, timeout=20_000)
    bench.scene.open_truth(tmp_path / "field_truth.npy")
    bench.detector_panel.choose("learning")
    bench.window.raise_dock("training")
    settle(qtbot, bench)
    return bench


def settle(qtbot: "QtBot", bench: "Workbench") -> None:
    """Wait until nothing is left to do or to show."""
    qtbot.waitUntil(lambda: bench.jobs.idle, timeout=60_000)
    view = view_of(bench)
    qtbot.waitUntil(lambda: not view._timer.isActive() and bench.jobs.idle, timeout=20_000)
    QApplication.processEvents()


def view_of(bench: "Workbench") -> TrainingView:
    view = bench.window.findChild(TrainingView)
    assert isinstance(view, TrainingView)
    return view


def press_run(qtbot: "QtBot", bench: "Workbench") -> None:
    qtbot.mouseClick(bench.detector_panel.run_button, LEFT)


def run(qtbot: "QtBot", bench: "Workbench") -> None:
    count = len(bench.session.state.results)
    press_run(qtbot, bench)
    qtbot.waitUntil(lambda: len(bench.session.state.results) == count + 1, timeout=60_000)
    settle(qtbot, bench)


def set_pause(bench: "Workbench", seconds: float) -> None:
    bench.detector_panel._forms["learning"].set_values({"pause": seconds})


def names(view: TrainingView) -> list[str]:
    return [tile.name for tile in view.page.tiles.shown]


def test_every_step_of_a_run_can_be_looked_at_afterwards(qtbot: "QtBot", bench: "Workbench") -> None:
    view = view_of(bench)
    set_pause(bench, 0.05)
    run(qtbot, bench)
    assert view.runs.currentText() == "LEARNING"
    assert [line.title for line in view.plot.lines] == ["loss", "gap", "AUC"]
    loss = view.plot.lines[0]
    assert loss.x.tolist() == list(range(1, STEPS + 1))
    assert (np.diff(loss.y) < 0).all()
    entry = bench.session.state.results[0]
    area = view.plot.lines[2]
    assert area.x[-1] == STEPS
    assert area.y[-1] == pytest.approx(bench.session.evaluations[entry.id].auc_pd_pf)
    assert names(view) == [SCORES, "Input", "Reconstruction", "Let through", "Attention"]
    np.testing.assert_array_equal(view.page.tiles.shown[0].values, entry.result.scores)
    view.slider.setFocus()
    qtbot.keyClick(view.slider, Qt.Key.Key_Home)
    settle(qtbot, bench)
    assert view.step == 0
    assert not view.live.isChecked()
    first = view.page.tiles.shown[0].values
    assert first is not None
    assert first.mean() > entry.result.scores.mean()
    bench.window.grab()


def test_it_is_watched_live_and_cancelled_without_a_trace_in_the_session(qtbot: "QtBot", bench: "Workbench") -> None:
    view = view_of(bench)
    set_pause(bench, 0.2)
    before = bench.session.state
    laid: list[bool] = []
    show = bench.image.active.set_layers
    bench.image.active.set_layers = lambda layers: (  # type: ignore[method-assign]
        laid.append(any(item.id == GHOST for item in layers)),
        show(layers),
    )
    press_run(qtbot, bench)
    qtbot.waitUntil(lambda: view.step is not None and view.step >= 3, timeout=60_000)
    assert view.runs.currentText() == "LEARNING …"
    assert any(laid)
    bench.commands.actions.by_id["cancel"].trigger()
    settle(qtbot, bench)
    assert bench.session.state is before
    assert not laid[-1]
    assert view.runs.currentText() == "LEARNING"
    assert view.page.tiles.shown


def test_runs_are_compared_by_their_area_against_the_step(qtbot: "QtBot", bench: "Workbench") -> None:
    view = view_of(bench)
    set_pause(bench, 0.02)
    run(qtbot, bench)
    bench.detector_panel._presets["learning"].choose("Quick")
    run(qtbot, bench)
    assert [view.runs.itemText(n) for n in range(view.runs.count())] == ["LEARNING", "LEARNING 2"]
    assert [line.title for line in view.plot.lines if line.title.startswith("AUC")] == ["AUC", "AUC LEARNING"]
    bench.session.set_truth(None)
    settle(qtbot, bench)
    assert [line.title for line in view.plot.lines] == ["loss", "gap"]
    bench.session.undo()
    settle(qtbot, bench)
    assert len([line for line in view.plot.lines if line.title.startswith("AUC")]) == 2
    qtbot.mouseClick(view.forget_button, LEFT)
    settle(qtbot, bench)
    assert [view.runs.itemText(n) for n in range(view.runs.count())] == ["LEARNING"]
    assert len(bench.session.state.results) == 2


def test_curves_pictures_and_steps_are_written(
    qtbot: "QtBot", bench: "Workbench", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = view_of(bench)
    run(qtbot, bench)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "out"))
    menu = view.export_button.menu()
    assert menu is not None
    for action, name in zip(menu.actions(), ("curves.csv", "", "film.png"), strict=True):
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, name=name: (str(tmp_path / "out" / name), ""))
        action.trigger()
        settle(qtbot, bench)
    lines = (tmp_path / "out" / "curves.csv").read_text(encoding="utf-8").splitlines()
    rows = list(csv.DictReader(lines[1:]))
    assert len(rows) == STEPS
    assert float(rows[0]["loss"]) > float(rows[-1]["loss"])
    with Image.open(tmp_path / "out" / "film.png") as film:
        assert film.n_frames > 1
    assert (tmp_path / "out" / f"learning-reconstruction-{STEPS}.png").is_file()


def test_a_detector_that_shows_nothing_leaves_the_dock_as_it_is(qtbot: "QtBot", bench: "Workbench") -> None:
    bench.detector_panel.choose("grx")
    run(qtbot, bench)
    assert view_of(bench).runs.count() == 0


def test_the_superpixels_on_the_screen_are_used_and_the_recipe_tells_how_they_are_made(
    qtbot: "QtBot", bench: "Workbench"
) -> None:
    bench.superpixel_panel.form.set_values({"number": 20})
    bench.superpixel_panel.submit()
    settle(qtbot, bench)
    found = bench.session.state.segmentation
    assert found is not None
    bench.detector_panel.use_segments.setChecked(True)
    run(qtbot, bench)
    result = bench.session.state.results[0].result
    assert f"{found.count} superpixels were handed in." in result.notes
    assert result.provenance["inputs"]["segments"]["number"] == 20
