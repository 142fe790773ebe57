"""What lies over the image: the session's layers on one side, drawing in the background, image and layers panel."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hadviewer.engine.jobs import Job, JobRunner
from hadviewer.engine.session import Layer, Session
from hadviewer.gui.controllers._scores import cleaned_mask
from hadviewer.gui.controllers.tiles import Sheet, TileLoader
from hadviewer.gui.views.data import ColourScale, LayerPicture, LayerRow, Outline
from hadviewer.render.colormaps import COLORMAPS, colour_table
from hadviewer.render.mosaic import Mosaic
from hadviewer.render.overlay import borders, mask_picture, outline, score_limits, score_picture
from hadviewer.render.pyramid import shrink_max, shrink_pick
from hadviewer.render.stretch import Limits
from hadviewer.render.tile_sources import ArrayTiles

if TYPE_CHECKING:
    from hadviewer.gui.views.protocols import ImageViewLike, LayersPanelLike, MessagesLike

GHOST, GHOST_OPACITY = 0, 0.75
"""Id of the unfinished map of a run, which is no layer of the session, and how it is laid over the image."""
_GHOST_LOOK = ("inferno", None)


@dataclass(frozen=True, eq=False)
class Drawing:
    """How a layer's tiles are drawn: from which array, with which look; ``tiles`` is None where that failed."""

    content: NDArray[Any]
    look: tuple[Any, ...]
    tiles: ArrayTiles | None = None
    limits: Limits | None = None

    def shows(self, content: NDArray[Any], look: tuple[Any, ...]) -> bool:
        """Whether drawing ``content`` with ``look`` would give the same."""
        return self.content is content and self.look == look


