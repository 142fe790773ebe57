"""The cubes of a file, offered with a quick look at each: one at a time, the selected one first."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hadviewer.core.errors import HadviewerError, ParamError, ReadError
from hadviewer.core.specs import Entry, ReaderSpec
from hadviewer.engine.jobs import Job, JobRunner
from hadviewer.engine.previews import Preview, look_at
from hadviewer.gui.views.data import EntryRow
from hadviewer.gui.views.entry_data import EntryPreview

if TYPE_CHECKING:
    from hadviewer.gui.views.protocols import EntryChooserLike

Choose = Callable[[str, dict[str, Any]], None]
MOST_UNASKED = 12
"""Cubes looked at without being selected."""


class EntriesController:
    """Offers cubes and calls back with the one chosen and the options of its reader."""

    def __init__(self, jobs: JobRunner, chooser: "EntryChooserLike") -> None:
        self._jobs, self._chooser = jobs, chooser
        self._path = Path()
        self._choose: Choose | None = None
        self._waiting: list[str] = []
        self._busy = False
        chooser.chosen.connect(self._take)
        chooser.dismissed.connect(self._forget)
        chooser.looked_at.connect(self._look)

    def offer(
        self, path: Path, reader: ReaderSpec, cubes: Sequence[Entry], choose: Choose, options: Mapping[str, Any]
    ) -> None:
        """Offer the cubes of a file; ``choose`` is called with a name and options."""
        self._path, self._choose = path, choose
        self._waiting = [item.name for item in cubes[:MOST_UNASKED]]
        rows = [EntryRow(item.name, " × ".join(map(str, item.shape)), item.dtype, item.note) for item in cubes]
        self._chooser.offer(path.name, rows, reader.params, options)

    def withdraw(self) -> None:
        """Offer nothing any more."""
        if self._choose is not None:
            self._forget()
            self._chooser.withdraw()

    def _take(self, name: str) -> None:
        choose = self._choose
        options = self._chooser.options
        self._forget()
        if choose is not None:
            choose(name, options)

    def _forget(self) -> None:
        self._choose, self._waiting = None, []

    def _look(self, name: str) -> None:
        """Look at this one next, then at those not seen yet."""
        self._waiting = [name, *(other for other in self._waiting if other != name)]
        self._go_on()

    def _go_on(self) -> None:
        if self._busy or not self._waiting or self._choose is None:
            return
        name = self._waiting.pop(0)
        self._busy, path = True, self._path

        def wanted() -> bool:
            """Another file may be offered by now, or this cube be looked at with other options next."""
            return path == self._path and name not in self._waiting

        def done(seen: Preview) -> None:
            self._busy = False
            if wanted():
                self._chooser.show_preview(name, _shown(seen))
            self._go_on()

        def failed(job: Job) -> None:
            self._busy = False
            if wanted():
                told = str(job.cause) if isinstance(job.cause, HadviewerError) else job.error
                self._chooser.show_failure(name, _field(job), told)
            self._go_on()

        self._jobs.quick(look_at, path, name, self._chooser.options, done=done, failed=failed)


def _field(job: Job) -> str:
    """The option that is to blame, or that helps."""
    if isinstance(job.cause, ParamError):
        return job.cause.field
    return job.cause.option if isinstance(job.cause, ReadError) else ""


def _shown(seen: Preview) -> EntryPreview:
    lines, samples, bands = seen.shape
    facts = (
        ("Size", f"{lines} lines × {samples} samples × {bands} bands"),
        ("Type", seen.dtype),
        ("Wavelengths", seen.wavelengths),
    )
    return EntryPreview(seen.picture, seen.shown, facts, seen.remarks)
