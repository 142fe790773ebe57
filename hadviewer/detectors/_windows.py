"""The dual window of local detectors: which pixels are the background of which, and scenes read in overlapping strips.

A detector walks strips, and in each strip chunks of pixels::

    strips = Strips(blocks, dual_window(blocks.shape[:2], p.inner, p.outer, ctx))
    for strip in ctx.track(strips, len(strips)):
        for chunk in strip.chunks(bytes_per_pixel):
            background = strip.pixels[chunk.ring]           # (pixels, samples, bands), zeros where ~chunk.known
            scores[chunk.rows, chunk.cols] = ...

At the border of the scene both windows are shifted inwards, each by itself, until they lie inside: no sample is used
twice, every pixel has the same number of samples, and the pixel stays within its inner window. This is what spectral's
``rx(window=...)`` does. A scene narrower than a window is taken whole in that direction. Pixels without values keep
their places among the samples, marked as unknown.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator
from pydantic_core import PydanticCustomError

from hadviewer.core.context import Context
from hadviewer.core.cube import Window
from hadviewer.core.errors import DetectorError
from hadviewer.core.params import OddInt, Params, field
from hadviewer.core.specs import PixelBlocks

Index = NDArray[np.intp]
STRIP_BYTES = 64 * 2**20
CHUNK_BYTES = 128 * 2**20


def inner_width(default: int) -> Any:
    """The parameter for the full width of the inner window."""
    text = "Full width of the square around the pixel that is left out of its background: larger than the targets."
    return field(default, "Inner window", ge=1, le=101, unit="px", help=text)


def outer_width(default: int) -> Any:
    """The parameter for the full width of the outer window."""
    text = "Full width of the square around the pixel that holds its background."
    return field(default, "Outer window", ge=3, le=301, unit="px", help=text)


class WindowParams(Params):
    """The two widths, for detectors to inherit: ``inner: OddInt = inner_width(7)`` sets another default."""

    inner: OddInt = inner_width(5)
    outer: OddInt = outer_width(21)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.inner >= self.outer:
            raise PydanticCustomError("order", "must be wider than the inner window", {"field": "outer"})
        return self


@dataclass(frozen=True)
class DualWindow:
    """The two windows of every pixel of a scene (rows, cols): heights and widths, already cut to the scene."""

    shape: tuple[int, int]
    inner: tuple[int, int]
    outer: tuple[int, int]

    @property
    def samples(self) -> int:
        """How many pixels lie in the ring, the same for every pixel."""
        return math.prod(self.outer) - math.prod(self.inner)

    def starts(self, extent: tuple[int, int], axis: int) -> Index:
        """The first row (axis 0) or column (axis 1) of a window of this extent, for every row or column."""
        length, size = self.shape[axis], extent[axis]
        return np.clip(np.arange(length) - size // 2, 0, length - size)

    def ring(self, rows: Index, cols: Index) -> Index:
        """The places (pixels, samples) of the ring around each of the pixels (rows, cols), counted line by line."""
        over_rows, over_cols = self._spans(rows, cols, self.outer)
        rows_in, cols_in = self._spans(rows, cols, self.inner)
        guarded = (
            _within(over_rows, rows_in)[:, :, np.newaxis] & _within(over_cols, cols_in)[:, np.newaxis, :]
        )  # (pixels, height, width)
        places = over_rows[:, :, np.newaxis] * self.shape[1] + over_cols[:, np.newaxis, :]
        return places[~guarded].reshape(len(rows), self.samples)

    def inside(self, rows: Index, cols: Index) -> Index:
        """The places (pixels, inner samples) of the inner window of each pixel, itself included."""
        over_rows, over_cols = self._spans(rows, cols, self.inner)
        places = over_rows[:, :, np.newaxis] * self.shape[1] + over_cols[:, np.newaxis, :]
        return places.reshape(len(rows), -1)

    def _spans(self, rows: Index, cols: Index, extent: tuple[int, int]) -> tuple[Index, Index]:
        """The rows (pixels, height) and columns (pixels, width) that a window covers."""
        first_row, first_col = self.starts(extent, 0)[rows], self.starts(extent, 1)[cols]
        return first_row[:, np.newaxis] + np.arange(extent[0]), first_col[:, np.newaxis] + np.arange(extent[1])


def _within(places: Index, spans: Index) -> NDArray[np.bool_]:
    """Which of the places (pixels, many) lie between the ends of the span of the same pixel."""
    return (places >= spans[:, :1]) & (places <= spans[:, -1:])


def dual_window(shape: tuple[int, int], inner: int, outer: int, ctx: Context) -> DualWindow:
    """The windows of odd full widths ``inner`` < ``outer`` in a scene (rows, cols), with a note where it is narrower.

    Raises DetectorError when the inner window covers the whole scene.
    """
    cut_inner, cut_outer = (tuple(min(width, length) for length in shape) for width in (inner, outer))
    window = DualWindow(shape, (cut_inner[0], cut_inner[1]), (cut_outer[0], cut_outer[1]))
    if window.samples < 2:
        raise DetectorError(
            f"The inner window of {inner} pixels leaves no background in a scene of {shape[0]} × {shape[1]} pixels.",
            hint="Choose a smaller inner window.",
        )
    if window.outer != (outer, outer):
        ctx.note(
            f"The background window of {outer} × {outer} pixels was cut to the scene: "
            f"{window.outer[0]} × {window.outer[1]}."
        )
    return window


@dataclass(frozen=True)
class Chunk:
    """Valid pixels of a strip and where their samples lie among ``Strip.pixels``.

    ``rows``, ``cols`` (pixels,) are places in the scene, ``centre`` (pixels,) the same among ``Strip.pixels``. ``ring``
    (pixels, samples) are the background, ``known`` (pixels, samples) which of them have values. ``inside`` (pixels,
    inner samples) is the inner window; ``Strip.valid[inside]`` says which of it have values.
    """

    rows: Index
    cols: Index
    centre: Index
    ring: Index
    known: NDArray[np.bool_]
    inside: Index


@dataclass(frozen=True)
class Strip:
    """Some lines of a scene with all that their windows cover.

    ``rows`` are the lines to score. ``pixels`` (lines read × cols, bands) are float64, zeros where not ``valid``;
    ``first`` is the line of the scene its first spectrum lies on.
    """

    window: DualWindow
    rows: range
    first: int
    pixels: NDArray[np.float64]
    valid: NDArray[np.bool_]

    def chunks(self, bytes_per_pixel: int, max_bytes: int = CHUNK_BYTES) -> Iterator[Chunk]:
        """The valid pixels to score, as many at a time as the detector's need for each allows."""
        width = self.window.shape[1]
        skipped = self.first * width
        scored = np.arange(self.rows.start * width, self.rows.stop * width)
        scored = scored[self.valid[scored - skipped]]
        size = max(1, max_bytes // max(1, bytes_per_pixel))
        for start in range(0, len(scored), size):
            places = scored[start : start + size]
            rows, cols = np.divmod(places, width)
            ring = self.window.ring(rows, cols) - skipped
            inside = self.window.inside(rows, cols) - skipped
            yield Chunk(rows, cols, places - skipped, ring, self.valid[ring], inside)


class Strips:
    """A scene as strips of about ``max_bytes``, overlapping by what the windows need; iterate any number of times.

    ``height`` is how many lines a strip scores at most. However wide the scene, it is half a window at least: lower
    strips would read every line many times.
    """

    def __init__(self, blocks: PixelBlocks, window: DualWindow, max_bytes: int | None = None) -> None:
        self._blocks = blocks
        self.window = window
        _, cols, bands = blocks.shape
        lines = (max_bytes or STRIP_BYTES) // max(1, cols * bands * 8)
        self.height = max(1, window.outer[0] // 2, int(lines) - window.outer[0] + 1)

    def __len__(self) -> int:
        return math.ceil(self._blocks.shape[0] / self.height)

    @property
    def rows(self) -> list[range]:
        """The lines each strip will score, known before anything is read."""
        return cut(range(self._blocks.shape[0]), self.height)

    def __iter__(self) -> Iterator[Strip]:
        _, cols, bands = self._blocks.shape
        starts = self.window.starts(self.window.outer, 0)
        for rows in self.rows:
            first, last = int(starts[rows.start]), int(starts[rows.stop - 1]) + self.window.outer[0]
            pixels = self._blocks.read(Window(first, last, 0, cols)).reshape(-1, bands)
            valid = np.asarray(np.isfinite(pixels).all(axis=1))
            pixels[~valid] = 0
            yield Strip(self.window, rows, first, pixels, valid)


def cut(whole: range, most: int) -> list[range]:
    """A range in the fewest pieces of at most ``most``, nearly equal; an empty one has none."""
    count = math.ceil(len(whole) / most)
    bounds = [whole.start + len(whole) * number // max(1, count) for number in range(count + 1)]
    return [range(start, stop) for start, stop in pairwise(bounds)]
