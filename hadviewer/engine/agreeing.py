"""How far the results of a session agree: their masks and maps compared, made a map, and laid side by side."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hadviewer.analysis.agreement import Agreement, agreement, counted_votes, rank_correlation, votes
from hadviewer.core.results import DetectionRequest, DetectionResult
from hadviewer.detectors.fusion import OWN_ID
from hadviewer.engine.layering import FILL_KINDS
from hadviewer.engine.review import MaskSource
from hadviewer.engine.session import ResultEntry, Session
from hadviewer.engine.views import COUNTS, Look

MAP_KINDS = ("scores", "mask", *FILL_KINDS)
"""Layers of which each view shows only those of its own result."""
VOTES = "thresholds"
"""What the provenance of a map of votes has, and that of no other result."""


@dataclass(frozen=True, eq=False)
class Compared:
    """A result to be compared; ``source`` is None where it has no threshold, and then only its ranks are."""

    entry: ResultEntry
    source: MaskSource | None


@dataclass(frozen=True, eq=False)
class Comparison:
    """Each two of some results, by their places, and how many pixels 1, 2, ... of those with a mask find."""

    pairs: tuple[tuple[int, int, Agreement], ...]
    found_by: tuple[int, ...]


def comparable(session: Session, chosen: Sequence[int] = ()) -> tuple[Compared, ...]:
    """The results of the scene's size but maps of votes; only those ``chosen`` where these are two or more."""
    cube = session.cube
    size = None if cube is None else cube.shape[:2]
    own = (entry for entry in session.state.results if VOTES not in entry.result.provenance)
    entries = [entry for entry in own if entry.result.scores.shape == size]
    marked = [entry for entry in entries if entry.id in chosen]
    return tuple(Compared(entry, mask_source(session, entry)) for entry in (marked if len(marked) > 1 else entries))


def mask_source(session: Session, entry: ResultEntry) -> MaskSource | None:
    """What the mask of a result is made of, None where it has none."""
    layer = session.mask_layer(entry.id)
    if layer is None or layer.threshold is None:
        return None
    return MaskSource(entry.result.scores, entry.result.valid, layer.threshold, layer.cleaning)


def compare(results: Sequence[Compared]) -> Comparison:
    """Compare each two; for the quick lane."""
    masks = [None if one.source is None else one.source.mask() for one in results]
    pairs = []
    for first, second in combinations(range(len(results)), 2):
        scores = results[first].entry.result.scores, results[second].entry.result.scores
        pairs.append((first, second, _agreement((masks[first], masks[second]), scores)))
    known = [mask for mask in masks if mask is not None]
    return Comparison(tuple(pairs), counted_votes(votes(known), len(known)) if known else ())


def agreement_result(results: Sequence[Compared]) -> DetectionResult:
    """A map of how many of these results find each pixel, each with its own threshold; all must have one."""
    started = datetime.now(UTC)
    sources = [one.source for one in results if one.source is not None]
    valid = np.logical_and.reduce([source.valid for source in sources])
    counted = votes([source.mask() for source in sources])
    told = [f"{one.entry.title} from {one.source.threshold:.6g}" for one in results if one.source is not None]
    first = results[0].entry.result
    provenance: dict[str, Any] = {
        **{name: value for name, value in first.provenance.items() if name != "beside"},
        "started": started.isoformat(timespec="seconds"),
        "repeatable": False,
        "parts": [one.entry.result.request.model_dump(mode="json") for one in results],
        VOTES: [source.threshold for source in sources],
    }
    return DetectionResult(
        request=DetectionRequest(detector=OWN_ID, params={"rule": "votes"}, device="cpu"),
        scores=np.where(valid, counted, np.nan).astype(np.float32),
        valid=valid,
        seconds=(datetime.now(UTC) - started).total_seconds(),
        notes=(f"How many of these find each pixel: {'; '.join(told)}.",),
        provenance=provenance,
    )


def show_side_by_side(session: Session, results: Sequence[int]) -> int:
    """Show the maps of up to four results in linked views, one each, as one step to undo; returns how many."""
    state = session.state
    mapped = {layer.result for layer in state.layers if layer.kind == "scores"}
    wanted = [entry.id for entry in state.results if entry.id in results][: max(COUNTS)]
    if session.cube is None or len(wanted) < 2:
        return 0
    for lost in (number for number in wanted if number not in mapped):
        session.lay_map(lost)
    layers = session.state.layers
    looks = []
    for number in wanted:
        own = (replace(it, visible=it.result == number) if it.kind in MAP_KINDS else it for it in layers)
        looks.append(Look(state.display, tuple(own)))
    views = replace(state.views, looks=tuple(looks), active=0, link=state.views.link or "pixel", alike=False)
    session.change("Maps side by side", views=views, layers=looks[0].layers, selected=wanted[0])
    return len(wanted)


def _agreement(
    masks: tuple[NDArray[np.bool_] | None, NDArray[np.bool_] | None],
    scores: tuple[NDArray[np.float32], NDArray[np.float32]],
) -> Agreement:
    first, second = masks
    if first is None or second is None:
        return Agreement(0, 0, np.nan, np.nan, rank_correlation(*scores))
    return agreement((first, second), scores)
