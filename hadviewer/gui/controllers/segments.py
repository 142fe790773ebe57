"""What is known about each superpixel: measured in the background, listed, outlined, exported."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hadviewer.analysis.segments import SegmentTable, measure_segments, segment_frame
from hadviewer.engine.jobs import JobRunner
from hadviewer.engine.segment_export import export_segments
from hadviewer.engine.session import ResultEntry, Segmentation, Session
from hadviewer.gui.views.row_data import Rows
from hadviewer.gui.views.segment_data import SegmentMark

if TYPE_CHECKING:
    from hadviewer.gui.views.protocols import MessagesLike
    from hadviewer.gui.views.segment_protocols import SegmentImageLike, SegmentsViewLike

MOST_SPECTRA = 8
NO_SCENE = "Open a cube and cut it into superpixels: they are listed here."
NONE_YET = "Cut the scene into superpixels in the dock Superpixels: they are listed here."
TIPS = {
    "No.": "Number of the superpixel, from 1, as in exported maps",
    "Pixels": "How many pixels it has",
    "Line": "Line of its middle, from 0",
    "Sample": "Sample of its middle, from 0",
    "Mean": "Mean score of its pixels in the selected result",
    "Highest": "Highest score of its pixels in the selected result",
}


class SegmentsController:
    """Keeps the table as superpixels and selected result are, and shows those that are picked."""

    def __init__(
        self,
        session: Session,
        jobs: JobRunner,
        view: "SegmentsViewLike",
        image: "SegmentImageLike",
        messages: "MessagesLike",
    ) -> None:
        self._session, self._jobs, self._view, self._image, self._messages = session, jobs, view, image, messages
        self._table: SegmentTable | None = None
        self._found: Segmentation | None = None
        session.scene_changed.connect(self._show_scene)
        session.bands_changed.connect(self._show_bands)
        session.segmentation_changed.connect(self._measure)
        session.selected_changed.connect(self._measure)
        view.picked.connect(self.pick)
        self._show_scene()

    # What users ask for

    def pick(self, segments: list[int], *, centre: bool = True) -> None:
        """Outline the first of these superpixels, and show their mean spectra."""
        found, table = self._session.state.segmentation, self._table
        if found is None or table is None or found is not self._found or not segments:
            self._image.mark(None)
            self._view.show_spectra(())
            return
        self._view.show_spectra([(f"Superpixel {one + 1}", found.means[one]) for one in segments[:MOST_SPECTRA]])
        first = segments[0]
        row, col = table.middles[first].round().astype(int).tolist()

        def mark(frame: tuple[int, int, np.ndarray]) -> None:
            if self._session.state.segmentation is found:
                self._image.mark(SegmentMark(*frame, (row, col)), centre=centre)

        self._jobs.quick(segment_frame, found.labels, first, key="segment-mark", done=mark)

    def pick_at(self, row: int, col: int) -> None:
        """Pick the superpixel of a pixel in the table, where the pixel is in one; the image stays where it is."""
        found = self._session.state.segmentation
        if found is None or found is not self._found:
            return
        label = int(found.labels[row, col])
        self._view.select(label if label >= 0 else None)
        self.pick([label] if label >= 0 else [], centre=False)

    def export(self, path: Path) -> None:
        """Write the table or the map of the superpixels, as the ending of the name says."""
        found, cube = self._session.state.segmentation, self._session.cube
        if found is None or cube is None:
            self._messages.warn("There are no superpixels to export. Compute them first.")
            return
        self._jobs.quick(
            export_segments,
            path,
            cube,
            found,
            self._entry(found),
            title=f"Export {path.name}",
            done=self._written,
            failed=lambda job: self._messages.error(f"The superpixels were not exported: {job.error}", job.details),
        )

    # What becomes of it

    def _written(self, paths: list[Path]) -> None:
        self._messages.info(f"The superpixels are in {' and '.join(str(path) for path in paths)}.")

    def _entry(self, found: Segmentation) -> ResultEntry | None:
        """The selected result, where it is of the same scene."""
        entry = self._session.selected
        return entry if entry is not None and entry.result.scores.shape == found.labels.shape else None

    def _show_scene(self) -> None:
        self._show_bands()
        self._measure()

    def _show_bands(self) -> None:
        cube = self._session.cube
        if cube is None:
            self._view.set_bands(None)
        else:
            quantity = f"{cube.quantity} ({cube.unit})" if cube.unit else cube.quantity
            self._view.set_bands(cube.bands.mask, cube.bands.centres, quantity)

    def _measure(self) -> None:
        found = self._session.state.segmentation
        if found is None:
            self._show(None, None, None)
            return
        entry = self._entry(found)

        def show(table: SegmentTable) -> None:
            if self._session.state.segmentation is found:
                self._show(found, table, entry)

        scores = None if entry is None else entry.result.scores
        self._jobs.quick(measure_segments, found.labels, found.count, scores, key="segment-table", done=show)

    def _show(self, found: Segmentation | None, table: SegmentTable | None, entry: ResultEntry | None) -> None:
        self._found, self._table = found, table
        if table is None:
            self._view.set_rows(Rows(), NO_SCENE if self._session.cube is None else NONE_YET)
        else:
            columns = {
                "No.": np.arange(1, len(table.pixels) + 1),
                "Pixels": table.pixels,
                "Line": np.round(table.middles[:, 0], 1),
                "Sample": np.round(table.middles[:, 1], 1),
            }
            if entry is not None:
                columns |= {"Mean": table.mean, "Highest": table.highest}
            self._view.set_rows(Rows(columns, TIPS), "")
        self.pick([])
