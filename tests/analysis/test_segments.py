"""Segments are measured as one would count them by hand."""

import numpy as np
import pytest

from hadviewer.analysis import segments
from hadviewer.analysis.segments import mean_scores, measure_segments, segment_frame

LABELS = np.array([[0, 0, 1, 1], [0, 2, 2, 1], [-1, 2, 2, 1]], dtype=np.int32)
SCORES = np.array([[1, 2, 5, 7], [3, np.nan, 4, 9], [50, np.nan, 2, 7]], dtype=np.float32)


@pytest.fixture(params=[1, 1 << 18])
def blocks(request, monkeypatch):
    """Line by line, and all at once."""
    monkeypatch.setattr(segments, "BLOCK", request.param)


def test_pixels_middles_and_scores(blocks):
    table = measure_segments(LABELS, 3, SCORES)
    assert table.pixels.tolist() == [3, 4, 4]
    np.testing.assert_allclose(table.middles, [[1 / 3, 1 / 3], [0.75, 2.75], [1.5, 1.5]])
    np.testing.assert_allclose(table.mean, [2, 7, 3])
    np.testing.assert_allclose(table.highest, [3, 9, 4])


def test_without_scores_there_are_none():
    table = measure_segments(LABELS, 3)
    assert np.isnan(table.mean).all()
    assert np.isnan(table.highest).all()


def test_a_segment_without_scores_has_none():
    table = measure_segments(LABELS, 3, np.where(LABELS == 1, np.nan, 1.0))
    assert np.isnan([table.mean[1], table.highest[1]]).all()
    assert table.mean[0] == 1


def test_each_pixel_gets_the_mean_of_its_segment():
    np.testing.assert_array_equal(mean_scores(LABELS, 3, SCORES), [[2, 2, 7, 7], [2, 3, 3, 7], [np.nan, 3, 3, 7]])


@pytest.mark.parametrize("label", [0, 1, 2])
def test_the_surroundings_of_a_segment_hold_it_and_one_pixel_more(label):
    row, col, mask = segment_frame(LABELS, label)
    whole = np.zeros((LABELS.shape[0] + 2, LABELS.shape[1] + 2), bool)
    whole[row + 1 : row + 1 + mask.shape[0], col + 1 : col + 1 + mask.shape[1]] = mask
    np.testing.assert_array_equal(whole[1:-1, 1:-1], label == LABELS)
    assert mask.sum() == mask[1:-1, 1:-1].sum()
