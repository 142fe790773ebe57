"""Views side by side have looks of their own; the active one is what everything else acts on."""

from dataclasses import replace

import numpy as np
import pytest

from hadviewer.core.bands import BandSet
from hadviewer.core.cube import Cube, Scene, Truth
from hadviewer.core.geo import SAME, Georeference
from hadviewer.engine.display import DisplayIntent
from hadviewer.engine.held import bytes_held
from hadviewer.engine.session import Session
from hadviewer.io.sources import ArraySource

GREY = DisplayIntent("grey", (2,))


@pytest.fixture
def session() -> Session:
    """A small scene with truth."""
    session = Session()
    array = np.zeros((4, 5, 6), dtype=np.float32)
    cube = Cube(ArraySource(array), BandSet(6, centres=np.linspace(450, 900, 6)), name="small")
    session.open(Scene(cube, Truth(np.eye(4, 5, dtype=bool))))
    return session


def modes(session: Session) -> list[str]:
    return [look.display.mode for look in session.views.looks]


def shown(session: Session) -> list[list[bool]]:
    return [[layer.visible for layer in look.layers] for look in session.views.looks]


def test_there_is_one_view_until_more_are_asked_for(session: Session) -> None:
    assert session.state.views.count == 1
    session.views.show(3)
    assert modes(session) == ["true"] * 3
    session.views.show(7)
    assert session.state.views.count == 3


def test_bands_and_layers_change_in_the_active_view_only(session: Session) -> None:
    session.views.show(2)
    session.views.activate(1)
    session.set_display(GREY)
    session.update_layer(session.state.layers[0].id, visible=False, colour="#123456")
    assert modes(session) == ["true", "grey"]
    assert shown(session) == [[True], [False]]
    session.views.activate(0)
    assert session.state.display.mode == "true"
    assert session.state.layers[0].visible
    assert session.state.layers[0].colour == "#00e5ff"
    session.views.activate(1)
    assert session.state.display == GREY
    assert session.state.layers[0].colour == "#123456"


def test_order_titles_and_removal_are_for_all_views(session: Session) -> None:
    session.views.show(2)
    truth = session.state.layers[0].id
    session.update_layer(truth, title="Known")
    assert [look.layers[0].title for look in session.views.looks] == ["Known", "Known"]
    session.remove_layer(truth)
    assert [look.layers for look in session.views.looks] == [(), ()]


def test_a_new_layer_is_shown_in_the_active_view(session: Session) -> None:
    truth = session.truth
    session.set_truth(None)
    session.views.show(2)
    session.views.activate(1)
    session.set_truth(truth)
    assert shown(session) == [[False], [True]]


def test_choosing_a_view_is_no_step_and_undo_goes_back_to_the_view_it_concerns(session: Session) -> None:
    session.views.show(2)
    session.views.activate(1)
    session.set_display(GREY)
    session.views.activate(0)
    assert session.undo_label == "Display"
    session.undo()
    assert (session.state.views.active, session.state.display.mode) == (1, "true")
    session.redo()
    assert modes(session) == ["true", "grey"]
    session.undo()
    session.undo()
    assert session.state.views.count == 1


def test_a_gesture_in_another_view_is_another_step(session: Session) -> None:
    session.views.show(2)
    session.set_display(GREY, merge="band 0")
    session.views.activate(1)
    session.set_display(GREY, merge="band 0")
    session.undo()
    assert modes(session) == ["grey", "true"]


def test_the_active_view_stays_when_there_are_fewer(session: Session) -> None:
    session.views.show(4)
    session.views.activate(3)
    session.set_display(GREY)
    session.views.show(2)
    assert session.state.views.active == 1
    assert modes(session) == ["true", "grey"]
    session.views.show(1)
    assert session.state.display == GREY


def test_views_made_alike_show_what_the_active_one_does_and_keep_it_afterwards(session: Session) -> None:
    session.views.show(2)
    session.set_display(GREY)
    session.views.make_alike(True)
    assert modes(session) == ["grey", "grey"]
    session.set_display(DisplayIntent("true"))
    session.views.activate(1)
    assert modes(session) == ["true", "true"]
    session.views.make_alike(False)
    session.set_display(GREY)
    assert modes(session) == ["true", "grey"]


def test_links_and_layout_stay_when_another_scene_is_opened(session: Session) -> None:
    session.views.show(2)
    session.views.link("map")
    session.set_display(GREY)
    assert session.state.scene is not None
    session.open(session.state.scene)
    views = session.state.views
    assert (views.count, views.link, modes(session)) == (2, "map", ["true", "true"])


def test_one_layer_alone_is_shown(session: Session) -> None:
    session.set_truth(session.truth)
    session.show_only(-1)
    assert shown(session) == [[False]]
    session.show_only(session.state.layers[0].id)
    assert shown(session) == [[True]]
    assert session.undo_label == "Show one layer"


def other(geo: Georeference | None = None) -> Cube:
    """A cube of one band."""
    return Cube(ArraySource(np.zeros((8, 9, 1), dtype=np.float32)), BandSet(1), name="other", geo=geo)


def test_another_cube_is_shown_in_a_second_view_and_undone(session: Session) -> None:
    cube = other()
    session.views.show_cube(cube)
    assert [look.cube for look in session.views.looks] == [None, cube]
    assert (session.state.views.active, session.state.display.mode) == (1, "grey")
    assert shown(session) == [[True], [False]]
    session.views.activate(0)
    assert session.state.display.mode == "true"
    assert [look.cube for look in session.views.looks] == [None, cube]
    session.undo()
    assert session.state.views.count == 1


def test_the_scene_takes_the_place_of_another_cube_again(session: Session) -> None:
    session.views.show_cube(other())
    session.views.show_cube(None)
    assert [look.cube for look in session.views.looks] == [None, None]
    assert session.state.display.mode == "true"
    session.views.show_cube(other())
    assert session.state.views.count == 2, "now the active view takes it"


def test_cubes_lie_by_the_map_where_they_can_and_by_pixel_on_request(session: Session) -> None:
    cube = other(Georeference((20.0, 5.0, 0.0, -30.0, 0.0, -5.0)))
    session.views.show_cube(cube)
    assert session.state.views.link == "pixel", "the scene has no map coordinates"
    assert session.views.placement(cube) == SAME
    scene = session.state.scene
    assert scene is not None
    geo = Georeference((0.0, 10.0, 0.0, 0.0, 0.0, -10.0))
    session.open(Scene(replace(scene.cube, geo=geo), scene.truth))
    assert [look.cube for look in session.views.looks] == [None, None]
    session.views.show_cube(cube)
    assert session.state.views.link == "map"
    assert session.views.placement(cube) == pytest.approx((3.0, 2.0, 0.5))
    session.views.link("pixel")
    assert session.views.placement(cube) == SAME


def test_undo_counts_the_memory_of_other_cubes(session: Session) -> None:
    cube = other()
    session.views.show_cube(cube)
    before = session.state
    session.views.show_cube(None)
    assert bytes_held([before], session.state) == 8 * 9 * 4
