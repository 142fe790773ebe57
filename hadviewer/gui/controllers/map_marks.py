"""Scale bar and north arrow: shown where the scene has a map and the user wants them."""

from typing import TYPE_CHECKING

from hadviewer.core.geolocation import Geolocation, Location
from hadviewer.engine.jobs import JobRunner
from hadviewer.engine.session import Session
from hadviewer.gui.views.map_marks import NorthArrowOverlay, ScaleBarOverlay

if TYPE_CHECKING:
    from hadviewer.gui.views.display_protocols import OverlayViewLike


class MapMarksController:
    """Gives both marks the place of the open scene, in every view."""

    def __init__(self, session: Session, jobs: JobRunner, *views: "OverlayViewLike") -> None:
        self._session, self._jobs = session, jobs
        self._views: list[OverlayViewLike] = []
        self.scale_bar, self.north_arrow = ScaleBarOverlay(), NorthArrowOverlay()
        session.scene_changed.connect(self._follow)
        for view in views:
            self.add_view(view)
        self._follow()

    def add_view(self, view: "OverlayViewLike") -> None:
        """Show the marks in one more view."""
        self._views.append(view)
        view.add_overlay(self.scale_bar)
        view.add_overlay(self.north_arrow)

    def remove_view(self, view: "OverlayViewLike") -> None:
        """A view is needed no more."""
        self._views.remove(view)

    def show(self, *, scale_bar: bool, north_arrow: bool) -> None:
        """Show or hide the marks."""
        self.scale_bar.shown, self.north_arrow.shown = scale_bar, north_arrow
        self._update()

    def _follow(self) -> None:
        cube = self._session.cube
        geo = None if cube is None else cube.geo
        if not isinstance(geo, Geolocation):
            self._place(geo)
            return
        self._place(None)

        def place(_: None) -> None:
            if cube is self._session.cube:
                self._place(geo)

        self._jobs.quick(geo.prepare, key="map marks", patient=True, done=place)

    def _place(self, geo: Location | None) -> None:
        self.scale_bar.geo = self.north_arrow.geo = geo
        self._update()

    def _update(self) -> None:
        for view in self._views:
            view.update()
