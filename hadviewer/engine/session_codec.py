"""Values as JSON and back, by the types that classes declare for their fields: what is added to a class is stored too.

Arrays lie beside the JSON, which names them. What a field declares as Any keeps tuples, paths and arrays apart by marks
(``$tuple``). Reading trusts nothing: whatever does not fit the declared type is refused by its place in the document.
"""

import math
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, Protocol, Union, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

Array = NDArray[Any]
KIND = "$is"


class DamagedError(ValueError):
    """A document says something that cannot be; the text begins with where."""


class ArrayStore(Protocol):
    """Where arrays lie, each under a name that its content gives it."""

    def put(self, array: Array) -> str: ...
    def get(self, name: str) -> Array: ...


@dataclass(frozen=True)
class Special:
    """How values of a class are stored that are more than their fields."""

    encode: Callable[[Any], Any]
    decode: Callable[[Any, str], Any]


class Codec:
    """Writes and reads values. ``names`` are the classes that others name only for the type checker."""

    def __init__(
        self, arrays: ArrayStore, special: Mapping[type, Special], names: Mapping[str, Any] | None = None
    ) -> None:
        self._arrays, self._special = arrays, dict(special)
        self._names = tuple(sorted((names or {}).items()))

    def encode(self, value: Any, *, loose: bool = False) -> Any:
        """The value for JSON; ``loose`` where no type will say later that a list was a tuple."""
        if value is None or isinstance(value, (bool, str)):
            return value
        if isinstance(value, (int, float)):
            finite = isinstance(value, int) or math.isfinite(value)
            return value if finite else {"$number": str(value)}
        if isinstance(value, np.generic):
            return self.encode(value.item(), loose=loose)
        if isinstance(value, np.ndarray):
            return {"$array": self._arrays.put(value)}
        if isinstance(value, Path):
            return {"$path": str(value)}
        if type(value) in self._special:
            return self._special[type(value)].encode(value)
        if isinstance(value, BaseModel):
            return {name: self.encode(item, loose=True) for name, item in value.model_dump().items()}
        if is_dataclass(value) and not isinstance(value, type):
            return self.encode_fields(value)
        if isinstance(value, tuple) and loose:
            return {"$tuple": [self.encode(item, loose=True) for item in value]}
        if isinstance(value, (tuple, list)):
            return [self.encode(item, loose=loose) for item in value]
        if isinstance(value, Mapping):
            return self._encode_mapping(value)
        return str(value)

    def encode_fields(self, value: Any, but: tuple[str, ...] = ()) -> dict[str, Any]:
        """A dataclass by its fields, with its name, without those that are not asked for."""
        names = [part.name for part in fields(value) if part.name not in but]
        return {KIND: type(value).__name__, **{name: self.encode(getattr(value, name)) for name in names}}

    def decode(self, kind: Any, data: Any, where: str) -> Any:
        """The value of a declared type; raises DamagedError for anything else."""
        if kind is Any or kind is object:
            return self._decode_loose(data, where)
        origin = get_origin(kind)
        if origin in (Union, types.UnionType):
            return self._decode_union(get_args(kind), data, where)
        if origin is Literal:
            if any(data == item and type(data) is type(item) for item in get_args(kind)):
                return data
            raise DamagedError(f"{where} has a value that is not known")
        if origin is tuple:
            return self._decode_tuple(get_args(kind), data, where)
        if origin in (dict, Mapping):
            return self._decode_mapping(get_args(kind)[1], data, where)
        if origin is np.ndarray or kind is np.ndarray:
            return self._decode_array(kind, data, where)
        return self._decode_class(kind, data, where)

    def decode_fields(self, kind: Any, data: Any, where: str, **given: Any) -> Any:
        """A dataclass from its fields; those that are missing have their defaults, those ``given`` are not stored."""
        if not isinstance(data, dict) or data.get(KIND) != kind.__name__:
            raise DamagedError(f"{where} is no {kind.__name__}")
        hints = _hints(kind, self._names)
        names = {part.name for part in fields(kind) if part.name not in given}
        if unknown := set(data) - names - {KIND}:
            raise DamagedError(f"{where} has {min(unknown)[:40]!r}, which is not known")
        values = {name: self.decode(hints[name], data[name], f"{where}.{name}") for name in names if name in data}
        try:
            return kind(**values, **given)
        except (TypeError, ValueError) as error:
            raise DamagedError(f"{where}: {error}") from None

    def _decode_class(self, kind: Any, data: Any, where: str) -> Any:
        if kind in self._special:
            return self._special[kind].decode(data, where)
        if kind is float and type(data) in (int, float):
            return _float(data, where)
        if kind is float and isinstance(data, dict):
            return self._decode_loose(data, where)
        if kind in (bool, int, str) and type(data) is kind:
            return data
        if kind is type(None) and data is None:
            return None
        if kind is Path and isinstance(data, dict) and isinstance(data.get("$path"), str):
            return Path(data["$path"])
        if isinstance(kind, type) and issubclass(kind, BaseModel) and isinstance(data, dict):
            try:
                return kind.model_validate({name: self._decode_loose(item, where) for name, item in data.items()})
            except ValueError:
                raise DamagedError(f"{where} is no {kind.__name__}") from None
        if is_dataclass(kind):
            return self.decode_fields(kind, data, where)
        raise DamagedError(f"{where} is no {getattr(kind, '__name__', kind)}")

    def _decode_union(self, kinds: tuple[Any, ...], data: Any, where: str) -> Any:
        if data is None and type(None) in kinds:
            return None
        candidates = [kind for kind in kinds if kind is not type(None)]
        if isinstance(data, dict) and KIND in data:
            candidates = [kind for kind in candidates if getattr(kind, "__name__", "") == data[KIND]] or candidates
        reason: DamagedError | None = None
        for kind in candidates:
            try:
                return self.decode(kind, data, where)
            except DamagedError as error:
                reason = reason or error
        raise reason or DamagedError(f"{where} is missing")

    def _decode_tuple(self, kinds: tuple[Any, ...], data: Any, where: str) -> Any:
        if not isinstance(data, list):
            raise DamagedError(f"{where} is no list")
        if len(kinds) == 2 and kinds[1] is Ellipsis:
            return tuple(self.decode(kinds[0], item, f"{where}[{number}]") for number, item in enumerate(data))
        if len(kinds) != len(data):
            raise DamagedError(f"{where} has {len(data)} values instead of {len(kinds)}")
        pairs = enumerate(zip(kinds, data, strict=True))
        return tuple(self.decode(kind, item, f"{where}[{number}]") for number, (kind, item) in pairs)

    def _decode_array(self, kind: Any, data: Any, where: str) -> Array:
        if not isinstance(data, dict) or not isinstance(data.get("$array"), str):
            raise DamagedError(f"{where} is no array")
        array = self._arrays.get(data["$array"])
        wanted = (get_args(get_args(kind)[1]) or (Any,))[0] if get_args(kind) else Any
        if wanted is not Any and not np.issubdtype(array.dtype, wanted):
            raise DamagedError(f"{where} holds values of type {array.dtype}")
        return array

    def _encode_mapping(self, value: Mapping[Any, Any]) -> Any:
        if all(isinstance(name, str) and not name.startswith("$") for name in value):
            return {name: self.encode(item, loose=True) for name, item in value.items()}
        pairs = [[self.encode(name, loose=True), self.encode(item, loose=True)] for name, item in value.items()]
        return {"$pairs": pairs}

    def _decode_mapping(self, kind: Any, data: Any, where: str) -> dict[Any, Any]:
        found = self._decode_loose(data, where) if kind is Any else data
        if not isinstance(found, dict):
            raise DamagedError(f"{where} is no table")
        if kind is Any:
            return found
        return {name: self.decode(kind, item, f"{where}.{name[:40]}") for name, item in found.items()}

    def _decode_loose(self, data: Any, where: str) -> Any:
        """What was stored without a type, by its marks."""
        if isinstance(data, list):
            return [self._decode_loose(item, where) for item in data]
        if not isinstance(data, dict):
            return data
        mark, content = next(iter(data.items())) if len(data) == 1 else ("", None)
        if mark == "$array":
            return self._decode_array(np.ndarray, data, where)
        if mark == "$path" and isinstance(content, str):
            return Path(content)
        if mark == "$number" and content in ("nan", "inf", "-inf"):
            return float(content)
        if mark == "$tuple" and isinstance(content, list):
            return tuple(self._decode_loose(item, where) for item in content)
        if mark == "$pairs" and isinstance(content, list):
            return self._decode_pairs(content, where)
        return {name: self._decode_loose(item, where) for name, item in data.items()}

    def _decode_pairs(self, content: list[Any], where: str) -> dict[Any, Any]:
        try:
            return {self._decode_loose(name, where): self._decode_loose(item, where) for name, item in content}
        except (TypeError, ValueError):
            raise DamagedError(f"{where} is no table") from None


def _float(data: float, where: str) -> float:
    try:
        return float(data)
    except OverflowError:
        raise DamagedError(f"{where} is too large a number") from None


@lru_cache(maxsize=256)
def _hints(kind: Any, names: tuple[tuple[str, Any], ...]) -> dict[str, Any]:
    """The types of the fields of a class."""
    return get_type_hints(kind, localns=dict(names))
