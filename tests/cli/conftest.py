"""Helpers for tests of the command line: run it in this process, or as a program of its own."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from hadviewer.cli.main import main
from hadviewer.cli.output import Output

REPOSITORY = Path(__file__).resolve().parents[2]


class Shell:
    """Runs commands as a user would type them; keeps what they wrote and the windows they opened."""

    def __init__(self):
        self.windows = []

    def __call__(self, *arguments):
        self.stdout, self.stderr = io.StringIO(), io.StringIO()
        self.code = main([str(item) for item in arguments], self._open, Output(self.stdout, self.stderr))
        self.out, self.err = self.stdout.getvalue(), self.stderr.getvalue()
        return self.code

    def json(self, *arguments):
        """The one object that a command prints with --json."""
        assert self(*arguments, "--json") == 0, self.err
        return json.loads(self.out)

    def refuses(self, code, *arguments):
        """The one sentence on standard error of a command that fails with this code."""
        assert self(*arguments) == code, self.err
        assert self.out == ""
        assert self.err.count("\n") == 1
        assert self.err.startswith("hadviewer: ")
        return self.err.removeprefix("hadviewer: ").rstrip("\n")

    def _open(self, path, **options):
        self.windows.append((path, options))
        return 0


@pytest.fixture
def shell():
    return Shell()


@pytest.fixture
def program():
    """A function that runs hadviewer as a process of its own, without a display."""

    def run(*arguments, **environment):
        inherited = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}
        command = [sys.executable, "-m", "hadviewer", *map(str, arguments)]
        return subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=REPOSITORY, env=inherited | environment
        )

    return run


@pytest.fixture
def scene(tmp_path):
    """A MATLAB file with a cube of 20 × 30 × 8, a second one, and a truth mask of three pixels."""
    from scipy.io import savemat

    rng = np.random.default_rng(0)
    cube = rng.normal(1000, 30, (20, 30, 8))
    truth = np.zeros((20, 30), np.uint8)
    for row, col in ((3, 4), (10, 20), (15, 7)):
        cube[row, col] += rng.normal(300, 60, 8)
        truth[row, col] = 1
    path = tmp_path / "field.mat"
    savemat(path, {"data": cube.astype(np.float32), "map": truth, "other": rng.random((16, 18, 12)).astype(np.float32)})
    return path
