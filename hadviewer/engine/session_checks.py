"""Whether the parts of a session that was read fit each other: sizes, numbers of things, places inside the scene."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from hadviewer.core.region import Patch
from hadviewer.engine.session_codec import DamagedError
from hadviewer.engine.views import COUNTS

if TYPE_CHECKING:
    from hadviewer.engine.session import SessionState

LARGEST_PLACE = 2**31 - 1


def check_state(state: "SessionState") -> None:
    """Raise DamagedError, saying what is wrong, for a state that could not have come about."""
    _check_views(state)
    _check_ids(state)
    if state.scene is None:
        if state.layers or state.pins or state.results or state.segmentation or state.profile:
            raise DamagedError("it has results without a scene")
        return
    rows, cols, bands = state.scene.cube.shape
    shape = (rows, cols)
    if state.scene.truth is not None:
        _expect(state.scene.truth.mask.shape == shape, "the truth is of another size than the scene")
    for entry in state.results:
        alike = entry.result.scores.shape == shape and entry.result.valid.shape == shape
        _expect(alike, f"the result {entry.title[:60]!r} is of another size than the scene")
    if state.segmentation is not None:
        labels, means = state.segmentation.labels, state.segmentation.means
        fits = labels.shape == shape and means.ndim == 2 and means.shape[1] == bands
        _expect(fits, "the superpixels are of another size than the scene")
        _expect(labels.size == 0 or (labels.min() >= -1 and labels.max() < len(means)), "a superpixel has no spectrum")
    for pin in state.pins:
        if pin.kind == "pixel":
            inside = 0 <= pin.row < rows and 0 <= pin.col < cols and all(size % 2 == 1 for size in pin.window)
            _expect(inside and min(pin.window) > 0, "a spectrum lies outside the scene")
        else:
            _expect(pin.values is not None and pin.values.shape == (bands,), "a spectrum has another number of bands")
    if state.profile is not None:
        ends = (state.profile.start, state.profile.end)
        _expect(all(0 <= row < rows and 0 <= col < cols for row, col in ends), "the profile leaves the scene")


def _check_views(state: "SessionState") -> None:
    views = state.views
    _expect(views.count in COUNTS and 0 <= views.active < views.count, "it has no such views")
    for display in (state.display, *(look.display for look in views.looks)):
        _expect(all(0 <= band <= LARGEST_PLACE for band in display.bands), "it shows bands that do not exist")
        _expect(len(display.stretch.limits) in (0, 1, 3), "its stretch has limits for channels that do not exist")


def _check_ids(state: "SessionState") -> None:
    results = [entry.id for entry in state.results]
    _expect(state.selected is None or state.selected in results, "the selected result is missing")
    known = all(layer.result is None or layer.result in results for layer in state.layers)
    _expect(known, "a layer shows a result that is missing")
    _expect(all(mark.result in results for mark in state.reviews), "a reviewed object belongs to a missing result")
    _expect(all(0 <= layer.opacity <= 1 for layer in state.layers), "a layer is more than opaque")
    _check_distinct([*results, *(layer.id for layer in state.layers)])
    for numbered in (state.pins, state.regions, state.libraries):
        _check_distinct([item.id for item in numbered])
    drawn = [part.pixels for region in state.regions for part in region.parts if isinstance(part, Patch)]
    for runs in (*drawn, *(mark.pixels for mark in state.reviews)):
        fits = runs.ndim == 2 and runs.shape[1] == 3 and (runs.size == 0 or runs.min() >= 0)
        _expect(fits, "a region or an object has pixels that cannot be")


def _check_distinct(ids: Iterable[int]) -> None:
    numbers = list(ids)
    _expect(len(set(numbers)) == len(numbers), "two things have one number")
    _expect(all(0 < number <= LARGEST_PLACE for number in numbers), "something has a number that cannot be")


def _expect(true: bool, otherwise: str) -> None:
    if not true:
        raise DamagedError(otherwise)
