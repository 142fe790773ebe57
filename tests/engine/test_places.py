"""Whatever way somebody writes a place, it leads to its pixel, or to a sentence that says why not."""

import math

import numpy as np
import pyproj
import pytest

from hadviewer.core.bands import BandSet
from hadviewer.core.cube import Cube
from hadviewer.core.errors import ParamError
from hadviewer.core.geo import Georeference
from hadviewer.core.geolocation import ArrayCoordinates, Geolocation, Location
from hadviewer.engine.places import PlaceKind, describe_place, find_pixel
from hadviewer.io.sources import ArraySource

UTM = Georeference((500_000.0, 10.0, 0.0, 5_000_000.0, 0.0, -10.0), "EPSG:32610", "UTM 10 N", "m")
DEGREES = Georeference((7.0, 0.001, 0.0, 46.0, 0.0, -0.001), "EPSG:4326", "WGS-84", "deg")


def cube(geo: Location | None = None) -> Cube:
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
    "text",
    [
        "45.5 N, 122.7 W", "45.5, -122.7", "45.5 -122.7", "122.7W 45.5N", "N45.5 W122.7", "N 45 30 0 W 122 42 0",
        "45 30 0 N 122 42 0 W", "45 30 0 -122 42 0", "45°30'0\" N 122°42'0\" W", "45°30\u2032N, 122°42\u2032W",
        "45:30:00N 122:42:00W",
        "45d30m N 122d42m W", "45d30m0s N 122d42m0s W", "lat 45.5 lon -122.7", "Lon: -122.7, Lat: 45.5",
        "(45.5, -122.7)", "45,5 N 122,7 W", "45,5 -122,7", "45.5N, -122.7", "45 30.0 N, 122 42.0 W",
        "45.5° north 122.7° west",
    ],
)  # fmt: skip
def test_degrees_are_understood_however_they_are_written(text: str) -> None:
    geo = Georeference((-122.7505, 0.001, 0.0, 45.5505, 0.0, -0.001), "EPSG:4326", units="deg")
    assert find_pixel(cube(geo), "latlon", text) == (50, 50)


@pytest.mark.parametrize(
    "text", ["45 61 N 3 E", "45N 7N", "1 2 3", "45 -30, 7 2", "122.7 W 45.5", "45.5 X 3", "1e400, 3"]
)
def test_degrees_that_could_mean_several_places_mean_none(text: str) -> None:
    with pytest.raises(ParamError) as caught:
        find_pixel(cube(DEGREES), "latlon", text)
    assert caught.value.field == "place"


def test_map_coordinates_may_name_their_axes() -> None:
    for text in ("500015 E, 4999985 N", "4999985N 500015E", "500015mE 4999985mN"):
        assert find_pixel(cube(UTM), "map", text) == (1, 1)
    with pytest.raises(ParamError, match="one number for E"):
        find_pixel(cube(UTM), "map", "500015 E, 500015 E")


def swath() -> Geolocation:
    """100 x 200 pixels of about 100 m, each with a longitude and a latitude."""
    rows, cols = np.meshgrid(np.arange(100.0), np.arange(200.0), indexing="ij")
    return Geolocation(ArrayCoordinates(np.stack((7 + 0.001 * cols, 46 - 0.001 * rows), axis=-1)))


def test_of_a_scene_with_coordinates_of_each_pixel_the_nearest_is_found_or_how_far_it_is() -> None:
    assert find_pixel(cube(swath()), "latlon", "45.9501 N 7.1001 E") == (50, 100)
    with pytest.raises(ParamError, match=r"Outside the scene: line -100, sample 100"):
        find_pixel(cube(swath()), "latlon", "46.1 N 7.1 E")
    with pytest.raises(ParamError, match=r"the nearest, line 1, sample 1, is about 2,200 km away"):
        find_pixel(cube(swath()), "latlon", "60 N 20 W", 1)


def test_a_pixel_is_told_on_the_map_and_on_the_earth() -> None:
    assert describe_place(UTM, 0, 1) == "Map 500015.0, 4999995.0 · 45.153432° N, 122.999809° W"
    assert describe_place(UTM, 0, 1, "degrees, minutes, seconds").endswith(
        "45°09\u203212.36\u2033 N, 122°59\u203259.31\u2033 W"
    )
    assert describe_place(UTM, 0, 1, "map only") == "Map 500015.0, 4999995.0"
    assert describe_place(DEGREES, 0, 0) == "45.999500° N, 7.000500° E"
    assert describe_place(DEGREES, 0, 0, "map only") == "Map 7.000500, 45.999500"
    assert describe_place(swath(), 50, 100) == "45.950000° N, 7.100000° E"
    assert describe_place(Georeference(UTM.affine), 0, 1) == "Map 500015.0, 4999995.0"
    none = Geolocation(ArrayCoordinates(np.full((2, 2, 2), np.nan)))
    assert describe_place(none, 0, 0) == "No map coordinates"


def test_places_of_a_rotated_grid_agree_with_proj() -> None:
    turn = math.radians(30)
    affine = (5e5, 10 * math.cos(turn), 10 * math.sin(turn), 5e6, 10 * math.sin(turn), -10 * math.cos(turn))
    geo = Georeference(affine, "EPSG:32610", units="m")
    x, y = 5e5 + affine[1] * 30.5 + affine[2] * 20.5, 5e6 + affine[4] * 30.5 + affine[5] * 20.5
    lon, lat = pyproj.Transformer.from_crs("EPSG:32610", "EPSG:4326", always_xy=True).transform(x, y)
    assert describe_place(geo, 20, 30) == f"Map {x:.1f}, {y:.1f} · {lat:.6f}° N, {-lon:.6f}° W"


def test_sixty_seconds_are_a_minute() -> None:
    geo = Georeference((7 - 1e-10, 1e-9, 0.0, 46 - 1e-10, 0.0, -1e-9), "EPSG:4326", units="deg")
    assert describe_place(geo, 0, 0, "degrees, minutes, seconds") == "46°00\u203200.00\u2033 N, 7°00\u203200.00\u2033 E"


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
