"""Which layers are shown and where a new one goes: stacks of layers in, stacks out, bottom first."""

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hadviewer.engine.session import Layer, ResultEntry

Stack = tuple["Layer", ...]

FILL_KINDS = ("segment_scores", "segment_colours")
"""Layers that colour each superpixel."""


def showing(layers: Stack, result_id: int | None) -> Stack:
    """The layers with the map of this result shown instead of any other; where no map is shown, none becomes so."""
    maps = [item for item in layers if item.kind == "scores"]
    if not any(item.visible for item in maps) or all(item.result != result_id for item in maps):
        return layers
    shown = tuple(replace(item, visible=item.result == result_id) if item in maps else item for item in layers)
    return layers if shown == layers else shown


def over_scores(layers: Stack, added: "Layer") -> Stack:
    """The layers with one more, just above the topmost score map."""
    place = 1 + max((number for number, layer in enumerate(layers) if layer.kind == "scores"), default=-1)
    return (*layers[:place], added, *layers[place:])


def filled(layers: Stack, added: "Layer | None", result_id: int | None) -> Stack:
    """The layers with superpixels filled by a layer in place of score maps; None brings back the map of this result."""
    before = [layer for layer in layers if layer.kind in FILL_KINDS]
    rest = tuple(layer for layer in layers if layer.kind not in FILL_KINDS)
    if added is not None:
        hidden = tuple(replace(layer, visible=False) if layer.kind == "scores" else layer for layer in rest)
        return over_scores(hidden, added)
    if not any(layer.visible for layer in before):
        return rest
    return tuple(
        replace(layer, visible=True) if layer.kind == "scores" and layer.result == result_id else layer
        for layer in rest
    )


def segment_title(entry: "ResultEntry") -> str:
    """What the layer of a result's mean scores by superpixel is called."""
    return f"{entry.title}: superpixel means"


def refilled(layers: Stack, entry: "ResultEntry | None") -> Stack:
    """The layers with superpixels filled by the scores of this result, where they are filled by another's."""
    if entry is None or all(layer.kind != "segment_scores" or layer.result == entry.id for layer in layers):
        return layers
    return tuple(
        replace(layer, result=entry.id, title=segment_title(entry), limits=None)
        if layer.kind == "segment_scores"
        else layer
        for layer in layers
    )
