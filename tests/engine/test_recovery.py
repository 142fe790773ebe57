"""What is left of a program that was killed, and that programs side by side leave each other alone."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hadviewer.core.cube import Scene
from hadviewer.core.errors import ReadError
from hadviewer.engine import verbs
from hadviewer.engine.recovery import LeftBehind, Recovery
from hadviewer.engine.session import Session
from hadviewer.engine.session_file import CORE, SavedSession


@pytest.fixture
def saved() -> SavedSession:
    session = Session()
    session.open(Scene(verbs.as_cube(np.ones((4, 5, 3), np.float32), "field")))
    session.pins.add(1, 2)
    return SavedSession(session.state)


@pytest.fixture
def dead() -> int:
    """The number of a process that is no more."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@pytest.fixture
def crash(saved: SavedSession, tmp_path: Path, dead: int) -> Callable[[str], Path]:
    """Leaves the session behind as a program that was killed does."""

    def leave(token: str = "0a0b0c0d") -> Path:
        Recovery(tmp_path).keep(saved)
        (folder,) = (item for item in tmp_path.iterdir() if f"_{dead}_" not in item.name)
        host, _, began, _ = folder.name.rsplit("_", 3)
        return folder.rename(tmp_path / f"{host}_{dead}_{began}_{token}")

    return leave


def test_what_a_killed_program_kept_is_found_and_taken_once(
    crash: Callable[[], Path], tmp_path: Path, saved: SavedSession
) -> None:
    folder = crash()
    first, second = Recovery(tmp_path), Recovery(tmp_path)
    (left,) = first.left_behind()
    assert (left.folder, left.name) == (folder, "field")
    assert first.take(left).state.pins == saved.state.pins
    assert first.left_behind() == second.left_behind() == []
    with pytest.raises(ReadError, match="being recovered by another window"):
        second.take(left)
    first.clear()
    assert list(tmp_path.iterdir()) == []


def test_what_is_taken_is_kept_until_the_program_ends_well(crash: Callable[[], Path], tmp_path: Path) -> None:
    crash()
    recovery = Recovery(tmp_path)
    taken = recovery.take(recovery.left_behind()[0])
    (folder,) = tmp_path.iterdir()
    assert (folder / CORE).exists()
    recovery.keep(taken)
    assert list(tmp_path.iterdir()) == [folder]


def test_programs_side_by_side_leave_each_other_alone(saved: SavedSession, tmp_path: Path) -> None:
    first, second = Recovery(tmp_path), Recovery(tmp_path)
    first.keep(saved)
    second.keep(saved)
    assert first.left_behind() == second.left_behind() == []
    first.clear()
    assert len(list(tmp_path.iterdir())) == 1
    second.clear()
    assert list(tmp_path.iterdir()) == []


def test_folders_of_other_machines_and_others_are_left_alone(crash: Callable[[], Path], tmp_path: Path) -> None:
    crash().rename(tmp_path / "elsewhere_12_34_0a0b0c0d")
    (tmp_path / "notes").mkdir()
    assert Recovery(tmp_path).left_behind() == []
    assert len(list(tmp_path.iterdir())) == 2


def test_what_was_never_kept_or_is_damaged_is_not_offered(crash: Callable[..., Path], tmp_path: Path) -> None:
    empty, odd = crash("0a0b0c0d"), crash("0a0b0c0e")
    (empty / CORE).unlink()
    (odd / CORE).write_text("[]")
    assert Recovery(tmp_path).left_behind() == []
    assert not empty.exists()


def test_what_is_discarded_is_gone(crash: Callable[[], Path], tmp_path: Path) -> None:
    crash()
    recovery = Recovery(tmp_path)
    recovery.discard(recovery.left_behind()[0])
    assert list(tmp_path.iterdir()) == []


def test_no_folder_is_nothing_left(tmp_path: Path) -> None:
    recovery = Recovery(tmp_path / "none")
    assert recovery.left_behind() == []
    recovery.clear()
    recovery.discard(LeftBehind(tmp_path / "gone", "x", None))  # type: ignore[arg-type]
