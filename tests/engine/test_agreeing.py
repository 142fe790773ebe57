"""Results compared with each other: as figures, as a map, side by side."""

import math

import numpy as np
import pytest

from hadviewer.core.cube import Scene
from hadviewer.core.results import DetectionRequest, DetectionResult
from hadviewer.engine import verbs
from hadviewer.engine.agreeing import agreement_result, comparable, compare, show_side_by_side
from hadviewer.engine.session import Session


@pytest.fixture
def session():
    """Three results, of which two have a mask; a fourth is of another size."""
    session = Session()
    session.open(Scene(verbs.as_cube(np.ones((4, 5, 3), np.float32), "field")))
    for number, (title, size) in enumerate((("One", (4, 5)), ("Two", (4, 5)), ("Three", (4, 5)), ("Odd", (2, 2)))):
        scores = np.arange(np.prod(size), dtype=np.float32).reshape(size) * (1 if number != 1 else -1)
        result = DetectionResult(DetectionRequest(detector="grx"), scores, np.ones(size, bool), 0.5)
        session.add_result(result, title)
    ids = [entry.id for entry in session.state.results]
    session.set_threshold(ids[0], 15.0)
    session.set_threshold(ids[2], 18.0)
    return session


def ids(session):
    return [entry.id for entry in session.state.results]


def test_each_two_of_the_scenes_size_are_compared(session):
    results = comparable(session)
    assert [one.entry.title for one in results] == ["One", "Two", "Three"]
    found = compare(results)
    assert found.found_by == (3, 2)
    (_, _, one_two), (_, _, one_three), _ = found.pairs
    assert (one_three.both, one_three.either, one_three.jaccard) == (2, 5, 0.4)
    assert one_three.rank == pytest.approx(1)
    assert math.isnan(one_two.jaccard), "without a mask only the ranks are compared"
    assert one_two.rank == pytest.approx(-1)


def test_two_that_are_chosen_are_enough(session):
    chosen = ids(session)[1:3]
    assert [one.entry.title for one in comparable(session, chosen)] == ["Two", "Three"]
    assert len(comparable(session, chosen[:1])) == 3
    assert compare(comparable(session, chosen)).found_by == (2,)


def test_the_map_counts_votes_and_tells_whose(session):
    known = [one for one in comparable(session) if one.source is not None]
    result = agreement_result(known)
    assert result.scores.ravel()[-6:].tolist() == [0, 1, 1, 1, 2, 2]
    assert "One from 15; Three from 18" in result.notes[0]
    assert result.provenance["repeatable"] is False
    session.add_result(result, "Votes")
    assert [one.entry.title for one in comparable(session)] == ["One", "Two", "Three"], "votes are no detector"
    known[0].source.valid[0, 0] = False
    assert np.isnan(agreement_result(known).scores[0, 0])


def test_maps_stand_side_by_side_in_one_step(session):
    before = session.state
    assert show_side_by_side(session, ids(session)[:3]) == 3
    views = session.state.views
    assert (views.count, views.active, views.link) == (3, 0, "pixel")
    seen = [[layer.result for layer in look.layers if layer.visible] for look in session.views.looks]
    one, two, three, _ = ids(session)
    assert seen == [[one, one], [two], [three, three]], "each its map, and its mask where it has one"
    assert session.state.selected == one
    session.undo()
    assert session.state is before
    assert show_side_by_side(session, ids(session)[:1]) == 0
    assert session.state is before


def test_a_map_that_was_taken_away_is_laid_again(session):
    layer = next(item for item in session.state.layers if item.kind == "scores" and item.result == ids(session)[1])
    session.remove_layer(layer.id)
    assert show_side_by_side(session, ids(session)[:2]) == 2
    assert [it.result for it in session.views.looks[1].layers if it.visible] == [ids(session)[1]]
