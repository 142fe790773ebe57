"""Spectra of the ECOSTRESS and ASTER libraries as text: lines of 'Name: …', then wavelength and value."""

import re
from pathlib import Path

import numpy as np

from hadviewer.core.errors import ReadError
from hadviewer.core.library import SpectralLibrary
from hadviewer.core.specs import LibrarySpec, Match
from hadviewer.io.readers._text import looks_like_text, numbers, text_lines
from hadviewer.io.readers._wavelengths import in_nanometres

_FIELD = re.compile(r"\s*([A-Za-z][\w .]*?)\s*:\s*(.*?)\s*$")
_UNIT = re.compile(r"micromet|micron|nanomet|wavenumber|\bnm\b|\bum\b|cm-1", re.IGNORECASE)
_UNITS = {"micromet": "um", "micron": "um", "nanomet": "nm", "wavenumber": "cm-1"}


def sniff(path: Path, head: bytes) -> int:
    """A line 'Name:' at the start and more of the fields that every such file has."""
    if path.is_dir() or not looks_like_text(head):
        return Match.NO
    fields = {match[1].lower() for line in head.decode("latin-1").splitlines() if (match := _FIELD.match(line))}
    return (
        Match.YES
        if "name" in fields and len(fields & {"type", "class", "subclass", "wavelength range"}) > 1
        else Match.NO
    )


def open_library(path: Path) -> SpectralLibrary:
    """The spectrum, percents as shares of 1."""
    about: dict[str, str] = {}
    rows: list[list[float]] = []
    for line in text_lines(path):
        row = numbers(line.replace(",", " ").split())
        match = _FIELD.match(line)
        if row and len(row) >= 2:
            rows.append(row[:2])
        elif match and not rows:
            about.setdefault(match[1].lower(), match[2])
    if not rows:
        raise ReadError(f"{path.name} holds no lines of wavelength and value.", hint="Download it again.")
    table = np.array(rows)
    unit = _UNIT.search(about.get("x units", ""))
    word = unit[0].lower() if unit else ""
    found = in_nanometres(table[:, 0], _UNITS.get(word, word))
    values = table[:, 1]
    kind = about.get("y units", "Reflectance")
    if "percent" in kind.lower() or "%" in kind:
        values = values / 100
    quantity = re.split(r"[\s(]", kind.strip(), maxsplit=1)[0].capitalize() or "Value"
    with np.errstate(over="ignore"):
        single = values.astype(np.float32)
    single[~np.isfinite(single) | (single < -1e30)] = np.nan
    name = about.get("name") or path.stem
    return SpectralLibrary(path.stem, (name,), single[np.newaxis], found.centres, None, quantity, path, found.notes)


SPEC = LibrarySpec(
    id="ecostress",
    title="ECOSTRESS spectrum",
    extensions=(".txt",),
    sniff=sniff,
    open=open_library,
    summary="A spectrum of the ECOSTRESS or ASTER library as text.",
)
