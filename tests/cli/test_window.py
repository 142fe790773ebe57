"""hadviewer FILE opens the window with what was asked, or says why it cannot."""

import os
import socket
from pathlib import Path

import pytest

from hadviewer.cli import display


@pytest.fixture(autouse=True)
def platform(monkeypatch):
    """Windows are 'opened' without a screen unless a test says otherwise."""
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture
def no_display(monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(display.sys, "platform", "linux")


def test_without_arguments_the_demo_scene(shell):
    assert shell() == 0
    ((path, options),) = shell.windows
    assert path is None
    assert set(options) == {"entry", "options", "truth", "screenshot", "run", "size", "theme"}
    assert all(value is None for value in options.values())


def test_everything_asked_for_reaches_the_window(shell, scene):
    flags = ("--screenshot", "a.png", "--run", "grx", "--size", "1200x800", "--theme", "dark", "--entry", "data")
    flags = (*flags, "--option", "order=bip")
    assert shell(scene, *flags, "--truth", f"{scene}:map") == 0
    ((path, options),) = shell.windows
    assert path == str(scene)
    assert options == {
        "entry": "data",
        "options": {"order": "bip"},
        "truth": f"{scene}:map",
        "screenshot": Path("a.png"),
        "run": "grx",
        "size": (1200, 800),
        "theme": "dark",
    }


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (("--size", "big"), "'big' is not a size such as 1600x1000"),
        (("--size", "1x1"), "is not a size"),
        (("--theme", "pink"), "invalid choice"),
        (("--run", "none"), "There is no detector 'none'"),
        (("--what",), "Unrecognized arguments: --what"),
    ],
)
def test_wrong_flags_open_nothing(shell, scene, flags, sentence):
    assert sentence in shell.refuses(2, scene, *flags)
    assert shell.windows == []


def test_a_file_that_is_not_there_opens_nothing_and_hints_at_the_commands(shell, tmp_path):
    assert "does not exist. Give a file, or one of the commands info, list" in shell.refuses(3, tmp_path / "none.hdr")
    assert "does not exist" in shell.refuses(3, "lst")
    assert shell.windows == []


def test_without_a_display_it_says_so_and_offers_a_picture(shell, scene, no_display):
    assert "no display" in shell.refuses(1, scene)
    assert "--screenshot" in shell.refuses(1, scene)
    assert shell.windows == []


def test_without_a_display_a_picture_is_drawn_all_the_same(shell, scene, no_display, monkeypatch):
    monkeypatch.setenv("QT_QPA_PLATFORM", "")
    assert shell(scene, "--screenshot", "a.png") == 0
    assert os.environ["QT_QPA_PLATFORM"] == "offscreen"
    assert len(shell.windows) == 1


@pytest.mark.parametrize("name", ["localhost:77", ":4077", ":x", "unix:4077.0", ""])
def test_a_display_that_does_not_answer_is_none(shell, scene, no_display, monkeypatch, name):
    monkeypatch.setenv("DISPLAY", name)
    assert "no display" in shell.refuses(1, scene)


def test_a_display_that_answers_is_used(shell, scene, no_display, monkeypatch):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("\0/tmp/.X11-unix/X4078")
        server.listen()
        monkeypatch.setenv("DISPLAY", ":4078.0")
        assert shell(scene) == 0
    assert len(shell.windows) == 1


def test_a_wayland_session_is_used(shell, scene, no_display, monkeypatch, tmp_path):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "wayland-9"))
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
        monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-9")
        assert shell(scene) == 0
    assert len(shell.windows) == 1


def test_other_systems_always_have_a_display(shell, scene, no_display, monkeypatch):
    monkeypatch.setattr(display.sys, "platform", "darwin")
    assert shell(scene) == 0
