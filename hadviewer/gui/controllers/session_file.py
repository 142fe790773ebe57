"""Saving and opening sessions, and the question before work would be lost."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from psygnal import Signal

from hadviewer.engine.jobs import Job, JobRunner
from hadviewer.engine.session import Session, SessionState
from hadviewer.engine.session_arrays import ArrayNames
from hadviewer.engine.session_cubes import MissingCubeError
from hadviewer.engine.session_file import ENDING, SavedSession, has_work, open_session, save_session

if TYPE_CHECKING:
    from hadviewer.gui.views.protocols import MessagesLike
    from hadviewer.gui.views.session_protocols import SessionDialogsLike, SightLike

PROGRAM = "hadviewer"
OPENING = "open-scene"
"""The key of jobs that open something in place of the scene: the latest of them counts."""
Places = Mapping[Path, Path]


class SessionFileController:
    """Knows which file (``path``) the session belongs to, and the state as saved or opened (``clean``).

    ``remember(path)`` keeps a file among the recent ones; ``asks()`` says whether to ask before work is lost.
    Signals: ``title_changed(text)``, the name of the window, with a dot where something changed.
    """

    title_changed = Signal(str)

    def __init__(
        self,
        session: Session,
        jobs: JobRunner,
        dialogs: "SessionDialogsLike",
        sight: "SightLike",
        messages: "MessagesLike",
        remember: Callable[[Path], object] = lambda path: None,
        asks: Callable[[], bool] = lambda: True,
    ) -> None:
        self._session, self._jobs, self._messages = session, jobs, messages
        self._dialogs, self._sight, self._remember, self._asks = dialogs, sight, remember, asks
        self.path: Path | None = None
        self.clean: SessionState | None = session.state
        self._names = ArrayNames()
        self._told = ""
        self._let_go = False
        session.history_changed.connect(self._retitle)

    # What there is

    @property
    def changed(self) -> bool:
        """Whether anything is not as it was saved or opened."""
        return self._session.state is not self.clean

    @property
    def at_stake(self) -> bool:
        """Whether work would be lost: changes of a saved session, or more than a scene that one looked at."""
        return self.changed and (self.path is not None or has_work(self._session.state))

    @property
    def title(self) -> str:
        """The name of the window."""
        cube = self._session.cube
        if cube is None and self.path is None:
            return PROGRAM
        scene = cube.name if cube is not None else ""
        name = scene if self.path is None else f"{self.path.stem} ({scene})" if scene else self.path.stem
        return f"{'• ' if self.changed else ''}{name} — {PROGRAM}"

    def saved(self) -> SavedSession:
        """All that is to be kept now."""
        return SavedSession(self._session.state, self._sight.viewing(), self.path)

    # What users ask for

    def save(self, then: Callable[[], None] | None = None) -> None:
        """Save where it was saved before, else ask where; ``then`` follows once that is done."""
        if self.path is None:
            self.save_as(then)
        else:
            self._save(self.path, then)

    def save_as(self, then: Callable[[], None] | None = None) -> None:
        """Ask where to save."""
        path = self._dialogs.choose_target(self._suggestion())
        if path is not None:
            self._save(path if path.suffix.lower() == ENDING else path.with_name(path.name + ENDING), then)

    def ask_for_one(self) -> None:
        """Ask which session to open."""
        path = self._dialogs.choose_session()
        if path is not None:
            self.leave(lambda: self.open(path))

    def open(self, path: Path, places: Places | None = None) -> None:
        """Open a session in place of the present one; asks for cubes that are not where they were."""

        def receive(saved: SavedSession) -> None:
            self.become(saved, path)
            self.clean = self._session.state
            self._retitle()
            self._remember(path)

        self.submit(open_session, path, places=places or {}, receive=receive, title=f"Open {path.name}")

    def submit(
        self,
        function: Callable[..., SavedSession],
        what: object,
        *,
        places: Places,
        receive: Callable[[SavedSession], None],
        title: str,
    ) -> None:
        """Open a session by ``function(what, places)``, again with another place where a cube is not found."""

        def fail(job: Job) -> None:
            if isinstance(job.cause, MissingCubeError):
                found = self._dialogs.find_cube(job.cause.missing)
                if found is not None:
                    known = {**places, job.cause.missing: found}
                    self.submit(function, what, places=known, receive=receive, title=title)
                    return
            self._messages.error(job.error, job.details)

        self._jobs.quick(function, what, places, key=OPENING, title=title, done=receive, failed=fail)

    def become(self, saved: SavedSession, path: Path | None) -> None:
        """Show a session that was opened; it belongs to ``path``, and counts as changed until it is saved."""
        self.clean = None
        self._session.restore(saved.state)
        self._sight.look(saved.viewing)
        self.path = path
        self._retitle()

    def begin(self) -> None:
        """A scene was opened: a session that no file knows yet begins."""
        self.path = None
        self.clean = self._session.state
        self._retitle()

    def leave(self, act: Callable[[], None]) -> None:
        """Do what ends the present session, after asking whether to save where work would be lost."""
        if not self.at_stake or not self._asks():
            act()
            return

        def answer(chosen: str) -> None:
            if chosen == "save":
                self.save(act)
            elif chosen == "discard":
                act()

        cube = self._session.cube
        name = self.path.stem if self.path is not None else cube.name if cube is not None else "this session"
        self._dialogs.ask_to_save(name, answer)

    def may_close(self, close: Callable[[], object]) -> bool:
        """Whether the window may close now; if not, ``close()`` is called again once the questions are answered."""
        running = [job.title for job in self._jobs.active if job.heavy]
        if self._let_go or not self._asks() or not (running or self.at_stake):
            return True

        def go() -> None:
            self._let_go = True
            close()

        def answer(chosen: str) -> None:
            if chosen == "stop":
                self.leave(go)

        if running:
            self._dialogs.ask_to_stop(running, answer)
        else:
            self.leave(go)
        return False

    def _save(self, path: Path, then: Callable[[], None] | None) -> None:
        state = self._session.state

        def done(_: None) -> None:
            self.path, self.clean = path, state
            self._remember(path)
            self._retitle()
            self._messages.info(f"Saved {path.name}.")
            if then is not None:
                then()

        self._jobs.quick(
            save_session,
            path,
            state,
            self._sight.viewing(),
            self._names,
            title=f"Save {path.name}",
            done=done,
            failed=lambda job: self._messages.error(job.error, job.details),
        )

    def _suggestion(self) -> Path:
        """Where to save: in the place before, else beside the cube."""
        cube = self._session.cube
        origin = cube.origin if cube is not None else None
        if self.path is not None:
            return self.path
        if origin is not None:
            return origin.path.with_suffix(ENDING)
        return Path.home() / f"session{ENDING}"

    def _retitle(self) -> None:
        if self.title != self._told:
            self._told = self.title
            self.title_changed.emit(self._told)
