"""The table of results follows the session."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from hadviewer.core.cube import Scene, Truth
from hadviewer.engine.jobs import InlineJobs
from hadviewer.engine.session import Session
from hadviewer.engine.verbs import detect, evaluate, fuse
from hadviewer.gui.controllers.results import ResultsController
from hadviewer.gui.views.data import ResultRow
from hadviewer.gui.views.protocols import ResultsPanelLike


@pytest.fixture
def panel(double: Callable[[type], Any]) -> Any:
    return double(ResultsPanelLike)


@pytest.fixture
def controller(session: Session, jobs: InlineJobs, panel: Any, messages: Any, scene: Scene) -> ResultsController:
    controller = ResultsController(session, jobs, panel, messages)
    session.open(scene)
    session.add_result(detect(scene.cube, "grx"), "GRX")
    session.add_result(detect(scene.cube, "grx", bands="1-3", loading=0.01, seed=5), "GRX 2")
    return controller


def rows(panel: Any) -> list[ResultRow]:
    return list(panel.set_rows.call_args.args[0])


def test_a_line_says_what_is_off_its_default(controller: ResultsController, panel: Any) -> None:
    first, second = rows(panel)
    assert first.parameters == ""
    assert second.parameters == "loading 0.01"
    for fact in ("Detector: grx", "Bands: 1-3 (3 used)", "Seed: 5", "Device: cpu", "Source: small"):
        assert fact in second.about
    assert first.colour != second.colour


def test_the_auc_comes_with_the_evaluation(
    controller: ResultsController, session: Session, panel: Any, truth: Truth
) -> None:
    assert [row.auc for row in rows(panel)] == [None, None]
    entry = session.state.results[0]
    found = evaluate(entry.result.scores, truth)
    session.attach_evaluation(entry.id, found)
    assert [row.auc for row in rows(panel)] == [found.auc_pd_pf, None]


def test_selecting_and_removing_go_through_the_session(
    controller: ResultsController, session: Session, panel: Any
) -> None:
    first, second = session.state.results
    panel.selected.emit(first.id)
    assert session.state.selected == first.id
    panel.set_selected.assert_called_with(first.id)
    panel.remove_requested.emit(first.id)
    assert session.state.results == (second,)
    session.undo()
    assert [row.id for row in rows(panel)] == [first.id, second.id]
    controller.remove_selected()
    assert [row.id for row in rows(panel)] == [second.id]


def test_a_double_click_hides_the_map_and_shows_it_again(
    controller: ResultsController, session: Session, panel: Any
) -> None:
    entry = session.state.results[1]
    panel.toggle_requested.emit(entry.id)
    assert [row.visible for row in rows(panel)][1] is False
    panel.toggle_requested.emit(entry.id)
    assert [row.visible for row in rows(panel)][1] is True


def test_a_map_whose_layer_was_removed_comes_back(controller: ResultsController, session: Session, panel: Any) -> None:
    entry = session.state.results[0]
    layer = next(item for item in session.state.layers if item.kind == "scores" and item.result == entry.id)
    session.remove_layer(layer.id)
    assert rows(panel)[0].visible is False
    panel.toggle_requested.emit(entry.id)
    assert rows(panel)[0].visible is True
    assert session.state.layers[-1].kind == "truth"


def test_several_results_are_fused_into_a_new_one(controller: ResultsController, session: Session, panel: Any) -> None:
    first, second = session.state.results
    panel.fuse_requested.emit((first.id, second.id))
    fused = session.state.results[-1]
    assert fused.title == "GRX + GRX 2"
    assert np.array_equal(fused.result.scores, fuse([first.result, second.result]).scores)
    assert session.selected is fused
    panel.fuse_requested.emit((first.id, second.id))
    assert session.state.results[-1].title == "GRX + GRX 2 2"
    assert rows(panel)[2].notes


def test_what_cannot_be_fused_is_a_message(
    controller: ResultsController, session: Session, panel: Any, messages: Any
) -> None:
    first, second = session.state.results
    controller.fuse((first.id,))
    assert "two or more" in messages.info.call_args.args[0]
    controller.fuse((first.id, second.id))
    controller.fuse((first.id, session.state.results[-1].id))
    assert "cannot hold a fusion" in messages.error.call_args.args[0]
    assert len(session.state.results) == 3


def test_a_map_beside_a_result_becomes_a_result(
    controller: ResultsController, session: Session, panel: Any, scene: Scene
) -> None:
    parts = session.add_result(detect(scene.cube, "fusion", detectors="grx,wrx"), "FUSION")
    assert rows(panel)[0].maps == ()
    assert rows(panel)[-1].maps == ("grx", "wrx")
    panel.map_requested.emit(parts.id, "grx")
    entry = session.state.results[-1]
    assert entry.title == "FUSION · grx"
    np.testing.assert_array_equal(entry.result.scores, session.state.results[0].result.scores)
    assert "no recipe" in entry.result.notes[0]
    session.undo()
    assert session.state.results[-1].id == parts.id
