"""How far score maps of one scene, and the masks made of them, agree."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hadviewer.analysis.ranks import relative_ranks

Mask = NDArray[np.bool_]
Scores = NDArray[np.float32]

SAMPLE = 1 << 18
"""Ranks are compared over at most so many pixels, on a grid all over the scene: sorting more takes seconds."""


@dataclass(frozen=True)
class Agreement:
    """How two masks and the scores behind them agree; a figure that the data cannot give is NaN.

    `both` and `either` count pixels of the masks. `jaccard` is `both` over `either`. `kappa` is Cohen's (1960): how
    much more often the masks agree than masks of these sizes would by chance; 1 where they always do, 0 where no more
    often. `rank` is Spearman's correlation of the scores (1904), whatever the thresholds.
    """

    both: int
    either: int
    jaccard: float
    kappa: float
    rank: float


def votes(masks: Sequence[Mask]) -> NDArray[np.uint8]:
    """How many of the masks (rows, cols) have each pixel."""
    counted = np.zeros(masks[0].shape, np.uint8)
    for mask in masks:
        counted += mask
    return counted


def counted_votes(counted: NDArray[np.uint8], masks: int) -> tuple[int, ...]:
    """How many pixels are in 1, 2, ... and all of so many masks."""
    return tuple(np.bincount(counted.ravel(), minlength=masks + 1)[1:].tolist())


def agreement(masks: tuple[Mask, Mask], scores: tuple[Scores, Scores]) -> Agreement:
    """Compare two masks and two score maps, all (rows, cols); a pixel without a score in either does not count."""
    known = np.isfinite(scores[0]) & np.isfinite(scores[1])
    first, second = (mask & known for mask in masks)
    pixels = int(np.count_nonzero(known))
    sizes = int(np.count_nonzero(first)), int(np.count_nonzero(second))
    both = int(np.count_nonzero(first & second))
    either = sum(sizes) - both
    return Agreement(
        both,
        either,
        both / either if either else math.nan,
        _kappa(both, sizes, pixels),
        rank_correlation(*scores),
    )


def rank_correlation(first: Scores, second: Scores) -> float:
    """Spearman's correlation of two score maps over the pixels that both score; ties share their mean rank."""
    step = math.isqrt(max(0, first.size - 1) // SAMPLE) + 1
    left, right = first[::step, ::step].ravel(), second[::step, ::step].ravel()
    known = np.isfinite(left) & np.isfinite(right)
    count = int(np.count_nonzero(known))
    if count < 2:
        return math.nan
    middle = (count + 1) / 2 / count
    centred = [relative_ranks(values[known]) - middle for values in (left, right)]
    spread = math.sqrt(float(np.dot(centred[0], centred[0])) * float(np.dot(centred[1], centred[1])))
    return float(np.dot(*centred)) / spread if spread > 0 else math.nan


def _kappa(both: int, sizes: tuple[int, int], pixels: int) -> float:
    """Cohen's kappa of two masks that have so many pixels each and in common, of all that count."""
    if not pixels:
        return math.nan
    first, second = (size / pixels for size in sizes)
    same = 1 - (sum(sizes) - 2 * both) / pixels
    chance = first * second + (1 - first) * (1 - second)
    return (same - chance) / (1 - chance) if chance < 1 else math.nan
