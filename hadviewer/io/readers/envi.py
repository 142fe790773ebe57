"""ENVI: a text header beside raw values, read lazily in any interleave, type and byte order."""

import math
import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.cube import Cube, CubeSource
from hadviewer.core.errors import ReadError
from hadviewer.core.geolocation import Location
from hadviewer.core.params import Params, field
from hadviewer.core.specs import Entry, Match, ReaderSpec
from hadviewer.io.deferred import DeferredSource
from hadviewer.io.readers import _envi_bands, _envi_geo, _geolocation
from hadviewer.io.readers._envi_files import (
    DATA_EXTENSIONS,
    find_data,
    header_beside,
    is_data_name,
    resolve_pair,
    tiff_beside,
)
from hadviewer.io.readers._envi_header import EnviHeader, is_envi_text, read_header
from hadviewer.io.readers._files import head_of, is_stand_in, refuse_stand_in, unreadable
from hadviewer.io.readers._single_band import require_single_band, single_band
from hadviewer.io.sources import FileSource, RawFile

DATA_TYPES = {
    1: "u1", 2: "i2", 3: "i4", 4: "f4", 5: "f8", 6: "c8", 9: "c16", 12: "u2", 13: "u4", 14: "i8", 15: "u8",
}  # fmt: skip
GZIP_TRAILER = 4
# gzip cannot pack more tightly than this.
MAX_COMPRESSION = 1100
NESTING = {"bsq": "brc", "bil": "rbc", "bip": "rcb"}
_USED = {
    "samples", "lines", "bands", "header offset", "data type", "interleave", "byte order", "file compression",
    "wavelength", "wavelength units", "fwhm", "bbl", "band names", "default bands", "data ignore value",
    "reflectance scale factor", "major frame offsets", "minor frame offsets",
}  # fmt: skip
_OTHER_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"\x89HDF", b"MATLAB ", b"\x93NUMPY", b"CDF", b"\x89PNG")


class EnviParams(Params):
    """How to read an ENVI file whose header is not to be believed."""

    truncated: bool = field(False, "Open truncated", help="Open what there is of a data file that ends too early.")
    interleave: Literal["header", "bsq", "bil", "bip"] = field(
        "header", "Interleave", help="Order of the values in the file, when the header has it wrong.", advanced=True
    )
    byte_order: Literal["header", "little", "big"] = field(
        "header", "Byte order", help="Which byte of a value comes first, when the header has it wrong.", advanced=True
    )


@dataclass(frozen=True)
class Layout:
    """Where the values lie: ``shape`` and ``strides`` (bytes) of (row, col, band), ``start`` of the first one."""

    shape: tuple[int, int, int]
    strides: tuple[int, int, int]
    start: int
    dtype: np.dtype[Any]
    interleave: str
    end: int


def sniff(path: Path, head: bytes) -> int:
    """A header that starts with ENVI, or any file that has one beside it."""
    if path.is_dir():
        return Match.NO
    if is_envi_text(head):
        return Match.YES
    if path.suffix.lower() == ".hdr":
        return Match.MAYBE
    try:
        header = header_beside(path)
        known = header is not None and is_envi_text(head_of(header))
    except ReadError:
        return Match.NO
    if header is not None and known:
        sure = is_data_name(path, header) and not head.startswith(_OTHER_MAGIC)
        return Match.YES if sure else Match.MAYBE
    raw = path.suffix.lower().lstrip(".") in DATA_EXTENSIONS[1:]
    return Match.MAYBE if raw and (not head or is_stand_in(head) or not head.startswith(_OTHER_MAGIC)) else Match.NO


def contents(path: Path) -> list[Entry]:
    """The one image of the pair; a classification is a mask."""
    header, data, layout = examine(path, EnviParams())
    note = _shortage(data, layout) if not _compressed(header) else ""
    role: Literal["cube", "mask"] = "mask" if _is_classification(header) and layout.shape[2] == 1 else "cube"
    return [Entry(data.name, layout.shape, layout.dtype.name, role, note)]


