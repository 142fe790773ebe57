"""Layers are drawn when what they show changes, and never for opacity, visibility or order."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from hadviewer.core.cube import Scene, Window
from hadviewer.core.results import DetectionRequest, DetectionResult
from hadviewer.engine.session import Segmentation, Session
from hadviewer.gui.controllers import _layer_drawings as module
from hadviewer.gui.controllers.layer_pictures import GHOST
from hadviewer.gui.controllers.layers import LayersController
from hadviewer.gui.controllers.tiles import TileLoader
from hadviewer.gui.views.data import LayerPicture
from hadviewer.gui.views.protocols import ImageViewLike, LayersPanelLike
from hadviewer.render.cache import ArrayCache
from hadviewer.render.colormaps import COLORMAPS, colour_table
from hadviewer.render.tiling import Viewport

ROWS, COLS = 12, 17


def result(seed: int = 0) -> DetectionResult:
    scores = np.random.default_rng(seed).random((ROWS, COLS), dtype=np.float32)
    scores[0, 0] = np.nan
    scores[7, 8] = 50
    return DetectionResult(DetectionRequest(detector="grx"), scores, np.isfinite(scores), 0.1)


@pytest.fixture
def view(double: Callable[[type], Any]) -> Any:
    view = double(ImageViewLike)
    view.viewport = Viewport(Window(0, ROWS, 0, COLS), 1.0)
    return view


@pytest.fixture
def panel(double: Callable[[type], Any]) -> Any:
    return double(LayersPanelLike)


@pytest.fixture
def draws(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The kinds of layers drawn, in order."""
    kinds: list[str] = []

    def counting(kind: str, draw: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any) -> Any:
            kinds.append(kind)
            return draw(*arguments)

        return counted

    for kind, draw in dict(module._DRAW).items():
        monkeypatch.setitem(module._DRAW, kind, counting(kind, draw))
    return kinds


@pytest.fixture
def controller(
    session: Session,
    jobs: Any,
    view: Any,
    panel: Any,
    messages: Any,
    scene: Scene,
    draws: list[str],
    tiles: TileLoader,
) -> LayersController:
    tiles.open(scene.cube)
    controller = LayersController(session, jobs, view, panel, messages, tiles)
    session.open(scene)
    return controller


def shown(view: Any) -> list[LayerPicture]:
    return list(view.set_layers.call_args.args[0])


def rows(panel: Any) -> list[Any]:
    return list(panel.set_layers.call_args.args[0])


def full(picture: LayerPicture) -> np.ndarray:
    (piece,) = picture.picture.pieces(Viewport(Window(0, ROWS, 0, COLS), 1.0))
    return piece.pixels


def test_the_truth_is_outlined_and_its_pixel_stays_free(controller: LayersController, view: Any) -> None:
    (layer,) = shown(view)
    rgba = full(layer)
    assert rgba[3, 5, 3] == 0
    assert rgba[2:5, 4:7, 3].astype(bool).sum() == 8
    assert rgba[2, 4].tolist() == [0, 229, 255, 255]
    assert layer.outline is not None
    assert layer.outline.colour == "#00e5ff"
    assert layer.outline.parts[3, 5]


def test_a_result_lies_over_the_image_with_its_colour_bar(
    controller: LayersController, session: Session, view: Any, panel: Any
) -> None:
    entry = session.add_result(result(), "GRX")
    scores, _truth = shown(view)
    assert scores.opacity == 0.75
    assert np.array_equal(full(scores)[7, 8], colour_table("inferno")[255])
    assert full(scores)[0, 0, 3] == 0
    scale = view.set_colour_scale.call_args.args[0]
    assert scale.title == "GRX"
    assert scale.limits[0] < scale.limits[1] <= 50
    assert [row.kind for row in rows(panel)] == ["truth", "scores"], "the topmost first"
    assert rows(panel)[1].limits == scale.limits
    assert panel.select.call_args.args[0] == rows(panel)[1].id
    assert entry.id == session.state.selected


def test_opacity_visibility_and_order_draw_nothing(
    controller: LayersController, session: Session, view: Any, panel: Any, draws: list[str]
) -> None:
    session.add_result(result(), "GRX")
    layer = rows(panel)[1]
    before, pictures = len(draws), {item.id: item.picture for item in shown(view)}
    panel.opacity_changed.emit(layer.id, 0.3)
    panel.visibility_changed.emit(layer.id, False)
    assert len(shown(view)) == 1
    assert view.set_colour_scale.call_args.args[0] is None
    panel.visibility_changed.emit(layer.id, True)
    panel.move_requested.emit(layer.id, 1)
    assert len(draws) == before
    assert [item.id for item in shown(view)][-1] == layer.id
    assert all(item.picture is pictures[item.id] for item in shown(view))


