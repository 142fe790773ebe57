"""What a run shows while it works: curves and pictures by step, kept within a memory cap so that one can go back."""

import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from hadviewer.render.pyramid import base_step, shrink_max, shrink_pick

Kind = Literal["map", "colours", "matrix"]

SCORES = "Anomaly map"
"""The name of the film that unfinished score maps make."""
MOST_PIXELS = 1 << 20
"""Pictures with more pixels are kept smaller."""
MOST_FRAMES = 400
"""Frames of one film; with more, every second is dropped."""
LEAST_FRAMES = 2
"""Frames that are kept of every film as long as anything else can go: the first and the last."""


@dataclass(frozen=True, eq=False)
class Frame:
    """A picture at a step: float32 (rows, cols) of a scene, uint8 (rows, cols, 3) colours, or a float32 matrix."""

    step: int
    array: NDArray[Any]
    kind: Kind


def compact(step: int, content: NDArray[Any], shape: tuple[int, int], most: int = MOST_PIXELS) -> Frame | None:
    """A reported picture as it is kept; ``shape`` is the scene's. None for what is neither map, colours nor matrix.

    Large pictures are kept smaller: of maps and matrices the maximum of neighbours stays, so that no hot pixel goes.
    """
    if 0 in content.shape:
        return None
    if content.ndim == 3 and content.shape[2] == 3:
        small = shrink_pick(content, base_step(content.shape[:2], most))
        colours = np.rint(np.clip(np.nan_to_num(small), 0, 1) * 255).astype(np.uint8)
        return Frame(step, colours, "colours")
    if content.ndim != 2:
        return None
    kind: Kind = "map" if content.shape == shape else "matrix"
    rows, cols = content.shape
    plane = shrink_max(np.asarray(content, dtype=np.float32), base_step((rows, cols), most))
    return Frame(step, np.array(plane), kind)


