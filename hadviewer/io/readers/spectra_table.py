"""Tables of spectra as text: wavelength in the first column and a spectrum in each other one, or a spectrum a row."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.errors import ReadError
from hadviewer.core.library import SpectralLibrary
from hadviewer.core.specs import LibrarySpec, Match
from hadviewer.io.readers._text import is_written_number, looks_like_text, number, text_lines
from hadviewer.io.readers._wavelengths import Wavelengths, in_nanometres

COMMENTS = ("#", ";", "%", "!", "//")
_AXES = ("wavelength", "wavelengths", "wvl", "wl", "lambda", "wave", "nm", "um", "µm", "x")
_NUMBERS = ("band", "bands", "channel", "index", "")
_WIDTHS = ("fwhm", "bandwidth")
_MARKS = ("usable", "bbl", "good")
_UNIT = re.compile(r"(?:[\[(_ ]|^)(nm|nanomet\w*|um|µm|μm|micron\w*|micromet\w*|cm-1)\b", re.IGNORECASE)
_ENVI_COLUMN = re.compile(r"^\s*Column\s+\d+:\s*(.*?)(?:~~\d+)?\s*$", re.IGNORECASE)
_OTHER_DUMPS = ("envi output of rois", "roi name")


@dataclass
class _Table:
    """``header`` are the names of the columns, if any; ``rows`` cells as text."""

    header: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)


def sniff(path: Path, head: bytes) -> int:
    """Text with at least one line of two numbers; a dump of regions is no library."""
    if path.is_dir() or not looks_like_text(head):
        return Match.NO
    text = head.decode("latin-1")
    if any(word in text.lower() for word in _OTHER_DUMPS):
        return Match.NO
    lines = re.split(r"\r\n|\r|\n", text)[:-1] or [text]
    cut = _separator(lines)
    if lines == [text] and path.suffix.lower() == ".csv" and len(_cells(text, cut)) > 2:
        return Match.MAYBE  # the names of very many spectra
    for line in lines:
        cells = _cells(line, cut)
        if len(cells) > 1 and sum(map(is_written_number, cells)) > 1:
            return Match.MAYBE
    return Match.NO


def open_library(path: Path) -> SpectralLibrary:
    """The spectra of the table; raises ReadError when it holds none."""
    table = _read_table(path)
    lying = _lying(path, table)
    return lying if lying is not None else _standing(path, table)


def _read_table(path: Path) -> _Table:
    table, titles = _Table(), []
    lines = [line for line in text_lines(path) if line.strip()]
    cut = _separator(lines)
    for line in lines:
        title = _ENVI_COLUMN.match(line)
        if title:
            titles.append(title[1])
        elif not line.lstrip().startswith(COMMENTS):
            table.rows.append(_cells(line, cut))
    if all(len(row) > 1 and not row[-1].strip() for row in table.rows):  # a separator ends every line
        table.rows = [row[:-1] for row in table.rows]
    first = next((place for place, row in enumerate(table.rows) if _is_data(row)), None)
    if first is None:
        raise ReadError(
            f"{path.name} holds no table of numbers.",
            hint="A table has the wavelength in its first column and a spectrum in each other one.",
        )
    if _is_axis(table.rows[first]) and first + 1 < len(table.rows):
        first += 1
    width = len(table.rows[first])
    above = [row for row in table.rows[:first] if len(row) == width]
    table.header = titles if len(titles) == width else above[-1] if above else []
    table.rows = table.rows[first:]
    return table


def _separator(lines: Sequence[str]) -> str:
    """What stands between cells: the first of tab, semicolon and comma that the last lines have; '' for blanks."""
    sample = [line for line in lines if not line.lstrip().startswith(COMMENTS)][-20:]
    return next((mark for mark in "\t;," if sum(mark in line for line in sample) * 2 > len(sample)), "")


def _cells(line: str, cut: str) -> list[str]:
    if not cut:
        return line.split()
    try:
        return next(csv.reader([line], delimiter=cut, skipinitialspace=True))
    except csv.Error:  # quotes that never close around more than a cell may hold
        return [line]


def _lead(row: Sequence[str]) -> int:
    """How many cells of text stand before the first number."""
    return next((place for place, cell in enumerate(row) if is_written_number(cell)), len(row))


def _is_data(row: Sequence[str]) -> bool:
    """Numbers from the first cell on, or at least three of them behind names."""
    lead = _lead(row)
    numeric = all(number(cell) is not None for cell in row[lead:])
    return numeric and len(row) - lead >= (1 if lead == 0 else 3)


def _is_axis(row: Sequence[str]) -> bool:
    """Whether a row of numbers behind names is a line of wavelengths rather than a spectrum: it runs one way."""
    lead = _lead(row)
    return lead > 0 and _rising(np.array([number(cell) for cell in row[lead:]], dtype=np.float64))


def _standing(path: Path, table: _Table) -> SpectralLibrary:
    """A table with a spectrum in each column."""
    width = len(table.rows[0])
    if any(len(row) != width for row in table.rows):
        raise ReadError(f"The lines of {path.name} differ in their number of columns.", hint="Correct the table.")
    values = _values(path, table.rows)
    names = [name.strip() for name in table.header] or [""] * width
    lowered = [name.lower() for name in names]
    roles = {place: _role(name) for place, name in enumerate(lowered)} if table.header else {}
    axis = next((place for place, role in roles.items() if role == "axis"), None)
    if axis is None and width > 1 and (not table.header or roles[0] == "spectrum") and _rising(values[:, 0]):
        axis = 0
    chosen = [place for place in range(width) if place != axis and roles.get(place, "spectrum") == "spectrum"]
    if not chosen:
        raise ReadError(f"{path.name} has no column with a spectrum.", hint="Add one beside the wavelengths.")
    width_column = next((place for place, role in roles.items() if role == "fwhm"), None)
    spectra = values[:, chosen].T.copy()
    marks = next((place for place, role in roles.items() if role == "marks"), None)
    if marks is not None:
        spectra[:, values[:, marks] == 0] = np.nan
    titles = [names[place] or f"Spectrum {count}" for count, place in enumerate(chosen, 1)]
    if len(chosen) == 1 and not names[chosen[0]]:
        titles = [path.stem]
    return _library(
        path,
        titles,
        spectra,
        None if axis is None else values[:, axis],
        lowered[axis] if axis is not None else "",
        None if width_column is None else values[:, width_column],
    )


def _lying(path: Path, table: _Table) -> SpectralLibrary | None:
    """A table with a spectrum in each row and the wavelengths above them, or None where it is no such table."""
    header = table.header
    start = next((place for place, cell in enumerate(header) if is_written_number(_bare(cell))), None)
    if start is None or len(header) - start < 3 or any(not is_written_number(_bare(cell)) for cell in header[start:]):
        return None
    if any(len(row) != len(header) for row in table.rows):
        raise ReadError(f"The lines of {path.name} differ in their number of columns.", hint="Correct the table.")
    spectra = _values(path, [row[start:] for row in table.rows])
    above = np.array([number(_bare(cell)) for cell in header[start:]], dtype=np.float64)
    names = [row[0].strip() if start else "" for row in table.rows]
    titles = [name or f"Spectrum {count}" for count, name in enumerate(names, 1)]
    return _library(path, titles, spectra, above, " ".join(header), None)


def _bare(cell: str) -> str:
    """A wavelength without its unit or a letter before it: '450 nm', 'X450.3'."""
    match = re.fullmatch(r"\s*[A-Za-z_]?\s*(\d+(?:\.\d+)?)\s*(?:nm|um|µm)?\s*", cell)
    return match[1] if match else "?"


def _values(path: Path, rows: Sequence[Sequence[str]]) -> NDArray[np.float64]:
    values = np.empty((len(rows), len(rows[0])))
    for place, row in enumerate(rows):
        for column, cell in enumerate(row):
            value = number(cell)
            if value is None:
                raise ReadError(
                    f"{path.name} holds {cell.strip()[:30]!r} among its numbers.", hint="Correct the table."
                )
            values[place, column] = value
    return values


def _role(name: str) -> str:
    word = re.split(r"[\s_(\[]", name)[0]
    if word in _AXES or name in _AXES:
        return "axis"
    if name in _NUMBERS:
        return "number"
    return "fwhm" if word in _WIDTHS else "marks" if name in _MARKS else "spectrum"


def _rising(values: NDArray[np.float64]) -> bool:
    """Whether numbers without a name can be the axis: they are finite and run one way."""
    if len(values) < 2 or not np.isfinite(values).all():
        return False
    return bool(np.all(values[1:] > values[:-1]) or np.all(values[1:] < values[:-1]))


def _library(
    path: Path,
    names: Sequence[str],
    spectra: NDArray[np.float64],
    axis: NDArray[np.float64] | None,
    about_axis: str,
    widths: NDArray[np.float64] | None,
) -> SpectralLibrary:
    unit = _UNIT.search(about_axis)
    found = Wavelengths() if axis is None else in_nanometres(axis, _unit(unit[1]) if unit else "", widths)
    with np.errstate(over="ignore"):
        single = spectra.astype(np.float32)
    single[~np.isfinite(single) | (single < -1e30)] = np.nan
    return SpectralLibrary(path.stem, tuple(names), single, found.centres, found.fwhm, "Value", path, found.notes)


def _unit(word: str) -> str:
    """A unit in a spelling that is known: 'Nanometers' and 'micromet.' by their beginning."""
    start = word.lower()
    return "nm" if start.startswith("n") else "cm-1" if start.startswith("c") else "um"


SPEC = LibrarySpec(
    id="spectra-table",
    title="Table of spectra",
    extensions=(".csv", ".txt", ".asc", ".dat"),
    sniff=sniff,
    open=open_library,
    summary="Comma, tab or blank separated text with a wavelength on each line, or a spectrum on each.",
)
