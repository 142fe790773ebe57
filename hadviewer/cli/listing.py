"""The command list: what there is in the catalogue, and the devices of this machine."""

import argparse
from collections.abc import Callable, Sequence
from typing import Any

from hadviewer.cli import tables
from hadviewer.cli.flags import KINDS
from hadviewer.cli.output import Output
from hadviewer.core.errors import ParamError
from hadviewer.core.params import describe
from hadviewer.core.specs import DetectorSpec, LibrarySpec, ReaderSpec, Spec, TransformSpec, WriterSpec
from hadviewer.engine import catalog, devices
from hadviewer.engine.describe import json_safe

Catalogue = catalog.Catalog[Any]


def list_catalogue(given: argparse.Namespace, out: Output) -> int:
    """List everything, one kind, or one detector, transform, reader or writer with its parameters."""
    kind, name = given.kind, given.id
    if kind is not None and kind not in KINDS:
        if name is not None:
            raise ParamError(f"There is no kind {kind!r}.", field="kind", hint=f"Use one of {', '.join(KINDS)}.")
        kind, name = None, kind
    if kind == "devices":
        return _show_devices(name, given.json, out)
    catalogues = _catalogues(kind)
    if name is not None:
        return _show_one(*_find(name, catalogues), given.json, out)
    return _show_all(catalogues, given.json, out)


def spec_json(spec: Spec) -> dict[str, Any]:
    """One catalogue entry for programs: what it is and its parameters."""
    known: dict[str, Any] = {"id": spec.id, "title": spec.title, "summary": spec.summary}
    if isinstance(spec, DetectorSpec):
        known |= {"family": spec.family, "streaming": spec.streaming, "takes": spec.takes}
    if isinstance(spec, DetectorSpec | TransformSpec):
        known |= {"reference": spec.reference, "devices": spec.devices}
    if isinstance(spec, ReaderSpec | LibrarySpec):
        known |= {"extensions": spec.extensions}
    if isinstance(spec, WriterSpec):
        known |= {"extension": spec.extension, "products": spec.products}
    plain: dict[str, Any] = json_safe(known | {"params": [vars(field) for field in describe(spec.params)]})
    return plain


def _catalogues(kind: str | None) -> list[Catalogue]:
    everything: dict[str, Callable[[], Catalogue]] = {
        "detectors": catalog.detectors,
        "transforms": catalog.transforms,
        "readers": catalog.readers,
        "library-readers": catalog.library_readers,
        "writers": catalog.writers,
    }
    return [load() for name, load in everything.items() if kind in (None, name)]


def _find(name: str, catalogues: Sequence[Catalogue]) -> tuple[str, Spec]:
    if len(catalogues) == 1:
        return catalogues[0].kind, catalogues[0].get(name)
    found: list[tuple[str, Spec]] = [(item.kind, item.get(name)) for item in catalogues if name in item]
    if not found:
        hint = "hadviewer list shows what there is."
        raise ParamError(f"There is no detector, transform, reader or writer {name!r}.", field="id", hint=hint)
    if len(found) > 1:
        kinds = " and a ".join(kind for kind, _ in found)
        hint = f"Say which: hadviewer list {found[0][0]}s {name}."
        raise ParamError(f"{name!r} is a {kinds}.", field="id", hint=hint)
    return found[0]


def _show_all(catalogues: Sequence[Catalogue], as_json: bool, out: Output) -> int:
    broken = {name: reason for item in catalogues for name, reason in item.broken.items()}
    if as_json:
        out.json({f"{item.kind}s": [spec_json(spec) for spec in item] for item in catalogues} | {"broken": broken})
        return 0
    for number, item in enumerate(catalogues):
        if number:
            out.text()
        title = f"{item.kind.capitalize()}s".replace("-", " ") if len(catalogues) > 1 else ""
        out.table(tables.SPEC_COLUMNS[item.kind], [tables.spec_row(spec) for spec in item], title)
    for name, reason in broken.items():
        out.note(f"The plug-in {name} could not be loaded: {reason}")
    return 0


def _show_one(kind: str, spec: Spec, as_json: bool, out: Output) -> int:
    if as_json:
        out.json({"kind": kind, **spec_json(spec)})
        return 0
    out.facts(tables.spec_facts(kind, spec))
    rows = tables.parameter_rows(describe(spec.params))
    out.text()
    if rows:
        out.table(tables.PARAMETER_COLUMNS, rows)
    else:
        out.text("It has no parameters.")
    return 0


def _show_devices(name: str | None, as_json: bool, out: Output) -> int:
    found = [device for device in devices.available() if name in (None, device.id)]
    if not found:
        raise ParamError(f"There is no device {name!r} here.", field="id", hint="hadviewer list devices shows them.")
    if as_json:
        out.json({"devices": [vars(device) for device in found]})
        return 0
    out.table(("ID", "Name"), [(device.id, device.title) for device in found])
    return 0
