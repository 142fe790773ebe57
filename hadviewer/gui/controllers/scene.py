"""Opening: files, the demo scene, truth masks, what is dropped on the window, and what is told about them."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psygnal import Signal

from hadviewer.core.cube import Cube, Scene, Truth
from hadviewer.core.errors import ReadError
from hadviewer.core.specs import Entry, ReaderSpec
from hadviewer.engine import remembering, verbs
from hadviewer.engine.jobs import Job, JobRunner
from hadviewer.engine.session import Session
from hadviewer.gui.controllers.dropped import Dropped, sort_out
from hadviewer.gui.controllers.entries import EntriesController
from hadviewer.gui.controllers.scene_facts import fact_sources, scene_facts

if TYPE_CHECKING:
    from hadviewer.gui.views.protocols import EntryChooserLike, MessagesLike, SceneInfoLike

_Found = tuple[ReaderSpec, list[Entry], Mapping[str, Any]]
"""A reader, the cubes it finds in a file, and the options that the file was read with before."""
_OPENING, _TRUTH, _DROPPED = "open-scene", "open-truth", "look-at-dropped"


class SceneController:
    """Opens scenes in the background; until a scene is wholly there nothing of what is shown changes.

    ``remember(path)`` keeps a file among the recent ones. ``leave(act)`` does ``act`` once work that would be lost is
    saved or given up; dropped cubes wait for it. ``edit`` opens the metadata.
    Signals: ``opened()`` when another scene is shown.
    """

    opened = Signal()

    def __init__(
        self,
        session: Session,
        jobs: JobRunner,
        chooser: "EntryChooserLike",
        info: "SceneInfoLike",
        messages: "MessagesLike",
        remember: Callable[[Path], object] = lambda path: None,
    ) -> None:
        self._session, self._jobs, self._messages = session, jobs, messages
        self._info, self._remember = info, remember
        self._entries = EntriesController(jobs, chooser)
        self.leave: Callable[[Callable[[], None]], None] = lambda act: act()
        self.edit: Callable[[], None] = lambda: None
        session.scene_changed.connect(self._show_scene)
        session.bands_changed.connect(self._show_scene)

    def open(
        self,
        path: Path,
        entry: str | None = None,
        truth: Path | None = None,
        options: Mapping[str, Any] | None = None,
        remark: str = "",
    ) -> None:
        """Open a file; where it holds several cubes and none is named, they are offered.

        ``truth`` is a file with the mask of this scene; the scene opens also when that cannot be used. ``options`` are
        those of the reader, a ``remark`` is told with what is remarkable about the file.
        """

        self._find(path, entry, options or {}, lambda scene: self._use(path, scene, truth, remark))

    def open_with_options(self, path: Path) -> None:
        """Offer what a file holds with the options of its reader, also where there is one cube only."""
        self._entries.withdraw()
        self._offer(path, lambda scene: self._use(path, scene))

    def open_beside(self, path: Path, use: Callable[[Cube], object], entry: str | None = None) -> None:
        """Open a file for a view beside the scene, which stays."""
        self._find(path, entry, {}, lambda scene: use(scene.cube))

    def open_demo(self) -> None:
        """Open the demo scene, which is computed when it is asked for the first time."""
        from hadviewer.engine.demo import demo_is_ready

        self._entries.withdraw()
        if not demo_is_ready():
            self._messages.info("Computing the demo scene; this takes a few seconds the first time.")
        self._submit(_open_demo, key=_OPENING, title="Open the demo scene", done=self._show_opened)

    def open_truth(self, path: Path) -> None:
        """Use the mask in a file as the truth of the open scene."""
        cube = self._session.cube
        if cube is None:
            self._messages.warn("There is no scene that the truth could belong to. Open a cube first.")
            return

        def use(truth: Truth) -> None:
            if cube.same_pixels(self._session.cube):
                self._session.set_truth(truth)
                marked = "1 pixel" if truth.count == 1 else f"{truth.count} pixels"
                self._tell((f"The truth {truth.name} marks {marked}.", *truth.notes))

        self._submit(verbs.open_truth, path, cube.shape[:2], key=_TRUTH, title=f"Open {path.name}", done=use)

    def open_dropped(self, paths: Sequence[Path]) -> None:
        """Open files dropped on the window: a cube as the scene, a mask as its truth or that of the open scene."""
        cube = self._session.cube

        def act(found: Dropped) -> None:
            left = f"One scene is open at a time; left aside: {', '.join(found.left)}." if found.left else ""
            if found.cube is not None:
                cube_path, truth_path = found.cube, found.truth
                self.leave(lambda: self.open(cube_path, truth=truth_path, remark=left))
                return
            self._tell((left,))
            if found.truth is not None:
                self.open_truth(found.truth)

        if paths:
            shape = None if cube is None else cube.shape[:2]
            self._submit(sort_out, list(paths), shape, key=_DROPPED, title="Look at dropped files", done=act)

    def show_info(self) -> None:
        """Bring up the sheet of facts about the scene."""
        self._info.present()

    def _submit(self, function: Callable[..., Any], *arguments: Any, **options: Any) -> None:
        self._jobs.quick(function, *arguments, failed=self._fail, **options)

    def _fail(self, job: Job) -> None:
        self._messages.error(job.error, job.details)

    def _use(self, path: Path, scene: Scene, truth: Path | None = None, remark: str = "") -> None:
        self._show_opened(scene, remark)
        self._remember(path)
        if truth is not None:
            self.open_truth(truth)

    def _offer(self, path: Path, use: Callable[[Scene], object]) -> None:
        """Offer the cubes of a file with the options of its reader, and ``use`` the one chosen."""

        def receive(found: _Found) -> None:
            reader, cubes, options = found
            self._entries.offer(path, reader, cubes, choose, options)

        def choose(entry: str, options: dict[str, Any]) -> None:
            self._find(path, entry, options, use)

        self._submit(_list, path, key=_OPENING, title=f"Look into {path.name}", done=receive)

    def _find(self, path: Path, entry: str | None, options: Mapping[str, Any], use: Callable[[Scene], object]) -> None:
        """Open a file and ``use`` the scene, after asking for one of several cubes."""
        self._entries.withdraw()

        def receive(found: Scene | _Found) -> None:
            if isinstance(found, Scene):
                use(found)
            else:
                reader, cubes, before = found
                self._entries.offer(path, reader, cubes, choose, {**before, **options})

        def choose(chosen: str, others: dict[str, Any]) -> None:
            self._find(path, chosen, others, use)

        def fail(job: Job) -> None:
            self._fail(job)
            if isinstance(job.cause, ReadError) and job.cause.option:
                self._offer(path, use)

        title = f"Open {path.name}"
        self._jobs.quick(_open_or_list, path, entry, options, key=_OPENING, title=title, done=receive, failed=fail)

    def _show_opened(self, scene: Scene, remark: str = "") -> None:
        self._session.open(scene)
        self.opened.emit()
        guesses = [guess.why for guess in scene.cube.guesses]
        action = ("Edit metadata…", self.edit) if guesses else None
        self._tell((remark, *guesses, *scene.cube.notes, *(scene.truth.notes if scene.truth else ())), action)

    def _tell(self, sentences: Sequence[str], action: tuple[str, Callable[[], None]] | None = None) -> None:
        text = " ".join(dict.fromkeys(sentence for sentence in sentences if sentence))
        if text:
            self._messages.info(text, action)

    def _show_scene(self) -> None:
        scene = self._session.state.scene
        if scene is None:
            self._info.show_facts("", {})
        else:
            self._info.show_facts(scene.cube.name, scene_facts(scene), fact_sources(scene.cube))


def _open_or_list(path: Path, entry: str | None, options: Mapping[str, Any]) -> Scene | _Found:
    """The scene, or the cubes of a file among which somebody has to choose."""
    if entry is None:
        found = _list(path)
        if len(found[1]) > 1:
            return found
    return verbs.open_scene(path, entry, options=options)


def _list(path: Path) -> _Found:
    """Raises ReadError where there are no cubes."""
    reader, entries = verbs.recognise(path)
    cubes = [item for item in entries if item.role == "cube"]
    if not cubes:
        verbs.open_cube(path)
    said, _ = remembering.recall(reader, path, cubes[0].name)
    return reader, cubes, said.options


def _open_demo() -> Scene:
    from hadviewer.engine.demo import demo_path, truth_path

    header = demo_path()
    return verbs.open_scene(header, truth=truth_path(header))
