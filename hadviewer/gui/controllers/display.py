"""Which bands are shown and how: between the display intent, reading in the background, and the image."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

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
from hadviewer.gui.controllers._planes import PlaneCache
from hadviewer.gui.views.data import BandChoice
from hadviewer.render.composite import composite
from hadviewer.render.pyramid import Level, Picture
from hadviewer.render.stretch import Curve, Limits, Plane, plane_limits

if TYPE_CHECKING:
    from hadviewer.gui.views.protocols import DisplayPanelLike, ImageViewLike, MessagesLike

TITLES: dict[Mode, str] = {
    **{mode: title for mode, (title, _) in PRESETS.items()},
    "grey": "Grey (one band)",
    "custom": "Custom (three bands)",
}


@dataclass(frozen=True, eq=False)
class Rendered:
    """A finished picture, and the limits each channel was stretched to."""

    picture: Picture
    limits: tuple[Limits, ...]


class DisplayController:
    """Keeps image and display panel as the session's display intent says.

    The intent is resolved into a plan; only another plan starts a job, only bands not at hand are read, and only the
    latest picture is shown.
    """

    def __init__(
        self,
        session: Session,
        jobs: JobRunner,
        view: "ImageViewLike",
        panel: "DisplayPanelLike",
        messages: "MessagesLike",
        planes: PlaneCache | None = None,
    ) -> None:
        self._session, self._jobs, self._view, self._panel, self._messages = session, jobs, view, panel, messages
        self.planes = planes or PlaneCache()
        self._cube: Cube | None = None
        self._plan: Display | None = None
        self._limits: tuple[Limits, ...] = ()
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
        shown = cube

        def show(rendered: Rendered) -> None:
            if shown is self._cube:
                self._limits = rendered.limits
                self._view.set_busy(False)
                self._view.set_image(rendered.picture)
                self._panel.show_limits(rendered.limits)

        self._view.set_busy(True)
        self._jobs.quick(render, self.planes, cube, plan, key="display", done=show, failed=self._fail)

    def _show_cube(self, cube: Cube | None) -> None:
        self._cube, self._limits = cube, ()
        self.planes.open(cube)
        self._view.set_busy(False)
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

    def _fail(self, job: Job) -> None:
        self._view.set_busy(False)
        self._messages.error(job.error, job.details)


def band_choices(cube: Cube) -> list[BandChoice]:
    """The bands as a user chooses them."""
    bands = cube.bands
    centres = [None] * bands.count if bands.centres is None else bands.centres.tolist()
    return [BandChoice(bands.label(band), centres[band], bool(bands.mask[band])) for band in range(bands.count)]


def render(planes: PlaneCache, cube: Cube, plan: Display) -> Rendered:
    """The composite of a plan at every size; for a job."""
    channels = planes.levels(cube, plan.bands)
    limits = tuple(_channel_limits(plan.stretch, number, levels[0][1]) for number, levels in enumerate(channels))
    curves = [Curve(*ends) for ends in limits]
    sizes = zip(*channels, strict=True)
    pictures = [Level(size[0][0], composite([plane for _, plane in size], curves)) for size in sizes]
    return Rendered(Picture(cube.shape[:2], tuple(pictures)), limits)


def _channel_limits(stretch: StretchIntent, channel: int, plane: Plane) -> Limits:
    if stretch.kind == "manual" and channel < len(stretch.limits):
        return stretch.limits[channel]
    return plane_limits(plane, 0.0 if stretch.kind == "minmax" else stretch.percent)
