"""Looking at the detected objects one by one: the table, what is decided of them, and what is made of the good ones."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hadviewer.analysis.segments import segment_frame
from hadviewer.core.region import Patch
from hadviewer.core.runs import to_mask
from hadviewer.engine.jobs import Job, JobRunner
from hadviewer.engine.review import (
    STATE_COLOURS,
    STATES,
    Contrast,
    Findings,
    MaskSource,
    Matched,
    ReviewState,
    contrast,
    find_all,
    marked,
    match,
    pixels_of,
)
from hadviewer.engine.session import ResultEntry, Session
from hadviewer.gui.controllers._review_rows import counts_of, rows_of
from hadviewer.gui.views.review_data import ReviewMap, ReviewRows
from hadviewer.gui.views.segment_data import SegmentMark
from hadviewer.gui.views.spectrum_data import SEGMENT, Curve

if TYPE_CHECKING:
    from hadviewer.core.cube import Truth
    from hadviewer.gui.views.protocols import MessagesLike
    from hadviewer.gui.views.review_protocols import ReviewImageLike, ReviewViewLike

NO_RESULT = "Run a detector and choose a threshold: the objects above it are listed here."
NO_MASK = "Choose a threshold in the dock Threshold, or press T: the objects above it are listed here."
NO_OBJECTS = "Nothing lies above the threshold."
MOST_AT_ONCE = 2000
"""So many objects are judged at one time: the window waits meanwhile."""


@dataclass(frozen=True, eq=False)
class _Subject:
    """The mask whose objects are reviewed, and what they are held against."""

    entry: ResultEntry
    source: MaskSource
    truth: "Truth | None"
    others: tuple[MaskSource, ...]

    @property
    def key(self) -> tuple[object, ...]:
        """Equal where the objects would be the same."""
        masks = ((id(one.scores), one.threshold, one.cleaning) for one in (self.source, *self.others))
        return (self.entry.id, id(self.truth), *masks)


class ReviewController:
    """Keeps table, image and marks in step while the dock is in front."""

    def __init__(
        self,
        session: Session,
        jobs: JobRunner,
        view: "ReviewViewLike",
        image: "ReviewImageLike",
        messages: "MessagesLike",
    ) -> None:
        self._session, self._jobs, self._view, self._image, self._messages = session, jobs, view, image, messages
        self._subject: _Subject | None = None
        self._found: Findings | None = None
        self._matched: Matched | None = None
        self._looked_at: int | None = None
        self._peak: tuple[int, int] | None = None
        for signal in (session.scene_changed, session.selected_changed, session.layers_changed):
            signal.connect(self._follow)
        session.scene_changed.connect(self._show_bands)
        session.bands_changed.connect(self._show_bands)
        session.reviews_changed.connect(self._show)
        view.shown_changed.connect(self._follow)
        view.picked.connect(self.pick)
        view.judged.connect(self.judge)
        view.noted.connect(self.note)
        view.filtered.connect(self._colour)
        view.region_requested.connect(self.make_region)
        view.truth_requested.connect(self.make_truth)
        self._show_bands()
        self._follow()

    # What users ask for

    def pick(self, objects: list[int], *, centre: bool = True) -> None:
        """Outline the first of these objects in the middle of the image, and show its spectra."""
        found, cube = self._found, self._session.cube
        self._looked_at = self._peak = None
        if not objects or found is None or cube is None:
            self._image.mark(None)
            self._view.show_curves(())
            return
        one, table = objects[0], found.table
        peak = int(table.peak_row[one]), int(table.peak_col[one])
        self._looked_at, self._peak = one, peak
        row0, col0, row1, col1 = (int(end) for end in table.box[one])
        row, col, mask = segment_frame(found.labels[row0:row1, col0:col1], one + 1)
        self._image.mark(SegmentMark(row0 + row, col0 + col, mask, peak), centre=centre)

        def show(seen: Contrast) -> None:
            if self._found is found and self._looked_at == one:
                self._view.show_curves(self._curves(one, seen))

        self._jobs.quick(
            contrast, cube, found.labels, one + 1, peak, key="review-contrast", done=show, failed=self._on_failed
        )

    def pick_at(self, row: int, col: int) -> None:
        """Pick the object of a pixel, where the pixel is in one; the image stays where it is."""
        found = self._found
        if found is not None and self._view.in_front and found.labels[row, col]:
            one = int(found.labels[row, col]) - 1
            self._view.select(one)
            self.pick([one], centre=False)

    def judge(self, objects: list[int], state: ReviewState) -> None:
        """Say of these objects that they are good, bad or pending."""
        label = "Review again" if state == "pending" else f"Mark as {state}"
        self._change(label, objects, state=state)

    def note(self, one: int, text: str) -> None:
        """Write down something about an object."""
        self._change("Note", [one], note=text)

    def make_region(self) -> None:
        """Make a region of interest of the good objects."""
        found, good = self._good()
        if found is not None and self._subject is not None:
            name = f"Good objects of {self._subject.entry.title}"
            region = self._session.regions.add([Patch(pixels_of(found.labels, good))], name)
            self._messages.info(f"{int(good.sum())} objects are in the region {region.name}.")

    def export(self, path: Path) -> None:
        """Write all objects with what was decided of them, as the ending of the name says."""
        from hadviewer.engine.review_export import export_review

        subject = self._subject
        if subject is None:
            self._messages.warn("There are no objects to export. Choose a threshold first.")
            return
        self._jobs.quick(
            export_review,
            path,
            subject.entry.result,
            subject.source.threshold,
            subject.source.cleaning,
            self._session.cube,
            self._session.reviews.of(subject.entry.id),
            title=f"Export {path.name}",
            patient=True,
            done=lambda paths: self._messages.info(f"The objects are in {' and '.join(map(str, paths))}."),
            failed=lambda job: self._messages.error(f"The objects were not exported: {job.error}", job.details),
        )

    def make_truth(self) -> None:
        """Take the good objects as the known anomalies."""
        from hadviewer.core.cube import Truth

        found, good = self._good()
        if found is not None and self._subject is not None:
            mask = to_mask(pixels_of(found.labels, good), found.labels.shape)
            self._session.set_truth(Truth(mask, f"Good objects of {self._subject.entry.title}"))

    # What becomes of it

    def _change(
        self, label: str, objects: list[int], *, state: ReviewState | None = None, note: str | None = None
    ) -> None:
        found, subject, matched = self._found, self._subject, self._matched
        if found is None or subject is None or matched is None or not objects:
            return
        if len(objects) > MOST_AT_ONCE:
            self._messages.warn(f"At most {MOST_AT_ONCE} objects are judged at a time. Filter or pick fewer.")
            return
        marks = self._session.reviews.of(subject.entry.id)
        gone = [marks[place] for one in objects for place in matched.answering.get(one, ())]
        made = (marked(found, matched, subject.entry.id, one, state, note) for one in objects)
        self._session.reviews.become(label, gone, [mark for mark in made if mark is not None])

    def _good(self) -> tuple[Findings | None, np.ndarray]:
        good = np.zeros(0, bool) if self._matched is None else self._matched.states == STATES.index("good")
        return (self._found, good) if good.any() else (None, good)

    def _follow(self) -> None:
        """Find the objects anew where the mask is another, as long as someone looks."""
        subject = self._present()
        if not self._view.in_front:
            self._image.show_objects(None)
            self._image.mark(None)
            return
        same = None if subject is None else subject.key
        if self._subject is not None and self._found is not None and self._subject.key == same:
            self._colour()
            return
        self._subject, self._found, self._matched = subject, None, None
        if subject is None:
            hint = NO_RESULT if self._session.selected is None else NO_MASK
            self._view.set_rows(ReviewRows(), "", hint)
            self._view.set_good(0)
            self._image.show_objects(None)
            self.pick([])
            return

        def show(found: Findings) -> None:
            if self._subject is subject:
                self._found = found
                self._show()
                self._look_again()

        truth = None if subject.truth is None else subject.truth.mask
        geo = None if self._session.cube is None else self._session.cube.geo
        self._jobs.quick(
            find_all,
            subject.source,
            truth,
            subject.others,
            geo,
            key="review",
            patient=True,
            done=show,
            failed=self._on_failed,
        )

    def _look_again(self) -> None:
        """Pick the object that has the peak of the one looked at before; the image stays where it is."""
        found, peak = self._found, self._peak
        assert found is not None
        inside = peak is not None and peak[0] < found.labels.shape[0] and peak[1] < found.labels.shape[1]
        label = int(found.labels[peak]) if inside else 0
        self._view.select(label - 1 if label else None)
        self.pick([label - 1] if label else [], centre=False)

    def _present(self) -> _Subject | None:
        session, entry = self._session, self._session.selected
        source = None if entry is None else self._source(entry)
        if entry is None or source is None:
            return None
        shape = entry.result.scores.shape
        alike = [item for item in session.state.results if item is not entry and item.result.scores.shape == shape]
        others = [found for item in alike if (found := self._source(item)) is not None]
        truth = session.truth if session.truth is not None and session.truth.mask.shape == shape else None
        return _Subject(entry, source, truth, tuple(others))

    def _source(self, entry: ResultEntry) -> MaskSource | None:
        layer = self._session.mask_layer(entry.id)
        if layer is None or layer.threshold is None:
            return None
        return MaskSource(entry.result.scores, entry.result.valid, layer.threshold, layer.cleaning)

    def _show(self) -> None:
        """Show the objects with what was decided of them."""
        found, subject, cube = self._found, self._subject, self._session.cube
        if found is None or subject is None:
            return
        self._matched = match(found.labels, found.table.count, self._session.reviews.of(subject.entry.id))
        rows = rows_of(found, self._matched, None if cube is None else cube.geo)
        self._view.set_rows(rows, counts_of(found, self._matched), "" if found.table.count else NO_OBJECTS)
        self._view.set_good(int((self._matched.states == STATES.index("good")).sum()))
        self._colour()

    def _colour(self) -> None:
        """Colour the objects that the filter keeps."""
        found, matched = self._found, self._matched
        if found is None or matched is None or not self._view.in_front:
            return
        states = np.zeros(found.table.count + 1, np.uint8)
        states[1:] = np.where(self._view.kept(), matched.states + 1, 0)
        self._image.show_objects(ReviewMap(found.labels, states, found.table.peak_row, found.table.peak_col))

    def _curves(self, one: int, seen: Contrast) -> list[Curve]:
        state = 0 if self._matched is None else int(self._matched.states[one])
        curves = [
            Curve(1, f"Object {one + 1} ({seen.pixels} px)", seen.inside, STATE_COLOURS[state] if state else "#e8710a")
        ]
        if seen.ring:
            curves.append(Curve(SEGMENT, f"Surroundings ({seen.ring} px)", seen.around))
        return curves

    def _show_bands(self) -> None:
        cube = self._session.cube
        if cube is None:
            self._view.set_bands(None)
        else:
            quantity = f"{cube.quantity} ({cube.unit})" if cube.unit else cube.quantity
            self._view.set_bands(cube.bands.mask, cube.bands.centres, quantity)

    def _on_failed(self, job: Job) -> None:
        self._messages.error(job.error, job.details)
