"""How the chunks of a Zarr array are packed: undone with the size known beforehand, so that none can claim more."""

import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.errors import ReadError
from hadviewer.io.readers._files import head_of

_BLOSC_HEAD = 16
_CHECKSUM = 4
_ZSTD_HEAD = 6
_BY_NUMCODECS = {"blosc": "Blosc", "zstd": "Zstd", "lz4": "LZ4"}
_KNOWN = ("zlib", "gzip", "crc32c", *_BY_NUMCODECS)


@dataclass(frozen=True)
class Codecs:
    """What was done to the bytes of a chunk, in that order; ``order`` is that of its values, C or F."""

    names: tuple[str, ...]
    order: Any = "C"

    @classmethod
    def of_version_2(cls, told: dict[str, Any]) -> "Codecs":
        """The compressor of an array. Raises ValueError where it is filtered or packed in another way."""
        if told.get("filters"):
            raise ValueError(f"its values are filtered by {told['filters'][0].get('id')}")
        packer = told.get("compressor")
        return cls._checked([packer["id"]] if packer else [], "F" if told.get("order") == "F" else "C")

    @classmethod
    def of_version_3(cls, told: list[dict[str, Any]]) -> tuple["Codecs", str]:
        """The codecs of an array after the one that makes bytes, and the byte order of that."""
        names = [item["name"] for item in told]
        if not names or names[0] != "bytes":
            raise ValueError(f"its values are packed by {', '.join(names) or 'nothing'}")
        little = (told[0].get("configuration") or {}).get("endian", "little") == "little"
        return cls._checked(names[1:], "C"), "<" if little else ">"

    @classmethod
    def _checked(cls, names: list[str], order: str) -> "Codecs":
        strange = next((name for name in names if name not in _KNOWN), None)
        if strange is not None:
            raise ValueError(f"its values are packed by {strange}, which this program does not know")
        return cls(tuple(names), order)

    def decode(self, path: Path, size: int) -> NDArray[np.uint8]:
        """The bytes of a chunk, exactly ``size``. Raises ReadError."""
        limit = size + len(self.names) * (1024 + size // 100)  # packing makes hardly anything larger
        data = head_of(path, limit + 1)
        try:
            for name in reversed(self.names):
                data = _undone(name, data, size)
        except (ValueError, RuntimeError, OSError, EOFError, zlib.error) as error:
            raise _damaged(path, str(error)) from None
        if len(data) != size:
            raise _damaged(path, f"it holds {'more' if len(data) > size else 'fewer'} than {size} bytes")
        return np.frombuffer(data, np.uint8)


def _undone(name: str, data: bytes, size: int) -> bytes:
    if name == "crc32c":
        return data[:-_CHECKSUM]
    if name in ("zlib", "gzip"):
        unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)  # either head
        return unpacker.decompress(data, size + 1)
    if name == "blosc" and (len(data) < _BLOSC_HEAD or int.from_bytes(data[4:8], "little") != size):
        raise ValueError("its head tells another size")
    if name == "lz4" and (len(data) < _CHECKSUM or int.from_bytes(data[:4], "little") != size):
        raise ValueError("its head tells another size")
    if name == "zstd" and _told_by_zstd(data) not in (size, None):
        raise ValueError("its head tells another size")
    out = np.zeros(size, np.uint8)
    _codec(name).decode(data, out)
    return out.tobytes()


def _told_by_zstd(data: bytes) -> int | None:
    """The size of its content as the head of a Zstandard frame has it (RFC 8878, 3.1.1.1), None where it has none."""
    if len(data) < _ZSTD_HEAD:
        return None
    flags = data[4]
    alone = flags >> 5 & 1
    width = (alone, 2, 4, 8)[flags >> 6]
    start = 5 + (1 - alone) + (0, 1, 2, 4)[flags & 3]
    told = int.from_bytes(data[start : start + width], "little") + (256 if width == 2 else 0)
    return told if width else None


def _codec(name: str) -> Any:
    import numcodecs  # type: ignore[import-untyped]

    return getattr(numcodecs, _BY_NUMCODECS[name])()


def _damaged(path: Path, what: str) -> ReadError:
    return ReadError(f"{path.name} in {path.parent.name} is damaged: {what}.", hint="Copy the whole folder again.")
