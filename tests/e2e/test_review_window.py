"""Objects reviewed in the real window by clicks and keys, from two detectors to a file."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication, QFileDialog

from hadviewer.core.bands import BandSet
from hadviewer.core.results import DetectionRequest, DetectionResult
from hadviewer.io.writers.envi import write_envi_cube

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from hadviewer.gui.workbench import Workbench

ROWS, COLS, BANDS = 40, 50, 12
SPOTS = ((5, 8), (12, 30), (25, 10), (33, 44))
LEFT, Key = Qt.MouseButton.LeftButton, Qt.Key
pytestmark = pytest.mark.qt_log_ignore("plugin does not support", extend=True)


@pytest.fixture
def bench(qtbot: "QtBot", workbench: "Callable[[], Workbench]", tmp_path: Path) -> "Workbench":
    """The window with a scene and two results; the second is selected and its mask shows four spots."""
    values = np.random.default_rng(0).normal(0.3, 0.01, (ROWS, COLS, BANDS)).astype(np.float32)
    scores = values[:, :, 0].copy()
    for number, (row, col) in enumerate(SPOTS):
        values[row : row + 2, col : col + 2] += 0.4
        scores[row : row + 2, col : col + 2] = 9 - number
    write_envi_cube(tmp_path / "field.hdr", values, BandSet(BANDS, centres=np.linspace(450, 2400, BANDS)))
    bench = workbench()
    bench.scene.open(tmp_path / "field.hdr")
    qtbot.waitUntil(lambda: bench.session.cube is not None, timeout=20_000)
    for title, threshold in (("First", 7.5), ("Second", 5.0)):
        entry = bench.session.add_result(
            DetectionResult(DetectionRequest(detector="grx"), scores, np.isfinite(scores), 0.1), title
        )
        bench.session.set_threshold(entry.id, threshold, "value")
    bench.window.activateWindow()
    settle(qtbot, bench)
    return bench


def settle(qtbot: "QtBot", bench: "Workbench") -> None:
    qtbot.waitUntil(lambda: bench.jobs.idle, timeout=60_000)
    QApplication.processEvents()


def listed(bench: "Workbench", title: str) -> list[str]:
    model = bench.review_view.table.objects
    column = model.titles.index(title)
    return [model.index(row, column).data() for row in range(model.rowCount())]


def opened(qtbot: "QtBot", bench: "Workbench") -> None:
    """The dock, by its key."""
    qtbot.keyClick(bench.window, Key.Key_R, Qt.KeyboardModifier.ShiftModifier)
    settle(qtbot, bench)
    bench.review_view.table.setFocus()


def test_nothing_is_coloured_until_the_dock_is_in_front(qtbot: "QtBot", bench: "Workbench") -> None:
    before = bench.image.grab().toImage()
    assert bench.review_view.table.objects.rows.count == 0
    opened(qtbot, bench)
    assert bench.image.grab().toImage() != before
    assert listed(bench, "Seen by") == ["2 of 2", "2 of 2", "1 of 2", "1 of 2"]
    bench.window.raise_dock("spectrum")
    settle(qtbot, bench)
    assert not bench.review_view.in_front


def test_a_review_by_keyboard_from_first_object_to_the_file(
    qtbot: "QtBot", bench: "Workbench", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(qtbot, bench)
    table, views = bench.review_view.table, bench.session.state.views
    qtbot.keyClick(bench.window, Key.Key_J)
    for key in (Key.Key_Y, Key.Key_N, Key.Key_Y):
        qtbot.keyClick(table, key)
        settle(qtbot, bench)
    assert listed(bench, "State") == ["good", "bad", "good", "pending"]
    assert table.picked() == [3]
    assert "Object 4" in bench.review_view.names.text()
    assert bench.session.state.views is views, "N in the table does not go to the next view"
    qtbot.keyClick(bench.window, Key.Key_X)
    settle(qtbot, bench)
    assert listed(bench, "State")[3] == "bad"
    assert bench.review_view.counts.text() == "0 pending, 2 good, 2 bad"
    qtbot.mouseClick(bench.review_view.region, LEFT)
    assert bench.session.state.regions[0].mask((ROWS, COLS)).sum() == 8
    target = tmp_path / "found_pixels.geojson"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", staticmethod(lambda *given, **named: (str(target), "")))
    qtbot.mouseClick(bench.review_view.export, LEFT)
    settle(qtbot, bench)
    (written,) = tmp_path.glob("found*.geojson")
    features = json.loads(written.read_text(encoding="utf-8"))["features"]
    assert [feature["properties"]["state"] for feature in features] == ["good", "bad", "good", "bad"]


def test_marks_follow_the_threshold_and_are_undone(qtbot: "QtBot", bench: "Workbench") -> None:
    opened(qtbot, bench)
    bench.review_view.step(0)
    qtbot.keyClick(bench.review_view.table, Key.Key_Y)
    assert bench.session.selected is not None
    bench.session.set_threshold(bench.session.selected.id, 8.5, "value")
    settle(qtbot, bench)
    assert listed(bench, "State") == ["good"]
    bench.session.undo()
    bench.session.undo()
    settle(qtbot, bench)
    assert listed(bench, "State") == ["pending"] * 4


def test_a_click_on_an_object_in_the_image_finds_its_row(qtbot: "QtBot", bench: "Workbench") -> None:
    opened(qtbot, bench)
    view = bench.image.active
    qtbot.mouseClick(view, LEFT, pos=view.position_of(25, 10).toPoint())
    settle(qtbot, bench)
    assert bench.review_view.table.picked() == [2]


def test_a_key_judges_nothing_that_is_not_in_sight(qtbot: "QtBot", bench: "Workbench") -> None:
    qtbot.keyClick(bench.window, Key.Key_Y)
    settle(qtbot, bench)
    assert bench.session.state.reviews == ()
    assert bench.review_view.in_front


def test_a_report_of_everything_is_written_from_the_menu(
    qtbot: "QtBot", bench: "Workbench", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "day.html"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", staticmethod(lambda *given, **named: (str(target), "")))
    bench.commands.actions.by_id["report"].trigger()
    settle(qtbot, bench)
    text = target.read_text(encoding="utf-8")
    assert ">First</h2>" in text
    assert ">Second</h2>" in text
    assert text.count("<image") == 2, "the objects of both"
