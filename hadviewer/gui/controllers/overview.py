"""The overview: the picture of the active view in small, and what of it is in sight."""

from typing import TYPE_CHECKING, Protocol

from hadviewer.engine.session import Session
from hadviewer.gui.controllers.tiles import TileLoader
from hadviewer.render.tile_sources import TileSource

if TYPE_CHECKING:
    from hadviewer.gui.views.protocols import SignalLike
    from hadviewer.gui.views.view_protocols import OverviewLike, SurveyedLike


class PictureGiver(Protocol):
    """What is asked of the controller of the display."""

    @property
    def picture_changed(self) -> "SignalLike": ...


class OverviewController:
    """Fills the overview with tiles, the coarsest that are sharp there, and lets it move the active view."""

    def __init__(
        self,
        session: Session,
        display: PictureGiver,
        view: "OverviewLike",
        image: "SurveyedLike",
        tiles: TileLoader,
    ) -> None:
        self._view, self._image = view, image
        self._shape: tuple[int, int] | None = None
        self._sheet = tiles.sheet(view, view.set_image)
        session.views_changed.connect(self._follow)
        display.picture_changed.connect(self._show)
        image.view_changed.connect(self._follow)
        view.view_changed.connect(tiles.refresh)
        view.place_chosen.connect(self._look)

    def _show(self, source: TileSource | None) -> None:
        shape = None if source is None else source.grid.shape
        if shape != self._shape:
            self._shape = shape
            self._sheet.set(None)
            self._view.set_scene(shape)
        self._sheet.set(source)
        self._follow()

    def _follow(self) -> None:
        """Put the box where the active view looks."""
        mapping = self._image.mapping
        if mapping is None:
            self._view.set_box(None)
            return
        top, left = mapping.to_scene(mapping.seen.topLeft())
        bottom, right = mapping.to_scene(mapping.seen.bottomRight())
        rows, cols = mapping.shape
        whole = (bottom - top) * (right - left) > 0.98 * rows * cols
        self._view.set_box(None if whole else (top, left, bottom, right))

    def _look(self, row: float, col: float) -> None:
        mapping = self._image.mapping
        if mapping is not None:
            self._image.look_at(mapping.scale, (row, col))
