"""The dual window: which samples belong to a pixel, also at the border, in strips and in scenes too small for it."""

import numpy as np
import pytest

from hadviewer.core.context import Context
from hadviewer.core.errors import DetectorError, ParamError
from hadviewer.core.params import parse
from hadviewer.detectors._windows import DualWindow, Strips, WindowParams, cut, dual_window
from hadviewer.engine.blocks import ArrayBlocks


def scene(rows=14, cols=17, bands=3, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, cols, bands)).astype(np.float32)


def everywhere(rows, cols):
    return tuple(places.ravel() for places in np.indices((rows, cols)))


def test_in_the_middle_the_ring_is_the_outer_square_without_the_inner():
    window = dual_window((30, 40), 3, 7, Context())
    found = window.ring(np.array([15]), np.array([20]))[0]
    expected = [
        row * 40 + col for row in range(12, 19) for col in range(17, 24) if not (14 <= row <= 16 and 19 <= col <= 21)
    ]
    assert found.tolist() == expected
    assert window.samples == 49 - 9 == len(expected)
    inside = window.inside(np.array([15]), np.array([20]))[0]
    assert sorted([*inside, *found]) == sorted(row * 40 + col for row in range(12, 19) for col in range(17, 24))


@pytest.mark.parametrize("widths", [(1, 3), (3, 7), (5, 13)])
def test_windows_lie_where_spectral_python_lays_them(widths):
    from spectral.algorithms.spatial import inner_outer_window_mask_creator

    inner, outer = widths
    window = dual_window((14, 17), inner, outer, Context())
    create = inner_outer_window_mask_creator((14, 17, 3), inner, outer)
    rows, cols = everywhere(14, 17)
    for row, col, ring in zip(rows, cols, window.ring(rows, cols), strict=True):
        _, (row0, row1, col0, col1), guarded = create(row, col, True)
        places = np.arange(14 * 17).reshape(14, 17)[row0:row1, col0:col1]
        np.testing.assert_array_equal(np.sort(ring), places[guarded == 0])


def test_no_sample_counts_twice_and_no_pixel_is_its_own_background():
    window = dual_window((14, 17), 5, 13, Context())
    rows, cols = everywhere(14, 17)
    ring, inside = window.ring(rows, cols), window.inside(rows, cols)
    assert ring.shape == (14 * 17, 13**2 - 5**2)
    assert all(len(set(samples)) == len(samples) for samples in ring)
    assert not (ring == (rows * 17 + cols)[:, np.newaxis]).any()
    assert (inside == (rows * 17 + cols)[:, np.newaxis]).any(axis=1).all()


@pytest.mark.parametrize("size", [(1, 60), (60, 1), (7, 5), (40, 7)])
def test_a_scene_narrower_than_the_window_is_taken_whole_in_that_direction(size):
    ctx = Context()
    window = dual_window(size, 5, 21, ctx)
    assert window.outer == tuple(min(21, length) for length in size)
    rows, cols = everywhere(*size)
    ring = window.ring(rows, cols)
    assert ring.min() >= 0
    assert ring.max() < size[0] * size[1]
    assert "was cut to the scene" in ctx.remarks[0]


def test_windows_that_leave_no_background_are_refused():
    with pytest.raises(DetectorError, match="leaves no background in a scene of 4 × 3 pixels"):
        dual_window((4, 3), 5, 21, Context())


def test_the_outer_window_must_be_the_wider_one():
    with pytest.raises(ParamError, match="outer: must be wider than the inner window") as refusal:
        parse(WindowParams, {"inner": 7, "outer": 7})
    assert refusal.value.field == "outer"


@pytest.mark.parametrize("lines", [3, 5, 14])
def test_strips_of_any_height_give_each_pixel_its_own_samples(lines):
    cube = scene()
    cube[3, 4] = np.nan
    window = DualWindow((14, 17), (3, 3), (7, 7))
    strips = Strips(ArrayBlocks(cube), window, max_bytes=(lines + 6) * 17 * 3 * 8)
    assert strips.height == lines
    assert len(list(strips)) == len(strips) == -(-14 // lines)
    flat = np.nan_to_num(cube).reshape(-1, 3)
    seen = np.zeros((14, 17), int)
    for strip in strips:
        for chunk in strip.chunks(bytes_per_pixel=100, max_bytes=500):
            assert len(chunk.rows) <= 5
            seen[chunk.rows, chunk.cols] += 1
            np.testing.assert_array_equal(strip.pixels[chunk.centre], cube[chunk.rows, chunk.cols])
            np.testing.assert_array_equal(strip.pixels[chunk.ring], flat[window.ring(chunk.rows, chunk.cols)])
            np.testing.assert_array_equal(strip.pixels[chunk.inside], flat[window.inside(chunk.rows, chunk.cols)])
            np.testing.assert_array_equal(chunk.known, window.ring(chunk.rows, chunk.cols) != 3 * 17 + 4)
    np.testing.assert_array_equal(seen, np.isfinite(cube[..., 0]))


def test_strips_of_a_very_wide_scene_are_half_a_window_high_at_least():
    strips = Strips(ArrayBlocks(scene(rows=40, cols=50)), DualWindow((40, 50), (3, 3), (11, 11)), max_bytes=1)
    assert strips.height == 5


def test_a_scene_is_never_read_whole():
    heights = []

    class Watched(ArrayBlocks):
        def read(self, window):
            heights.append(window.shape[0])
            return super().read(window)

    window = DualWindow((200, 17), (3, 3), (7, 7))
    for _ in Strips(Watched(scene(rows=200)), window, max_bytes=16 * 17 * 3 * 8):
        pass
    assert max(heights) == 16


def test_a_range_is_cut_into_nearly_equal_pieces():
    assert cut(range(3, 10), 3) == [range(3, 5), range(5, 7), range(7, 10)]
    assert cut(range(3, 10), 7) == [range(3, 10)]


def test_an_empty_range_has_no_pieces():
    assert cut(range(3, 3), 5) == []
