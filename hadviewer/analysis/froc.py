"""Target by target instead of pixel by pixel: objects found against false objects (FROC).

A truth object is found at a threshold when one of its pixels (or a share of them) reaches it. A false object is a
connected group (8 neighbours) of detected pixels that does not touch the truth grown by the tolerance. Both are exact
at every distinct score: the groups of a falling threshold are counted as pixels less edges of one minimum spanning
tree, in which the tolerance zone is bound to one more pixel that is always detected.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hadviewer.analysis._grid import groups, neighbour_pairs
from hadviewer.analysis.objects import Labels, describe_objects, tolerance_zone, truth_objects
from hadviewer.analysis.roc import LabelledScores, RankedCounts

FloatMap = NDArray[np.float64]
Mask = NDArray[np.bool_]

RATES = (1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8)
"""False objects in 10 000 pixels at which the mean detection of the FROC is taken."""

PIXELS_OF_RATES = 10_000


@dataclass(frozen=True, eq=False)
class Froc:
    """Share of objects found and number of false objects, threshold falling until every object is found.

    `false_objects` is the largest number met down to that threshold: groups that grow together do not count as fewer.
    The first point is none of both at an infinite threshold.
    """

    detection: FloatMap
    false_objects: NDArray[np.int64]
    thresholds: FloatMap

    def detection_at(self, false_objects: float) -> float:
        """Largest share of the objects found with at most this many false ones."""
        return float(self.detection[self.false_objects <= false_objects].max())

    def false_at(self, detection: float) -> int:
        """Fewest false objects with which at least this share (at most 1) of the objects is found."""
        return int(self.false_objects[self.detection >= detection].min())


@dataclass(frozen=True)
class TruthObject:
    """A target of the truth: size, centroid, the score at which it is found, and how many false objects come before.

    `peak_row`, `peak_col` is its highest pixel, `offset` the distance in pixels from there to the centroid.
    """

    label: int
    area: int
    row: float
    col: float
    score: float
    false_before: int
    peak_row: int
    peak_col: int
    offset: float


@dataclass(frozen=True, eq=False)
class ObjectEvaluation:
    """A score map judged by objects.

    `mean_detection` is the mean share of objects found at 1/8 to 8 false ones in 10 000 pixels, `false_at_all` the
    number of false objects when all are found, `per_megapixel` the same in a million pixels. `area` compares the best
    score of each object with the local maxima of the background, as a ROC area does, without any threshold.
    """

    froc: Froc
    objects: tuple[TruthObject, ...]
    labels: Labels
    pixels: int
    mean_detection: float
    false_at_all: int
    area: float

    @property
    def per_megapixel(self) -> float:
        """False objects in a million pixels when every object is found."""
        return 1e6 * self.false_at_all / self.pixels


def evaluate_objects(
    scores: FloatMap,
    truth: Mask,
    counted: Mask | None = None,
    *,
    tolerance: int = 1,
    share: float = 0.0,
    labels: Labels | None = None,
) -> ObjectEvaluation | None:
    """Compare a score map without NaN with the truth (rows, cols), object by object; None without a target.

    `counted` marks the pixels that take part, `tolerance` is the margin around targets in which detections are not
    false, `share` the part of an object's pixels that must be detected for it to be found (one pixel at least),
    `labels` the truth objects where they are known.
    """
    used = np.ones(truth.shape, bool) if counted is None else counted
    known = np.where(used, truth_objects(truth & used) if labels is None else labels, 0)
    if not known.any():
        return None
    found = _object_scores(scores, known, share)
    zone = tolerance_zone(truth, tolerance) & used
    levels, false = false_objects(scores, used, zone, float(found.min()))
    froc = _froc(found, levels, false)
    pixels = int(np.count_nonzero(used))
    return ObjectEvaluation(
        froc=froc,
        objects=tuple(_described(scores, known, found, levels, np.maximum.accumulate(false))),
        labels=known,
        pixels=pixels,
        mean_detection=float(np.mean([froc.detection_at(rate * pixels / PIXELS_OF_RATES) for rate in RATES])),
        false_at_all=froc.false_at(1.0),
        area=_area(found, local_maxima(scores, used, ~zone)) if (used & ~zone).any() else math.nan,
    )


def false_objects(
    scores: FloatMap, counted: Mask, zone: Mask, lowest: float = -math.inf
) -> tuple[FloatMap, NDArray[np.int64]]:
    """Distinct scores from the highest down to `lowest`, and the groups of detected pixels outside `zone` at each."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import minimum_spanning_tree

    taking_part = counted & (scores >= lowest)
    levels, rank = np.unique(-scores[taking_part], return_inverse=True)
    rank = rank.ravel() + 1  # a weight of 0 would mean no edge
    count = len(rank)
    firsts, seconds = neighbour_pairs(taking_part)
    in_zone = np.flatnonzero(zone[taking_part])
    weights = np.concatenate([np.maximum(rank[firsts], rank[seconds]), rank[in_zone]]).astype(np.float64)
    ends = np.concatenate([firsts, in_zone]), np.concatenate([seconds, np.full(len(in_zone), count)])
    tree = minimum_spanning_tree(coo_matrix((weights, ends), shape=(count + 1, count + 1)).tocsr())
    pixels = np.bincount(rank, minlength=len(levels) + 1)[1:]
    edges = np.bincount(tree.data.astype(np.intp), minlength=len(levels) + 1)[1:]
    return -levels, np.cumsum(pixels - edges).astype(np.int64)


