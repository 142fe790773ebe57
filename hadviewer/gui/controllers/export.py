"""Exporting results: what is offered, which files that makes, and the writing of them."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hadviewer.analysis.objects import UNCLEANED
from hadviewer.core.cube import Cube
from hadviewer.core.errors import ParamError
from hadviewer.engine import catalog
from hadviewer.engine.export import default_stem, export_result, obstacle, planned_files
from hadviewer.engine.jobs import JobRunner
from hadviewer.engine.session import ResultEntry, Session
from hadviewer.gui.views.data import ExportOffer, ExportOrder, FormatChoice, PlannedFile

if TYPE_CHECKING:
    from hadviewer.gui.views.protocols import ExportDialogLike, MessagesLike

FIRST_FORMATS = ("envi", "png")
NO_MASK = "Show a mask first: Threshold, Show mask"


class ExportController:
    """Exports the selected result as the dialog says."""

    def __init__(
        self,
        session: Session,
        jobs: JobRunner,
        dialog: "ExportDialogLike",
        messages: "MessagesLike",
        formats: Sequence[str] = FIRST_FORMATS,
        remember: Callable[[tuple[str, ...]], None] = lambda formats: None,
    ) -> None:
        self._chosen = tuple(formats)
        self._remember = remember
        self._session = session
        self._jobs = jobs
        self._dialog = dialog
        self._messages = messages
        self._entry: ResultEntry | None = None
        self._folder = ""
        dialog.changed.connect(self._plan)
        dialog.ordered.connect(self._on_ordered)

    def ask(self) -> None:
        """Let the user set up an export of the selected result."""
        self._entry = self._session.selected
        if self._entry is not None:
            self._dialog.offer(self._offer(self._entry))

    def export(self, entry: ResultEntry, order: ExportOrder) -> None:
        """Write the files of an order in the background."""
        folder = Path(order.folder).expanduser()
        layers = self._session.state.layers
        look = next((item for item in layers if item.kind == "scores" and item.result == entry.id), None)
        cube = self._session.cube
        wanted = order.mask or _any_objects(order.formats)
        mask = self._session.mask_layer(entry.id) if wanted else None
        truth = self._session.truth if order.roc else None

        def write() -> list[Path]:
            return export_result(
                entry.result,
                folder,
                order.formats,
                cube=cube,
                stem=order.stem,
                threshold=None if mask is None else mask.threshold,
                cleaning=UNCLEANED if mask is None else mask.cleaning,
                truth=truth,
                with_mask=order.mask,
                colormap="inferno" if look is None else look.colormap,
                limits=None if look is None else look.limits,
                scale="linear" if look is None else look.scale,
                inverse=look is not None and look.inverse,
            )

        def done(written: list[Path]) -> None:
            self._messages.info(
                f"{entry.title}: {len(written)} files written into {folder}.",
                ("Open folder", lambda: self._dialog.open_folder(str(folder))),
            )

        self._jobs.quick(
            write,
            title=f"Export {entry.title}",
            done=done,
            failed=lambda job: self._messages.error(f"{entry.title} was not exported: {job.error}", job.details),
        )

    def _offer(self, entry: ResultEntry) -> ExportOffer:
        cube = self._session.cube
        mask = self._session.mask_layer(entry.id)
        return ExportOffer(
            title=entry.title,
            folder=self._folder or str(folder_of(cube)),
            stem=stem_of(entry, "" if cube is None else cube.name),
            formats=_choices(cube, mask is not None),
            chosen=self._chosen,
            threshold=None if mask is None else mask.threshold,
            truth=self._session.truth is not None,
            cleaning=UNCLEANED if mask is None else mask.cleaning,
        )

    def _plan(self) -> None:
        """Show which files the present choices make; the disk is asked in the background."""
        order = self._dialog.order()
        if not order.folder:
            self._dialog.show_plan((), "Choose a folder.")
            return
        if not order.formats:
            self._dialog.show_plan((), "Choose a format.")
            return
        folder = Path(order.folder).expanduser()
        try:
            files = planned_files(
                folder,
                order.formats,
                order.stem,
                mask=order.mask,
                truth=order.roc,
                objects=True,
                cube=self._session.cube,
            )
        except ParamError as error:
            self._dialog.show_plan((), str(error))
            return
        self._jobs.quick(
            lambda: [PlannedFile(file.name, file.exists()) for file in files],
            key="export-plan",
            done=self._dialog.show_plan,
            failed=lambda job: self._dialog.show_plan((), job.error),
        )

    def _on_ordered(self, order: ExportOrder) -> None:
        self._folder = order.folder
        self._chosen = order.formats
        self._remember(order.formats)
        if self._entry is not None:
            self.export(self._entry, order)


def _choices(cube: Cube | None, mask: bool) -> tuple[FormatChoice, ...]:
    """All formats, with the reason where one cannot be chosen."""
    found = []
    for spec in catalog.writers():
        objects = spec.products == ("objects",)
        why_not = NO_MASK if objects and not mask else obstacle(spec, cube, mask)
        found.append(FormatChoice(spec.id, spec.title, spec.summary, objects, why_not))
    return tuple(found)


def _any_objects(formats: Sequence[str]) -> bool:
    return any("objects" in catalog.writers().get(name).products for name in formats)


def folder_of(cube: Cube | None) -> Path:
    """Where an export would be looked for: beside the cube, at home where the cube is the demo or has no file."""
    # Only now: the window starts without it.
    from hadviewer.engine.demo import is_demo

    return Path.home() if cube is None or cube.path is None or is_demo(cube.path) else cube.path.parent


def stem_of(entry: ResultEntry, cube: str) -> str:
    """The beginning of the files' names: cube and detector, with what tells it from other runs of that detector."""
    if entry.title.lower() == entry.result.request.detector:
        return default_stem(entry.result)
    return re.sub(r"[^\w.-]+", "-", f"{cube}_{entry.title.lower()}").strip("-.")
