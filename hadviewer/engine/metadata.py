"""Metadata of the open scene as texts that a user edits, and what comes of them: corrections, undone like a change."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.bands import BandSet
from hadviewer.core.corrections import Corrections, corrected
from hadviewer.core.cube import Cube, Origin, Scene, Window
from hadviewer.core.errors import ParamError, ReadError
from hadviewer.core.params import parse
from hadviewer.core.wavelengths import from_nanometres, widths_from_nanometres
from hadviewer.engine import verbs
from hadviewer.engine.session import Session
from hadviewer.io.readers import _sidecars

NONE = "none"
PER_BAND = "one for each band"
FIELDS = ("name", "quantity", "unit", "scale", "offset", "nodata", "wavelength_unit", "wavelengths")
LABEL = "Edit metadata"
REFLECTANCE_FACTOR = 10_000
_USUAL = (2_000, 20_000)
_SAMPLED = 48
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_THOUSANDS = re.compile(r"(?<![\d.,])[1-9]\d{0,2}(?:,\d{3})+(?!\d)")
Texts = Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Filed:
    """A cube as its file and the guesses of its reader have it, and a scale that its values suggest, or None."""

    cube: Cube
    suggested: float | None = None


def filed(cube: Cube, options: Mapping[str, Any] | None = None) -> Filed:
    """The cube without what the user has said of it; with other ``options`` it is read in another way."""
    origin = cube.origin
    if origin is None:
        return Filed(cube)
    wanted = dict(origin.options if options is None else options)
    base = verbs.open_origin(replace(origin, options=wanted, corrections=None))
    if wanted == dict(origin.options):
        base = replace(base, source=cube.source)
    return Filed(base, suggested_scale(base))


def texts_of(cube: Cube) -> dict[str, str]:
    """Every field as a text, wavelengths in the unit they have in the file."""
    scale = cube.scale
    return {
        "name": cube.name,
        "quantity": cube.quantity,
        "unit": cube.unit,
        "scale": "1" if scale is None else _one(scale.gain),
        "offset": "0" if scale is None else _one(scale.offset),
        "nodata": NONE if cube.nodata is None else _number(cube.nodata),
        "wavelength_unit": cube.bands.unit or "nm",
        "wavelengths": wavelength_text(cube.bands),
    }


def wavelength_text(bands: BandSet) -> str:
    """One band a line: its centre and, where known, its width."""
    unit = bands.unit or "nm"
    if bands.centres is None:
        return ""
    columns = [from_nanometres(bands.centres, unit)]
    if bands.fwhm is not None:
        columns.append(widths_from_nanometres(bands.fwhm, bands.centres, unit))
    return "\n".join(", ".join(f"{value:.10g}" for value in row) for row in zip(*columns, strict=True))


def corrections_from(filed: Texts, edited: Texts, confirmed: Collection[str] = ()) -> Corrections:
    """What the texts say otherwise than the file, and what the user says as the guess has it (``confirmed``).

    Raises ParamError for the first that says nothing sensible.
    """
    changed = {name for name in FIELDS if name in confirmed or edited[name].strip() != filed[name].strip()}
    said: dict[str, Any] = {name: edited[name].strip() for name in changed & {"name", "quantity", "unit"}}
    if "quantity" in said:
        said["quantity"] = said["quantity"] or "Value"
    for name, empty in (("scale", 1.0), ("offset", 0.0)):
        if name in changed:
            said[name] = _value(edited[name], name) if edited[name].strip() else empty
    if "nodata" in changed:
        given = edited["nodata"].strip()
        said["nodata"] = NONE if given.lower() in ("", NONE) else _value(given, "nodata")
    if changed & {"wavelengths", "wavelength_unit"}:
        said |= _spectral(filed["wavelengths"], edited["wavelengths"], edited["wavelength_unit"])
    return parse(Corrections, said)


def _spectral(filed: str, edited: str, unit: str) -> dict[str, Any]:
    centres, widths = parse_wavelengths(edited)
    former, former_widths = parse_wavelengths(filed)
    said: dict[str, Any] = {}
    if centres != former:
        said = {"wavelengths": centres}
    if widths != former_widths and not (not centres and not widths):
        said["fwhm"] = widths
    return said | ({"wavelength_unit": unit} if centres else {})


def parse_wavelengths(text: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Centres and widths from lines of one band each, with or without its number, or from one line of centres.

    Raises ParamError.
    """
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    rows = [[float(word) for word in _NUMBER.findall(line)] for line in lines]
    rows = rows if all(rows) else rows[1:] if all(rows[1:]) else rows  # a heading may stand above
    if not all(rows):
        line = next(number for number, row in enumerate(rows, 1) if not row)
        raise ParamError(f"Line {line} holds no number.", field="wavelengths")
    if len(rows) == 1 and len(rows[0]) > 2:
        return tuple(rows[0]), ()
    rows = _sidecars.without_band_numbers(rows)
    counts = {len(row) for row in rows}
    if counts - {1, 2} or len(counts) > 1:
        raise ParamError("Give one band a line: its wavelength and, if known, its FWHM.", field="wavelengths")
    return tuple(row[0] for row in rows), tuple(row[1] for row in rows) if counts == {2} else ()


