"""How detectors, transforms, readers and writers describe themselves.

Each decorator returns the function unchanged with its description attached; the catalogue finds it by scanning.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.cube import Cube, Window
from hadviewer.core.features import FeatureTable
from hadviewer.core.library import SpectralLibrary
from hadviewer.core.params import NoParams, Params

F = TypeVar("F", bound=Callable[..., Any])
SPEC_ATTRIBUTE = "__hadviewer_spec__"


FAMILIES = (
    "Recommended",
    "Statistical",
    "Local",
    "Representation",
    "Low-rank",
    "Spatial",
    "Isolation",
    "Combination",
    "Deep",
)
"""Families of detectors in the order of lists; any other comes behind these, by name."""


def family_place(family: str) -> tuple[int, str]:
    """Where a family stands in a list: a key to sort by."""
    return (FAMILIES.index(family) if family in FAMILIES else len(FAMILIES), family)


class PixelBlocks(Protocol):
    """The pixels of a scene in strips, for detectors that never hold the whole cube.

    Iterating (any number of times) gives (window, values) with float64 values (rows, cols, bands), NaN where invalid;
    the values are the detector's own, to change as it likes. ``read`` gives the values of any window, from any thread:
    of one of ``windows``, which are those of the iteration, or of others where strips have to overlap. Whoever only
    reads must have read every pixel at the end.
    """

    @property
    def shape(self) -> tuple[int, int, int]: ...
    @property
    def windows(self) -> Sequence[Window]: ...
    def __iter__(self) -> Iterator[tuple[Window, NDArray[np.float64]]]: ...
    def __len__(self) -> int: ...
    def read(self, window: Window) -> NDArray[np.float64]: ...


@dataclass(frozen=True)
class DetectorSpec:
    """A detector: ``function(cube, params, ctx) -> scores``, higher = more anomalous.

    ``streaming`` detectors get PixelBlocks instead of a float32 (rows, cols, bands) array. ``devices`` are the kinds
    it runs on. ``floor`` is the share of background pixels an implanted target must outrank in the contract suite.
    ``copies`` is how many float32 arrays of the scene's size it holds at a time, its input included, unless it streams.
    ``takes`` are the names of ``Context.inputs`` it can use, such as 'segments'.
    ``trial`` are parameters for a quick trial, such as fewer steps of training; the contract suite uses them.
    ``when`` tells the user in one line when to choose it. ``presets`` are named sets of parameters, such as those
    published for a scene.
    """

    id: str
    title: str
    family: str
    summary: str
    params: type[Params]
    function: Callable[..., Any]
    reference: str = ""
    devices: tuple[str, ...] = ("cpu",)
    streaming: bool = False
    chi_square: bool = False
    floor: float = 0.9
    when: str = ""
    presets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    copies: int = 4
    trial: Mapping[str, Any] = field(default_factory=dict)
    takes: tuple[str, ...] = ()


@dataclass(frozen=True)
class TransformSpec:
    """A transform: ``function(cube, params, ctx) -> cube`` on float32 (rows, cols, bands) arrays."""

    id: str
    title: str
    summary: str
    params: type[Params]
    function: Callable[..., Any]
    reference: str = ""
    devices: tuple[str, ...] = ("cpu",)


@dataclass(frozen=True)
class Entry:
    """One thing a file holds that could be opened. ``role`` is what it looks like."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    role: Literal["cube", "mask", "other"] = "other"
    note: str = ""


class Match:
    """How sure a reader is that a file is its own. PRODUCT: of one mission, in a format that others use too."""

    NO, MAYBE, YES, PRODUCT = 0, 1, 2, 3


@dataclass(frozen=True)
class ReaderSpec:
    """A reader of one format.

    ``sniff(path, head) -> Match`` judges by content: ``head`` is the first kilobyte. ``contents(path) -> [Entry]``
    lists what could be opened, best first. ``open(path, entry, params) -> Cube`` is lazy. ``open_array(path, entry)``
    gives one array whole, for truth masks and score maps. ``home(path)`` is the one file that stands for a cube of
    several, whichever of them is given; None where a cube is one file.
    """

    id: str
    title: str
    extensions: tuple[str, ...]
    sniff: Callable[[Path, bytes], int]
    contents: Callable[[Path], list[Entry]]
    open: Callable[..., Cube]
    open_array: Callable[[Path, str | None], NDArray[Any]]
    params: type[Params] = NoParams
    summary: str = ""
    home: Callable[[Path], Path] | None = None


