"""Units of wavelengths: how files spell them, and the way to nanometres and back. Inside the program they are nm."""

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Unit = Literal["nm", "um", "angstrom", "mm", "m", "cm-1", "ghz", "mhz"]

UNITS: tuple[Unit, ...] = get_args(Unit)
UNIT_WORDS: dict[Unit, str] = {
    "nm": "nanometres",
    "um": "micrometres",
    "angstrom": "ångströms",
    "mm": "millimetres",
    "m": "metres",
    "cm-1": "wavenumbers (1/cm)",
    "ghz": "gigahertz",
    "mhz": "megahertz",
}
_SPEED_OF_LIGHT = 299_792_458.0  # m/s, so c / GHz comes out in nanometres
_LINEAR: dict[str, float] = {"nm": 1.0, "um": 1000.0, "angstrom": 0.1, "mm": 1e6, "m": 1e9}
_RECIPROCAL: dict[str, float] = {"cm-1": 1e7, "ghz": _SPEED_OF_LIGHT, "mhz": 1000.0 * _SPEED_OF_LIGHT}


def is_linear(unit: Unit) -> bool:
    """Whether the unit is one of length, and not of frequency."""
    return unit in _LINEAR


def to_nanometres(values: Values, unit: Unit) -> Values:
    """Values of a unit in nm; infinite where lengths are too large for numbers, or frequencies too small."""
    with np.errstate(over="ignore", divide="ignore"):
        return values * _LINEAR[unit] if unit in _LINEAR else _RECIPROCAL[unit] / values


def from_nanometres(centres: Values, unit: Unit) -> Values:
    """Wavelengths in nm as numbers of a unit."""
    return centres / _LINEAR[unit] if unit in _LINEAR else _RECIPROCAL[unit] / centres


def widths_to_nanometres(widths: Values, values: Values, unit: Unit) -> Values:
    """Widths at ``values`` of the same unit in nm; not finite where they are too large for numbers."""
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        return widths * _LINEAR[unit] if unit in _LINEAR else widths / values * to_nanometres(values, unit)


def widths_from_nanometres(widths: Values, centres: Values, unit: Unit) -> Values:
    """Widths (nm) at centres (nm) as numbers of a unit."""
    return widths / _LINEAR[unit] if unit in _LINEAR else widths / centres * from_nanometres(centres, unit)


def likely_unit(values: Values) -> Unit | None:
    """The unit that the size of the numbers suggests, None where they do not look like wavelengths."""
    if np.array_equal(values, np.arange(1, values.size + 1)) or np.array_equal(values, np.arange(values.size)):
        return None
    if values.max() < 30:
        return "um"
    return "nm" if values.max() >= 100 and values.max() <= 30_000 else None
