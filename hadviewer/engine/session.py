"""The session: what is open, shown, found and marked. One frozen state; every change makes a new one and can be undone.

Single-threaded: only the main thread touches it. Knows no widget and no job.
"""

import itertools
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray
from psygnal import Signal

from hadviewer.analysis.objects import UNCLEANED, Cleaning
from hadviewer.core.colours import CATEGORIES
from hadviewer.core.cube import Cube, Scene, Truth
from hadviewer.core.region import Region
from hadviewer.engine.display import DisplayIntent, initial_intent
from hadviewer.engine.held import bytes_held
from hadviewer.engine.layering import FILL_KINDS, filled, over_scores, refilled, segment_title, showing
from hadviewer.engine.pins import Pin, Pins, SpectraIntent
from hadviewer.engine.profiles import ProfileLine
from hadviewer.engine.regions import Regions
from hadviewer.engine.review import Mark, Reviews
from hadviewer.engine.shelf import Shelf, ShelvedLibrary
from hadviewer.engine.undo import History
from hadviewer.engine.views import Arrangement, Look, Views

if TYPE_CHECKING:
    from hadviewer.analysis.evaluation import Evaluation
    from hadviewer.core.results import DetectionResult

LayerKind = Literal["scores", "mask", "truth", "segments", "segment_scores", "segment_colours"]
SEGMENT_KINDS = ("segments", *FILL_KINDS)
ScoreScale = Literal["linear", "log", "rank"]
Blend = Literal["normal", "multiply", "screen", "difference", "add"]


@dataclass(frozen=True)
class Layer:
    """Something laid over the image, drawn in the order of ``SessionState.layers`` (last on top).

    ``result`` is the id of the result a score map or mask belongs to. ``limits`` are the scores at the ends of the
    colour map, None for automatic; ``scale`` is how scores between them take its colours, from the other end where it
    is ``inverse``. ``threshold`` is the value from which a mask is set; ``rule`` how it was chosen,
    ``cleaning`` what closes its gaps and leaves out its small objects.
    ``colour`` (#rrggbb) draws masks and outlines; ``blend`` is how colours meet those below.
    """

    id: int
    kind: LayerKind
    title: str
    visible: bool = True
    opacity: float = 1.0
    blend: Blend = "normal"
    colormap: str = "inferno"
    colour: str = "#ff3b30"
    limits: tuple[float, float] | None = None
    scale: ScoreScale = "linear"
    inverse: bool = False
    result: int | None = None
    threshold: float | None = None
    rule: str = ""
    cleaning: Cleaning = UNCLEANED


@dataclass(frozen=True, eq=False)
class ResultEntry:
    """A result in the session's list; ``colour`` is its curve's."""

    id: int
    title: str
    result: "DetectionResult"
    colour: str = CATEGORIES[0]


@dataclass(frozen=True, eq=False)
class Segmentation:
    """Superpixels: labels int32 (rows, cols), -1 where invalid; mean spectra float32 (segments, bands)."""

    labels: NDArray[np.int32]
    means: NDArray[np.float32]
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return len(self.means)


@dataclass(frozen=True, eq=False)
class SessionState:
    """Everything that undo restores."""

    scene: Scene | None = None
    views: Arrangement = field(default_factory=Arrangement)
    display: DisplayIntent = field(default_factory=DisplayIntent)
    layers: tuple[Layer, ...] = ()
    pins: tuple[Pin, ...] = ()
    results: tuple[ResultEntry, ...] = ()
    selected: int | None = None
    segmentation: Segmentation | None = None
    regions: tuple[Region, ...] = ()
    spectra: SpectraIntent = field(default_factory=SpectraIntent)
    profile: ProfileLine | None = None
    libraries: tuple[ShelvedLibrary, ...] = ()
    reviews: tuple[Mark, ...] = ()


