"""How long the window does not answer: while global RX runs, and for each thing a user does.

The gaps between ticks of a timer on the main thread are split: the thread's own work; its wait for a processor, which
is the machine's doing; the rest, in which it waited for the timer, for a lock or for a disk.
"""

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QPointF, QSize, Qt, QTimer
from PyQt6.QtGui import QWheelEvent
from PyQt6.QtWidgets import QApplication

from hadviewer.core.cube import Scene
from hadviewer.core.results import DetectionRequest, DetectionResult
from hadviewer.engine import verbs
from hadviewer.engine.display import StretchKind
from hadviewer.engine.session import Segmentation
from hadviewer.gui.workbench import Workbench

RUN_SHAPE = (1000, 1000, 200)
LARGE_SHAPE = (2000, 2000, 60)
RUNS, REPEATS = 3, 5
BAR_MS = 50
"""The main thread never works longer than this without looking at what the user does."""
SCHEDULE = Path("/proc/thread-self/schedstat")
HEADING = f"  {'':<22}    p50    p99    max (its own, queued) without queue, longest own, first time"
SETTLE_MS = 250
"""How long the window is watched after everything is done: repaints and single shots follow."""


@dataclass(frozen=True)
class Gap:
    """Milliseconds between two ticks: on the wall, of the main thread's own work, of its wait for a processor."""

    wall: float
    own: float
    queued: float

    @property
    def blocked(self) -> float:
        """What remains on an idle machine: also waiting for locks."""
        return self.wall - self.queued


def clocks() -> tuple[float, float, float]:
    """Milliseconds: wall, the calling thread's work, its wait for a processor (0 where the system does not tell)."""
    try:
        work, queued = (int(text) / 1e6 for text in SCHEDULE.read_text().split()[:2])
    except OSError:
        work, queued = 1000 * time.thread_time(), 0.0
    return 1000 * time.perf_counter(), work, queued


class Watchdog:
    """Notes the gaps between ticks of a 5 ms timer on the main thread."""

    def __init__(self) -> None:
        self.gaps: list[Gap] = []
        self._last = clocks()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start(5)

    def _tick(self) -> None:
        now = clocks()
        self.gaps.append(Gap(*(after - before for after, before in zip(now, self._last, strict=True))))
        self._last = now

    def stop(self) -> list[Gap]:
        self._timer.stop()
        return self.gaps


@dataclass
class Gaps:
    """The gaps of one kind of act, and the longest of the first time it was done."""

    found: list[Gap] = field(default_factory=list)
    first: float = 0.0

    def line(self, name: str) -> str:
        walls = [gap.wall for gap in self.found]
        longest = max(self.found, key=lambda gap: gap.wall)
        blocked, own = max(gap.blocked for gap in self.found), max(gap.own for gap in self.found)
        return (
            f"  {name:<22} {statistics.median(walls):6.1f} {np.percentile(walls, 99):6.1f} {longest.wall:6.1f}"
            f" ({longest.own:6.1f} {longest.queued:6.1f}) {blocked:6.1f} {own:6.1f}"
            f" {self.first:6.1f}{f'  x {own / BAR_MS:.1f} of the bar' if own > BAR_MS else ''}"
        )


class Acts:
    """Does what users do, and keeps the gaps of each."""

    def __init__(self, qtbot: Any, bench: Workbench) -> None:
        self._qtbot, self._bench = qtbot, bench
        self.gaps: dict[str, Gaps] = {}

    def do(self, name: str, *acts: Callable[[], object], pause: int | None = None) -> None:
        """Do these one after another out of the event loop; with ``pause`` (ms) without waiting for each to end."""
        for act in acts:
            watchdog = Watchdog()
            QTimer.singleShot(0, act)
            self._qtbot.wait(20 if pause is None else pause)
            if pause is None:
                self.settle()
            self._note(name, watchdog)
        if pause is not None:
            watchdog = Watchdog()
            self.settle()
            self._note(name, watchdog)

    def settle(self) -> None:
        self._qtbot.waitUntil(lambda: self._bench.jobs.idle, timeout=180_000)
        self._qtbot.wait(SETTLE_MS)

    def _note(self, name: str, watchdog: Watchdog) -> None:
        kept, found = self.gaps.setdefault(name, Gaps()), watchdog.stop()
        kept.first = kept.first or max((gap.blocked for gap in found), default=0.0)
        kept.found += found

    def report(self, title: str) -> None:
        print(f"\n{title}: milliseconds; the bar for its own work is {BAR_MS}\n{HEADING}")
        print("\n".join(kept.line(name) for name, kept in self.gaps.items()))


@pytest.mark.timeout(600)
def test_gaps_while_grx_runs(qtbot, workbench, tmp_path) -> None:  # type: ignore[no-untyped-def]
    bench = workbench()
    bench.session.open(Scene(verbs.open_scene(noise(tmp_path, RUN_SHAPE)).cube))
    qtbot.waitUntil(lambda: bench.jobs.idle, timeout=60_000)
    acts = Acts(qtbot, bench)
    for run in range(RUNS):
        acts.do("while GRX runs", lambda: bench.run_detector("grx"))
        assert len(bench.session.state.results) == run + 1
    acts.report(f"Event loop while GRX runs on {RUN_SHAPE}")


@pytest.mark.timeout(600)
def test_gaps_of_acts_on_a_real_scene(qtbot, workbench, scenes) -> None:  # type: ignore[no-untyped-def]
    path = scenes / "abu-urban-2.mat"
    act_all(qtbot, workbench(), verbs.open_scene(path).cube.shape, lambda bench: bench.scene.open(path, truth=None))


