"""Objects reviewed: found, judged, found again after the threshold moved, made into regions and truth."""

import numpy as np
import pytest

from hadviewer.analysis.objects import Cleaning
from hadviewer.core.cube import Scene, Truth
from hadviewer.core.geo import Georeference
from hadviewer.core.results import DetectionRequest, DetectionResult
from hadviewer.gui.controllers.review import ReviewController
from hadviewer.gui.views.review_protocols import ReviewImageLike, ReviewViewLike


def result(offset=0):
    """Three spots: 9 at (2, 3), 6 at (5, 8) with a neighbour of 4, 5 at (9, 13)."""
    scores = np.zeros((12, 17), np.float32)
    scores[2, 3], scores[5, 8], scores[5, 9], scores[9, 13] = 9, 6, 4, 5
    scores = np.roll(scores, offset, axis=1)
    return DetectionResult(DetectionRequest(detector="grx"), scores, np.isfinite(scores), 0.1)


@pytest.fixture
def view(double):
    view = double(ReviewViewLike)
    view.in_front = True
    view.kept.side_effect = lambda: np.ones(view.set_rows.call_args.args[0].count, bool)
    return view


@pytest.fixture
def image(double):
    return double(ReviewImageLike)


@pytest.fixture
def controller(session, jobs, view, image, messages):
    return ReviewController(session, jobs, view, image, messages)


@pytest.fixture
def entry(controller, session, scene):
    session.open(scene)
    entry = session.add_result(result(), "GRX")
    session.set_threshold(entry.id, 3.0, "value")
    return entry


def rows(view):
    return view.set_rows.call_args.args[0]


def states(view):
    found = rows(view)
    return [found.words["State"][state] for state in found.columns["State"]]


def test_without_result_or_mask_it_says_what_to_do(controller, session, view, scene):
    assert "Run a detector" in view.set_rows.call_args.args[2]
    session.open(scene)
    entry = session.add_result(result(), "GRX")
    assert "Choose a threshold" in view.set_rows.call_args.args[2]
    session.set_threshold(entry.id, 100.0, "value")
    assert "Nothing lies above" in view.set_rows.call_args.args[2]


def test_the_objects_of_the_mask_are_listed_with_what_is_known(entry, session, view):
    columns = rows(view).columns
    assert columns["Pixels"].tolist() == [1, 2, 1]
    assert columns["Peak"].tolist() == [9, 6, 5]
    assert columns["Sample"].tolist() == [3, 8.5, 13]
    assert columns["Truth"].tolist() == [0, 0, 0]
    assert not any(title.startswith("Seen by") for title in columns)
    assert view.set_rows.call_args.args[1] == "3 pending, 0 good, 0 bad; 0 hits, 3 false alarms"


def test_area_and_map_position_where_the_scene_has_a_map(controller, session, view, make_cube):
    geo = Georeference((1000.0, 2.0, 0.0, 5000.0, 0.0, -2.0), units="m")
    session.open(Scene(make_cube(geo=geo)))
    entry = session.add_result(result(), "GRX")
    session.set_threshold(entry.id, 3.0, "value")
    columns = rows(view).columns
    assert columns["Area m²"].tolist() == [4, 8, 4]
    assert columns["X"].tolist() == [1007, 1018, 1027]
    assert columns["Y"].tolist() == [4995, 4989, 4981]
    assert "Truth" not in columns


def test_nothing_is_done_while_nobody_looks(entry, session, view, image, held_jobs):
    view.in_front = False
    view.shown_changed.emit()
    assert image.show_objects.call_args.args == (None,)
    before = view.set_rows.call_count
    session.set_threshold(entry.id, 5.5, "value")
    assert view.set_rows.call_count == before
    view.in_front = True
    view.shown_changed.emit()
    assert rows(view).count == 2


def test_judging_colours_the_image_and_is_undone(entry, session, view, image):
    view.judged.emit([1], "good")
    view.judged.emit([2], "bad")
    assert states(view) == ["pending", "good", "bad"]
    assert image.show_objects.call_args.args[0].states.tolist() == [0, 1, 2, 3]
    assert session.undo_label == "Mark as bad"
    session.undo()
    session.undo()
    assert states(view) == ["pending"] * 3
    session.redo()
    assert states(view) == ["pending", "good", "pending"]


