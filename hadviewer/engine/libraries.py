"""Opening spectral libraries, whatever their format."""

from collections.abc import Sequence
from pathlib import Path

from hadviewer.core.errors import ReadError
from hadviewer.core.library import SpectralLibrary
from hadviewer.core.specs import LibrarySpec, Match
from hadviewer.engine import catalog

HEAD_BYTES = 4096


def open_library(path: str | Path) -> SpectralLibrary:
    """The spectra of one file; raises ReadError with every reader's reason in its details."""
    place = Path(path).expanduser()
    reasons: list[str] = []
    for reader in _candidates(place):
        try:
            return reader.open(place)
        except ReadError as error:
            reasons.append(f"{reader.title}: {error}")
    if not reasons:
        known = ", ".join(reader.title for reader in catalog.library_readers())
        raise ReadError(f"{place.name} is no spectral library that this program knows.", hint=f"It reads {known}.")
    first = reasons[0].partition(": ")[2]
    raise ReadError(first, details="\n".join(reasons) if len(reasons) > 1 else "")


def open_libraries(paths: Sequence[Path]) -> tuple[list[SpectralLibrary], list[ReadError]]:
    """The libraries of several files; single spectra over the same wavelengths are put together. And what failed."""
    found: list[SpectralLibrary] = []
    failed: list[ReadError] = []
    for path in paths:
        try:
            found.append(open_library(path))
        except ReadError as error:
            failed.append(error)
    once = {library.source: library for library in found}  # both files of a pair may have been chosen
    return _gathered(list(once.values())), failed


def is_library(path: Path) -> bool:
    """Whether a file is surely a spectral library, or may be one and nothing that holds a cube."""
    candidates = _candidates(path, quiet=True)
    if not candidates:
        return False
    head = _head(path)
    if candidates[0].sniff(path, head) == Match.YES:
        return True
    return all(reader.sniff(path, head) == Match.NO for reader in catalog.readers())


def _candidates(path: Path, *, quiet: bool = False) -> list[LibrarySpec]:
    """The readers that may know the file, the surest first."""
    try:
        head = _head(path)
    except ReadError:
        if quiet:
            return []
        raise
    matches = [(reader.sniff(path, head), reader) for reader in catalog.library_readers()]
    return [reader for match, reader in sorted(matches, key=lambda item: -item[0]) if match > Match.NO]


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(HEAD_BYTES)
    except OSError as error:
        reason = "does not exist" if isinstance(error, FileNotFoundError) else f"cannot be read: {error.strerror}"
        raise ReadError(f"{path} {reason}.", hint="Check the path.") from None


def _gathered(libraries: Sequence[SpectralLibrary]) -> list[SpectralLibrary]:
    """Files of one spectrum each, such as those of a field campaign, as one library for each folder and grid."""
    import numpy as np

    groups: dict[object, list[SpectralLibrary]] = {}
    for library in libraries:
        waves = library.wavelengths
        single = len(library) == 1 and waves is not None and library.source is not None
        folder = library.source.parent if library.source is not None else None
        key = (folder, library.quantity, waves.tobytes()) if single and waves is not None else id(library)
        groups.setdefault(key, []).append(library)
    gathered = []
    for members in groups.values():
        first = members[0]
        if len(members) == 1:
            gathered.append(first)
            continue
        source = first.source.parent if first.source is not None else None
        gathered.append(
            SpectralLibrary(
                name=source.name if source is not None else first.name,
                names=tuple(member.names[0] for member in members),
                spectra=np.vstack([member.spectra for member in members]),
                wavelengths=first.wavelengths,
                quantity=first.quantity,
                source=source,
                notes=tuple(dict.fromkeys(note for member in members for note in member.notes)),
            )
        )
    return gathered
