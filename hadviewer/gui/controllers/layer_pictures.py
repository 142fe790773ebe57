"""The layers in one view: from the session's layers as this view shows them to the tiles in sight."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from hadviewer.engine.session import Layer
from hadviewer.gui.controllers._layer_drawings import Drawing, Drawings, Look, look_of, outline_of
from hadviewer.gui.controllers.tiles import Sheet, TileLoader
from hadviewer.gui.views.data import ColourScale, LayerPicture
from hadviewer.render.colormaps import map_colours
from hadviewer.render.figure import curve_ticks
from hadviewer.render.mosaic import Mosaic
from hadviewer.render.stretch import Histogram, Limits
from hadviewer.render.tile_sources import TileSource

if TYPE_CHECKING:
    from hadviewer.gui.views.protocols import ImageViewLike

GHOST, GHOST_OPACITY = 0, 0.75
"""Id of the unfinished map of a run, which is no layer of the session, and how it is laid over the image."""

Sides = Mapping[int, str]
"""Where compared layers are seen, by id: 'left' or 'right' of the curtain, 'all' over, or 'none' at all."""


class LayerPictures:
    """Keeps the layers of one view: a sheet for each, made when it is first seen."""

    def __init__(self, view: "ImageViewLike", drawings: Drawings, tiles: TileLoader) -> None:
        self.view, self._drawings, self._tiles = view, drawings, tiles
        self._layers: tuple[Layer, ...] = ()
        self._sides: Sides = {}
        self._selected: int | None = None
        self._sheets: dict[int, Sheet] = {}
        self._drawn: dict[int, Drawing] = {}
        self._asked: dict[int, set[Look]] = {}
        self._ghost = tiles.sheet(view, self._changed_over)

    def show(self, layers: Sequence[Layer], selected: int | None, sides: Sides) -> None:
        """Show these layers, the last on top, as far as they are drawn; ``selected`` is the result of the scale."""
        self._layers, self._selected, self._sides = tuple(layers), selected, sides
        present = {layer.id for layer in layers}
        for number in [number for number in self._sheets if number not in present]:
            self._tiles.remove(self._sheets.pop(number))
        self._drawn = {number: drawing for number, drawing in self._drawn.items() if number in present}
        self._asked = {number: looks for number, looks in self._asked.items() if number in present}
        for layer in layers:
            shown, drawing = self._wanted(layer), self._drawing(layer)
            if drawing is not None:
                self._drawn[layer.id] = drawing
            if layer.id in self._sheets:
                self._sheets[layer.id].hide(not shown)
            if drawing is not None and shown:
                if layer.id not in self._sheets:
                    self._sheets[layer.id] = self._tiles.sheet(self.view, self._changed_over)
                self._sheets[layer.id].set(drawing.tiles)
        self._lay()

    @property
    def wanted(self) -> list[Layer]:
        """The layers that are to be seen."""
        return [layer for layer in self._layers if self._wanted(layer)]

    def show_ghost(self, tiles: TileSource | None) -> None:
        """Lay the unfinished map of a run over the score maps."""
        self._ghost.set(tiles)

    def limits(self, layer_id: int) -> Limits | None:
        """The scores at the ends of a layer's colours, once it was drawn."""
        drawing = self._drawn.get(layer_id)
        return None if drawing is None else drawing.limits

    def histogram(self, layer_id: int) -> Histogram | None:
        """How the scores of a layer are distributed, once it was drawn."""
        drawing = self._drawn.get(layer_id)
        return None if drawing is None else drawing.histogram

    def close(self) -> None:
        """The view is needed no more."""
        for sheet in (*self._sheets.values(), self._ghost):
            self._tiles.remove(sheet)

    def _drawing(self, layer: Layer) -> Drawing | None:
        """A layer drawn as wanted, else as wanted before, if such a drawing has come since: a slider is followed."""
        asked = self._asked.setdefault(layer.id, set())
        asked.add(look_of(layer))
        drawing = self._drawings.of(layer)
        if drawing is not None:
            asked.clear()
            return drawing
        latest = self._drawings.latest(layer.id)
        return latest if latest is not None and latest.look in asked else None

    def _wanted(self, layer: Layer) -> bool:
        return layer.visible or layer.id in self._sides

    def _side(self, layer: Layer) -> str:
        return self._sides.get(layer.id, "all" if layer.visible else "none")

    def _changed_over(self, _: Mosaic | None) -> None:
        self._lay()

    def _lay(self) -> None:
        shown = [(layer.kind, picture) for layer in self._layers if (picture := self._picture(layer)) is not None]
        pictures = [picture for _, picture in shown]
        if self._ghost.shown is not None:
            above = 1 + max((place for place, (kind, _) in enumerate(shown) if kind == "scores"), default=-1)
            pictures.insert(above, LayerPicture(GHOST, self._ghost.shown, GHOST_OPACITY))
        self.view.set_layers(pictures)
        self.view.set_colour_scale(self._scale())

    def _picture(self, layer: Layer) -> LayerPicture | None:
        sheet, drawing = self._sheets.get(layer.id), self._drawn.get(layer.id)
        side = self._side(layer)
        if sheet is None or sheet.shown is None or drawing is None or side == "none":
            return None
        outline = outline_of(layer, drawing.content)
        return LayerPicture(layer.id, sheet.shown, layer.opacity, outline, layer.blend, side)

    def _scale(self) -> ColourScale | None:
        """The colours of the selected result's map if it is in sight, else of the topmost map in sight.

        A map that a flicker hides keeps its scale until another is shown, so that the image does not jump.
        """
        shown = [
            (self._side(layer) != "none", layer.result == self._selected, place, layer.title, drawing)
            for place, layer in enumerate(self._layers)
            if (drawing := self._drawn.get(layer.id)) is not None and drawing.limits is not None and self._wanted(layer)
        ]
        if not shown:
            return None
        *_, title, drawing = max(shown, key=lambda item: item[:3])
        assert drawing.curve is not None
        colormap, _, scale, inverse = drawing.look
        title = title if scale == "linear" else f"{title} ({scale})"
        return ColourScale(title, map_colours(colormap, inverse), drawing.curve.limits, curve_ticks(drawing.curve))
