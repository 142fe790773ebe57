"""The main job in the real window: open, look, click, detect, cancel, fail, compare, export, undo, reopen."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QApplication, QPushButton

import hadviewer as hv
from hadviewer.core.bands import BandSet
from hadviewer.engine import catalog
from hadviewer.engine.export import export_result
from hadviewer.gui.action_tables import ACTIONS
from hadviewer.io.writers.envi import write_envi_cube

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from hadviewer.gui.workbench import Workbench

Make = Callable[[], "Workbench"]
ROWS, COLS, BANDS = 40, 50, 24


@pytest.fixture
def plugins(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The misbehaving detectors, here and in the worker process."""
    folder = str(Path(__file__).parent)
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([folder, str(Path(hv.__file__).parents[1])]))
    monkeypatch.setenv(catalog.PLUGIN_VARIABLE, "slow_detectors")
    catalog.detectors.cache_clear()
    yield
    catalog.detectors.cache_clear()
    sys.modules.pop("slow_detectors", None)


@pytest.fixture
def scene_file(tmp_path: Path) -> Path:
    """A small ENVI scene with wavelengths, a bad band, a bright odd pixel at (7, 11) and truth beside it."""
    rng = np.random.default_rng(0)
    cube = rng.normal(0.3, 0.02, (ROWS, COLS, BANDS)).astype(np.float32)
    cube[7, 11] += np.linspace(0, 0.5, BANDS, dtype=np.float32)
    usable = np.ones(BANDS, dtype=bool)
    usable[20] = False
    header = tmp_path / "field.hdr"
    write_envi_cube(header, cube, BandSet(BANDS, centres=np.linspace(450, 2400, BANDS), usable=usable))
    truth = np.zeros((ROWS, COLS), dtype=np.uint8)
    truth[7, 11] = 1
    np.save(tmp_path / "field_truth.npy", truth)
    return header


def settle(qtbot: "QtBot", bench: "Workbench", timeout: int = 60_000) -> None:
    """Wait until nothing is left to do."""
    qtbot.waitUntil(lambda: bench.jobs.idle, timeout=timeout)
    QApplication.processEvents()


def opened(qtbot: "QtBot", bench: "Workbench", path: Path) -> None:
    bench.scene.open(path)
    qtbot.waitUntil(lambda: bench.session.cube is not None, timeout=20_000)
    settle(qtbot, bench)


def place(bench: "Workbench", row: int, col: int) -> QPoint:
    return bench.image.active.position_of(row, col).toPoint()


def run(qtbot: "QtBot", bench: "Workbench", name: str) -> None:
    bench.detector_panel.choose(name)
    button = next(item for item in bench.detector_panel.findChildren(QPushButton) if item.text().startswith("Run"))
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_click_shows_the_spectrum_of_that_pixel(qtbot: "QtBot", workbench: Make, scene_file: Path) -> None:
    bench = workbench()
    opened(qtbot, bench, scene_file)
    qtbot.mouseClick(bench.image.active, Qt.MouseButton.LeftButton, pos=place(bench, 7, 11))
    settle(qtbot, bench)
    (_, values), *_ = bench.spectrum.spectra()
    cube = bench.session.cube
    assert cube is not None
    np.testing.assert_array_equal(values, cube.pixel(7, 11))


def test_run_compare_threshold_export_and_reopen(
    qtbot: "QtBot", workbench: Make, scene_file: Path, tmp_path: Path
) -> None:
    bench = workbench()
    opened(qtbot, bench, scene_file)
    bench.scene.open_truth(tmp_path / "field_truth.npy")
    settle(qtbot, bench)
    run(qtbot, bench, "grx")
    qtbot.waitUntil(lambda: len(bench.session.state.results) == 1, timeout=60_000)
    settle(qtbot, bench)
    entry = bench.session.state.results[0]
    expected = hv.detect(hv.open(scene_file).cube, "grx").scores
    np.testing.assert_array_equal(entry.result.scores, expected)
    assert entry.result.provenance["bands_used"] == BANDS - 1
    assert bench.session.evaluations[entry.id].auc_pd_pf == 1.0
    bench.session.set_threshold(entry.id, float(expected[7, 11]))
    settle(qtbot, bench)
    written = export_result(
        entry.result,
        tmp_path / "out",
        ("envi", "npy", "png"),
        cube=bench.session.cube,
        threshold=float(expected[7, 11]),
        truth=bench.session.truth,
    )
    assert {path.name for path in written} >= {
        "field_grx.hdr",
        "field_grx_mask.hdr",
        "field_grx_roc.csv",
        "recipe.json",
    }
    again = hv.open(tmp_path / "out" / "field_grx.hdr").cube
    np.testing.assert_array_equal(again.values()[:, :, 0], expected)
    opened(qtbot, bench, tmp_path / "out" / "field_grx.hdr")
    assert bench.session.cube is not None
    assert bench.session.cube.shape == (ROWS, COLS, 1)


@pytest.mark.usefixtures("plugins")
def test_cancel_ends_a_detector_that_does_not_listen(qtbot: "QtBot", workbench: Make, scene_file: Path) -> None:
    bench = workbench()
    opened(qtbot, bench, scene_file)
    bench.jobs.warm_up()
    settle(qtbot, bench)
    run(qtbot, bench, "endless")
    qtbot.waitUntil(lambda: any(job.fraction for job in bench.jobs.active), timeout=30_000)
    clock = time.monotonic()
    bench.detection.cancel_all()
    settle(qtbot, bench, timeout=10_000)
    assert time.monotonic() - clock < 10
    assert not bench.session.state.results
    run(qtbot, bench, "grx")
    qtbot.waitUntil(lambda: len(bench.session.state.results) == 1, timeout=60_000)


