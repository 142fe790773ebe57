"""The session: each change goes through one door, tells who listens, and can be taken back."""

import dataclasses

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import hadviewer
from hadviewer.core.bands import BandSet
from hadviewer.core.cube import Cube, Scene, Truth
from hadviewer.core.results import DetectionRequest, DetectionResult
from hadviewer.engine.display import DisplayIntent
from hadviewer.engine.pins import PIN_COLOURS
from hadviewer.engine.session import Segmentation, Session, SessionState
from hadviewer.io.sources import ArraySource

PARTS = [part.name for part in dataclasses.fields(SessionState)]


def make_scene(truth=True, name="scene"):
    values = np.random.default_rng(0).normal(size=(6, 8, 5)).astype(np.float32)
    mask = np.zeros((6, 8), bool)
    mask[2, 3] = True
    return Scene(Cube(ArraySource(values), BandSet(5), name=name), Truth(mask) if truth else None)


def make_result(seed=0, size=(6, 8)):
    scores = np.random.default_rng(seed).random(size, dtype=np.float32)
    return DetectionResult(DetectionRequest(detector="grx"), scores, np.ones(size, bool), 0.1)


@pytest.fixture
def session():
    opened = Session()
    opened.open(make_scene())
    return opened


@pytest.fixture
def heard(session):
    """Names of the signals heard since, in order."""
    words = []
    for name in [*(f"{part}_changed" for part in PARTS), "history_changed", "evaluations_changed"]:
        getattr(session, name).connect(lambda name=name: words.append(name))
    session.cursor_changed.connect(lambda pixel: words.append(f"cursor {pixel}"))
    return words


def titles(session):
    return [layer.title for layer in session.state.layers]


def test_an_empty_session():
    session = Session()
    assert session.cube is None
    assert session.truth is None
    assert session.selected is None
    assert session.layer(1) is None
    session.set_truth(Truth(np.zeros((2, 2), bool)))
    session.pins.clear()
    session.undo()
    session.redo()
    assert session.undo_label == session.redo_label == ""


def test_opening_shows_the_truth_and_forgets_the_scene_before(session):
    session.pins.add(1, 1)
    session.add_result(make_result(), "GRX")
    session.set_cursor((1, 2))
    other = make_scene(truth=False, name="other")
    session.open(other)
    assert session.cube is other.cube
    assert session.truth is None
    assert session.state.results == session.state.pins == session.state.layers == ()
    assert session.cursor is None
    session.undo()
    assert session.cube.name == "scene"
    assert titles(session) == ["GRX", "Truth"]
    assert len(session.state.pins) == 1


def test_each_change_tells_of_its_parts_only(session, heard):
    session.set_display(DisplayIntent("grey", (1,)))
    assert heard == ["display_changed", "history_changed"]
    heard.clear()
    session.pins.add(1, 2)
    assert heard == ["pins_changed", "history_changed"]
    heard.clear()
    session.add_result(make_result(), "GRX")
    assert heard == ["layers_changed", "results_changed", "selected_changed", "history_changed"]


def test_what_is_already_so_is_no_step(session, heard):
    session.set_display(session.state.display)
    session.select_result(session.state.selected)
    session.update_layer(session.state.layers[0].id, visible=True)
    session.set_threshold(99, 0.5)
    session.remove_result(99)
    session.remove_layer(99)
    session.move_layer(99, 0)
    assert heard == []


def test_the_cursor_is_not_undone(session, heard):
    before = session.undo_label
    session.set_cursor((1, 2))
    session.set_cursor((1, 2))
    assert heard == ["cursor (1, 2)"]
    assert session.undo_label == before


def test_results_lie_below_masks_and_truth(session):
    first = session.add_result(make_result(), "First")
    session.set_threshold(first.id, 0.5, "top 1 %")
    session.add_result(make_result(1), "Second")
    assert titles(session) == ["First", "Second", "Truth", "Mask: First"]
    assert session.selected.title == "Second"
    assert session.entry(first.id) is first


