"""A program that works without a break until it is killed: edits, runs, saves, all the while kept for recovery.

Called with a folder (settings, recovery and what is written lie there), a scene and a seed. Every step collects one
spectrum; a line in ``safe.txt`` says how many steps are on the disk, and when that was known.
"""

import sys
import time
from pathlib import Path

import numpy as np
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication

from hadviewer.core.results import DetectionRequest, DetectionResult
from hadviewer.engine.session import SessionState
from hadviewer.engine.settings import SettingsStore
from hadviewer.gui.theme import Theme
from hadviewer.gui.workbench import Workbench

EVERY_MS, KEEP_MS = 7, 60


def steps_of(state: SessionState) -> int:
    """How many steps a state has behind it."""
    return max((pin.row * 1000 + pin.col for pin in state.pins), default=0)


class Restless:
    """Does something every few milliseconds."""

    def __init__(self, bench: Workbench, folder: Path, seed: int) -> None:
        self.bench, self.folder, self.rng, self.step = bench, folder, np.random.default_rng(seed), 0
        self.safe = (folder / "safe.txt").open("a")
        self.timers = [QTimer(), QTimer()]
        for timer, act, pause in zip(self.timers, (self.act, self.keep), (EVERY_MS, KEEP_MS), strict=True):
            timer.timeout.connect(act)
            timer.setInterval(pause)

    def begin(self) -> None:
        self.bench.session_file.path = self.folder / "work.hadsession"
        for timer in self.timers:
            timer.start()
        sys.stdout.write("ready\n")
        sys.stdout.flush()

    def act(self) -> None:
        session, cube = self.bench.session, self.bench.session.cube
        assert cube is not None
        self.step += 1
        chance = self.rng.random()
        if chance > 0.9:
            session.undo()  # the spectrum collected next makes this, too, a step forward
        session.pins.clear()
        session.pins.add(self.step // 1000, self.step % 1000)
        if chance < 0.1:
            scores = self.rng.random(cube.shape[:2], np.float32)
            request = DetectionRequest(detector="grx")
            session.add_result(DetectionResult(request, scores, np.isfinite(scores), 0.1), "Map")
            if len(session.state.results) > 5:
                session.remove_result(session.state.results[0].id)
        elif chance < 0.2:
            self.bench.session_file.save()
        elif chance < 0.22:
            self.bench.detection.run()

    def keep(self) -> None:
        """Tell what is on the disk, then keep what is not."""
        file, kept = self.bench.session_file, self.bench.recovery.kept
        safe = max(steps_of(state) for state in (SessionState(), kept, file.clean) if state is not None)
        self.safe.write(f"{safe} {time.time()}\n")
        self.safe.flush()
        self.bench.recovery.tick()


def main(folder: Path, scene: Path, seed: int) -> None:
    """Run until killed."""
    application = QApplication(sys.argv[:1])
    bench = Workbench(SettingsStore(folder / "settings.json"), Theme(application, "light"))
    restless = Restless(bench, folder, seed)
    bench.show()
    bench.when_complete(lambda: bench.scene.open(scene))
    bench.when_complete(lambda: bench.after_opening(restless.begin))
    application.exec()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
