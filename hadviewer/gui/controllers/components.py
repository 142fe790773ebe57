"""Principal and minimum-noise components for display: found in the worker process when a view wants them."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.cube import Cube
from hadviewer.engine.components import ComponentKind, component_cube, find_components
from hadviewer.engine.display import COMPONENT_TITLES, initial_intent, resolve
from hadviewer.engine.jobs import Job, JobRunner
from hadviewer.engine.session import Session
from hadviewer.engine.tasks import CubeReference
from hadviewer.gui.controllers.display import DisplayController
from hadviewer.gui.controllers.tiles import TileLoader

if TYPE_CHECKING:
    from hadviewer.analysis.components import Components
    from hadviewer.gui.views.protocols import DisplayPanelLike, MessagesLike


class ComponentsController:
    """Keeps the components that the views show; one kind is computed at a time, from the usable bands.

    Other usable bands, or another scene, make them void. Given up, the active view goes back to bands.
    """

    def __init__(
        self,
        session: Session,
        jobs: JobRunner,
        tiles: TileLoader,
        display: DisplayController,
        panel: "DisplayPanelLike",
        messages: "MessagesLike",
    ) -> None:
        self._session, self._jobs, self._tiles, self._display = session, jobs, tiles, display
        self._panel, self._messages = panel, messages
        self._cube: Cube | None = None
        self._bands: NDArray[np.intp] = np.empty(0, dtype=np.intp)
        self._job: Job | None = None
        self._kind: ComponentKind | None = None
        self._given_up: set[ComponentKind] = set()
        self._void = False
        for signal in (
            session.scene_changed,
            session.bands_changed,
            session.views_changed,
            session.display_changed,
        ):
            signal.connect(self._refresh)
        jobs.job_changed.connect(self._show_progress)
        jobs.job_ended.connect(self._end)
        panel.work_cancelled.connect(self.cancel)
        self._refresh()

    def cancel(self) -> None:
        """Do without the components that are being computed."""
        if self._job is not None:
            self._jobs.cancel(self._job)

    def _refresh(self) -> None:
        self._follow_bands()
        wanted = self._wanted()
        self._given_up &= wanted
        if self._job is not None:
            if self._kind not in wanted:
                self.cancel()
            return
        missing = [kind for kind in wanted if self._tiles.planes_of(kind) is None and kind not in self._given_up]
        if missing and self._cube is not None:
            self._find(self._cube, self._bands, min(missing))

    def _wanted(self) -> set[ComponentKind]:
        cube = self._cube
        if cube is None:
            return set()
        plans = (resolve(look.display, cube) for look in self._session.views.looks if look.cube is None)
        return {plan.components for plan in plans if plan.components is not None}

    def _follow_bands(self) -> None:
        """Forget what other bands gave."""
        cube = self._session.cube
        bands = np.empty(0, dtype=np.intp) if cube is None else cube.bands.usable_index()
        same_pixels = cube is not None and cube.same_pixels(self._cube)
        self._cube = cube
        if not same_pixels or not np.array_equal(bands, self._bands):
            self._bands = bands
            self._given_up.clear()
            for kind in tuple(self._tiles.components):
                self._tiles.set_components(kind, None)
            self._void = self._job is not None
            self.cancel()

    def _find(self, cube: Cube, bands: NDArray[np.intp], kind: ComponentKind) -> None:
        self._kind = kind
        self._panel.show_work(COMPONENT_TITLES[kind])

        def keep(found: "Components") -> None:
            if bands is self._bands:
                self._tiles.set_components(kind, component_cube(cube, kind, bands, found))
                self._display.show_components()

        def fail(job: Job) -> None:
            self._messages.error(job.error, job.details)

        title = COMPONENT_TITLES[kind]
        reference = CubeReference.of(cube)
        self._job = self._jobs.heavy(find_components, reference, kind, bands, title=title, done=keep, failed=fail)
        if self._job.finished:
            self._end(self._job)

    def _show_progress(self, job: Job) -> None:
        if job is self._job:
            self._panel.show_work(job.title, job.fraction)

    def _end(self, job: Job) -> None:
        if job is not self._job or self._kind is None:
            return
        kind, self._job, self._kind = self._kind, None, None
        void, self._void = self._void, False
        self._panel.show_work("")
        display = self._session.state.display
        if not void and self._tiles.planes_of(kind) is None and kind in self._wanted():
            self._given_up.add(kind)
            if display.mode == kind and self._cube is not None:
                usual = initial_intent(self._cube)
                self._session.set_display(replace(display, mode=usual.mode, bands=usual.bands))
        self._refresh()
