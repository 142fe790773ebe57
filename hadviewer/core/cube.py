"""One opened dataset: a lazy array of pixels and what is known about it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import DTypeLike, NDArray

from hadviewer.core.bands import BandSet
from hadviewer.core.geolocation import Location
from hadviewer.core.wavelengths import UNITS

if TYPE_CHECKING:
    from hadviewer.core.corrections import Corrections

Array = NDArray[Any]
BandIndex = slice | NDArray[np.intp]
ALL_BANDS = slice(None)


class Window(NamedTuple):
    """A rectangle of pixels: rows row0..row1-1 and columns col0..col1-1."""

    row0: int
    row1: int
    col0: int
    col1: int

    @property
    def shape(self) -> tuple[int, int]:
        return self.row1 - self.row0, self.col1 - self.col0

    @property
    def slices(self) -> tuple[slice, slice]:
        return slice(self.row0, self.row1), slice(self.col0, self.col1)


class CubeSource(Protocol):
    """Where pixels come from. Thread-safe by contract; never reads more than it is asked for.

    ``read`` returns raw values (rows, cols, bands) in the source's own dtype, native byte order, as a fresh array; the
    window lies inside the shape; ``step`` takes every step-th line and sample of it.
    ``order`` is how the file runs ('bsq', 'bil', 'bip'), so that callers can walk it the cheap way.
    """

    @property
    def shape(self) -> tuple[int, int, int]: ...
    @property
    def dtype(self) -> np.dtype[Any]: ...
    @property
    def order(self) -> str: ...
    def read(self, window: Window, bands: BandIndex, step: int = 1) -> Array: ...


@dataclass(frozen=True)
class Origin:
    """How to open the same cube again, for another process, a recipe or a session: a path and what was chosen in it.

    ``corrections`` are what the user says of the cube in place of its file.
    """

    path: Path
    entry: str | None = None
    reader: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    corrections: "Corrections | None" = None


@dataclass(frozen=True)
class Guess:
    """Something that a file does not say, and what was taken for it.

    ``field`` is the reader's option or the correction that changes it, ``value`` what was taken, ``why`` a sentence,
    ``alternatives`` what else it could be, where that can be listed.
    """

    field: str
    value: str
    why: str
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Scale:
    """Physical value = raw * gain + offset. Each is a number or one per band. Applied once, at reading."""

    gain: float | NDArray[np.float64] = 1.0
    offset: float | NDArray[np.float64] = 0.0
    found: str = ""

    def apply(self, raw: Array, bands: BandIndex) -> None:
        """Scale ``raw`` (..., bands) in place; ``bands`` says which bands they are."""
        gain = self.gain[bands] if isinstance(self.gain, np.ndarray) else self.gain
        offset = self.offset[bands] if isinstance(self.offset, np.ndarray) else self.offset
        if np.any(gain != 1.0):
            raw *= np.asarray(gain, dtype=raw.dtype)
        if np.any(offset != 0.0):
            raw += np.asarray(offset, dtype=raw.dtype)

    def equals(self, other: "Scale") -> bool:
        """Whether another scale makes the same values."""
        pairs = ((self.gain, other.gain), (self.offset, other.offset))
        return all(np.array_equal(np.asarray(mine), np.asarray(its)) for mine, its in pairs)


AS_STORED = Scale()


@dataclass(frozen=True, eq=False)
class Cube:
    """A hyperspectral cube of rows × cols × bands. Never mutated; reads only what is asked for.

    ``nodata`` is compared with raw values before scaling. ``quantity`` and ``unit`` name the values ('Reflectance',
    ''). ``default_bands`` are the 0-based red, green, blue (or one grey) of the file. ``origin`` is None for an array
    without a file. ``meta`` keeps every other header field, for display and round trips; ``header`` all of them as the
    file has them, for display. ``notes`` tell what was guessed or repaired while opening, one sentence each;
    ``guessed`` are the guesses of the reader but for those about the bands.
    """

    source: CubeSource
    bands: BandSet
    name: str = "cube"
    path: Path | None = None
    origin: Origin | None = None
    scale: Scale | None = None
    nodata: float | None = None
    geo: Location | None = None
    quantity: str = "Value"
    unit: str = ""
    default_bands: tuple[int, ...] = ()
    meta: Mapping[str, Any] = field(default_factory=dict)
    header: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    guessed: tuple[Guess, ...] = ()

    @property
    def shape(self) -> tuple[int, int, int]:
        """(rows, cols, bands)."""
        return self.source.shape

    @property
    def guesses(self) -> tuple[Guess, ...]:
        """Everything about the cube that its file does not say."""
        bands = self.bands
        if not bands.assumed:
            return self.guessed
        if bands.unit is None:
            return (*self.guessed, Guess("wavelengths", "", bands.assumed))
        others = tuple(unit for unit in UNITS if unit != bands.unit)
        return (*self.guessed, Guess("wavelength_unit", bands.unit, bands.assumed, others))

    def same_pixels(self, other: "Cube | None") -> bool:
        """Whether another cube has the values of this one, whatever is known of its bands."""
        if other is None or self.source is not other.source:
            return False
        return self.nodata == other.nodata and (self.scale or AS_STORED).equals(other.scale or AS_STORED)

    def same_but_marks(self, other: "Cube") -> bool:
        """Whether another cube is this one, if with other bands marked as bad."""
        told = all(
            getattr(self, part.name) is getattr(other, part.name) for part in fields(self) if part.name != "bands"
        )
        return told and self.bands.same_but_marks(other.bands)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the raw values."""
        return self.source.dtype

    @property
    def window(self) -> Window:
        """The whole scene as a window."""
        return Window(0, self.shape[0], 0, self.shape[1])

    def values(
        self, bands: BandIndex = ALL_BANDS, window: Window | None = None, dtype: DTypeLike = np.float32, step: int = 1
    ) -> NDArray[Any]:
        """Scaled values of a window as a new (rows, cols, bands) array of ``dtype``; no-data and infinities are NaN."""
        raw = self.source.read(window or self.window, bands, step)
        invalid = None
        if self.nodata is not None and not np.isnan(self.nodata):
            invalid = raw == np.asarray(self.nodata).astype(raw.dtype)
        with np.errstate(over="ignore", invalid="ignore"):
            values: NDArray[Any] = np.array(np.abs(raw) if np.iscomplexobj(raw) else raw, dtype=dtype)
            if self.scale is not None:
                self.scale.apply(values, bands)
        if invalid is not None:
            values[invalid] = np.nan
        # A finite sum proves every value finite, in one pass without a mask.
        with np.errstate(over="ignore", invalid="ignore"):
            clean = np.isfinite(values.sum())
        if not clean:
            values[~np.isfinite(values)] = np.nan
        return values

    def pixel(self, row: int, col: int) -> NDArray[np.float32]:
        """The spectrum of one pixel, float32 (bands,)."""
        spectrum: NDArray[np.float32] = self.values(window=Window(row, row + 1, col, col + 1))[0, 0]
        return spectrum

    def plane(self, band: int, step: int = 1) -> NDArray[np.float32]:
        """One band, every ``step``-th line and sample, float32 (rows, cols)."""
        plane: NDArray[np.float32] = self.values(bands=np.array([band]), step=step)[:, :, 0]
        return plane

    def strips(self, max_bytes: int, itemsize: int = 8) -> Iterator[Window]:
        """Whole-width windows, top to bottom, of at most ``max_bytes`` when read with ``itemsize`` bytes a value."""
        rows, cols, bands = self.shape
        height = max(1, int(max_bytes // max(1, cols * bands * itemsize)))
        for row in range(0, rows, height):
            yield Window(row, min(row + height, rows), 0, cols)


@dataclass(frozen=True, eq=False)
class Truth:
    """The reference mask of a scene: ``mask`` is bool (rows, cols), True on anomalies."""

    mask: NDArray[np.bool_]
    name: str = "truth"
    path: Path | None = None
    notes: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """Number of anomalous pixels."""
        return int(np.count_nonzero(self.mask))


@dataclass(frozen=True, eq=False)
class Scene:
    """A cube and, when known, its truth, as opened together."""

    cube: Cube
    truth: Truth | None = None
