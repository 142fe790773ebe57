"""Cubes without a file keep the coordinates of their pixels in a session."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hadviewer.core.cube import Cube, Scene
from hadviewer.core.errors import ReadError
from hadviewer.core.geolocation import ArrayCoordinates, Geolocation
from hadviewer.engine.session import SessionState
from hadviewer.engine.session_arrays import ArrayNames
from hadviewer.engine.session_file import open_session, save_session
from hadviewer.engine.verbs import as_cube
from tests.engine.session_samples import VIEWING, round_trip


def located(rows: int, cols: int) -> Cube:
    places = np.random.default_rng(0).random((rows, cols, 2))
    geo = Geolocation(ArrayCoordinates(places), "EPSG:32611", "UTM", "m")
    return replace(as_cube(np.ones((7, 5, 3), np.float32)), geo=geo)


def test_coordinates_of_each_pixel_come_back(tmp_path: Path) -> None:
    cube = located(7, 5)
    scene = round_trip(SessionState(scene=Scene(cube)), tmp_path).scene
    assert scene is not None
    geo = scene.cube.geo
    assert isinstance(geo, Geolocation)
    assert (geo.crs, geo.label, geo.units) == ("EPSG:32611", "UTM", "m")
    assert isinstance(cube.geo, Geolocation)
    window = (0, 7, 0, 5)
    np.testing.assert_array_equal(geo.coordinates.read(window), cube.geo.coordinates.read(window))


def test_coordinates_of_other_pixels_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "work.hadsession"
    save_session(path, SessionState(scene=Scene(located(7, 6))), VIEWING, ArrayNames())
    with pytest.raises(ReadError):
        open_session(path)
