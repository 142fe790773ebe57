"""Contrast: from values to the 256 steps of a screen."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Limits = tuple[float, float]
Plane = NDArray[np.float32]

SAMPLE = 100_000
"""Pixels that decide the limits of a plane; the error at 2 % is below 0.3 % of the range."""

BLOCK = 1 << 16
"""Pixels stretched at a time, so that intermediate values stay in the processor's cache."""


STEPS = 1 << 16
"""Entries of a curve that is not straight: so many that a crowded part of the range still has a step for each grey."""

TAIL = 0.1
"""Percent of the values beyond either end of a stretch by rank: less than one of its 256 steps."""

LOG_GAIN = 100.0
"""A logarithmic stretch shows log(1 + gain t) of the place t between the limits."""

NORMAL_WIDTH = 3.0
"""Standard deviations from the middle to either end of a gaussian stretch."""


BINS = 256
SHOWN_TAIL = 0.1
"""Percent of the values beyond either end of a histogram, unless limits lie there."""
MARGIN = 0.08


@dataclass(frozen=True, eq=False)
class Histogram:
    """How many values lie in each of ``counts`` equal steps from ``low`` to ``high``."""

    counts: NDArray[np.int64]
    low: float
    high: float


def histogram(sample: NDArray[np.floating], ends: Limits) -> Histogram:
    """The distribution of a sample, with some room around it and around the limits ``ends`` to be shown in it."""
    low, high = limits(sample, SHOWN_TAIL)
    low, high = min(low, *ends), max(high, *ends)
    room = MARGIN * (high - low) or 0.5
    low, high = low - room, high + room
    ordered = _ordered(sample)
    edges = np.searchsorted(ordered, np.linspace(low, high, BINS + 1, dtype=ordered.dtype))
    edges[-1] = np.searchsorted(ordered, ordered.dtype.type(high), side="right")
    return Histogram(np.diff(edges), low, high)


@dataclass(frozen=True)
class Curve:
    """How values of one channel become brightness: straight from ``low`` (0) to ``high`` (255), cut beyond.

    With a ``table`` the way from low to high goes through its entries instead, in equal steps: any monotonous curve.
    """

    low: float
    high: float
    table: bytes = b""

    @property
    def limits(self) -> Limits:
        """The values shown as black and white."""
        return self.low, self.high

    def values_at(self, places: NDArray[np.floating]) -> NDArray[np.float64]:
        """The smallest values that are shown at these places 0..1 between black and white."""
        if not self.table:
            return self.low + np.asarray(places, dtype=np.float64) * (self.high - self.low)
        entries = np.frombuffer(self.table, dtype=np.uint8)
        steps = np.searchsorted(entries, np.rint(255 * np.asarray(places))).clip(0, len(entries) - 1)
        values: NDArray[np.float64] = self.low + steps / (len(entries) - 1) * (self.high - self.low)
        return values

    def apply(self, plane: NDArray[np.floating], out: NDArray[np.uint8]) -> None:
        """Brightness of a plane (rows, cols) into ``out``; NaN becomes the darkest."""
        if not self.table:
            stretch(plane, self.limits, out=out)
            return
        entries = np.frombuffer(self.table, dtype=np.uint8)
        for rows in row_blocks(plane.shape):
            places = _spread(plane[rows], self.limits, len(entries) - 1)
            out[rows] = entries[places.astype(np.intp)]


def grid_sample(plane: NDArray[np.floating], size: int = SAMPLE) -> NDArray[np.floating]:
    """The finite values on a regular grid of at most ``size`` pixels of a plane (rows, cols), 1-d."""
    step = max(1, math.ceil(math.sqrt(plane.size / max(1, size))))
    grid = plane[::step, ::step]
    values: NDArray[np.floating] = grid[np.isfinite(grid)]
    return values


def limits(sample: NDArray[np.floating], percent: float = 2.0) -> Limits:
    """The values to show as black and white, so that ``percent`` of the sample lies beyond either.

    ``percent`` 0 gives minimum and maximum. A sample of one value only is shown as mid grey; an empty one gives (0, 1).
    """
    finite = _ordered(sample)
    if finite.size == 0:
        return 0.0, 1.0
    cut = min(max(percent, 0.0), 49.9)
    low, high = _between(finite, cut), _between(finite, 100 - cut)
    if low == high and cut > 0:
        low, high = float(finite[0]), float(finite[-1])
    if low == high:
        half = max(abs(low) * 1e-3, 0.5 if low == 0 else 0.0)
        low, high = low - half, high + half
    return low, high


def _ordered(sample: NDArray[np.floating]) -> NDArray[np.floating]:
    """The finite values in rising order; samples are kept that way, so that finding a stretch sorts nothing."""
    flat = sample.reshape(-1)
    rising = bool(np.all(flat[1:] >= flat[:-1]))  # no pair with NaN is
    finite = np.isfinite(flat[[0, -1]]).all() if flat.size else True
    return flat if rising and finite else np.sort(flat[np.isfinite(flat)])


