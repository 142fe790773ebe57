"""What was decided of objects finds them again, whatever became of threshold and cleaning."""

import numpy as np
import pytest

from hadviewer.analysis.objects import UNCLEANED, Cleaning
from hadviewer.core import runs as runs_of
from hadviewer.core.bands import BandSet
from hadviewer.core.cube import Cube, Scene
from hadviewer.core.results import DetectionRequest, DetectionResult
from hadviewer.engine.review import STATES, Mark, MaskSource, contrast, find_all, marked, match, pixels_of, touched
from hadviewer.engine.session import Session
from hadviewer.io.sources import ArraySource


@pytest.fixture
def scores():
    """Two hills at (3, 4) and (3, 12), of 9 and 5 at their tops, with a saddle of 1 between them."""
    rows, cols = np.mgrid[:12, :17]
    first = 9 - 2 * np.hypot(rows - 3, cols - 4)
    second = 5 - np.hypot(rows - 3, cols - 12)
    return np.maximum(np.maximum(first, second), 0).astype(np.float32)


def source(scores, threshold, cleaning=UNCLEANED):
    return MaskSource(scores, np.isfinite(scores), threshold, cleaning)


def found(scores, threshold, cleaning=UNCLEANED):
    return find_all(source(scores, threshold, cleaning), None, ())


def mark_of(findings, one, state="good", note=""):
    nothing = match(findings.labels, findings.table.count, ())
    return marked(findings, nothing, 1, one, state, note)


def states(findings, marks):
    return [STATES[state] for state in match(findings.labels, findings.table.count, marks).states]


def test_objects_are_measured_and_held_against_truth_and_other_masks(scores):
    truth = np.zeros(scores.shape, bool)
    truth[3, 12] = True
    elsewhere = np.zeros_like(scores)
    elsewhere[3, 4] = 1
    findings = find_all(source(scores, 3), truth, [source(elsewhere, 1), source(scores, 8)])
    assert findings.table.count == 2
    assert findings.table.peak.tolist() == [9, 5]
    assert (findings.table.peak_row[0], findings.table.peak_col[0]) == (3, 4)
    assert findings.hits.tolist() == [False, True]
    assert findings.agreeing.tolist() == [2, 0]
    assert findings.others == 2


def test_nothing_above_the_threshold_is_no_objects(scores):
    findings = find_all(source(scores, 100), scores > 1, [source(scores, 1)])
    assert findings.table.count == 0
    assert match(findings.labels, 0, ()).notes == ()
    assert touched(findings.labels, scores > 1, 0).size == 0


@pytest.mark.parametrize(
    ("threshold", "cleaning"), [(2.0, UNCLEANED), (3.5, UNCLEANED), (2.5, Cleaning(gap=1)), (4.5, Cleaning(gap=1))]
)
def test_a_mark_stays_with_its_object_when_threshold_and_cleaning_change(scores, threshold, cleaning):
    findings = found(scores, 3)
    marks = [mark_of(findings, 0, "bad"), mark_of(findings, 1, "good", "roof")]
    after = found(scores, threshold, cleaning)
    assert states(after, marks) == ["bad", "good"]
    assert match(after.labels, 2, marks).notes == ("", "roof")


def test_a_mark_outlives_a_threshold_above_its_object(scores):
    marks = [mark_of(found(scores, 3), 0, "bad"), mark_of(found(scores, 3), 1, "good")]
    assert states(found(scores, 7), marks) == ["bad"]
    assert states(found(scores, 3), marks) == ["bad", "good"]


def test_objects_grown_together_are_what_their_marks_agree_on(scores):
    findings, whole = found(scores, 3), found(scores, 0.5)
    assert whole.table.count == 1
    good, bad = mark_of(findings, 0, "good", "one"), mark_of(findings, 1, "bad", "two")
    assert states(whole, [good, bad]) == ["pending"]
    assert states(whole, [good, mark_of(findings, 1, "good")]) == ["good"]
    matched = match(whole.labels, 1, [good, bad])
    assert matched.notes == ("one; two",)
    assert matched.answering == {0: (0, 1)}


def test_without_its_peak_a_mark_goes_to_the_object_with_most_of_its_pixels(scores):
    findings = found(scores, 3)
    mark = mark_of(findings, 0)
    holed = scores.copy()
    holed[mark.peak] = 0
    assert states(found(holed, 3), [mark])[0] == "good"


def test_a_mark_from_a_larger_scene_is_of_no_object(scores):
    mark = Mark(1, "good", "", (400, 400), runs_of.of_pixels([(400, 400)]))
    assert states(found(scores, 3), [mark]) == ["pending", "pending"]


def test_pending_without_a_note_is_nothing_to_keep(scores):
    assert mark_of(found(scores, 3), 0, "pending") is None
    kept = mark_of(found(scores, 3), 0, "pending", "look again")
    assert kept.note == "look again"


def test_pixels_of_chosen_objects(scores):
    findings = found(scores, 3)
    runs = pixels_of(findings.labels, np.array([False, True]))
    assert np.array_equal(runs_of.to_mask(runs, scores.shape), findings.labels == 2)


def test_contrast_is_the_mean_of_the_object_and_of_the_undetected_ring_around_it():
    values = np.full((30, 40, 4), 2, np.float32)
    values[10:12, 20:22] = [8, 6, 4, np.nan]
    values[10, 26] = 100
    labels = np.zeros((30, 40), np.int32)
    labels[10:12, 20:22] = 1
    labels[10, 26] = 2
    cube = Cube(ArraySource(values), BandSet(4))
    seen = contrast(cube, labels, 1, (10, 20))
    np.testing.assert_array_equal(seen.inside, [8, 6, 4, np.nan])
    np.testing.assert_array_equal(seen.around, [2, 2, 2, 2])
    assert seen.pixels == 4
    assert seen.ring == 10 * 10 - 4 * 4 - 0


def test_contrast_of_an_object_that_fills_the_scene_has_no_surroundings():
    cube = Cube(ArraySource(np.ones((5, 6, 3), np.float32)), BandSet(3))
    seen = contrast(cube, np.ones((5, 6), np.int32), 1, (0, 0))
    assert seen.ring == 0
    assert np.isnan(seen.around).all()


def test_marks_are_undone_and_go_with_their_result(scores):
    session = Session()
    session.open(Scene(Cube(ArraySource(np.ones((12, 17, 3), np.float32)), BandSet(3))))
    entry = session.add_result(DetectionResult(DetectionRequest(detector="grx"), scores, scores >= 0, 0.1), "GRX")
    findings = found(scores, 3)
    mark = marked(findings, match(findings.labels, 2, ()), entry.id, 0, "good")
    session.reviews.become("Mark as good", (), [mark])
    assert session.reviews.of(entry.id) == (mark,)
    session.remove_result(entry.id)
    assert session.state.reviews == ()
    session.undo()
    assert session.reviews.of(entry.id) == (mark,)
    session.undo()
    assert session.state.reviews == ()
