"""From one coordinate system of maps to another, and to longitude and latitude."""

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.geolocation import Location

if TYPE_CHECKING:
    import pyproj

Places = NDArray[np.float64]
WGS84 = "EPSG:4326"
# PROJ would open what it is told to; definitions come from files of strangers.
_FILE = re.compile(r"(?:grids|init)\s*=\s*\"?[^\s\"]*[/\\]|PARAMETERFILE\s*\[[^\]]*[/\\]", re.IGNORECASE)


def transformed(places: Places, source: str, target: str) -> Places:
    """Places (n, 2) of (x, y) in another system, x eastwards in both; not finite where that is not defined.

    Raises ValueError where a system is not known.
    """
    if source == target or not len(places):
        return places
    return np.stack(_way(source, target).transform(*places.T), axis=1)


def can_be_placed(geo: Location | None) -> bool:
    """Whether places of this scene have a longitude and a latitude."""
    if geo is None or not geo.crs:
        return False
    try:
        _way(geo.crs, WGS84)
    except ValueError:
        return False
    return True


def on_earth(geo: Location, row: float, col: float) -> tuple[float, float] | None:
    """Longitude and latitude of a place in pixel space; None where they are not known."""
    if not can_be_placed(geo):
        return None
    lon, lat = transformed(geo.positions([row], [col]), geo.crs, WGS84)[0].tolist()
    return (lon, lat) if np.isfinite(lon) and np.isfinite(lat) else None


def system_of(crs: str) -> "pyproj.CRS":
    """The coordinate system that a text from a file means; raises ValueError where it is not known."""
    import pyproj

    if _FILE.search(crs):
        raise ValueError("a coordinate system names a file")
    try:
        return pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError as error:
        raise ValueError(f"a coordinate system is not known: {error}") from None


@lru_cache(maxsize=32)
def _way(source: str, target: str) -> "pyproj.Transformer":
    """Making one takes a tenth of a second, using it a hundredth of a millisecond."""
    import pyproj

    try:
        return pyproj.Transformer.from_crs(system_of(source), system_of(target), always_xy=True)
    except pyproj.exceptions.ProjError as error:
        raise ValueError(f"a coordinate system is not known: {error}") from None