def read_wavelengths(path: Path) -> tuple[str, str]:
    """The wavelengths in a text, CSV, JSON, NPY or ENVI header file as text, and their unit. Raises ReadError."""
    bands = _sidecars.bands_in_file(path)
    if bands is None or bands.centres is None:
        raise ReadError(f"{path.name} holds no wavelengths.", hint="It should hold one number a line.")
    return wavelength_text(bands), bands.unit or "nm"


def correct(session: Session, base: Cube, corrections: Corrections) -> None:
    """Let the open scene be the ``base`` cube with these corrections; raises ParamError where they do not fit."""
    scene = session.state.scene
    assert scene is not None
    cube = corrected(base, corrections)
    if cube.origin is not None:
        cube = replace(cube, origin=replace(cube.origin, corrections=corrections or None))
    if scene.cube.bands.given is not None:
        cube = replace(cube, bands=cube.bands.with_usable(scene.cube.bands.mask))
    display = session.state.display
    if not cube.same_pixels(scene.cube):
        display = replace(display, stretch=display.stretch.automatic)
    session.change(LABEL, scene=Scene(cube, scene.truth), display=display)


def read_otherwise(origin: Origin, options: Mapping[str, Any], corrections: Corrections) -> Scene:
    """The scene read in another way. Raises ReadError and ParamError."""
    return verbs.open_scene(origin.path, origin.entry, options=options, corrections=corrections)


def suggested_scale(cube: Cube) -> float | None:
    """What whole numbers are to be multiplied with when they look like reflectance times 10,000."""
    if cube.scale is not None or cube.dtype.kind not in "iu":
        return None
    rows, cols, _ = cube.shape
    top, left = max(0, (rows - _SAMPLED) // 2), max(0, (cols - _SAMPLED) // 2)
    middle = Window(top, min(rows, top + _SAMPLED), left, min(cols, left + _SAMPLED))
    found = cube.values(window=middle, dtype=np.float32)
    values = found[np.isfinite(found)]
    high = float(np.quantile(values, 0.999)) if values.size else 0.0
    return 1 / REFLECTANCE_FACTOR if _USUAL[0] <= high <= _USUAL[1] else None


def _value(text: str, name: str) -> float:
    """A number, or a fraction such as 1/10000; a comma stands for the decimal point, unless it could mean thousands."""
    if _THOUSANDS.search(text):
        raise ParamError(f"{text.strip()!r} can be read in two ways: write it without a comma.", field=name)
    above, _, below = text.replace(",", ".").partition("/")
    try:
        return float(above) / float(below or 1)
    except (ValueError, ZeroDivisionError):
        raise ParamError(f"{text.strip()!r} is no number.", field=name) from None


def _one(part: float | NDArray[np.float64]) -> str:
    values = np.unique(np.asarray(part))
    return _number(float(values[0])) if values.size == 1 else PER_BAND


def _number(value: float) -> str:
    """The shortest text that means exactly this."""
    return repr(float(value)).removesuffix(".0")