def open_cube(path: Path, entry: str | None = None, params: EnviParams | None = None) -> Cube:
    """The image as a lazy cube. Raises ReadError when header and data do not fit together."""
    params = params or EnviParams()
    header, data, layout = examine(path, params)
    layout, source = open_values(header, data, layout, params)
    count = layout.shape[2]
    bands = _envi_bands.band_set(header, header.integer("bands"))
    if count < bands.count:
        bands = bands.take(range(count))
    scale = _envi_bands.scale(header, header.integer("bands"))
    if scale is not None and isinstance(scale.gain, np.ndarray):
        scale = type(scale)(scale.gain[:count], np.asarray(scale.offset)[:count], scale.found)
    mapped = _envi_geo.georeference(header)
    used = _USED | (set(mapped.verbatim) if mapped else set())
    geo: Location | None = mapped
    if mapped is None or not mapped.crs:
        geo = _geolocation.beside(resolve_pair(path)[0], layout.shape[:2], open_cube) or mapped
    return Cube(
        source,
        bands,
        name=data.stem if data.suffix.lower().lstrip(".") in DATA_EXTENSIONS else data.name,
        path=path,
        scale=scale,
        nodata=_envi_bands.nodata(header, layout.dtype),
        geo=geo,
        quantity="Reflectance" if "reflectance scale factor" in header.fields else "Value",
        default_bands=_envi_bands.default_bands(header, count),
        meta={header.spelling[key]: value for key, value in header.fields.items() if key not in used and value},
        header={header.spelling[key]: value for key, value in header.fields.items()},
        notes=tuple(dict.fromkeys(header.notes)),
        guessed=tuple(header.guessed),
    )


def open_array(path: Path, entry: str | None = None) -> NDArray[Any]:
    """The one band whole, (rows, cols). A classification with a class named like a target gives bool, True on it;
    other values are scaled, no-data NaN, unless they are plain integers, which stay as they are."""
    cube = open_cube(path, entry)
    target = target_class(cube)
    if target is None:
        return single_band(path, cube)
    require_single_band(path, cube)
    return np.asarray(cube.source.read(cube.window, slice(None))[:, :, 0] == target)


def target_class(cube: Cube) -> int | None:
    """The class that marks targets in a classification, found by its name; None when no name tells."""
    meta = {key.lower(): value for key, value in cube.meta.items()}
    if "classification" not in str(meta.get("file type", "")).lower():
        return None
    names = [name.strip().lower() for name in str(meta.get("class names", "")).split(",")]
    wanted = ("anomaly", "anomalies", "target", "targets")
    return next((number for number, name in enumerate(names) if name in wanted), None)


def examine(path: Path, params: EnviParams, *, library: bool = False) -> tuple[EnviHeader, Path, Layout]:
    """Header, data file and layout of a pair; raises ReadError where it is no image (nor ``library``)."""
    header_path, data = resolve_pair(path)
    header = read_header(header_path)
    doubtful = data is not None and not is_data_name(data, header_path)
    if data is not None and doubtful and data.stat().st_size != _layout(header, params).end:
        raise ReadError(
            f"{data.name} is not the data that {header_path.name} describes: the sizes differ.",
            hint=f"Open {header_path.name} instead.",
        )
    _refuse_other_types(header_path, header, library)
    layout = _layout(header, params)
    if data is None:
        data = find_data(header_path, header, layout.end)
    head = head_of(data)
    if not head or is_stand_in(head[:1024]):
        refuse_stand_in(data, head)
    return header, data, layout


def is_library(header: EnviHeader) -> bool:
    """Whether a header describes a spectral library: a spectrum on each line, its bands along the samples."""
    kind = header.text("file type").lower()
    named = "spectra names" in header.fields and header.text("bands", "1") == "1" and "standard" not in kind
    return "spectral library" in kind or named


def _refuse_other_types(path: Path, header: EnviHeader, library: bool) -> None:
    kind = header.text("file type").lower()
    if is_library(header):
        if library:
            return
        spectra, bands = header.text("lines", "?"), header.text("samples", "?")
        raise ReadError(
            f"{path.name} is a spectral library of {spectra} spectra with {bands} bands, not an image.",
            hint="Choose File, Open spectral library.",
        )
    if kind == "tiff":
        raise ReadError(f"{path.name} describes a TIFF file, not raw data.", hint=f"Open {tiff_beside(path)} itself.")
    if "meta" in kind or "mosaic" in kind or "hypercloud" in kind:
        raise ReadError(
            f"{path.name} is of the file type '{header.text('file type')}', which holds no image itself.",
            hint="Open one of the images it refers to, or save it as an ENVI standard file.",
        )


