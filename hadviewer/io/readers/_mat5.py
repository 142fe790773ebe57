"""Arrays of numbers in MATLAB v5 and v7 files, every length checked before it is believed.

scipy is not asked: damaged files can make it read beyond its memory, or set aside gigabytes for a name.
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
_CLASSES = ("", "cell", "struct", "object", "char", "sparse", "double", "single", "int8", "uint8", "int16", "uint16",
            "int32", "uint32", "int64", "uint64", "function", "opaque", "object")  # fmt: skip
_NUMERIC_CLASSES, _OPAQUE = range(6, 16), 17
_COMPLEX, _LOGICAL = 0x0800, 0x0200


def is_mat5(head: bytes) -> bool:
    """Whether a file says that it is v5 or v7, in either byte order."""
    return len(head) >= HEADER_BYTES and head[126:128] in (b"IM", b"MI") and any(head[:4])


def listed(path: Path) -> list[tuple[str, tuple[int, ...], str]]:
    """(name, shape, class) of each variable. Raises ValueError for what is damaged."""
    with path.open("rb") as file:
        return [body.title() for *_, body in _bodies(file)]


def load(path: Path, name: str, largest: int) -> NDArray[Any]:
    """The variable ``name`` in the type it is stored in. Raises ValueError for what is damaged or over ``largest``."""
    with path.open("rb") as file:
        order, packed, length = _find(file, name)
        return _Body(file.read(length), order, packed, largest).array()


def beginning(path: Path, name: str, most: int) -> NDArray[Any]:
    """The first values of a variable, (values,), at most so many; without imaginary parts."""
    with path.open("rb") as file:
        order, packed, length = _find(file, name)
        room = 8 * most + LONGEST_PREFIX
        return _Body(file.read(min(length, room)), order, packed, room).beginning(most)


def stored_type(path: Path, name: str) -> np.dtype[Any]:
    """The type in which the values of a variable are stored, which may be smaller than its class says."""
    with path.open("rb") as file:
        order, packed, length = _find(file, name)
        return _Body(file.read(min(length, LONGEST_PREFIX)), order, packed).stored_type()


def _find(file: BinaryIO, name: str) -> tuple[str, bool, int]:
    """(byte order, whether it is packed, bytes) of a variable; the file stands where its content begins."""
    for order, packed, start, length, body in _bodies(file):
        title, _, kind = body.title()
        if title == name and kind in (*_CLASSES[6:16], "logical"):
            file.seek(start)
            return order, packed, length
    raise ValueError(f"there is no array called {name}")


def _bodies(file: BinaryIO) -> Iterator[tuple[str, bool, int, int, "_Body"]]:
    """(byte order, whether it is packed, start, bytes, the beginning of its content) of each variable."""
    order = "<" if file.read(HEADER_BYTES)[126:128] == b"IM" else ">"
    for kind, length in _elements(file, order):
        if kind not in (MATRIX, COMPRESSED):
            raise ValueError(f"an element of type {kind} stands among the variables")
        start = file.tell()
        body = _Body(file.read(min(length, LONGEST_PREFIX)), order, kind == COMPRESSED)
        if body.title()[0]:  # what has no name is the workspace of functions
            yield order, kind == COMPRESSED, start, length, body


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

    def title(self) -> tuple[str, tuple[int, ...], str]:
        """(name, shape, class) of the matrix; 'logical' is a class here."""
        number = self._flags()[0] & 0xFF
        if not 0 < number < len(_CLASSES):
            raise ValueError(f"a matrix is of the class {number}")
        if number == _OPAQUE:  # tables, texts and dates have no dimensions
            return self._text(self._flags()[1])[0], (), _CLASSES[number]
        flags, shape, name, _ = self._prefix()
        return name, shape, "logical" if flags & _LOGICAL and number in _NUMERIC_CLASSES else _CLASSES[number]

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

    def beginning(self, most: int) -> NDArray[Any]:
        """The first values there are, at most so many."""
        _, shape, _, at = self._prefix()
        kind, start, length, _ = self._tag(at)
        if kind not in _STORED:
            raise ValueError(f"a matrix holds values of type {kind}")
        stored = np.dtype(self._order + _STORED[kind])
        there = min(length, len(self._raw) - start) // stored.itemsize
        return np.frombuffer(self._raw, stored, min(most, math.prod(shape), there), start)

    def _prefix(self) -> tuple[int, tuple[int, ...], str, int]:
        """(flags, shape, name, where the values begin)."""
        flags, at = self._flags()
        _, start, length, at = self._part(at)
        if length % 4 or not 8 <= length <= 128:
            raise ValueError("a matrix has no dimensions")
        shape = struct.unpack_from(f"{self._order}{length // 4}i", self._raw, start)
        if min(shape) < 0:
            raise ValueError("a matrix has negative dimensions")
        name, at = self._text(at)
        return flags, shape, name, at

    def _flags(self) -> tuple[int, int]:
        _, start, length, at = self._part(0)
        if length != 8:
            raise ValueError("a matrix has no flags")
        return struct.unpack_from(f"{self._order}I", self._raw, start)[0], at

    def _text(self, at: int) -> tuple[str, int]:
        _, start, length, at = self._part(at)
        return bytes(self._raw[start : start + length]).decode("latin-1"), at

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
        kind, start, length, after = self._tag(at)
        if start + length > len(self._raw):
            raise ValueError("a matrix ends too early")
        return kind, start, length, after

    def _tag(self, at: int) -> tuple[int, int, int, int]:
        """The same of a part of which there may be but the beginning."""
        if at + 8 > len(self._raw):
            raise ValueError("a matrix ends too early")
        kind, length = struct.unpack_from(f"{self._order}2I", self._raw, at)
        if kind >> 16:
            kind, length, start, after = kind & 0xFFFF, kind >> 16, at + 4, at + 8
            if length > 4:
                raise ValueError("a short part is too long")
        else:
            start, after = at + 8, at + 8 + length + -length % 8
        return kind, start, length, after
