"""What the program can do: detectors, transforms, readers and writers found in the package and in plug-ins.

A plug-in is a module named by an entry point of the group ``hadviewer.<kind>`` or by the environment variable
HADVIEWER_PLUGINS (module names, comma-separated). One that fails to load is kept in ``Catalog.broken`` with its reason.
"""

import importlib
import os
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import ModuleType
from typing import Any, Generic, TypeVar

from hadviewer.core.errors import ParamError
from hadviewer.core.params import Params, parse
from hadviewer.core.specs import (
    SPEC_ATTRIBUTE,
    DetectorSpec,
    LibrarySpec,
    ReaderSpec,
    TransformSpec,
    WriterSpec,
    family_place,
)

SpecT = TypeVar("SpecT", DetectorSpec, TransformSpec, ReaderSpec, LibrarySpec, WriterSpec)
PLUGIN_VARIABLE = "HADVIEWER_PLUGINS"


@dataclass(frozen=True)
class Catalog(Generic[SpecT]):
    """The specs of one kind by id, in the order of families and titles, and the plug-ins that could not be loaded."""

    kind: str
    specs: dict[str, SpecT]
    broken: dict[str, str] = field(default_factory=dict)

    def __iter__(self) -> Iterator[SpecT]:
        return iter(self.specs.values())

    def __contains__(self, id: object) -> bool:  # noqa: A002
        return id in self.specs

    def get(self, id: str) -> SpecT:  # noqa: A002
        """The spec called ``id``; raises ParamError naming those that exist."""
        if id in self.specs:
            return self.specs[id]
        hint = f"Known: {', '.join(sorted(self.specs))}."
        raise ParamError(f"There is no {self.kind} {id!r}.", field=self.kind, hint=hint, details=_reasons(self.broken))

    def parse(self, id: str, values: Mapping[str, Any]) -> Params:  # noqa: A002
        """The parameters of the spec called ``id``; a ParamError about one of them says whose it is."""
        model = self.get(id).params
        try:
            return parse(model, values)
        except ParamError as error:
            raise ParamError(f"{id}: {error.message}", field=error.field, hint=error.hint) from None


@cache
def detectors() -> Catalog[DetectorSpec]:
    """Every detector."""
    return _load("detector", "hadviewer.detectors", DetectorSpec)


@cache
def transforms() -> Catalog[TransformSpec]:
    """Every transform."""
    return _load("transform", "hadviewer.transforms", TransformSpec)


@cache
def readers() -> Catalog[ReaderSpec]:
    """Every reader."""
    return _load("reader", "hadviewer.io.readers", ReaderSpec)


@cache
def library_readers() -> Catalog[LibrarySpec]:
    """Every reader of spectral libraries; they stand among those of cubes."""
    return _load("library-reader", "hadviewer.io.readers", LibrarySpec)


@cache
def writers() -> Catalog[WriterSpec]:
    """Every writer."""
    return _load("writer", "hadviewer.io.writers", WriterSpec)


def _load(kind: str, package: str, spec_type: type[SpecT]) -> Catalog[SpecT]:
    found: dict[str, SpecT] = {}
    broken: dict[str, str] = {}
    own = [f"{package}.{item.name}" for item in pkgutil.iter_modules(importlib.import_module(package).__path__)]
    names = [name for name in own if not name.rpartition(".")[2].startswith("_")]
    for name in names:
        _collect(importlib.import_module(name), spec_type, found)
    for name in _plugins(kind):
        try:
            _collect(importlib.import_module(name), spec_type, found)
        except Exception as error:  # noqa: BLE001 - a plug-in may fail in any way and must not stop the program
            broken[name] = f"{type(error).__name__}: {error}"
    return Catalog(kind, dict(sorted(found.items(), key=lambda item: _place(item[1]))), broken)


def _place(spec: Any) -> tuple[tuple[int, str], str]:
    """Detectors by family, everything by title."""
    return family_place(getattr(spec, "family", "")), spec.title.lower()


def _plugins(kind: str) -> list[str]:
    from importlib.metadata import entry_points

    named = [point.value for point in entry_points(group=f"hadviewer.{kind}s")]
    return named + [name.strip() for name in os.environ.get(PLUGIN_VARIABLE, "").split(",") if name.strip()]


def _collect(module: ModuleType, spec_type: type[SpecT], found: dict[str, SpecT]) -> None:
    for value in list(vars(module).values()):
        spec: Any = getattr(value, SPEC_ATTRIBUTE, value)
        if not isinstance(spec, spec_type):
            continue
        if spec.id in found and found[spec.id] is not spec:
            raise ValueError(f"the id {spec.id!r} is taken by two: one is in {module.__name__}")
        found[spec.id] = spec


def _reasons(broken: dict[str, str]) -> str:
    return "\n".join(f"{name} could not be loaded: {reason}" for name, reason in broken.items())
