"""Classical detectors and their evaluation in the real window: choose by keyboard, chain, compare, threshold, fuse."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QApplication, QFileDialog

import hadviewer as hv
from hadviewer.analysis.figures import FIGURES as ALL_FIGURES
from hadviewer.analysis.objects import Cleaning, close_gaps, clump, sieve
from hadviewer.core.bands import BandSet
from hadviewer.engine import catalog
from hadviewer.engine.export import mask_of
from hadviewer.gui.views.results_panel import TITLE
from hadviewer.gui.views.roc_view import FIGURES, OBJECTS, SPACE, RocView
from hadviewer.gui.views.threshold_view import ThresholdView
from hadviewer.io.writers.envi import write_envi_cube

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from hadviewer.gui.workbench import Workbench

Make = Callable[[], "Workbench"]
ROWS, COLS, BANDS = 30, 36, 20
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def scene_file(tmp_path: Path) -> Path:
    """A small ENVI scene with two odd objects, of five pixels and of one, and the truth beside it."""
    rng = np.random.default_rng(3)
    cube = rng.normal(0.3, 0.02, (ROWS, COLS, BANDS)).astype(np.float32)
    truth = np.zeros((ROWS, COLS), dtype=np.uint8)
    truth[8, 10:15] = truth[20, 25] = 1
    cube[truth > 0] += np.linspace(0, 0.4, BANDS, dtype=np.float32)
    header = tmp_path / "field.hdr"
    write_envi_cube(header, cube, BandSet(BANDS, centres=np.linspace(450, 2400, BANDS)))
    np.save(tmp_path / "field_truth.npy", truth)
    return header


@pytest.fixture
def bench(qtbot: "QtBot", workbench: Make, scene_file: Path) -> "Workbench":
    """The window with scene and truth open."""
    bench = workbench()
    bench.scene.open(scene_file)
    qtbot.waitUntil(lambda: bench.session.cube is not None, timeout=20_000)
    bench.scene.open_truth(scene_file.parent / "field_truth.npy")
    settle(qtbot, bench)
    return bench


def settle(qtbot: "QtBot", bench: "Workbench") -> None:
    """Wait until nothing is left to do."""
    qtbot.waitUntil(lambda: bench.jobs.idle, timeout=60_000)
    QApplication.processEvents()


def run(qtbot: "QtBot", bench: "Workbench", typed: str) -> None:
    """Type into the search field, go down to what is found, press Run."""
    found = bench.detector_panel.detectors
    found.search.setFocus()
    found.search.clear()
    qtbot.keyClicks(found.search, typed)
    count = len(bench.session.state.results)
    qtbot.mouseClick(bench.detector_panel.run_button, LEFT)
    qtbot.waitUntil(lambda: len(bench.session.state.results) == count + 1, timeout=60_000)
    settle(qtbot, bench)


def view_of(bench: "Workbench", kind: type) -> "RocView | ThresholdView":
    found = bench.window.findChild(kind)
    assert isinstance(found, kind)
    return found


def press_row(qtbot: "QtBot", bench: "Workbench", row: int, held: Qt.KeyboardModifier) -> None:
    table = bench.results_panel.table
    place = table.visualItemRect(table.item(row, TITLE)).center()
    qtbot.mouseClick(table.viewport(), LEFT, held, place)


def test_a_chain_of_transforms_before_a_detector_found_by_typing(qtbot: "QtBot", bench: "Workbench") -> None:
    chain = bench.detector_panel.transforms
    menu = {action.text(): action for action in chain.menu.actions()}
    for spec in (catalog.transforms().get("pca"), catalog.transforms().get("zscore")):
        menu[spec.title].trigger()
    chain._steps[0].form.set_values({"components": 6})
    QApplication.processEvents()
    qtbot.mouseClick(chain._steps[1].up_button, LEFT)
    assert [step.id for step in chain.steps()] == ["zscore", "pca"]
    run(qtbot, bench, "reed yu global")
    entry = bench.session.state.results[0]
    assert entry.result.request.detector == "grx"
    assert [step.id for step in entry.result.request.transforms] == ["zscore", "pca"]
    cube = bench.session.cube
    assert cube is not None
    expected = hv.detect(cube, "grx", transforms=["zscore", ("pca", {"components": 6})]).scores
    np.testing.assert_array_equal(entry.result.scores, expected)


def test_curves_figures_and_their_export(
    qtbot: "QtBot", bench: "Workbench", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(qtbot, bench, "grx")
    bench.window.raise_dock("roc")
    view = view_of(bench, RocView)
    assert isinstance(view, RocView)
    for page in range(view.tabs.count()):
        qtbot.mouseClick(view.tabs, LEFT, pos=view.tabs.tabRect(page).center())
        assert view.pages.currentIndex() == page
        view.grab()
    entry = bench.session.state.results[0]
    evaluation = bench.session.evaluations[entry.id]
    false_alarm, detection = view.space.planes[0].curve(entry.id).getData()
    assert {*zip(false_alarm, detection, strict=True)} <= {
        *zip(evaluation.roc3d.false_alarm, evaluation.roc3d.detection, strict=True)
    }
    assert view.objects.curve(entry.id).getData()[1].max() == 1.0
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *arguments: (str(tmp_path / "figures.csv"), ""))
    assert view.tabs.currentIndex() == FIGURES
    qtbot.mouseClick(view.export_button, LEFT)
    settle(qtbot, bench)
    lines = (tmp_path / "figures.csv").read_text(encoding="utf-8").splitlines()
    (row,) = csv.DictReader(line for line in lines if not line.startswith("# "))
    assert list(row)[1:] == [figure.symbol for figure in ALL_FIGURES.values()]
    assert float(row["AUC (PD, PF)"]) == evaluation.auc_pd_pf


def test_pages_follow_the_truth_as_it_goes_and_comes(qtbot: "QtBot", bench: "Workbench") -> None:
    run(qtbot, bench, "grx")
    bench.window.raise_dock("roc")
    view = view_of(bench, RocView)
    assert isinstance(view, RocView)
    bench.session.set_truth(None)
    settle(qtbot, bench)
    for page in (SPACE, OBJECTS, FIGURES):
        view.tabs.setCurrentIndex(page)
        assert view.hint.isVisible()
    bench.session.undo()
    settle(qtbot, bench)
    assert view.pages.currentIndex() == FIGURES
    assert view.figures.figures.rowCount() == 1


def test_every_rule_lays_a_live_mask_without_small_objects(qtbot: "QtBot", bench: "Workbench") -> None:
    run(qtbot, bench, "grx")
    bench.window.raise_dock("threshold")
    view = view_of(bench, ThresholdView)
    assert isinstance(view, ThresholdView)
    entry = bench.session.state.results[0]
    for index in range(view.rule.count()):
        view.rule.setCurrentIndex(index)
        view.rule.activated.emit(index)
        settle(qtbot, bench)
        layer = bench.session.mask_layer(entry.id)
        assert layer is not None
        assert layer.rule.partition("=")[0] == view.rule.itemData(index)
    view.rule.activated.emit(view.rule.findData("percentile"))
    settle(qtbot, bench)
    view.minimum.setFocus()
    for _ in range(2):
        qtbot.keyClick(view.minimum, Qt.Key.Key_Up)
    settle(qtbot, bench)
    layer = bench.session.mask_layer(entry.id)
    assert layer is not None
    assert layer.threshold is not None
    assert layer.cleaning == Cleaning(3)
    kept = sieve(clump(entry.result.scores >= layer.threshold), 3)
    assert f"Objects: {kept.max()}" in view.reading.text()
    exported = mask_of(entry.result, layer.threshold, layer.cleaning)
    assert np.array_equal(exported == 2, kept > 0)


def test_gaps_are_closed_in_mask_count_and_export_and_undone(qtbot: "QtBot", bench: "Workbench") -> None:
    run(qtbot, bench, "grx")
    bench.window.raise_dock("threshold")
    view = view_of(bench, ThresholdView)
    assert isinstance(view, ThresholdView)
    entry = bench.session.state.results[0]
    view.rule_chosen.emit("percentile")
    view.argument_edited.emit(10.0)
    settle(qtbot, bench)
    view.gap.setFocus()
    for _ in range(3):
        qtbot.keyClick(view.gap, Qt.Key.Key_Up)
    settle(qtbot, bench)
    layer = bench.session.mask_layer(entry.id)
    assert layer is not None
    assert layer.threshold is not None
    assert layer.cleaning == Cleaning(gap=3)
    above = entry.result.scores >= layer.threshold
    closed = close_gaps(above, 3)
    assert closed.sum() > above.sum()
    assert f"Objects: {clump(closed).max()}" in view.reading.text()
    assert np.array_equal(mask_of(entry.result, layer.threshold, layer.cleaning) == 2, closed)
    bench.session.undo()
    settle(qtbot, bench)
    assert view.gap.value() == 2


def test_two_results_are_marked_and_fused(qtbot: "QtBot", bench: "Workbench") -> None:
    run(qtbot, bench, "grx")
    run(qtbot, bench, "uniform target")
    press_row(qtbot, bench, 0, Qt.KeyboardModifier.NoModifier)
    settle(qtbot, bench)
    press_row(qtbot, bench, 1, Qt.KeyboardModifier.ControlModifier)
    settle(qtbot, bench)
    assert bench.session.selected is bench.session.state.results[1]
    assert bench.results_panel.fuse_button.isVisible()
    qtbot.mouseClick(bench.results_panel.fuse_button, LEFT, pos=QPoint(8, 8))
    qtbot.waitUntil(lambda: len(bench.session.state.results) == 3, timeout=20_000)
    settle(qtbot, bench)
    first, second, fused = bench.session.state.results
    assert np.array_equal(fused.result.scores, hv.fuse([first.result, second.result]).scores)
    assert fused.id in bench.session.evaluations
    assert bench.results_panel.notes.label.text().startswith("Sum of the ranks")
    bench.commands.actions.by_id["undo"].trigger()
    assert len(bench.session.state.results) == 2


def test_the_automatic_detector_is_the_first_and_says_what_it_cannot_see(qtbot: "QtBot", bench: "Workbench") -> None:
    assert bench.detector_panel.chosen == "auto"
    run(qtbot, bench, "auto")
    notes = bench.session.state.results[0].result.notes
    assert notes
    assert bench.results_panel.notes.isVisible()
    assert bench.results_panel.notes.label.text() == "\n".join(notes)
