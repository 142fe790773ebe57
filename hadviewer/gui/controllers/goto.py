"""Going to a place that was typed."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from hadviewer.core.errors import ParamError
from hadviewer.engine.jobs import Job, JobRunner
from hadviewer.engine.places import PlaceKind, find_pixel
from hadviewer.engine.session import Session

if TYPE_CHECKING:
    from hadviewer.gui.views.display_protocols import GotoDialogLike, PlaceViewLike


class GotoController:
    """Brings a pixel to the middle and puts the crosshair on it."""

    def __init__(
        self,
        session: Session,
        jobs: JobRunner,
        view: Callable[[], "PlaceViewLike"],
        dialog: "GotoDialogLike",
    ) -> None:
        self._session, self._jobs, self._view, self._dialog = session, jobs, view, dialog
        dialog.asked.connect(self.go)
        session.scene_changed.connect(self._offer)
        session.first_pixel_changed.connect(self._offer)
        self._offer()

    def ask(self) -> None:
        """Let a place be typed."""
        if self._session.cube is not None:
            self._offer()
            self._dialog.present()

    def go(self, kind: PlaceKind, text: str, tell: Callable[[str], object] | None = None) -> None:
        """Go to the place that a text means; turning degrees into map coordinates takes a moment the first time.

        ``tell`` gets the sentence of what went wrong, '' for nothing; without it the dialog shows it.
        """
        cube = self._session.cube
        tell = tell or self._dialog.show_error
        if cube is None:
            return

        def arrive(found: tuple[int, int] | str) -> None:
            if cube is not self._session.cube:
                return
            if isinstance(found, str):
                tell(found)
                return
            tell("")
            view = self._view()
            view.centre_on(*found)
            view.set_crosshair(found)
            self._session.set_cursor(found)

        def fail(job: Job) -> None:
            tell(job.error)

        def find() -> tuple[int, int] | str:
            try:
                return find_pixel(cube, kind, text, self._session.first_pixel)
            except ParamError as error:
                return error.message

        self._jobs.quick(find, key="go to", done=arrive, failed=fail)

    def _offer(self) -> None:
        cube = self._session.cube
        self._dialog.offer(mapped=cube is not None and cube.geo is not None, origin=self._session.first_pixel)
