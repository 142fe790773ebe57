"""Spectra of the USGS library as text: version 7 (values alone, wavelengths in a file beside) and 6 (three columns)."""

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.errors import ReadError
from hadviewer.core.library import SpectralLibrary
from hadviewer.core.specs import LibrarySpec, Match
from hadviewer.io.readers._text import looks_like_text, numbers, text_lines
from hadviewer.io.readers._wavelengths import in_nanometres

DELETED_BELOW = -1e30
LEVELS = 3
"""How many folders upwards the file of the wavelengths is looked for."""
_RECORD = re.compile(r"\s*\S*splib\S*\s+Record\s*=\s*\d+\s*:\s*(.*?)\s*", re.IGNORECASE)
_OLDER = re.compile(r"\s*(?:line \d+\s*:?\s*)?USGS Digital Spectral Library", re.IGNORECASE)


def sniff(path: Path, head: bytes) -> int:
    """The title line of version 7, or the first line of version 6."""
    if path.is_dir() or not looks_like_text(head):
        return Match.NO
    first = re.split(rb"\r\n|\r|\n", head.lstrip(), maxsplit=1)[0].decode("latin-1")
    return Match.YES if _RECORD.fullmatch(first) or _OLDER.match(first) else Match.NO


def open_library(path: Path) -> SpectralLibrary:
    """The spectrum with its wavelengths, which are missing when their file is."""
    lines = text_lines(path)
    rows = [row for line in lines[1:] if (row := numbers(line.split())) and row]
    title = _RECORD.fullmatch(lines[0])
    if title is None:
        return _version_6(path, lines, rows)
    values = np.array([row[0] for row in rows if len(row) == 1])
    if not values.size:
        raise ReadError(f"{path.name} holds no values.", hint="Download it again.")
    waves, notes = _wavelengths_beside(path, len(values))
    name = re.sub(r"\s+", " ", title[1]).strip() or path.stem
    return _library(path, name, values, waves, notes)


def _version_6(path: Path, lines: list[str], rows: list[list[float]]) -> SpectralLibrary:
    """Columns of wavelength, reflectance and its deviation behind a page of text."""
    triples = np.array([row[:2] for row in rows if len(row) in (2, 3)])
    if not len(triples):
        raise ReadError(f"{path.name} holds no lines of wavelength and reflectance.", hint="Download it again.")
    titles = [line.strip() for line in lines[1:20] if line.strip() and numbers(line.split()) is None]
    named = next((text for text in titles if "title" in text.lower()), "")
    name = re.sub(r"^.*?title\s*[=:]\s*", "", named, flags=re.IGNORECASE) or path.stem
    return _library(path, name, triples[:, 1], triples[:, 0], ())


def _library(
    path: Path, name: str, values: NDArray[np.float64], waves: NDArray[np.float64] | None, notes: tuple[str, ...]
) -> SpectralLibrary:
    values[values < DELETED_BELOW] = np.nan
    centres = None if waves is None else in_nanometres(waves, "um").centres
    with np.errstate(over="ignore"):
        single = values.astype(np.float32)
    single[~np.isfinite(single)] = np.nan
    return SpectralLibrary(path.stem, (name,), single[np.newaxis], centres, None, "Reflectance", path, notes)


def _wavelengths_beside(path: Path, count: int) -> tuple[NDArray[np.float64] | None, tuple[str, ...]]:
    """The wavelengths of the spectrometer with this many channels, from their own file in a folder above."""
    folder = path.parent
    for _ in range(LEVELS):
        for candidate in sorted(folder.glob("*[Ww]avelengths*.txt")):
            try:
                rows = [numbers(line.split()) for line in text_lines(candidate)[1:] if line.strip()]
            except ReadError:
                continue
            values = [row[0] for row in rows if row is not None and len(row) == 1]
            if len(values) == count:
                return np.array(values), ()
        folder = folder.parent
    sentence = f"{path.name} has no wavelengths: the file splib07…Wavelengths… of its spectrometer is not beside it."
    return None, (sentence,)


SPEC = LibrarySpec(
    id="usgs",
    title="USGS spectrum",
    extensions=(".txt", ".asc"),
    sniff=sniff,
    open=open_library,
    summary="A spectrum of the USGS library as text.",
)
