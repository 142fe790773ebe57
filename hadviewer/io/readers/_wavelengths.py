"""Wavelengths as files write them: units, guesses, band names. Inside the program they are nanometres."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.bands import BandSet
from hadviewer.core.wavelengths import (
    UNIT_WORDS,
    Unit,
    Values,
    is_linear,
    likely_unit,
    to_nanometres,
    widths_to_nanometres,
)

_SPELLINGS: dict[Unit | Literal["index"], tuple[str, ...]] = {
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
_UNLIKELY = "The wavelengths do not look like wavelengths and were ignored."
_IN_NAME = re.compile(r"(\d+(?:\.\d+)?|\.\d+)\s*_?(nm|nanomet|um|µm|μm|micromet|micron)", re.IGNORECASE)
_AFTER_WORD = re.compile(r"(?:^|[^a-z])(?:wl|wvl|wavelength|lambda)[\s_=:]*(\d+(?:\.\d+)?)", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"\(\s*(\d+(?:\.\d+)?)\s*\)\s*$")


@dataclass(frozen=True, eq=False)
class Wavelengths:
    """Centres and widths in nm (or None), what was assumed, what is worth telling, and the unit in the file."""

    centres: Values | None = None
    fwhm: Values | None = None
    assumed: str = ""
    notes: tuple[str, ...] = ()
    unit: Unit | None = None

    def bands(
        self, count: int, names: tuple[str, ...] | None = None, usable: NDArray[np.bool_] | None = None
    ) -> BandSet:
        """The bands of a cube with these wavelengths."""
        return BandSet(count, self.centres, self.fwhm, names, usable, self.assumed, unit=self.unit)


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
        known = likely_unit(raw)
        if known is None:
            return Wavelengths(notes=(_UNLIKELY,))
        assumed = f"The unit of the wavelengths is not given; {UNIT_WORDS[known]} assumed."
    if not is_linear(known) and raw.min() == 0:
        return Wavelengths(notes=("The wavelengths contain zero wavenumbers or frequencies and were ignored.",))
    centres = to_nanometres(raw, known)
    if not np.all(np.isfinite(centres)):
        return Wavelengths(notes=(_UNLIKELY,))
    widths = None if fwhm is None else widths_to_nanometres(fwhm, raw, known)
    return Wavelengths(centres, widths, assumed, (assumed,) if assumed else (), known)


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
    match = _IN_BRACKETS.search(name) or _AFTER_WORD.search(name)
    if match and 100 <= float(match[1]) <= 30_000:
        return float(match[1])
    return None
