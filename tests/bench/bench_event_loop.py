"""The longest time the window does not answer while global RX runs on a 1000×1000×200 cube."""

import statistics
import time

import numpy as np
import pytest
from PyQt6.QtCore import Qt, QTimer

from hadviewer.core.cube import Scene
from hadviewer.engine import verbs

SHAPE = (1000, 1000, 200)
RUNS = 3


class Watchdog:
    """Notes the gaps between ticks of a 5 ms timer on the main thread."""

    def __init__(self) -> None:
        self.gaps: list[float] = []
        self._last = time.perf_counter()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start(5)

    def _tick(self) -> None:
        now = time.perf_counter()
        self.gaps.append(1000 * (now - self._last))
        self._last = now

    def stop(self) -> list[float]:
        self._timer.stop()
        return self.gaps


@pytest.mark.timeout(600)
def test_gaps_while_grx_runs(qtbot, workbench, tmp_path) -> None:  # type: ignore[no-untyped-def]
    from hadviewer.io.writers.envi import write_envi_cube

    rng = np.random.default_rng(0)
    header = tmp_path / "large.hdr"
    write_envi_cube(header, rng.normal(size=SHAPE).astype(np.float32), interleave="bil")
    bench = workbench()
    bench.session.open(Scene(verbs.open_scene(header).cube))
    qtbot.waitUntil(lambda: bench.jobs.idle, timeout=60_000)
    worst, lines = [], []
    for run in range(RUNS):
        watchdog = Watchdog()
        bench.run_detector("grx")
        qtbot.waitUntil(lambda: bench.jobs.idle, timeout=180_000)
        assert len(bench.session.state.results) == run + 1
        gaps = watchdog.stop()
        worst.append(max(gaps))
        lines.append(f"p50 {statistics.median(gaps):.1f} · p99 {np.percentile(gaps, 99):.1f} · max {max(gaps):.1f} ms")
    print(f"\nEvent loop while GRX runs on {SHAPE}: median of the longest gaps {statistics.median(worst):.1f} ms")
    print("\n".join(f"  {line}" for line in lines))
