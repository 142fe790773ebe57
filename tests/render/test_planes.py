"""Plane tiles hold what a slow look at every pixel says, read what is asked for, and read nothing twice."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from hadviewer.core.bands import BandSet
from hadviewer.core.cube import BandIndex, Cube, Window
from hadviewer.io.sources import ArraySource
from hadviewer.render import planes as module
from hadviewer.render.cache import ArrayCache
from hadviewer.render.planes import ScenePlanes
from hadviewer.render.stretch import grid_sample
from hadviewer.render.tiling import Address

SHAPES = [(1, 1), (1, 37), (37, 1), (8, 8), (21, 34), (40, 19)]


@dataclass
class Counted:
    """A source in memory that notes every read."""

    array: np.ndarray
    interleave: str = "bsq"
    reads: list[tuple[Window, tuple[int, ...], int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        axes = {"bsq": (2, 0, 1), "bil": (0, 2, 1), "bip": (0, 1, 2)}[self.interleave]
        self._source = ArraySource(np.ascontiguousarray(self.array.transpose(axes)), self.interleave)
        self.shape, self.dtype, self.order = self._source.shape, self._source.dtype, self._source.order

    def read(self, window: Window, bands: BandIndex, step: int = 1) -> np.ndarray:
        self.reads.append((window, tuple(np.arange(self.shape[2])[bands].tolist()), step))
        return self._source.read(window, bands, step)

    @property
    def values(self) -> int:
        """Values read so far."""
        return sum(-(-w.shape[0] // step) * -(-w.shape[1] // step) * len(bands) for w, bands, step in self.reads)


def make(shape: tuple[int, int], bands: int = 5, holes: float = 0.0, order: str = "bsq") -> Cube:
    rng = np.random.default_rng(sum(shape) + bands)
    array = rng.normal(100, 20, (*shape, bands)).astype(np.float32)
    array[rng.random(array.shape) < holes] = np.nan
    return Cube(Counted(array, order), BandSet(bands))


def halved(plane: np.ndarray, step: int) -> np.ndarray:
    """A plane made smaller by halves, one block after another, NaN left out."""
    plane = plane.astype(float)
    for _ in range(int(np.log2(step))):
        rows, cols = -(-plane.shape[0] // 2), -(-plane.shape[1] // 2)
        smaller = np.full((rows, cols), np.nan)
        for r in range(rows):
            for c in range(cols):
                block = plane[2 * r : 2 * r + 2, 2 * c : 2 * c + 2]
                values = block[~np.isnan(block)]
                smaller[r, c] = values.mean() if values.size else np.nan
        plane = smaller
    return plane


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("step", [1, 2, 4, 8])
@pytest.mark.parametrize("holes", [0.0, 0.5])
@pytest.mark.parametrize("seen_before", ["nothing", "finer", "large"])
def test_every_tile_is_the_mean_of_its_pixels(
    shape: tuple[int, int], step: int, holes: float, seen_before: str
) -> None:
    """Read by itself, made from finer tiles, or of a scene that does not fit into the cache."""
    cube = make(shape, holes=holes)
    planes = ScenePlanes(cube, ArrayCache(0 if seen_before == "large" else 2**20), tile=8)
    assert planes.whole == (seen_before != "large")
    if seen_before == "finer":
        for address in planes.grid.covering(cube.window, max(1, step // 2)):
            planes.tiles((1, 3), address)
    count = cube.source.values  # type: ignore[attr-defined]
    array = cube.source.array  # type: ignore[attr-defined]
    expected = halved(array[:, :, 3], step), halved(array[:, :, 1], step)
    for address in planes.grid.covering(cube.window, step):
        row, col = 8 * address.row, 8 * address.col
        for tile, whole in zip(planes.tiles((3, 1), address), expected, strict=True):
            assert tile.dtype == np.float32
            assert np.allclose(tile, whole[row : row + 8, col : col + 8], rtol=1e-5, equal_nan=True)
    if seen_before == "finer":
        assert cube.source.values == count  # type: ignore[attr-defined]


def test_missing_values_are_left_out_and_missing_blocks_stay_missing() -> None:
    cube = make((16, 16), holes=0.5)
    cube.source.array[:4, :4] = np.nan  # type: ignore[attr-defined]
    cube = Cube(Counted(cube.source.array), cube.bands)  # type: ignore[attr-defined]
    planes = ScenePlanes(cube, ArrayCache(0), tile=8)
    (tile,) = planes.tiles((2,), Address(4, 0, 0))
    assert np.allclose(tile, halved(cube.source.array[:, :, 2], 4), rtol=1e-5, equal_nan=True)
    assert np.isnan(tile[0, 0])


def test_neighbours_of_sampled_tiles_match(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TILE_BYTES", 7000)
    monkeypatch.setattr(module, "CALL", 0)
    cube = make((64, 64), order="bil")
    planes = ScenePlanes(cube, ArrayCache(0), tile=8)
    samples = planes.samples(4)
    assert 1 < samples < 4
    every = 4 // samples
    thinned = cube.source.array[::every, ::every, 0]  # type: ignore[attr-defined]
    expected = thinned.reshape(16, samples, 16, samples).mean(axis=(1, 3))
    whole = np.zeros((16, 16), dtype=np.float32)
    for address in planes.grid.covering(cube.window, 4):
        whole[address.row * 8 : address.row * 8 + 8, address.col * 8 : address.col * 8 + 8] = planes.tiles(
            (0,), address
        )[0]
    assert np.allclose(whole, expected, rtol=1e-5)


@pytest.mark.parametrize("order", ["bsq", "bil", "bip"])
def test_a_tile_of_a_huge_scene_reads_no_more_than_its_budget(order: str) -> None:
    """20,000 x 1,200 x 220 values of two bytes: nothing of it is loaded, only sizes are reckoned."""

    class Huge:
        shape, dtype = (20_000, 1_200, 220), np.dtype(np.uint16)

        def __init__(self) -> None:
            self.order = order

    planes = ScenePlanes(Cube(Huge(), BandSet(220)), ArrayCache(256 * 2**20))  # type: ignore[arg-type]
    assert not planes.whole
    assert planes.grid.tile == (256 if order == "bip" else 512), "what is read beside the window is dear in BIP"
    for step in (2, 4, 8, 16, 32, 64):
        samples = planes.samples(step)
        assert 1 <= samples <= step
        assert step % samples == 0
        if order != "bip":
            assert samples >= 2
            assert 512 * samples * 1_200 * 2 * 3 <= module.TILE_BYTES


def test_zooming_out_and_another_stretch_read_nothing_again() -> None:
    cube = make((64, 48))
    planes = ScenePlanes(cube, ArrayCache(2**20), tile=16)
    for step in (1, 2, 4, 2, 1):
        for address in planes.grid.covering(cube.window, step):
            planes.tiles((0, 1, 2), address)
    assert cube.source.values == 64 * 48 * 3  # type: ignore[attr-defined]


def test_a_coarse_tile_keeps_no_finer_ones() -> None:
    cache = ArrayCache(2**20)
    planes = ScenePlanes(make((64, 48)), cache, tile=16)
    planes.tiles((0, 1, 2), Address(4, 0, 0))
    assert cache.nbytes == 16 * 12 * 3 * 4


def test_another_band_reads_that_band_only() -> None:
    cube = make((40, 40))
    planes = ScenePlanes(cube, ArrayCache(2**20), tile=16)
    planes.tiles((0, 1, 2), Address(2, 0, 0))
    cube.source.reads.clear()  # type: ignore[attr-defined]
    planes.tiles((0, 4, 2), Address(2, 0, 0))
    assert {bands for _, bands, _ in cube.source.reads} == {(4,)}  # type: ignore[attr-defined]


def test_only_the_tile_asked_for_is_read() -> None:
    cube = make((200, 200))
    planes = ScenePlanes(cube, ArrayCache(0), tile=16)
    planes.tiles((1,), Address(1, 3, 4))
    ((window, bands, step),) = cube.source.reads  # type: ignore[attr-defined]
    assert (window, bands, step) == (Window(48, 64, 64, 80), (1,), 1)


def test_the_cap_is_held_and_tiles_stay_right_without_a_cache() -> None:
    cube = make((64, 64))
    cache = ArrayCache(64 * 64 * 16)
    planes = ScenePlanes(cube, cache, tile=8)
    for band in range(5):
        for address in planes.grid.covering(cube.window, 2):
            planes.tiles((band,), address)
            assert cache.nbytes <= cache.budget
    (tile,) = planes.tiles((0,), Address(8, 0, 0))
    assert np.allclose(tile, halved(cube.source.array[:, :, 0], 8), rtol=1e-5)


def test_the_value_under_the_cursor_comes_from_its_tile_or_not_at_all() -> None:
    cube = make((40, 40))
    planes = ScenePlanes(cube, ArrayCache(2**20), tile=16)
    assert planes.at_hand(2, 33, 17) is None
    planes.tiles((2,), Address(1, 2, 1))
    assert planes.at_hand(2, 33, 17) == cube.source.array[33, 17, 2]  # type: ignore[attr-defined]
    planes.forget()
    assert planes.at_hand(2, 33, 17) is None


def test_a_sample_is_a_grid_over_the_whole_scene_read_once() -> None:
    cube = make((700, 300), holes=0.1)
    planes = ScenePlanes(cube, ArrayCache(2**24))
    (sample,) = planes.sample((1,))
    assert np.array_equal(np.sort(sample), np.sort(grid_sample(cube.source.array[:, :, 1])))  # type: ignore[attr-defined]
    count = len(cube.source.reads)  # type: ignore[attr-defined]
    planes.sample((1,))
    assert len(cube.source.reads) == count  # type: ignore[attr-defined]


def test_the_sample_of_a_small_scene_is_all_of_it_and_costs_no_extra_read() -> None:
    cube = make((30, 50))
    planes = ScenePlanes(cube, ArrayCache(2**20), tile=16)
    samples = planes.sample((0, 4))
    planes.tiles((0, 4), Address(2, 0, 0))
    assert samples[1].size == 1500
    assert cube.source.values == 3000  # type: ignore[attr-defined]
    assert planes.extremes(4) == (samples[1].min(), samples[1].max())


def test_where_lines_are_dear_the_sample_takes_few_and_fills_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SAMPLE_BYTES", 1)
    monkeypatch.setattr(module, "SAMPLE", 2000)
    cube = make((400, 100), order="bip")
    planes = ScenePlanes(cube, ArrayCache(0))
    (sample,) = planes.sample((3,))
    rows = [window.row0 for window, _, _ in cube.source.reads]  # type: ignore[attr-defined]
    assert len(rows) == module.SAMPLE_LINES
    assert (rows[0], rows[-1]) == (0, 399)
    assert 1500 <= sample.size <= 4000


def test_a_scene_without_any_value_has_no_extremes(make_holes: Callable[[], Cube]) -> None:
    planes = ScenePlanes(make_holes(), ArrayCache(2**20))
    assert planes.extremes(0) is None
    assert planes.sample((0,))[0].size == 0


@pytest.fixture
def make_holes() -> Callable[[], Cube]:
    return lambda: Cube(Counted(np.full((5, 5, 1), np.nan, dtype=np.float32)), BandSet(1))


def test_two_threads_never_read_the_same_tile() -> None:
    cube = make((64, 64))
    planes = ScenePlanes(cube, ArrayCache(2**20), tile=16)

    def work() -> None:
        for step in (1, 2, 4):
            for address in planes.grid.covering(cube.window, step):
                planes.tiles((0, 1), address)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert cube.source.values == 64 * 64 * 2  # type: ignore[attr-defined]


@pytest.mark.parametrize("step", [1, 4])
def test_where_all_bands_come_together_tiles_side_by_side_are_read_in_one_go(step: int) -> None:
    cube = make((60, 50), order="bip")
    budget = 60 * 50 * 16 - 1
    planes, alone = (ScenePlanes(cube, ArrayCache(budget), tile=4) for _ in range(2))
    assert planes.by_rows
    row = [Address(step, 1, col) for col in range(1, 4)]
    expected = [alone.tiles((4, 0, 2), address) for address in row]
    reads = cube.source.reads  # type: ignore[attr-defined]
    reads.clear()
    planes.read_ahead((4, 0, 2), row)
    lines = {row for window, _, _ in reads for row in range(window.row0, window.row1)}
    assert sum(window.shape[0] for window, _, _ in reads) == len(lines) == 4 * step
    assert {(window.col0, window.col1) for window, _, _ in reads} == {(4 * step, min(50, 16 * step))}
    for address, tiles in zip(row, expected, strict=True):
        assert planes.has((0, 2, 4), address)
        assert np.array_equal(planes.tiles((4, 0, 2), address), tiles)
    reads.clear()
    planes.read_ahead((4, 1, 2), row)
    assert {bands for _, bands, _ in reads} == {(1,)}


def test_reading_goes_in_strips(monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "STRIP_VALUES", 40)
    cube = make((30, 10))
    planes = ScenePlanes(cube, ArrayCache(0), tile=64)
    (tile,) = planes.tiles((1,), Address(2, 0, 0))
    assert len(cube.source.reads) > 5  # type: ignore[attr-defined]
    assert np.allclose(tile, halved(cube.source.array[:, :, 1], 2), rtol=1e-5)
