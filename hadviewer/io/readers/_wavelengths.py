"""Wavelengths as files write them: units, guesses, band names. Inside the program they are nanometres."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

_SPEED_OF_LIGHT = 299_792_458.0  # m/s, so c / GHz comes out in nanometres
_LINEAR = {"nm": 1.0, "um": 1000.0, "angstrom": 0.1, "mm": 1e6, "m": 1e9}
_SPELLINGS = {
    "nm": ("nm", "nanometer", "nanometers", "nanometre", "nanometres"),
    "um": ("um", "µm", "μm", "micron", "microns", "micrometer", "micrometers", "micrometre", "micrometres"),
    "angstrom": ("angstrom", "angstroms", "å", "a"),
    "mm": ("mm", "millimeter", "millimeters", "millimetre", "millimetres"),
    "m": ("m", "meter", "meters", "metre", "metres"),
    "cm-1": ("cm-1", "cm^-1", "1/cm", "wavenumber", "wavenumbers"),
    "ghz": ("ghz", "gigahertz"),
    "mhz": ("mhz", "megahertz"),
    "index": ("index", "band", "bands", "none"),
}
_UNITS = {spelling: unit for unit, spellings in _SPELLINGS.items() for spelling in spellings}
_WORDS = {"nm": "nanometres", "um": "micrometres"}
_IN_NAME = re.compile(r"(\d+(?:\.\d+)?|\.\d+)\s*_?(nm|nanomet|um|µm|μm|micromet|micron)", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"\(\s*(\d+(?:\.\d+)?)\s*\)\s*$")


@dataclass(frozen=True, eq=False)
class Wavelengths:
    """Centres and widths in nm (or None), what was assumed about them, and what is worth telling."""

    centres: Values | None = None
    fwhm: Values | None = None
    assumed: str = ""
    notes: tuple[str, ...] = ()


def in_nanometres(values: Sequence[float] | Values, unit: str = "", fwhm: Values | None = None) -> Wavelengths:
    """``values`` of any unit in nm; an unknown unit is guessed from their size, and said so."""
    raw = np.asarray(values, dtype=np.float64)
    if raw.size == 0 or not np.all(np.isfinite(raw)) or raw.min() < 0 or raw.max() <= 0:
        return Wavelengths(notes=("The wavelengths are not positive numbers and were ignored.",))
    known = _UNITS.get(unit.strip().lower())
    if known == "index":
        return Wavelengths()
    assumed = ""
    if known is None:
        known = _guess(raw)
        if known is None:
            return Wavelengths(notes=("The wavelengths do not look like wavelengths and were ignored.",))
        assumed = f"The unit of the wavelengths is not given; {_WORDS[known]} assumed."
    if known not in _LINEAR and raw.min() == 0:
        return Wavelengths(notes=("The wavelengths contain zero wavenumbers or frequencies and were ignored.",))
    centres = _convert(raw, known)
    widths = None
    if fwhm is not None:
        widths = fwhm * _LINEAR[known] if known in _LINEAR else fwhm / raw * centres
    return Wavelengths(centres, widths, assumed, (assumed,) if assumed else ())


def from_band_names(names: Sequence[str]) -> Values | None:
    """Centres in nm when every band name holds one ('376.44 Nanometers', 'B001_418nm', 'channel_0 (381.0)')."""
    found = [_from_name(name) for name in names]
    if not found or any(value is None for value in found):
        return None
    values = np.array(found, dtype=np.float64)
    return values if len(values) == 1 or np.unique(values).size > 1 else None


def _from_name(name: str) -> float | None:
    match = _IN_NAME.search(name)
    if match:
        return float(match[1]) * (1.0 if match[2].lower().startswith("n") else 1000.0)
    match = _IN_BRACKETS.search(name)
    if match and 100 <= float(match[1]) <= 30_000:
        return float(match[1])
    return None


def _guess(raw: Values) -> str | None:
    if np.array_equal(raw, np.arange(1, raw.size + 1)) or np.array_equal(raw, np.arange(raw.size)):
        return None
    if raw.max() < 30:
        return "um"
    return "nm" if raw.max() >= 100 and raw.max() <= 30_000 else None


def _convert(raw: Values, unit: str) -> Values:
    if unit in _LINEAR:
        return raw * _LINEAR[unit]
    if unit == "cm-1":
        return 1e7 / raw
    return _SPEED_OF_LIGHT / (raw if unit == "ghz" else raw / 1000.0)
