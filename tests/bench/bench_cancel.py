"""Seconds from the click on Cancel to the end of a detector that never listens."""

import statistics
import time
from pathlib import Path

import numpy as np

from hadviewer.core.cube import Scene
from hadviewer.engine.verbs import as_cube


def never_ends(ctx) -> None:  # type: ignore[no-untyped-def]
    ctx.step(1, 10, "Looping")
    while True:
        pass


def test_seconds_to_cancel(qtbot, workbench, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1]))
    bench = workbench()
    bench.session.open(Scene(as_cube(np.zeros((8, 8, 4), dtype=np.float32))))
    times = []
    for _ in range(3):
        job = bench.jobs.heavy(never_ends, title="Never ends")
        qtbot.waitUntil(lambda job=job: job.fraction is not None or job.finished, timeout=30_000)
        assert not job.finished, job.error
        clock = time.perf_counter()
        bench.jobs.cancel(job)
        qtbot.waitUntil(lambda job=job: job.finished, timeout=30_000)
        times.append(time.perf_counter() - clock)
    print(f"\nCancel of an endless Python loop: {statistics.median(times):.2f} s (longest {max(times):.2f} s)")
