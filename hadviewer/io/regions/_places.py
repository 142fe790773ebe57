"""Between the pixels of a scene and the places on the map that files of regions hold."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.errors import ReadError, WriteError
from hadviewer.core.geolocation import Location
from hadviewer.core.region import Corner
from hadviewer.io.coordinates import transformed

Place = tuple[float, float]
ToPixels = Callable[[Sequence[Place]], list[Corner]]


def as_pixels(places: Sequence[Place]) -> list[Corner]:
    """(row, col) of (x, y) that are samples and lines already."""
    return [(y, x) for x, y in places]


def from_map(geo: Location | None, crs: str, what: str) -> ToPixels:
    """What turns places (x, y) in a coordinate system into (row, col); '' is that of the scene.

    Raises ReadError where the scene has no georeference, or one in an unknown system.
    """
    if geo is None or (crs and not geo.crs):
        raise ReadError(
            f"{what} places its regions on the Earth, and the scene has no known coordinate system.",
            hint="Save the regions in pixel coordinates.",
        )
    return partial(_to_pixels, geo, crs)


def to_map(geo: Location, corners: Sequence[Corner], crs: str = "") -> list[Place]:
    """(x, y) of corners (row, col) in a coordinate system; '' is that of the scene. Raises WriteError."""
    places = geo.positions(*np.asarray(corners, dtype=np.float64).reshape(-1, 2).T)
    try:
        found = transformed(places, geo.crs, crs) if crs else places
    except ValueError as error:
        raise WriteError("The coordinate system of the scene is unknown.", details=str(error)) from None
    if not np.isfinite(found).all():
        raise WriteError(
            "A region lies where the scene has no map coordinates.", hint="Leave it out, or make it smaller."
        )
    return _pairs(found)


def _to_pixels(geo: Location, crs: str, places: Sequence[Place]) -> list[Corner]:
    given = np.asarray(places, dtype=np.float64).reshape(-1, 2)
    try:
        known = transformed(given, crs, geo.crs) if crs else given
    except ValueError as error:
        raise ReadError("The coordinate system of the regions is unknown.", details=str(error)) from None
    if not np.isfinite(known).all():
        raise ReadError("A region lies where the coordinate system of the scene is not defined.")
    try:
        found = geo.pixels(*known.T)
    except ValueError:
        raise ReadError("The georeference of the scene is degenerate: places cannot be turned into pixels.") from None
    if not np.isfinite(found).all():
        raise ReadError(
            "A region reaches beyond the scene, where nothing says which lines and samples these would be.",
            hint="Save the regions in pixel coordinates.",
        )
    return _pairs(found)


def _pairs(places: NDArray[np.float64]) -> list[tuple[float, float]]:
    return [(first, second) for first, second in places.tolist()]
