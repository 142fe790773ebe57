"""Scale bar and north arrow get the place of the open scene, once what they need of it is in memory."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from hadviewer.core.cube import Cube, Scene
from hadviewer.core.geo import Georeference
from hadviewer.core.geolocation import ArrayCoordinates, Geolocation
from hadviewer.engine.session import Session
from hadviewer.gui.controllers.map_marks import MapMarksController
from hadviewer.gui.views.display_protocols import OverlayViewLike


@pytest.fixture
def view(double: Callable[[type], Any]) -> Any:
    return double(OverlayViewLike)


def test_a_transform_is_shown_at_once(session: Session, held_jobs: Any, view: Any, make_cube: Any) -> None:
    marks = MapMarksController(session, held_jobs, view)
    geo = Georeference((0.0, 2.0, 0.0, 0.0, 0.0, -2.0), units="m")
    session.open(Scene(make_cube(geo=geo)))
    assert marks.scale_bar.geo is marks.north_arrow.geo is geo
    view.update.assert_called()


def test_coordinates_of_each_pixel_are_read_first(
    session: Session, held_jobs: Any, view: Any, make_cube: Any, cube: Cube
) -> None:
    marks = MapMarksController(session, held_jobs, view)
    geo = Geolocation(ArrayCoordinates(np.ones((12, 17, 2))))
    session.open(Scene(make_cube(geo=geo)))
    assert marks.scale_bar.geo is None
    held_jobs.perform(0)
    assert marks.scale_bar.geo is marks.north_arrow.geo is geo
    session.open(Scene(make_cube(geo=geo)))
    session.open(Scene(cube))
    held_jobs.perform(0)
    assert marks.scale_bar.geo is None, "what was read of a scene that is closed is not shown"
