"""Zooming out keeps the mean of imagery and the maximum of scores."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hadviewer.render.pyramid import base_step, shrink_max, shrink_mean, shrink_pick, shrink_sum

sizes = st.tuples(st.integers(1, 17), st.integers(1, 17))


def blocks(plane: np.ndarray, factor: int) -> list[list[np.ndarray]]:
    rows, cols = plane.shape
    return [[plane[r : r + factor, c : c + factor] for c in range(0, cols, factor)] for r in range(0, rows, factor)]


@given(sizes, st.integers(1, 6), st.integers(0, 99), st.booleans())
def test_shrinking_agrees_with_one_block_at_a_time(shape: tuple[int, int], factor: int, seed: int, holes: bool) -> None:
    rng = np.random.default_rng(seed)
    plane = rng.normal(size=shape).astype(np.float32)
    if holes:
        plane[rng.random(shape) > 0.6] = np.nan
    for reduce, one in ((shrink_mean, np.mean), (shrink_max, np.max)):
        got = reduce(plane, factor)
        for r, line in enumerate(blocks(plane, factor)):
            for c, block in enumerate(line):
                values = block[~np.isnan(block)]
                expected = one(values) if values.size else np.nan
                assert got[r, c] == pytest.approx(expected, nan_ok=True, abs=1e-5)


@pytest.mark.parametrize("factor", [2, 3, 64, 1024])
def test_a_single_set_pixel_survives(factor: int) -> None:
    mask = np.zeros((1000, 777), dtype=bool)
    mask[999, 776] = True
    smaller = shrink_max(mask, factor)
    assert smaller.dtype == bool
    assert np.argwhere(smaller).tolist() == [[999 // factor, 776 // factor]]


def test_labels_are_picked_not_mixed() -> None:
    labels = np.arange(25).reshape(5, 5)
    assert shrink_pick(labels, 2).tolist() == [[0, 2, 4], [10, 12, 14], [20, 22, 24]]


@pytest.mark.parametrize(("shape", "step"), [((4000, 4000), 1), ((4001, 4000), 2), ((1, 40_000_000), 3), ((3, 3), 1)])
def test_large_scenes_are_thinned_out(shape: tuple[int, int], step: int) -> None:
    assert base_step(shape, 16_000_000) == step


@pytest.mark.parametrize("factor", [1, 3, 4, 300])
def test_set_pixels_are_counted_by_block(factor: int) -> None:
    mask = np.random.default_rng(0).random((601, 310)) > 0.3
    counts = shrink_sum(mask, factor)
    assert counts.sum() == mask.sum()
    assert counts[0, 0] == mask[:factor, :factor].sum()
    assert counts.shape == shrink_max(mask, factor).shape
