"""What lies over the image: the session's layers on one side, the views and the layers panel on the other."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hadviewer.engine.jobs import Job, JobRunner
from hadviewer.engine.session import Layer, Session
from hadviewer.gui.controllers._layer_drawings import GHOST_LOOK, Drawing, Drawings, draw_scores
from hadviewer.gui.controllers.layer_pictures import LayerPictures, Sides
from hadviewer.gui.controllers.tiles import TileLoader
from hadviewer.gui.views.data import LayerRow
from hadviewer.render.colormaps import COLORMAPS, colour_table
from hadviewer.render.stretch import Limits

if TYPE_CHECKING:
    from hadviewer.gui.views.protocols import ImageViewLike, LayersPanelLike, MessagesLike


class LayersController:
    """Keeps the layers of the views, and the panel about those of the active one, as the session says.

    A layer is drawn again only when its array, colours, limits or threshold change, and only while it is visible;
    opacity, visibility, blend and order draw nothing.
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
        self._session, self._jobs, self._panel, self._tiles = session, jobs, panel, tiles
        self._drawings = Drawings(session, jobs, messages, self._refresh)
        self._pictures = [LayerPictures(view, self._drawings, tiles)]
        self._sides: Sides = {}
        self._unfinished: NDArray[np.float32] | None = None
        self._drawing_ghost = False
        self._selected: int | None = None
        self._maps_offered = self._dragging = False
        session.views_changed.connect(self._refresh)
        session.layers_changed.connect(self._refresh)
        session.selected_changed.connect(self._follow_result)
        session.scene_changed.connect(self._refresh)
        session.segmentation_changed.connect(self._refresh)
        session.display_changed.connect(self._refresh)
        panel.visibility_changed.connect(lambda layer, visible: session.update_layer(layer, visible=visible))
        panel.opacity_changed.connect(self.set_opacity)
        panel.opacity_settled.connect(session.seal_step)
        panel.colormap_changed.connect(lambda layer, name: session.update_layer(layer, colormap=name))
        panel.limits_changed.connect(lambda layer, limits: session.update_layer(layer, limits=limits))
        panel.limits_dragged.connect(self.drag_limits)
        panel.limits_settled.connect(self.settle_limits)
        panel.limits_cancelled.connect(self.cancel_limits)
        panel.scale_changed.connect(lambda layer, scale: session.update_layer(layer, scale=scale))
        panel.inverse_changed.connect(lambda layer, inverse: session.update_layer(layer, inverse=inverse))
        panel.colour_changed.connect(lambda layer, colour: session.update_layer(layer, colour=colour))
        panel.blend_changed.connect(lambda layer, blend: session.update_layer(layer, blend=blend))
        panel.renamed.connect(lambda layer, title: session.update_layer(layer, title=title))
        panel.move_requested.connect(self.move)
        panel.placed.connect(session.move_layer)
        panel.only_requested.connect(session.show_only)
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

    def show_only_selected(self) -> None:
        """Hide all layers but the selected one."""
        if self.selected is not None:
            self._session.show_only(self.selected.id)

    def change_opacity(self, step: float) -> None:
        """Make the selected layer more opaque (0.1) or less (-0.1)."""
        layer = self.selected
        if layer is not None:
            self.set_opacity(layer.id, layer.opacity + step)

    def set_opacity(self, layer_id: int, opacity: float) -> None:
        """Opacity 0..1 of a layer; a drag of the slider is one step to undo."""
        value = round(min(max(opacity, 0.0), 1.0), 2)
        self._session.update_layer(layer_id, merge=f"opacity {layer_id}", opacity=value)

    def drag_limits(self, layer_id: int, limits: Limits) -> None:
        """Scores at the ends of the colours while a handle is dragged: one step to undo."""
        self._dragging = True
        self._session.update_layer(layer_id, merge=f"limits of layer {layer_id}", limits=limits)

    def settle_limits(self) -> None:
        """The handle was let go."""
        if self._dragging:
            self._dragging = False
            self._session.seal_step()

    def cancel_limits(self) -> None:
        """Take the drag back."""
        if self._dragging:
            self._dragging = False
            self._session.undo()

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
        self._refresh()

    def show_unfinished(self, scores: NDArray[np.float32] | None) -> None:
        """Lay the unfinished map of a run over the score maps, until None says that it is over. No layer of its own."""
        self._unfinished = scores
        if scores is None:
            self._show_ghost(None)
        elif not self._drawing_ghost:
            self._draw_ghost(scores)

    def compare(self, sides: Sides) -> None:
        """Show layers of the active view in parts of it only; {} shows them as they are."""
        if sides != self._sides:
            self._sides = dict(sides)
            self._refresh()

    # What becomes of it

    def set_views(self, views: Sequence["ImageViewLike"]) -> None:
        """Keep the layers of each of these views, in the order of the session's."""
        before = {id(pictures.view): pictures for pictures in self._pictures}
        self._pictures = [
            before.pop(id(view)) if id(view) in before else LayerPictures(view, self._drawings, self._tiles)
            for view in views
        ]
        for gone in before.values():
            gone.close()
        self._refresh()

    @property
    def _active(self) -> LayerPictures:
        return self._pictures[min(self._session.state.views.active, len(self._pictures) - 1)]

    def _refresh(self) -> None:
        stacks = [look.layers for look in self._session.views.looks]
        self._drawings.retain(layer for layers in stacks for layer in layers)
        views = list(zip(self._pictures, stacks, strict=False))
        for pictures, layers in views:
            pictures.show(layers, self._session.state.selected, self._sides if pictures is self._active else {})
        wanted = [layer for pictures, _ in views for layer in pictures.wanted]
        self._offer_maps()
        self._panel.set_layers([self._row(layer) for layer in reversed(self._session.state.layers)])
        for layer in wanted:
            self._drawings.draw(layer)

    def _draw_ghost(self, scores: NDArray[np.float32]) -> None:
        """Draw the unfinished map; what came in the meantime is drawn next."""
        self._drawing_ghost = True

        def keep(drawing: Drawing) -> None:
            self._drawing_ghost = False
            if self._unfinished is None:
                return
            self._show_ghost(drawing)
            if self._unfinished is not drawing.content:
                self._draw_ghost(self._unfinished)

        def give_up(job: Job) -> None:
            self._drawing_ghost = False

        self._jobs.quick(draw_scores, scores, GHOST_LOOK, done=keep, failed=give_up)

    def _show_ghost(self, drawing: Drawing | None) -> None:
        for pictures in self._pictures:
            pictures.show_ghost(drawing.tiles if drawing is not None and pictures is self._active else None)

    def _row(self, layer: Layer) -> LayerRow:
        limits = layer.limits or self._active.limits(layer.id)
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
            layer.blend,
            layer.scale,
            layer.inverse,
            self._active.histogram(layer.id),
        )

    def _offer_maps(self) -> None:
        """Show the panel the colour maps; only after a job has loaded them, which takes a while the first time."""
        if not self._maps_offered and self._drawings.scored:
            self._maps_offered = True
            self._panel.set_colormaps({name: colour_table(name) for name in COLORMAPS})
