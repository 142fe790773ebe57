"""Tiles cover a scene once at every size, and what is near the middle of the window comes first."""

import numpy as np
import pytest

from hadviewer.core.cube import Window
from hadviewer.render.tiling import Address, TileGrid, side_by_side

SHAPES = [(1, 1), (1, 100), (100, 1), (7, 9), (8, 8), (64, 33), (129, 40)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("step", [1, 2, 4, 16])
def test_tiles_cover_every_pixel_once(shape: tuple[int, int], step: int) -> None:
    grid = TileGrid(shape, tile=8)
    counts = np.zeros(shape, dtype=int)
    for address in grid.covering(Window(0, shape[0], 0, shape[1]), step):
        window = grid.window(address)
        counts[window.slices] += 1
        assert grid.size(address) == (-(-window.shape[0] // step), -(-window.shape[1] // step))
    assert (counts == 1).all()


@pytest.mark.parametrize("shape", SHAPES)
def test_one_tile_of_the_coarsest_step_holds_all(shape: tuple[int, int]) -> None:
    grid = TileGrid(shape, tile=8)
    assert grid.covering(Window(0, *shape[:1], 0, shape[1]), grid.coarsest) == [Address(grid.coarsest, 0, 0)]
    assert max(grid.size(Address(grid.coarsest, 0, 0))) <= 8


def test_children_fill_their_parent_and_know_it() -> None:
    grid = TileGrid((20, 41), tile=8)
    for parent in grid.covering(Window(0, 20, 0, 41), 4):
        children = grid.children(parent)
        assert all(child.parent == parent for child in children)
        covered = sum(np.prod(grid.window(child).shape) for child in children)
        assert covered == np.prod(grid.window(parent).shape)


def test_the_middle_comes_first_and_nothing_out_of_sight() -> None:
    grid = TileGrid((800, 800), tile=10)
    found = grid.covering(Window(300, 340, 500, 540), 1)
    assert len(found) == 16
    assert set(found[:4]) == {Address(1, row, col) for row in (31, 32) for col in (51, 52)}
    assert grid.covering(Window(-50, -10, 0, 10), 1) == []
    assert grid.covering(Window(-5, 5, 795, 900), 1) == [Address(1, 0, 79)]


def test_the_ring_is_what_scrolling_needs_next() -> None:
    grid = TileGrid((800, 800), tile=10)
    ring = grid.around(Window(300, 320, 500, 520), 1)
    assert len(ring) == 4 * 4 - 4
    assert Address(1, 29, 49) in ring
    assert grid.around(Window(0, 800, 0, 800), 1) == []


@pytest.mark.parametrize(
    ("scale", "imagery", "exact"),
    [(8, 1, 1), (1, 1, 1), (0.99, 1, 2), (0.5, 2, 2), (0.49, 2, 4), (0.26, 2, 4), (0.25, 4, 4), (1e-6, 1024, 1024)],
)
def test_imagery_has_a_pixel_for_each_of_the_screen_and_exact_maps_no_more(
    scale: float, imagery: int, exact: int
) -> None:
    grid = TileGrid((1000, 30))
    assert grid.step_for(scale, exact=False) == imagery
    assert grid.step_for(scale, exact=True) == exact


def test_tiles_side_by_side_end_at_a_gap() -> None:
    among = {Address(2, 5, col) for col in (1, 2, 3, 5)} | {Address(2, 6, 4), Address(1, 5, 4)}
    assert side_by_side(Address(2, 5, 2), among) == [Address(2, 5, col) for col in (1, 2, 3)]
    assert side_by_side(Address(2, 5, 5), among) == [Address(2, 5, 5)]
