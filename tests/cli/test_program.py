"""hadviewer as a process: exit codes, streams, Ctrl+C, bugs, a reader that goes away, quick starts."""

import importlib
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import hadviewer
from hadviewer import __main__
from hadviewer.cli import flags

REPOSITORY = Path(__file__).resolve().parents[2]

SLOW_PLUGIN = '''
"""A detector that takes its time, or has a bug."""
from hadviewer.core.specs import detector

@detector(id="slow", title="Slow", family="Test")
def slow(cube, p, ctx):
    """Never ends."""
    import sys
    sys.stdout.write("running\\n")
    sys.stdout.flush()
    while True:
        pass

@detector(id="buggy", title="Buggy", family="Test")
def buggy(cube, p, ctx):
    """Has a bug."""
    return {}["nothing"]
'''

# The program as it runs in a terminal: a process started in the background would inherit deafness to Ctrl+C.
LISTENING = (
    "import runpy, signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "runpy.run_module('hadviewer', run_name='__main__', alter_sys=True)"
)


@pytest.fixture
def plug_in(tmp_path):
    """Environment in which the detectors 'slow' and 'buggy' exist."""
    (tmp_path / "plug").mkdir()
    (tmp_path / "plug" / "slow_plug_in.py").write_text(SLOW_PLUGIN)
    return {"PYTHONPATH": str(tmp_path / "plug"), "HADVIEWER_PLUGINS": "slow_plug_in"}


def test_version(program):
    done = program("--version")
    assert (done.returncode, done.stdout) == (0, f"hadviewer {hadviewer.__version__}\n")


@pytest.mark.parametrize("command", [None, *flags.COMMANDS])
def test_help_has_every_flag_explained_and_examples(program, command):
    done = program(*filter(None, [command]), "--help")
    assert done.returncode == 0
    assert "examples:\n  hadviewer" in done.stdout
    parser = flags.window_parser() if command is None else flags.parser(command)
    for action in parser._actions:
        assert action.help
        assert all(flag in done.stdout for flag in action.option_strings)


@pytest.mark.parametrize("arguments", [("--help",), ("detect", "--help"), ("--version",)])
def test_help_loads_next_to_nothing(arguments):
    """Neither Qt nor torch nor numpy: what is quick to type is quick to answer."""
    script = (
        "import sys\nfrom hadviewer.__main__ import main\n"
        f"try:\n    main({list(arguments)!r})\nexcept SystemExit:\n    pass\n"
        "sys.stderr.write(' '.join({'torch', 'PyQt6', 'numpy', 'pydantic', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=REPOSITORY)
    assert (done.returncode, done.stderr) == (0, "")


def test_exit_codes_and_streams(program, scene, tmp_path):
    done = program("detect", scene, "-d", "grx", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("{")
    for code, arguments in ((2, ("-d", "none")), (3, ("-d", "grx", "--truth", tmp_path / "none"))):
        done = program("detect", scene, *arguments)
        assert (done.returncode, done.stdout) == (code, "")
        assert done.stderr.startswith("hadviewer: ")
        assert done.stderr.count("\n") == 1


def test_without_a_display_there_is_a_sentence_and_no_crash_of_qt(program, scene):
    done = program(scene)
    assert done.returncode == 1
    assert done.stderr.startswith("hadviewer: There is no display here")
    assert "--screenshot" in done.stderr
    assert done.stderr.count("\n") == 1


def test_missing_libraries_of_qt_are_a_sentence(monkeypatch, capsys, scene):
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.delitem(sys.modules, "hadviewer.gui.app", raising=False)
    monkeypatch.delattr(importlib.import_module("hadviewer.gui"), "app", raising=False)

    class Missing:
        def find_spec(self, name, path=None, target=None):
            if name == "hadviewer.gui.app":
                raise ImportError("libEGL.so.1: cannot open shared object file: No such file or directory")

    monkeypatch.setattr(sys, "meta_path", [Missing(), *sys.meta_path])
    assert __main__.main([str(scene)]) == 1
    assert capsys.readouterr().err.startswith("hadviewer: Qt cannot be loaded (libEGL.so.1")


def test_a_bug_is_a_sentence_that_says_how_to_see_more(program, scene, plug_in):
    done = program("detect", scene, "-d", "buggy", **plug_in)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("hadviewer: This is a mistake in the program, not yours (KeyError: 'nothing').")
    assert "HADVIEWER_DEBUG=1" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Traceback" in program("detect", scene, "-d", "buggy", **plug_in, HADVIEWER_DEBUG="1").stderr
    assert "Traceback" in program("detect", scene, "-d", "buggy", "--verbose", **plug_in).stderr


@pytest.mark.parametrize("arguments", [(), ("--json",)])
def test_ctrl_c_is_130_and_leaves_nothing_behind(scene, tmp_path, plug_in, arguments):
    out = tmp_path / "out"
    command = [sys.executable, "-c", LISTENING, "detect", scene, "-d", "slow", "--out", out, *arguments]
    running = subprocess.Popen(
        list(map(str, command)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
        env=os.environ | plug_in,
    )
    assert running.stdout.readline() == "running\n"
    running.send_signal(signal.SIGINT)
    rest, errors = running.communicate(timeout=60)
    assert running.returncode == 130
    assert (rest, errors) == ("", "hadviewer: Interrupted.\n")
    assert not out.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["field.mat", "plug"]


def test_a_reader_that_goes_away_is_no_error(scene):
    command = f"{sys.executable} -m hadviewer detect {scene} -d grx --json | true; exit ${{PIPESTATUS[0]}}"
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    for environment in (buffered, buffered | {"PYTHONUNBUFFERED": "1"}):
        done = subprocess.run(
            ["bash", "-c", command], capture_output=True, text=True, check=False, cwd=REPOSITORY, env=environment
        )
        assert (done.returncode, done.stderr) == (0, "")


def test_on_a_terminal_there_is_a_progress_bar_and_a_table(scene):
    """Standard error is a terminal: the bar is drawn there and wiped; standard output stays clean."""
    try:
        ours, theirs = pty.openpty()
    except OSError as error:
        pytest.skip(f"this system gives no pseudo-terminal: {error}")
    command = [sys.executable, "-m", "hadviewer", "detect", str(scene), "-d", "grx", "--json"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs, text=True, cwd=REPOSITORY)
    os.close(theirs)
    drawn = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:
            break
        if not part:
            break
        drawn += part
    out, _ = running.communicate(timeout=60)
    os.close(ours)
    assert running.returncode == 0
    assert out.startswith("{")
    assert b"Global RX" in drawn
    assert b"100 %" in drawn
