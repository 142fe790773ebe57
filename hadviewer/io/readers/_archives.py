"""Products in zip archives: the files of one are unpacked into a temporary folder, checked, and removed at the end."""

import atexit
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from hadviewer.core.errors import ReadError
from hadviewer.io.readers._files import unreadable

MAGIC = b"PK\x03\x04"
MOST_MEMBERS = 10_000
# Deflate cannot pack more tightly than this; an archive that claims more is damaged or means harm.
MAX_COMPRESSION = 1100
SPARE = 256 * 2**20
_BROKEN = (
    zipfile.BadZipFile, zlib.error, EOFError, ValueError, KeyError, IndexError, NotImplementedError, RuntimeError,
    OverflowError, UnicodeError,
)  # fmt: skip
_unpacked: dict[tuple[Path, int, int], Path] = {}


def members(path: Path) -> list[str]:
    """The names of the files in an archive, without their folders. Raises ReadError."""
    with _opened(path) as archive:
        return [Path(item.filename).name for item in _files(archive)]


def unpack(path: Path, wanted: Callable[[str], bool]) -> Path:
    """A folder with those files of an archive whose names are ``wanted``; the same one for the same archive."""
    try:
        stat = path.stat()
    except OSError as error:
        raise unreadable(path, error) from None
    key = (path.resolve(), stat.st_mtime_ns, stat.st_size)
    if key not in _unpacked:
        _unpacked[key] = _extract(path, wanted)
    return _unpacked[key]


def _extract(path: Path, wanted: Callable[[str], bool]) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="hadviewer-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    try:
        with _opened(path) as archive:
            chosen = {Path(item.filename).name: item for item in _files(archive) if wanted(Path(item.filename).name)}
            _check_sizes(path, list(chosen.values()), folder)
            for name, item in chosen.items():
                _write(path, archive, item, folder / name)
    except ReadError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder


def _files(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The plain files; the last part of a name is all that is used of it, so none leads anywhere else."""
    items = [item for item in archive.infolist()[:MOST_MEMBERS] if item.filename and not item.is_dir()]
    return [item for item in items if Path(item.filename).name not in ("", "..")]


def _check_sizes(path: Path, items: list[zipfile.ZipInfo], folder: Path) -> None:
    for item in items:
        if not item.file_size:
            raise ReadError(
                f"{Path(item.filename).name} in {path.name} is empty (0 bytes).", hint="Download the archive again."
            )
        if item.flag_bits & 1:
            raise ReadError(f"{path.name} is encrypted.", hint="Unpack it with its password and open the folder.")
        if item.file_size > MAX_COMPRESSION * max(item.compress_size, 1):
            raise ReadError(
                f"{Path(item.filename).name} in {path.name} claims {item.file_size} bytes, more than it can hold.",
                hint="The archive is damaged: download it again.",
            )
    needed = sum(item.file_size for item in items)
    if needed + SPARE > shutil.disk_usage(folder).free:
        raise ReadError(
            f"{path.name} needs {needed / 2**30:.1f} GiB unpacked, more than is free in {folder.parent}.",
            hint="Unpack it elsewhere and open the folder.",
        )


def _write(path: Path, archive: zipfile.ZipFile, item: zipfile.ZipInfo, target: Path) -> None:
    left = item.file_size
    try:
        with archive.open(item) as packed, target.open("wb") as file:
            while left and (part := packed.read(min(left, 2**20))):
                file.write(part)
                left -= len(part)
    except (*_BROKEN, OSError) as error:
        raise _damaged(path, error) from None
    if left:
        raise _damaged(path, EOFError("it ends too early"))


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (*_BROKEN, OSError) as error:
        raise _damaged(path, error) from None


def _damaged(path: Path, error: Exception) -> ReadError:
    return ReadError(
        f"{path.name} is damaged or cannot be unpacked.",
        hint="Download it again, or unpack it and open the folder.",
        details=f"{type(error).__name__}: {error}",
    )
