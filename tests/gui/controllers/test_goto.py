"""A place that is typed comes to the middle, with the crosshair on it; else the dialog says why not."""

from collections.abc import Callable
from typing import Any

import pytest

from hadviewer.core.cube import Cube, Scene
from hadviewer.core.geo import Georeference
from hadviewer.engine.session import Session
from hadviewer.gui.controllers.goto import GotoController
from hadviewer.gui.views.display_protocols import GotoDialogLike, PlaceViewLike

GEO = Georeference((1000.0, 2.0, 0.0, 500.0, 0.0, -2.0), "EPSG:32610", units="m")


@pytest.fixture
def dialog(double: Callable[[type], Any]) -> Any:
    return double(GotoDialogLike)


@pytest.fixture
def view(double: Callable[[type], Any]) -> Any:
    return double(PlaceViewLike)


@pytest.fixture
def controller(session: Session, jobs: Any, view: Any, dialog: Any) -> GotoController:
    return GotoController(session, jobs, lambda: view, dialog)


def test_line_and_sample_are_gone_to(
    controller: GotoController, session: Session, view: Any, dialog: Any, cube: Cube
) -> None:
    session.open(Scene(cube))
    dialog.asked.emit("pixel", "3, 5")
    view.centre_on.assert_called_once_with(3, 5)
    view.set_crosshair.assert_called_once_with((3, 5))
    assert session.cursor == (3, 5)


def test_lines_count_from_where_the_user_prefers(
    controller: GotoController, session: Session, view: Any, dialog: Any, cube: Cube
) -> None:
    session.open(Scene(cube))
    session.count_from(1)
    dialog.asked.emit("pixel", "1, 1")
    view.centre_on.assert_called_once_with(0, 0)
    controller.ask()
    assert dialog.offer.call_args.kwargs == {"mapped": False, "origin": 1}


def test_a_map_position_is_gone_to(
    controller: GotoController, session: Session, view: Any, dialog: Any, make_cube: Callable[..., Cube]
) -> None:
    session.open(Scene(make_cube(geo=GEO)))
    assert dialog.offer.call_args.kwargs["mapped"]
    dialog.asked.emit("map", "1007, 495")
    view.centre_on.assert_called_once_with(2, 3)


def test_a_place_outside_is_an_error_in_the_dialog(
    controller: GotoController, session: Session, view: Any, dialog: Any, cube: Cube
) -> None:
    session.open(Scene(cube))
    dialog.asked.emit("pixel", "30, 5")
    assert "Outside" in dialog.show_error.call_args.args[0]
    view.centre_on.assert_not_called()


def test_without_a_scene_there_is_nowhere_to_go(controller: GotoController, dialog: Any) -> None:
    controller.ask()
    dialog.asked.emit("pixel", "1, 1")
    dialog.present.assert_not_called()
    dialog.show_error.assert_not_called()