def test_colours_and_limits_draw_only_their_own_layer(
    controller: LayersController, session: Session, view: Any, panel: Any, draws: list[str]
) -> None:
    session.add_result(result(), "GRX")
    layer = rows(panel)[1]
    draws.clear()
    panel.colormap_changed.emit(layer.id, "viridis")
    panel.limits_changed.emit(layer.id, (10.0, 20.0))
    assert draws == ["scores", "scores"]
    assert view.set_colour_scale.call_args.args[0].limits == (10, 20)
    assert np.array_equal(view.set_colour_scale.call_args.args[0].table, colour_table("viridis"))
    assert np.array_equal(full(shown(view)[0])[5, 5], colour_table("viridis")[0])
    assert not rows(panel)[1].automatic


def test_a_hidden_layer_is_drawn_only_when_it_is_wanted(
    controller: LayersController, session: Session, panel: Any, draws: list[str]
) -> None:
    session.add_result(result(), "GRX")
    layer = rows(panel)[1]
    session.update_layer(layer.id, visible=False)
    draws.clear()
    session.update_layer(layer.id, colormap="turbo")
    assert draws == []
    session.update_layer(layer.id, visible=True)
    assert draws == ["scores"]


def test_a_slider_drag_is_one_step_to_undo(controller: LayersController, session: Session, panel: Any) -> None:
    session.add_result(result(), "GRX")
    layer = rows(panel)[1]
    for value in (0.7, 0.5, 0.2):
        panel.opacity_changed.emit(layer.id, value)
    panel.opacity_settled.emit()
    panel.opacity_changed.emit(layer.id, 0.9)
    session.undo()
    assert rows(panel)[1].opacity == 0.2
    session.undo()
    assert rows(panel)[1].opacity == 0.75


def test_a_new_result_takes_the_place_of_the_one_shown(
    controller: LayersController, session: Session, view: Any, panel: Any
) -> None:
    first = session.add_result(result(1), "First")
    session.set_threshold(first.id, 0.9)
    session.add_result(result(2), "Second")
    assert {row.title: row.visible for row in rows(panel)} == {
        "Mask: First": False,
        "Truth": True,
        "Second": True,
        "First": False,
    }
    session.select_result(first.id)
    assert {row.title for row in rows(panel) if row.visible} == {"Truth", "First"}
    assert view.set_colour_scale.call_args.args[0].title == "First"


def test_with_all_maps_hidden_a_selection_shows_none(
    controller: LayersController, session: Session, panel: Any
) -> None:
    first = session.add_result(result(1), "First")
    session.add_result(result(2), "Second")
    session.update_layer(rows(panel)[1].id, visible=False)
    session.select_result(first.id)
    assert [row.title for row in rows(panel) if row.visible] == ["Truth"]


def test_removing_the_shown_result_shows_the_one_before(
    controller: LayersController, session: Session, panel: Any
) -> None:
    session.add_result(result(1), "First")
    second = session.add_result(result(2), "Second")
    session.remove_result(second.id)
    assert {row.title for row in rows(panel) if row.visible} == {"Truth", "First"}


def test_the_mask_marks_the_pixels_at_and_above_the_threshold(
    controller: LayersController, session: Session, view: Any
) -> None:
    found = result()
    entry = session.add_result(found, "GRX")
    session.set_threshold(entry.id, float(found.scores[4, 4]))
    mask = full(shown(view)[-1])[..., 3] > 0
    assert np.array_equal(mask, found.scores >= found.scores[4, 4])
    assert mask[4, 4]


def test_superpixels_are_drawn_as_lines(controller: LayersController, session: Session, view: Any) -> None:
    labels = np.zeros((ROWS, COLS), dtype=np.int32)
    labels[:, 9:] = 1
    session.set_segmentation(Segmentation(labels, np.zeros((2, 8), dtype=np.float32)))
    drawn = full(shown(view)[0])[..., 3] > 0
    assert drawn.sum() == ROWS
    assert drawn[:, 8].all()


@pytest.fixture
def held_controller(
    session: Session, held_jobs: Any, view: Any, panel: Any, messages: Any, scene: Scene
) -> LayersController:
    """A controller whose jobs wait until told to be done."""
    loader = TileLoader(held_jobs, ArrayCache(2**24), ArrayCache(2**24), lambda job: None)
    session.scene_changed.connect(lambda: loader.open(session.cube))
    controller = LayersController(session, held_jobs, view, panel, messages, loader)
    session.open(scene)
    return controller


