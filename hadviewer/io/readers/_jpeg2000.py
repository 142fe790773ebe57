"""JPEG 2000 checked before it is opened: its boxes lie within the file, its header claims no more than the file holds.

GDAL walks boxes without end where one has no length, and OpenJPEG sets memory aside for every tile and precinct that a
header of a few bytes claims. Names are those of the standard, ISO/IEC 15444-1 annexes A and I.
"""

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from hadviewer.core.errors import ReadError
from hadviewer.io.readers._files import unreadable

DENSEST = 10_000
"""How many values a byte can hold at most: empty blocks cost next to nothing."""

_SIGNATURE = b"\x00\x00\x00\x0cjP  \r\n\x87\n"
_HOLDERS = {b"jp2h", b"res ", b"asoc", b"uinf", b"jpch", b"jplh", b"ftbl", b"comp", b"drep"}
_DEEPEST = 8
_MOST_BOXES = 100_000
_MOST_TILE_PARTS = 1000
_SOC, _SIZ, _COD, _COC, _QCD, _SOT, _SOD = 0xFF4F, 0xFF51, 0xFF52, 0xFF53, 0xFF5C, 0xFF90, 0xFF93
# A packet takes a byte or more; a file cut down to a sixteenth may still be shown.
_MOST_PACKETS = 16
_SPARE_BYTES = 4096


@dataclass(frozen=True)
class _Box:
    kind: bytes
    start: int
    end: int


@dataclass(frozen=True)
class _Size:
    """The segment SIZ: what the image and its tiles measure."""

    width: int
    height: int
    tile_width: int
    tile_height: int
    tiles: int
    components: int
    least_step: int


