"""Detections looked at one by one: what was decided of each object, and which object of another mask that was.

A mark keeps the pixels that its object had, so that it finds the object again when threshold or cleaning changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from hadviewer.analysis.objects import Cleaning, Labels, ObjectTable, measure_objects
from hadviewer.analysis.thresholds import apply
from hadviewer.core import runs as runs_of
from hadviewer.core.cube import Cube, Window
from hadviewer.core.geolocation import Location
from hadviewer.core.runs import Runs

if TYPE_CHECKING:
    from hadviewer.engine.session import Session

ReviewState = Literal["pending", "good", "bad"]
STATES: tuple[ReviewState, ...] = get_args(ReviewState)
STATE_COLOURS = ("#f0e442", "#00c48c", "#e07bb5")
"""Told apart by the colour-blind too, on dark and on light ground."""
REACH = 64
"""Spectra are read at most so many pixels around the peak: objects may be as large as the scene."""
GUARD, RING = 1, 3
"""Pixels left free around an object, and the width of the ring of its surroundings."""


@dataclass(frozen=True, eq=False)
class Mark:
    """What was decided of an object of the result with this id, by its pixels and the one of its highest score."""

    result: int
    state: ReviewState
    note: str
    peak: tuple[int, int]
    pixels: Runs


@dataclass(frozen=True, eq=False)
class MaskSource:
    """What a mask is made of: scores and valid pixels (rows, cols), a threshold, and the cleaning."""

    scores: NDArray[np.float32]
    valid: NDArray[np.bool_]
    threshold: float
    cleaning: Cleaning

    def labels(self) -> Labels:
        """Its objects, numbered from 1."""
        return self.cleaning.labels(apply(self.scores, self.threshold), self.valid)

    def mask(self) -> NDArray[np.bool_]:
        """Its pixels."""
        return self.cleaning.clean(apply(self.scores, self.threshold), self.valid)


@dataclass(frozen=True, eq=False)
class Findings:
    """The objects of a mask: object k of ``table`` has the label k + 1.

    ``hits`` says which touch a known anomaly (None without truth), ``agreeing`` how many of ``others`` masks have a
    pixel of them. ``places`` (n, 2) are map x and y of their middles, None without a map.
    """

    labels: Labels
    table: ObjectTable
    hits: NDArray[np.bool_] | None
    agreeing: NDArray[np.intp]
    others: int
    places: NDArray[np.float64] | None = None


@dataclass(frozen=True, eq=False)
class Matched:
    """What is known of each object: its place in STATES, its note, and which marks (by their place) it answers to."""

    states: NDArray[np.uint8]
    notes: tuple[str, ...]
    answering: dict[int, tuple[int, ...]]


@dataclass(frozen=True, eq=False)
class Contrast:
    """The mean spectrum of an object and that of the ring around it (bands,), and how many pixels these are of."""

    inside: NDArray[np.float32]
    around: NDArray[np.float32]
    pixels: int
    ring: int


def find_all(
    source: MaskSource, truth: NDArray[np.bool_] | None, others: Sequence[MaskSource], geo: Location | None = None
) -> Findings:
    """The objects of a mask, held against truth and the masks of other results of the same shape."""
    labels = source.labels()
    table = measure_objects(labels, source.scores)
    agreeing = np.zeros(table.count, np.intp)
    for other in others:
        agreeing += touched(labels, other.mask(), table.count)
    hits = None if truth is None else touched(labels, truth, table.count)
    places = None if geo is None else geo.positions(table.row + 0.5, table.col + 0.5)
    return Findings(labels, table, hits, agreeing, len(others), places)


def touched(labels: Labels, mask: NDArray[np.bool_], count: int) -> NDArray[np.bool_]:
    """Which objects have a pixel in a mask (rows, cols)."""
    found = np.zeros(count + 1, dtype=bool)
    found[labels[mask]] = True
    return found[1:]


def match(labels: Labels, count: int, marks: Sequence[Mark]) -> Matched:
    """Find the objects (0..count-1) that marks are of.

    A mark is of the object with its peak; where that is in none, of the one that has most of its pixels. Objects
    that have grown together are what all their marks agree on, and pending where one was good and one bad.
    """
    answering: dict[int, list[int]] = {}
    for place, mark in enumerate(marks):
        found = _object_of(labels, mark)
        if found is not None:
            answering.setdefault(found, []).append(place)
    states = np.zeros(count, np.uint8)
    notes = [""] * count
    for one, places in answering.items():
        decided = {marks[place].state for place in places} - {"pending"}
        states[one] = STATES.index(decided.pop()) if len(decided) == 1 else 0
        notes[one] = "; ".join(dict.fromkeys(marks[place].note for place in places if marks[place].note))
    return Matched(states, tuple(notes), {one: tuple(places) for one, places in answering.items()})


def contrast(cube: Cube, labels: Labels, number: int, middle: tuple[int, int]) -> Contrast:
    """Read the spectra of object ``number`` (its label) near ``middle``, and of the ring of undetected pixels."""
    (row, col), (rows, cols) = middle, labels.shape
    window = Window(max(0, row - REACH), min(rows, row + REACH + 1), max(0, col - REACH), min(cols, col + REACH + 1))
    own = labels[window.slices] == number
    ring = _grown(own, GUARD + RING) & ~_grown(own, GUARD) & (labels[window.slices] == 0)
    needed = np.argwhere(own | ring)
    (top, left), (bottom, right) = needed.min(axis=0).tolist(), (needed.max(axis=0) + 1).tolist()
    part = slice(top, bottom), slice(left, right)
    seen = Window(window.row0 + top, window.row0 + bottom, window.col0 + left, window.col0 + right)
    values = cube.values(window=seen)
    own, ring = own[part], ring[part]
    return Contrast(_mean(values[own]), _mean(values[ring]), int(own.sum()), int(ring.sum()))


class Reviews:
    """What users decide of the objects of a session's results; each is one step to undo."""

    def __init__(self, session: "Session") -> None:
        self._session = session

    def of(self, result_id: int) -> tuple[Mark, ...]:
        """The marks of a result's objects."""
        return tuple(mark for mark in self._session.state.reviews if mark.result == result_id)

    def become(self, label: str, gone: Sequence[Mark], fresh: Sequence[Mark]) -> None:
        """Put marks in the place of others."""
        former = {id(mark) for mark in gone}
        kept = tuple(mark for mark in self._session.state.reviews if id(mark) not in former)
        if gone or fresh:
            self._session.change(label, reviews=(*kept, *fresh))


