"""The outlines of objects on the map, and what all formats of features say in their own words."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.errors import WriteError
from hadviewer.core.features import FeatureTable
from hadviewer.core.geolocation import Location
from hadviewer.core.specs import MapProduct
from hadviewer.io.coordinates import transformed
from hadviewer.io.writers._geo import georeference

Ring = NDArray[np.float64]
Shape = list[list[Ring]]
"""Polygons of one object, each its outline and then its holes: closed rings of (x, y), the last place the first."""


@dataclass(frozen=True)
class Box:
    """What encloses places: in x from ``left`` to ``right``, in y from ``bottom`` to ``top``."""

    left: float
    bottom: float
    right: float
    top: float


def features_of(product: MapProduct) -> FeatureTable:
    """The objects of a product that is made of them."""
    assert product.features is not None
    return product.features


def shapes(product: MapProduct, crs: str = "", *, clockwise: bool = False, pixels: bool = False) -> list[Shape]:
    """The polygons of every object; outlines run counter-clockwise as seen on the map, holes the other way.

    ``crs`` is the coordinate system to give them in, '' for that of the scene. Without a georeference x is the sample
    and y minus the line, so that the picture stands upright beside an image without one; with ``pixels`` y is the line.
    Raises WriteError where the places have no coordinates in that system.
    """
    outlines = [polygon for several in features_of(product).outlines for polygon in several]
    rings = list(chain.from_iterable(polygon.rings for polygon in outlines))
    corners = np.array([corner for ring in rings for corner in (*ring, ring[0])], dtype=np.float64).reshape(-1, 2)
    places = _placed(corners, None if pixels else georeference(product), crs, upright=not pixels)
    ends = np.cumsum([len(ring) + 1 for ring in rings])[:-1]
    placed = iter(np.split(places, ends) if rings else [])
    return [
        [
            [_turned(next(placed), clockwise != (number > 0)) for number in range(len(polygon.rings))]
            for polygon in several
        ]
        for several in features_of(product).outlines
    ]


def box_of(found: Shape | list[Shape]) -> Box | None:
    """What encloses an object, or several; None around nothing."""
    rings = list(_rings(found))
    if not rings:
        return None
    places = np.concatenate(rings)
    low, high = places.min(axis=0), places.max(axis=0)
    return Box(float(low[0]), float(low[1]), float(high[0]), float(high[1]))


def _rings(found: Shape | list[Shape]) -> Iterator[Ring]:
    for item in found:
        for inner in item:
            if isinstance(inner, np.ndarray):
                yield inner
            else:
                yield from inner


def _placed(corners: NDArray[np.float64], geo: Location | None, crs: str, *, upright: bool) -> NDArray[np.float64]:
    rows, cols = corners.T
    if geo is None:
        if crs:
            raise WriteError("The scene has no coordinate system, so its objects have no longitude and latitude.")
        return np.stack((cols, -rows if upright else rows), axis=1)
    try:
        places = geo.positions(rows, cols)
        found = transformed(places, geo.crs, crs) if crs else places
    except ValueError as error:
        raise WriteError(
            "The coordinate system of the scene is unknown, so its objects have no longitude and latitude.",
            hint="Choose a format that keeps map coordinates, such as GeoPackage.",
            details=str(error),
        ) from None
    if not np.isfinite(found).all():
        raise WriteError(
            "An object lies where the scene has no map coordinates.",
            hint="Choose a format that keeps pixels, such as GeoJSON in pixels.",
        )
    return found


def _turned(ring: Ring, clockwise: bool) -> Ring:
    """The ring as it is, or backwards."""
    x, y = (ring - ring[0]).T
    area = float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))
    return ring[::-1] if (area < 0) != clockwise else ring
