"""What the user says of a cube: recalled when its file is opened, shown with where each value comes from, kept."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from hadviewer.core.corrections import Corrections, corrected
from hadviewer.core.cube import Cube, Origin
from hadviewer.core.errors import HadviewerError, ParamError, ReadError
from hadviewer.core.params import describe, parse
from hadviewer.core.specs import ReaderSpec
from hadviewer.io import sidecar
from hadviewer.io.sidecar import Remembered

SourceKind = Literal["file", "guess", "yours", "unknown"]
SOURCE_WORDS: dict[SourceKind, str] = {
    "file": "as the file says",
    "guess": "guessed",
    "yours": "yours",
    "unknown": "not known",
}
WORDS = {
    "name": "name",
    "quantity": "quantity",
    "unit": "unit",
    "wavelengths": "wavelengths",
    "wavelength_unit": "unit of the wavelengths",
    "fwhm": "FWHM",
    "scale": "scale",
    "offset": "offset",
    "nodata": "no-data value",
    "bad_bands": "bad bands",
}


@dataclass(frozen=True)
class Told:
    """Where a value comes from; ``why`` is a sentence or a name, '' where there is nothing more to say."""

    kind: SourceKind
    why: str = ""


def recall(reader: ReaderSpec, path: Path, entry: str) -> tuple[Remembered, tuple[str, ...]]:
    """What was said of a cube in a file before, and a remark; a sidecar that cannot be used is told and ignored."""
    try:
        said = sidecar.recall(home_of(reader, path), entry)
        kinds = {spec.name: spec.kind for spec in describe(reader.params)}
        if any(kinds.get(name) == "path" for name in said.options):
            raise ReadError("It names other files.")
        parse(reader.params, said.options)
    except HadviewerError as error:
        return Remembered(), (f"What was remembered of {path.name} was ignored: {error}",)
    if not said:
        return said, ()
    bad = ["bad bands"] if said.bad_bands is not None else []
    what = [
        *(name.replace("_", " ") for name in said.options),
        *(WORDS[name] for name in said.corrections.said()),
        *bad,
    ]
    return said, (f"Remembered from before: {', '.join(what)}.",)


def home_of(reader: ReaderSpec, path: Path) -> Path:
    """The file beside which the program keeps what is said of a cube: the same, whichever of its files is opened."""
    return reader.home(path) if reader.home is not None else path


def apply(cube: Cube, said: Remembered) -> Cube:
    """The cube with what was remembered of it; what does not fit it is told and left out."""
    try:
        cube = corrected(cube, said.corrections)
        if cube.origin is not None and said.corrections:
            cube = replace(cube, origin=replace(cube.origin, corrections=said.corrections))
        return cube if said.bad_bands is None else _marked(cube, said.bad_bands)
    except ParamError as error:
        return replace(cube, notes=(*cube.notes, f"What was remembered of {cube.name} was ignored: {error}"))


def _marked(cube: Cube, bad: tuple[int, ...]) -> Cube:
    usable = np.ones(cube.shape[2], dtype=bool)
    if any(not 0 <= band < len(usable) for band in bad) or len(set(bad)) == len(usable):
        raise ParamError("It marks bands as bad that there are not, or all.", field="bad_bands")
    usable[list(bad)] = False
    return replace(cube, bands=cube.bands.with_usable(usable))


def said_of(cube: Cube) -> Remembered:
    """Everything that the user has said of a cube."""
    origin = cube.origin
    bad = None if cube.bands.given is None else tuple(np.flatnonzero(~cube.bands.mask).tolist())
    if origin is None:
        return Remembered(bad_bands=bad)
    return Remembered(dict(origin.options), origin.corrections or Corrections(), bad)


def keep(origin: Origin, said: Remembered) -> Path:
    """Write what is said of a cube beside its file. Raises ReadError and WriteError."""
    from hadviewer.engine import catalog

    reader = catalog.readers().get(origin.reader or "")
    return sidecar.remember(home_of(reader, origin.path), origin.entry or "", said)


def is_kept(cube: Cube) -> bool:
    """Whether all corrections of a cube lie beside its file."""
    from hadviewer.engine import catalog

    origin = cube.origin
    if origin is None or not origin.corrections:
        return True
    try:
        place = home_of(catalog.readers().get(origin.reader or ""), origin.path)
        return sidecar.recall(place, origin.entry or "").corrections == origin.corrections
    except HadviewerError:
        return False


def told_by(cube: Cube) -> dict[str, Told]:
    """Where each value about a cube comes from, by its field; options of its reader among them."""
    corrections = cube.origin.corrections if cube.origin is not None else None
    options: Mapping[str, Any] = cube.origin.options if cube.origin is not None else {}
    said = corrections.said() if corrections is not None else {}
    found = {**_from_file(cube), **{guess.field: Told("guess", guess.why) for guess in cube.guesses}}
    bands = found.pop("wavelength_unit", None)
    if bands is not None:
        found["wavelengths"] = bands
    found |= {name: Told("yours") for name in (*said, *options)}
    if "wavelength_unit" in said:
        found["wavelengths"] = Told("yours", "" if "wavelengths" in said else "the unit of the numbers in the file")
    if "offset" in said:
        found["scale"] = Told("yours")
    if cube.bands.given is not None:
        found["bad_bands"] = Told("yours")
    return found


def _from_file(cube: Cube) -> dict[str, Told]:
    """As if nothing was guessed or said."""
    bands, scale = cube.bands, cube.scale
    there = {
        "wavelengths": bands.centres is not None,
        "fwhm": bands.fwhm is not None,
        "nodata": cube.nodata is not None,
        "quantity": cube.quantity != "Value",
        "unit": bool(cube.unit),
        "bad_bands": not bands.mask.all(),
    }
    found = {name: Told("file" if known else "unknown") for name, known in there.items()}
    found["scale"] = Told("unknown") if scale is None else Told("file", scale.found)
    return found
