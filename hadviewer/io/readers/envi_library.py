"""ENVI spectral libraries (.sli): a spectrum on each line of the file, names and wavelengths in the header."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.cube import Window
from hadviewer.core.errors import ReadError
from hadviewer.core.library import SpectralLibrary
from hadviewer.core.specs import LibrarySpec, Match
from hadviewer.io.readers import _envi_bands
from hadviewer.io.readers._envi_files import is_data_name, resolve_pair
from hadviewer.io.readers._envi_header import EnviHeader, read_header
from hadviewer.io.readers._files import check_memory
from hadviewer.io.readers.envi import EnviParams, examine, is_library, open_cube, open_values

MISSING_BELOW = -1e30
"""Deleted values of the USGS libraries are -1.23e34, whatever the header says."""
_AS_THEY_ARE = EnviParams(truncated=True, interleave="bip")


def sniff(path: Path, head: bytes) -> int:
    """A header that says so, either file of the pair; an image of one sample per line may be meant as a library."""
    if path.is_dir():
        return Match.NO
    try:
        place = resolve_pair(path)[0]
        if place != path and not is_data_name(path, place):
            return Match.NO
        header = read_header(place)
    except ReadError:
        return Match.NO
    if is_library(header):
        return Match.YES
    return Match.MAYBE if header.text("samples") == "1" and header.text("bands", "1") != "1" else Match.NO


def open_library(path: Path) -> SpectralLibrary:
    """All spectra of the library, scaled; raises ReadError when header and data do not fit together."""
    header = read_header(resolve_pair(path)[0])
    if not is_library(header):
        return _from_image(path)
    header, data, layout = examine(path, _AS_THEY_ARE, library=True)
    lines, samples, planes = layout.shape
    if planes != 1:
        raise ReadError(
            f"{header.name} is a spectral library of {planes} planes; one is understood.", hint="Save them one by one."
        )
    check_memory(path, "The library", lines * samples * (layout.dtype.itemsize + 12))
    header.fields.pop("band names", None)  # the name of the one plane
    layout, source = open_values(header, data, layout, _AS_THEY_ARE)  # before anything takes memory for its bands
    bands = _envi_bands.band_set(header, samples)
    scale, nodata = _envi_bands.scale(header, samples), _envi_bands.nodata(header, layout.dtype)
    names = _names(header, lines, layout.shape[0])
    raw = source.read(_whole(layout.shape), slice(None))[:, :, 0]
    values = np.array(np.abs(raw) if np.iscomplexobj(raw) else raw, dtype=np.float64)
    missing = ~np.isfinite(values) | (values < MISSING_BELOW)
    if nodata is not None:
        missing |= raw == nodata
    if scale is not None:
        scale.apply(values, slice(None))
    values[missing] = np.nan
    values[:, ~bands.mask] = np.nan
    return SpectralLibrary(
        name=data.stem,
        names=names,
        spectra=_single(values),
        wavelengths=bands.centres,
        fwhm=bands.fwhm,
        quantity=_quantity(header),
        source=resolve_pair(path)[0],
        notes=tuple(dict.fromkeys(header.notes)),
    )


def _whole(shape: tuple[int, int, int]) -> Window:
    return Window(0, shape[0], 0, shape[1])


def _single(values: NDArray[np.float64]) -> NDArray[np.float32]:
    """Single precision; what is out of its range is missing."""
    with np.errstate(over="ignore"):
        single = values.astype(np.float32)
    single[~np.isfinite(single)] = np.nan
    return single


def _from_image(path: Path) -> SpectralLibrary:
    """An image of one sample per line: each line is a spectrum."""
    cube = open_cube(path)
    rows, cols, count = cube.shape
    if cols != 1:
        raise ReadError(f"{path.name} is an image, not a spectral library.", hint="Open it with File, Open.")
    check_memory(path, "The library", rows * count * (cube.dtype.itemsize + 12))
    spectra = cube.values()[:, 0]
    spectra[:, ~cube.bands.mask] = np.nan
    numbers = tuple(f"{cube.name} {number}" for number in range(1, rows + 1))
    bands = cube.bands
    return SpectralLibrary(cube.name, numbers, spectra, bands.centres, bands.fwhm, cube.quantity, path, cube.notes)


def _names(header: EnviHeader, count: int, there: int) -> tuple[str, ...]:
    """The names of the spectra that are there; numbers where a comma within a name made the list too long."""
    names = [" ".join(part.split()) for part in header.fields.get("spectra names", "").split(",")]
    while names and not names[-1]:
        names.pop()
    if len(names) != count:
        if names:
            header.notes.append(f"The header has {len(names)} names for {count} spectra; they were numbered instead.")
        return tuple(f"Spectrum {number}" for number in range(1, there + 1))
    return tuple(name or f"Spectrum {number}" for number, name in enumerate(names[:there], 1))


def _quantity(header: EnviHeader) -> str:
    """What the values are: the second title of ENVI's plots, else by the scale factor."""
    titles = header.fields.get("z plot titles", "").split(",", 1)
    if len(titles) == 2 and titles[1].strip():
        return " ".join(titles[1].split())
    return "Reflectance" if "reflectance scale factor" in header.fields else "Value"


SPEC = LibrarySpec(
    id="envi-library",
    title="ENVI spectral library",
    extensions=(".sli", ".hdr"),
    sniff=sniff,
    open=open_library,
    summary="Spectra with a text header, from ENVI and most programs that know libraries.",
)
