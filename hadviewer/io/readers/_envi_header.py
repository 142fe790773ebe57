"""The text of an ENVI header, read as tolerantly as real headers ask for."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from hadviewer.core.cube import Guess
from hadviewer.core.errors import ReadError
from hadviewer.io.readers._files import head_of, refuse_stand_in

MAX_HEADER_BYTES = 8 * 2**20
MOST_FIELDS = 10_000
LARGEST_NUMBER = 10**18
_ALIASES = {
    "wavelengths": "wavelength",
    "wavelength unts": "wavelength units",
    "wavelength unit": "wavelength units",
    "datatype": "data type",
    "byteorder": "byte order",
}
_KNOWN = {
    "samples", "lines", "bands", "header offset", "file type", "file compression", "data type", "interleave",
    "byte order", "sensor type", "wavelength", "wavelength units", "fwhm", "bbl", "band names", "default bands",
    "data ignore value", "reflectance scale factor", "data gain values", "data offset values", "map info",
    "projection info", "coordinate system string", "description", "x start", "y start", "classes", "class names",
    "class lookup", "default stretch", "spectra names", "z plot titles", "z plot range",
}  # fmt: skip
# Free text and WKT may hold anything, so only these values are cut where the next field seems to start.
_FREE_TEXT = ("description", "coordinate system string", "class names", "band names", "spectra names")


@dataclass
class EnviHeader:
    """``fields`` by lower-case name, braces taken off; ``spelling`` as in the file; ``notes`` on what was repaired.

    ``guessed`` is what was taken for what the header does not say.
    """

    name: str
    fields: dict[str, str] = field(default_factory=dict)
    spelling: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    guessed: list[Guess] = field(default_factory=list)

    def guess(self, option: str, value: str, why: str, alternatives: tuple[str, ...]) -> None:
        """Take a value for something that the header does not say, and tell of it."""
        self.notes.append(why)
        self.guessed.append(Guess(option, value, why, alternatives))

    def text(self, key: str, default: str = "") -> str:
        """A field as text on one line; empty counts as absent."""
        return " ".join(self.fields.get(key, "").split()) or default

    def words(self, key: str) -> list[str]:
        """A list of texts; empty items are skipped."""
        return [item for item in (" ".join(part.split()) for part in self.fields.get(key, "").split(",")) if item]

    def numbers(self, key: str) -> list[float]:
        """A list of numbers, separated by commas or blanks; a list that is not numeric is dropped with a note."""
        parts = [part for part in re.split(r"[,\s]+", self.fields.get(key, "")) if part]
        try:
            return [float(_BOOLEANS.get(part.lower(), part)) for part in parts]
        except ValueError:
            self.notes.append(f"The field '{key}' does not hold numbers and was ignored.")
            return []

    def integer(self, key: str, default: int | None = None) -> int:
        """A whole number; raises ReadError when it is missing without default, or no whole number."""
        text = self.text(key)
        if not text and default is not None:
            return default
        if not text:
            raise ReadError(f"{self.name} does not say '{key}', which an ENVI header must.", hint="Add the line to it.")
        try:
            value = int(text) if _DIGITS.fullmatch(text) else int(float(text))
            if _DIGITS.fullmatch(text) or (float(text) == value and abs(value) < LARGEST_NUMBER):
                return value
        except (ValueError, OverflowError):
            pass
        sentence = f"{self.name} says '{key} = {text[:40]}', which is no whole number."
        raise ReadError(sentence, hint="Correct the header.")


_CLOSING = {"{": "}", "[": "]"}
_BOOLEANS = {"true": "1", "false": "0"}
_DIGITS = re.compile(r"[+-]?\d{1,18}")


def is_envi_text(head: bytes) -> bool:
    """Whether a file starts as an ENVI header does: the word ENVI on a line of its own."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return text.startswith(b"ENVI") and text[4:].lstrip(b" \t")[:1] in (b"", b"\n", b"\r")


def read_header(path: Path) -> EnviHeader:
    """Parse a header file. Raises ReadError when it is no ENVI header."""
    raw = head_of(path, MAX_HEADER_BYTES + 1)
    refuse_stand_in(path, raw[:1024])
    if not is_envi_text(raw):
        raise _not_envi(path, raw)
    if len(raw) > MAX_HEADER_BYTES:
        raise ReadError(f"{path.name} is too long for a header.", hint="Choose the header file of the image.")
    return parse_header(_decode(raw), path.name)


def parse_header(text: str, name: str = "header") -> EnviHeader:
    """Parse the text of a header; never raises."""
    header = EnviHeader(name)
    lines = [line for line in re.split(r"\r\n|\r|\n", text)[1:] if not line.lstrip().startswith(";")]
    for key, spelling, value in islice(_fields(lines, header.notes), MOST_FIELDS):
        if key in header.fields and header.fields[key] and header.fields[key] != value:
            header.notes.append(f"The field '{key}' occurs twice; the last one counts.")
        header.fields[key] = value
        header.spelling[key] = spelling
    return header


def _fields(lines: list[str], notes: list[str]) -> Iterator[tuple[str, str, str]]:
    number = 0
    last = {sign: max((at for at, line in enumerate(lines) if sign in line), default=-1) for sign in _CLOSING.values()}
    while number < len(lines):
        line = lines[number]
        number += 1
        spelling, equals, value = line.partition("=")
        key = _key(spelling)
        if not equals or not key or "{" in key or "}" in key:
            continue
        if key in _ALIASES:
            notes.append(f"The field '{spelling.strip()}' was read as '{_ALIASES[key]}'.")
            key = _ALIASES[key]
        value = value.strip()
        if value[:1] in _CLOSING:
            value, number = _braced(key, lines, number - 1, last[_CLOSING[value[0]]] >= number - 1, notes)
        yield key, spelling.strip(), value


def _braced(key: str, lines: list[str], start: int, closed: bool, notes: list[str]) -> tuple[str, int]:
    """The value in braces that begins on the line ``start``, and the line after it; ``closed`` if a brace follows."""
    first = lines[start].partition("=")[2].strip()
    close = _CLOSING[first[0]]
    parts: list[str] = []
    for number in range(start, len(lines)):
        line = lines[number] if number > start else first[1:]
        another = number > start and "=" in line and _key(line.partition("=")[0]) in _KNOWN
        if another and (key not in _FREE_TEXT or not closed):
            break
        if close in line:
            parts.append(line[: line.index(close)])
            return "\n".join(parts).strip(), number + 1
        parts.append(line)
    notes.append(f"The braces of the field '{key}' are not closed.")
    return "\n".join(parts).strip(), start + len(parts)


def _key(text: str) -> str:
    return " ".join(text.replace("_", " ").lower().split())


def _decode(raw: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


def _not_envi(path: Path, raw: bytes) -> ReadError:
    words = raw[:2000].decode("latin-1").lower().split()
    if {"nrows", "ncols", "byteorder", "xllcorner"} & set(words):
        return ReadError(
            f"{path.name} is an ESRI header, not an ENVI header.",
            hint="Open the data file it describes: .bil, .bip, .bsq or .flt.",
        )
    return ReadError(f"{path.name} is not an ENVI header: its first line is not ENVI.", hint="Choose another file.")
