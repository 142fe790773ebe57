"""Undo goes back to the beginning and redo to the end, whatever happened between."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hadviewer.engine.undo import History


class Notebook:
    """A number that is changed through a history, as the session's state is."""

    def __init__(self, **options):
        self.value = 0
        self.history = History(**options)

    def write(self, value, merge="", label="Write"):
        self.history.record(label, self.value, value, merge)
        self.value = value

    def undo(self):
        state = self.history.undo(self.value)
        self.value = self.value if state is None else state
        return state is not None

    def redo(self):
        state = self.history.redo(self.value)
        self.value = self.value if state is None else state
        return state is not None


@pytest.fixture
def notebook():
    return Notebook()


def test_there_is_nothing_to_undo_at_first(notebook):
    assert not notebook.undo()
    assert not notebook.redo()
    assert notebook.history.undo_label == notebook.history.redo_label == ""
    assert len(notebook.history) == 0


def test_labels_name_what_would_be_taken_back_or_brought_back(notebook):
    notebook.write(1, label="One")
    notebook.write(2, label="Two")
    assert notebook.history.undo_label == "Two"
    notebook.undo()
    assert (notebook.history.undo_label, notebook.history.redo_label) == ("One", "Two")


@given(st.lists(st.integers(), max_size=30))
def test_all_the_way_back_and_all_the_way_forth(values):
    notebook = Notebook()
    for value in values:
        notebook.write(value)
    passed = [notebook.value]
    while notebook.undo():
        passed.append(notebook.value)
    assert passed == [0, *values][::-1]
    forth = [notebook.value]
    while notebook.redo():
        forth.append(notebook.value)
    assert forth == [0, *values]


@given(st.lists(st.one_of(st.integers(1, 9), st.sampled_from(["undo", "redo"])), max_size=40))
def test_any_sequence_agrees_with_a_list_of_states(actions):
    notebook, states, place = Notebook(), [0], 0
    for action in actions:
        if action == "undo":
            assert notebook.undo() == (place > 0)
            place = max(0, place - 1)
        elif action == "redo":
            assert notebook.redo() == (place < len(states) - 1)
            place = min(len(states) - 1, place + 1)
        else:
            notebook.write(action)
            states = [*states[: place + 1], action]
            place += 1
        assert notebook.value == states[place]
        assert len(notebook.history) == place


def test_a_gesture_is_one_step(notebook):
    for value in (1, 2, 3):
        notebook.write(value, merge="slider")
    notebook.undo()
    assert notebook.value == 0
    notebook.redo()
    assert notebook.value == 3


def test_after_a_gesture_is_sealed_the_next_is_a_step_of_its_own(notebook):
    notebook.write(1, merge="slider")
    notebook.history.seal()
    notebook.write(2, merge="slider")
    notebook.undo()
    assert notebook.value == 1


def test_gestures_of_different_things_are_different_steps(notebook):
    notebook.write(1, merge="opacity")
    notebook.write(2, merge="threshold")
    notebook.undo()
    assert notebook.value == 1


def test_after_undo_a_gesture_does_not_grow_into_the_one_before(notebook):
    notebook.write(1, merge="opacity")
    notebook.write(2, merge="threshold")
    notebook.undo()
    notebook.write(3, merge="opacity")
    notebook.undo()
    assert notebook.value == 1


def test_a_new_change_forgets_what_was_undone(notebook):
    notebook.write(1)
    notebook.undo()
    notebook.write(2)
    assert not notebook.redo()
    assert notebook.value == 2


def test_the_oldest_steps_are_forgotten_beyond_the_depth():
    notebook = Notebook(depth=3)
    for value in range(1, 8):
        notebook.write(value)
    while notebook.undo():
        pass
    assert notebook.value == 4


def test_the_oldest_steps_are_forgotten_when_they_hold_too_much():
    notebook = Notebook(budget=10, weigh=lambda before, present: sum(before))
    for value in range(1, 8):
        notebook.write(value)
    assert len(notebook.history) == 1
    notebook.undo()
    assert notebook.value == 6


def test_sealing_nothing_is_no_trouble(notebook):
    notebook.history.seal()