class LayersController:
    """Keeps the image's layers and the panel as the session's layers say.

    A layer is drawn again only when its array, colours, limits or threshold change, and only while it is visible;
    opacity, visibility and order draw nothing. A job finds what its tiles need (limits, the mask of a threshold), one
    at a time for each layer: while that goes on the session may run ahead (a slider), and then only what is wanted
    last is drawn.
    """

    def __init__(
        self,
        session: Session,
        jobs: JobRunner,
        view: "ImageViewLike",
        panel: "LayersPanelLike",
        messages: "MessagesLike",
        tiles: TileLoader,
    ) -> None:
        self._session, self._jobs, self._view, self._panel, self._messages = session, jobs, view, panel, messages
        self._tiles = tiles
        self._sheets: dict[int, Sheet] = {}
        self._drawings: dict[int, Drawing] = {}
        self._drawing: set[int] = set()
        self._unfinished: NDArray[np.float32] | None = None
        self._ghost = tiles.sheet(view, self._show_mosaic)
        self._drawing_ghost = False
        self._selected: int | None = None
        self._maps_offered = False
        session.layers_changed.connect(self._refresh)
        session.selected_changed.connect(self._follow_result)
        session.scene_changed.connect(self._refresh)
        session.segmentation_changed.connect(self._refresh)
        panel.visibility_changed.connect(lambda layer, visible: session.update_layer(layer, visible=visible))
        panel.opacity_changed.connect(self.set_opacity)
        panel.opacity_settled.connect(session.seal_step)
        panel.colormap_changed.connect(lambda layer, name: session.update_layer(layer, colormap=name))
        panel.limits_changed.connect(lambda layer, limits: session.update_layer(layer, limits=limits))
        panel.colour_changed.connect(lambda layer, colour: session.update_layer(layer, colour=colour))
        panel.move_requested.connect(self.move)
        panel.remove_requested.connect(session.remove_layer)
        panel.layer_selected.connect(self._select)
        self._refresh()

    # What users ask for

    @property
    def selected(self) -> Layer | None:
        """The layer selected in the panel."""
        return None if self._selected is None else self._session.layer(self._selected)

    def toggle_selected(self) -> None:
        """Show or hide the selected layer."""
        layer = self.selected
        if layer is not None:
            self._session.update_layer(layer.id, visible=not layer.visible)

    def change_opacity(self, step: float) -> None:
        """Make the selected layer more opaque (0.1) or less (-0.1)."""
        layer = self.selected
        if layer is not None:
            self.set_opacity(layer.id, layer.opacity + step)

    def set_opacity(self, layer_id: int, opacity: float) -> None:
        """Opacity 0..1 of a layer; a drag of the slider is one step to undo."""
        value = round(min(max(opacity, 0.0), 1.0), 2)
        self._session.update_layer(layer_id, merge=f"opacity {layer_id}", opacity=value)

    def move(self, layer_id: int, up: int) -> None:
        """Bring a layer ``up`` places nearer to the eye (negative: further away)."""
        ids = [layer.id for layer in self._session.state.layers]
        place = ids.index(layer_id) + up
        if 0 <= place < len(ids):
            self._session.move_layer(layer_id, place)

    def _select(self, layer_id: int | None) -> None:
        self._selected = layer_id

    def _follow_result(self) -> None:
        """A selected result's map is the layer whose look the panel offers."""
        chosen = self._session.state.selected
        layers = self._session.state.layers
        layer = next((item for item in layers if item.kind == "scores" and item.result == chosen), None)
        if layer is not None:
            self._panel.select(layer.id)
        self._show()

    def show_unfinished(self, scores: NDArray[np.float32] | None) -> None:
        """Lay the unfinished map of a run over the score maps, until None says that it is over. No layer of its own."""
        self._unfinished = scores
        if scores is None:
            self._ghost.set(None)
        elif not self._drawing_ghost:
            self._draw_ghost(scores)

    # What becomes of it

    def _refresh(self) -> None:
        layers = self._session.state.layers
        present = {layer.id for layer in layers}
        self._drawings = {number: drawing for number, drawing in self._drawings.items() if number in present}
        for number in [number for number in self._sheets if number not in present]:
            self._tiles.remove(self._sheets.pop(number))
        for layer in layers:
            if layer.id in self._sheets:
                self._sheets[layer.id].hide(not layer.visible)
            if layer.visible:
                self._draw(layer)
        self._show()

    def _draw(self, layer: Layer) -> None:
        """Have a layer drawn, unless it is drawn as wanted or a job is at it already."""
        content, look = self._content(layer), _look(layer)
        drawn = self._drawings.get(layer.id)
        if content is None or layer.id in self._drawing or (drawn is not None and drawn.shows(content, look)):
            return
        self._drawing.add(layer.id)

        def keep(drawing: Drawing) -> None:
            self._drawing.discard(layer.id)
            self._drawings[layer.id] = drawing
            if self._session.layer(layer.id) is not None:
                if layer.id not in self._sheets:
                    self._sheets[layer.id] = self._tiles.sheet(self._view, self._show_mosaic)
                self._sheets[layer.id].set(drawing.tiles)
            self._refresh()

        def give_up(job: Job) -> None:
            self._messages.error(f"{layer.title} cannot be drawn: {job.error}", job.details)
            keep(Drawing(content, look))

        self._jobs.quick(_DRAW[layer.kind], content, look, done=keep, failed=give_up)

    def _draw_ghost(self, scores: NDArray[np.float32]) -> None:
        """Draw the unfinished map; what came in the meantime is drawn next."""
        self._drawing_ghost = True

        def keep(drawing: Drawing) -> None:
            self._drawing_ghost = False
            if self._unfinished is None:
                return
            self._ghost.set(drawing.tiles)
            if self._unfinished is not drawing.content:
                self._draw_ghost(self._unfinished)

        def give_up(job: Job) -> None:
            self._drawing_ghost = False

        self._jobs.quick(draw_scores, scores, _GHOST_LOOK, done=keep, failed=give_up)

    def _content(self, layer: Layer) -> NDArray[Any] | None:
        """The array that a layer shows, if it belongs to the open scene."""
        cube = self._session.cube
        if layer.kind == "truth":
            content: NDArray[Any] | None = self._session.truth.mask if self._session.truth else None
        elif layer.kind == "segments":
            found = self._session.state.segmentation
            content = found.labels if found else None
        else:
            entry = self._session.entry(layer.result)
            content = entry.result.scores if entry else None
        return content if content is not None and cube is not None and content.shape == cube.shape[:2] else None

    def _show_mosaic(self, _: Mosaic | None) -> None:
        self._show()

    def _show(self) -> None:
        layers = self._session.state.layers
        shown = [
            (layer.kind, LayerPicture(layer.id, sheet.shown, layer.opacity, _outline(layer, drawing.content)))
            for layer in layers
            if layer.visible
            and (drawing := self._drawings.get(layer.id))
            and (sheet := self._sheets.get(layer.id))
            and sheet.shown is not None
        ]
        pictures = [picture for _, picture in shown]
        if self._ghost.shown is not None:
            above = 1 + max((place for place, (kind, _) in enumerate(shown) if kind == "scores"), default=-1)
            pictures.insert(above, LayerPicture(GHOST, self._ghost.shown, GHOST_OPACITY))
        self._view.set_layers(pictures)
        self._offer_maps()
        self._view.set_colour_scale(self._scale())
        self._panel.set_layers([self._row(layer) for layer in reversed(layers)])

    def _row(self, layer: Layer) -> LayerRow:
        drawing = self._drawings.get(layer.id)
        limits = layer.limits or (drawing.limits if drawing else None)
        return LayerRow(
            layer.id,
            layer.kind,
            layer.title,
            layer.visible,
            layer.opacity,
            layer.colormap,
            layer.colour,
            limits,
            layer.limits is None,
        )

    def _scale(self) -> ColourScale | None:
        """The colours of the selected result's map if it is in sight, else of the topmost map in sight."""
        shown = [
            (layer.result == self._session.state.selected, place, layer, drawing.limits)
            for place, layer in enumerate(self._session.state.layers)
            if layer.visible and (drawing := self._drawings.get(layer.id)) and drawing.limits is not None
        ]
        if not shown:
            return None
        _, _, layer, limits = max(shown, key=lambda item: item[:2])
        return ColourScale(layer.title, colour_table(layer.colormap), limits)

    def _offer_maps(self) -> None:
        """Show the panel the colour maps; only after a job has loaded them, which takes a while the first time."""
        if not self._maps_offered and any(drawing.limits for drawing in self._drawings.values()):
            self._maps_offered = True
            self._panel.set_colormaps({name: colour_table(name) for name in COLORMAPS})


