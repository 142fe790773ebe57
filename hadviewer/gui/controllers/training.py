"""Runs watched while they learn: what they report is recorded, compared with the truth, shown and exported."""

import itertools
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import ReferenceType, ref

import numpy as np
from numpy.typing import NDArray
from psygnal import Signal

from hadviewer.core.colours import CATEGORIES
from hadviewer.core.cube import Cube, CubeSource, Window
from hadviewer.engine.film import SCORES, Frame, Recording, Recordings, area_of, compact
from hadviewer.engine.film_export import ends_text, export_curves, export_film, export_pictures
from hadviewer.engine.jobs import Job, JobRunner, Report
from hadviewer.engine.session import Session
from hadviewer.gui.views.data import PlotLine, TrainingRun, TrainingTile
from hadviewer.render.film import frame_picture

if TYPE_CHECKING:
    from hadviewer.gui.views.protocols import MessagesLike, TrainingViewLike

LIMIT_BYTES = 256 << 20
"""Memory for the pictures of all runs."""
MOST_POINTS = 2000
"""Points of a drawn curve."""
LOSS_COLOURS = CATEGORIES
AREA_COLOURS = (*CATEGORIES[2:], *CATEGORIES[:2])
NOWHERE = Window(0, 0, 0, 0)
Truth = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Taken:
    """A reported picture on its way into a film: its name, its step in the run, and the array."""

    name: str
    step: int
    content: NDArray[Any]


@dataclass(eq=False)
class Watched:
    """A run that is recorded: on which part of which cube, what waits to be kept, whether a job is at it.

    The cube is only recognised, not kept: one that nobody else needs any more may be large.
    """

    recording: Recording
    place: "ReferenceType[CubeSource] | None"
    region: Window
    waiting: list[Taken] = field(default_factory=list)
    busy: bool = False

    def runs_on(self, cube: Cube | None) -> bool:
        """Whether it is this cube that it runs, or ran, on."""
        return cube is not None and self.place is not None and self.place() is cube.source


