"""What an ENVI header says about bands and values: wavelengths, bad bands, scale, no-data, default bands."""

import math
from typing import Any

import numpy as np

from hadviewer.core.bands import BandSet
from hadviewer.core.cube import Scale
from hadviewer.io.readers._envi_header import EnviHeader
from hadviewer.io.readers._wavelengths import Wavelengths, from_band_names, in_nanometres

_GAINS = (
    ("data reflectance gain values", "data reflectance offset values"),
    ("data gain values", "data offset values"),
)


def band_set(header: EnviHeader, count: int) -> BandSet:
    """The bands of an image of ``count`` bands; a list of the wrong length is dropped with a note, never cut."""
    names = header.words("band names")
    if names and len(names) != count:
        header.notes.append(f"The header has {len(names)} band names for {_bands(count)}; they were ignored.")
        names = []
    found = _wavelengths(header, names, count)
    header.notes += found.notes
    return found.bands(count, tuple(names) or None, _usable(header, count))


def scale(header: EnviHeader, count: int) -> Scale | None:
    """Gain and offset of the values, from the first field that gives them; None when values are as they are."""
    factors = header.numbers("reflectance scale factor")
    if factors:
        factor = factors[0]
        if len(factors) == 1 and math.isfinite(factor) and factor > 0:
            return Scale(1.0 / factor, 0.0, "reflectance scale factor") if factor != 1 else None
        header.notes.append("The reflectance scale factor is not a positive number and was ignored.")
    for gain_key, offset_key in _GAINS:
        gain, offset = (_per_band(header, key, count) for key in (gain_key, offset_key))
        if gain is None and offset is None:
            continue
        gain = np.ones(count) if gain is None else gain
        offset = np.zeros(count) if offset is None else offset
        return Scale(gain, offset, gain_key) if np.any(gain != 1) or np.any(offset != 0) else None
    return None


def nodata(header: EnviHeader, dtype: np.dtype[Any]) -> float | None:
    """The data ignore value as the data can hold it; None with a note when they cannot."""
    values = header.numbers("data ignore value")
    if not values:
        return None
    value = values[0]
    if np.issubdtype(dtype, np.integer):
        limits = np.iinfo(dtype)
        if not (limits.min <= value <= limits.max and value == int(value)):
            header.notes.append(f"The data ignore value {value:g} cannot occur in {dtype.name} data and was ignored.")
            return None
        return value
    with np.errstate(over="ignore"):
        stored = float(np.asarray(value, dtype=np.float32 if dtype.itemsize == _single(dtype) else np.float64))
    # Infinite values never count as data, so an ignore value beyond the type's range needs no comparison.
    return None if math.isinf(stored) else stored


def default_bands(header: EnviHeader, count: int) -> tuple[int, ...]:
    """0-based default bands: one (grey) or three (red, green, blue), or none."""
    values = header.numbers("default bands")
    if not values:
        return ()
    first = 0 if 0 in values else 1
    chosen = tuple(int(value) - first for value in values[: 3 if len(values) >= 3 else 1] if math.isfinite(value))
    if len(chosen) not in (1, 3) or any(not 0 <= band < count for band in chosen):
        header.notes.append("The default bands lie outside the image and were ignored.")
        return ()
    return chosen


def _wavelengths(header: EnviHeader, names: list[str], count: int) -> Wavelengths:
    values = header.numbers("wavelength")
    widths = header.numbers("fwhm")
    if values and len(values) != count:
        header.notes.append(f"The header has {len(values)} wavelengths for {_bands(count)}; they were ignored.")
        values = []
    if widths and (len(widths) != count or not np.all(np.isfinite(widths))):
        header.notes.append(f"The header has {len(widths)} FWHM values for {_bands(count)}; they were ignored.")
        widths = []
    if values:
        return in_nanometres(values, header.text("wavelength units"), np.array(widths) if widths else None)
    centres = from_band_names(names)
    if centres is None:
        return Wavelengths()
    assumed = "The wavelengths were taken from the band names."
    return Wavelengths(centres, None, assumed, (assumed,))


def _usable(header: EnviHeader, count: int) -> Any:
    marks = header.numbers("bbl")
    if not marks:
        return None
    if len(marks) != count:
        header.notes.append(f"The bad bands list has {len(marks)} values for {_bands(count)}; it was ignored.")
        return None
    usable = np.array(marks) > 0
    if not usable.any():
        header.notes.append("The bad bands list marks every band as bad; it was ignored.")
        return None
    return usable


def _per_band(header: EnviHeader, key: str, count: int) -> Any:
    values = header.numbers(key)
    if not values:
        return None
    if len(values) not in (1, count) or not np.all(np.isfinite(values)):
        header.notes.append(f"The header has {len(values)} {key} for {_bands(count)}; they were ignored.")
        return None
    return np.broadcast_to(np.array(values), (count,)).copy()


def _single(dtype: np.dtype[Any]) -> int:
    """Bytes of a value of single precision: a complex one holds two."""
    return 8 if dtype.kind == "c" else 4


def _bands(count: int) -> str:
    return "1 band" if count == 1 else f"{count} bands"
