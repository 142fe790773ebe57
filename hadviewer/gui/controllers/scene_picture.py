"""The scene in one view: from a plan of bands and stretch to the tiles in sight."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from hadviewer.core.cube import Cube
from hadviewer.engine.display import Display
from hadviewer.engine.jobs import Job, JobRunner
from hadviewer.gui.controllers.tiles import TileLoader
from hadviewer.render.mosaic import Mosaic
from hadviewer.render.planes import ScenePlanes
from hadviewer.render.stretch import Curve, Limits, limits
from hadviewer.render.tile_sources import BandTiles

if TYPE_CHECKING:
    from hadviewer.gui.views.protocols import ImageViewLike, MessagesLike


class ScenePicture:
    """Keeps one view as its plan says.

    Only another plan starts a job, which finds the curves of its channels; then tiles are made of what is in sight, and
    only bands not at hand are read. While that goes on other plans may come, and then only the latest comes next.
    ``found()`` is called when the limits of a plan are known.
    """

    def __init__(
        self,
        jobs: JobRunner,
        view: "ImageViewLike",
        messages: "MessagesLike",
        tiles: TileLoader,
        found: Callable[[], None],
    ) -> None:
        self._jobs, self.view, self._messages, self._tiles, self._found = jobs, view, messages, tiles, found
        self._sheet = tiles.sheet(view, self._show_picture)
        self.plan: Display | None = None
        self.limits: tuple[Limits, ...] = ()
        self._asked: Display | None = None
        view.view_changed.connect(tiles.refresh)

    def open(self, cube: Cube | None) -> None:
        """Make room for another scene, whose planes the loader has."""
        self.plan, self.limits, self._asked = None, (), None
        self._sheet.set(None)
        self.view.set_scene(None if cube is None else cube.shape[:2])

    def show(self, plan: Display) -> None:
        """Show the scene like this."""
        if plan != self.plan:
            self.plan = plan
            if self._asked is None:
                self._ask(plan)

    def close(self) -> None:
        """The view is needed no more."""
        self._tiles.remove(self._sheet)

    def _ask(self, plan: Display) -> None:
        """Have the curves of a plan found, then its tiles made."""
        planes = self._tiles.planes
        assert planes is not None
        self._asked = plan

        def show(curves: tuple[Curve, ...]) -> None:
            if planes is self._tiles.planes:
                self.limits = tuple(curve.limits for curve in curves)
                self._sheet.set(BandTiles(planes, plan.bands, curves))
                self._found()
                self._go_on()

        def fail(job: Job) -> None:
            if planes is self._tiles.planes:
                self._messages.error(job.error, job.details)
                self._go_on()

        self._show_busy()
        self._jobs.quick(find_curves, planes, plan, done=show, failed=fail)

    def _go_on(self) -> None:
        asked, self._asked = self._asked, None
        if self.plan is not None and self.plan != asked:
            self._ask(self.plan)
        self._show_busy()

    def _show_picture(self, picture: Mosaic | None) -> None:
        self.view.set_image(picture)
        self._show_busy()

    def _show_busy(self) -> None:
        self.view.set_busy(self._asked is not None or self._sheet.waiting)


def find_curves(planes: ScenePlanes, plan: Display) -> tuple[Curve, ...]:
    """How the values of each channel become brightness; for a job."""
    return tuple(Curve(*_channel_limits(planes, plan, channel)) for channel in range(len(plan.bands)))


def _channel_limits(planes: ScenePlanes, plan: Display, channel: int) -> Limits:
    stretch = plan.stretch
    if stretch.kind == "manual" and channel < len(stretch.limits):
        return stretch.limits[channel]
    if stretch.kind == "minmax" and planes.whole:
        ends = planes.extremes(plan.bands[channel])
        return limits(np.array(() if ends is None else ends), 0.0)
    sample = planes.sample(plan.bands)[channel]
    return limits(sample, 0.0 if stretch.kind == "minmax" else stretch.percent)
