"""The table of superpixels: filled, picked from, exported."""

import numpy as np
import pytest

from hadviewer.core.results import DetectionRequest, DetectionResult
from hadviewer.engine.session import Segmentation
from hadviewer.gui.controllers.segments import SegmentsController
from hadviewer.gui.views.segment_protocols import SegmentImageLike, SegmentsViewLike


@pytest.fixture
def view(double):
    return double(SegmentsViewLike)


@pytest.fixture
def image(double):
    return double(SegmentImageLike)


@pytest.fixture
def controller(session, jobs, view, image, messages, scene):
    session.open(scene)
    return SegmentsController(session, jobs, view, image, messages)


def halves():
    """Left half 0, right half 1, one pixel in none."""
    labels = np.zeros((12, 17), dtype=np.int32)
    labels[:, 8:], labels[0, 0] = 1, -1
    return Segmentation(labels, np.arange(16, dtype=np.float32).reshape(2, 8))


def result():
    scores = np.zeros((12, 17), dtype=np.float32)
    scores[:, 8:], scores[5, 12] = 2, 50
    return DetectionResult(DetectionRequest(detector="grx"), scores, np.isfinite(scores), 0.1)


def columns(view):
    return {title: values.tolist() for title, values in view.set_rows.call_args.args[0].columns.items()}


def test_superpixels_are_listed_with_size_and_place(controller, session, view):
    assert "dock Superpixels" in view.set_rows.call_args.args[1]
    session.set_segmentation(halves())
    assert columns(view)["Pixels"] == [95, 108]
    assert columns(view)["No."] == [1, 2]
    assert columns(view)["Sample"] == [3.5, 12.0]
    assert "Mean" not in columns(view)
    assert view.set_rows.call_args.args[1] == ""


def test_scores_are_those_of_the_selected_result(controller, session, view):
    session.set_segmentation(halves())
    entry = session.add_result(result(), "GRX")
    assert columns(view)["Mean"] == [0, pytest.approx((107 * 2 + 50) / 108)]
    assert columns(view)["Highest"] == [0, 50]
    session.remove_result(entry.id)
    assert "Mean" not in columns(view)


def test_a_picked_superpixel_is_outlined_brought_to_the_middle_and_its_spectrum_shown(controller, session, view, image):
    session.set_segmentation(halves())
    view.picked.emit([1, 0])
    (mark,) = image.mark.call_args.args
    assert image.mark.call_args.kwargs == {"centre": True}
    assert mark.middle == (6, 12)
    whole = np.zeros((14, 19), bool)
    whole[mark.row + 1 : mark.row + 1 + mark.mask.shape[0], mark.col + 1 : mark.col + 1 + mark.mask.shape[1]] = (
        mark.mask
    )
    np.testing.assert_array_equal(whole[1:-1, 1:-1], session.state.segmentation.labels == 1)
    spectra = view.show_spectra.call_args.args[0]
    assert [title for title, _ in spectra] == ["Superpixel 2", "Superpixel 1"]
    assert spectra[0][1].tolist() == list(range(8, 16))
    view.picked.emit([])
    assert image.mark.call_args.args == (None,)


def test_a_click_on_the_image_picks_its_superpixel_and_does_not_move_the_image(controller, session, view, image):
    session.set_segmentation(halves())
    controller.pick_at(3, 10)
    assert view.select.call_args.args == (1,)
    assert image.mark.call_args.kwargs == {"centre": False}
    controller.pick_at(0, 0)
    assert view.select.call_args.args == (None,)
    assert image.mark.call_args.args == (None,)


def test_what_was_picked_goes_with_its_superpixels(controller, session, view, image):
    session.set_segmentation(halves())
    view.picked.emit([1])
    session.set_segmentation(None)
    assert image.mark.call_args.args == (None,)
    assert view.set_rows.call_args.args[0].count == 0


def test_they_are_exported_as_the_ending_says(controller, session, messages, tmp_path):
    controller.export(tmp_path / "parts.csv")
    messages.warn.assert_called_once()
    session.set_segmentation(halves())
    session.add_result(result(), "GRX")
    controller.export(tmp_path / "parts.csv")
    assert "mean_score" in (tmp_path / "parts.csv").read_text(encoding="utf-8")
    controller.export(tmp_path / "parts.npy")
    assert np.load(tmp_path / "parts.npy").max() == 2
    controller.export(tmp_path / "parts.xyz")
    assert "were not exported" in messages.error.call_args.args[0]
