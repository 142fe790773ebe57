"""Bad bands: marks made on the plot and in their window, and what the values suggest."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from hadviewer.analysis.band_lists import lists_for
from hadviewer.core.bands import BandSet, select_bands, write_bands
from hadviewer.core.cube import Cube
from hadviewer.core.errors import ParamError
from hadviewer.engine import bad_bands
from hadviewer.engine.jobs import Job, JobRunner
from hadviewer.engine.session import Session
from hadviewer.engine.tasks import CubeReference
from hadviewer.gui.views.library_data import BandRow

if TYPE_CHECKING:
    from hadviewer.analysis.bad_bands import BandReport
    from hadviewer.gui.views.library_protocols import BadBandsDialogLike, BandMarkerLike
    from hadviewer.gui.views.protocols import MessagesLike


class BadBandsController:
    """Keeps the window of bad bands as the session says; a suggestion belongs to one scene, whatever is marked."""

    def __init__(
        self,
        session: Session,
        jobs: JobRunner,
        dialog: "BadBandsDialogLike",
        marker: "BandMarkerLike",
        messages: "MessagesLike",
    ) -> None:
        self._session, self._jobs, self._dialog, self._messages = session, jobs, dialog, messages
        self._cube: Cube | None = None
        self._report: BandReport | None = None
        self._job: Job | None = None
        session.scene_changed.connect(self._show_scene)
        session.bands_changed.connect(self._show)
        jobs.job_changed.connect(self._show_progress)
        jobs.job_ended.connect(self._end)
        marker.marked.connect(self.mark)
        marker.table_requested.connect(self.present)
        dialog.marked.connect(self.mark)
        dialog.typed.connect(self.select)
        dialog.list_chosen.connect(self.use_list)
        dialog.all_good_requested.connect(self.use_all)
        dialog.restore_requested.connect(self.restore)
        dialog.suggestion_requested.connect(self.suggest)
        dialog.suggestion_accepted.connect(self.accept)
        dialog.cancel_requested.connect(self.cancel)
        self._show_scene()

    def present(self) -> None:
        """Bring the window up."""
        self._dialog.present()

    def mark(self, bands: Sequence[int], usable: bool) -> None:
        """Mark bands (0-based) as good or bad."""
        if self._session.cube is not None and not bad_bands.mark(self._session, bands, usable):
            self._messages.warn("At least one band must stay good.")
            self._show()

    def select(self, text: str) -> None:
        """Select the bands that somebody wrote, by number or wavelength, in the table."""
        if self._cube is None:
            return
        everything = self._cube.bands.with_usable(np.ones(self._cube.shape[2], dtype=bool))
        try:
            self._dialog.select(select_bands(text or "all", everything).tolist())
        except ParamError as error:
            self._dialog.show_error(str(error))

    def use_list(self, title: str) -> None:
        """Mark the bands of a customary list as bad, and no other."""
        cube = self._cube
        found = [] if cube is None else [item for item in lists_for(cube.shape[2]) if item.title == title]
        if cube is not None and found:
            usable = np.ones(cube.shape[2], dtype=bool)
            usable[select_bands(found[0].bad, BandSet(cube.shape[2]))] = False
            bad_bands.set_usable(self._session, usable)

    def use_all(self) -> None:
        """Mark every band as good."""
        if self._cube is not None:
            bad_bands.set_usable(self._session, np.ones(self._cube.shape[2], dtype=bool))

    def restore(self) -> None:
        """Go back to what the file says."""
        cube = self._session.cube
        if cube is not None and cube.bands.given is not None:
            bad_bands.set_usable(self._session, cube.bands.given)

    def suggest(self) -> None:
        """Look at the values of the scene, in the worker process."""
        cube = self._session.cube
        if cube is None or self._job is not None:
            return

        def keep(report: "BandReport") -> None:
            if cube.same_pixels(self._session.cube):
                self._report = report
                self._show()

        self._dialog.set_progress(None, running=True)
        self._job = self._jobs.heavy(
            bad_bands.suggest,
            CubeReference.of(cube),
            title="Suggest bad bands",
            done=keep,
            failed=lambda job: self._messages.error(job.error, job.details),
        )
        if self._job.finished:
            self._end(self._job)

    def accept(self) -> None:
        """Mark every band as bad that something speaks against."""
        if self._report is not None:
            self.mark(np.flatnonzero(self._report.suspected).tolist(), usable=False)

    def cancel(self) -> None:
        """Stop looking."""
        if self._job is not None:
            self._jobs.cancel(self._job)

    def _show_progress(self, job: Job) -> None:
        if job is self._job:
            self._dialog.set_progress(job.fraction, running=True)

    def _end(self, job: Job) -> None:
        if job is self._job:
            self._job = None
            self._dialog.set_progress(None, running=False)

    def _show_scene(self) -> None:
        cube = self._session.cube
        if self._cube is None or not self._cube.same_pixels(cube):
            self._report = None
            self.cancel()
            self._dialog.set_lists([] if cube is None else [item.title for item in lists_for(cube.shape[2])])
        self._show()

    def _show(self) -> None:
        cube = self._cube = self._session.cube
        if cube is None:
            self._dialog.set_rows((), "Open a cube to see its bands.", edited=False)
            return
        report, bands = self._report, cube.bands
        rows = [
            BandRow(
                bands.label(band),
                bool(bands.mask[band]),
                None if report is None or np.isnan(report.snr[band]) else float(report.snr[band]),
                "" if report is None else "; ".join(report.reasons[band]),
            )
            for band in range(bands.count)
        ]
        self._dialog.set_rows(rows, self._summary(cube), edited=bands.given is not None)

    def _summary(self, cube: Cube) -> str:
        """How many bands are bad, which, and what is suggested."""
        bad = np.flatnonzero(~cube.bands.mask)
        text = f"{len(bad)} of {cube.shape[2]} bands are bad"
        text += f": {write_bands(bad).replace(',', ', ')}." if len(bad) else "."
        if self._report is not None:
            suspected = int(np.count_nonzero(self._report.suspected & cube.bands.mask))
            text += f" {suspected} more are suggested." if suspected else " None of the others is suggested."
        return f"{text} Composites, plots, statistics and detectors leave bad bands out."
