"""Connected groups of detected pixels: cleaned, counted and described.

Labels are int32 (rows, cols): objects 1..n in the order of their first pixel, 0 outside.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hadviewer.analysis._grid import groups, neighbour_pairs
from hadviewer.core.geolocation import Location

Labels = NDArray[np.int32]
Mask = NDArray[np.bool_]

MERGE_DISTANCE = 2
"""Truth regions with less than this many pixels between them are one object."""


@dataclass(frozen=True)
class DetectedObject:
    """One connected group of pixels.

    `row`, `col` is its centroid, `peak_row`, `peak_col` the pixel of its highest score, `box` its rows and columns as
    (row0, col0, row1, col1), the last two exclusive. `peak` and `mean` are NaN without scores; `x`, `y` is the
    centroid on the map, None without a georeference.
    """

    label: int
    area: int
    peak: float
    mean: float
    row: float
    col: float
    peak_row: int
    peak_col: int
    box: tuple[int, int, int, int]
    x: float | None = None
    y: float | None = None


@dataclass(frozen=True, eq=False)
class ObjectTable:
    """Objects as columns, an entry for each in the order of the labels; what they mean stands at `DetectedObject`."""

    label: NDArray[np.int32]
    area: NDArray[np.intp]
    peak: NDArray[np.float64]
    mean: NDArray[np.float64]
    row: NDArray[np.float64]
    col: NDArray[np.float64]
    peak_row: NDArray[np.intp]
    peak_col: NDArray[np.intp]
    box: NDArray[np.intp]

    @property
    def count(self) -> int:
        """The number of objects."""
        return len(self.label)


@dataclass(frozen=True)
class Cleaning:
    """What is done to a mask before its objects count.

    Gaps of up to `gap` pixels are filled; then objects of fewer than `minimum` pixels, joined to 4 or 8 neighbours
    (`connectivity`), are left out.
    """

    minimum: int = 1
    connectivity: int = 8
    gap: int = 0

    @property
    def changes(self) -> bool:
        """Whether there is anything to close or to leave out."""
        return self.minimum > 1 or self.gap > 0

    def labels(self, mask: ArrayLike, valid: ArrayLike | None = None) -> Labels:
        """The objects of a mask (rows, cols); no filled gap reaches a pixel that is not `valid`."""
        return sieve(clump(self._closed(mask, valid), self.connectivity), self.minimum)

    def clean(self, mask: ArrayLike, valid: ArrayLike | None = None) -> Mask:
        """The pixels of these objects."""
        return self._closed(mask, valid) if self.minimum <= 1 else self.labels(mask, valid) > 0

    def _closed(self, mask: ArrayLike, valid: ArrayLike | None) -> Mask:
        closed = close_gaps(mask, self.gap)
        return closed if valid is None else closed & np.asarray(valid, dtype=bool)


UNCLEANED = Cleaning()


def clump(mask: ArrayLike, connectivity: int = 8) -> Labels:
    """Label the connected groups of a mask (rows, cols); pixels touching at a corner are connected when it is 8."""
    from scipy.ndimage import label

    labels, _ = label(np.asarray(mask, dtype=bool), structure=_neighbourhood(connectivity))
    return np.asarray(labels, dtype=np.int32)


def sieve(labels: Labels, minimum: int) -> Labels:
    """The same objects without those of fewer than `minimum` pixels, numbered anew."""
    sizes = np.bincount(labels.ravel())
    keep = sizes >= minimum
    keep[:1] = False
    number = np.where(keep, np.cumsum(keep), 0).astype(np.int32)
    return np.asarray(number[labels], dtype=np.int32)


def close_gaps(mask: ArrayLike, width: int) -> Mask:
    """A mask (rows, cols) with its gaps of up to `width` pixels filled: closing with a square one pixel larger.

    A square as in clumping, not a disk: that fills nothing between two single pixels.
    """
    from scipy.ndimage import maximum_filter, minimum_filter

    given = np.asarray(mask, dtype=bool)
    if width < 1:
        return given
    size, (rows, cols) = width + 1, given.shape
    grown = maximum_filter(np.pad(given, (0, width)), size, mode="constant", origin=(size - 1) // 2)
    return np.asarray(minimum_filter(grown, size, mode="constant", origin=-(size // 2))[:rows, :cols], dtype=np.bool_)


def find_objects(
    mask: ArrayLike,
    scores: ArrayLike | None = None,
    cleaning: Cleaning = UNCLEANED,
    geo: Location | None = None,
) -> tuple[Labels, list[DetectedObject]]:
    """Labels and descriptions of the objects of a mask (rows, cols), after its cleaning.

    Raises ValueError when scores and mask differ in shape.
    """
    labels = cleaning.labels(mask)
    return labels, describe_objects(labels, scores, geo)


def describe_objects(
    labels: Labels, scores: ArrayLike | None = None, geo: Location | None = None
) -> list[DetectedObject]:
    """Area, scores, place and box of every object of a label image, in the order of the labels.

    Pixels without a score do not count in `mean` and `peak`. Raises ValueError when the shapes differ.
    """
    found = measure_objects(labels, scores)
    return [
        DetectedObject(
            label=int(found.label[k]),
            area=int(found.area[k]),
            peak=float(found.peak[k]),
            mean=float(found.mean[k]),
            row=float(found.row[k]),
            col=float(found.col[k]),
            peak_row=int(found.peak_row[k]),
            peak_col=int(found.peak_col[k]),
            box=(int(found.box[k, 0]), int(found.box[k, 1]), int(found.box[k, 2]), int(found.box[k, 3])),
            x=x,
            y=y,
        )
        for k, (x, y) in enumerate(_on_map(geo, found))
    ]


def measure_objects(labels: Labels, scores: ArrayLike | None = None) -> ObjectTable:
    """The same as columns, for any number of objects. Raises ValueError when the shapes differ."""
    inside = np.flatnonzero(labels)
    names, first = np.unique(labels.ravel()[inside], return_inverse=True)
    values = np.full(labels.shape, np.nan) if scores is None else np.asarray(scores)
    if values.shape != labels.shape:
        raise ValueError(f"The scores have shape {values.shape} but the labels have shape {labels.shape}.")
    rows, cols = np.divmod(inside, labels.shape[1])
    area = np.bincount(first, minlength=names.size)
    own = values.ravel()[inside].astype(np.float64)
    scored = ~np.isnan(own)
    known = np.bincount(first[scored], minlength=names.size)
    mean = np.full(names.size, np.nan)
    np.divide(np.bincount(first[scored], own[scored], minlength=names.size), known, out=mean, where=known > 0)
    # Ordered by object and, in it, by score: the last of each object is its peak.
    order = np.lexsort((np.where(scored, own, -np.inf), first))
    peaks = order[np.cumsum(area) - 1]
    return ObjectTable(
        label=names,
        area=area,
        peak=own[peaks],
        mean=mean,
        row=np.bincount(first, rows, minlength=names.size) / area,
        col=np.bincount(first, cols, minlength=names.size) / area,
        peak_row=rows[peaks],
        peak_col=cols[peaks],
        box=_boxes(first, rows, cols, names.size),
    )


def truth_objects(truth: ArrayLike, merge: int = MERGE_DISTANCE) -> Labels:
    """Targets of a truth mask (rows, cols): 8-connected regions, those closer than `merge` pixels taken together."""
    mask = np.asarray(truth).astype(bool)
    labels = np.zeros(mask.shape, np.int32)
    labels[mask] = groups(int(np.count_nonzero(mask)), *neighbour_pairs(mask, max(1, merge))) + 1
    return labels


def tolerance_zone(truth: ArrayLike, tolerance: int = 1) -> Mask:
    """The truth mask (rows, cols) grown by `tolerance` pixels on all sides."""
    from scipy.ndimage import maximum_filter

    mask = np.asarray(truth).astype(bool)
    return np.asarray(maximum_filter(mask, size=2 * tolerance + 1, mode="constant"), dtype=np.bool_)


def _neighbourhood(connectivity: int) -> NDArray[np.bool_]:
    if connectivity not in (4, 8):
        raise ValueError(f"Pixels have 4 or 8 neighbours, not {connectivity}.")
    offset = np.abs(np.arange(-1, 2))
    return np.asarray(offset[:, None] + offset <= (1 if connectivity == 4 else 2))


def _boxes(which: NDArray[np.intp], rows: NDArray[np.intp], cols: NDArray[np.intp], count: int) -> NDArray[np.intp]:
    ends = np.zeros((count, 4), np.intp)
    for place, axis in enumerate((rows, cols)):
        ends[:, place] = axis.max(initial=0)
        np.minimum.at(ends[:, place], which, axis)
        np.maximum.at(ends[:, place + 2], which, axis + 1)
    return ends


def _on_map(geo: Location | None, found: ObjectTable) -> list[tuple[float | None, float | None]]:
    """Map x and y of the middle of every object, None where there are none."""
    if geo is None:
        return [(None, None)] * found.count
    places = geo.positions(found.row + 0.5, found.col + 0.5)
    return [(x, y) if np.isfinite(x) else (None, None) for x, y in places.tolist()]
