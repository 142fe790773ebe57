"""The scene in one view: from a plan of bands and stretch to the tiles in sight."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from hadviewer.core.cube import Cube, Window
from hadviewer.core.geo import SAME, Placement
from hadviewer.engine.display import Display
from hadviewer.engine.jobs import Job, JobRunner
from hadviewer.gui.controllers._stretch import FoundStretch, can_be_refined, find_stretch, refine_stretch
from hadviewer.gui.controllers.tiles import TileLoader
from hadviewer.render.mosaic import Mosaic
from hadviewer.render.planes import ScenePlanes
from hadviewer.render.stretch import Histogram, Limits
from hadviewer.render.tile_sources import BandTiles
from hadviewer.render.tiling import Viewport

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
        self.cube: Cube | None = None
        self.placement = SAME
        self._sheet = tiles.sheet(self, self._show_picture)
        self.plan: Display | None = None
        self.limits: tuple[Limits, ...] = ()
        self.histograms: tuple[Histogram, ...] = ()
        self.source: BandTiles | None = None
        self._asked: Display | None = None
        self._moved = self._closed = False
        view.view_changed.connect(tiles.refresh)

    def open(self, cube: Cube | None, *, stay: bool = False) -> None:
        """Make room for another scene, whose planes the loader has; ``stay`` where one looks."""
        self.plan, self.limits, self.histograms, self._asked = None, (), (), None
        self.source = self.cube = None
        self.placement = SAME
        self._sheet.set(None)
        if not stay:
            self.view.set_scene(None if cube is None else cube.shape[:2])

    def lay(self, cube: Cube | None, placement: Placement) -> None:
        """Show another cube in place of the scene's, where it lies on that; None for the scene's own."""
        if cube is not self.cube:
            self.cube, self.plan, self._asked, self.source = cube, None, None, None
            self._sheet.set(None)
        if placement != self.placement:
            self.placement = placement
            self._show_picture(self._sheet.shown)
            self._tiles.refresh()

    @property
    def viewport(self) -> Viewport | None:
        """What of the cube is in sight, in its own pixels."""
        return _placed(self.view.viewport, self.placement, None if self.cube is None else self.cube.shape[:2])

    def update(self) -> None:
        """More tiles are there."""
        self.view.update()

    def show(self, plan: Display) -> None:
        """Show the scene like this."""
        if plan != self.plan:
            self.plan = plan
            if self._asked is None:
                self._ask(plan)

    def follow(self) -> None:
        """Another part of the scene is in sight: if it decides the stretch, find that anew."""
        if self.plan is None or self.plan.stretch.scope != "view" or self.plan.stretch.limits:
            return
        if self._asked is None:
            self._ask(self.plan)
        else:
            self._moved = True

    def show_components(self) -> None:
        """Components have become known: show them where the plan says so."""
        if self.plan is not None and self.plan.components:
            self._moved = True
            if self._asked is None:
                self._ask(self.plan)

    def close(self) -> None:
        """The view is needed no more; it may be gone when a job ends."""
        self._closed = True
        self._tiles.remove(self._sheet)

    def _ask(self, plan: Display) -> None:
        """Have the curves of a plan found, then its tiles made. Components that are not known yet are waited for."""
        scene, planes, cube = self._tiles.planes, self._planes_of(plan), self.cube
        if planes is None:
            return
        self._asked = plan

        def wanted() -> bool:
            return not self._closed and scene is self._tiles.planes and cube is self.cube

        def show(found: FoundStretch) -> None:
            if wanted():
                if planes is self._planes_of(plan):
                    self._stretch(planes, plan, found)
                    if plan == self.plan and can_be_refined(planes, plan):
                        self._refine(planes, plan, found)
                self._go_on()

        def fail(job: Job) -> None:
            if wanted():
                self._messages.error(job.error, job.details)
                self._go_on()

        self._moved = False
        self._show_busy()
        self._jobs.quick(find_stretch, planes, plan, self.viewport, done=show, failed=fail)
        if self._asked is not None:
            self._tiles.read_ahead(planes, plan.bands, self.viewport)

    def _stretch(self, planes: ScenePlanes, plan: Display, found: FoundStretch) -> None:
        self.limits, self.histograms = tuple(curve.limits for curve in found.curves), found.histograms
        self.source = BandTiles(planes, plan.bands, found.curves)
        self._sheet.set(self.source)
        self._found()

    def _refine(self, planes: ScenePlanes, plan: Display, found: FoundStretch) -> None:
        """A sample decided quickly; now every value does. Where that fails the sample is good enough."""

        def show(exact: FoundStretch) -> None:
            wanted = not self._closed and planes is self._planes_of(plan) and plan == self.plan
            if wanted and exact is not found:
                self._stretch(planes, plan, exact)

        key = f"refine {id(self)}"
        self._jobs.quick(refine_stretch, planes, plan, found, key=key, done=show, failed=lambda job: None)

    def _planes_of(self, plan: Display) -> ScenePlanes | None:
        return self._tiles.planes_of(plan.components) if self.cube is None else self._tiles.planes_beside(self.cube)

    def _go_on(self) -> None:
        asked, self._asked = self._asked, None
        if self.plan is not None and (self.plan != asked or self._moved):
            self._ask(self.plan)
        self._show_busy()

    def _show_picture(self, picture: Mosaic | None) -> None:
        self.view.set_image(picture, self.placement)
        self._show_busy()

    @property
    def busy(self) -> bool:
        """Whether something else than the plan is shown."""
        return self._asked is not None or self._sheet.waiting

    def _show_busy(self) -> None:
        self.view.set_busy(self.busy)


def _placed(view: Viewport | None, placement: Placement, shape: tuple[int, int] | None) -> Viewport | None:
    """A part of the scene in the pixels of another cube of (rows, cols)."""
    if view is None or shape is None:
        return view
    starts = (view.window.row0 - placement.row, view.window.col0 - placement.col)
    ends = (view.window.row1 - placement.row, view.window.col1 - placement.col)
    row0, col0 = (max(0, math.floor(start / placement.step)) for start in starts)
    row1, col1 = (min(most, math.ceil(end / placement.step)) for end, most in zip(ends, shape, strict=True))
    return Viewport(Window(row0, max(row0, row1), col0, max(col0, col1)), view.scale * placement.step)
