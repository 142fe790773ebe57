"""Text files of numbers: read whole but bounded, told from binary, and taken apart into rows."""

import re
from collections.abc import Sequence
from pathlib import Path

from hadviewer.core.errors import ReadError
from hadviewer.io.readers._files import head_of, refuse_stand_in

MAX_TEXT_BYTES = 64 * 2**20
_TEXT_BYTES = bytes({9, 10, 12, 13, 26, *range(32, 127), *range(128, 256)})
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+(?:[eE][+-]?\d+)?")


def looks_like_text(head: bytes) -> bool:
    """Whether the first bytes of a file can be text."""
    return bool(head.strip()) and not head.translate(None, _TEXT_BYTES)


def text_lines(path: Path) -> list[str]:
    """The lines of a text file; raises ReadError for what is binary or longer than a table of spectra can be."""
    raw = head_of(path, MAX_TEXT_BYTES + 1)
    refuse_stand_in(path, raw[:1024])
    if len(raw) > MAX_TEXT_BYTES:
        raise ReadError(
            f"{path.name} is longer than {MAX_TEXT_BYTES >> 20} MiB of text.",
            hint="Save the spectra as an ENVI spectral library.",
        )
    if not looks_like_text(raw[:4096]):
        raise ReadError(f"{path.name} is not a text file.", hint="Choose another file.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return re.split(r"\r\n|\r|\n", text)


def number(cell: str) -> float | None:
    """The number in a cell, NaN where it is empty or says so, None where it holds something else."""
    text = cell.strip().strip("\"'")
    if not text or text.lower() in ("nan", "na", "n/a", "null", "-", "none"):
        return float("nan")
    if _DECIMAL_COMMA.fullmatch(text):
        text = text.replace(",", ".")
    try:
        return float(text) if "_" not in text else None
    except ValueError:
        return None


def numbers(cells: Sequence[str]) -> list[float] | None:
    """The numbers of a row, or None where a cell holds something else."""
    row = [number(cell) for cell in cells]
    return None if any(value is None for value in row) else [value for value in row if value is not None]


def is_written_number(cell: str) -> bool:
    """Whether a cell holds a number and is not empty."""
    value = number(cell)
    return value is not None and value == value
