"""Superpixels filled with their mean score or mean colour: what such a layer is made of, and how it is drawn."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hadviewer.analysis.segments import mean_scores
from hadviewer.engine.display import Display, initial_intent, resolve
from hadviewer.engine.session import Layer, Segmentation, Session
from hadviewer.render.composite import composite
from hadviewer.render.pyramid import shrink_pick
from hadviewer.render.stretch import Curve, limits
from hadviewer.render.tile_sources import ArrayTiles

Parts = tuple[Any, ...]


class FillParts:
    """What each filled layer is made of, as one object that stays the same as long as its parts do."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[int, Parts] = {}

    def of(self, layer: Layer) -> Parts | None:
        """Superpixels and scores, or superpixels and display; None where they are not there or of another scene."""
        found, cube = self._session.state.segmentation, self._session.cube
        entry = self._session.entry(layer.result)
        if found is None or cube is None or found.labels.shape != cube.shape[:2]:
            return None
        if layer.kind == "segment_colours":
            plan = resolve(self._session.state.display, cube)
            return self._same(layer.id, (found, resolve(initial_intent(cube), cube) if plan.components else plan))
        if entry is None or entry.result.scores.shape != found.labels.shape:
            return None
        return self._same(layer.id, (found, entry.result.scores))

    def _same(self, layer_id: int, parts: Parts) -> Parts:
        known = self._known.get(layer_id)
        if known is None or not all(map(_unchanged, known, parts)):
            known = self._known[layer_id] = parts
        return known


def fill_scores(parts: tuple[Segmentation, NDArray[np.float32]]) -> NDArray[np.float32]:
    """The mean score of each superpixel at its pixels (rows, cols); for a job."""
    found, scores = parts
    return mean_scores(found.labels, found.count, scores)


def fill_colours(parts: tuple[Segmentation, Display]) -> ArrayTiles:
    """The mean of each superpixel in the bands shown, stretched for itself; for a job."""
    found, display = parts
    bands = [np.append(found.means[:, band], np.nan)[:, np.newaxis] for band in display.bands]
    table = composite(bands, [Curve(*limits(band, 2.0)) for band in bands])[:, 0]
    # Pixels in no superpixel, -1, take the last colour, which is transparent.
    return ArrayTiles(found.labels, shrink_pick, lambda plane: np.take(table, plane, axis=0))


def _unchanged(known: object, part: object) -> bool:
    return known is part or (isinstance(part, Display) and known == part)
