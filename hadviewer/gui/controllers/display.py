"""Which bands are shown and how: between the display intent, reading in the background, and the image."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from hadviewer.core.cube import Cube
from hadviewer.engine.display import (
    PRESETS,
    Display,
    DisplayIntent,
    Mode,
    StretchIntent,
    StretchKind,
    available_modes,
    resolve,
    spread_bands,
)
from hadviewer.engine.jobs import Job, JobRunner
from hadviewer.engine.session import Session
from hadviewer.gui.controllers.tiles import TileLoader
from hadviewer.gui.views.data import BandChoice
from hadviewer.render.mosaic import Mosaic
from hadviewer.render.planes import ScenePlanes
from hadviewer.render.stretch import Curve, Limits, limits
from hadviewer.render.tile_sources import BandTiles

if TYPE_CHECKING:
    from hadviewer.gui.views.protocols import DisplayPanelLike, ImageViewLike, MessagesLike

TITLES: dict[Mode, str] = {
    **{mode: title for mode, (title, _) in PRESETS.items()},
    "grey": "Grey (one band)",
    "custom": "Custom (three bands)",
}


class DisplayController:
    """Keeps image and display panel as the session's display intent says.

    The intent is resolved into a plan. Only another plan starts a job, which finds the curves of its channels; then
    tiles are made of what is in sight, and only bands not at hand are read. While that goes on the session may run
    ahead, and then only the latest plan comes next.
    """

    def __init__(
        self,
        session: Session,
        jobs: JobRunner,
        view: "ImageViewLike",
        panel: "DisplayPanelLike",
        messages: "MessagesLike",
        tiles: TileLoader,
    ) -> None:
        self._session, self._jobs, self._view, self._panel, self._messages = session, jobs, view, panel, messages
        self._tiles = tiles
        self._sheet = tiles.sheet(view, self._show_picture)
        self._cube: Cube | None = None
        self._plan: Display | None = None
        self._asked: Display | None = None
        self._limits: tuple[Limits, ...] = ()
        view.view_changed.connect(tiles.refresh)
        session.scene_changed.connect(self._refresh)
        session.display_changed.connect(self._refresh)
        panel.mode_chosen.connect(self.set_mode)
        panel.band_chosen.connect(self.set_band)
        panel.stretch_chosen.connect(self.set_stretch)
        panel.limits_edited.connect(self.set_limits)
        self._refresh()

    # What users ask for

    def set_mode(self, mode: Mode) -> None:
        """Show a preset, one band in grey, or three bands of one's own."""
        if self._cube is None or self._plan is None:
            return
        bands = self._plan.bands
        if mode == "grey":
            bands = bands[:1]
        elif len(bands) != 3:
            bands = spread_bands(self._cube)
        self._change(replace(self._intent, mode=mode, bands=bands if mode in ("grey", "custom") else ()))

    def set_band(self, channel: int, band: int) -> None:
        """Show another band (0-based) in a channel; a preset becomes a choice of one's own."""
        if self._plan is None:
            return
        bands = list(self._plan.bands)
        bands[channel] = band
        mode: Mode = "grey" if len(bands) == 1 else "custom"
        self._change(replace(self._intent, mode=mode, bands=tuple(bands)), merge=f"band {channel}")

    def step_band(self, step: int) -> None:
        """Show the next (+1) or previous (-1) usable band in grey, beginning with the red one."""
        if self._cube is None or self._plan is None:
            return
        if len(self._plan.bands) != 1:
            self.set_mode("grey")
            return
        usable = self._cube.bands.mask
        band = self._plan.bands[0] + step
        while 0 <= band < len(usable) and not usable[band]:
            band += 1 if step > 0 else -1
        if 0 <= band < len(usable):
            self.set_band(0, band)

    def set_stretch(self, kind: StretchKind, percent: float = 2.0) -> None:
        """Stretch by cutting ``percent`` at both ends, between minimum and maximum, or between limits set by hand."""
        limits = self._limits if kind == "manual" else ()
        self._change(replace(self._intent, stretch=StretchIntent(kind, percent, limits)))

    def auto_stretch(self) -> None:
        """Back to the usual stretch: 2 % cut at both ends."""
        self.set_stretch("linear", 2.0)

    def set_limits(self, channel: int, low: float, high: float) -> None:
        """Stretch a channel between values given by hand; the other channels keep theirs."""
        if channel >= len(self._limits):
            return
        limits = list(self._limits)
        limits[channel] = (low, high)
        stretch = StretchIntent("manual", self._intent.stretch.percent, tuple(limits))
        self._change(replace(self._intent, stretch=stretch), merge=f"limits {channel}")

    @property
    def _intent(self) -> DisplayIntent:
        return self._session.state.display

    def _change(self, intent: DisplayIntent, merge: str = "") -> None:
        if self._cube is not None:
            self._session.set_display(intent, merge=merge)

    # What becomes of it

    def _refresh(self) -> None:
        cube = self._session.cube
        plan = None if cube is None else resolve(self._intent, cube)
        if cube is not self._cube:
            self._show_cube(cube)
        elif plan == self._plan:
            self._show_plan()
            return
        self._plan = plan
        self._show_plan()
        if cube is None or plan is None:
            return
        if self._asked is None:
            self._ask(plan)

    def _ask(self, plan: Display) -> None:
        """Have the curves of a plan found, then its tiles made."""
        planes = self._tiles.planes
        assert planes is not None
        self._asked = plan

        def show(curves: tuple[Curve, ...]) -> None:
            if planes is self._tiles.planes:
                self._limits = tuple(curve.limits for curve in curves)
                self._sheet.set(BandTiles(planes, plan.bands, curves))
                self._panel.show_limits(self._limits)
                self._go_on()

        def fail(job: Job) -> None:
            if planes is self._tiles.planes:
                self._messages.error(job.error, job.details)
                self._go_on()

        self._show_busy()
        self._jobs.quick(find_curves, planes, plan, done=show, failed=fail)

    def _go_on(self) -> None:
        asked, self._asked = self._asked, None
        if self._plan is not None and self._plan != asked:
            self._ask(self._plan)
        self._show_busy()

    def _show_picture(self, picture: Mosaic | None) -> None:
        self._view.set_image(picture)
        self._show_busy()

    def _show_busy(self) -> None:
        self._view.set_busy(self._asked is not None or self._sheet.waiting)

    def _show_cube(self, cube: Cube | None) -> None:
        self._cube, self._limits, self._asked = cube, (), None
        self._tiles.open(cube)
        self._sheet.set(None)
        if cube is None:
            self._view.set_scene(None)
            self._panel.set_cube((), ())
            return
        self._view.set_scene(cube.shape[:2])
        modes = [(mode, TITLES[mode]) for mode in available_modes(cube)]
        if cube.bands.centres is None:
            modes = [(mode, "False colour" if mode == "true" else title) for mode, title in modes]
        self._panel.set_cube(modes, band_choices(cube))

    def _show_plan(self) -> None:
        if self._cube is None or self._plan is None:
            return
        mode = "grey" if len(self._plan.bands) == 1 else self._intent.mode
        self._panel.show_display(mode, self._plan.bands, self._plan.note)
        self._panel.show_stretch(self._plan.stretch.kind, self._plan.stretch.percent)


def band_choices(cube: Cube) -> list[BandChoice]:
    """The bands as a user chooses them."""
    bands = cube.bands
    centres = [None] * bands.count if bands.centres is None else bands.centres.tolist()
    return [BandChoice(bands.label(band), centres[band], bool(bands.mask[band])) for band in range(bands.count)]


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