class TrainingController:
    """Records what runs report; the truth meets their unfinished maps here and never gets to a detector.

    A run is listed from its first curve or picture on. Pictures are made ready to keep by one job at a time for each
    run, so that they stay in order; the view says when it wants to show them.

    Signals: ``unfinished_changed(map (rows, cols) or None)`` what to lay over the image while a detector runs.
    """

    unfinished_changed = Signal(object)

    def __init__(
        self,
        session: Session,
        jobs: JobRunner,
        view: "TrainingViewLike",
        messages: "MessagesLike",
        limit: int = LIMIT_BYTES,
    ) -> None:
        self._session, self._jobs, self._view, self._messages = session, jobs, view, messages
        self._numbers = itertools.count(1)
        self._recordings = Recordings(limit)
        self._watched: dict[int, Watched] = {}
        self._chosen: int | None = None
        self._at: int | None = None
        self._overlay = True
        self._tiles: dict[str, tuple[Frame, TrainingTile]] = {}
        self._drawing = self._stale = False
        session.scene_changed.connect(self._compare)
        session.first_pixel_changed.connect(self._count)
        jobs.job_ended.connect(self._end)
        view.due.connect(self.show)
        view.run_chosen.connect(self.choose)
        view.step_chosen.connect(self._go_to)
        view.overlay_toggled.connect(self._set_overlay)
        view.forget_requested.connect(self.forget)
        view.curves_export_requested.connect(lambda path: self._export(path, export_curves))
        view.film_export_requested.connect(lambda path: self._export(path, export_film))
        view.pictures_export_requested.connect(self._export_pictures)

        self._count()

    # What runs report

    def watch(self, title: str, cube: Cube | None = None, region: Window | None = None) -> Report:
        """What a run that is about to start reports to; ``title`` is that of its job. None: a run without a scene."""
        part = region or (NOWHERE if cube is None else cube.window)
        recording = Recording(next(self._numbers), title, part.shape)
        watched = Watched(recording, None if cube is None else ref(cube.source), part)

        def report(kind: str, content: Any) -> None:
            self._enter(watched)
            if kind == "curve":
                recording.point(*content)
            elif kind == "preview":
                self._take(watched, Taken(SCORES, recording.place(None), content))
                self._lay(watched, content)
            else:
                name, step, picture = content
                self._take(watched, Taken(name, recording.place(step), picture))
            self._view.announce()

        return report

    def _enter(self, watched: Watched) -> None:
        """List a run, and show it, once it reports something."""
        if watched.recording.id not in self._watched:
            self._watched[watched.recording.id] = watched
            self._recordings.enter(watched.recording)
            self.choose(watched.recording.id)

    def _take(self, watched: Watched, taken: Taken) -> None:
        watched.waiting.append(taken)
        self._keep_waiting(watched)

    def _keep_waiting(self, watched: Watched) -> None:
        """Make ready what waits, in a job; what comes meanwhile goes into the next."""
        if watched.busy or not watched.waiting:
            return
        batch, watched.waiting = watched.waiting, []
        watched.busy = True
        recording, truth = watched.recording, self._truth_of(watched)

        def keep(found: tuple[list[tuple[str, Frame]], dict[int, float]]) -> None:
            watched.busy = False
            frames, areas = found
            for name, frame in frames:
                self._recordings.keep(recording, name, frame)
            if truth is not None and truth is self._truth_of(watched):
                recording.areas |= areas
            self._view.announce()
            self._keep_waiting(watched)

        def fail(job: Job) -> None:
            watched.busy = False
            self._messages.error(f"A picture of {recording.title} cannot be kept: {job.error}", job.details)

        part = None if truth is None else truth[watched.region.slices]
        self._jobs.quick(ready, batch, recording.shape, part, done=keep, failed=fail)

    def _lay(self, watched: Watched, scores: NDArray[np.float32]) -> None:
        cube = self._session.cube
        if self._overlay and cube is not None and watched.runs_on(cube) and scores.shape == cube.shape[:2]:
            self.unfinished_changed.emit(scores)

    def _end(self, job: Job) -> None:
        for watched in self._watched.values():
            if watched.recording.title == job.title and not watched.recording.ended:
                watched.recording.ended = True
                self.unfinished_changed.emit(None)
                self._view.announce()

    def _set_overlay(self, shown: bool) -> None:
        self._overlay = shown
        if not shown:
            self.unfinished_changed.emit(None)

    # Against the truth

    def _truth_of(self, watched: Watched) -> Truth | None:
        """The truth of the scene a run works on, as long as that is open."""
        truth = self._session.truth
        return truth.mask if truth is not None and watched.runs_on(self._session.cube) else None

    def _count(self) -> None:
        self._view.count_from(self._session.first_pixel)

    def _compare(self) -> None:
        """Another truth: compare every map kept so far with it, in the background."""
        for watched in self._watched.values():
            if watched.runs_on(self._session.cube):
                watched.recording.areas = {}
                self._compare_one(watched)
        self._view.announce()

    def _compare_one(self, watched: Watched) -> None:
        recording, truth = watched.recording, self._truth_of(watched)
        film = recording.films.get(SCORES)
        if truth is None or film is None:
            return

        def keep(areas: dict[int, float]) -> None:
            if truth is self._truth_of(watched):
                recording.areas = areas | recording.areas
                self._view.announce()

        self._jobs.quick(areas_of, list(film.frames), truth[watched.region.slices], done=keep)

    # What the user asks for

    def choose(self, number: int) -> None:
        """Show another run, from its end on."""
        self._chosen, self._at = number, None
        self._tiles = {}
        self._view.announce()

    def forget(self) -> None:
        """Take the shown run off the list; show the last of the others."""
        if self._chosen is not None:
            self._recordings.forget(self._chosen)
            self._watched.pop(self._chosen, None)
        last = max((item.id for item in self._recordings), default=None)
        self._chosen, self._at, self._tiles = last, None, {}
        self.show()

    def _go_to(self, step: int | None) -> None:
        self._at = step
        self._draw()

    def _export(self, path: Path, write: Callable[..., Any], *more: Any) -> None:
        recording = self._recordings.find(self._chosen)
        if recording is not None:
            self._jobs.quick(
                write,
                path,
                recording.copy(),
                *more,
                done=lambda written: self._messages.info(_told(written)),
                failed=lambda job: self._messages.error(job.error, job.details),
            )

    def _export_pictures(self, folder: Path) -> None:
        step = self._step()
        if step is not None:
            self._export(folder, export_pictures, step)

    # What is shown

    def show(self) -> None:
        """Bring the view up to date."""
        runs = [TrainingRun(item.id, item.title, not item.ended) for item in self._recordings]
        self._view.set_runs(runs, self._chosen)
        recording = self._recordings.find(self._chosen)
        losses = [] if recording is None else losses_of(recording)
        areas = [] if recording is None else self._areas()
        self._view.set_curves(losses, areas, self._chosen)
        steps = [] if recording is None else recording.steps
        self._view.set_steps(steps, self._place(steps), self._at is None)
        self._draw()

    def _areas(self) -> list[PlotLine]:
        """The areas of all runs on the open scene, that of the chosen run first."""
        colours = itertools.cycle(AREA_COLOURS)
        found = []
        for watched, colour in zip(self._watched.values(), colours, strict=False):
            recording = watched.recording
            if recording.areas and watched.place == self._watched[self._chosen or 0].place:
                steps = sorted(recording.areas)
                y = np.array([recording.areas[step] for step in steps])
                title = "AUC" if recording.id == self._chosen else f"AUC {recording.title}"
                found.append(PlotLine(recording.id, title, colour, np.array(steps, dtype=float), y))
        return sorted(found, key=lambda line: line.id != self._chosen)

    def _step(self) -> int | None:
        """The step in sight."""
        recording = self._recordings.find(self._chosen)
        steps = [] if recording is None else recording.steps
        return steps[self._place(steps)] if steps else None

    def _place(self, steps: list[int]) -> int:
        """Where the step in sight stands among those there are: it may have been dropped for want of memory."""
        place = len(steps) if self._at is None else bisect_right(steps, self._at)
        return max(0, place - 1)

    def _draw(self) -> None:
        """Have the pictures of the step drawn; one job at a time, the last wanted follows."""
        recording, step = self._recordings.find(self._chosen), self._step()
        if self._drawing:
            self._stale = True
            return
        if recording is None or step is None:
            self._view.set_tiles([])
            return
        frames = recording.at(step)
        known = {name: tile for name, (frame, tile) in self._tiles.items() if frames.get(name) is frame}
        if known.keys() == frames.keys():
            self._view.set_tiles([known[name] for name in frames])
            return
        self._drawing = True

        def keep(drawn: dict[str, TrainingTile]) -> None:
            self._drawing = False
            tiles = {name: known.get(name) or drawn[name] for name in frames}
            if self._chosen == recording.id:
                self._tiles = {name: (frames[name], tile) for name, tile in tiles.items()}
                self._view.set_tiles(list(tiles.values()))
            if self._stale:
                self._stale = False
                self._draw()

        def fail(job: Job) -> None:
            self._drawing = self._stale = False
            self._messages.error(f"The pictures of {recording.title} cannot be drawn: {job.error}", job.details)

        wanted = {name: frame for name, frame in frames.items() if name not in known}
        self._jobs.quick(draw_tiles, wanted, done=keep, failed=fail)


