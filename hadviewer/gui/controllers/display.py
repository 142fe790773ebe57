"""Which bands are shown and how: between the display intents of the views, their pictures, and the display panel."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from psygnal import Signal

from hadviewer.core.cube import Cube
from hadviewer.engine.components import ComponentKind, component_count
from hadviewer.engine.display import (
    COMPONENT_TITLES,
    PRESETS,
    Display,
    DisplayIntent,
    Mode,
    available_modes,
    resolve,
    spread_bands,
)
from hadviewer.engine.jobs import JobRunner
from hadviewer.engine.session import Session
from hadviewer.gui.controllers.scene_picture import ScenePicture
from hadviewer.gui.controllers.stretch import StretchController
from hadviewer.gui.controllers.tiles import TileLoader
from hadviewer.gui.views.data import BandChoice

if TYPE_CHECKING:
    from hadviewer.gui.views.protocols import DisplayPanelLike, ImageViewLike, MessagesLike

TITLES: dict[Mode, str] = {
    **{mode: title for mode, (title, _) in PRESETS.items()},
    "grey": "Grey (one band)",
    "custom": "Custom (three bands)",
    **COMPONENT_TITLES,
}


class DisplayController:
    """Keeps the views and the display panel as the session's display intents say.

    Each view has a picture of its own; the panel, and all that users ask for, are about the active view.

    Signals: ``picture_changed(tile source or None)`` when the active view is to show another.
    """

    picture_changed = Signal(object)

    def __init__(
        self,
        session: Session,
        jobs: JobRunner,
        view: "ImageViewLike",
        panel: "DisplayPanelLike",
        messages: "MessagesLike",
        tiles: TileLoader,
    ) -> None:
        self._session, self._jobs, self._panel, self._messages, self._tiles = session, jobs, panel, messages, tiles
        self._cube: Cube | None = None
        self._offered: Cube | None = None
        self._pictures = [self._picture(view)]
        self._limits_of: ScenePicture | None = None
        self._listed: ComponentKind | None = None
        session.scene_changed.connect(self._refresh)
        session.bands_changed.connect(self._follow_bands)
        session.views_changed.connect(self._refresh)
        session.display_changed.connect(self._refresh)
        panel.mode_chosen.connect(self.set_mode)
        panel.band_chosen.connect(self.set_band)
        self.stretch = StretchController(session, panel, lambda: self._active.limits)
        self._refresh()

    # What users ask for

    def set_mode(self, mode: Mode) -> None:
        """Show a preset, one band in grey, three bands of one's own, or the first components."""
        cube = self._shown
        if cube is None or self._plan is None:
            return
        if mode in COMPONENT_TITLES and self._active.cube is not None:
            self._messages.info("Components are shown of the open scene only; this view shows another cube.")
            return
        bands = self._plan.cube_bands or spread_bands(cube)
        if mode == "grey":
            bands = bands[:1]
        elif len(bands) != 3:
            bands = spread_bands(cube)
        bands = bands if mode in ("grey", "custom") else ()
        same = self._plan.components == (mode if mode in COMPONENT_TITLES else None)
        stretch = self._intent.stretch if same else self._intent.stretch.automatic
        self._change(replace(self._intent, mode=mode, bands=bands, stretch=stretch))

    def set_band(self, channel: int, band: int) -> None:
        """Show another band (0-based) in a channel; a preset becomes a choice of one's own."""
        if self._plan is None:
            return
        bands = list(self._plan.bands)
        bands[channel] = band
        mode: Mode = self._plan.components or ("grey" if len(bands) == 1 else "custom")
        self._change(replace(self._intent, mode=mode, bands=tuple(bands)), merge=f"band {channel}")

    def step_band(self, step: int, *, loop: bool = False) -> bool:
        """Show the next (+1) or previous (-1) usable band or component in grey, beginning with the red one.

        Behind the last one ``loop`` goes on with the first. Returns whether there was another band.
        """
        cube = self._shown
        if cube is None or self._plan is None:
            return False
        if len(self._plan.bands) != 1:
            self._show_grey(self._plan)
            return True
        usable = np.ones(component_count(cube), bool) if self._plan.components else cube.bands.mask
        band, count = self._plan.bands[0], len(usable)
        ways = [band + step * number for number in range(1, count)]
        found = next((way % count for way in ways if (loop or 0 <= way < count) and usable[way % count]), None)
        if found is not None:
            self.set_band(0, found)
        return found is not None

    def _show_grey(self, plan: Display) -> None:
        self._change(replace(self._intent, mode=plan.components or "grey", bands=plan.bands[:1]))

    def show_components(self) -> None:
        """Components have become known: list and show them."""
        self._listed = None
        self._show_plan()
        for picture in self._pictures:
            picture.show_components()

    @property
    def busy(self) -> bool:
        """Whether the active view does not show yet what it is to show."""
        return self._active.busy

    @property
    def _intent(self) -> DisplayIntent:
        return self._session.state.display

    def _change(self, intent: DisplayIntent, merge: str = "") -> None:
        if self._cube is not None:
            self._session.set_display(intent, merge=merge)

    @property
    def _active(self) -> ScenePicture:
        return self._pictures[min(self._session.state.views.active, len(self._pictures) - 1)]

    @property
    def _shown(self) -> Cube | None:
        """The cube in the active view: the scene's, or another that is shown there."""
        return self._active.cube or self._cube

    @property
    def _plan(self) -> Display | None:
        return self._active.plan

    def follow_views(self) -> None:
        """Other parts of the scene are in sight: where these decide the stretch, find it anew."""
        for picture in self._pictures:
            picture.follow()

    # What becomes of it

    def set_views(self, views: Sequence["ImageViewLike"]) -> None:
        """Keep a picture in each of these views, in the order of the session's."""
        before = {id(picture.view): picture for picture in self._pictures}
        pictures = [before.pop(id(view)) if id(view) in before else self._picture(view) for view in views]
        for gone in before.values():
            gone.close()
        self._pictures = pictures
        self._refresh()

    def _picture(self, view: "ImageViewLike") -> ScenePicture:
        def tell() -> None:
            if picture is self._active:
                self._show_limits(picture)

        picture = ScenePicture(self._jobs, view, self._messages, self._tiles, tell)
        if self._cube is not None:
            picture.open(self._cube)
        return picture

    def _refresh(self) -> None:
        cube = self._session.cube
        if cube is not self._cube:
            self._show_cube(cube)
        if cube is None:
            return
        views = self._session.views
        self._tiles.retain([look.cube for look in views.looks if look.cube is not None])
        for picture, look in zip(self._pictures, views.looks, strict=False):
            picture.lay(look.cube, views.placement(look.cube))
            picture.show(resolve(look.display, look.cube or cube))
        if self._shown is not self._offered:
            self._offer()
        self._show_plan()
        if self._active is not self._limits_of:
            self._show_limits(self._active)

    def _show_cube(self, cube: Cube | None) -> None:
        corrected = cube is not None and self._cube is not None and cube.source is self._cube.source
        self._cube = cube
        self._tiles.open(cube)
        for picture in self._pictures:
            picture.open(cube, stay=corrected)
        self.picture_changed.emit(None)
        self._offer()

    def _offer(self) -> None:
        """Offer what the cube in the active view has to show; components there are of the scene only."""
        cube = self._offered = self._shown
        self._listed = None
        if cube is None:
            self._panel.set_cube((), ())
            return
        known = [mode for mode in available_modes(cube) if self._active.cube is None or mode not in COMPONENT_TITLES]
        modes = [(mode, TITLES[mode]) for mode in known]
        if cube.bands.centres is None:
            modes = [(mode, "False colour" if mode == "true" else title) for mode, title in modes]
        self._panel.set_cube(modes, band_choices(cube))

    def _follow_bands(self) -> None:
        """Other bands are marked as bad: presets avoid them, lists say so."""
        self._cube = self._session.cube
        self._offered = self._shown
        if self._plan is not None:
            self._list_bands(self._plan.components)
        self._refresh()

    def _list_bands(self, kind: ComponentKind | None) -> None:
        """Offer the bands of the scene, or its components, by number until they are known."""
        cube = self._shown
        assert cube is not None
        planes, self._listed = self._tiles.planes_of(kind), kind
        if kind is None:
            self._panel.set_bands(band_choices(cube))
        elif planes is None:
            numbers = range(1, component_count(cube) + 1)
            self._panel.set_bands([BandChoice(f"Component {number}") for number in numbers])
        else:
            self._panel.set_bands([BandChoice(name) for name in planes.cube.bands.names or ()])

    def _show_limits(self, picture: ScenePicture) -> None:
        self._limits_of = picture
        if picture.cube is None:
            self.picture_changed.emit(picture.source)
        self._panel.show_histograms(picture.histograms)
        self._panel.show_limits(picture.limits)

    def _show_plan(self) -> None:
        if self._plan is None:
            return
        if self._plan.components != self._listed:
            self._list_bands(self._plan.components)
        mode = self._plan.components or ("grey" if len(self._plan.bands) == 1 else self._intent.mode)
        self._panel.show_display(mode, self._plan.bands, self._plan.note)
        self.stretch.show(self._plan)


def band_choices(cube: Cube) -> list[BandChoice]:
    """The bands as a user chooses them."""
    bands = cube.bands
    centres = [None] * bands.count if bands.centres is None else bands.centres.tolist()
    return [BandChoice(bands.label(band), centres[band], bool(bands.mask[band])) for band in range(bands.count)]
