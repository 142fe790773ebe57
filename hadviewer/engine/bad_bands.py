"""Bad bands of the open scene: marked by the user, suggested from the values, told to detectors and recipes."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.bands import select_bands, write_bands
from hadviewer.core.context import Context
from hadviewer.core.cube import Cube, Scene, Window
from hadviewer.core.results import DetectionRequest
from hadviewer.engine.tasks import CubeReference

if TYPE_CHECKING:
    from hadviewer.analysis.bad_bands import BandReport
    from hadviewer.engine.session import Session

STRIP_BYTES = 16 << 20
MOST_BYTES = 2 << 30
"""Values (float64) looked at for a suggestion; of a larger scene strips spread evenly over it."""


def set_usable(session: "Session", usable: NDArray[np.bool_]) -> bool:
    """Mark the bands that are False as bad and the others as good; False where none would be left."""
    scene = session.state.scene
    if scene is None or not np.any(usable):
        return False
    before = scene.cube.bands.mask
    if not np.array_equal(usable, before):
        bad, good = np.flatnonzero(before & ~usable), np.flatnonzero(usable & ~before)
        label = f"Mark {_counted(bad)} as bad" if len(bad) else f"Mark {_counted(good)} as good"
        cube = replace(scene.cube, bands=scene.cube.bands.with_usable(usable))
        session.change(label, scene=Scene(cube, scene.truth))
    return True


def mark(session: "Session", bands: Sequence[int], usable: bool) -> bool:
    """Mark these bands (0-based) as good or bad; False where no good one would be left."""
    if session.cube is None:
        return False
    mask = session.cube.bands.mask.copy()
    mask[list(bands)] = usable
    return set_usable(session, mask)


def spelled_out(request: DetectionRequest, cube: Cube) -> DetectionRequest:
    """The request with its bands as numbers where the user has marked bands: a recipe must not rely on these marks."""
    if cube.bands.given is None:
        return request
    return request.model_copy(update={"bands": write_bands(select_bands(request.bands, cube.bands))})


def suggest(reference: CubeReference, ctx: Context) -> "BandReport":
    """Look at the scene, or at strips all over a large one, and say which bands are of little use, and why."""
    from hadviewer.analysis.bad_bands import BandScan

    cube = reference.open()
    scan = BandScan(cube.shape[2], cube.shape[1])
    for window in ctx.track(_strips(cube), message="Looking at the bands"):
        scan.add(cube.values(window=window, dtype=np.float64))
    return scan.report(cube.bands.centres)


def _strips(cube: Cube) -> list[Window]:
    """All strips of a scene, or as many as may be looked at, evenly spread."""
    strips = list(cube.strips(STRIP_BYTES))
    most = max(1, MOST_BYTES // STRIP_BYTES)
    if len(strips) <= most:
        return strips
    return [strips[place] for place in np.linspace(0, len(strips) - 1, most).astype(int)]


def _counted(bands: NDArray[np.intp]) -> str:
    return f"band {bands[0] + 1}" if len(bands) == 1 else f"{len(bands)} bands"
