"""Superpixels filled with mean scores and mean colours, through the layers of the session."""

import numpy as np
import pytest

from hadviewer.core.results import DetectionRequest, DetectionResult
from hadviewer.engine.display import DisplayIntent
from hadviewer.engine.session import Segmentation
from hadviewer.gui.controllers.layers import LayersController
from hadviewer.gui.views.protocols import ImageViewLike, LayersPanelLike
from hadviewer.render.tiling import Address, Viewport

WHOLE = Address(1, 0, 0)


@pytest.fixture
def view(double, cube):
    view = double(ImageViewLike)
    view.viewport = Viewport(cube.window, 4.0)
    return view


@pytest.fixture
def layers(session, jobs, view, double, messages, tiles, scene):
    tiles.open(scene.cube)
    session.open(scene)
    return LayersController(session, jobs, view, double(LayersPanelLike), messages, tiles)


def halves(rows=12, cols=17):
    """Left half 0, right half 1, one pixel in none."""
    labels = np.zeros((rows, cols), dtype=np.int32)
    labels[:, 8:], labels[0, 0] = 1, -1
    means = np.stack([np.arange(8.0), np.arange(8.0)[::-1]]).astype(np.float32)
    return Segmentation(labels, means)


def result(level=0.0):
    scores = np.full((12, 17), level, dtype=np.float32)
    scores[:, 8:] += 10
    scores[3, 3] += 1000
    return DetectionResult(DetectionRequest(detector="grx"), scores, np.isfinite(scores), 0.1)


def picture(view, place=0):
    mosaic = view.set_layers.call_args.args[0][place].picture
    return mosaic.source.draw(WHOLE)


def test_superpixels_take_the_colour_of_their_mean_score_with_a_colour_bar(layers, session, view):
    session.set_segmentation(halves())
    entry = session.add_result(result(), "GRX")
    session.fill_segments("segment_scores")
    (layer,) = [layer for layer in session.state.layers if layer.kind == "segment_scores"]
    assert layer.result == entry.id
    kinds = [layer.kind for layer in session.state.layers]
    assert kinds.index("scores") < kinds.index("segment_scores") < kinds.index("segments")
    shown = picture(view)
    assert len(np.unique(shown[:, 8:].reshape(-1, 4), axis=0)) == 1
    assert (shown[3, 3] == shown[5, 5]).all()
    assert shown[0, 0, 3] == 0
    scale = view.set_colour_scale.call_args.args[0]
    assert scale.title == "GRX: superpixel means"
    low, high = scale.limits
    assert low < high < 20


def test_other_superpixels_are_filled_anew(layers, session, view):
    session.set_segmentation(halves())
    session.add_result(result(), "GRX")
    session.fill_segments("segment_scores")
    before = picture(view)
    labels = np.zeros((12, 17), dtype=np.int32)
    labels[6:] = 1
    session.set_segmentation(Segmentation(labels, np.zeros((2, 8), np.float32)))
    after = picture(view)
    assert (after[:6] == after[0, 0]).all()
    assert not (before[:6] == before[0, 0]).all()


def test_superpixels_take_their_mean_colour_in_the_bands_shown(layers, session, view):
    session.set_segmentation(halves())
    session.fill_segments("segment_colours")
    session.set_display(DisplayIntent("grey", (0,)))
    first = picture(view)
    assert (first[5, 2] != first[5, 12]).any()
    assert first[5, 2, 0] < first[5, 12, 0]
    assert first[0, 0, 3] == 0
    session.set_display(DisplayIntent("grey", (7,)))
    last = picture(view)
    assert last[5, 2, 0] > last[5, 12, 0]


def test_filled_superpixels_take_the_place_of_the_score_map_and_give_it_back(layers, session):
    session.set_segmentation(halves())
    session.add_result(result(), "GRX")
    session.fill_segments("segment_scores")
    shown = [layer.kind for layer in session.state.layers if layer.visible]
    assert shown == ["segment_scores", "segments", "truth"]
    session.fill_segments(None)
    assert [layer.kind for layer in session.state.layers if layer.visible] == ["scores", "segments", "truth"]
    before = session.state
    session.fill_segments(None)
    assert session.state is before


def test_one_filling_at_a_time_and_none_without_superpixels(layers, session):
    session.set_segmentation(halves())
    session.add_result(result(), "GRX")
    session.fill_segments("segment_scores")
    session.fill_segments("segment_colours")
    assert [layer.kind for layer in session.state.layers if layer.kind.startswith("segment_")] == ["segment_colours"]
    session.undo()
    assert [layer.kind for layer in session.state.layers if layer.kind.startswith("segment_")] == ["segment_scores"]
    session.set_segmentation(None)
    assert {layer.kind for layer in session.state.layers} == {"truth", "scores"}


def test_a_layer_keeps_its_look_and_place_when_the_scene_is_cut_again(session, scene):
    session.open(scene)
    session.set_segmentation(halves())
    (layer,) = [layer for layer in session.state.layers if layer.kind == "segments"]
    session.update_layer(layer.id, colour="#112233", opacity=0.3)
    session.move_layer(layer.id, 0)
    session.set_segmentation(halves())
    assert session.state.layers[0].colour == "#112233"
    assert session.state.layers[0].opacity == 0.3
