"""A file is there whole or not at all, whatever goes wrong meanwhile."""

import os
from pathlib import Path

import pytest

from hadviewer.core.errors import Cancelled, WriteError
from hadviewer.io.atomic import replacing


def test_the_target_appears_at_the_end_and_replaces_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "new" / "a.dat"
    for text in ("one", "two"):
        with replacing(target) as (part,):
            part.write_text(text)
            assert not target.exists() or target.read_text() == "one"
        assert target.read_text() == text
    assert [path.name for path in target.parent.iterdir()] == ["a.dat"]


@pytest.mark.parametrize("reason", [Cancelled(), KeyboardInterrupt(), ValueError("bug"), OSError(28, "No space left")])
def test_nothing_half_written_stays_behind(tmp_path: Path, reason: BaseException) -> None:
    (tmp_path / "a.dat").write_text("old")
    expected = WriteError if isinstance(reason, OSError) else type(reason)

    def fail() -> None:
        with replacing(tmp_path / "a.dat", tmp_path / "a.hdr") as (data, header):
            data.write_text("new")
            header.write_text("new")
            raise reason

    with pytest.raises(expected):
        fail()
    assert [path.name for path in tmp_path.iterdir()] == ["a.dat"]
    assert (tmp_path / "a.dat").read_text() == "old"


def test_a_full_disk_is_one_sentence_that_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(WriteError) as caught, replacing(tmp_path / "a.dat"):
        raise OSError(28, os.strerror(28))
    assert caught.value.message == f"a.dat cannot be written into {tmp_path}: No space left on device."


def test_a_folder_that_cannot_be_made_is_a_write_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(WriteError, match=r"a\.dat"), replacing(tmp_path / "file" / "a.dat"):
        pass
