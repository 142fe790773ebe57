"""Spectra as an ENVI spectral library, as the text of an ENVI plot, or as a table."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from hadviewer.core.bands import BandSet
from hadviewer.core.errors import WriteError
from hadviewer.core.library import SpectralLibrary
from hadviewer.io.atomic import replacing
from hadviewer.io.writers._envi_text import band_fields, braced, header_text, plain
from hadviewer.io.writers.table import write_csv

FLOAT32 = "4"


def write_library(path: Path, library: SpectralLibrary, usable: BandSet | None = None) -> list[Path]:
    """Write spectra in the format that the ending of ``path`` says; returns what was written.

    .sli or .hdr: ENVI spectral library, a pair of files; .txt: the text that ENVI writes of a plot; .csv: a table with
    a row for each band. ``usable`` tells bad bands, which only the library and the table keep.
    """
    bands = usable or BandSet(library.bands, library.wavelengths, library.fwhm)
    suffix = path.suffix.lower()
    if suffix in (".sli", ".hdr"):
        return write_envi_library(path, library, bands)
    if suffix == ".txt":
        return [write_envi_plot(path, library)]
    if suffix == ".csv":
        return [write_spectra_csv(path, library, bands)]
    raise WriteError(f"Spectra are not written as {suffix or 'a file without ending'}.", hint="Use .csv, .txt or .sli.")


def write_envi_library(path: Path, library: SpectralLibrary, bands: BandSet) -> list[Path]:
    """An ENVI spectral library: X.sli, float32, a spectrum on each line, NaN where there is no value, and X.hdr.

    Raises WriteError rather than replace a header that is there without X.sli: it belongs to an image.
    """
    data, header = path.with_suffix(".sli"), path.with_suffix(".hdr")
    if header.exists() and not data.exists():
        raise WriteError(f"{header.name} belongs to another file and would be replaced.", hint="Choose another name.")
    fields = band_fields(bands)
    fields.pop("band names", None)
    text = header_text(
        library.name,
        (len(library), library.bands, 1),
        {
            "file type": "ENVI Spectral Library",
            "data type": FLOAT32,
            "interleave": "bsq",
            "z plot titles": braced([_axis_title(library), library.quantity]),
            # A comma ends a name in a header, whatever is done to it.
            "spectra names": braced(" ".join(name.replace(",", " ").split()) for name in unique_names(library)),
            **fields,
        },
    )
    with replacing(data, header) as (data_part, header_part):
        data_part.write_bytes(np.ascontiguousarray(library.spectra, dtype="<f4").tobytes())
        header_part.write_bytes(text.encode("utf-8"))
    return [data, header]


def write_envi_plot(path: Path, library: SpectralLibrary) -> Path:
    """Columns of text as ENVI writes a plot: a line for each column that names it, then a line for each band.

    Values that are missing are ``NaN``.
    """
    titles = [_axis_title(library), *unique_names(library)]
    with replacing(path) as (part,), part.open("w", encoding="utf-8", newline="\n") as file:
        file.write(f"ENVI ASCII Plot File: {plain(library.name)}\n")
        file.writelines(f"Column {number}: {plain(title)}\n" for number, title in enumerate(titles, 1))
        for position, values in zip(_positions(library), library.spectra.T, strict=True):
            file.write(
                f"{position:>14}" + "".join(f" {value:>16.9g}" for value in values.tolist()).replace("nan", "NaN")
            )
            file.write("\n")
    return path


def write_spectra_csv(path: Path, library: SpectralLibrary, bands: BandSet) -> Path:
    """A table with a row for each band: its number from 1, wavelength, whether it is usable, the values of each."""
    header, rows = spectra_table(library, bands)
    return write_csv(path, header, rows, f"{library.name}: {library.quantity}")


def spectra_table(library: SpectralLibrary, bands: BandSet) -> tuple[list[str], Iterator[list[str]]]:
    """Header and rows of the table; missing values are empty."""
    known = library.wavelengths is not None
    header = ["band", *(["wavelength_nm"] if known else []), "usable", *unique_names(library)]

    def row(band: int) -> list[str]:
        start = [str(band + 1), *([_positions(library)[band]] if known else []), str(int(bands.mask[band]))]
        values = library.spectra[:, band].tolist()
        return start + [f"{value:.9g}" if np.isfinite(value) else "" for value in values]

    return header, map(row, range(library.bands))


def unique_names(library: SpectralLibrary) -> list[str]:
    """The names, those that occur again with a number behind them: programs look spectra up by their name."""
    seen: Counter[str] = Counter()
    names: list[str] = []
    for name in library.names:
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names


def _axis_title(library: SpectralLibrary) -> str:
    return "Band" if library.wavelengths is None else "Wavelength (nm)"


def _positions(library: SpectralLibrary) -> list[str]:
    """Wavelength in nm where known, else the number of each band from 1."""
    if library.wavelengths is None:
        return [str(number) for number in range(1, library.bands + 1)]
    return [f"{centre:.10g}" for centre in library.wavelengths.tolist()]
