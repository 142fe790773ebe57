"""ASD field spectrometers (.asd): one spectrum in a binary file, with its white reference from version 2 on."""

import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.errors import ReadError
from hadviewer.core.library import SpectralLibrary
from hadviewer.core.specs import LibrarySpec, Match
from hadviewer.io.readers._files import head_of, refuse_stand_in

HEADER_BYTES = 484
"""Where the spectrum starts, in every version."""
MAX_BYTES = 64 * 2**20
VERSIONS = {b"ASD": 1, **{f"as{number}".encode(): number for number in range(2, 9)}}
_QUANTITIES = (
    "Digital number", "Reflectance", "Radiance", "Value", "Irradiance", "Quality index", "Transmittance", "Value",
    "Absorbance",
)  # fmt: skip
_FORMATS = {0: "<f4", 1: "<i4", 2: "<f8"}
_RATIOS = ("Reflectance", "Transmittance")
# A flag, two times, and the length of the description that follows.
_REFERENCE = struct.Struct("<hddh")


@dataclass(frozen=True)
class _Header:
    version: int
    kind: int
    start: float
    step: float
    dtype: np.dtype[Any]
    channels: int


def sniff(path: Path, head: bytes) -> int:
    """The first three bytes, and a number of channels that can be."""
    if head[:3] not in VERSIONS or len(head) < HEADER_BYTES:
        return Match.NO
    return Match.YES if head[199] in _FORMATS and struct.unpack_from("<H", head, 204)[0] else Match.NO


def open_library(path: Path) -> SpectralLibrary:
    """The spectrum of the file; where a white reference is there, reflectance is the ratio to it."""
    data = head_of(path, MAX_BYTES)
    refuse_stand_in(path, data[:1024])
    header = _header(path, data)
    end = HEADER_BYTES + header.channels * header.dtype.itemsize
    if len(data) < end:
        raise ReadError(
            f"{path.name} has {len(data)} bytes, but its {header.channels} channels need {end}.",
            hint="Copy it again.",
        )
    values = _numbers(data, header, HEADER_BYTES)
    quantity = _QUANTITIES[header.kind] if header.kind < len(_QUANTITIES) else "Value"
    notes: list[str] = []
    reference = _reference(data, end, header)
    if quantity in _RATIOS and reference is not None:
        with np.errstate(divide="ignore", invalid="ignore"):
            values = values / reference
    elif header.version > 1 and quantity != "Digital number":
        notes.append(f"{path.name}: {quantity.lower()} cannot be had without calibration; these are digital numbers.")
        quantity = "Digital number"
    with np.errstate(over="ignore"):
        spectrum = values.astype(np.float32)
    spectrum[~np.isfinite(spectrum)] = np.nan
    wavelengths = header.start + header.step * np.arange(header.channels, dtype=np.float64)
    return SpectralLibrary(
        path.stem, (path.stem,), spectrum[np.newaxis], wavelengths, None, quantity, path, tuple(notes)
    )


def _header(path: Path, data: bytes) -> _Header:
    if len(data) < HEADER_BYTES or data[:3] not in VERSIONS:
        raise ReadError(f"{path.name} is not an ASD file.", hint="Choose another file.")
    start, step = struct.unpack_from("<ff", data, 191)
    (channels,) = struct.unpack_from("<H", data, 204)
    if data[199] not in _FORMATS or not channels:
        raise ReadError(
            f"{path.name} says it has {channels} channels of format {data[199]}, which is not understood.",
            hint="Save it again with the program of the spectrometer.",
        )
    if not (math.isfinite(start) and math.isfinite(step) and start > 0 and step > 0 and start + step * channels < 1e5):
        raise ReadError(
            f"{path.name} starts at {start:g} nm and goes on in steps of {step:g} nm, which cannot be.",
            hint="Copy it again.",
        )
    return _Header(VERSIONS[data[:3]], data[186], start, step, np.dtype(_FORMATS[data[199]]), channels)


def _reference(data: bytes, start: int, header: _Header) -> NDArray[np.float64] | None:
    """The white reference behind the spectrum, or None where none was taken."""
    if header.version < 2 or len(data) < start + _REFERENCE.size:
        return None
    length = _REFERENCE.unpack_from(data, start)[3]
    place = start + _REFERENCE.size + length
    if length < 0 or len(data) < place + header.channels * header.dtype.itemsize:
        return None
    reference = _numbers(data, header, place)
    return reference if np.any(reference) else None


def _numbers(data: bytes, header: _Header, place: int) -> NDArray[np.float64]:
    """The numbers of all channels; damaged bytes may be of a kind that processors warn of."""
    with np.errstate(invalid="ignore"):
        return np.frombuffer(data, header.dtype, header.channels, place).astype(np.float64)


SPEC = LibrarySpec(
    id="asd",
    title="ASD",
    extensions=(".asd",),
    sniff=sniff,
    open=open_library,
    summary="A spectrum of an ASD field spectrometer.",
)