def marked(
    findings: Findings,
    matched: Matched,
    result_id: int,
    one: int,
    state: ReviewState | None = None,
    note: str | None = None,
) -> Mark | None:
    """The mark of object ``one`` with another state or note (None: as it was); None where there is nothing to keep."""
    table = findings.table
    row0, col0, row1, col1 = (int(end) for end in table.box[one])
    state = STATES[matched.states[one]] if state is None else state
    note = matched.notes[one] if note is None else note
    if state == "pending" and not note:
        return None
    pixels = runs_of.of_mask(findings.labels[row0:row1, col0:col1] == one + 1, row0, col0)
    return Mark(result_id, state, note, (int(table.peak_row[one]), int(table.peak_col[one])), pixels)


def pixels_of(labels: Labels, chosen: NDArray[np.bool_]) -> Runs:
    """The pixels of the objects that are chosen (count,)."""
    return runs_of.of_mask(np.concatenate([[False], chosen])[labels])


def _object_of(labels: Labels, mark: Mark) -> int | None:
    rows, cols = labels.shape
    row, col = mark.peak
    if row < rows and col < cols and labels[row, col]:
        return int(labels[row, col]) - 1
    bounds = runs_of.bounds(mark.pixels)
    if bounds is None:
        return None
    row0, row1, col0, col1 = bounds
    part = labels[row0:row1, col0:col1]
    inside = runs_of.to_mask(mark.pixels, (row1 - row0, col1 - col0), row0, col0)[: part.shape[0], : part.shape[1]]
    sizes = np.bincount(part[inside], minlength=1)
    sizes[0] = 0
    return int(sizes.argmax()) - 1 if sizes.any() else None


def _grown(mask: NDArray[np.bool_], width: int) -> NDArray[np.bool_]:
    """The mask grown by so many pixels on all sides."""
    for _ in range(width):
        tall = np.pad(mask, ((1, 1), (0, 0)))
        mask = tall[:-2] | tall[1:-1] | tall[2:]
        wide = np.pad(mask, ((0, 0), (1, 1)))
        mask = wide[:, :-2] | wide[:, 1:-1] | wide[:, 2:]
    return mask


def _mean(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean of spectra (pixels, bands) without what is missing; NaN where nothing is left."""
    known = np.isfinite(values)
    count = known.sum(axis=0)
    total = np.where(known, values, 0).sum(axis=0, dtype=np.float64)
    found = np.full(values.shape[1], np.nan)
    np.divide(total, count, out=found, where=count > 0)
    return found.astype(np.float32)
