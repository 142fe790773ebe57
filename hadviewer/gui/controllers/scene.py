"""Opening: files, the demo scene, truth masks, what is dropped on the window, and what is told about them."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psygnal import Signal

from hadviewer.core.cube import Cube, Scene, Truth
from hadviewer.core.specs import Entry
from hadviewer.engine import verbs
from hadviewer.engine.jobs import Job, JobRunner
from hadviewer.engine.session import Session
from hadviewer.gui.controllers.dropped import Dropped, sort_out
from hadviewer.gui.controllers.scene_facts import scene_facts
from hadviewer.gui.views.data import EntryRow

if TYPE_CHECKING:
    from hadviewer.gui.views.protocols import EntryChooserLike, MessagesLike, SceneInfoLike

_OPENING, _TRUTH, _DROPPED = "open-scene", "open-truth", "look-at-dropped"


class SceneController:
    """Opens scenes in the background; until a scene is wholly there nothing of what is shown changes.

    ``remember(path)`` keeps a file among the recent ones. ``leave(act)`` does ``act`` once work that
    would be lost is saved or given up; dropped cubes wait for it. Signals: ``opened()`` when another scene is shown.
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
        self._chooser, self._info, self._remember = chooser, info, remember
        self._choosing: Callable[[str], None] | None = None
        self.leave: Callable[[Callable[[], None]], None] = lambda act: act()
        session.scene_changed.connect(self._show_scene)
        session.bands_changed.connect(self._show_scene)
        chooser.chosen.connect(self._open_chosen)
        chooser.dismissed.connect(self._forget_choice)

    def open(self, path: Path, entry: str | None = None, truth: Path | None = None) -> None:
        """Open a file; where it holds several cubes and none is named, they are offered.

        ``truth`` is a file with the mask of this scene; the scene opens also when that cannot be used.
        """
        self._forget_choice()

        def receive(found: Scene | list[Entry]) -> None:
            if isinstance(found, Scene):
                self._show_opened(found)
                self._remember(path)
                if truth is not None:
                    self.open_truth(truth)
            else:
                self._choosing = lambda chosen: self.open(path, chosen, truth)
                self._chooser.offer(path.name, [_row(item) for item in found])

        self._submit(_open_or_list, path, entry, key=_OPENING, title=f"Open {path.name}", done=receive)

    def open_beside(self, path: Path, use: Callable[[Cube], object], entry: str | None = None) -> None:
        """Open a file for a view beside the scene, which stays."""
        self._forget_choice()

        def receive(found: Scene | list[Entry]) -> None:
            if isinstance(found, Scene):
                use(found.cube)
            else:
                self._choosing = lambda chosen: self.open_beside(path, use, chosen)
                self._chooser.offer(path.name, [_row(item) for item in found])

        self._submit(_open_or_list, path, entry, key=_OPENING, title=f"Open {path.name}", done=receive)

    def open_demo(self) -> None:
        """Open the demo scene, which is computed when it is asked for the first time."""
        from hadviewer.engine.demo import demo_is_ready

        self._forget_choice()
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
            if found.left:
                self._messages.info(f"One scene is open at a time; left aside: {', '.join(found.left)}.")
            if found.cube is not None:
                cube_path, truth_path = found.cube, found.truth
                self.leave(lambda: self.open(cube_path, truth=truth_path))
            elif found.truth is not None:
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

    def _open_chosen(self, entry: str) -> None:
        if self._choosing is not None:
            self._choosing(entry)

    def _forget_choice(self) -> None:
        if self._choosing is not None:
            self._choosing = None
            self._chooser.withdraw()

    def _show_opened(self, scene: Scene) -> None:
        self._session.open(scene)
        self.opened.emit()
        self._tell((scene.cube.bands.assumed, *scene.cube.notes, *(scene.truth.notes if scene.truth else ())))

    def _tell(self, sentences: Sequence[str]) -> None:
        text = " ".join(dict.fromkeys(sentence for sentence in sentences if sentence))
        if text:
            self._messages.info(text)

    def _show_scene(self) -> None:
        scene = self._session.state.scene
        self._info.show_facts(scene.cube.name if scene else "", scene_facts(scene) if scene else {})


def _open_or_list(path: Path, entry: str | None) -> Scene | list[Entry]:
    """The scene, or the cubes of a file among which somebody has to choose."""
    if entry is None:
        cubes = [item for item in verbs.contents(path) if item.role == "cube"]
        if len(cubes) > 1:
            return cubes
    return verbs.open_scene(path, entry)


def _open_demo() -> Scene:
    from hadviewer.engine.demo import demo_path, truth_path

    header = demo_path()
    return verbs.open_scene(header, truth=truth_path(header))


def _row(entry: Entry) -> EntryRow:
    return EntryRow(entry.name, " × ".join(map(str, entry.shape)), entry.dtype, entry.note)
