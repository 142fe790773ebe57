"""Files that belong together appear together, or the folder stays as it was."""

import os
from pathlib import Path

import pytest

from hadviewer.core.errors import Cancelled, WriteError
from hadviewer.io import staging
from hadviewer.io.staging import staged


def write_all(folder: Path, names: str, source: Path | None = None) -> None:
    with staged(folder, source) as stage:
        for name in names.split():
            (stage / name).write_text("new")


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_all_files_appear_at_the_end(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    with staged(tmp_path) as stage:
        (stage / "a").write_text("new")
        (stage / "b").write_text("new")
        assert (tmp_path / "a").read_text() == "old"
        assert not (tmp_path / "b").exists()
    assert contents(tmp_path) == {"a": "new", "b": "new"}


@pytest.mark.parametrize("reason", [Cancelled(), KeyboardInterrupt(), ValueError("bug"), OSError(28, "No space left")])
def test_none_appears_when_the_writing_fails(tmp_path: Path, reason: BaseException) -> None:
    def fail() -> None:
        with staged(tmp_path / "new" / "folder") as stage:
            (stage / "a").write_text("new")
            raise reason

    with pytest.raises(WriteError if isinstance(reason, OSError) else type(reason)):
        fail()
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("links", [True, False], ids=["with links", "without links"])
def test_what_was_there_comes_back_when_one_file_cannot_be_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    for name in ("a", "c"):
        (tmp_path / name).write_text("old")
    replace = Path.replace

    def refuse(self: Path, target: Path) -> Path:
        if target.name == "c" and self.parent.name.startswith(".export") and self.name == "c":
            raise PermissionError(13, os.strerror(13), str(target))
        return replace(self, target)

    def no_links(*_places: Path) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(Path, "replace", refuse)
    if not links:
        monkeypatch.setattr(staging.os, "link", no_links)
    with pytest.raises(WriteError, match=r"cannot be written into .*: Permission denied"):
        write_all(tmp_path, "a b c")
    assert contents(tmp_path) == {"a": "old", "c": "old"}


def test_the_source_and_its_header_are_never_replaced(tmp_path: Path) -> None:
    for name in ("scene.dat", "scene.hdr"):
        (tmp_path / name).write_text("source")
        with pytest.raises(WriteError, match="made from"):
            write_all(tmp_path, f"other {name}", tmp_path / "scene.dat")
        assert not (tmp_path / "other").exists()


def test_a_folder_that_cannot_be_made_is_a_write_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(WriteError, match="Files cannot be written into"), staged(tmp_path / "file"):
        pass
