"""Regions in the session: what users do to them, one step of undo each, and what undo keeps in memory."""

import numpy as np
import pytest

from hadviewer.core import runs as runs_of
from hadviewer.core.cube import Scene, Window
from hadviewer.core.region import Patch, Points, Region, disc, rectangle
from hadviewer.engine import verbs
from hadviewer.engine.held import bytes_held
from hadviewer.engine.session import Session

SHAPE = (20, 30)


@pytest.fixture
def session() -> Session:
    session = Session()
    session.open(Scene(verbs.as_cube(np.zeros((*SHAPE, 3), dtype=np.float32))))
    return session


def pixels(session: Session, region_id: int) -> str:
    region = session.regions.get(region_id)
    assert region is not None
    return runs_of.to_text(region.runs(SHAPE))


def test_regions_get_names_and_colours_of_their_own(session: Session) -> None:
    first, second = session.regions.add(), session.regions.add(name="Roofs")
    assert (first.name, second.name) == ("ROI 1", "Roofs")
    assert first.colour != second.colour
    assert [region.id for region in session.state.regions] == [first.id, second.id]


def test_each_stroke_is_one_step_of_undo(session: Session) -> None:
    region = session.regions.add((rectangle(Window(0, 2, 0, 2)),))
    session.regions.draw(region.id, Patch(disc(10.5, 10.5, 1.0)))
    session.regions.draw(region.id, Patch(disc(10.5, 11.5, 1.0)))
    assert pixels(session, region.id) == "0-1:0-1;10:10-11"
    session.undo()
    assert pixels(session, region.id) == "0-1:0-1;10:10"
    session.undo()
    session.undo()
    assert session.state.regions == ()
    session.redo()
    assert pixels(session, region.id) == "0-1:0-1"


def test_points_join_points_and_none_is_there_twice(session: Session) -> None:
    region = session.regions.add((Points(((1, 1),)),))
    session.regions.draw(region.id, Points(((1, 1), (2, 2))))
    assert session.state.regions[0].parts == (Points(((1, 1), (2, 2))),)


def test_erasing_leaves_what_it_does_not_touch_as_it_was_drawn(session: Session) -> None:
    near, far = rectangle(Window(0, 4, 0, 4)), rectangle(Window(10, 12, 10, 12))
    region = session.regions.add((near, far))
    session.regions.erase(region.id, runs_of.of_mask(np.ones((2, 4), dtype=bool)), SHAPE)
    assert session.state.regions[0].parts[1] is far
    assert pixels(session, region.id) == "2-3:0-3;10-11:10-11"
    label = session.undo_label
    session.regions.erase(region.id, runs_of.of_mask(np.ones((1, 1), dtype=bool), 19, 29), SHAPE)
    assert session.undo_label == label, "erasing nothing is no step"


def test_changing_and_removing(session: Session) -> None:
    heard: list[str] = []
    session.regions_changed.connect(lambda: heard.append("changed"))
    one, two = session.regions.add(), session.regions.add()
    session.regions.update(one.id, name="Lake", visible=False)
    session.regions.update(one.id, name="Lake")
    assert session.regions.get(one.id) == Region(one.id, "Lake", one.colour, visible=False)
    session.regions.remove([one.id, two.id])
    assert session.state.regions == ()
    assert len(heard) == 4


def test_regions_from_a_file_keep_name_and_colour(session: Session) -> None:
    session.regions.add()
    added = session.regions.take([Region(1, "Lake", "#123456"), Region(2, "Wood", "#654321")], "r.xml")
    assert [(region.id, region.name, region.colour) for region in added] == [
        (2, "Lake", "#123456"),
        (3, "Wood", "#654321"),
    ]
    assert session.undo_label == "Open r.xml"


def test_regions_become_the_truth(session: Session) -> None:
    one = session.regions.add((rectangle(Window(2, 4, 3, 6)),), "Roofs")
    two = session.regions.add((Points(((2, 3), (9, 9))),), "Cars")
    session.regions.use_as_truth([one, two])
    assert session.truth is not None
    assert (session.truth.name, session.truth.count) == ("Roofs, Cars", 7)
    session.undo()
    assert session.truth is None


def test_another_scene_has_no_regions(session: Session) -> None:
    session.regions.add()
    session.open(Scene(verbs.as_cube(np.zeros((4, 4, 2), dtype=np.float32))))
    assert session.state.regions == ()
    session.undo()
    assert len(session.state.regions) == 1


def test_undo_weighs_the_pixels_of_strokes(session: Session) -> None:
    runs = runs_of.of_mask(np.random.default_rng(1).random(SHAPE) > 0.5)
    region = session.regions.add((Patch(runs),))
    before = session.state
    session.regions.remove([region.id])
    assert bytes_held([before], session.state) >= runs.nbytes
