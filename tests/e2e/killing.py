"""Kills the restless program at a random moment and looks at what is left."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hadviewer.core.bands import BandSet
from hadviewer.engine.recovery import LeftBehind, Recovery
from hadviewer.engine.session_file import open_session
from hadviewer.io.writers.envi import write_envi_cube
from tests.e2e.restless import steps_of

LONGEST_LIFE = 1.2
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Killed:
    """Steps known to be safe, steps found again, where: in the saved file or among what was kept; seconds not kept."""

    safe: int
    found: int
    left: list[LeftBehind]
    unsafe_seconds: float


def write_scene(folder: Path) -> Path:
    values = np.random.default_rng(0).random((40, 1000, 4), np.float32)
    write_envi_cube(folder / "field.hdr", values, BandSet(4))
    return folder / "field.hdr"


def kill_one(folder: Path, scene: Path, seed: int) -> Killed:
    """Start the program in a folder of its own, kill it within a second or so of work, open what is there."""
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "tests.e2e.restless", str(folder), str(scene), str(seed)]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    life = float(np.random.default_rng(seed).uniform(0, LONGEST_LIFE))
    try:
        process.wait(timeout=life)
    except subprocess.TimeoutExpired:
        process.kill()
    ended = time.time()
    process.stdout.close()
    assert process.wait() < 0, "it ended by itself"
    told = [line.split() for line in (folder / "safe.txt").read_text().splitlines() if line.count(" ") == 1]
    safe = int(told[-1][0]) if told else 0
    first_told = next((float(when) for steps, when in told if int(steps) == safe), ended)
    found = [0]
    if (folder / "work.hadsession").exists():
        found.append(steps_of(open_session(folder / "work.hadsession").state))
    recovery = Recovery(folder / "recovery")
    left = recovery.left_behind()
    found += [steps_of(recovery.take(item).state) for item in left]
    return Killed(safe, max(found), left, ended - first_told)
