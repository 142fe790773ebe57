"""Comparing results with each other: how far they agree, as a table, as a map, side by side."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from hadviewer.core.results import DetectionResult
from hadviewer.engine.agreeing import Compared, Comparison, agreement_result, comparable, compare, show_side_by_side
from hadviewer.engine.jobs import Job, JobRunner
from hadviewer.engine.session import Session
from hadviewer.gui.views._figures import figure_text
from hadviewer.gui.views.data import FigureRow

if TYPE_CHECKING:
    from hadviewer.gui.views.agreement_protocols import AgreementViewLike
    from hadviewer.gui.views.protocols import MessagesLike

TOO_FEW = "Run two or more detectors: here is told how far they agree."
NO_MASKS = "Choose thresholds of two or more results first: their masks are compared."


class AgreementController:
    """Keeps the table as the session says while the dock is in front.

    ``chosen()`` are the results marked in the table of results; where these are fewer than two, all are compared.
    """

    def __init__(
        self,
        session: Session,
        jobs: JobRunner,
        view: "AgreementViewLike",
        messages: "MessagesLike",
        chosen: Callable[[], tuple[int, ...]],
    ) -> None:
        self._session, self._jobs, self._view, self._messages, self._chosen = session, jobs, view, messages, chosen
        self._shown: tuple[object, ...] | None = None
        for signal in (session.results_changed, session.layers_changed, session.scene_changed):
            signal.connect(self.follow)
        view.shown_changed.connect(self.follow)
        view.side_by_side_requested.connect(self.show_maps)
        view.map_requested.connect(self.add_map)
        self.follow()

    def show_maps(self) -> None:
        """Show the maps in linked views, one each."""
        compared = comparable(self._session, self._chosen())
        if not show_side_by_side(self._session, [one.entry.id for one in compared]):
            self._messages.info(TOO_FEW)

    def add_map(self) -> None:
        """Add a result that tells how many of the others find each pixel."""
        compared = [one for one in comparable(self._session, self._chosen()) if one.source is not None]
        cube = self._session.cube
        if len(compared) < 2:
            self._messages.info(NO_MASKS)
            return

        def done(result: DetectionResult) -> None:
            if cube is not None and cube.same_pixels(self._session.cube):
                self._session.add_result(result, f"Agreement of {len(compared)}")

        self._jobs.quick(agreement_result, compared, done=done, failed=self._on_failed)

    def follow(self) -> None:
        """Compare anew where results or masks are others, as long as someone looks."""
        compared = comparable(self._session, self._chosen())
        self._view.offer(len(compared), sum(one.source is not None for one in compared))
        if not self._view.in_front:
            return
        wanted = tuple(_decides(one) for one in compared)
        if wanted == self._shown:
            return
        self._shown = wanted
        if len(compared) < 2:
            self._view.show_pairs((), "", TOO_FEW)
            return

        def show(found: Comparison) -> None:
            if self._shown == wanted:
                self._view.show_pairs(_rows(compared, found), _told(found), "")

        self._jobs.quick(compare, compared, key="agreement", patient=True, done=show, failed=self._on_failed)

    def _on_failed(self, job: Job) -> None:
        self._messages.error(job.error, job.details)


def _decides(one: Compared) -> tuple[object, ...]:
    """What of a result decides the table."""
    source = one.source
    mask = None if source is None else (source.threshold, source.cleaning)
    return one.entry.id, one.entry.title, id(one.entry.result), mask


def _rows(compared: tuple[Compared, ...], found: Comparison) -> list[FigureRow]:
    rows = []
    for number, (first, second, one) in enumerate(found.pairs):
        entries = compared[first].entry, compared[second].entry
        masked = all(compared[place].source is not None for place in (first, second))
        pixels = (one.both, one.either) if masked else (float("nan"), float("nan"))
        title = " · ".join(entry.title for entry in entries)
        rows.append(FigureRow(number, title, entries[0].colour, (*pixels, one.jaccard, one.kappa, one.rank)))
    return rows


def _told(found: Comparison) -> str:
    """'Found by 1 of 3: 104 px, by 2: 16, by all: 4'."""
    masks = len(found.found_by)
    if masks < 2:
        return NO_MASKS
    counts = [figure_text(count) for count in found.found_by]
    middle = [f"by {number}: {count}" for number, count in enumerate(counts[1:-1], 2)]
    return ", ".join([f"Pixels found by 1 of {masks}: {counts[0]}", *middle, f"by all: {counts[-1]}"])
