"""Keys that users chose for commands, as a small file to take along."""

import json
from pathlib import Path
from typing import Any

from hadviewer.core.errors import ReadError
from hadviewer.io.atomic import replacing

KIND, VERSION = "hadviewer shortcuts", 1
LARGEST = 64 * 1024
LONGEST_KEYS = 100
_NOT_ONE = "Choose a file written by Export in the dialog Keyboard shortcuts."


def write_shortcuts(path: Path, keys: dict[str, str]) -> None:
    """Write the keys of commands, by command; WriteError where the system refuses."""
    text = json.dumps({"kind": KIND, "version": VERSION, "keys": keys}, indent=2, ensure_ascii=False)
    with replacing(path) as (part,):
        part.write_text(text + "\n", encoding="utf-8")


def read_shortcuts(path: Path) -> dict[str, str]:
    """The keys in a file, by command; '' takes a command its keys. ReadError where it is no such file."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
        content = json.loads(data.decode("utf-8")) if len(data) <= LARGEST else None
    except OSError as error:
        raise ReadError(f"{path.name} cannot be read: {error.strerror or error}.") from error
    except (ValueError, RecursionError):
        content = None
    keys = content.get("keys") if isinstance(content, dict) and content.get("kind") == KIND else None
    if not isinstance(keys, dict) or not all(_is_text(value) for value in keys.values()):
        raise ReadError(f"{path.name} holds no keyboard shortcuts.", hint=_NOT_ONE)
    assert isinstance(content, dict)
    if content.get("version") != VERSION:
        raise ReadError(f"{path.name} was written by another version of the program.", hint=_NOT_ONE)
    return keys


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_KEYS