def do_all(held_jobs: Any) -> None:
    while held_jobs.held:
        held_jobs.perform()


def test_while_a_layer_is_drawn_only_the_last_wish_counts(
    held_controller: LayersController, session: Session, held_jobs: Any, view: Any, draws: list[str]
) -> None:
    do_all(held_jobs)
    found = result()
    entry = session.add_result(found, "GRX")
    do_all(held_jobs)
    for value in (0.1, 0.2, 0.3, 0.9):
        session.set_threshold(entry.id, value, merge="drag")
    assert len(held_jobs.held) == 1
    held_jobs.perform(0)
    held_jobs.perform(0)
    assert np.array_equal(full(shown(view)[-1])[..., 3] > 0, found.scores >= 0.1), "something is seen meanwhile"
    do_all(held_jobs)
    assert np.array_equal(full(shown(view)[-1])[..., 3] > 0, found.scores >= 0.9)
    assert draws.count("mask") == 2


def test_layers_of_a_scene_that_was_closed_are_gone(
    held_controller: LayersController, session: Session, held_jobs: Any, view: Any, panel: Any
) -> None:
    session.undo()
    do_all(held_jobs)
    assert shown(view) == []
    assert rows(panel) == []


def test_undo_brings_a_removed_layer_back(
    controller: LayersController, session: Session, view: Any, panel: Any
) -> None:
    session.add_result(result(), "GRX")
    panel.remove_requested.emit(rows(panel)[1].id)
    assert len(shown(view)) == 1
    session.undo()
    assert len(shown(view)) == 2


def test_keys_act_on_the_selected_layer(controller: LayersController, session: Session, panel: Any) -> None:
    session.add_result(result(), "GRX")
    controller.toggle_selected()
    panel.layer_selected.emit(rows(panel)[1].id)
    controller.toggle_selected()
    controller.change_opacity(-0.1)
    controller.change_opacity(-0.1)
    row = rows(panel)[1]
    assert (row.visible, row.opacity) == (False, 0.55)
    for _ in range(9):
        controller.change_opacity(0.1)
    assert rows(panel)[1].opacity == 1.0


def test_the_order_has_ends(controller: LayersController, session: Session, panel: Any) -> None:
    session.add_result(result(), "GRX")
    before = [layer.id for layer in session.state.layers]
    controller.move(before[-1], 1)
    controller.move(before[0], -1)
    assert [layer.id for layer in session.state.layers] == before


def test_colour_maps_are_offered_once_they_are_loaded(
    controller: LayersController, session: Session, panel: Any
) -> None:
    panel.set_colormaps.assert_not_called()
    session.add_result(result(), "GRX")
    session.add_result(result(3), "GRX again")
    panel.set_colormaps.assert_called_once()
    assert tuple(panel.set_colormaps.call_args.args[0]) == COLORMAPS


def test_a_layer_that_cannot_be_drawn_is_told_once(
    controller: LayersController, session: Session, messages: Any, view: Any
) -> None:
    entry = session.add_result(result(), "GRX")
    layer = next(item for item in session.state.layers if item.result == entry.id)
    session.update_layer(layer.id, colormap="nonesuch")
    session.update_layer(layer.id, opacity=0.5)
    messages.error.assert_called_once()
    assert "GRX cannot be drawn" in messages.error.call_args.args[0]
    assert len(shown(view)) == 1


def test_an_unfinished_map_lies_above_the_maps_and_below_the_truth_and_goes_without_a_trace(
    controller: LayersController, session: Session, view: Any
) -> None:
    session.add_result(result(), "GRX")
    before, history = shown(view), session.undo_label
    controller.show_unfinished(result(3).scores)
    ids = [layer.id for layer in shown(view)]
    assert ids == [before[0].id, GHOST, before[1].id]
    assert session.undo_label == history
    controller.show_unfinished(None)
    assert [layer.id for layer in shown(view)] == [layer.id for layer in before]


def test_of_unfinished_maps_only_the_last_waits(held_controller: LayersController, held_jobs: Any, view: Any) -> None:
    do_all(held_jobs)
    maps = [result(seed).scores for seed in range(5)]
    for scores in maps:
        held_controller.show_unfinished(scores)
    assert len(held_jobs.held) == 1
    seen = []
    while held_jobs.held:
        held_jobs.perform()
        seen += [layer.picture.source.content for layer in shown(view) if layer.id == GHOST]
    assert all(scores is maps[0] or scores is maps[4] for scores in seen)
    assert seen[-1] is maps[4]
    held_controller.show_unfinished(result(6).scores)
    held_controller.show_unfinished(None)
    do_all(held_jobs)
    assert GHOST not in [layer.id for layer in shown(view)]


