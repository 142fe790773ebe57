"""Bands: wavelengths, widths, names and the bad bands list, and how a user writes a choice of them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.errors import ParamError
from hadviewer.core.wavelengths import Unit


@dataclass(frozen=True, eq=False)
class BandSet:
    """The bands of one cube, in file order.

    ``centres`` and ``fwhm`` are float64 (bands,) in nanometres or None; ``usable`` is bool (bands,), False for bad
    bands; ``names`` is a tuple of strings or None; ``assumed`` says what was guessed about them, for the user to see.
    ``given`` is what the file says of usable bands, where the user has marked others; None where it is ``usable``.
    ``unit`` is the one that the wavelengths have in the file, or were taken to have; None where it has none.
    """

    count: int
    centres: NDArray[np.float64] | None = None
    fwhm: NDArray[np.float64] | None = None
    names: tuple[str, ...] | None = None
    usable: NDArray[np.bool_] | None = None
    assumed: str = ""
    given: NDArray[np.bool_] | None = None
    unit: Unit | None = None

    def __post_init__(self) -> None:
        for name, kind in (("centres", np.float64), ("fwhm", np.float64), ("usable", np.bool_), ("given", np.bool_)):
            values = getattr(self, name)
            if values is None:
                continue
            array = np.array(values, dtype=kind)
            if array.shape != (self.count,):
                raise ValueError(f"{name} has {array.size} values for {self.count} bands")
            array.flags.writeable = False
            object.__setattr__(self, name, array)
        if self.names is not None and len(self.names) != self.count:
            raise ValueError(f"{len(self.names)} names for {self.count} bands")
        if self.usable is None:
            object.__setattr__(self, "usable", _frozen_ones(self.count))

    @property
    def mask(self) -> NDArray[np.bool_]:
        """True for usable bands, (bands,)."""
        assert self.usable is not None
        return self.usable

    def with_usable(self, usable: NDArray[np.bool_]) -> "BandSet":
        """The same bands with others marked as bad (False); what the file says of them is kept beside."""
        given = self.mask if self.given is None else self.given
        return replace(self, usable=usable, given=None if np.array_equal(usable, given) else given)

    def same_but_marks(self, other: "BandSet") -> bool:
        """Whether other bands are these, if with others of them marked as bad."""
        told = all(getattr(self, part) == getattr(other, part) for part in ("count", "names", "assumed", "unit"))
        return told and _alike(self.centres, other.centres) and _alike(self.fwhm, other.fwhm)

    def usable_index(self) -> NDArray[np.intp]:
        """0-based indices of the usable bands."""
        return np.flatnonzero(self.mask)

    def nearest(self, wavelength: float, *, usable_only: bool = True) -> int | None:
        """0-based index of the band nearest to ``wavelength`` (nm), or None when wavelengths are unknown."""
        if self.centres is None:
            return None
        distance = np.abs(self.centres - wavelength)
        if usable_only and self.mask.any():
            distance = np.where(self.mask, distance, np.inf)
        return int(np.argmin(distance))

    def take(self, index: Sequence[int] | NDArray[np.integer[Any]]) -> "BandSet":
        """The bands at ``index`` (0-based), in that order."""
        chosen = np.asarray(index, dtype=np.intp)
        return replace(
            self,
            count=len(chosen),
            centres=None if self.centres is None else self.centres[chosen],
            fwhm=None if self.fwhm is None else self.fwhm[chosen],
            names=None if self.names is None else tuple(self.names[i] for i in chosen),
            usable=self.mask[chosen],
            given=None if self.given is None else self.given[chosen],
        )

    def label(self, index: int) -> str:
        """What a user reads for band ``index`` (0-based in, 1-based out): 'Band 12 (650.3 nm)'."""
        if self.centres is not None:
            return f"Band {index + 1} ({self.centres[index]:.1f} nm)"
        if self.names is not None and self.names[index].strip():
            name = self.names[index].strip()
            return name if name.lower() == f"band {index + 1}" else f"Band {index + 1} ({name})"
        return f"Band {index + 1}"


def write_bands(index: NDArray[np.integer[Any]]) -> str:
    """The choice of these bands (0-based, rising) as a user writes it: '1-50,60'."""
    numbers = np.asarray(index) + 1
    runs = np.split(numbers, np.flatnonzero(np.diff(numbers) > 1) + 1) if len(numbers) else []
    return ",".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs)


_ITEM = re.compile(r"^\s*([0-9.]+)\s*(nm)?\s*(?:-\s*([0-9.]+)\s*(nm)?)?\s*$", re.IGNORECASE)


def select_bands(spec: str, bands: BandSet) -> NDArray[np.intp]:
    """0-based indices for a choice as a user writes it, in file order and without repeats.

    ``spec`` is a comma list of 1-based band numbers and ranges ('1-50,60'), of wavelength ranges ('450-900nm'), or one
    of the words 'usable' (the bad bands list honoured) and 'all'. Raises ParamError(field='bands').
    """
    word = spec.strip().lower()
    if word in ("", "usable"):
        chosen = bands.usable_index()
    elif word == "all":
        chosen = np.arange(bands.count)
    else:
        marks = np.zeros(bands.count, dtype=bool)
        for item in spec.split(","):
            marks |= _marks(item, bands)
        chosen = np.flatnonzero(marks)
    if chosen.size == 0:
        raise ParamError(f"The band choice {spec!r} selects no band.", field="bands", hint="Use for example 1-50,60.")
    return chosen


def _marks(item: str, bands: BandSet) -> NDArray[np.bool_]:
    match = _ITEM.match(item)
    if not match:
        raise ParamError(f"{item!r} is not a band choice.", field="bands", hint="Use 1-50,60 or 450-900nm.")
    low_text, unit, high_text, high_unit = match.groups()
    try:
        low, high = float(low_text), float(high_text or low_text)
    except ValueError:
        raise ParamError(f"{item!r} is not a band choice.", field="bands", hint="Use 1-50,60 or 450-900nm.") from None
    if low > high:
        raise ParamError(f"The band range {item.strip()!r} runs backwards.", field="bands")
    if unit or high_unit:
        return _wavelength_marks(item, low, high, bands)
    if low != int(low) or high != int(high) or not 1 <= low <= high <= bands.count:
        raise ParamError(f"{item.strip()!r} is outside bands 1-{bands.count}.", field="bands")
    number = np.arange(1, bands.count + 1)
    return (number >= low) & (number <= high)


def _wavelength_marks(item: str, low: float, high: float, bands: BandSet) -> NDArray[np.bool_]:
    if bands.centres is None:
        raise ParamError(f"{item.strip()!r} needs wavelengths, and this cube has none.", field="bands")
    if low == high:
        marks = np.zeros(bands.count, dtype=bool)
        marks[bands.nearest(low)] = True
        return marks
    return (bands.centres >= low) & (bands.centres <= high) & bands.mask


def _alike(one: NDArray[np.float64] | None, other: NDArray[np.float64] | None) -> bool:
    return one is other or (one is not None and other is not None and np.array_equal(one, other))


def _frozen_ones(count: int) -> NDArray[np.bool_]:
    ones = np.ones(count, dtype=bool)
    ones.flags.writeable = False
    return ones
