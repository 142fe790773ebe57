"""Cubes without a file keep the coordinates of their pixels in a session."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hadviewer.core.cube import Cube, Scene
from hadviewer.core.errors import ReadError
from hadviewer.core.geolocation import ArrayCoordinates, Geolocation
from hadviewer.engine.session import Session, SessionState
from hadviewer.engine.session_arrays import ArrayNames
from hadviewer.engine.session_file import open_session, save_session
from hadviewer.engine.verbs import as_cube, open_scene
from hadviewer.io.writers.envi import write_envi_cube
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


def test_a_part_of_the_scene_in_a_view_lies_where_it_did(tmp_path: Path) -> None:
    rows, cols = np.meshgrid(np.arange(20.0), np.arange(30.0), indexing="ij")
    geo = Geolocation(ArrayCoordinates(np.stack((8 + cols / 1000, 47 - rows / 1000), axis=-1)))
    array = np.ones((20, 30, 3), np.float32)
    for name, row, col in (("whole", 0, 0), ("part", 4, 7)):
        write_envi_cube(tmp_path / f"{name}.hdr", array[row:, col:], geo=geo.shifted(row, col))
    session = Session()
    session.open(open_scene(tmp_path / "whole.hdr"))
    session.views.show_cube(open_scene(tmp_path / "part.hdr").cube)
    session.views.link("map")
    save_session(tmp_path / "work.hadsession", session.state, VIEWING, ArrayNames())
    session.restore(open_session(tmp_path / "work.hadsession").state)
    assert session.views.placement(session.views.looks[1].cube) == (4, 7, 1)


def test_coordinates_of_other_pixels_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "work.hadsession"
    save_session(path, SessionState(scene=Scene(located(7, 6))), VIEWING, ArrayNames())
    with pytest.raises(ReadError):
        open_session(path)
