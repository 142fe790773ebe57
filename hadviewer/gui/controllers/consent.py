"""The question before weights that are programs are loaded for the first time."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from hadviewer.engine.jobs import JobRunner
from hadviewer.gui.views.data import ProgramFile
from hadviewer.io import consent

if TYPE_CHECKING:
    from hadviewer.gui.views.protocols import ConsentDialogLike, MessagesLike


class ConsentController:
    """Asks once for each content of a file; what was allowed is kept with the user's settings."""

    def __init__(self, jobs: JobRunner, dialog: "ConsentDialogLike", messages: "MessagesLike") -> None:
        self._jobs, self._dialog, self._messages = jobs, dialog, messages
        self._pending: tuple[tuple[consent.Program, ...], Callable[[], None]] | None = None
        dialog.allowed.connect(self._allow)
        dialog.refused.connect(self._refuse)

    def ask(self, programs: Sequence[consent.Program], go: Callable[[], None]) -> None:
        """Ask whether these files may run; ``go`` is called once they may."""
        self._pending = (tuple(programs), go)
        self._dialog.ask([ProgramFile(str(program.path), program.fingerprint) for program in programs])

    def _allow(self) -> None:
        if self._pending is None:
            return
        (programs, go), self._pending = self._pending, None
        self._jobs.quick(
            consent.allow,
            programs,
            done=lambda _: go(),
            failed=lambda job: self._messages.error(job.error, job.details),
        )

    def _refuse(self) -> None:
        self._pending = None
        self._messages.info("Nothing was run: the weights are programs that you did not allow.")
