"""What a crash leaves: each running program keeps its session in a folder of its own, which a clean exit removes.

A folder's name says whose it is (machine, process, when that began), so that nothing has to be locked: what belongs to
a process that is no more can be taken, by renaming, which only one taker can do.
"""

import json
import os
import platform
import re
import shutil
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from hadviewer.core.errors import ReadError
from hadviewer.engine.session_arrays import ArrayNames
from hadviewer.engine.session_file import CORE, SavedSession, open_folder, save_folder

SAME_START_MS = 2000
"""Two processes with one number began at least this far apart."""
_NAME = re.compile(r"(?P<host>[\w-]*)_(?P<pid>\d{1,10})_(?P<began>\d{1,15})_[0-9a-f]{8}")


@dataclass(frozen=True)
class LeftBehind:
    """A session that a program which ended unexpectedly was at: where it is kept, its name, when it was kept."""

    folder: Path
    name: str
    kept: datetime


class Recovery:
    """The session of this program under ``root``, and those left there by others. May be used from any thread."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._names = ArrayNames()
        self._lock = threading.Lock()
        self._folder: Path | None = None
        self._claimed: dict[Path, Path] = {}

    def keep(self, saved: SavedSession) -> None:
        """Keep this session in place of the one before. Raises WriteError."""
        with self._lock:
            self._folder = self._folder or self._own_place()
            save_folder(self._folder, saved, self._names)

    def clear(self) -> None:
        """Keep nothing any more."""
        with self._lock:
            self._remove(self._folder)
            self._folder = None

    def left_behind(self) -> list[LeftBehind]:
        """What programs left that are no more, the latest first."""
        found: list[LeftBehind] = []
        with suppress(OSError):
            for folder in self._root.iterdir():
                if _abandoned(folder.name):
                    found += _looked_into(folder)
        return sorted(found, key=lambda item: item.kept, reverse=True)

    def take(self, left: LeftBehind, places: Mapping[Path, Path] | None = None) -> SavedSession:
        """Open what was left; from now on it is kept as this program's own. Raises ReadError."""
        with self._lock:
            mine = self._claimed.get(left.folder)
            if mine is None:
                mine = self._own_place()
                try:
                    left.folder.rename(mine)
                except OSError:
                    raise ReadError(f"{left.name} is being recovered by another window already.") from None
                self._claimed[left.folder] = mine
            saved = open_folder(mine, places)
            if self._folder != mine:
                self._remove(self._folder)
            self._folder = mine
            return saved

    def discard(self, left: LeftBehind) -> None:
        """Let it go for good."""
        self._remove(left.folder)

    def _own_place(self) -> Path:
        import psutil

        began = int(psutil.Process().create_time() * 1000)
        return self._root / f"{_host()}_{os.getpid()}_{began}_{os.urandom(4).hex()}"

    @staticmethod
    def _remove(folder: Path | None) -> None:
        if folder is not None:
            # Without its description it is nothing that could be recovered, should the rest be interrupted.
            with suppress(OSError):
                (folder / CORE).unlink()
            shutil.rmtree(folder, ignore_errors=True)


def _host() -> str:
    """This machine, in letters that a file name may have: its user's folder may be shared with others."""
    return re.sub(r"[^\w-]", "-", platform.node(), flags=re.ASCII)


def _abandoned(name: str) -> bool:
    """Whether a folder belongs to a process of this machine that is no more."""
    import psutil

    match = _NAME.fullmatch(name)
    if match is None or match["host"] != _host():
        return False
    try:
        process = psutil.Process(int(match["pid"]))
        if process.status() == psutil.STATUS_ZOMBIE:
            return True
        return abs(process.create_time() * 1000 - int(match["began"])) > SAME_START_MS
    except psutil.NoSuchProcess:
        return True
    except (psutil.Error, OverflowError):
        return False


def _looked_into(folder: Path) -> list[LeftBehind]:
    """What is kept in a folder; one that was abandoned before anything was kept goes."""
    try:
        core = folder / CORE
        kept = datetime.fromtimestamp(core.stat().st_mtime, UTC).astimezone()
        document = json.loads(core.read_bytes())
        path, name = document.get("path"), "a session"
    except FileNotFoundError:
        shutil.rmtree(folder, ignore_errors=True)
        return []
    except (OSError, ValueError, AttributeError, RecursionError):
        return []
    with suppress(KeyError, TypeError):
        cube = document["state"]["scene"]["cube"]
        name = str(cube["cube"]["name"] if "values" in cube else cube["name"])
    return [LeftBehind(folder, Path(path).stem if isinstance(path, str) and path else name, kept)]