@pytest.mark.timeout(900)
def test_gaps_of_acts_on_a_large_scene(qtbot, workbench, tmp_path) -> None:  # type: ignore[no-untyped-def]
    path, truth = noise(tmp_path, LARGE_SHAPE), tmp_path / "truth.npy"
    mask = np.zeros(LARGE_SHAPE[:2], dtype=np.uint8)
    mask[::50, ::50] = 1
    np.save(truth, mask)
    act_all(qtbot, workbench(), LARGE_SHAPE, lambda bench: bench.scene.open(path, truth=truth))


def noise(folder: Path, shape: tuple[int, int, int]) -> Path:
    """A cube of smooth noise in a file."""
    from hadviewer.io.writers.envi import write_envi_cube

    rng = np.random.default_rng(0)
    header = folder / "large.hdr"
    write_envi_cube(header, rng.standard_normal(shape, dtype=np.float32), interleave="bil")
    return header


def act_all(
    qtbot: Any, bench: Workbench, shape: tuple[int, int, int], open_scene: Callable[[Workbench], object]
) -> None:
    """Everything a user does, on one scene."""
    bench.window.resize(QSize(1920, 1080))
    gc.freeze()  # as the program does once its window stands
    acts = Acts(qtbot, bench)
    acts.settle()
    acts.do("open scene", lambda: open_scene(bench), lambda: open_scene(bench))
    acts.do("run GRX", lambda: bench.run_detector("grx"))
    for number in range(REPEATS):
        result = random_result(shape[:2], number)
        acts.do("add result", lambda result=result, number=number: bench.session.add_result(result, f"Noise {number}"))
    looking(acts, bench)
    deciding(acts, bench, shape)
    arranging(acts, bench)
    gc.unfreeze()
    acts.report(f"Event loop of the window on a scene {shape}")


def looking(acts: Acts, bench: Workbench) -> None:
    """Results, bands, stretches, zoom."""
    results = [entry.id for entry in bench.session.state.results]
    acts.do("select result", *(lambda chosen=chosen: bench.session.select_result(chosen) for chosen in results))
    acts.do("change band", *(lambda band=band: bench.display.set_band(0, band) for band in range(REPEATS)))
    kinds: tuple[tuple[StretchKind, float], ...] = (("minmax", 2.0), ("linear", 1.0), ("linear", 5.0), ("linear", 2.0))
    acts.do("change stretch", *(lambda chosen=chosen: bench.display.stretch.set_kind(*chosen) for chosen in kinds))
    turns = [120] * 20 + [-120] * 20
    acts.do("zoom", *(lambda turn=turn: turn_wheel(bench.image.active, turn) for turn in turns), pause=16)
    acts.do("pan", *(lambda step=step: bench.image.centre_on(step, step) for step in range(10, 60)), pause=16)
    cursor = [(row, row) for row in range(10, 60)]
    acts.do("move cursor", *(lambda pixel=pixel: bench.session.set_cursor(pixel) for pixel in cursor), pause=16)


def deciding(acts: Acts, bench: Workbench, shape: tuple[int, int, int]) -> None:
    """Thresholds, superpixels, undo and redo."""
    bench.window.raise_dock("threshold")
    acts.settle()
    values = np.linspace(0.5, 0.9, 40).tolist()
    moved = bench.window.docks["threshold"].widget().threshold_moved
    acts.do("drag threshold", *(lambda value=value: moved.emit(value) for value in values), pause=16)
    bench.session.seal_step()
    for _ in range(REPEATS):
        found = squares(shape)
        acts.do("superpixels arrive", lambda found=found: bench.session.set_segmentation(found))
    for _ in range(REPEATS + 3):
        acts.do("undo", bench.session.undo)
    for _ in range(REPEATS + 3):
        acts.do("redo", bench.session.redo)


def arranging(acts: Acts, bench: Workbench) -> None:
    """Docks, tabs, themes."""
    roc = bench.window.docks["roc"].widget()
    for _ in range(2):
        for name in ("superpixels", "detect", "threshold", "roc", "training", "spectrum"):
            acts.do("raise dock", lambda name=name: bench.window.raise_dock(name))
    bench.window.raise_dock("roc")
    acts.settle()
    for _ in range(2):
        acts.do("switch ROC tab", *(lambda tab=tab: roc.tabs.setCurrentIndex(tab) for tab in range(roc.tabs.count())))
    for name in ("dark", "light", "dark", "light"):
        acts.do("switch theme", bench.commands.actions.by_id[f"theme_{name}"].trigger)


def random_result(shape: tuple[int, int], seed: int) -> DetectionResult:
    scores = np.random.default_rng(seed).random(shape, dtype=np.float32)
    request = DetectionRequest(detector="grx")
    return DetectionResult(request, scores, np.ones(shape, dtype=bool), 0.1, provenance={"bands_used": 60})


def squares(shape: tuple[int, int, int], side: int = 10) -> Segmentation:
    """Superpixels that are squares."""
    rows, cols = np.arange(shape[0]) // side, np.arange(shape[1]) // side
    across = int(cols[-1]) + 1
    labels = (rows[:, None] * across + cols[None, :]).astype(np.int32)
    return Segmentation(labels, np.zeros((int(labels.max()) + 1, shape[2]), dtype=np.float32))


def turn_wheel(image: Any, turn: int) -> None:
    centre = QPointF(image.rect().center())
    event = QWheelEvent(
        centre,
        centre,
        QPoint(),
        QPoint(0, turn),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(image, event)
