"""Wavelengths in a file beside an array: X.json, X_wavelengths.npy, .txt or .csv, X.spc of AVIRIS, X.hdr of ENVI."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.bands import BandSet
from hadviewer.core.errors import ReadError
from hadviewer.io.readers._arrays import FWHM_NAMES, USABLE_NAMES, WAVELENGTH_NAMES
from hadviewer.io.readers._envi_bands import band_set
from hadviewer.io.readers._envi_header import is_envi_text, read_header
from hadviewer.io.readers._files import head_of
from hadviewer.io.readers._wavelengths import in_nanometres

MAX_BYTES = 4 * 2**20
_UNIT_NAMES = ("wavelength_units", "wavelength_unit", "units", "unit")


def sidecar_bands(path: Path, count: int | None) -> tuple[BandSet | None, tuple[str, ...]]:
    """The bands that a file beside ``path`` describes, and notes. One that does not fit ``count`` is told and ignored.

    ``count`` None asks for whatever there is.
    """
    notes: list[str] = []
    for name, read in _candidates(path).items():
        place = path.with_name(name)
        if not place.is_file():
            continue
        try:
            bands, more = read(place)
        except (ReadError, ValueError, OSError, EOFError, TypeError, MemoryError, RecursionError) as error:
            notes.append(f"{name} could not be read: {error}")
            continue
        if bands is None:
            continue
        if count is not None and bands.count != count:
            notes.append(f"{name} describes {bands.count} bands and the cube has {count}; it was ignored.")
            continue
        return bands, (*notes, f"The wavelengths come from {name}.", *more)
    return None, tuple(notes)


def bands_in_file(path: Path) -> BandSet | None:
    """The bands that a file of wavelengths describes, None where it describes none. Raises ReadError."""
    read = {".json": _from_json, ".npy": _from_npy, ".hdr": _from_header}.get(path.suffix.lower(), _from_text)
    try:
        return read(path)[0]
    except (ValueError, OSError, EOFError, TypeError, MemoryError, RecursionError) as error:
        raise ReadError(f"{path.name} could not be read: {error}") from None


def without_band_numbers(rows: list[list[float]]) -> list[list[float]]:
    """The lines of a table without the number of the band before the others, where they count from 0 or 1."""
    before = [row[0] for row in rows]
    counted = any(before == list(range(first, first + len(rows))) for first in (0, 1))
    return [row[1:] for row in rows] if counted and len(rows) > 1 and all(len(row) > 1 for row in rows) else rows


def _candidates(path: Path) -> dict[str, Any]:
    stem = path.stem
    return {
        f"{stem}.json": _from_json,
        f"{stem}_wavelengths.npy": _from_npy,
        f"{stem}_wavelengths.txt": _from_text,
        f"{stem}_wavelengths.csv": _from_text,
        f"{stem}.spc": _from_text,
        f"{stem}.hdr": _from_header,
    }


def _from_json(path: Path) -> tuple[BandSet | None, tuple[str, ...]]:
    data = json.loads(_text(path))
    if isinstance(data, list):
        return _bands(np.asarray(data, dtype=np.float64), "")
    if not isinstance(data, dict):
        return None, ()
    fields = {str(key).lower().replace(" ", "_"): value for key, value in data.items()}
    values = _pick(fields, WAVELENGTH_NAMES)
    if not isinstance(values, list):
        return None, ()
    widths, usable = _pick(fields, FWHM_NAMES), _pick(fields, USABLE_NAMES)
    return _bands(
        np.asarray(values, dtype=np.float64),
        str(_pick(fields, _UNIT_NAMES) or ""),
        np.asarray(widths, dtype=np.float64) if isinstance(widths, list) else None,
        np.asarray(usable, dtype=np.float64) > 0 if isinstance(usable, list) else None,
    )


def _from_npy(path: Path) -> tuple[BandSet | None, tuple[str, ...]]:
    if path.stat().st_size > MAX_BYTES:
        raise ValueError("it is too long for a list of wavelengths")
    values = np.load(path, allow_pickle=False)
    return _bands(np.asarray(values, dtype=np.float64).reshape(-1), "")


def _from_text(path: Path) -> tuple[BandSet | None, tuple[str, ...]]:
    """The first column but the numbers of the bands, or the one row, of numbers; lines that hold none are headings."""
    text = _text(path)
    rows = [[float(word) for word in _NUMBER.findall(line)] for line in text.splitlines() if _is_data(line)]
    values = rows[0] if len(rows) == 1 else [row[0] for row in without_band_numbers(rows)]
    unit = next(
        (unit for unit in ("nm", "um", "µm") if re.search(rf"(?<![a-z]){unit}(?![a-z])", text, re.IGNORECASE)), ""
    )
    return _bands(np.asarray(values, dtype=np.float64), unit)


def _from_header(path: Path) -> tuple[BandSet | None, tuple[str, ...]]:
    if not is_envi_text(head_of(path)):
        return None, ()
    header = read_header(path)
    bands = band_set(header, header.integer("bands"))
    return (bands, tuple(header.notes)) if bands.centres is not None else (None, ())


_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


def _is_data(line: str) -> bool:
    return bool(_NUMBER.match(line.strip())) and not line.lstrip().startswith("#")


def _bands(
    values: NDArray[np.float64],
    unit: str,
    widths: NDArray[np.float64] | None = None,
    usable: NDArray[np.bool_] | None = None,
) -> tuple[BandSet | None, tuple[str, ...]]:
    if values.ndim != 1 or not values.size:
        return None, ()
    fitting = widths if widths is not None and widths.shape == values.shape else None
    found = in_nanometres(values, unit, fitting)
    if found.centres is None:
        return None, found.notes
    marks = usable if usable is not None and usable.shape == values.shape and usable.any() else None
    return found.bands(len(values), usable=marks), found.notes


def _pick(fields: dict[str, Any], names: tuple[str, ...]) -> Any:
    return next((fields[name] for name in names if name in fields), None)


def _text(path: Path) -> str:
    if path.stat().st_size > MAX_BYTES:
        raise ValueError("it is too long for a list of wavelengths")
    return path.read_text(encoding="utf-8-sig", errors="replace")
