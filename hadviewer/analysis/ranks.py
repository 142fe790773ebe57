"""Ranks of score maps: what makes maps of different detectors comparable."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def relative_ranks(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """The rank of each value, 1 for the lowest, divided by their number; equal values share the mean of their ranks.

    Works on the values that are finite; the others are NaN. Any shape.
    """
    known = np.isfinite(values)
    flat = values[known]
    order = np.argsort(flat, kind="stable")
    ordered = flat[order]
    first = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]][: len(ordered)])
    last = np.r_[first[1:], len(ordered)]
    ranks = np.empty(len(ordered))
    ranks[order] = np.repeat((first + last + 1) / 2, last - first)
    result = np.full(values.shape, np.nan)
    result[known] = ranks / max(1, len(ordered))
    return result


def rank_sum(maps: Sequence[NDArray[np.floating]]) -> NDArray[np.float32]:
    """The sum (rows, cols) of the relative ranks of score maps (rows, cols), over the pixels that all of them score.

    Lies in (0, number of maps]; NaN elsewhere. Any increasing change of the scores of one map changes nothing.
    """
    known = np.logical_and.reduce([np.isfinite(scores) for scores in maps])
    total = np.zeros(known.shape)
    for scores in maps:
        total += relative_ranks(np.where(known, scores, np.nan))
    return total.astype(np.float32)