@dataclass(frozen=True)
class LibrarySpec:
    """A reader of spectral libraries in one format.

    ``sniff(path, head) -> Match`` judges by content, as for cubes; ``open(path)`` gives the library, all of it in
    memory, and raises ReadError for what it cannot understand.
    """

    id: str
    title: str
    extensions: tuple[str, ...]
    sniff: Callable[[Path, bytes], int]
    open: Callable[[Path], SpectralLibrary]
    params: type[Params] = NoParams
    summary: str = ""


@dataclass(frozen=True)
class WriterSpec:
    """A writer of one format: ``function(folder, stem, product, params) -> [Path]``, atomic, returns what it wrote.

    ``products`` are the kinds it can write: 'scores', 'mask', 'labels', 'picture', 'overlay', 'objects'. Files
    with the extensions ``companions`` always come along. ``needs_crs`` when places become longitudes and latitudes.
    Files with the extensions ``placed`` come along where the scene has a known coordinate system, those with
    ``located`` where each of its pixels has coordinates of its own.
    """

    id: str
    title: str
    extension: str
    function: Callable[..., list[Path]]
    products: tuple[str, ...] = ("scores",)
    params: type[Params] = NoParams
    summary: str = ""
    companions: tuple[str, ...] = ()
    needs_crs: bool = False
    placed: tuple[str, ...] = ()
    located: tuple[str, ...] = ()


Spec = DetectorSpec | TransformSpec | ReaderSpec | LibrarySpec | WriterSpec


def detector(
    *,
    id: str,  # noqa: A002
    title: str,
    family: str,
    params: type[Params] = NoParams,
    reference: str = "",
    devices: tuple[str, ...] = ("cpu",),
    streaming: bool = False,
    chi_square: bool = False,
    floor: float = 0.9,
    when: str = "",
    presets: Mapping[str, Mapping[str, Any]] | None = None,
    copies: int = 4,
    trial: Mapping[str, Any] | None = None,
    takes: tuple[str, ...] = (),
) -> Callable[[F], F]:
    """Describe a detector; its docstring's first line is the summary users read."""

    def attach(function: F) -> F:
        spec = DetectorSpec(
            id=id,
            title=title,
            family=family,
            summary=_summary(function),
            params=params,
            function=function,
            reference=reference,
            devices=devices,
            streaming=streaming,
            chi_square=chi_square,
            floor=floor,
            when=when,
            presets=presets or {},
            copies=copies,
            trial=trial or {},
            takes=takes,
        )
        setattr(function, SPEC_ATTRIBUTE, spec)
        return function

    return attach


def transform(
    *,
    id: str,  # noqa: A002
    title: str,
    params: type[Params] = NoParams,
    reference: str = "",
    devices: tuple[str, ...] = ("cpu",),
) -> Callable[[F], F]:
    """Describe a transform; its docstring's first line is the summary users read."""

    def attach(function: F) -> F:
        setattr(
            function,
            SPEC_ATTRIBUTE,
            TransformSpec(id, title, _summary(function), params, function, reference, devices),
        )
        return function

    return attach


def writer(
    *,
    id: str,  # noqa: A002
    title: str,
    extension: str,
    products: tuple[str, ...] = ("scores",),
    params: type[Params] = NoParams,
    companions: tuple[str, ...] = (),
    needs_crs: bool = False,
    placed: tuple[str, ...] = (),
    located: tuple[str, ...] = (),
) -> Callable[[F], F]:
    """Describe a writer; its docstring's first line is the summary users read."""

    def attach(function: F) -> F:
        spec = WriterSpec(
            id, title, extension, function, products, params, _summary(function), companions, needs_crs, placed, located
        )
        setattr(function, SPEC_ATTRIBUTE, spec)
        return function

    return attach


def _summary(function: Callable[..., Any]) -> str:
    return (function.__doc__ or "").strip().partition("\n")[0]


@dataclass(frozen=True, eq=False)
class MapProduct:
    """Something to be written of a result.

    ``kind`` says what ``array`` is: scores float32 (rows, cols) with NaN, a mask uint8 with 0 no data, 1 background and
    2 anomaly, labels int32 with the number of each pixel's segment and 0 for none, a picture uint8 (rows, cols, 3
    or 4) as it is shown, an overlay that is such a picture of exactly the scene's pixels, or objects: the scores in
    which the ``features`` were found.

    ``cube`` gives what the header should keep of the source, ``window`` the part of it that the array covers;
    ``recipe`` is the JSON-ready record of how it came.
    """

    kind: Literal["scores", "mask", "labels", "picture", "overlay", "objects"]
    array: NDArray[Any]
    title: str
    description: str
    cube: Cube | None = None
    threshold: float | None = None
    window: Window | None = None
    recipe: dict[str, Any] = field(default_factory=dict)
    features: FeatureTable | None = None
