"""What every reader asks of a file before it believes it."""

import io
import os
from pathlib import Path

from hadviewer.core.errors import ReadError

POINTER = b"version https://git-lfs"
_WEB_PAGE = (b"<!doctype html", b"<html")


class Bounded(io.FileIO):
    """A file of which no more is asked than there is: reading sets aside memory for all that a header claims."""

    def read(self, size: int | None = -1) -> bytes:
        """At most what is left."""
        left = max(0, os.fstat(self.fileno()).st_size - self.tell())
        return super().read(left if size is None or size < 0 else min(size, left)) or b""


def head_of(path: Path, size: int = 1024) -> bytes:
    """The first bytes of a file; raises ReadError when it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(size)
    except OSError as error:
        raise unreadable(path, error) from None


def unreadable(path: Path, error: OSError) -> ReadError:
    """The sentence for a file the system does not give."""
    if isinstance(error, FileNotFoundError):
        return ReadError(f"{path.name} does not exist.", hint="Check the path.")
    return ReadError(f"{path.name} cannot be read: {error.strerror or error}.", hint="Check its permissions.")


def is_stand_in(head: bytes) -> bool:
    """Whether the content is something else that was saved under the file's name."""
    return head.startswith(POINTER) or head.lstrip().lower().startswith(_WEB_PAGE)


def refuse_stand_in(path: Path, head: bytes) -> None:
    """Raise ReadError when the file is empty, a Git LFS pointer or a saved web page instead of data."""
    if not head:
        raise ReadError(f"{path.name} is empty (0 bytes).", hint="Copy or download it again.")
    if head.startswith(POINTER):
        raise ReadError(
            f"{path.name} is a Git LFS pointer, not the data itself.", hint="Fetch the data with: git lfs pull"
        )
    if is_stand_in(head):
        raise ReadError(f"{path.name} is a web page, not the data itself.", hint="Download the file again.")


def check_memory(path: Path, name: str, needed: int) -> None:
    """Raise ReadError when ``needed`` bytes are more than this machine has."""
    available = _memory()
    if available is not None and needed > available:
        raise ReadError(
            f"{name} in {path.name} needs {needed / 2**30:.1f} GiB, and this machine has {available / 2**30:.1f} GiB.",
            hint="Save the cube as ENVI or NPY, which open without being loaded whole.",
        )


def _memory() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None
