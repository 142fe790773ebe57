"""Helpers for tests of background work: a main thread that is pumped by hand, and tasks a worker can import."""

import os
import queue
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from hadviewer.core.bands import BandSet
from hadviewer.engine import verbs
from hadviewer.engine.jobs import JobRunner
from hadviewer.engine.session import Session, SessionState
from hadviewer.engine.session_arrays import ArrayNames
from hadviewer.engine.session_file import save_session
from hadviewer.io.writers.envi import write_envi_cube
from tests.engine.session_samples import BANDS, COLS, ROWS, VIEWING, filled

PATIENCE = 60.0
"""Seconds after which a test that waits gives up; nothing is asserted about how long anything takes."""


def is_running(pid):
    """Whether a process exists and is not a zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return not Path("/proc/self/stat").exists()


@pytest.fixture
def wait_for():
    """A function that waits until a condition holds, or fails."""

    def wait(condition):
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.01)

    return wait


@pytest.fixture
def wait_for_end(wait_for):
    """A function that waits until a process is gone, or fails."""
    return lambda pid: wait_for(lambda: not is_running(pid))


class MainThread:
    """Stands for the event loop: callbacks delivered from lanes run here, when the test says so."""

    def __init__(self):
        self.callbacks = queue.Queue()
        self.threads = []

    def spawn(self, loop, name):
        thread = threading.Thread(target=loop, name=name, daemon=True)
        self.threads.append(thread)
        thread.start()

    def pump_until(self, condition):
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, "waited in vain"
            try:
                self.callbacks.get(timeout=0.02)()
            except queue.Empty:
                continue

    def pump(self):
        """Run what has been delivered so far."""
        while not self.callbacks.empty():
            self.callbacks.get()()


@pytest.fixture
def main_thread():
    return MainThread()


@pytest.fixture
def make_runner(main_thread):
    """Makes job runners around a worker; all are closed and their lanes ended after the test."""
    made = []

    def make(worker):
        made.append(JobRunner(main_thread.spawn, main_thread.callbacks.put, worker))
        return made[-1]

    yield make
    for runner in made:
        runner.close()
    for thread in main_thread.threads:
        thread.join(PATIENCE)
        assert not thread.is_alive()


@pytest.fixture
def tasks(monkeypatch):
    """The module of tasks, where a worker process finds it too."""
    monkeypatch.syspath_prepend(Path(__file__).parent)
    yield __import__("worker_tasks")
    sys.modules.pop("worker_tasks", None)


@pytest.fixture
def header(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    values = np.random.default_rng(0).random((ROWS, COLS, BANDS), np.float32)
    write_envi_cube(folder / "field.hdr", values, BandSet(BANDS, centres=np.linspace(450, 900, BANDS)))
    return folder / "field.hdr"


@pytest.fixture
def session(header: Path) -> Session:
    """A scene with some of everything."""
    session = Session()
    session.open(verbs.open_scene(header))
    return session


@pytest.fixture
def full(session: Session) -> SessionState:
    return filled(session)


@pytest.fixture
def saved(full: SessionState, tmp_path: Path) -> Path:
    save_session(tmp_path / "work.hadsession", full, VIEWING, ArrayNames())
    return tmp_path / "work.hadsession"
