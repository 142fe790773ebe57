"""What a user says of a cube in place of its file: name, wavelengths, scale, no-data, quantity."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from pydantic import field_validator

from hadviewer.core.bands import BandSet
from hadviewer.core.cube import Cube, Guess, Scale
from hadviewer.core.errors import ParamError
from hadviewer.core.params import Params, field
from hadviewer.core.wavelengths import (
    UNIT_WORDS,
    Unit,
    from_nanometres,
    to_nanometres,
    widths_from_nanometres,
    widths_to_nanometres,
)

_NOT_IN_NAMES = '/\\:*?"<>|'


class Corrections(Params):
    """What is said of a cube in place of its file; what is None is left to the file, or to a guess.

    ``wavelengths`` and ``fwhm`` are numbers of ``wavelength_unit`` (nm without one), one per band; no numbers mean
    that there are none. A unit alone says what the numbers of the file are. A ``scale`` takes the place of all gains
    of the file.
    """

    name: str | None = field(None, "Name")
    quantity: str | None = field(None, "Quantity")
    unit: str | None = field(None, "Unit of the values")
    wavelengths: tuple[float, ...] | None = field(None, "Wavelengths")
    wavelength_unit: Unit | None = field(None, "Unit of the wavelengths")
    fwhm: tuple[float, ...] | None = field(None, "FWHM")
    scale: float | None = field(None, "Scale")
    offset: float | None = field(None, "Offset")
    nodata: float | Literal["none"] | None = field(None, "No-data value")

    @field_validator("name", "quantity", "unit")
    @classmethod
    def _plain(cls, text: str | None) -> str | None:
        if text is not None and (len(text) > 200 or not text.isprintable()):
            raise ValueError("must be one line of at most 200 characters")
        return text

    @field_validator("name")
    @classmethod
    def _no_path(cls, name: str | None) -> str | None:
        """Exports are called like the cube: a name must not lead into another folder."""
        if name is not None and (not name.strip() or name.startswith(".") or set(name) & set(_NOT_IN_NAMES)):
            raise ValueError(f"must not be empty, begin with a point or hold any of {_NOT_IN_NAMES}")
        return name

    @field_validator("wavelengths", "fwhm")
    @classmethod
    def _positive(cls, values: tuple[float, ...] | None) -> tuple[float, ...] | None:
        if values is not None and any(value <= 0 for value in values):
            raise ValueError("must be numbers above 0")
        return values

    @field_validator("scale")
    @classmethod
    def _not_zero(cls, scale: float | None) -> float | None:
        if scale == 0:
            raise ValueError("must not be 0")
        return scale

    def said(self) -> dict[str, Any]:
        """The fields that say something, ready for JSON."""
        return {name: value for name, value in self.model_dump(mode="json").items() if value is not None}

    def __bool__(self) -> bool:
        return bool(self.said())


def corrected(cube: Cube, corrections: Corrections | None) -> Cube:
    """The cube as its file has it, with what the user says. Raises ParamError for what cannot be said of it."""
    if not corrections:
        return cube
    bands = _bands(cube.bands, corrections)
    settled = {guess.why for guess in cube.guesses if settles(corrections, guess)}
    return replace(
        cube,
        bands=bands,
        name=cube.name if corrections.name is None else corrections.name,
        quantity=cube.quantity if corrections.quantity is None else corrections.quantity,
        unit=cube.unit if corrections.unit is None else corrections.unit,
        scale=_scale(cube.scale, corrections),
        nodata=_nodata(cube, corrections),
        notes=tuple(note for note in cube.notes if note not in settled),
        guessed=tuple(guess for guess in cube.guessed if guess.why not in settled),
    )


def settles(corrections: Corrections | None, guess: Guess) -> bool:
    """Whether what the user says takes the place of a guess."""
    if corrections is None:
        return False
    said: Mapping[str, Any] = corrections.said()
    about_bands = guess.field in ("wavelengths", "wavelength_unit")
    return guess.field in said or (about_bands and ("wavelengths" in said or "wavelength_unit" in said))


def _bands(bands: BandSet, said: Corrections) -> BandSet:
    if said.wavelengths is None and said.wavelength_unit is None and said.fwhm is None:
        return bands
    for name in ("wavelengths", "fwhm"):
        values = getattr(said, name)
        if values and len(values) != bands.count:
            raise ParamError(f"{len(values)} values are given for {bands.count} bands.", field=name)
    if said.wavelengths == ():
        return replace(bands, centres=None, fwhm=None, assumed="", unit=None)
    unit: Unit = said.wavelength_unit or ("nm" if said.wavelengths else bands.unit or "nm")
    centres = None if said.wavelengths is None else np.array(said.wavelengths)
    if centres is None:
        if bands.centres is None:
            raise ParamError(
                f"There are no wavelengths that the {'unit' if said.wavelength_unit else 'widths'} could belong to.",
                field="wavelength_unit" if said.wavelength_unit else "fwhm",
            )
        centres = from_nanometres(bands.centres, bands.unit or "nm")
    widths = None if said.fwhm is None else np.array(said.fwhm)
    if widths is None and bands.fwhm is not None and bands.centres is not None:
        # Beside other centres the widths stay as they are; with another unit only their numbers stay.
        former = unit if said.wavelengths else bands.unit or "nm"
        widths = widths_from_nanometres(bands.fwhm, bands.centres, former)
    fwhm = None if widths is None or not widths.size else widths_to_nanometres(widths, centres, unit)
    centres = to_nanometres(centres, unit)
    for blamed, values in (("wavelengths" if said.wavelengths else "wavelength_unit", centres), ("fwhm", fwhm)):
        if getattr(said, blamed) and values is not None and not np.isfinite(values).all():
            raise ParamError(f"The numbers cannot be {UNIT_WORDS[unit]}.", field=blamed)
    return replace(bands, centres=centres, fwhm=fwhm, assumed="", unit=unit)


def _scale(scale: Scale | None, said: Corrections) -> Scale | None:
    if said.scale is None and said.offset is None:
        return scale
    former = scale or Scale()
    gain = former.gain if said.scale is None else said.scale
    offset = said.offset if said.offset is not None else 0.0 if said.scale is not None else former.offset
    plain = np.all(np.asarray(gain) == 1) and np.all(np.asarray(offset) == 0)
    return None if plain else Scale(gain, offset)


def _nodata(cube: Cube, said: Corrections) -> float | None:
    if said.nodata is None or said.nodata == "none":
        return cube.nodata if said.nodata is None else None
    value, dtype = float(said.nodata), cube.dtype
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        if not (limits.min <= value <= limits.max and value == int(value)):
            raise ParamError(f"{value:g} cannot occur in {dtype.name} data.", field="nodata")
        return value
    with np.errstate(over="ignore"):
        stored = float(np.asarray(value).astype(np.float32 if dtype.name in ("float32", "complex64") else np.float64))
    if not np.isfinite(stored):
        raise ParamError(f"{value:g} cannot occur in {dtype.name} data.", field="nodata")
    return stored
