"""Whatever way somebody writes a place, it leads to its pixel, or to a sentence that says why not."""

import numpy as np
import pytest

from hadviewer.core.bands import BandSet
from hadviewer.core.cube import Cube
from hadviewer.core.errors import ParamError
from hadviewer.core.geo import Georeference
from hadviewer.engine.places import PlaceKind, find_pixel
from hadviewer.io.sources import ArraySource

UTM = Georeference((500_000.0, 10.0, 0.0, 5_000_000.0, 0.0, -10.0), "EPSG:32610", "UTM 10 N", "m")
DEGREES = Georeference((7.0, 0.001, 0.0, 46.0, 0.0, -0.001), "EPSG:4326", "WGS-84", "deg")


def cube(geo: Georeference | None = None) -> Cube:
    return Cube(ArraySource(np.zeros((100, 200, 1), dtype=np.float32)), BandSet(1), geo=geo)


@pytest.mark.parametrize("text", ["12, 34", "12 34", "12;34", "12,34", " 12.0 , 34 "])
def test_line_and_sample(text: str) -> None:
    assert find_pixel(cube(), "pixel", text) == (12, 34)
    assert find_pixel(cube(), "pixel", text, origin=1) == (11, 33)


@pytest.mark.parametrize(
    ("kind", "text", "pixel"),
    [
        ("map", "500015, 4999995", (0, 1)),
        ("map", "500015,5 4999984,5", (1, 1)),
        ("latlon", "45.1534 N, 123.0 W", (0, 0)),
        ("latlon", "45.1534, -122.99", (0, 78)),
        ("latlon", "122°59'24\"W 45°9'12.2\"N", (0, 78)),
    ],
)
def test_map_coordinates_and_degrees(kind: PlaceKind, text: str, pixel: tuple[int, int]) -> None:
    found = find_pixel(cube(UTM), kind, text)
    assert abs(found[0] - pixel[0]) <= 1
    assert abs(found[1] - pixel[1]) <= 1


def test_degrees_of_a_scene_in_degrees() -> None:
    assert find_pixel(cube(DEGREES), "latlon", "45.9505, 7.1005") == (49, 100)
    bare = Georeference(DEGREES.affine, units="deg")
    assert find_pixel(cube(bare), "latlon", "45.9505 N 7.1005 E") == (49, 100)


@pytest.mark.parametrize(
    ("kind", "text", "geo", "word"),
    [
        ("pixel", "", None, "two numbers"),
        ("pixel", "twelve, 3", None, "two numbers"),
        ("pixel", "100, 3", None, "Outside"),
        ("pixel", "-1, 3", None, "Outside"),
        ("map", "1, 2", None, "no map"),
        ("map", "0, 0", UTM, "Outside"),
        ("latlon", "nowhere", UTM, "latitude"),
        ("latlon", "95, 3", UTM, "latitude"),
        ("latlon", "45, 7", Georeference(UTM.affine, units="m"), "not known"),
        ("map", "1, 2", Georeference((0, 0, 0, 0, 0, 0)), "map"),
    ],
)
def test_what_leads_nowhere_is_said(kind: PlaceKind, text: str, geo: Georeference | None, word: str) -> None:
    with pytest.raises(ParamError, match=word):
        find_pixel(cube(geo), kind, text)