def test_judging_again_keeps_one_mark(entry, session, view):
    view.judged.emit([1], "good")
    view.noted.emit(1, "roof")
    view.judged.emit([1], "bad")
    assert [(mark.state, mark.note) for mark in session.state.reviews] == [("bad", "roof")]
    view.judged.emit([1], "pending")
    assert rows(view).notes[1] == "roof"
    view.noted.emit(1, "")
    assert session.state.reviews == ()


def test_judgement_follows_the_objects_when_threshold_and_cleaning_change(entry, session, view):
    view.judged.emit([1], "good")
    session.set_threshold(entry.id, 5.5, "value")
    assert states(view) == ["pending", "good"]
    session.set_threshold(entry.id, 3.0, "value", cleaning=Cleaning(2))
    assert states(view) == ["good"]
    session.set_threshold(entry.id, 3.0, "value")
    assert states(view) == ["pending", "good", "pending"]


def test_the_object_looked_at_stays_so_when_the_threshold_moves(entry, session, view, image):
    view.picked.emit([1])
    assert image.mark.call_args.kwargs == {"centre": True}
    session.set_threshold(entry.id, 5.5, "value")
    assert view.select.call_args.args == (1,)
    assert image.mark.call_args.kwargs == {"centre": False}
    session.set_threshold(entry.id, 7.0, "value")
    assert view.select.call_args.args == (None,)


def test_what_the_filter_leaves_out_is_not_coloured(entry, view, image):
    view.kept.side_effect = lambda: np.array([False, True, False])
    view.filtered.emit()
    assert image.show_objects.call_args.args[0].states.tolist() == [0, 0, 1, 0]


def test_a_picked_object_is_outlined_and_its_spectrum_stands_beside_its_surroundings(entry, view, image, cube):
    view.picked.emit([1])
    mark = image.mark.call_args.args[0]
    assert mark.middle == (5, 8)
    assert (mark.row, mark.col, mark.mask.shape) == (4, 7, (3, 4))
    inside, around = view.show_curves.call_args.args[0]
    np.testing.assert_allclose(inside.values, cube.values()[5, 8:10].mean(axis=0))
    assert around.title.startswith("Surroundings")
    view.picked.emit([])
    assert image.mark.call_args.args == (None,)


def test_a_click_on_the_image_picks_its_object(entry, controller, view, image):
    controller.pick_at(9, 13)
    assert view.select.call_args.args == (2,)
    before = view.select.call_count
    controller.pick_at(0, 0)
    assert view.select.call_count == before


def test_agreement_counts_the_masks_of_other_results(entry, session, view):
    other = session.add_result(result(offset=1), "LRX")
    session.set_threshold(other.id, 5.5, "value")
    session.select_result(entry.id)
    assert rows(view).columns["Seen by"].tolist() == [1, 2, 1]
    session.set_threshold(other.id, None)
    assert not any(title.startswith("Seen by") for title in rows(view).columns)


def test_good_objects_become_a_region_or_the_truth(entry, session, view, messages):
    view.region_requested.emit()
    assert session.state.regions == ()
    view.judged.emit([0, 1], "good")
    assert view.set_good.call_args.args == (2,)
    view.region_requested.emit()
    (region,) = session.state.regions
    assert np.argwhere(region.mask((12, 17))).tolist() == [[2, 3], [5, 8], [5, 9]]
    view.truth_requested.emit()
    assert session.truth.count == 3
    assert rows(view).columns["Truth"].tolist() == [1, 1, 0]
    assert view.set_rows.call_args.args[1].endswith("2 hits, 1 false alarms")


def test_truth_of_another_shape_and_scenes_that_go_do_no_harm(entry, session, view, image):
    session.set_truth(Truth(np.ones((3, 3), bool)))
    assert "Truth" not in rows(view).columns
    session.undo()
    while session.undo_label:
        session.undo()
    assert rows(view).count == 0
    assert image.show_objects.call_args.args == (None,)
    view.judged.emit([0], "good")
    view.region_requested.emit()


def test_too_many_at_once_are_refused_in_words(entry, session, view, messages):
    view.judged.emit([0] * 3000, "good")
    assert "At most" in messages.warn.call_args.args[0]
    assert session.state.reviews == ()


def test_objects_are_exported_with_their_states(entry, controller, view, messages, tmp_path):
    view.judged.emit([1], "bad")
    controller.export(tmp_path / "found.csv")
    assert ",bad," in (tmp_path / "found.csv").read_text(encoding="utf-8")
    controller.export(tmp_path / "found.xyz")
    assert "were not exported" in messages.error.call_args.args[0]
