"""What the writers of ENVI files share: the text of a header."""

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from hadviewer.core.bands import BandSet


def header_text(description: str, shape: tuple[int, int, int], fields: Mapping[str, str]) -> str:
    """A header for raw values (lines, samples, bands) in little-endian byte order, from the start of the file."""
    rows, cols, bands = shape
    lines = {
        "description": f"{{{plain(description)}}}",
        "samples": str(cols),
        "lines": str(rows),
        "bands": str(bands),
        "header offset": "0",
        "byte order": "0",
        **fields,
    }
    return "ENVI\n" + "".join(f"{key} = {value}\n" for key, value in lines.items())


def band_fields(bands: BandSet) -> dict[str, str]:
    """What a header says of the bands."""
    fields = {}
    if bands.names is not None:
        fields["band names"] = braced(bands.names)
    if bands.centres is not None:
        fields |= {"wavelength units": "Nanometers", "wavelength": braced(bands.centres.tolist())}
    if bands.fwhm is not None:
        fields["fwhm"] = braced(bands.fwhm.tolist())
    if not bands.mask.all():
        fields["bbl"] = braced(bands.mask.astype(int).tolist())
    return fields


def braced(items: Iterable[Any]) -> str:
    """A list as headers write it."""
    return "{" + ", ".join(plain(str(item)).replace(",", ";") for item in items) + "}"


def plain(text: str) -> str:
    """One line of ASCII without braces: what every reader of headers understands."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "replace").decode("ascii")
    return " ".join(plain.replace("{", "(").replace("}", ")").split())
