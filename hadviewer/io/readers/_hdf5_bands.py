"""Bands of a cube in an HDF5 file: which axis they are, their wavelengths, widths and bad bands."""

import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.bands import BandSet
from hadviewer.io.readers._arrays import Order, Variable
from hadviewer.io.readers._hdf5_tree import Tree
from hadviewer.io.readers._wavelengths import Wavelengths, in_nanometres

_CENTRES = re.compile(
    r"(center_?|centre_?|central_?|blue_|red_|swir_)?wave_?lengths?(_3d|_center|_nm|_um)?$|band_cent(er|re)s?$",
    re.IGNORECASE,
)
_WIDTHS = re.compile(r"fwhms?$|(blue_|red_|swir_)?band_?(widths?|pass)$", re.IGNORECASE)
_GOOD = re.compile(r"good_(wavelengths|bands)$|bbl$", re.IGNORECASE)
_BAD = re.compile(r"bad_bands?(_list)?$", re.IGNORECASE)
_BAND_AXIS = re.compile(r"bands?$|wave_?lengths?|channels?$|spectral", re.IGNORECASE)
_BY_AXIS: dict[int, Order] = {0: "bsq", 1: "bil", 2: "bip"}
_UNITS = ("units", "unit", "Units", "Unit")


@dataclass(frozen=True)
class _Vector:
    """A list of numbers in the file, with the unit that is written to it."""

    values: NDArray[np.float64]
    unit: str = ""


def known_order(tree: Tree, item: Variable) -> Order | None:
    """The order that the names of the axes or the length of the wavelengths prove; None where nothing does."""
    names = [axis for axis, name in enumerate(tree.dimensions(item.name)) if _BAND_AXIS.search(name)]
    if len(names) == 1:
        return _BY_AXIS[names[0]]
    fitting = [axis for axis in range(3) if _find(tree, item.name, _CENTRES, item.shape[axis]) is not None]
    if len(fitting) > 1 and item.shape[0] == item.shape[1] != item.shape[2]:
        fitting = [axis for axis in fitting if axis == 2]
    return _BY_AXIS[fitting[0]] if len(fitting) == 1 else None


def band_set(tree: Tree, name: str, count: int) -> tuple[BandSet, tuple[str, ...]]:
    """The bands of a cube as the file describes them, and remarks."""
    centres, widths = (_find(tree, name, pattern, count) for pattern in (_CENTRES, _WIDTHS))
    found = Wavelengths()
    if centres is not None:
        found = in_nanometres(centres.values, centres.unit)
        if widths is not None and found.centres is not None:
            found = replace(found, fwhm=_widths(widths, centres))
    return found.bands(count, usable=_usable(tree, name, count)), found.notes


def _widths(widths: _Vector, centres: _Vector) -> NDArray[np.float64] | None:
    """FWHM in nm, in their own unit or in that of the wavelengths."""
    if not np.isfinite(widths.values).all():
        return None
    found = in_nanometres(centres.values, widths.unit or centres.unit, widths.values)
    return found.fwhm


def _usable(tree: Tree, name: str, count: int) -> NDArray[np.bool_] | None:
    good, bad = (_find(tree, name, pattern, count) for pattern in (_GOOD, _BAD))
    marks = good.values > 0 if good is not None else None if bad is None else bad.values == 0
    return marks if marks is not None and marks.any() else None


def _find(tree: Tree, cube: str, pattern: re.Pattern[str], count: int) -> _Vector | None:
    """A list of ``count`` numbers called so: an attribute of the cube, or the dataset nearest to it in the tree."""
    attributes = tree.attributes(cube)
    for key, value in attributes.items():
        if pattern.fullmatch(key) and isinstance(value, np.ndarray) and value.size == count:
            return _Vector(value.reshape(-1).astype(np.float64), _unit(attributes, key))
    fitting = [
        item.name
        for item in tree.variables
        if item.size == count and item.dtype is not None and pattern.fullmatch(item.name.rpartition("/")[2])
    ]
    if not fitting:
        return None
    nearest = max(fitting, key=lambda name: (_shared(name, cube), -len(name)))
    return _Vector(np.asarray(tree.load(nearest), dtype=np.float64).reshape(-1), _unit(tree.attributes(nearest)))


def _unit(attributes: dict[str, Any], key: str = "") -> str:
    names = (f"{key}_units", f"{key}_unit") if key else _UNITS
    return next((str(attributes[name]) for name in names if isinstance(attributes.get(name), str)), "")


def _shared(one: str, other: str) -> int:
    """How many groups two paths have in common, from the root."""
    count = 0
    for left, right in zip(one.split("/")[:-1], other.split("/")[:-1], strict=False):
        if left != right:
            break
        count += 1
    return count
