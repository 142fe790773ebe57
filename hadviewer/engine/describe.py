"""What is known about a scene, as plain values: for ``hadviewer info`` and for the window's page about the scene."""

import math
from pathlib import Path
from typing import Any

import numpy as np

from hadviewer.core.bands import BandSet
from hadviewer.core.cube import Cube, Scene, Truth
from hadviewer.core.geolocation import Geolocation
from hadviewer.core.library import SpectralLibrary
from hadviewer.engine.remembering import told_by


def describe_scene(scene: Scene) -> dict[str, Any]:
    """Everything known about a scene, ready for JSON. Bands are numbered from 1; wavelengths are nm.

    Unknown things are None: ``wavelengths``, ``nodata``, ``scale``, ``georeference``, ``truth``. ``shape`` is lines,
    samples, bands. ``told_by`` says where values come from: the file, a guess or the user.
    """
    cube = scene.cube
    rows, cols, bands = cube.shape
    origin = cube.origin
    described = {
        "name": cube.name,
        "path": cube.path or (origin.path if origin else None),
        "entry": origin.entry if origin else None,
        "reader": origin.reader if origin else None,
        "options": dict(origin.options) if origin else {},
        "shape": [rows, cols, bands],
        "dtype": str(cube.dtype),
        "interleave": cube.source.order,
        "bytes": rows * cols * bands * cube.dtype.itemsize,
        "quantity": cube.quantity,
        "unit": cube.unit,
        "wavelengths": _wavelengths(cube.bands),
        "assumed_bands": cube.bands.assumed or None,
        "bad_bands": (np.flatnonzero(~cube.bands.mask) + 1).tolist(),
        "band_names": list(cube.bands.names) if cube.bands.names else None,
        "default_bands": [band + 1 for band in cube.default_bands],
        "nodata": cube.nodata,
        "scale": _scale(cube),
        "georeference": _georeference(cube),
        "truth": None if scene.truth is None else _truth(scene.truth),
        "meta": dict(cube.meta),
        "header": dict(cube.header),
        "notes": list(dict.fromkeys(note for note in (cube.bands.assumed, *cube.notes) if note)),
        "told_by": {name: vars(told) for name, told in told_by(cube).items()},
        "guesses": [vars(guess) for guess in cube.guesses],
    }
    plain: dict[str, Any] = json_safe(described)
    return plain


def describe_library(library: SpectralLibrary) -> dict[str, Any]:
    """Everything known about a spectral library but its values, ready for JSON."""
    described = {
        "name": library.name,
        "path": library.source,
        "spectra": len(library),
        "bands": library.bands,
        "quantity": library.quantity,
        "wavelengths": _wavelengths(BandSet(library.bands, library.wavelengths, library.fwhm)),
        "names": list(library.names),
        "notes": list(library.notes),
    }
    plain: dict[str, Any] = json_safe(described)
    return plain


def json_safe(value: Any) -> Any:
    """The value with nothing in it that JSON lacks: arrays become lists, paths text, NaN and infinities None."""
    if isinstance(value, dict):
        return {str(key): json_safe(item) for key, item in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return json_safe(value.tolist())
    if isinstance(value, list | tuple | set | frozenset):
        return [json_safe(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value
    return str(value) if isinstance(value, Path) else repr(value)


def compact_numbers(numbers: list[int]) -> str:
    """Whole numbers in order, runs joined: [1, 2, 3, 7] is '1-3, 7'."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)


def _wavelengths(bands: BandSet) -> dict[str, Any] | None:
    if bands.centres is None:
        return None
    fwhm = bands.fwhm
    return {
        "unit": "nm",
        "first": float(bands.centres[0]),
        "last": float(bands.centres[-1]),
        "mean_spacing": float(np.mean(np.abs(np.diff(bands.centres)))) if bands.count > 1 else None,
        "mean_fwhm": None if fwhm is None else float(np.mean(fwhm)),
        "centres": bands.centres,
        "fwhm": fwhm,
    }


def _scale(cube: Cube) -> dict[str, Any] | None:
    if cube.scale is None:
        return None
    return {"gain": cube.scale.gain, "offset": cube.scale.offset, "found": cube.scale.found}


def _georeference(cube: Cube) -> dict[str, Any] | None:
    if cube.geo is None:
        return None
    known: dict[str, Any] = {"label": cube.geo.label, "crs": cube.geo.crs, "units": cube.geo.units}
    if isinstance(cube.geo, Geolocation):
        return known | {"affine": None, "corner": None, "pixel": None}
    x0, dx_col, dx_row, y0, dy_col, dy_row = cube.geo.affine
    return known | {
        "affine": list(cube.geo.affine),
        "corner": [x0, y0],
        "pixel": [math.hypot(dx_col, dy_col), math.hypot(dx_row, dy_row)],
    }


def _truth(truth: Truth) -> dict[str, Any]:
    return {
        "name": truth.name,
        "path": truth.path,
        "pixels": truth.count,
        "share": truth.count / max(1, truth.mask.size),
        "notes": list(truth.notes),
    }
