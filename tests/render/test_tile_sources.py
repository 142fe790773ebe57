"""Tiles put together are the picture of the whole scene; single hot pixels are in it at every size."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

from hadviewer.core.bands import BandSet
from hadviewer.core.cube import Cube, Window
from hadviewer.io.sources import ArraySource
from hadviewer.render.cache import ArrayCache
from hadviewer.render.colormaps import colour_table
from hadviewer.render.composite import Rgba, composite
from hadviewer.render.mosaic import Mosaic
from hadviewer.render.overlay import borders, mask_picture, outline, score_picture
from hadviewer.render.planes import ScenePlanes
from hadviewer.render.pyramid import shrink_max, shrink_mean, shrink_pick
from hadviewer.render.stretch import Curve
from hadviewer.render.tile_sources import ArrayTiles, BandTiles, TileSource
from hadviewer.render.tiling import Address, TileGrid, Viewport

SHAPES = [(1, 1), (1, 90), (90, 1), (32, 32), (61, 47)]
CURVES = (Curve(0, 1), Curve(0, 2), Curve(-1, 1, bytes(range(0, 256, 5))))


def together(source: TileSource, step: int) -> Rgba:
    """All tiles of a step in one picture."""
    rows, cols = source.grid.shape
    picture = np.zeros((-(-rows // step), -(-cols // step), 4), dtype=np.uint8)
    side = source.grid.tile
    for address in source.grid.covering(Window(0, rows, 0, cols), step):
        rgba = source.draw(address)
        assert rgba.flags.c_contiguous
        assert rgba.dtype == np.uint8
        picture[address.row * side :, address.col * side :][: rgba.shape[0], : rgba.shape[1]] = rgba
    return picture


def noise(shape: tuple[int, int], seed: int = 0) -> np.ndarray:
    plane = np.random.default_rng(seed).random(shape, dtype=np.float32)
    plane[plane > 0.9] = np.nan
    return plane


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("bands", [(2,), (0, 1, 2)])
def test_tiles_of_bands_make_up_the_composite(shape: tuple[int, int], bands: tuple[int, ...]) -> None:
    array = np.stack([noise(shape, seed) for seed in range(3)], axis=2)
    cube = Cube(ArraySource(array), BandSet(3))
    curves = CURVES[: len(bands)]
    source = BandTiles(ScenePlanes(cube, ArrayCache(2**20), tile=16), bands, curves)
    assert np.array_equal(together(source, 1), composite([array[:, :, band] for band in bands], curves, screen=True))
    halves = [shrink_mean(array[:, :, band], 2) for band in bands]
    assert np.array_equal(together(source, 2), composite(halves, curves, screen=True))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("step", [1, 2, 8, 64])
def test_tiles_of_scores_make_up_the_map_of_maxima(shape: tuple[int, int], step: int) -> None:
    scores, table = noise(shape), colour_table("inferno")
    source = ArrayTiles(scores, shrink_max, lambda plane: score_picture(plane, table, (0, 1)), tile=16)
    assert np.array_equal(together(source, step), score_picture(shrink_max(scores, step), table, (0, 1)))


def ring(plane: np.ndarray) -> Rgba:
    return mask_picture(outline(plane), "#ff0000")


def lines(plane: np.ndarray) -> Rgba:
    return mask_picture(borders(plane), "#00ff00")


@pytest.mark.parametrize("step", [1, 2, 4])
@pytest.mark.parametrize(("paint", "reduce"), [(ring, shrink_max), (lines, shrink_pick)])
def test_outlines_have_no_seams_where_tiles_meet(
    step: int, paint: Callable[[np.ndarray], Rgba], reduce: Callable[[np.ndarray, int], np.ndarray]
) -> None:
    rng = np.random.default_rng(1)
    content = rng.random((70, 50)) > 0.95 if reduce is shrink_max else rng.integers(0, 9, (70, 50)).repeat(1, 0)
    source = ArrayTiles(content, reduce, paint, margin=1, tile=16)
    assert np.array_equal(together(source, step), paint(reduce(content, step)))


@pytest.mark.parametrize("place", [(0, 0), (19_999, 1_199), (10_237, 511), (10_240, 512), (19_999, 0)])
def test_one_hot_pixel_of_a_long_scene_is_in_exactly_one_tile_of_every_size(place: tuple[int, int]) -> None:
    scores = np.zeros((20_000, 1_200), dtype=np.float32)
    scores[place] = 1
    table = colour_table("inferno")
    source = ArrayTiles(scores, shrink_max, partial(score_picture, table=table, ends=(0, 1)))
    step = 1
    while step <= 2**15:
        address = Address(step, place[0] // (512 * step), place[1] // (512 * step))
        hot = (source.draw(address) == table[255]).all(axis=2)
        assert hot.sum() == 1
        assert hot[place[0] // step % 512, place[1] // step % 512]
        step *= 2


class TestMosaic:
    """What is painted while tiles are still on their way."""

    @pytest.fixture
    def mosaic(self) -> Mosaic:
        return self.of(exact=True)

    def of(self, *, exact: bool) -> Mosaic:
        class Plain:
            grid = TileGrid((100, 90), tile=16)
            costly = screen = by_rows = False

            def __init__(self) -> None:
                self.exact = exact
                self.drawn: list[Address] = []

            def draw(self, address: Address) -> Rgba:
                self.drawn.append(address)
                return np.full((*self.grid.size(address), 4), address.step, dtype=np.uint8)

        return Mosaic(Plain(), ArrayCache(2**20))

    def painted(self, mosaic: Mosaic, window: Window, scale: float) -> np.ndarray:
        """The step of the tile painted on each pixel, 0 where none is."""
        steps = np.zeros(mosaic.shape, dtype=int)
        for piece in mosaic.pieces(Viewport(window, scale)):
            assert (steps[piece.window.slices] == 0).all(), "pieces overlap"
            steps[piece.window.slices] = piece.address.step
            covered = mosaic.source.grid.window(piece.address)
            assert covered.row0 <= piece.window.row0
            assert piece.window.row1 <= covered.row1
        return steps[window.slices]

    def test_nothing_is_painted_where_nothing_is_there(self, mosaic: Mosaic) -> None:
        assert list(mosaic.pieces(Viewport(Window(0, 100, 0, 90), 1.0))) == []

    def test_the_right_tiles_are_painted_where_they_are_there_coarser_ones_elsewhere(self, mosaic: Mosaic) -> None:
        mosaic.draw(Address(8, 0, 0))
        mosaic.draw(Address(1, 1, 1))
        steps = self.painted(mosaic, Window(0, 64, 0, 64), 1.0)
        assert (steps[16:32, 16:32] == 1).all()
        assert (np.delete(steps, slice(16, 32), axis=0) == 8).all()

    @pytest.mark.parametrize("exact", [True, False])
    def test_zooming_out_shows_finer_imagery_but_maxima_of_scores(self, exact: bool) -> None:
        mosaic = self.of(exact=exact)
        mosaic.draw(Address(8, 0, 0))
        for address in mosaic.source.grid.covering(Window(0, 100, 0, 90), 1):
            mosaic.draw(address)
        assert set(self.painted(mosaic, Window(0, 100, 0, 90), 0.5).ravel()) == {8 if exact else 1}

    def test_finer_tiles_stand_in_for_exact_ones_rather_than_nothing(self, mosaic: Mosaic) -> None:
        for address in mosaic.source.grid.covering(Window(0, 100, 0, 90), 1):
            mosaic.draw(address)
        assert set(self.painted(mosaic, Window(0, 100, 0, 90), 0.3).ravel()) == {1}

    def test_a_tile_that_is_there_is_not_drawn_again(self, mosaic: Mosaic) -> None:
        for _ in range(3):
            mosaic.draw(Address(2, 0, 0))
        assert len(mosaic.source.drawn) == 1  # type: ignore[attr-defined]

    def test_equal_sources_share_their_tiles(self) -> None:
        cube = Cube(ArraySource(np.zeros((5, 5, 3), dtype=np.float32)), BandSet(3))
        planes, cache = ScenePlanes(cube, ArrayCache(2**20)), ArrayCache(2**20)
        first, second = (Mosaic(BandTiles(planes, (0,), (Curve(0, 1),)), cache) for _ in range(2))
        first.draw(Address(1, 0, 0))
        assert second.has(Address(1, 0, 0))
        assert not Mosaic(BandTiles(planes, (1,), (Curve(0, 1),)), cache).has(Address(1, 0, 0))
