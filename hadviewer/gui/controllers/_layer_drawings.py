"""How layers are drawn: which array with which look, in a job, once for all views."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hadviewer.engine.jobs import Job, JobRunner
from hadviewer.engine.layering import FILL_KINDS
from hadviewer.engine.session import Layer, Session
from hadviewer.gui.controllers._mask_tiles import MaskTiles
from hadviewer.gui.controllers._segment_drawings import FillParts, Parts, fill_colours, fill_scores
from hadviewer.gui.views.data import Outline
from hadviewer.render.colormaps import map_colours
from hadviewer.render.overlay import borders, mask_picture, outline, score_curve, score_picture
from hadviewer.render.pyramid import shrink_max, shrink_pick
from hadviewer.render.stretch import Curve, Histogram, Limits, grid_sample, histogram
from hadviewer.render.tile_sources import ArrayTiles, TileSource

if TYPE_CHECKING:
    from hadviewer.gui.views.protocols import MessagesLike

Look = tuple[Any, ...]
GHOST_LOOK: Look = ("inferno", None, "linear", False)
"""How the unfinished map of a run is drawn."""


@dataclass(frozen=True, eq=False)
class Drawing:
    """How a layer's tiles are drawn: from which array, with which look; ``tiles`` is None where that failed."""

    content: NDArray[Any] | Parts
    look: Look
    tiles: TileSource | None = None
    curve: Curve | None = None
    histogram: Histogram | None = None

    @property
    def limits(self) -> Limits | None:
        """The scores at the ends of the colours."""
        return None if self.curve is None else self.curve.limits


class Drawings:
    """The drawings that the views need, each made once.

    A job finds what the tiles of a layer need (limits, the mask of a threshold), one at a time for each layer: while
    that goes on the session may run ahead (a slider), and then only what is wanted last is drawn. ``changed()`` is
    called after each.
    """

    def __init__(
        self, session: Session, jobs: JobRunner, messages: "MessagesLike", changed: Callable[[], None]
    ) -> None:
        self._session, self._jobs, self._messages, self._changed = session, jobs, messages, changed
        self._fills = FillParts(session)
        self._made: dict[tuple[int, Look], Drawing] = {}
        self._latest: dict[int, Drawing] = {}
        self._busy: set[int] = set()

    def of(self, layer: Layer) -> Drawing | None:
        """A layer drawn as it is wanted."""
        drawing = self._made.get((layer.id, look_of(layer)))
        return drawing if drawing is not None and drawing.content is self._content(layer) else None

    def latest(self, layer_id: int) -> Drawing | None:
        """How a layer was drawn last, which may be how it was wanted a moment ago."""
        return self._latest.get(layer_id)

    def draw(self, layer: Layer) -> None:
        """Have a layer drawn, unless it is drawn as wanted or a job is at it already."""
        content, look = self._content(layer), look_of(layer)
        if content is None or layer.id in self._busy or self.of(layer) is not None:
            return
        self._busy.add(layer.id)

        def keep(drawing: Drawing) -> None:
            self._busy.discard(layer.id)
            self._made[layer.id, look] = self._latest[layer.id] = drawing
            self._changed()
            if isinstance(drawing.tiles, MaskTiles) and drawing.tiles.rough:
                self._follow_up(layer, drawing)

        def give_up(job: Job) -> None:
            self._messages.error(f"{layer.title} cannot be drawn: {job.error}", job.details)
            keep(Drawing(content, look))

        self._jobs.quick(_DRAW[layer.kind], content, look, done=keep, failed=give_up)

    def _follow_up(self, layer: Layer, rough: Drawing) -> None:
        """Have a mask cleaned over the whole scene, unless another has taken its place by then."""

        def keep(exact: Drawing) -> None:
            if self._made.get((layer.id, rough.look)) is rough:
                self._made[layer.id, rough.look] = self._latest[layer.id] = exact
                self._changed()

        def tell(job: Job) -> None:
            self._messages.error(f"{layer.title} is not cleaned in the whole scene: {job.error}", job.details)

        self._jobs.quick(draw_whole_mask, rough, key=f"whole-mask-{layer.id}", patient=True, done=keep, failed=tell)

    def retain(self, layers: Iterable[Layer]) -> None:
        """Forget what none of these layers needs."""
        wanted = {(layer.id, look_of(layer)) for layer in layers}
        self._made = {key: drawing for key, drawing in self._made.items() if key in wanted}
        present = {number for number, _ in wanted}
        self._latest = {number: drawing for number, drawing in self._latest.items() if number in present}

    @property
    def scored(self) -> bool:
        """Whether a score map has been drawn."""
        return any(drawing.limits is not None for drawing in self._made.values())

    def _content(self, layer: Layer) -> NDArray[Any] | Parts | None:
        """The array that a layer shows, or what that is made of, if it belongs to the open scene."""
        if layer.kind in FILL_KINDS:
            return self._fills.of(layer)
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