class Film:
    """The pictures of one name. Thinned films take every second (fourth, ...) picture, and always the last."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.nbytes = 0
        self._numbers: list[int] = []
        self._seen, self._every = 0, 1

    def add(self, frame: Frame) -> None:
        """Append a frame; it takes the place of the last where that is of the same step, or not one to keep."""
        if self.frames and frame.step <= self.frames[-1].step:
            number = self._numbers[-1]
            self._drop(len(self.frames) - 1)
        else:
            number = self._seen
            self._seen += 1
            if self._numbers and self._numbers[-1] % self._every:
                self._drop(len(self.frames) - 1)
        self.frames.append(frame)
        self._numbers.append(number)
        self.nbytes += frame.array.nbytes
        if len(self.frames) > MOST_FRAMES:
            self.thin()

    def thin(self) -> bool:
        """Drop every second frame but the last; False where there is none to drop."""
        if len(self.frames) <= LEAST_FRAMES:
            return False
        self._every *= 2
        for place in range(len(self.frames) - 2, -1, -1):
            if self._numbers[place] % self._every:
                self._drop(place)
        return True

    def at(self, step: int) -> Frame | None:
        """The picture as it was at a step: the last one up to it; the first where there is none before."""
        if not self.frames:
            return None
        place = bisect_right(self.frames, step, key=lambda frame: frame.step)
        return self.frames[max(0, place - 1)]

    def copy(self) -> "Film":
        """The same frames in a film of its own."""
        other = Film()
        other.frames, other.nbytes = list(self.frames), self.nbytes
        return other

    def _drop(self, place: int) -> None:
        self.nbytes -= self.frames[place].array.nbytes
        del self.frames[place], self._numbers[place]


@dataclass(eq=False)
class Curve:
    """The points of a curve as they come."""

    x: "array.array[float]" = field(default_factory=lambda: array.array("d"))
    y: "array.array[float]" = field(default_factory=lambda: array.array("d"))

    def copy(self) -> "Curve":
        """The same points in a curve of its own."""
        return Curve(self.x[:], self.y[:])

    def points(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """x and y so far, as arrays of their own."""
        return np.array(self.x), np.array(self.y)


@dataclass(eq=False)
class Recording:
    """All that one run has shown.

    ``shape`` is that of the scene or of the part it runs on; ``areas`` are the areas under the ROC curve of its
    unfinished maps by step, where the truth is known. A second training within a run goes on counting its steps.
    """

    id: int
    title: str
    shape: tuple[int, int]
    curves: dict[str, Curve] = field(default_factory=dict)
    films: dict[str, Film] = field(default_factory=dict)
    areas: dict[int, float] = field(default_factory=dict)
    ended: bool = False
    step: int = 0
    _before: int = 0

    def point(self, name: str, x: float, y: float) -> None:
        """Add a point to a curve."""
        curve = self.curves.setdefault(name, Curve())
        if curve.x and x + self._before < curve.x[-1]:
            self._before = self.step
        curve.x.append(x + self._before)
        curve.y.append(y)
        self.step = max(self.step, int(x) + self._before)

    def place(self, step: int | None) -> int:
        """The step in this run of a picture's own; None stands for that of the last point, or for the next number."""
        if step is not None:
            self.step = max(self.step, step + self._before)
            return step + self._before
        if not self.curves:
            self.step += 1
        return self.step

    @property
    def steps(self) -> list[int]:
        """The steps of which there is a picture, rising."""
        return sorted({frame.step for film in self.films.values() for frame in film.frames})

    @property
    def nbytes(self) -> int:
        """Bytes of its pictures."""
        return sum(film.nbytes for film in self.films.values())

    def at(self, step: int) -> dict[str, Frame]:
        """Every picture as it was at a step, the anomaly map first."""
        names = sorted(self.films, key=lambda name: name != SCORES)
        return {name: frame for name in names if (frame := self.films[name].at(step)) is not None}

    def copy(self) -> "Recording":
        """As it is now, for work in another thread; the pictures themselves are shared."""
        return replace(
            self,
            curves={name: curve.copy() for name, curve in self.curves.items()},
            films={name: film.copy() for name, film in self.films.items()},
            areas=dict(self.areas),
        )

    def thin(self) -> bool:
        """Drop every second picture of all films; False where there is none to drop."""
        thinned = [film.thin() for film in self.films.values()]
        return any(thinned)


class Recordings:
    """The recordings of all runs, whose pictures together take at most ``limit`` bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._all: list[Recording] = []

    def __iter__(self) -> Iterator[Recording]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    @property
    def nbytes(self) -> int:
        """Bytes of all pictures."""
        return sum(item.nbytes for item in self._all)

    def find(self, number: int | None) -> Recording | None:
        """The recording with this id."""
        return next((item for item in self._all if item.id == number), None)

    def enter(self, recording: Recording) -> None:
        """List a recording, unless it is listed already."""
        if recording not in self._all:
            self._all.append(recording)

    def forget(self, number: int) -> None:
        """Take a recording off the list."""
        self._all = [item for item in self._all if item.id != number]

    def keep(self, recording: Recording, name: str, frame: Frame) -> None:
        """Add a picture to a film and make room for it.

        Of the recording that takes most room every second picture goes; where nothing can be thinned any more, the
        oldest pictures go altogether.
        """
        recording.films.setdefault(name, Film()).add(frame)
        while self.nbytes > self._limit:
            by_size = sorted(self._all, key=lambda item: item.nbytes, reverse=True)
            if not any(item.thin() for item in by_size):
                next(item for item in self._all if item.films).films.clear()


def area_of(scores: NDArray[Any], truth: NDArray[np.bool_] | None) -> float:
    """The area under the ROC curve of an unfinished map; NaN without a truth of its size."""
    from hadviewer.analysis.roc import auc

    return float("nan") if truth is None or truth.shape != scores.shape else float(auc(scores, truth))
