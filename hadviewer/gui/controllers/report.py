"""The report of the session, written in the background."""

from pathlib import Path
from typing import TYPE_CHECKING

from hadviewer.engine.jobs import JobRunner
from hadviewer.engine.report import reported_of, write_report
from hadviewer.engine.session import Session

if TYPE_CHECKING:
    from hadviewer.gui.views.protocols import MessagesLike


class ReportController:
    """Hands everything that is open to the report."""

    def __init__(self, session: Session, jobs: JobRunner, messages: "MessagesLike") -> None:
        self._session, self._jobs, self._messages = session, jobs, messages

    def write(self, path: Path) -> None:
        """Write the report of the scene and all its results."""
        session = self._session
        if session.cube is None:
            self._messages.warn("Open a cube first: a report is about a scene and its results.")
            return
        self._jobs.quick(
            write_report,
            path,
            session.cube,
            reported_of(session.state),
            session.truth,
            session.state.display,
            title=f"Write {path.name}",
            patient=True,
            done=lambda written: self._messages.info(f"The report is in {written}."),
            failed=lambda job: self._messages.error(f"The report was not written: {job.error}", job.details),
        )
