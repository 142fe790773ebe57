"""Collected spectra: where they come from, what they are called, how they and all other spectra are drawn."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from hadviewer.analysis.spectra import Treatment
from hadviewer.core.colours import CATEGORIES

if TYPE_CHECKING:
    from hadviewer.engine.session import Session

Pixel = tuple[int, int]
PinKind = Literal["pixel", "region", "library", "mean"]
SpreadKind = Literal["none", "sigma", "range"]

PIN_COLOURS = (*CATEGORIES[1:], CATEGORIES[0])
SOURCES = {"region": "Mean of a region", "library": "From a spectral library", "mean": "Mean of several spectra"}
LARGEST_WINDOW = 51


@dataclass(frozen=True)
class Pin:
    """A collected spectrum; marker and curve share ``colour``.

    One of kind 'pixel' is the mean of the ``window`` (rows, cols; odd, full widths) around (row, col). Any other kind
    has its ``values`` (bands,) with it, the same number of bands as the cube, and no marker. ``name`` is what the user
    calls it, '' for its place.
    """

    id: int
    row: int
    col: int
    colour: str
    visible: bool = True
    name: str = ""
    window: tuple[int, int] = (1, 1)
    kind: PinKind = "pixel"
    values: NDArray[np.float32] | None = field(default=None, compare=False)

    def title(self, first: int = 0) -> str:
        """What it is called: its name, else its place; lines and samples count from ``first``."""
        return self.name or place_title(self.row, self.col, self.window, first)

    def about(self, first: int = 0) -> str:
        """Where it comes from."""
        return place_title(self.row, self.col, self.window, first) if self.kind == "pixel" else SOURCES[self.kind]

    @property
    def place(self) -> tuple[int, int, int, int]:
        """What has to be read for it: row, col and the window's rows and cols."""
        return (self.row, self.col, *self.window)


@dataclass(frozen=True)
class SpectraIntent:
    """How spectra are read and drawn.

    ``window`` (rows, cols) is averaged around a pixel; ``treatment`` is done before drawing; ``spread`` is drawn as a
    band around means: 'sigma' a standard deviation to each side, 'range' from smallest to largest. ``in_nm`` is the
    axis, where wavelengths are known. With ``follow`` the live curve is that under the pointer, else the crosshair's.
    """

    window: tuple[int, int] = (1, 1)
    treatment: Treatment = "none"
    spread: SpreadKind = "none"
    in_nm: bool = True
    follow: bool = True


def place_title(row: int, col: int, window: tuple[int, int] = (1, 1), first: int = 0) -> str:
    """What a pixel is called, and the window around it where it is larger: 'Line 12, sample 30 (3×5)'.

    Lines and samples count from ``first``.
    """
    mean = "" if window == (1, 1) else f" ({window[0]}×{window[1]})"
    return f"Line {row + first}, sample {col + first}{mean}"


class Pins:
    """The collected spectra of a session: collected, renamed, coloured, hidden, removed; each is one step to undo."""

    def __init__(self, session: "Session") -> None:
        self._session = session

    def at(self, pixel: Pixel) -> Pin | None:
        """The pin of a pixel with the present window."""
        place = (*pixel, *self._session.state.spectra.window)
        return next((pin for pin in self._session.state.pins if pin.kind == "pixel" and pin.place == place), None)

    def add(self, row: int, col: int) -> Pin:
        """Collect the spectrum of a pixel, or the mean of the window around it."""
        return self.collect([(row, col)])[0]

    def collect(self, pixels: Iterable[Pixel], *, merge: str = "") -> list[Pin]:
        """Collect the spectra of several pixels, those of one gesture (``merge``) in one step."""
        window = self._session.state.spectra.window
        return self._append([Pin(0, *pixel, "", window=window) for pixel in pixels], merge)

    def keep(self, spectra: Iterable[tuple[str, NDArray[np.float32]]], kind: PinKind, colour: str = "") -> list[Pin]:
        """Collect spectra (name, values of each band of the cube) that are those of no pixel."""
        return self._append([Pin(0, -1, -1, colour, name=name, kind=kind, values=values) for name, values in spectra])

    def update(self, ids: Iterable[int], **changes: Any) -> None:
        """Change the name, colour or visibility of some."""
        chosen = set(ids)
        pins = tuple(replace(pin, **changes) if pin.id in chosen else pin for pin in self._session.state.pins)
        if pins != self._session.state.pins:
            self._session.change(_label(changes), pins=pins)

    def remove(self, ids: Iterable[int]) -> None:
        """Let some go."""
        gone = set(ids)
        pins = tuple(pin for pin in self._session.state.pins if pin.id not in gone)
        count = len(self._session.state.pins) - len(pins)
        if count:
            self._session.change("Remove spectrum" if count == 1 else "Remove spectra", pins=pins)

    def clear(self) -> None:
        """Let all of them go."""
        self.remove([pin.id for pin in self._session.state.pins])

    def intend(self, **changes: Any) -> None:
        """Read or draw spectra in another way; see ``SpectraIntent``."""
        intent = replace(self._session.state.spectra, **changes)
        if intent != self._session.state.spectra:
            self._session.change("Spectra", merge="spectra", spectra=intent)

    def _append(self, added: list[Pin], merge: str = "") -> list[Pin]:
        pins = list(self._session.state.pins)
        used = Counter(pin.colour for pin in pins)
        number = max((pin.id for pin in pins), default=0)
        for pin in added:
            number += 1
            colour = pin.colour or min(PIN_COLOURS, key=lambda name: used[name])
            used[colour] += 1
            pins.append(replace(pin, id=number, colour=colour))
        if added:
            label = "Collect spectrum" if len(added) == 1 else "Collect spectra"
            self._session.change(label, merge=merge, pins=tuple(pins))
        return pins[len(pins) - len(added) :]


def _label(changes: dict[str, Any]) -> str:
    if "visible" in changes:
        return "Show spectra" if changes["visible"] else "Hide spectra"
    return "Rename spectrum" if "name" in changes else "Change spectrum"