def look_of(layer: Layer) -> Look:
    """What decides how the layer's array is drawn."""
    if layer.kind in ("scores", "segment_scores"):
        return layer.colormap, layer.limits, layer.scale, layer.inverse
    if layer.kind == "mask":
        return layer.colour, layer.threshold, layer.cleaning
    return (layer.colour,)


def outline_of(layer: Layer, content: Any) -> Outline | None:
    """The lines that take the place of the picture where pixels are large."""
    width = _LINES.get(layer.kind)
    return None if width is None else Outline(content, layer.colour, width)


def draw_scores(scores: NDArray[np.float32], look: Look) -> Drawing:
    """A score map in its colours; for a job, as all of these."""
    return _coloured(scores, scores, look)


def _coloured(content: NDArray[Any] | Parts, scores: NDArray[np.float32], look: Look) -> Drawing:
    """Scores in the colours of a look, whatever they were made of."""
    colormap, given, scale, inverse = look
    curve = score_curve(scores, scale, given)
    table = map_colours(colormap, inverse)
    tiles = ArrayTiles(scores, shrink_max, lambda plane: score_picture(plane, table, curve))
    return Drawing(content, look, tiles, curve, histogram(grid_sample(scores), curve.limits))


def draw_mask(scores: NDArray[np.float32], look: Look) -> Drawing:
    """The pixels whose score reaches the threshold, cleaned."""
    colour, threshold, cleaning = look
    return Drawing(scores, look, MaskTiles(scores, np.inf if threshold is None else threshold, cleaning, colour))


def draw_whole_mask(rough: Drawing) -> Drawing:
    """The same mask as it is in the whole scene."""
    assert isinstance(rough.tiles, MaskTiles)
    return replace(rough, tiles=rough.tiles.whole())


def draw_truth(mask: NDArray[np.bool_], look: Look) -> Drawing:
    """Rings around the objects of the truth, as thin at every size."""
    tiles = ArrayTiles(mask, shrink_max, lambda plane: mask_picture(outline(plane), look[0]), margin=1)
    return Drawing(mask, look, tiles)


def draw_segments(labels: NDArray[np.int32], look: Look) -> Drawing:
    """Lines between the segments, as thin at every size."""
    return Drawing(
        labels, look, ArrayTiles(labels, shrink_pick, lambda plane: mask_picture(borders(plane), look[0]), 1)
    )


def draw_segment_scores(parts: Parts, look: Look) -> Drawing:
    """Each superpixel in the colour of its mean score."""
    return _coloured(parts, fill_scores(parts), look)


def draw_segment_colours(parts: Parts, look: Look) -> Drawing:
    """Each superpixel in its mean colour."""
    return Drawing(parts, look, fill_colours(parts))


_LINES = {"truth": 2, "segments": 1}
_DRAW: dict[str, Callable[[Any, Look], Drawing]] = {
    "scores": draw_scores,
    "mask": draw_mask,
    "truth": draw_truth,
    "segments": draw_segments,
    "segment_scores": draw_segment_scores,
    "segment_colours": draw_segment_colours,
}