def test_curves_of_results_have_colours_of_their_own(session):
    entries = [session.add_result(make_result(n), str(n)) for n in range(5)]
    assert len({entry.colour for entry in entries}) == 5


def test_removing_a_result_takes_its_layers_and_selects_another(session):
    first = session.add_result(make_result(), "First")
    second = session.add_result(make_result(1), "Second")
    session.set_threshold(second.id, 0.5)
    session.remove_result(second.id)
    assert titles(session) == ["First", "Truth"]
    assert session.selected is first
    session.remove_result(first.id)
    assert session.selected is None
    session.undo()
    session.undo()
    assert titles(session) == ["First", "Second", "Truth", "Mask: Second"]
    assert session.selected is second


def test_removing_a_layer_keeps_its_result(session):
    entry = session.add_result(make_result(), "First")
    session.remove_layer(session.state.layers[0].id)
    assert titles(session) == ["Truth"]
    assert session.entry(entry.id) is entry


def test_a_threshold_is_one_mask_that_moves_and_goes(session):
    entry = session.add_result(make_result(), "GRX")
    session.set_threshold(entry.id, 0.5, "manual")
    mask = session.mask_layer(entry.id)
    session.set_threshold(entry.id, 0.7, "manual")
    assert session.mask_layer(entry.id).id == mask.id
    assert session.mask_layer(entry.id).threshold == 0.7
    session.set_threshold(entry.id, None)
    assert session.mask_layer(entry.id) is None
    session.undo()
    assert session.mask_layer(entry.id).threshold == 0.7


def test_dragging_a_slider_is_one_step_until_it_is_let_go(session):
    entry = session.add_result(make_result(), "GRX")
    session.set_threshold(entry.id, 0.1)
    for value in (0.2, 0.3, 0.4):
        session.set_threshold(entry.id, value, merge="drag")
    session.seal_step()
    session.set_threshold(entry.id, 0.9, merge="drag")
    session.undo()
    assert session.mask_layer(entry.id).threshold == 0.4
    session.undo()
    assert session.mask_layer(entry.id).threshold == 0.1


def test_layers_change_and_move(session):
    session.add_result(make_result(), "First")
    second = session.add_result(make_result(1), "Second")
    layer = next(item for item in session.state.layers if item.result == second.id)
    session.update_layer(layer.id, opacity=0.3, visible=False)
    assert (session.layer(layer.id).opacity, session.layer(layer.id).visible) == (0.3, False)
    session.move_layer(layer.id, 0)
    assert titles(session) == ["Second", "First", "Truth"]
    assert session.undo_label


def test_pins_have_free_colours_and_go_one_by_one(session):
    pins = [session.pins.add(row, 0) for row in range(4)]
    assert [pin.colour for pin in pins] == list(PIN_COLOURS[:4])
    session.pins.remove([pins[1].id])
    assert session.pins.add(5, 5).colour == PIN_COLOURS[1]
    for _ in range(len(PIN_COLOURS)):
        session.pins.add(0, 0)
    session.pins.clear()
    assert session.state.pins == ()
    session.undo()
    assert len(session.state.pins) == 4 + len(PIN_COLOURS)


def test_superpixels_lie_over_the_score_maps_and_replace_each_other(session):
    session.add_result(make_result(), "GRX")
    for count in (3, 4):
        labels = np.zeros((6, 8), np.int32)
        session.set_segmentation(Segmentation(labels, np.zeros((count, 5), np.float32)))
    assert titles(session) == ["GRX", "Superpixels (4)", "Truth"]
    session.set_segmentation(None)
    assert titles(session) == ["GRX", "Truth"]


def test_another_truth_makes_evaluations_void(session, heard):
    entry = session.add_result(make_result(), "GRX")
    session.attach_evaluation(entry.id, hadviewer.evaluate(entry.result.scores, session.truth))
    assert entry.id in session.evaluations
    heard.clear()
    session.set_truth(Truth(np.ones((6, 8), bool), "other"))
    assert session.evaluations == {}
    assert session.truth.name == "other"
    assert {"scene_changed", "evaluations_changed"} <= set(heard)
    session.set_truth(None)
    assert "Truth" not in titles(session)
    session.undo()
    session.undo()
    assert session.truth.name == "truth"


