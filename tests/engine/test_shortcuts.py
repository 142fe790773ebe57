"""Keys taken along as a file: back as they were; files from strangers do no harm."""

import json
from pathlib import Path

import pytest

from hadviewer.core.errors import ReadError, WriteError
from hadviewer.engine.shortcuts import LARGEST, read_shortcuts, write_shortcuts


def test_keys_come_back_as_they_were(tmp_path: Path) -> None:
    keys = {"open": "Ctrl+O; Ctrl+Shift+U", "run": "", "fit": "Ö"}
    write_shortcuts(tmp_path / "keys.json", keys)
    assert read_shortcuts(tmp_path / "keys.json") == keys


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\xff\xfe\x00", id="no-text"),
        pytest.param(b"[" * 50_000, id="deep"),
        pytest.param(b'{"keys": {}}', id="of-something-else"),
        pytest.param(b'{"kind": "hadviewer shortcuts", "version": 1, "keys": ["Ctrl+O"]}', id="list"),
        pytest.param(b'{"kind": "hadviewer shortcuts", "version": 1, "keys": {"open": 5}}', id="number"),
        pytest.param(b'{"kind": "hadviewer shortcuts", "version": 9, "keys": {}}', id="newer"),
        pytest.param(b" " * (LARGEST + 1), id="large"),
        pytest.param(
            json.dumps({"kind": "hadviewer shortcuts", "version": 1, "keys": {"open": "x" * 1000}}).encode(), id="long"
        ),
    ],
)
def test_what_is_no_such_file_is_refused_in_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "keys.json"
    path.write_bytes(content)
    with pytest.raises(ReadError, match=r"keys\.json"):
        read_shortcuts(path)


def test_a_missing_file_and_a_full_disk_are_told(tmp_path: Path) -> None:
    with pytest.raises(ReadError):
        read_shortcuts(tmp_path / "none.json")
    (tmp_path / "file").write_text("")
    with pytest.raises(WriteError):
        write_shortcuts(tmp_path / "file" / "keys.json", {})
