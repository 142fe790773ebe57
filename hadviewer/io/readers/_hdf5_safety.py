"""HDF5 files checked where the library believes them: heaps that never end, and attributes that claim gigabytes.

Names are those of the HDF5 File Format Specification 3.0: global heaps (III.E), object headers (IV.A), attribute
messages (IV.A.2.m). Very many attributes of one object lie in a fractal heap, which has checksums of its own.
"""

import math
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

SEARCHED = 2**24
"""How many bytes at the beginning and at the end of a file are searched for heaps."""

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_CONTINUATION, _ATTRIBUTE = 0x10, 0x0C
_VARIABLE_LENGTH = 9
_HEAP_HEAD = _OBJECT_HEAD = 16
_SMALLEST_HEAP = 4096
_MOST_BLOCKS = 100
_NOWHERE = 2**62
_LONGEST_BLOCK = 2**20


def check_heaps(path: Path) -> None:
    """Raise ValueError for a global heap that the library would walk without end."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        for start in {0, max(0, size - SEARCHED)}:
            file.seek(start)
            raw = file.read(SEARCHED)
            left = len(raw) // _OBJECT_HEAD
            at = raw.find(b"GCOL\x01\0\0\0")
            while at >= 0:
                left -= _objects_in_heap(raw, at, size - start)
                if left < 0:
                    raise ValueError("heaps lie in each other")
                at = raw.find(b"GCOL\x01\0\0\0", at + 8)


def check_attributes(path: Path, file: Any, objects: Iterable[Any]) -> None:
    """Raise ValueError where an attribute of one of the open file's objects claims more than the file holds."""
    import h5py

    with path.open("rb") as raw:
        size = os.fstat(raw.fileno()).st_size
        base = int(file.userblock_size)
        raw.seek(base)
        head = raw.read(16)
        width = head[9 if head[8:9] in (b"\2", b"\3") else 13] if head.startswith(_SIGNATURE) else 8
        for item in objects:
            for message in _messages(raw, base, int(h5py.h5o.get_info(item.id).addr), width):
                _check_attribute(message, width, size)


def _objects_in_heap(raw: bytes, at: int, left: int) -> int:
    """Walk the objects of a heap; ``left`` is how many bytes of the file there are from the beginning of ``raw``."""
    length = int.from_bytes(raw[at + 8 : at + 16], "little")
    if not _SMALLEST_HEAP <= length <= left - at:
        return 0  # the library refuses it, or it is no heap
    end = min(at + length, len(raw))
    at += _HEAP_HEAD
    count = 0
    while at + _OBJECT_HEAD <= end:
        number = int.from_bytes(raw[at : at + 2], "little")
        size = int.from_bytes(raw[at + 8 : at + 16], "little")
        step = _OBJECT_HEAD + size + -size % 8 if number else size
        if step == 0:
            raise ValueError("a heap holds an object without a size")
        at += step
        count += 1
    return count


def _messages(raw: BinaryIO, base: int, address: int, width: int) -> Iterator[bytes]:
    """The messages of attributes in an object header of either version, with what continues it elsewhere."""
    head = _read(raw, base + address, 64).ljust(64, b"\0")
    modern = head.startswith(b"OHDR")
    if modern:
        flags, wide = head[5], 1 << (head[5] & 3)
        at = 6 + (16 if flags & 32 else 0) + (4 if flags & 16 else 0)
        blocks = [(address + at + wide, int.from_bytes(head[at : at + wide], "little"))]
        lead = 6 if flags & 4 else 4
    else:
        blocks, lead = [(address + 16, int.from_bytes(head[8:12], "little"))], 8
    for place, length in blocks:
        block = _read(raw, base + place, min(length, _LONGEST_BLOCK))
        if block.startswith(b"OCHK"):
            block = block[4:-4]
        at = 0
        while at + lead <= len(block):
            kind = block[at] if modern else int.from_bytes(block[at : at + 2], "little")
            start = at + 1 if modern else at + 2
            size = int.from_bytes(block[start : start + 2], "little")
            body = block[at + lead : at + lead + size]
            if kind == _ATTRIBUTE:
                yield body
            if kind == _CONTINUATION and len(body) >= 2 * width and len(blocks) < _MOST_BLOCKS:
                blocks.append(
                    (int.from_bytes(body[:width], "little"), int.from_bytes(body[width : 2 * width], "little"))
                )
            at += lead + size


def _read(raw: BinaryIO, at: int, count: int) -> bytes:
    if at >= _NOWHERE:
        return b""
    raw.seek(at)
    return raw.read(count)


def _check_attribute(message: bytes, width: int, size: int) -> None:
    """Texts and lists of variable length are told by their length, which the library believes."""
    if len(message) < 9 or message[0] not in (1, 2, 3):
        return
    lengths = [int.from_bytes(message[at : at + 2], "little") for at in (2, 4, 6)]
    at = 9 if message[0] == 3 else 8
    starts = []
    for length in lengths:
        starts.append(at)
        at += length + (-length % 8 if message[0] == 1 else 0)
    if len(message) < starts[2] + 4 or message[starts[1]] & 15 != _VARIABLE_LENGTH:
        return
    rank = message[starts[2] + 1]
    lead = starts[2] + (8 if message[starts[2]] == 1 else 4)
    sizes = [int.from_bytes(message[lead + 8 * axis : lead + 8 * axis + 8], "little") for axis in range(min(rank, 32))]
    step, count = 8 + width, math.prod(sizes)
    for place in range(at, min(len(message) - step, at + (count - 1) * step) + 1, step):
        if int.from_bytes(message[place : place + 4], "little") > size:
            raise ValueError("an attribute claims more than the file holds")
