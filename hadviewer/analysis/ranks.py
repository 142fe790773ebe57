"""Ranks of score maps: what makes maps of different detectors comparable."""

from collections.abc import Sequence
from functools import reduce

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


RULES: dict[str, np.ufunc] = {
    "sum": np.add,
    "product": np.multiply,
    "maximum": np.maximum,
    "minimum": np.minimum,
}
"""How the ranks of a pixel become one: all count alike, a low one weighs more, any map suffices, all must agree."""


def fuse_ranks(maps: Sequence[NDArray[np.floating]], rule: str = "sum") -> NDArray[np.float32]:
    """The relative ranks of score maps (rows, cols) made one map by a rule of ``RULES``.

    Ranks are taken over the pixels that all maps score; NaN elsewhere. Any increasing change of the scores of one map
    changes nothing.
    """
    known = np.logical_and.reduce([np.isfinite(scores) for scores in maps])
    ranks = (relative_ranks(np.where(known, scores, np.nan)) for scores in maps)
    return np.asarray(reduce(RULES[rule], ranks), dtype=np.float32)


def rank_sum(maps: Sequence[NDArray[np.floating]]) -> NDArray[np.float32]:
    """The sum (rows, cols) of the relative ranks of score maps (rows, cols); in (0, number of maps] and NaN."""
    return fuse_ranks(maps)