def check(path: Path) -> None:
    """Raise ReadError where a file is no sound JPEG 2000, as a whole format (JP2) or as a bare codestream."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            bare = file.read(2) == b"\xff\x4f"
            start, end, announced = (0, size, None) if bare else _find_codestream(path, file, size)
            _check_codestream(path, file, start, end, announced)
    except OSError as error:
        raise unreadable(path, error) from None


def _find_codestream(path: Path, file: BinaryIO, size: int) -> tuple[int, int, tuple[int, int, int]]:
    """Where the codestream lies, and (height, width, components) as the box ihdr has them."""
    if _read(file, 0, 12) != _SIGNATURE:
        raise _damaged(path, "the signature at its beginning is not that of JPEG 2000")
    boxes = list(_boxes(path, file, 0, size))
    streams = [box for box in boxes if box.kind == b"jp2c"]
    headers = [box for box in boxes if box.kind == b"ihdr"]
    for kind, found in ((b"jp2h", headers), (b"jp2c", streams)):
        if not found:
            raise _damaged(path, f"the box '{kind.decode()}' is missing")
    raw = _read(file, headers[0].start, 10)
    if len(raw) < 10 or headers[0].end - headers[0].start != 14:
        raise _damaged(path, "the box 'ihdr' is not 14 bytes long")
    return streams[0].start, streams[0].end, struct.unpack(">IIH", raw)


def _boxes(path: Path, file: BinaryIO, start: int, end: int, depth: int = 0) -> Iterator[_Box]:
    """The boxes from ``start`` to ``end`` and those in them; only the very last may leave its length open."""
    at, count = start, 0
    while at + 8 <= end:  # fewer bytes than a box has are padding
        raw = _read(file, at, 16)
        length, kind = struct.unpack(">I4s", raw[:8])
        inner = at + 8
        if length == 1 and len(raw) == 16:
            length, inner = struct.unpack(">Q", raw[8:])[0], at + 16
        elif length == 0 and kind == b"jp2c" and depth == 0:
            length = end - at
        if at + length > end or inner > at + length:
            name = kind.decode("ascii", "replace") if kind.isascii() and kind.strip(b"\0") else "?"
            raise _damaged(path, f"the length of the box '{name}' at byte {at} does not fit")
        count += 1
        if count > _MOST_BOXES:
            raise _damaged(path, "it has too many boxes")
        yield _Box(kind, inner, at + length)
        if kind in _HOLDERS and depth < _DEEPEST:
            yield from _boxes(path, file, inner, at + length, depth + 1)
        at += length


def _check_codestream(path: Path, file: BinaryIO, start: int, end: int, announced: tuple[int, int, int] | None) -> None:
    size = _size(path, _read(file, start, 40 + 2 + 3 * 16_384))
    if announced is not None and announced != (size.height, size.width, size.components):
        raise _damaged(path, "the sizes in the box 'ihdr' and in the codestream differ")
    values, room = size.width * size.height * size.components, end - start
    if values > DENSEST * room or size.tiles * (size.components + 12) > room:
        raise ReadError(
            f"{path.name} claims {size.height} lines × {size.width} samples × {size.components} bands in "
            f"{size.tiles} tiles, more than {room} bytes can hold.",
            hint="It is damaged or incomplete: copy it again.",
        )
    found, at = _segments(path, file, start + 2, end, size, _SOT)
    if any(found.count(marker) != 1 for marker in (_SIZ, _COD, _QCD)):
        raise _damaged(path, "a segment of its header is missing or occurs twice")
    for _ in range(_MOST_TILE_PARTS):
        raw = _read(file, at, 12)
        if len(raw) < 12 or raw[:4] != b"\xff\x90\x00\x0a":
            return
        tile, length = struct.unpack(">HI", raw[4:10])
        if tile >= size.tiles or 0 < length < 14 or length > end - at:
            raise _damaged(path, f"the tile at byte {at} does not fit")
        _segments(path, file, at + 12, at + length if length else end, size, _SOD)
        if not length:
            return
        at += length


def _segments(path: Path, file: BinaryIO, at: int, end: int, size: _Size, last: int) -> tuple[list[int], int]:
    """The marker segments from ``at`` up to the marker ``last``, and where that one stands."""
    found: list[int] = []
    while True:
        raw = _read(file, at, 4)
        marker = struct.unpack(">H", raw[:2])[0] if len(raw) == 4 else 0
        if marker == last:
            return found, at
        length = struct.unpack(">H", raw[2:])[0] if marker >= 0xFF40 else 0
        if length < 2 or at + 2 + length > end:
            raise _damaged(path, f"the segment at byte {at} of its header does not fit")
        if marker in (_COD, _COC):
            _check_packets(path, _read(file, at + 4, length - 2), size, end, whole=marker == _COD)
        found.append(marker)
        at += 2 + length


def _size(path: Path, raw: bytes) -> _Size:
    if len(raw) < 42 or struct.unpack(">HH", raw[:4]) != (_SOC, _SIZ):
        raise _damaged(path, "its codestream does not begin with the segment SIZ")
    length, _, right, bottom, left, top, tile_width, tile_height, tile_left, tile_top, components = struct.unpack(
        ">HH8IH", raw[4:42]
    )
    width, height = right - left, bottom - top
    sampling = raw[42 : 42 + 3 * components]
    sound = length == 38 + 3 * components and len(sampling) == 3 * components > 0
    sound = sound and min(width, height, tile_width, tile_height) > 0 and tile_left <= left and tile_top <= top
    steps = [*sampling[1::3], *sampling[2::3]]
    if not sound or 0 in steps:
        raise _damaged(path, "the segment SIZ of its header is not sound")
    across, down = -(-(right - tile_left) // tile_width), -(-(bottom - tile_top) // tile_height)
    return _Size(width, height, tile_width, tile_height, across * down, components, min(steps))


def _check_packets(path: Path, raw: bytes, size: _Size, end: int, *, whole: bool) -> None:
    """Raise ReadError where a coding style makes more packets than there are bytes; ``whole`` for COD, else COC."""
    lead = 5 if whole else (2 if size.components < 257 else 3)
    if len(raw) < lead + 5 or raw[lead] > 32:
        raise _damaged(path, "a coding style in its header is not sound")
    own_precincts = raw[0 if whole else lead - 1] & 1
    levels = raw[lead]
    layers = struct.unpack(">H", raw[2:4])[0] if whole else 1
    powers = raw[lead + 5 : lead + 6 + levels] if own_precincts else b"\xff" * (levels + 1)
    if len(powers) != levels + 1:
        raise _damaged(path, "a coding style in its header is not sound")
    packets = 0
    for resolution, power in enumerate(powers):
        shrink = (levels - resolution) + size.least_step.bit_length() - 1
        width, height = min(size.tile_width, size.width), min(size.tile_height, size.height)
        packets += ((width >> shrink >> (power & 15)) + 1) * ((height >> shrink >> (power >> 4)) + 1)
    packets *= size.tiles * (size.components if whole else 1) * layers
    if packets > _MOST_PACKETS * (end + _SPARE_BYTES):
        raise _damaged(path, f"its header claims {packets} packets, more than it can hold")


def _read(file: BinaryIO, at: int, count: int) -> bytes:
    file.seek(at)
    return file.read(count)


def _damaged(path: Path, what: str) -> ReadError:
    return ReadError(f"{path.name} is a damaged JPEG 2000 file: {what}.", hint="Copy or download it again.")
