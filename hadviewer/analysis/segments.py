"""What is known about each segment of a scene: its size, its place, its scores."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hadviewer.analysis.superpixels import Labels

BLOCK = 1 << 18
"""Pixels counted at a time: numpy holds the interpreter meanwhile, and the window must go on."""


@dataclass(frozen=True, eq=False)
class SegmentTable:
    """One entry per segment: pixels, middle (row, col), mean and highest score; NaN where no pixel has a score."""

    pixels: NDArray[np.int64]
    middles: NDArray[np.float64]
    mean: NDArray[np.float64]
    highest: NDArray[np.float64]


def measure_segments(labels: Labels, count: int, scores: NDArray[np.floating] | None = None) -> SegmentTable:
    """Measure ``count`` segments of labels (rows, cols); ``scores`` (rows, cols) are those of one result."""
    pixels, places = np.zeros(count, dtype=np.int64), np.zeros((count, 2))
    for rows in _blocks(labels.shape):
        line, sample = np.nonzero(labels[rows] >= 0)
        which = labels[rows][line, sample]
        pixels += np.bincount(which, minlength=count)
        places[:, 0] += np.bincount(which, weights=line + rows.start, minlength=count)
        places[:, 1] += np.bincount(which, weights=sample, minlength=count)
    middles = places / np.maximum(pixels, 1)[:, np.newaxis]
    nothing = np.full(count, np.nan)
    mean, highest = (nothing, nothing) if scores is None else _scored(labels, count, scores)
    return SegmentTable(pixels, middles, mean, highest)


def mean_scores(labels: Labels, count: int, scores: NDArray[np.floating]) -> NDArray[np.float32]:
    """The score map (rows, cols) in which each pixel has the mean score of its segment; NaN outside of all."""
    mean, _ = _scored(labels, count, scores)
    table = np.append(mean, np.nan).astype(np.float32)
    return np.take(table, labels)  # no segment, -1, takes the last


def segment_frame(labels: Labels, label: int) -> tuple[int, int, NDArray[np.bool_]]:
    """One segment as a mask of its surroundings, one pixel more on each side, and that mask's first row and column."""
    rows = np.concatenate([[False], (labels == label).any(axis=1), [False]])
    top, bottom = (int(place) for place in np.flatnonzero(rows)[[0, -1]])
    part = np.pad(labels[top - 1 : bottom] == label, ((1, 1), (0, 0)))
    left, right = (int(place) for place in np.flatnonzero(part.any(axis=0))[[0, -1]])
    return top - 2, left - 1, np.pad(part[:, left : right + 1], ((0, 0), (1, 1)))


def _scored(
    labels: Labels, count: int, scores: NDArray[np.floating]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and highest score of each segment, over its pixels that have one."""
    sums, sizes, highest = np.zeros(count), np.zeros(count, dtype=np.int64), np.full(count, -np.inf)
    for rows in _blocks(labels.shape):
        used = (labels[rows] >= 0) & np.isfinite(scores[rows])
        which, values = labels[rows][used], scores[rows][used].astype(np.float64)
        sizes += np.bincount(which, minlength=count)
        sums += np.bincount(which, weights=values, minlength=count)
        np.maximum.at(highest, which, values)
    mean = np.full(count, np.nan)
    np.divide(sums, sizes, out=mean, where=sizes > 0)
    return mean, np.where(sizes > 0, highest, np.nan)


def _blocks(shape: tuple[int, ...]) -> Iterator[slice]:
    height = max(1, BLOCK // max(1, shape[1]))
    return (slice(row, min(row + height, shape[0])) for row in range(0, shape[0], height))