def test_names_blends_places_and_solos_are_undone(
    controller: LayersController, session: Session, view: Any, panel: Any
) -> None:
    session.add_result(result(), "GRX")
    truth, scores = (row.id for row in rows(panel))
    panel.renamed.emit(scores, "Mine")
    panel.blend_changed.emit(scores, "multiply")
    panel.placed.emit(truth, 0)
    panel.only_requested.emit(truth)
    assert [(row.title, row.visible) for row in rows(panel)] == [("Mine", False), ("Truth", True)]
    session.undo()
    assert [picture.blend for picture in shown(view)] == ["normal", "multiply"]
    session.undo()
    assert [row.title for row in rows(panel)] == ["Truth", "Mine"]
    session.undo()
    session.undo()
    assert [(row.title, row.blend) for row in rows(panel)] == [("Truth", "normal"), ("GRX", "normal")]


def test_scale_and_direction_of_a_map_are_redrawn_shown_at_the_bar_and_undone(
    controller: LayersController, session: Session, panel: Any, view: Any
) -> None:
    session.add_result(result(), "GRX")
    layer = session.state.layers[0]
    before = full(shown(view)[0])
    panel.scale_changed.emit(layer.id, "rank")
    assert not np.array_equal(full(shown(view)[0]), before)
    scale = view.set_colour_scale.call_args.args[0]
    assert scale.title == "GRX (rank)"
    assert [place for place, _ in scale.ticks] == [0, 0.25, 0.5, 0.75, 1]
    panel.inverse_changed.emit(layer.id, True)
    assert np.array_equal(full(shown(view)[0])[7, 8], colour_table("inferno")[0])
    assert np.array_equal(view.set_colour_scale.call_args.args[0].table, colour_table("inferno")[::-1])
    session.undo()
    session.undo()
    assert np.array_equal(full(shown(view)[0]), before)


def test_dragging_the_ends_of_a_map_is_one_step_and_can_be_taken_back(
    controller: LayersController, session: Session, panel: Any
) -> None:
    session.add_result(result(), "GRX")
    layer = session.state.layers[0]
    for high in (5.0, 6.0, 7.0):
        panel.limits_dragged.emit(layer.id, (0.0, high))
    panel.limits_settled.emit()
    assert session.state.layers[0].limits == (0.0, 7.0)
    panel.limits_dragged.emit(layer.id, (0.0, 9.0))
    panel.limits_cancelled.emit()
    assert session.state.layers[0].limits == (0.0, 7.0)
    session.undo()
    assert session.state.layers[0].limits is None


def test_the_panel_is_told_how_the_scores_are_distributed(
    controller: LayersController, session: Session, panel: Any
) -> None:
    session.add_result(result(), "GRX")
    row = next(row for row in rows(panel) if row.kind == "scores")
    assert row.histogram.counts.sum() >= ROWS * COLS - 2, "all but the missing one, and perhaps the hottest"
    assert (row.scale, row.inverse) == ("linear", False)


def test_compared_layers_are_seen_on_their_sides_and_a_hidden_one_is_drawn_for_it(
    controller: LayersController, session: Session, view: Any, draws: list[str]
) -> None:
    for seed, title in ((1, "First"), (2, "Second")):
        session.add_result(result(seed), title)
    first, second = (layer.id for layer in session.state.layers[:2])
    session.update_layer(first, colormap="viridis")
    draws.clear()
    controller.compare({second: "right", first: "left"})
    assert [(item.id, item.side) for item in shown(view)][:2] == [(first, "left"), (second, "right")]
    assert draws == ["scores"]
    assert view.set_colour_scale.call_args.args[0].title == "Second"
    controller.compare({second: "none", first: "all"})
    assert [item.id for item in shown(view)][:1] == [first]
    assert view.set_colour_scale.call_args.args[0].title == "First"
    controller.compare({second: "none"})
    assert first not in [item.id for item in shown(view)]
    assert view.set_colour_scale.call_args.args[0].title == "Second", "the image does not jump"
    controller.compare({})
    assert [item.id for item in shown(view)][:1] == [second]
    assert not session.layer(first).visible  # type: ignore[union-attr]
