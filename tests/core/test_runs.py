"""Sets of pixels as runs: what they hold equals what masks would hold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.measure import points_in_poly

from hadviewer.core import runs as runs_of

MASKS = st.tuples(st.integers(1, 7), st.integers(1, 9), st.integers(0, 2**63 - 1))


def mask_of(drawn: tuple[int, int, int]) -> np.ndarray:
    rows, cols, bits = drawn
    return np.array([(bits >> place) & 1 for place in range(rows * cols)], dtype=bool).reshape(rows, cols)


@given(MASKS)
def test_a_mask_comes_back_from_its_runs(drawn: tuple[int, int, int]) -> None:
    mask = mask_of(drawn)
    runs = runs_of.of_mask(mask, 3, 5)
    assert np.array_equal(runs_of.to_mask(runs, mask.shape, 3, 5), mask)
    assert runs_of.count(runs) == np.count_nonzero(mask)


@given(MASKS)
def test_the_text_of_a_set_gives_the_same_set(drawn: tuple[int, int, int]) -> None:
    runs = runs_of.of_mask(mask_of(drawn))
    assert np.array_equal(runs_of.from_text(runs_of.to_text(runs)), runs)


@given(st.integers(0, 2**40), st.integers(0, 2**40))
def test_set_operations_equal_those_of_masks(first: int, second: int) -> None:
    one, two = mask_of((5, 8, first)), mask_of((5, 8, second))
    a, b = runs_of.of_mask(one), runs_of.of_mask(two)
    for made, wanted in (
        (runs_of.joined([a, b]), one | two),
        (runs_of.minus(a, b), one & ~two),
        (runs_of.common(a, b), one & two),
    ):
        assert np.array_equal(made, runs_of.of_mask(wanted))


def test_a_rectangle_is_written_as_one() -> None:
    mask = np.zeros((50, 20), dtype=bool)
    mask[12:41, 3:8] = True
    mask[12:41, 9] = True
    mask[41, 3] = True
    assert runs_of.to_text(runs_of.of_mask(mask)) == "12-40:3-7,9;41:3"


@pytest.mark.parametrize("text", ["1:", "a:1", "1", "5-3:1", "1:9-2", "1:2:3", "-1:2", "0-999999999:0-1"])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no|backwards"):
        runs_of.from_text(text)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(-8, 28), st.integers(-8, 34)), min_size=3, max_size=9))
def test_a_polygon_holds_the_pixels_whose_centre_is_inside(corners: list[tuple[int, int]]) -> None:
    """Corners off the grid of centres, so that no centre lies on an edge, where either answer would do."""
    shape = (20, 26)
    ring = [(row + 0.137, col + 0.291 + 0.001 * row) for row, col in corners]
    centres = np.stack(np.meshgrid(np.arange(20) + 0.5, np.arange(26) + 0.5, indexing="ij"), axis=-1).reshape(-1, 2)
    wanted = points_in_poly(centres, np.array(ring)).reshape(shape)
    assert np.array_equal(runs_of.to_mask(runs_of.of_polygons([[ring]], shape), shape), wanted)


def test_a_hole_is_left_out() -> None:
    square = [(0, 0), (0, 6), (6, 6), (6, 0)]
    hole = [(2, 2), (2, 4), (4, 4), (4, 2)]
    mask = runs_of.to_mask(runs_of.of_polygons([[square, hole]], (8, 8)), (8, 8))
    assert mask.sum() == 36 - 4
    assert not mask[2:4, 2:4].any()


def test_a_polygon_of_too_many_crossings_is_refused_before_memory_is_taken() -> None:
    zigzag = [(0 if number % 2 else 1e9, number) for number in range(30_000)]
    with pytest.raises(ValueError, match="too many"):
        runs_of.of_polygons([[zigzag]], (10_000, 10_000))


def test_polygons_that_overlap_add_up() -> None:
    """As parts of one polygon they would take each other out."""
    first = [(0, 0), (0, 4), (4, 4), (4, 0)]
    second = [(2, 2), (2, 6), (6, 6), (6, 2)]
    mask = runs_of.to_mask(runs_of.of_polygons([[first], [second], []], (8, 8)), (8, 8))
    assert mask.sum() == 16 + 16 - 4
    assert not len(runs_of.of_polygons([], (8, 8)))
