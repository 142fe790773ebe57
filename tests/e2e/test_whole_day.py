"""A whole day by clicks and keys: from a file to a reviewed, reported and saved session that comes back as it was."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QImage
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QFileDialog, QWidget

from hadviewer.engine.demo import write_demo
from hadviewer.engine.session import SessionState
from tests.engine.session_samples import assert_equal

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from hadviewer.gui.workbench import Workbench

Make = Callable[[], "Workbench"]
Key, Modifier = Qt.Key, Qt.KeyboardModifier
LEFT, CTRL, SHIFT, ALT = (
    Qt.MouseButton.LeftButton,
    Modifier.ControlModifier,
    Modifier.ShiftModifier,
    Modifier.AltModifier,
)
NONE = Modifier.NoModifier
DETECTORS = {"demo": ("grx", "rxd-utd", "wrx"), "real": ("grx", "lrx", "wrx")}
PANELS = ("image", "display_panel", "results_panel")
pytestmark = pytest.mark.qt_log_ignore("plugin does not support", extend=True)


class Analyst:
    """Does with a window what a person does: clicks, types, waits until nothing moves."""

    def __init__(self, qtbot: "QtBot", bench: "Workbench", monkeypatch: pytest.MonkeyPatch) -> None:
        self.qtbot, self.bench, self._patch = qtbot, bench, monkeypatch
        bench.window.activateWindow()
        qtbot.waitUntil(bench.window.isActiveWindow)

    def wait(self) -> None:
        for _ in range(2):
            self.qtbot.waitUntil(lambda: self.bench.jobs.idle, timeout=120_000)
            QApplication.processEvents()

    def press(self, key: Key, modifier: Modifier = NONE, on: QWidget | None = None) -> None:
        if on is None:
            self.bench.image.active.setFocus()
        self.qtbot.keyClick(on or self.bench.window, key, modifier)
        self.wait()

    def click(self, widget: QWidget) -> None:
        self.qtbot.mouseClick(widget, LEFT)
        self.wait()

    def type(self, text: str, on: QWidget) -> None:
        on.setFocus()
        QTest.keySequence(on, "Ctrl+A")
        self.qtbot.keyClicks(on, text)
        self.qtbot.keyClick(on, Key.Key_Return)
        self.wait()

    def answer(self, path: Path) -> None:
        """What the next file choosers are told."""
        for name in ("getOpenFileName", "getSaveFileName"):
            self._patch.setattr(QFileDialog, name, staticmethod(lambda *given, **named: (str(path), "")))

    def open(self, path: Path) -> None:
        self.answer(path)
        self.press(Key.Key_O, CTRL)
        self.qtbot.waitUntil(lambda: self.bench.session.cube is not None, timeout=20_000)
        self.wait()

    def detect(self, name: str) -> None:
        panel, before = self.bench.detector_panel, len(self.bench.session.state.results)
        self.bench.window.raise_dock("detect")
        panel.choose(name)
        self.click(panel.run_button)
        assert len(self.bench.session.state.results) == before + 1

    def pick_result(self, place: int) -> None:
        table = self.bench.results_panel.table
        viewport, item = table.viewport(), table.item(place, 0)
        assert viewport is not None
        self.qtbot.mouseClick(viewport, LEFT, pos=table.visualItemRect(item).center())
        self.wait()

    def threshold(self, place: int, percent: str) -> None:
        """The highest so many percent of a result."""
        self.pick_result(place)
        view = self.bench.threshold_view
        self.bench.window.raise_dock("threshold")
        self.wait()
        self.type(percent, view.argument)


@pytest.fixture
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "real":
        found: Path = min(request.getfixturevalue("scenes").glob("abu-urban-*.mat"))
        return found
    return write_demo(tmp_path / "demo")


def looks(bench: "Workbench") -> dict[str, QImage]:
    """The image and the panels as painted."""
    bench.window.message_bar.hide()
    QApplication.processEvents()
    return {name: getattr(bench, name).grab().toImage() for name in PANELS}


def same(one: dict[str, QImage], other: dict[str, QImage]) -> bool:
    return [name for name in PANELS if one[name] != other[name]] == []


def objects(bench: "Workbench") -> list[list[object]]:
    """The table of objects as it is read."""
    model = bench.review_view.table.objects
    return [[model.index(row, col).data() for col in range(model.columnCount())] for row in range(model.rowCount())]


def review(day: Analyst) -> None:
    """The strongest objects judged by keyboard, one with a note."""
    bench, view = day.bench, day.bench.review_view
    day.press(Key.Key_R, SHIFT)
    titles = view.table.objects.titles
    assert "Seen by" in titles
    header = view.table.horizontalHeader()
    assert header is not None
    place = header.sectionViewportPosition(titles.index("Peak")) + 10
    for _ in range(2):
        day.qtbot.mouseClick(header.viewport(), LEFT, pos=QPoint(place, 8))
    peaks = view.table.objects.rows.columns["Peak"][view.table.objects.order]
    assert (peaks[:-1] >= peaks[1:]).all()
    day.press(Key.Key_J)
    view.table.setFocus()
    for key in (Key.Key_Y, Key.Key_N, Key.Key_Y):
        day.press(key, on=view.table)
    day.press(Key.Key_F2, on=view.table)
    editor = QApplication.focusWidget()
    assert editor is not None
    day.qtbot.keyClicks(editor, "look again")
    day.qtbot.keyClick(editor, Key.Key_Return)
    day.wait()
    assert sorted(mark.state for mark in bench.session.state.reviews) == ["bad", "good", "good", "pending"]
    assert [mark.note for mark in bench.session.state.reviews if mark.note] == ["look again"]


def work(day: Analyst, scene: Path, detectors: tuple[str, ...]) -> None:
    """From the file to the last judgement."""
    bench = day.bench
    day.open(scene)
    for name in detectors:
        day.detect(name)
    for place, percent in enumerate(("0.4", "0.5", "0.6")):
        day.threshold(place, percent)
    day.type("2", bench.threshold_view.minimum)
    day.press(Key.Key_A)
    assert bench.agreement_view.table.figures.rowCount() == 3
    assert "of 3" in bench.agreement_view.found_by.text()
    assert bench.agreement_view.table.hasFocus()
    day.press(Key.Key_M, on=bench.agreement_view.table)
    assert bench.session.state.views.count == 3
    day.press(Key.Key_1, CTRL | ALT)
    assert bench.session.state.views.count == 1
    day.pick_result(2)
    review(day)


@pytest.mark.parametrize("scene", ["demo", "real"], indirect=True)
def test_a_day_from_first_look_to_report_and_back(
    qtbot: "QtBot", workbench: Make, scene: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = Analyst(qtbot, workbench(), monkeypatch)
    bench, kind = day.bench, "real" if scene.suffix == ".mat" else "demo"
    work(day, scene, DETECTORS[kind])
    day.answer(tmp_path / "day.html")
    bench.commands.actions.by_id["report"].trigger()
    day.wait()
    report = (tmp_path / "day.html").read_text(encoding="utf-8")
    assert "look again" in report
    assert "Agreement" in report
    day.answer(tmp_path / "day.hadsession")
    day.press(Key.Key_S, CTRL)
    day.press(Key.Key_Escape, on=bench.review_view.table)
    end, listed, seen = bench.session.state, objects(bench), looks(bench)
    undo_and_redo(day, end)
    assert same(looks(bench), seen)

    again = Analyst(qtbot, workbench(), monkeypatch)
    again.open(tmp_path / "day.hadsession")
    again.bench.window.raise_dock("review")
    again.wait()
    assert_equal(again.bench.session.state, end, "state")
    assert sorted(objects(again.bench), key=str) == sorted(listed, key=str)
    assert same(looks(again.bench), seen)


def undo_and_redo(day: Analyst, end: SessionState) -> None:
    """Everything is taken back by one key, and done again by another."""
    session, states = day.bench.session, [end]
    while session.undo_label:
        day.press(Key.Key_Z, CTRL)
        assert session.state is not states[-1]
        states.append(session.state)
    assert len(states) > 12
    assert_equal(session.state, SessionState(), "start")
    while session.redo_label:
        states.pop()
        day.press(Key.Key_Z, CTRL | SHIFT)
        assert session.state is states[-1]
    assert states == [end]