def _outline(layer: Layer, content: NDArray[Any]) -> Outline | None:
    width = _LINES.get(layer.kind)
    return None if width is None else Outline(content, layer.colour, width)


def _look(layer: Layer) -> tuple[Any, ...]:
    """What decides how the layer's array is drawn."""
    if layer.kind == "scores":
        return layer.colormap, layer.limits
    if layer.kind == "mask":
        return layer.colour, layer.threshold, layer.cleaning
    return (layer.colour,)


def draw_scores(scores: NDArray[np.float32], look: tuple[Any, ...]) -> Drawing:
    """A score map in its colours; for a job, as all of these."""
    colormap, given = look
    limits = given or score_limits(scores)
    table = colour_table(colormap)
    tiles = ArrayTiles(scores, shrink_max, lambda plane: score_picture(plane, table, limits))
    return Drawing(scores, look, tiles, limits)


def draw_mask(scores: NDArray[np.float32], look: tuple[Any, ...]) -> Drawing:
    """The pixels whose score reaches the threshold, cleaned."""
    colour, threshold, cleaning = look
    mask = cleaned_mask(scores, np.inf if threshold is None else threshold, cleaning)
    return Drawing(scores, look, ArrayTiles(mask, shrink_max, lambda plane: mask_picture(plane, colour)))


def draw_truth(mask: NDArray[np.bool_], look: tuple[Any, ...]) -> Drawing:
    """Rings around the objects of the truth, as thin at every size."""
    tiles = ArrayTiles(mask, shrink_max, lambda plane: mask_picture(outline(plane), look[0]), margin=1)
    return Drawing(mask, look, tiles)


def draw_segments(labels: NDArray[np.int32], look: tuple[Any, ...]) -> Drawing:
    """Lines between the segments, as thin at every size."""
    return Drawing(
        labels, look, ArrayTiles(labels, shrink_pick, lambda plane: mask_picture(borders(plane), look[0]), 1)
    )


_LINES = {"truth": 2, "segments": 1}
_DRAW: dict[str, Callable[[NDArray[Any], tuple[Any, ...]], Drawing]] = {
    "scores": draw_scores,
    "mask": draw_mask,
    "truth": draw_truth,
    "segments": draw_segments,
}
