"""Parameters, described once: the form, the command line, validation, recipes and reference pages are derived.

A detector, transform, reader or writer declares a frozen model beside its function:

    class LRXParams(Params):
        inner: OddInt = field(5, "Guard window", ge=1, le=101, unit="px", help="Left out of the background.")
"""

import types
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from hadviewer.core.errors import ParamError


class Params(BaseModel):
    """Base of every parameter model: frozen, no unknown keys, finite numbers only, defaults validated."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, allow_inf_nan=False)


class NoParams(Params):
    """For what has no parameters."""


def _odd(value: int) -> int:
    if value % 2 == 0:
        raise ValueError("must be odd")
    return value


class _Odd:
    """Marks an integer that moves in steps of two."""


OddInt = Annotated[int, AfterValidator(_odd), _Odd()]


def field(
    default: Any,
    title: str,
    *,
    help: str = "",  # noqa: A002 - the word every reader of a form expects
    unit: str = "",
    advanced: bool = False,
    ge: float | None = None,
    le: float | None = None,
    gt: float | None = None,
    lt: float | None = None,
    step: float | None = None,
    enabled_when: str = "",
) -> Any:
    """A parameter: its default, its label, its range, its help.

    ``enabled_when`` is 'other' or 'other=value': the form greys the editor out until that holds.
    """
    extra: dict[str, Any] = {"unit": unit, "advanced": advanced, "step": step, "enabled_when": enabled_when}
    return Field(default, title=title, description=help, ge=ge, le=le, gt=gt, lt=lt, json_schema_extra=extra)


@dataclass(frozen=True)
class FieldSpec:
    """What a form or a table needs to know about one parameter.

    ``kind`` is one of 'int', 'odd', 'float', 'bool', 'choice', 'text', 'path'. ``optional`` allows None. Exclusive
    bounds are in ``minimum_open`` and ``maximum_open``.
    """

    name: str
    title: str
    kind: str
    default: Any
    minimum: float | None = None
    maximum: float | None = None
    minimum_open: bool = False
    maximum_open: bool = False
    choices: tuple[Any, ...] = ()
    optional: bool = False
    step: float | None = None
    unit: str = ""
    help: str = ""
    advanced: bool = False
    enabled_when: str = ""

    @property
    def range_text(self) -> str:
        """'1 … 101', '> 0', 'a | b' or ''."""
        if self.choices:
            return " | ".join(str(choice) for choice in self.choices)
        low = "" if self.minimum is None else f"{'>' if self.minimum_open else '≥'} {self.minimum:g}"
        high = "" if self.maximum is None else f"{'<' if self.maximum_open else '≤'} {self.maximum:g}"
        if low and high and not self.minimum_open and not self.maximum_open:
            return f"{self.minimum:g} … {self.maximum:g}"
        return ", ".join(part for part in (low, high) if part)


def describe(params: type[Params]) -> tuple[FieldSpec, ...]:
    """The fields of a parameter model, in order."""
    return tuple(_field_spec(name, info) for name, info in params.model_fields.items())


def _field_spec(name: str, info: Any) -> FieldSpec:
    annotation, optional = _unwrap(info.annotation)
    marks = {type(item).__name__: item for item in info.metadata}
    extra = info.json_schema_extra or {}
    low, high = marks.get("Ge") or marks.get("Gt"), marks.get("Le") or marks.get("Lt")
    return FieldSpec(
        name=name,
        title=info.title or name,
        kind=_kind(annotation, "_Odd" in marks),
        default=info.default,
        minimum=None if low is None else (low.ge if hasattr(low, "ge") else low.gt),
        maximum=None if high is None else (high.le if hasattr(high, "le") else high.lt),
        minimum_open="Gt" in marks,
        maximum_open="Lt" in marks,
        choices=get_args(annotation) if get_origin(annotation) is Literal else (),
        optional=optional,
        step=extra.get("step") or (2 if "_Odd" in marks else None),
        unit=extra.get("unit", ""),
        help=info.description or "",
        advanced=bool(extra.get("advanced")),
        enabled_when=extra.get("enabled_when", ""),
    )


def _unwrap(annotation: Any) -> tuple[Any, bool]:
    """(T, True) for T | None, else (T, False); Annotated layers taken off."""
    if get_origin(annotation) in (Union, types.UnionType):
        inner = [item for item in get_args(annotation) if item is not type(None)]
        if len(inner) == 1:
            return _unwrap(inner[0])[0], True
    if get_origin(annotation) is Annotated:
        return _unwrap(get_args(annotation)[0])
    return annotation, False


def _kind(annotation: Any, odd: bool) -> str:
    if get_origin(annotation) is Literal:
        return "choice"
    if odd:
        return "odd"
    return {bool: "bool", int: "int", float: "float", str: "text", Path: "path"}.get(annotation, "text")


ParamsT = TypeVar("ParamsT", bound=Params)


def parse(params: type[ParamsT], values: Mapping[str, Any]) -> ParamsT:
    """Validated parameters from loose values (text from a command line, JSON, a form).

    Raises ParamError naming the first field at fault.
    """
    known = set(params.model_fields)
    unknown = sorted(set(values) - known)
    if unknown:
        hint = f"Known: {', '.join(sorted(known))}." if known else "It has no parameters."
        raise ParamError(f"There is no parameter {unknown[0]!r}.", field=unknown[0], hint=hint)
    try:
        return params.model_validate({name: _loose(value) for name, value in values.items()})
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else str((first.get("ctx") or {}).get("field", ""))
        message = first["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
        text = f"{name}: {message[:1].lower()}{message[1:]}" if name else message
        given = f" (given: {values[name]!r})" if name in values else ""
        raise ParamError(f"{text}{given}.", field=name) from None


def _loose(value: Any) -> Any:
    """Text as typed by a person: 'none' means None, blanks do not count."""
    if isinstance(value, str):
        value = value.strip()
        if value.lower() == "none":
            return None
    return value