ACTIONS = {
    "display": lambda s, n: s.set_display(DisplayIntent("grey", (n % 5,)), merge="display" if n % 2 else ""),
    "result": lambda s, n: s.add_result(make_result(n), f"Run {n}"),
    "remove result": lambda s, n: s.state.results and s.remove_result(s.state.results[n % len(s.state.results)].id),
    "select": lambda s, n: s.state.results and s.select_result(s.state.results[n % len(s.state.results)].id),
    "threshold": lambda s, n: s.state.selected and s.set_threshold(s.state.selected, n if n % 4 else None, merge="t"),
    "layer": lambda s, n: s.state.layers and s.update_layer(s.state.layers[n % len(s.state.layers)].id, opacity=n / 99),
    "move": lambda s, n: s.state.layers and s.move_layer(s.state.layers[0].id, n % 3),
    "remove layer": lambda s, n: s.state.layers and s.remove_layer(s.state.layers[n % len(s.state.layers)].id),
    "pin": lambda s, n: s.pins.add(n % 6, n % 8),
    "clear": lambda s, n: s.pins.clear(),
    "truth": lambda s, n: s.set_truth(Truth(np.ones((6, 8), bool)) if n % 2 else None),
    "segments": lambda s, n: s.set_segmentation(Segmentation(np.zeros((6, 8), np.int32), np.zeros((n, 5), np.float32))),
    "open": lambda s, n: s.open(make_scene(name=f"scene {n}")),
    "undo": lambda s, n: s.undo(),
    "redo": lambda s, n: s.redo(),
    "seal": lambda s, n: s.seal_step(),
}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(sorted(ACTIONS)), st.integers(0, 40)), max_size=25))
def test_undo_to_the_start_and_redo_to_the_end_restore_the_very_states(actions):
    session = Session()
    start = session.state
    for name, number in actions:
        ACTIONS[name](session, number)
    while session.redo_label:
        session.redo()
    end, passed = session.state, [session.state]
    while session.undo_label:
        session.undo()
        passed.append(session.state)
    assert session.state is start
    forth = [session.state]
    while session.redo_label:
        session.redo()
        forth.append(session.state)
    assert session.state is end
    assert [id(state) for state in forth] == [id(state) for state in reversed(passed)]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(sorted(ACTIONS)), st.integers(0, 40)), max_size=20))
def test_whatever_happens_layers_and_selection_refer_to_what_is_there(actions):
    session = Session()
    for name, number in actions:
        ACTIONS[name](session, number)
        state = session.state
        known = {entry.id for entry in state.results}
        assert {layer.result for layer in state.layers if layer.result is not None} <= known
        assert state.selected is None or state.selected in known
        assert len({layer.id for layer in state.layers}) == len(state.layers)
        assert not any(layer.kind == "truth" for layer in state.layers) or session.truth is not None


def test_the_history_does_not_hoard_large_arrays(session):
    """Results that are gone are let go of when they weigh more than the history may hold."""
    session._history._budget = 3 * make_result().scores.nbytes * 2
    for number in range(20):
        entry = session.add_result(make_result(number), f"Run {number}")
        session.remove_result(entry.id)
    assert len(session._history) < 20
    session.undo()
    assert len(session.state.results) == 1


def test_large_results_that_are_still_there_do_not_shorten_the_history(session):
    """Only what undo alone keeps alive counts: taking a pin back must not fail because the score maps are large."""
    session._history._budget = 3 * make_result().scores.nbytes
    for number in range(10):
        session.add_result(make_result(number), f"Run {number}")
        session.pins.add(number % 6, number % 8)
    for _ in range(20):
        session.undo()
    assert not session.state.results
    assert not session.state.pins


def test_scenes_in_memory_that_were_closed_count(session):
    session._history._budget = 3 * make_scene().cube.source.nbytes
    for number in range(20):
        session.open(make_scene(name=f"scene {number}"))
    assert 1 <= len(session._history) <= 3