class Session:
    """The mutable holder of the state, with a signal for each part of it.

    Signals: ``scene_changed``, ``views_changed``, ``display_changed``, ``layers_changed``, ``pins_changed``,
    ``results_changed``, ``selected_changed``, ``segmentation_changed``, ``regions_changed``, ``spectra_changed``,
    ``profile_changed``, ``libraries_changed``, ``reviews_changed`` after the part changed; ``bands_changed`` in place
    of ``scene_changed`` where only other bands are marked as bad; ``history_changed`` after every change;
    ``cursor_changed((row, col) or None)``, ``evaluations_changed`` and ``first_pixel_changed`` for what is not undone.
    """

    scene_changed = Signal()
    views_changed = Signal()
    display_changed = Signal()
    layers_changed = Signal()
    pins_changed = Signal()
    results_changed = Signal()
    selected_changed = Signal()
    segmentation_changed = Signal()
    regions_changed = Signal()
    spectra_changed = Signal()
    profile_changed = Signal()
    libraries_changed = Signal()
    reviews_changed = Signal()
    bands_changed = Signal()
    history_changed = Signal()
    cursor_changed = Signal(object)
    evaluations_changed = Signal()
    first_pixel_changed = Signal()

    def __init__(self) -> None:
        self.state = SessionState()
        self.first_pixel = 0
        self.cursor: tuple[int, int] | None = None
        self.evaluations: dict[int, Evaluation] = {}
        self._history: History[SessionState] = History(weigh=bytes_held)
        self._ids = itertools.count(1)

    # What is there

    @property
    def cube(self) -> Cube | None:
        """The open cube."""
        return self.state.scene.cube if self.state.scene else None

    @property
    def truth(self) -> Truth | None:
        """The truth of the open scene."""
        return self.state.scene.truth if self.state.scene else None

    def layer(self, layer_id: int) -> Layer | None:
        """The layer with this id."""
        return next((layer for layer in self.state.layers if layer.id == layer_id), None)

    def entry(self, result_id: int | None) -> ResultEntry | None:
        """The result with this id."""
        return next((entry for entry in self.state.results if entry.id == result_id), None)

    @property
    def selected(self) -> ResultEntry | None:
        """The selected result."""
        return self.entry(self.state.selected)

    @property
    def regions(self) -> Regions:
        """What can be done to the regions of interest."""
        return Regions(self)

    @property
    def reviews(self) -> Reviews:
        """What was decided of detected objects."""
        return Reviews(self)

    @property
    def pins(self) -> Pins:
        """What can be done to the collected spectra."""
        return Pins(self)

    @property
    def views(self) -> Views:
        """What can be done to the views of the scene."""
        return Views(self)

    @property
    def shelf(self) -> Shelf:
        """The open spectral libraries."""
        return Shelf(self)

    def mask_layer(self, result_id: int) -> Layer | None:
        """The threshold mask of a result, if it has one."""
        return next((item for item in self.state.layers if item.kind == "mask" and item.result == result_id), None)

    # What changes it

    def open(self, scene: Scene, label: str = "") -> None:
        """Show another scene; results and marks of the one before go with it (Undo brings them back)."""
        layers = () if scene.truth is None else (self._truth_layer(),)
        self.evaluations = {}
        self.set_cursor(None)
        display = initial_intent(scene.cube)
        fresh = SessionState(scene=scene, display=display, layers=layers, spectra=self.state.spectra)
        fresh = replace(fresh, libraries=self.state.libraries)
        changes = {part.name: getattr(fresh, part.name) for part in fields(SessionState)}
        changes["views"] = self.state.views.filled(Look(fresh.display, layers))
        self.change(label or f"Open {scene.cube.name}", **changes)

    def restore(self, state: SessionState) -> None:
        """Become what was saved; nothing from before can be brought back by Undo."""
        self._history = History(weigh=bytes_held)
        numbers = [*(layer.id for layer in state.layers), *(entry.id for entry in state.results)]
        self._ids = itertools.count(1 + max(numbers, default=0))
        self.evaluations = {}
        self.set_cursor(None)
        self._become(state)

    def set_truth(self, truth: Truth | None) -> None:
        """Use another truth mask, or none."""
        if self.state.scene is None:
            return
        layers = tuple(layer for layer in self.state.layers if layer.kind != "truth")
        if truth is not None:
            layers = (*layers, self._truth_layer())
        self.evaluations = {}
        self.change("Load truth", scene=Scene(self.state.scene.cube, truth), layers=layers)
        self.evaluations_changed.emit()

    def set_display(self, intent: DisplayIntent, *, merge: str = "", label: str = "Display") -> None:
        """Show other bands or another stretch."""
        if intent != self.state.display:
            self.change(label, merge=merge, display=intent)

    def add_result(self, result: "DetectionResult", title: str) -> ResultEntry:
        """Add a result with its layer over the other score maps, select it, and hide the others' maps.

        One map through another shows neither, and another result's mask would cover the hottest pixels.
        """
        number = len(self.state.results)
        entry = ResultEntry(next(self._ids), title, result, CATEGORIES[number % len(CATEGORIES)])
        layer = Layer(next(self._ids), "scores", title, opacity=0.75, result=entry.id)
        hidden = tuple(replace(item, visible=False) if item.result else item for item in self.state.layers)
        layers = over_scores(hidden, layer)
        self.change(f"Add {title}", results=(*self.state.results, entry), layers=layers, selected=entry.id)
        return entry

    def remove_result(self, result_id: int) -> None:
        """Remove a result and its layers."""
        entry = self.entry(result_id)
        if entry is None:
            return
        results = tuple(item for item in self.state.results if item.id != result_id)
        selected, layers = self.state.selected, self.state.layers
        if selected == result_id:
            selected = results[-1].id if results else None
            layers = showing(layers, selected)
        layers = tuple(item for item in layers if item.result != result_id)
        reviews = self.state.reviews
        if any(mark.result == result_id for mark in reviews):
            reviews = tuple(mark for mark in reviews if mark.result != result_id)
        self.change(f"Remove {entry.title}", results=results, layers=layers, selected=selected, reviews=reviews)

    def select_result(self, result_id: int | None) -> None:
        """Make a result the one that threshold and read-out refer to; its map takes the place of the one shown."""
        if result_id != self.state.selected:
            layers = refilled(showing(self.state.layers, result_id), self.entry(result_id))
            self.change("Select result", merge="select", selected=result_id, layers=layers)

    def update_layer(self, layer_id: int, *, merge: str = "", **changes: Any) -> None:
        """Change a layer's visibility, opacity, colour map, limits or title."""
        layers = tuple(replace(item, **changes) if item.id == layer_id else item for item in self.state.layers)
        if layers != self.state.layers:
            self.change("Layer", merge=merge, layers=layers)

    def move_layer(self, layer_id: int, position: int) -> None:
        """Put a layer at ``position`` (0 = bottom)."""
        layer = self.layer(layer_id)
        if layer is not None:
            others = [item for item in self.state.layers if item.id != layer_id]
            others.insert(position, layer)
            self.change("Reorder layers", layers=tuple(others))

    def show_only(self, layer_id: int) -> None:
        """Show a layer and hide all others."""
        layers = tuple(replace(item, visible=item.id == layer_id) for item in self.state.layers)
        if layers != self.state.layers:
            self.change("Show one layer", layers=layers)

    def remove_layer(self, layer_id: int) -> None:
        """Remove a layer; the result it shows stays in the list."""
        layer = self.layer(layer_id)
        if layer is not None:
            layers = tuple(item for item in self.state.layers if item.id != layer_id)
            self.change(f"Remove {layer.title}", layers=layers)

    def lay_map(self, result_id: int) -> None:
        """Lay the score map of a result over the image again, after its layer was removed."""
        entry = self.entry(result_id)
        if entry is not None:
            layer = Layer(next(self._ids), "scores", entry.title, opacity=0.75, result=entry.id)
            below = tuple(item for item in self.state.layers if item.kind == "scores")
            above = tuple(item for item in self.state.layers if item.kind != "scores")
            self.change(f"Show {entry.title}", layers=(*below, layer, *above))

    def set_threshold(
        self,
        result_id: int,
        value: float | None,
        rule: str = "",
        *,
        cleaning: Cleaning = UNCLEANED,
        merge: str = "",
    ) -> None:
        """Lay the mask of scores >= value over the image, cleaned, or take it away (None)."""
        present = self.mask_layer(result_id)
        entry = self.entry(result_id)
        if entry is None or (value is None and present is None):
            return
        if value is None:
            layers = tuple(item for item in self.state.layers if item is not present)
        elif present is None:
            title = f"Mask: {entry.title}"
            layer = Layer(next(self._ids), "mask", title, result=result_id, threshold=value, rule=rule)
            layers = (*self.state.layers, replace(layer, cleaning=cleaning))
        else:
            changed = replace(present, threshold=value, rule=rule, cleaning=cleaning)
            layers = tuple(changed if item is present else item for item in self.state.layers)
        self.change("Threshold", merge=merge, layers=layers)

    def set_profile(self, line: ProfileLine | None, *, merge: str = "") -> None:
        """Draw the line along which values are plotted, or take it away."""
        if line != self.state.profile:
            self.change("Profile line", merge=merge, profile=line)

    def set_segmentation(self, segmentation: Segmentation | None, *, merge: str = "") -> None:
        """Show these superpixels above the score maps, or none; their layers keep their place and look."""
        layers = tuple(layer for layer in self.state.layers if layer.kind not in SEGMENT_KINDS)
        if segmentation is not None:
            title = f"Superpixels ({segmentation.count})"
            former = next((layer for layer in self.state.layers if layer.kind == "segments"), None)
            if former is not None:
                changed = replace(former, title=title, visible=True)
                layers = tuple(changed if layer is former else layer for layer in self.state.layers)
            else:
                layer = Layer(next(self._ids), "segments", title, opacity=0.8, colour="#ffd54a")
                layers = over_scores(self.state.layers, layer)
        self.change("Superpixels", merge=merge, segmentation=segmentation, layers=layers)

    def fill_segments(self, kind: LayerKind | None) -> None:
        """Colour the superpixels by the mean score of the selected result, by their mean colour, or not at all.

        That takes the place of the score map shown, and gives it back.
        """
        entry, added = self.selected, None
        if kind == "segment_scores" and entry is not None:
            added = Layer(next(self._ids), kind, segment_title(entry), opacity=0.75, result=entry.id)
        elif kind == "segment_colours":
            added = Layer(next(self._ids), kind, "Mean colour of superpixels")
        layers = filled(self.state.layers, added, self.state.selected)
        if layers != self.state.layers:
            self.change("Colour superpixels", layers=layers)

    def set_cursor(self, pixel: tuple[int, int] | None) -> None:
        """Move the cursor; not undone."""
        if pixel != self.cursor:
            self.cursor = pixel
            self.cursor_changed.emit(pixel)

    def count_from(self, first_pixel: int) -> None:
        """Call the first line and sample 0 or 1, in all that is shown; not undone."""
        if first_pixel != self.first_pixel:
            self.first_pixel = first_pixel
            self.first_pixel_changed.emit()

    def attach_evaluation(self, result_id: int, evaluation: "Evaluation") -> None:
        """Keep the evaluation of a result against the present truth; derived, so not undone."""
        self.evaluations[result_id] = evaluation
        self.evaluations_changed.emit()

    # Undo

    def change(self, label: str, *, merge: str = "", **changes: Any) -> None:
        """The one door for changes: replace parts of the state, remember the state before, tell who listens.

        Without a label nothing is remembered: undoing the step before takes it back along.
        """
        after = replace(self.state, **changes)
        if label:
            self._history.record(label, self.state, after, merge)
        self._become(after)

    def undo(self) -> None:
        """Take the last change back."""
        state = self._history.undo(self.state)
        if state is not None:
            self._become(state)

    def redo(self) -> None:
        """Do what was undone again."""
        state = self._history.redo(self.state)
        if state is not None:
            self._become(state)

    def seal_step(self) -> None:
        """End a gesture (a slider let go): what follows is an undo step of its own."""
        self._history.seal()

    @property
    def undo_label(self) -> str:
        """What Undo would take back, or ''."""
        return self._history.undo_label

    @property
    def redo_label(self) -> str:
        """What Redo would bring back, or ''."""
        return self._history.redo_label

    def _become(self, state: SessionState) -> None:
        before, self.state = self.state, state
        if _truth_of(before) is not _truth_of(state):
            self.evaluations = {}
        for part in fields(SessionState):
            if getattr(before, part.name) is not getattr(state, part.name):
                only_bands = part.name == "scene" and _same_but_bands(before.scene, state.scene)
                getattr(self, "bands_changed" if only_bands else f"{part.name}_changed").emit()
        self.history_changed.emit()

    def _truth_layer(self) -> Layer:
        return Layer(next(self._ids), "truth", "Truth", colour="#00e5ff")


def _truth_of(state: SessionState) -> Truth | None:
    return state.scene.truth if state.scene else None


def _same_but_bands(before: Scene | None, after: Scene | None) -> bool:
    """Whether two scenes differ in nothing but what is known of their bands."""
    if before is None or after is None:
        return False
    return before.truth is after.truth and before.cube.same_but_marks(after.cube)