@pytest.mark.usefixtures("plugins")
def test_a_run_is_not_lost_by_closing_the_window_by_mistake(qtbot: "QtBot", workbench: Make, scene_file: Path) -> None:
    bench = workbench()
    opened(qtbot, bench, scene_file)
    bench.store.update(ask_to_save=True)
    run(qtbot, bench, "endless")
    for answer in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_S):
        assert any(job.heavy for job in bench.jobs.active)
        bench.window.close()
        assert bench.window.isVisible()
        box = bench.session_dialogs.box
        assert box is not None
        assert "has not ended" in box.text()
        qtbot.keyClick(box.defaultButton() if answer == Qt.Key.Key_Return else box, answer)
        qtbot.waitUntil(lambda: bench.session_dialogs.box is None)
    qtbot.waitUntil(lambda: not bench.window.isVisible())
    bench.store.update(ask_to_save=False)


@pytest.mark.usefixtures("plugins")
@pytest.mark.parametrize("name", ["refusing", "buggy", "suicidal"])
def test_a_failed_run_is_one_sentence_and_the_next_works(
    qtbot: "QtBot", workbench: Make, scene_file: Path, name: str
) -> None:
    bench = workbench()
    opened(qtbot, bench, scene_file)
    run(qtbot, bench, name)
    qtbot.waitUntil(lambda: bool(bench.messages.errors), timeout=60_000)
    settle(qtbot, bench)
    assert bench.window.message_bar.isVisible()
    assert not bench.session.state.results
    run(qtbot, bench, "grx")
    qtbot.waitUntil(lambda: len(bench.session.state.results) == 1, timeout=60_000)


def test_closing_leaves_no_process(qtbot: "QtBot", workbench: Make, scene_file: Path) -> None:
    bench = workbench()
    opened(qtbot, bench, scene_file)
    run(qtbot, bench, "grx")
    qtbot.waitUntil(lambda: len(bench.session.state.results) == 1, timeout=60_000)
    pid = bench.worker.pid
    assert pid is not None
    bench.window.close()
    bench.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_undo_to_the_start_and_redo_to_the_end(qtbot: "QtBot", workbench: Make, scene_file: Path) -> None:
    bench = workbench()
    session = bench.session
    opened(qtbot, bench, scene_file)
    run(qtbot, bench, "grx")
    qtbot.waitUntil(lambda: len(session.state.results) == 1, timeout=60_000)
    qtbot.mouseClick(bench.image.active, Qt.MouseButton.LeftButton, pos=place(bench, 3, 4))
    bench.display.set_mode("grey")
    settle(qtbot, bench)
    last = session.state
    while session.undo_label:
        bench.commands.actions.by_id["undo"].trigger()
    assert session.cube is None
    while session.redo_label:
        bench.commands.actions.by_id["redo"].trigger()
    settle(qtbot, bench)
    assert session.state == last or all(
        getattr(session.state, name) is getattr(last, name)
        for name in ("scene", "display", "layers", "pins", "results")
    )


def test_a_file_that_cannot_open_leaves_everything_as_it_was(
    qtbot: "QtBot", workbench: Make, scene_file: Path, tmp_path: Path
) -> None:
    bench = workbench()
    opened(qtbot, bench, scene_file)
    before = bench.session.state
    (tmp_path / "broken.hdr").write_text("ENVI\nsamples = 5\n")
    bench.scene.open(tmp_path / "broken.hdr")
    qtbot.waitUntil(lambda: bool(bench.messages.errors), timeout=20_000)
    assert "broken" in bench.messages.errors[0]
    assert bench.session.state is before


def test_every_action_has_a_place_and_a_handler(qtbot: "QtBot", workbench: Make) -> None:
    bench = workbench()
    assert set(bench.commands.actions.by_id) == {spec.id for spec in ACTIONS}
    keys = [spec.shortcut for spec in ACTIONS if spec.shortcut]
    assert len(keys) == len(set(keys))


def test_detection_runs_in_another_process(
    qtbot: "QtBot", workbench: Make, scene_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The result arrives although detecting in the window's own process is made impossible."""

    def refuse(*arguments: object) -> None:
        raise AssertionError("a detector ran in the window's process")

    bench = workbench()
    opened(qtbot, bench, scene_file)
    monkeypatch.setattr("hadviewer.engine.detection.run", refuse)
    run(qtbot, bench, "grx")
    qtbot.waitUntil(lambda: len(bench.session.state.results) == 1, timeout=60_000)
    assert bench.worker.pid not in (None, os.getpid())


def test_layout_and_recent_files_are_remembered(qtbot: "QtBot", workbench: Make, scene_file: Path) -> None:
    first = workbench()
    opened(qtbot, first, scene_file)
    first.window.docks["superpixels"].hide()
    first.window.docks["log"].show()
    first.window.close()
    first.close()
    second = workbench()
    assert second.window.docks["superpixels"].isHidden()
    assert not second.window.docks["log"].isHidden()
    assert second.store.settings.recent == (str(scene_file.resolve()),)


def test_real_scene_with_truth(qtbot: "QtBot", workbench: Make, scenes: Path) -> None:
    bench = workbench()
    opened(qtbot, bench, scenes / "abu-airport-1.mat")
    run(qtbot, bench, "grx")
    qtbot.waitUntil(lambda: bool(bench.session.evaluations), timeout=60_000)
    assert next(iter(bench.session.evaluations.values())).auc_pd_pf == pytest.approx(0.8221, abs=1e-4)
