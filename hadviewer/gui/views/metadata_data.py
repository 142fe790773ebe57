"""What the editor of metadata shows and what is asked of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from hadviewer.core.params import NoParams, Params

SourceWord = Literal["file", "guess", "yours", "unknown"]


@dataclass(frozen=True)
class Source:
    """Where a value comes from; ``why`` says more for the tooltip."""

    kind: SourceWord = "unknown"
    why: str = ""


@dataclass(frozen=True)
class FiledTexts:
    """What the file, or a guess, says of each field, where that comes from, and the size that comes of it."""

    texts: Mapping[str, str]
    sources: Mapping[str, Source]
    size: str
    suggestion: str = ""
    """A scale that the values suggest, as a text."""
    guessed_options: Mapping[str, str] = field(default_factory=dict)
    """What was guessed in place of options of the reader, as it could be chosen."""


@dataclass(frozen=True)
class MetadataSheet:
    """The whole of it: ``texts`` as they are now, ``options`` of the reader, ``place`` of the sidecar ('' without).

    ``said`` are the fields that the user has said something about, be it what the file or a guess says as well.
    """

    title: str
    texts: Mapping[str, str]
    filed: FiledTexts
    params: type[Params] = NoParams
    options: Mapping[str, Any] = field(default_factory=dict)
    units: tuple[tuple[str, str], ...] = ()
    bad_bands: str = "none"
    place: str = ""
    said: frozenset[str] = frozenset()


@dataclass(frozen=True)
class MetadataOrder:
    """What is to become of the scene; ``remember`` it beside the file; fields that are ``confirmed`` as they are."""

    options: Mapping[str, Any]
    texts: Mapping[str, str]
    remember: bool
    confirmed: frozenset[str] = frozenset()
