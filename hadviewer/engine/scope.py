"""Which pixels of a scene a run is about: those it scores, those it reads, those its background comes from."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hadviewer.core import runs as runs_of
from hadviewer.core.context import BACKGROUND
from hadviewer.core.cube import Cube, Window
from hadviewer.core.errors import ParamError, ReadError
from hadviewer.core.region import Region
from hadviewer.core.results import DetectionRequest, Selection
from hadviewer.core.runs import Runs
from hadviewer.core.specs import DetectorSpec

ROLES: Mapping[str, str] = {
    "inside": "Only its pixels are scored, as if the rest of the scene did not exist.",
    "exclude": "Its pixels count nowhere: they get no score and have no part in any statistics.",
    "background": "Mean and covariance come from its pixels only.",
}
"""What a region can be to a run: the fields of a request, each with what it does."""


@dataclass(frozen=True, eq=False)
class Scope:
    """The part ``window`` of the cube that a run reads, and sets of pixels in it; None stands for all of them.

    What is not ``kept`` has no value; what is not ``scored`` gets no score; statistics come from ``background``.
    """

    window: Window
    kept: Runs | None = None
    scored: Runs | None = None
    background: Runs | None = None

    def mask(self, runs: Runs | None) -> NDArray[np.bool_] | None:
        """One of the sets as a mask of the window."""
        if runs is None:
            return None
        return runs_of.to_mask(runs, self.window.shape, self.window.row0, self.window.col0)


def select(regions: Region | list[Region], shape: tuple[int, int]) -> Selection:
    """The pixels of one or several regions in a scene (rows, cols), as a request keeps them."""
    several = regions if isinstance(regions, list) else [regions]
    name = ", ".join(region.name for region in several)
    return selection_of(name, runs_of.joined(region.runs(shape) for region in several))


def selection_of(name: str, runs: Runs) -> Selection:
    """Pixels that are known already, as a request keeps them."""
    return Selection(name=name, pixels=runs_of.to_text(runs))


def read_selection(reference: str | Path, cube: Cube) -> Selection:
    """The region called NAME, or all of them, of FILE:NAME or FILE, as pixels of a cube; raises ReadError."""
    from hadviewer.engine.verbs import split_reference
    from hadviewer.io.regions.files import read_regions

    path, name = split_reference(reference)
    regions = read_regions(path, cube.shape[:2], cube.geo)
    chosen = [region for region in regions if name is None or region.name == name]
    if not chosen:
        known = ", ".join(dict.fromkeys(region.name for region in regions))
        raise ReadError(f"{path.name} has no region {name!r}.", hint=f"It holds {known}.")
    return select(chosen, cube.shape[:2])


def scope_of(request: DetectionRequest, cube: Cube) -> Scope:
    """What the request says about pixels; raises ParamError where that does not fit the cube."""
    window = _window(request, cube)
    given = {role: _runs(role, selection, cube) for role in ROLES if (selection := getattr(request, role)) is not None}
    if not given:
        return Scope(window)
    excluded = given.get("exclude", runs_of.EMPTY)
    scored = runs_of.minus(runs_of.clipped(given.get("inside", _all_of(window)), window), excluded)
    if not len(scored):
        raise ParamError("No pixel is left to be scored.", field="inside" if "inside" in given else "exclude")
    if "background" not in given:
        return Scope(_around(scored), scored)
    background = runs_of.minus(given["background"], excluded)
    kept = runs_of.joined([scored, background])
    return Scope(_around(kept), kept, scored, background)


def check_background(request: DetectionRequest, detector: DetectorSpec, others: list[str]) -> None:
    """Raise ParamError where a background is named for a detector that has no use for it; ``others`` have."""
    if request.background is not None and BACKGROUND not in detector.takes:
        raise ParamError(
            f"{detector.title} cannot take its background from a region.",
            field="background",
            hint=f"These detectors can: {', '.join(others)}.",
        )


def _window(request: DetectionRequest, cube: Cube) -> Window:
    if request.region is None:
        return cube.window
    window = Window(*request.region)
    rows, cols = cube.shape[:2]
    if not (0 <= window.row0 < window.row1 <= rows and 0 <= window.col0 < window.col1 <= cols):
        raise ParamError(
            f"The region {tuple(window)} does not lie inside {rows} lines × {cols} samples.", field="region"
        )
    return window


def _runs(role: str, selection: Selection, cube: Cube) -> Runs:
    try:
        runs = runs_of.from_text(selection.pixels)
    except ValueError as error:
        raise ParamError(f"The pixels of {selection.name!r} cannot be understood: {error}.", field=role) from None
    box = runs_of.bounds(runs)
    if box is None:
        raise ParamError(f"{selection.name!r} has no pixels.", field=role)
    rows, cols = cube.shape[:2]
    if box[1] > rows or box[3] > cols:
        raise ParamError(
            f"{selection.name!r} does not lie inside {rows} lines × {cols} samples.",
            field=role,
            hint="It was drawn on another scene.",
        )
    return runs


def _all_of(window: Window) -> Runs:
    runs = np.empty((window.row1 - window.row0, 3), dtype=np.int32)
    runs[:, 0] = np.arange(window.row0, window.row1)
    runs[:, 1:] = window.col0, window.col1
    return runs


def _around(runs: Runs) -> Window:
    box = runs_of.bounds(runs)
    assert box is not None
    return Window(*box)
