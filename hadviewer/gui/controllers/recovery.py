"""Keeping the session for the case of a crash, and bringing back what a crash left."""

from typing import TYPE_CHECKING

from hadviewer.engine.jobs import Job, JobRunner
from hadviewer.engine.recovery import LeftBehind, Recovery
from hadviewer.engine.session_file import SavedSession

if TYPE_CHECKING:
    from hadviewer.engine.session import SessionState
    from hadviewer.gui.controllers.session_file import SessionFileController
    from hadviewer.gui.views.protocols import MessagesLike
    from hadviewer.gui.views.session_protocols import SessionDialogsLike

KEEP_EVERY_MS = 30_000


class RecoveryController:
    """Keeps what changed whenever ``tick`` is called; one thing at a time, never on the main thread.

    ``kept`` is the state that lies on the disk, None when none has to.
    """

    def __init__(
        self,
        recovery: Recovery,
        file: "SessionFileController",
        jobs: JobRunner,
        dialogs: "SessionDialogsLike",
        messages: "MessagesLike",
    ) -> None:
        self._recovery, self._file, self._jobs = recovery, file, jobs
        self._dialogs, self._messages = dialogs, messages
        self.kept: SessionState | None = None
        self._busy = self._failed = self._closed = False
        self._waiting: list[LeftBehind] = []

    def tick(self) -> None:
        """Keep the session unless it is kept, saved or empty."""
        if self._busy or self._closed:
            return
        saved = self._file.saved()
        if not self._file.changed or saved.state.scene is None:
            if self.kept is not None:
                self.kept, self._busy = None, True
                self._jobs.quick(self._recovery.clear, done=self._done, failed=self._fail)
        elif saved.state is not self.kept:
            self._busy = True
            self._jobs.quick(self._recovery.keep, saved, done=lambda _: self._hold(saved), failed=self._fail)

    def offer(self) -> None:
        """Ask what to do with what programs left that ended unexpectedly, if any."""
        self._jobs.quick(self._recovery.left_behind, done=self._receive, failed=self._fail)

    def close(self) -> None:
        """End well: nothing is left to recover. The jobs must have ended."""
        self._closed = True
        self._recovery.clear()

    def _receive(self, found: list[LeftBehind]) -> None:
        self._waiting = list(found)
        self._ask()

    def _ask(self) -> None:
        if self._waiting:
            left = self._waiting.pop(0)
            self._dialogs.offer_recovery(left.name, f"{left.kept:%d %B, %H:%M}", lambda chosen: self._act(left, chosen))

    def _act(self, left: LeftBehind, chosen: str) -> None:
        if chosen == "recover":
            self._waiting.clear()
            self._file.submit(
                self._recovery.take, left, places={}, receive=self._bring_back, title=f"Recover {left.name}"
            )
            return
        if chosen == "discard":
            self._jobs.quick(self._recovery.discard, left, failed=self._fail)
        self._ask()

    def _bring_back(self, saved: SavedSession) -> None:
        self._file.become(saved, saved.path)
        self.kept = saved.state
        self._messages.info("This is the session as it was last kept. Save it to go on with it later.")

    def _hold(self, saved: SavedSession) -> None:
        self.kept, self._busy, self._failed = saved.state, False, False

    def _done(self, _: None) -> None:
        self._busy = False

    def _fail(self, job: Job) -> None:
        self._busy = False
        if not self._failed:
            self._failed = True
            self._messages.warn(f"The session could not be kept for the case of a crash. {job.error}", job.details)