def local_maxima(scores: FloatMap, counted: Mask, outside: Mask) -> FloatMap:
    """Scores of the local maxima among the counted pixels that have a pixel in `outside`.

    A maximum has no higher neighbour of eight; a plateau is one maximum.
    """
    values = scores[counted]
    firsts, seconds = neighbour_pairs(counted)
    level = values[firsts] == values[seconds]
    plateau = groups(len(values), firsts[level], seconds[level])
    beaten = np.zeros(len(values), bool)
    beaten[plateau[firsts[values[firsts] < values[seconds]]]] = True
    beaten[plateau[seconds[values[firsts] > values[seconds]]]] = True
    standing = np.flatnonzero(outside[counted] & ~beaten[plateau])
    _, once = np.unique(plateau[standing], return_index=True)
    return np.asarray(values[standing[once]])


def _object_scores(scores: FloatMap, labels: Labels, share: float) -> FloatMap:
    """The threshold at which each object, in the order of the labels, is found."""
    inside = labels > 0
    _, which = np.unique(labels[inside], return_inverse=True)
    sizes = np.bincount(which)
    needed = np.maximum(1, np.ceil(share * sizes - 1e-9)).astype(np.intp)
    ordered = scores[inside][np.lexsort((scores[inside], which))]
    return np.asarray(ordered[np.cumsum(sizes) - needed])


def _froc(found: FloatMap, levels: FloatMap, false: NDArray[np.int64]) -> Froc:
    detected = np.searchsorted(np.sort(-found), -levels, side="right")
    alarms = np.maximum.accumulate(false)
    shares = np.append(0.0, detected / len(found))
    counts, thresholds = np.append(0, alarms), np.append(np.inf, levels)
    changed = (np.diff(shares) != 0) | (np.diff(counts) != 0)
    keep = np.append(True, changed)
    return Froc(shares[keep], counts[keep], thresholds[keep])


def _described(
    scores: FloatMap, labels: Labels, found: FloatMap, levels: FloatMap, false: NDArray[np.int64]
) -> list[TruthObject]:
    before = false[np.searchsorted(-levels, -found)]
    return [
        TruthObject(
            label=item.label,
            area=item.area,
            row=item.row,
            col=item.col,
            score=float(score),
            false_before=int(count),
            peak_row=item.peak_row,
            peak_col=item.peak_col,
            offset=math.hypot(item.peak_row - item.row, item.peak_col - item.col),
        )
        for item, score, count in zip(describe_objects(labels, scores), found, before, strict=True)
    ]


def _area(found: FloatMap, maxima: FloatMap) -> float:
    """Chance that an object scores above a local maximum of the background; certain where there is none."""
    if not maxima.size:
        return 1.0
    values = np.concatenate([found, maxima])
    return RankedCounts.of(LabelledScores(values, np.arange(len(values)) < len(found), 0)).area()
