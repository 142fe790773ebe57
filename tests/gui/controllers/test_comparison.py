"""Flicker and swipe show compared layers in turn or side by side, and leave everything as it was."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from hadviewer.core.cube import Scene
from hadviewer.core.results import DetectionRequest, DetectionResult
from hadviewer.engine.session import Session
from hadviewer.gui.controllers.comparison import ComparisonController
from hadviewer.gui.views.protocols import LayersPanelLike
from hadviewer.gui.views.view_protocols import ComparisonViewLike


@pytest.fixture
def layers(session: Session, scene: Scene) -> Any:
    """Remembers what it was told to compare; the topmost layer is selected."""
    session.open(scene)
    for title in ("First", "Second"):
        scores = np.zeros((12, 17), dtype=np.float32)
        request = DetectionRequest(detector="grx")
        session.add_result(DetectionResult(request, scores, np.isfinite(scores), 0.1), title)
    told: list[dict[int, str]] = []
    return SimpleNamespace(selected=session.state.layers[1], compare=told.append, told=told)


@pytest.fixture
def view(double: Callable[[type], Any]) -> Any:
    return double(ComparisonViewLike)


@pytest.fixture
def panel(double: Callable[[type], Any]) -> Any:
    panel = double(LayersPanelLike)
    panel.chosen.return_value = ()
    return panel


@pytest.fixture
def controller(session: Session, layers: Any, view: Any, panel: Any, messages: Any) -> ComparisonController:
    return ComparisonController(session, layers, view, panel, messages)


def test_flicker_hides_the_selected_layer_at_once_and_shows_it_with_the_next_beat(
    controller: ComparisonController, layers: Any, view: Any
) -> None:
    controller.toggle_flicker()
    number = layers.selected.id
    view.start_clock.assert_called_with(2)
    assert layers.told == [{number: "none"}]
    assert view.show.call_args.args == ("Without Second", "")
    view.beat.emit()
    assert layers.told[-1] == {number: "all"}
    assert view.show.call_args.args == ("Second", "")
    controller.toggle_flicker()
    assert layers.told[-1] == {}
    view.stop_clock.assert_called()
    view.clear.assert_called()


def test_flicker_between_two_chosen_layers_shows_one_of_them_though_it_is_hidden(
    controller: ComparisonController, session: Session, layers: Any, view: Any, panel: Any
) -> None:
    lower, upper = (layer.id for layer in session.state.layers[:2])
    assert not session.layer(lower).visible  # type: ignore[union-attr]
    panel.chosen.return_value = (upper, lower)
    controller.toggle_flicker()
    view.beat.emit()
    assert layers.told == [{upper: "none", lower: "all"}, {upper: "all", lower: "none"}]


def test_swipe_has_the_layer_on_the_right_only_or_the_other_one_on_the_left(
    controller: ComparisonController, session: Session, layers: Any, view: Any, panel: Any
) -> None:
    lower, upper = (layer.id for layer in session.state.layers[:2])
    controller.toggle_swipe()
    assert layers.told[-1] == {upper: "right"}
    assert view.show.call_args.args == ("Without Second", "Second")
    assert view.show.call_args.kwargs == {"divided": True}
    view.focus_divider.assert_called()
    panel.chosen.return_value = (upper, lower)
    panel.chosen_changed.emit()
    assert layers.told[-1] == {upper: "right", lower: "left"}
    assert view.show.call_args.args == ("First", "Second")


def test_one_ends_the_other(controller: ComparisonController, view: Any) -> None:
    controller.toggle_flicker()
    controller.toggle_swipe()
    assert controller.way == "swipe"
    view.stop_clock.assert_called()


@pytest.mark.parametrize("signal", ["released", "ended"])
def test_a_key_let_go_and_esc_end_it(controller: ComparisonController, layers: Any, view: Any, signal: str) -> None:
    controller.toggle_flicker()
    getattr(view, signal).emit()
    assert controller.way == ""
    assert layers.told[-1] == {}


def test_the_rate_can_be_changed_meanwhile(controller: ComparisonController, view: Any) -> None:
    controller.set_rate(8)
    view.start_clock.assert_not_called()
    controller.toggle_flicker()
    controller.set_rate(4)
    assert [call.args for call in view.start_clock.call_args_list] == [(8,), (4,)]


def test_it_ends_with_the_last_layer_and_says_so_where_there_is_none(
    controller: ComparisonController, session: Session, layers: Any, messages: Any
) -> None:
    controller.toggle_flicker()
    layers.selected = None
    session.change("Remove all", layers=())
    assert controller.way == ""
    controller.toggle_swipe()
    assert controller.way == ""
    messages.info.assert_called_once()


def test_nothing_of_it_is_undone(controller: ComparisonController, session: Session) -> None:
    before = session.undo_label
    controller.toggle_flicker()
    controller.toggle_swipe()
    controller.stop()
    assert session.undo_label == before
