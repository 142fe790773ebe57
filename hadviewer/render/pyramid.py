"""Blocks of pixels made one: means for imagery, maxima so that zooming out hides no hot pixel, picks for labels."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Reduce = Callable[[NDArray[Any], int], NDArray[Any]]


def shrink_mean(plane: NDArray[Any], factor: int) -> NDArray[np.float32]:
    """Means of ``factor`` x ``factor`` blocks, NaN left out; blocks at the far edges may be smaller. For imagery."""
    if factor <= 1:
        return np.asarray(plane, dtype=np.float32)
    means: NDArray[np.float32] = _reduce(plane, factor, np.add)
    if not np.isnan(means).any():
        counts = _block_counts(plane.shape[0], factor)[:, None] * _block_counts(plane.shape[1], factor)
        means /= counts.astype(np.float32)
        return means
    valid = ~np.isnan(plane)
    sums = _reduce(np.where(valid, plane, np.float32(0)), factor, np.add)
    shares = _reduce(valid.astype(np.float32), factor, np.add)
    means.fill(np.nan)
    np.divide(sums, shares, out=means, where=shares > 0)
    return means


def shrink_max(plane: NDArray[Any], factor: int) -> NDArray[Any]:
    """Maxima of ``factor`` x ``factor`` blocks, NaN left out; of a mask, whether any is set. For scores and masks."""
    if factor <= 1:
        return plane
    return _reduce(plane, factor, np.logical_or if plane.dtype == bool else np.fmax)


def shrink_sum(mask: NDArray[np.bool_], factor: int) -> NDArray[np.uint32]:
    """How many pixels of ``factor`` x ``factor`` blocks are set."""
    single = mask.view(np.uint8) if factor < 256 else mask.astype(np.uint32)
    lines = _reduce_axis(single, 0, factor, np.add) if factor > 1 else single
    counts: NDArray[np.uint32] = lines.astype(np.uint32)
    return _reduce_axis(counts, 1, factor, np.add) if factor > 1 else counts


def shrink_pick(plane: NDArray[Any], factor: int) -> NDArray[Any]:
    """The first pixel of every ``factor`` x ``factor`` block. For labels."""
    return plane[::factor, ::factor]


def base_step(shape: tuple[int, int], most: int) -> int:
    """The smallest step at which a scene (rows, cols) has at most ``most`` pixels."""
    step = 1
    while -(-shape[0] // step) * -(-shape[1] // step) > most:
        step += 1
    return step


def _reduce(plane: NDArray[Any], factor: int, combine: np.ufunc) -> NDArray[Any]:
    """Blocks combined rows first, which walks memory in order, then columns."""
    return _reduce_axis(_reduce_axis(plane, 0, factor, combine), 1, factor, combine)


def _reduce_axis(plane: NDArray[Any], axis: int, factor: int, combine: np.ufunc) -> NDArray[Any]:
    size = plane.shape[axis]
    shape = [*plane.shape]
    shape[axis] = -(-size // factor)
    combined = np.empty(shape, dtype=plane.dtype)
    source, target = (plane, combined) if axis == 0 else (plane.T, combined.T)
    whole = size // factor * factor
    inner = target[: whole // factor]
    inner[...] = source[:whole:factor]
    for offset in range(1, factor):
        combine(inner, source[offset:whole:factor], out=inner)
    if whole < size:
        target[-1] = combine.reduce(source[whole:], axis=0)
    return combined


def _block_counts(size: int, factor: int) -> NDArray[np.int64]:
    """How many of ``size`` items each block of ``factor`` holds."""
    return np.minimum(factor, size - np.arange(0, size, factor))