def _between(ordered: NDArray[np.floating], percent: float) -> float:
    """The value that ``percent`` of the ordered values do not exceed, between two of them where it falls there."""
    place = percent / 100 * (ordered.size - 1)
    first = int(place)
    low, high = float(ordered[first]), float(ordered[min(first + 1, ordered.size - 1)])
    return low + (place - first) * (high - low)


def stretch(plane: NDArray[np.floating], ends: Limits, out: NDArray[np.uint8] | None = None) -> NDArray[np.uint8]:
    """Values between the ``ends`` as 0..255, those beyond cut, NaN as 0; uint8 (rows, cols), into ``out`` if given."""
    result = np.empty(plane.shape, dtype=np.uint8) if out is None else out
    for rows in row_blocks(plane.shape):
        result[rows] = _spread(plane[rows], ends, 255)
    return result


def _spread(values: NDArray[np.floating], ends: Limits, most: int) -> NDArray[np.float32]:
    """Values between the ``ends`` as 0..most plus a half, to be cut to whole numbers; NaN as 0."""
    low, high = ends
    scale = np.float32(most / (high - low)) if high != low else np.float32(0.0)
    with np.errstate(over="ignore", invalid="ignore"):
        spread: NDArray[np.float32] = (values - np.float32(low)) * scale
        spread += np.float32(0.5)
    np.clip(spread, 0.0, most, out=spread)
    missing = np.isnan(spread)
    if missing.any():
        spread[missing] = 0
    return spread


# One function per stretch: a sample of the values shown in, a curve out.


def linear(sample: NDArray[np.floating], percent: float = 2.0) -> Curve:
    """Straight, with ``percent`` of the sample cut at both ends; 0 cuts nothing."""
    return Curve(*limits(sample, percent))


def deviations(sample: NDArray[np.floating], count: float = 2.0) -> Curve:
    """Straight, from ``count`` standard deviations below the mean to as many above it."""
    finite = np.asarray(sample[np.isfinite(sample)], dtype=np.float64)
    if finite.size == 0:
        return Curve(0.0, 1.0)
    mean, spread = float(finite.mean()), count * float(finite.std())
    return Curve(mean - spread, mean + spread) if spread > 0 else Curve(*limits(finite))


def square_root(ends: Limits) -> Curve:
    """The root of the place between the ends: dark parts get more steps."""
    return Curve(*ends, _root_table())


def logarithm(ends: Limits) -> Curve:
    """The logarithm of the place between the ends: dark parts get far more steps."""
    return Curve(*ends, _log_table())


def equalised(sample: NDArray[np.floating], ends: Limits) -> Curve:
    """Brightness by rank among the values between the ends: every grey is as frequent, ties share their mean."""
    return _by_rank(sample, ends, lambda ranks: np.rint(ranks * 255))


def gaussian(sample: NDArray[np.floating], ends: Limits) -> Curve:
    """Brightness by rank so that the greys are normally distributed around the middle, black and white 3 sigma away."""
    return _by_rank(sample, ends, lambda ranks: np.searchsorted(_normal_bounds(), ranks))


def _by_rank(
    sample: NDArray[np.floating], ends: Limits, grey: Callable[[NDArray[np.float64]], NDArray[np.generic]]
) -> Curve:
    """A curve from the share 0..1 of the sample that lies below each value, half of those equal to it included."""
    low, high = min(ends), max(ends)
    inside = np.sort(sample[(sample >= low) & (sample <= high)])
    if inside.size == 0 or low == high:
        return Curve(*ends)
    # Steps are as wide as those that ``apply`` cuts values into, so that values of one step count as one.
    places = np.linspace(low, high, STEPS)
    half = (high - low) / (STEPS - 1) / 2
    below, up_to = np.searchsorted(inside, places - half), np.searchsorted(inside, places + half, side="right")
    ranks = (below + up_to) / (2 * inside.size)
    return Curve(low, high, bytes(grey(ranks).astype(np.uint8)))


@lru_cache(maxsize=1)
def _root_table() -> bytes:
    return _bytes(np.sqrt(np.linspace(0, 1, STEPS)))


@lru_cache(maxsize=1)
def _log_table() -> bytes:
    places = np.linspace(0, 1, STEPS)
    return _bytes(np.log1p(LOG_GAIN * places) / math.log1p(LOG_GAIN))


def _bytes(brightness: NDArray[np.float64]) -> bytes:
    return bytes(np.rint(255 * brightness).astype(np.uint8))


@lru_cache(maxsize=1)
def _normal_bounds() -> NDArray[np.float64]:
    """The shares 0..1 of a normal distribution below the bounds between its 256 greys."""
    from statistics import NormalDist

    normal = NormalDist()
    return np.array([normal.cdf((grey + 0.5 - 127.5) / 127.5 * NORMAL_WIDTH) for grey in range(255)])


def row_blocks(shape: tuple[int, ...]) -> Iterator[slice]:
    """Strips of a plane (rows, cols) of about ``BLOCK`` pixels."""
    rows, cols = shape[:2]
    height = max(1, BLOCK // max(1, cols))
    for start in range(0, rows, height):
        yield slice(start, min(start + height, rows))
