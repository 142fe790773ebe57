"""Arrays of numbers in MATLAB v5 and v7 files, every length checked before it is believed.

scipy lists the variables; it does not load them, because damaged files can make it read beyond its memory.
"""

import math
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

HEADER_BYTES = 128
MATRIX, COMPRESSED = 14, 15
LONGEST_PREFIX = 4096
_STORED = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
_NUMERIC_CLASSES = range(6, 16)
_COMPLEX = 0x0800


def is_mat5(head: bytes) -> bool:
    """Whether a file says that it is v5 or v7, in either byte order."""
    return len(head) >= HEADER_BYTES and head[126:128] in (b"IM", b"MI") and any(head[:4])


def load(path: Path, name: str, largest: int) -> NDArray[Any]:
    """The variable ``name`` in the type it is stored in. Raises ValueError for what is damaged or over ``largest``."""
    with path.open("rb") as file:
        order, packed, length = _find(file, name)
        return _Body(file.read(length), order, packed, largest).array()


def stored_type(path: Path, name: str) -> np.dtype[Any]:
    """The type in which the values of a variable are stored, which may be smaller than its class says."""
    with path.open("rb") as file:
        order, packed, length = _find(file, name)
        return _Body(file.read(min(length, LONGEST_PREFIX)), order, packed).stored_type()


def _find(file: BinaryIO, name: str) -> tuple[str, bool, int]:
    """(byte order, whether it is packed, bytes) of a variable; the file stands where its content begins."""
    order = "<" if file.read(HEADER_BYTES)[126:128] == b"IM" else ">"
    for kind, length in _elements(file, order):
        start = file.tell()
        body = _Body(file.read(min(length, LONGEST_PREFIX)), order, kind == COMPRESSED)
        if body.name() == name:
            file.seek(start)
            return order, kind == COMPRESSED, length
        file.seek(start + length)
    raise ValueError(f"there is no array called {name}")


def _elements(file: BinaryIO, order: str) -> Iterator[tuple[int, int]]:
    """(type, bytes) of each element of the file, which stands where its content begins."""
    size = file.seek(0, 2)
    at = HEADER_BYTES
    while at + 8 <= size:
        file.seek(at)
        kind, length = struct.unpack(f"{order}2I", file.read(8))
        if length > size - at - 8:
            raise ValueError("an element is longer than the file")
        yield kind, length
        at += 8 + length


class _Body:
    """The content of a matrix, unpacked as far as ``largest`` bytes, or its beginning only."""

    def __init__(self, raw: bytes, order: str, packed: bool, largest: int = 0) -> None:
        self._order = order
        if packed:
            unpacker = zlib.decompressobj()
            limit = largest + LONGEST_PREFIX if largest else LONGEST_PREFIX
            self._raw = memoryview(unpacker.decompress(raw, limit))[8:]
        else:
            self._raw = memoryview(raw)

    def name(self) -> str:
        """The name of the matrix; '' where it holds no plain numbers."""
        try:
            flags, _, name, _ = self._prefix()
        except ValueError:
            return ""
        return name if flags & 0xFF in _NUMERIC_CLASSES else ""

    def stored_type(self) -> np.dtype[Any]:
        """The type of the values."""
        flags, _, _, at = self._prefix()
        if at + 4 > len(self._raw):
            raise ValueError("a matrix ends too early")
        kind = struct.unpack_from(f"{self._order}I", self._raw, at)[0] & 0xFFFF
        if kind not in _STORED:
            raise ValueError(f"a matrix holds values of type {kind}")
        stored = np.dtype(_STORED[kind])
        return np.result_type(stored, np.complex64) if flags & _COMPLEX else stored

    def array(self) -> NDArray[Any]:
        """The values, axes as in MATLAB."""
        flags, shape, _, at = self._prefix()
        count = math.prod(shape)
        values, at = self._values(at, count)
        if flags & _COMPLEX:
            imaginary, _ = self._values(at, count)
            values = values + imaginary * np.complex64(1j)
        return values.reshape(shape, order="F")

    def _prefix(self) -> tuple[int, tuple[int, ...], str, int]:
        """(flags, shape, name, where the values begin)."""
        _, start, length, at = self._part(0)
        if length != 8:
            raise ValueError("a matrix has no flags")
        flags: int = struct.unpack_from(f"{self._order}I", self._raw, start)[0]
        _, start, length, at = self._part(at)
        if length % 4 or not 8 <= length <= 128:
            raise ValueError("a matrix has no dimensions")
        shape = struct.unpack_from(f"{self._order}{length // 4}i", self._raw, start)
        if min(shape) < 0:
            raise ValueError("a matrix has negative dimensions")
        _, start, length, at = self._part(at)
        return flags, shape, bytes(self._raw[start : start + length]).decode("latin-1"), at

    def _values(self, at: int, count: int) -> tuple[NDArray[Any], int]:
        kind, start, length, after = self._part(at)
        if kind not in _STORED:
            raise ValueError(f"a matrix holds values of type {kind}")
        stored = np.dtype(self._order + _STORED[kind])
        if length != count * stored.itemsize:
            raise ValueError(f"a matrix of {count} values has {length} bytes")
        values: NDArray[Any] = np.frombuffer(self._raw, stored, count, start)
        return values if stored.isnative else values.astype(stored.newbyteorder("=")), after

    def _part(self, at: int) -> tuple[int, int, int, int]:
        """(type, start, bytes, where the next begins) of the part at a place. Raises ValueError where it is cut off."""
        if at + 8 > len(self._raw):
            raise ValueError("a matrix ends too early")
        kind, length = struct.unpack_from(f"{self._order}2I", self._raw, at)
        if kind >> 16:
            kind, length, start, after = kind & 0xFFFF, kind >> 16, at + 4, at + 8
            if length > 4:
                raise ValueError("a short part is too long")
        else:
            start, after = at + 8, at + 8 + length + -length % 8
        if start + length > len(self._raw):
            raise ValueError("a matrix ends too early")
        return kind, start, length, after
