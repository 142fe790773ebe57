"""Between the pixels of a scene and the places on the map that files of regions hold."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from hadviewer.core.errors import ReadError
from hadviewer.core.geo import Georeference
from hadviewer.core.region import Corner

Place = tuple[float, float]
ToPixels = Callable[[Sequence[Place]], list[Corner]]
WGS84 = "EPSG:4326"


def as_pixels(places: Sequence[Place]) -> list[Corner]:
    """(row, col) of (x, y) that are samples and lines already."""
    return [(y, x) for x, y in places]


def from_map(geo: Georeference | None, crs: str, what: str) -> ToPixels:
    """What turns places (x, y) in a coordinate system into (row, col); '' is that of the scene.

    Raises ReadError where the scene has no georeference, or one in an unknown system.
    """
    if geo is None or (crs and not geo.crs):
        raise ReadError(
            f"{what} places its regions on the Earth, and the scene has no known coordinate system.",
            hint="Save the regions in pixel coordinates.",
        )
    return partial(_to_pixels, geo, crs)


def to_map(geo: Georeference, corners: Sequence[Corner], crs: str = "") -> list[Place]:
    """(x, y) of corners (row, col) in a coordinate system; '' is that of the scene."""
    places = [geo.position(row, col) for row, col in corners]
    return _transformed(places, geo.crs, crs) if crs else places


def can_be_placed(geo: Georeference | None) -> bool:
    """Whether corners of this scene have a longitude and a latitude."""
    if geo is None or not geo.crs:
        return False
    import pyproj

    try:
        pyproj.CRS.from_user_input(geo.crs)
    except pyproj.exceptions.CRSError:
        return False
    return True


def _to_pixels(geo: Georeference, crs: str, places: Sequence[Place]) -> list[Corner]:
    known = _transformed(places, crs, geo.crs) if crs and crs != geo.crs else places
    try:
        return [geo.pixel(x, y) for x, y in known]
    except ValueError:
        raise ReadError("The georeference of the scene is degenerate: places cannot be turned into pixels.") from None


def _transformed(places: Sequence[Place], source: str, target: str) -> list[Place]:
    import pyproj

    try:
        change = pyproj.Transformer.from_crs(source, target, always_xy=True)
    except pyproj.exceptions.CRSError as error:
        raise ReadError("The coordinate system of the regions is unknown.", details=str(error)) from None
    x, y = change.transform(*np.asarray(places, dtype=np.float64).reshape(-1, 2).T)
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ReadError("A region lies where the coordinate system of the scene is not defined.")
    return list(zip(x.tolist(), y.tolist(), strict=True))
