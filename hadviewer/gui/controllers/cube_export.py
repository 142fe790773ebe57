"""Exporting a part of the cube: what is offered, how large it gets, and the writing of it in the worker process."""

from pathlib import Path
from typing import TYPE_CHECKING

from hadviewer.core.errors import HadviewerError, ParamError
from hadviewer.core.params import parse
from hadviewer.core.runs import Runs
from hadviewer.engine.cube_export import ENDINGS, CubeExportParams, check_target, cut, export_cube_task
from hadviewer.engine.jobs import Job, JobRunner
from hadviewer.engine.session import Session
from hadviewer.engine.tasks import CubeReference
from hadviewer.gui.controllers._volume import volume
from hadviewer.gui.controllers.export import folder_of
from hadviewer.gui.views.data import CubeExportOrder

if TYPE_CHECKING:
    from hadviewer.core.cube import Cube
    from hadviewer.gui.views.protocols import CubeExportDialogLike, MessagesLike


class CubeExportController:
    """Exports a part of the scene as the dialog says."""

    def __init__(
        self, session: Session, jobs: JobRunner, dialog: "CubeExportDialogLike", messages: "MessagesLike"
    ) -> None:
        self._session = session
        self._jobs = jobs
        self._dialog = dialog
        self._messages = messages
        self._folder: Path | None = None
        dialog.changed.connect(self._plan)
        dialog.ordered.connect(self.export)

    def ask(self) -> None:
        """Let the user set up an export of the open cube."""
        cube = self._session.cube
        if cube is None:
            return
        regions = [(region.id, region.name) for region in self._session.state.regions]
        target = (self._folder or folder_of(cube)) / f"{cube.name}_subset.hdr"
        self._dialog.offer(cube.name, str(target), regions, ENDINGS, self._session.first_pixel)

    def export(self, order: CubeExportOrder) -> None:
        """Write the files of an order in the background; it can be cancelled."""
        cube = self._session.cube
        if cube is None:
            return
        path = Path(order.path).expanduser()
        self._folder = path.parent

        def done(files: list[Path]) -> None:
            names = " and ".join(file.name for file in files)
            open_folder = ("Open folder", lambda: self._dialog.open_folder(str(path.parent)))
            self._messages.info(f"{names} written into {path.parent}.", open_folder)

        def failed(job: Job) -> None:
            self._messages.error(f"The cube was not exported: {job.error}", job.details)

        self._jobs.heavy(
            export_cube_task,
            CubeReference.of(cube),
            path,
            parse(CubeExportParams, order.params),
            self._runs(order, cube),
            title=f"Export {path.name}",
            done=done,
            failed=failed,
        )

    def _plan(self) -> None:
        """Say what the present choices make, or what is wrong with them."""
        cube, order = self._session.cube, self._dialog.order()
        if cube is None:
            return

        def plan() -> str:
            path = Path(order.path).expanduser()
            if not order.path:
                raise ParamError("Choose a file.", field="path")
            part = cut(cube, parse(CubeExportParams, order.params), self._runs(order, cube))
            files = check_target(path, cube)
            rows, cols, bands = part.shape
            there = "" if not any(file.exists() for file in files) else " The one there is replaced."
            names = ", ".join(file.name for file in files)
            size = f"{rows} lines × {cols} samples × {bands} bands, {part.dtype.name}, {volume(part.nbytes)}"
            return f"{ENDINGS[path.suffix.lower()]}: {names}.{there}\n{size}."

        self._jobs.quick(
            plan,
            key="cube-export-plan",
            done=self._dialog.show_plan,
            failed=self._show_error,
        )

    def _show_error(self, job: Job) -> None:
        cause = job.cause
        field = cause.field if isinstance(cause, ParamError) else ""
        self._dialog.show_error(field, str(cause) if isinstance(cause, HadviewerError) else job.error)

    def _runs(self, order: CubeExportOrder, cube: "Cube") -> Runs | None:
        chosen = next((item for item in self._session.state.regions if item.id == order.region), None)
        return None if chosen is None else chosen.runs(cube.shape[:2])