def ready(
    batch: list[Taken], shape: tuple[int, int], truth: Truth | None
) -> tuple[list[tuple[str, Frame]], dict[int, float]]:
    """Pictures as they are kept, and the area under the ROC curve of the last unfinished map; for a job."""
    found = [(taken.name, compact(taken.step, taken.content, shape)) for taken in batch]
    frames = [(name, frame) for name, frame in found if frame is not None]
    last = next((taken for taken in reversed(batch) if taken.name == SCORES), None)
    areas = {} if last is None else {last.step: area_of(last.content, truth)}
    return frames, {step: area for step, area in areas.items() if np.isfinite(area)}


def areas_of(frames: list[Frame], truth: Truth) -> dict[int, float]:
    """The areas under the ROC curves of kept maps by step; for a job."""
    areas = {frame.step: area_of(frame.array, truth) for frame in frames}
    return {step: area for step, area in areas.items() if np.isfinite(area)}


def draw_tiles(frames: dict[str, Frame]) -> dict[str, TrainingTile]:
    """Frames in their colours; for a job."""
    tiles = {}
    for name, frame in frames.items():
        rgba, ends = frame_picture(frame.array, frame.kind)
        values = None if frame.kind == "colours" else frame.array
        tiles[name] = TrainingTile(name, ends_text(ends).removeprefix(", "), np.ascontiguousarray(rgba), values)
    return tiles


def losses_of(recording: Recording) -> list[PlotLine]:
    """The curves of a run as they are drawn."""
    lines = []
    for (name, curve), colour in zip(recording.curves.items(), itertools.cycle(LOSS_COLOURS), strict=False):
        x, y = curve.points()
        kept = np.unique(np.linspace(0, len(x) - 1, min(len(x), MOST_POINTS)).astype(int))
        lines.append(PlotLine(recording.id, name, colour, x[kept], y[kept]))
    return lines


def _told(written: Path | list[Path]) -> str:
    if isinstance(written, Path):
        return f"The training was written to {written}."
    return f"{len(written)} pictures were written into {written[0].parent}."