def _layout(header: EnviHeader, params: EnviParams) -> Layout:
    rows, cols, bands = (header.integer(key) for key in ("lines", "samples", "bands"))
    offset = header.integer("header offset", 0)
    if min(rows, cols, bands) < 1 or offset < 0:
        raise ReadError(
            f"{header.name} describes an image of {rows} lines × {cols} samples × {bands} bands.",
            hint="Correct the header: every size must be at least 1.",
        )
    code = header.integer("data type")
    if code not in DATA_TYPES:
        raise ReadError(
            f"{header.name} says 'data type = {code}', which is not an ENVI data type.",
            hint="Known are " + ", ".join(map(str, DATA_TYPES)) + ".",
        )
    dtype = np.dtype(_byte_order(header, params) + DATA_TYPES[code])
    interleave = params.interleave if params.interleave != "header" else _interleave(header)
    sizes = dict(zip("rcb", (rows, cols, bands), strict=True))
    strides, lead, end = _strides(header, [sizes[axis] for axis in NESTING[interleave]], dtype.itemsize, interleave)
    by_axis = dict(zip(NESTING[interleave], strides, strict=True))
    return Layout(
        (rows, cols, bands), (by_axis["r"], by_axis["c"], by_axis["b"]), offset + lead, dtype, interleave, offset + end
    )


def _strides(
    header: EnviHeader, sizes: list[int], itemsize: int, interleave: str
) -> tuple[tuple[int, int, int], int, int]:
    """Bytes between neighbours on the three nested axes, before the first value, and in all."""
    (major_lead, major_tail), (minor_lead, minor_tail) = (
        _frame_offsets(header, f"{kind} frame offsets") for kind in ("major", "minor")
    )
    if interleave == "bip" and (minor_lead or minor_tail):
        raise ReadError(
            f"{header.name} has minor frame offsets in BIP order, which is not understood.",
            hint="Save the image without frame offsets.",
        )
    inner = itemsize
    middle = minor_lead + sizes[2] * inner + minor_tail
    outer = major_lead + sizes[1] * middle + major_tail
    return (outer, middle, inner), major_lead + minor_lead, sizes[0] * outer


