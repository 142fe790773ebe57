"""AVIRIS classic: raw big-endian lines without a header, known by the size of the file and the name of its kind."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.bands import BandSet
from hadviewer.core.cube import Cube, Guess, Scale
from hadviewer.core.errors import ReadError
from hadviewer.core.specs import Entry, Match, ReaderSpec
from hadviewer.io.readers._envi_files import header_beside
from hadviewer.io.readers._files import is_stand_in, unreadable
from hadviewer.io.readers._text import numbers, text_lines
from hadviewer.io.readers._wavelengths import in_nanometres
from hadviewer.io.sources import FileSource, RawFile

SAMPLES, BANDS = 614, 224
LINE_BYTES = SAMPLES * BANDS * 2
EXTENSIONS = (".rfl", ".img", ".rdn")
REFLECTANCE_FACTOR = 10_000


def sniff(path: Path, head: bytes) -> int:
    """Whole lines of AVIRIS under one of its names, and no header beside."""
    if path.is_dir() or path.suffix.lower() not in EXTENSIONS or not head or is_stand_in(head):
        return Match.NO
    try:
        size = path.stat().st_size
        return Match.MAYBE if size % LINE_BYTES == 0 and header_beside(path) is None else Match.NO
    except (OSError, ReadError):
        return Match.NO


def contents(path: Path) -> list[Entry]:
    """The one image."""
    return [Entry(path.name, (_lines(path), SAMPLES, BANDS), "int16", "cube")]


def open_cube(path: Path, entry: str | None = None, params: object = None) -> Cube:
    """The image as a lazy cube, with wavelengths from the .spc file beside. Raises ReadError."""
    shape = (_lines(path), SAMPLES, BANDS)
    strides = (LINE_BYTES, BANDS * 2, 2)
    try:
        source = FileSource(RawFile(path), shape, strides, np.dtype(">i2"))
    except OSError as error:
        raise unreadable(path, error) from None
    bands, notes = _bands(path)
    reflectance = path.suffix.lower() == ".rfl"
    guess = (
        f"{path.name} has no header; it was taken as AVIRIS: 16 bits, big endian, {SAMPLES} samples × {BANDS} bands."
    )
    return Cube(
        source,
        bands,
        name=path.stem,
        path=path,
        scale=Scale(1 / REFLECTANCE_FACTOR, 0.0, "AVIRIS reflectance") if reflectance else None,
        quantity="Reflectance" if reflectance else "Value",
        meta={"format": "AVIRIS"},
        notes=(guess, *notes),
        guessed=(Guess("reader", "AVIRIS", guess),),
    )


def open_array(path: Path, entry: str | None = None) -> NDArray[Any]:
    """No map: the image has many bands."""
    raise ReadError(f"{path.name} has {BANDS} bands, a mask or score map has one.", hint="Choose another file.")


def _lines(path: Path) -> int:
    try:
        size = path.stat().st_size
    except OSError as error:
        raise unreadable(path, error) from None
    if not size or size % LINE_BYTES:
        raise ReadError(
            f"{path.name} has {size} bytes, which are no whole lines of AVIRIS.",
            hint="Put its ENVI header into the same folder.",
        )
    return size // LINE_BYTES


def _bands(path: Path) -> tuple[BandSet, tuple[str, ...]]:
    """Centres and widths from a table beside."""
    table = next((item for item in (path.with_suffix(".spc"), path.with_suffix(".SPC")) if item.is_file()), None)
    if table is None:
        return BandSet(BANDS), ()
    try:
        rows = [numbers(line.split()[:2]) for line in text_lines(table) if line.strip()]
    except ReadError as error:
        return BandSet(BANDS), (str(error),)
    values = [row for row in rows if row is not None and len(row) == 2]
    if len(values) != BANDS:
        return BandSet(BANDS), (f"{table.name} describes {len(values)} bands, not {BANDS}; it was ignored.",)
    centres, widths = np.array(values, dtype=np.float64).T
    found = in_nanometres(centres, "", widths)
    return found.bands(BANDS), found.notes


SPEC = ReaderSpec(
    id="aviris",
    title="AVIRIS",
    extensions=EXTENSIONS,
    sniff=sniff,
    contents=contents,
    open=open_cube,
    open_array=open_array,
    summary="Images of the classic AVIRIS, which have no header.",
)
