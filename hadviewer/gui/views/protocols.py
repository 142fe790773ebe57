"""What controllers ask of views, and the plain data that passes between them. Tests mock these."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Spectrum = NDArray[np.float32]


class SignalLike(Protocol):
    """A signal of a view."""

    def connect(self, slot: Callable[..., Any]) -> Any: ...


class MessagesLike(Protocol):
    """The one door for what users are told."""

    def info(self, text: str) -> None: ...
    def warn(self, text: str, details: str = "") -> None: ...
    def error(self, text: str, details: str = "") -> None: ...


@dataclass(frozen=True, eq=False)
class PinnedSpectrum:
    """A kept spectrum: its pin's id, what it is called, its colour (#rrggbb), whether shown, values (bands,)."""

    id: int
    title: str
    colour: str
    visible: bool
    values: Spectrum


class SpectrumViewLike(Protocol):
    """The spectrum dock."""

    @property
    def pin_removed(self) -> SignalLike: ...
    @property
    def pin_shown(self) -> SignalLike: ...
    @property
    def pins_cleared(self) -> SignalLike: ...
    @property
    def copy_requested(self) -> SignalLike: ...
    @property
    def export_requested(self) -> SignalLike: ...
    def set_bands(
        self,
        usable: NDArray[np.bool_] | None,
        centres: NDArray[np.float64] | None = None,
        quantity: str = "Value",
    ) -> None: ...
    def set_live(self, values: Spectrum | None, title: str = "") -> None: ...
    def set_segment(self, values: Spectrum | None, title: str = "") -> None: ...
    def set_pins(self, pins: Sequence[PinnedSpectrum]) -> None: ...
    def show_bands(self, bands: tuple[int, ...]) -> None: ...
    def copy_text(self, text: str) -> None: ...


@dataclass(frozen=True)
class EntryRow:
    """One array of a file, as the chooser lists it."""

    name: str
    size: str
    dtype: str
    note: str = ""


class EntryChooserLike(Protocol):
    """Where one of several cubes in a file is chosen."""

    @property
    def chosen(self) -> SignalLike: ...
    @property
    def dismissed(self) -> SignalLike: ...
    def offer(self, file: str, rows: Sequence[EntryRow]) -> None: ...
    def withdraw(self) -> None: ...


class SceneInfoLike(Protocol):
    """The sheet of facts about the scene."""

    def show_facts(self, title: str, sections: dict[str, dict[str, str]]) -> None: ...