def _frame_offsets(header: EnviHeader, key: str) -> tuple[int, int]:
    values = header.numbers(key)
    if not values:
        return 0, 0
    if len(values) != 2 or any(value < 0 or value != value // 1 or math.isinf(value) for value in values):
        raise ReadError(f"{header.name} has {key} that are not understood.", hint="Save the image without them.")
    return int(values[0]), int(values[1])


def _byte_order(header: EnviHeader, params: EnviParams) -> str:
    if params.byte_order != "header":
        return ">" if params.byte_order == "big" else "<"
    if not header.text("byte order"):
        why = "The header does not give the byte order; little endian assumed."
        header.guess("byte_order", "little", why, ("big",))
    return ">" if header.integer("byte order", 0) == 1 else "<"


def _interleave(header: EnviHeader) -> str:
    given = header.text("interleave").lower()
    if given in NESTING:
        return given
    said = f"gives the interleave as '{given}'" if given else "does not give the interleave"
    why = f"The header {said}; BSQ assumed. The reader option interleave changes it."
    header.guess("interleave", "bsq", why, ("bil", "bip"))
    return "bsq"


def open_values(header: EnviHeader, data: Path, layout: Layout, params: EnviParams) -> tuple[Layout, CubeSource]:
    """The values as they lie in the file, checked against its size; what there is of a short file where allowed."""
    if _compressed(header) and _unpacks_to(data, layout.end):
        return layout, DeferredSource(
            layout.shape, layout.dtype.newbyteorder("="), layout.interleave, lambda: _unpacked(data, layout)
        )
    try:
        file = _decompressed(data, layout.end) if _compressed(header) else RawFile(data)
    except OSError as error:
        raise unreadable(data, error) from None
    size = file.size
    if size > layout.end and not _compressed(header):
        surplus = "1 byte" if size == layout.end + 1 else f"{size - layout.end} bytes"
        header.notes.append(f"The data file is {surplus} longer than the header says; the end was ignored.")
    if size < layout.end:
        layout = _shortened(header, data, layout, size, params)
    return layout, FileSource(file, layout.shape, layout.strides, layout.dtype, layout.start)


def _shortened(header: EnviHeader, data: Path, layout: Layout, size: int, params: EnviParams) -> Layout:
    """The layout of what is there: whole bands of BSQ, whole lines otherwise."""
    axis = 2 if layout.interleave == "bsq" else 0
    available = max(0, (size - layout.start) // layout.strides[axis])
    parts = ("lines", "samples", "bands")[axis]
    sentence = (
        f"{data.name} has {size} bytes, but its header needs {layout.end}: "
        f"{available} of {layout.shape[axis]} {parts} are there."
    )
    if not params.truncated or not available:
        hint = "Copy it again, or check 'data type' in the header"
        option = "; the reader option truncated=yes opens what is there." if available else "."
        raise ReadError(sentence, hint=hint + option, option="truncated" if available else "")
    header.notes.append(sentence)
    rows, cols, bands = layout.shape
    shape = (rows, cols, available) if axis == 2 else (available, cols, bands)
    return Layout(shape, layout.strides, layout.start, layout.dtype, layout.interleave, layout.end)


def _shortage(data: Path, layout: Layout) -> str:
    size = data.stat().st_size
    return f"The data file is too short: {size} of {layout.end} bytes." if size < layout.end else ""


def _unpacks_to(data: Path, size: int) -> bool:
    """Whether the last bytes of a gzip file, its length unpacked, say that all is there; they tell 32 bits of it."""
    packed = data.stat().st_size
    if packed < GZIP_TRAILER or size > MAX_COMPRESSION * packed:
        return False
    with data.open("rb") as file:
        file.seek(-GZIP_TRAILER, os.SEEK_END)
        return int.from_bytes(file.read(GZIP_TRAILER), "little") == size % 2**32


def _unpacked(data: Path, layout: Layout) -> FileSource:
    """The values of a gzip-compressed data file. Raises ReadError when it is damaged after all."""
    try:
        file = _decompressed(data, layout.end)
    except OSError as error:
        raise unreadable(data, error) from None
    if file.size < layout.end:
        raise ReadError(f"{data.name} has {file.size} bytes unpacked, but needs {layout.end}.", hint="Copy it again.")
    return FileSource(file, layout.shape, layout.strides, layout.dtype, layout.start)


def _decompressed(data: Path, needed: int) -> RawFile:
    """The values of a gzip-compressed data file in a temporary file without a name."""
    import gzip
    import tempfile

    with tempfile.TemporaryFile() as target, gzip.open(data) as packed:
        done = 0
        try:
            while done < needed and (part := packed.read(min(2**20, needed - done))):
                target.write(part)
                done += len(part)
            packed.read(1)  # at the end stands a checksum
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise ReadError(
                f"{data.name} says it is gzip-compressed but cannot be decompressed.", hint="Copy it again."
            ) from None
        except OSError as error:
            raise ReadError(
                f"{data.name} cannot be decompressed: {error.strerror or error}.", hint="Free some disk space."
            ) from None
        target.flush()
        return RawFile(data, os.dup(target.fileno()))


def _compressed(header: EnviHeader) -> bool:
    return header.integer("file compression", 0) == 1


def _is_classification(header: EnviHeader) -> bool:
    return "classification" in header.text("file type").lower()


SPEC = ReaderSpec(
    id="envi",
    title="ENVI",
    extensions=(".hdr", *(f".{extension}" for extension in DATA_EXTENSIONS[1:])),
    sniff=sniff,
    contents=contents,
    open=open_cube,
    open_array=open_array,
    params=EnviParams,
    home=lambda path: resolve_pair(path)[0],
    summary="Raw values with a text header, from ENVI, IDL and most airborne and laboratory cameras.",
)
