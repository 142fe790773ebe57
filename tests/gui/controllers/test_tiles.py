"""What is in sight now is made next, nothing is made twice, and one picture follows another without a gap."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from hadviewer.core.bands import BandSet
from hadviewer.core.cube import Cube, Window
from hadviewer.core.errors import ReadError
from hadviewer.engine.jobs import Job
from hadviewer.gui.controllers import tiles as module
from hadviewer.gui.controllers.tiles import AT_ONCE, PATIENCE, ROWS_AT_ONCE, Sheet, TileLoader
from hadviewer.io.sources import ArraySource
from hadviewer.render.cache import ArrayCache
from hadviewer.render.composite import Rgba
from hadviewer.render.tiling import Address, TileGrid, Viewport

SIDE = 16


class View:
    """Shows a window of a scene of 160 x 160 pixels."""

    def __init__(self) -> None:
        self.viewport: Viewport | None = Viewport(Window(64, 96, 64, 96), 1.0)
        self.updates = 0

    def update(self) -> None:
        self.updates += 1


class Source:
    """Notes which tiles are drawn; fails where told to."""

    def __init__(self, *, costly: bool = False, exact: bool = False, by_rows: bool = False) -> None:
        self.grid, self.costly, self.exact, self.screen = TileGrid((160, 160), SIDE), costly, exact, False
        self.by_rows = by_rows
        self.drawn: list[Address] = []
        self.failing: set[Address] = set()
        self.prepared: list[list[Address]] = []

    def prepare(self, addresses: Sequence[Address]) -> None:
        self.prepared.append(list(addresses))

    def draw(self, address: Address) -> Rgba:
        if address in self.failing:
            raise ReadError("x.dat has become shorter since it was opened.")
        self.drawn.append(address)
        return np.zeros((*self.grid.size(address), 4), dtype=np.uint8)


class Clock:
    """Time as the test has it."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def failures() -> list[Job]:
    return []


@pytest.fixture
def loader(held_jobs: Any, clock: Clock, failures: list[Job]) -> TileLoader:
    loader = TileLoader(held_jobs, ArrayCache(2**20), ArrayCache(2**20), failures.append, clock)
    loader.open(cube())
    return loader


def cube() -> Cube:
    return Cube(ArraySource(np.zeros((160, 160, 1), dtype=np.float32)), BandSet(1))


@pytest.fixture
def view() -> View:
    return View()


@pytest.fixture
def shown() -> list[Any]:
    return []


@pytest.fixture
def sheet(loader: TileLoader, view: View, shown: list[Any]) -> Sheet:
    return loader.sheet(view, lambda mosaic: shown.append(mosaic and mosaic.source))


def do_all(jobs: Any) -> None:
    while jobs.held:
        jobs.perform()


def in_sight(view: View) -> set[Address]:
    assert view.viewport is not None
    return set(TileGrid((160, 160), SIDE).covering(view.viewport.window, 1))


def test_only_what_is_in_sight_is_made_then_the_ring_around_it(sheet: Sheet, held_jobs: Any, view: View) -> None:
    source = Source()
    sheet.set(source)
    while len(source.drawn) < 4:
        held_jobs.perform()
    assert set(source.drawn) == in_sight(view)
    do_all(held_jobs)
    assert len(source.drawn) == len(set(source.drawn)) == 16
    assert {address.step for address in source.drawn} == {1}


def test_few_jobs_are_under_way_and_the_ring_is_made_one_by_one(
    loader: TileLoader, sheet: Sheet, held_jobs: Any, view: View
) -> None:
    view.viewport = Viewport(Window(0, 160, 0, 160), 1.0)
    sheet.set(Source())
    assert len(held_jobs.held) == AT_ONCE
    view.viewport = Viewport(Window(64, 80, 64, 80), 1.0)
    loader.refresh()
    while len(held_jobs.held) > 1:
        held_jobs.perform()
    for _ in range(4):
        held_jobs.perform()
        assert len(held_jobs.held) == 1


def test_rows_of_tiles_are_made_together_where_lines_are_read_whole(
    loader: TileLoader, sheet: Sheet, held_jobs: Any, view: View
) -> None:
    source = Source(by_rows=True)
    view.viewport = Viewport(Window(64, 112, 48, 112), 1.0)
    sheet.set(source)
    assert len(held_jobs.held) == ROWS_AT_ONCE
    for _ in range(3):
        held_jobs.perform()
    assert [[tile.col for tile in row] for row in source.prepared] == [[3, 4, 5, 6]] * 3
    assert set(source.drawn) == in_sight(view)
    view.viewport = Viewport(Window(64, 112, 64, 144), 1.0)
    loader.refresh()
    do_all(held_jobs)
    assert len(source.drawn) == len(set(source.drawn))


def test_the_latest_viewport_wins(loader: TileLoader, sheet: Sheet, held_jobs: Any, view: View) -> None:
    source = Source()
    view.viewport = Viewport(Window(0, 80, 0, 80), 1.0)
    sheet.set(source)
    for row in (16, 32, 48, 64, 128):
        view.viewport = Viewport(Window(row, row + 32, 128, 160), 1.0)
        loader.refresh()
    for _ in range(AT_ONCE + 4):
        held_jobs.perform()
    late = source.drawn[AT_ONCE:]
    assert set(late) == in_sight(view)


def test_the_middle_comes_first(sheet: Sheet, held_jobs: Any, view: View) -> None:
    source = Source()
    view.viewport = Viewport(Window(0, 144, 0, 144), 1.0)
    sheet.set(source)
    do_all(held_jobs)
    distances = [abs(address.row - 4) + abs(address.col - 4) for address in source.drawn[:81]]
    assert distances[0] == 0
    assert max(distances[:9]) <= 2


def test_what_is_there_is_not_made_again(loader: TileLoader, sheet: Sheet, held_jobs: Any, view: View) -> None:
    source = Source()
    sheet.set(source)
    do_all(held_jobs)
    count = len(source.drawn)
    before, view.viewport = view.viewport, Viewport(Window(72, 104, 64, 96), 1.0)
    loader.refresh()
    do_all(held_jobs)
    view.viewport = before
    loader.refresh()
    do_all(held_jobs)
    assert len(source.drawn) == len(set(source.drawn)) > count


def test_a_picture_takes_the_place_of_another_only_when_complete(
    sheet: Sheet, held_jobs: Any, shown: list[Any]
) -> None:
    first, second = Source(), Source()
    sheet.set(first)
    do_all(held_jobs)
    sheet.set(second)
    for _ in range(3):
        held_jobs.perform()
        assert shown == [first]
        assert sheet.waiting
    held_jobs.perform()
    assert shown == [first, second]
    assert not sheet.waiting


def test_of_wishes_made_meanwhile_only_the_last_comes_next(sheet: Sheet, held_jobs: Any, shown: list[Any]) -> None:
    sources = [Source() for _ in range(6)]
    for source in sources:
        sheet.set(source)
    do_all(held_jobs)
    assert shown == [sources[0], sources[-1]]
    assert not any(source.drawn for source in sources[1:-1])


def test_of_a_large_file_the_whole_comes_first_coarsely_later_only_what_is_in_sight(
    sheet: Sheet, held_jobs: Any, view: View, shown: list[Any]
) -> None:
    first, second = Source(costly=True), Source(costly=True)
    sheet.set(first)
    held_jobs.perform()
    assert first.drawn == [Address(16, 0, 0)]
    assert shown == [first]
    do_all(held_jobs)
    sheet.set(second)
    while sheet.waiting:
        held_jobs.perform()
    assert set(second.drawn) == in_sight(view)
    do_all(held_jobs)
    assert Address(16, 0, 0) in second.drawn, "for when one looks elsewhere"


def test_a_picture_that_takes_long_is_given_up_for_another(
    sheet: Sheet, held_jobs: Any, shown: list[Any], clock: Clock
) -> None:
    first, slow, last = Source(), Source(), Source()
    sheet.set(first)
    do_all(held_jobs)
    sheet.set(slow)
    held_jobs.perform()
    clock.now += PATIENCE * 2
    sheet.set(last)
    do_all(held_jobs)
    assert shown == [first, last]
    assert len(slow.drawn) < 9


def test_a_first_picture_does_not_keep_one_waiting(
    sheet: Sheet, held_jobs: Any, shown: list[Any], clock: Clock
) -> None:
    sheet.set(Source())
    held_jobs.perform()
    assert shown == []
    clock.now += PATIENCE * 2
    held_jobs.perform()
    assert len(shown) == 1


def test_views_of_one_picture_share_its_tiles(
    loader: TileLoader, sheet: Sheet, held_jobs: Any, view: View, shown: list[Any]
) -> None:
    source, other = Source(), View()
    other.viewport = Viewport(Window(64, 112, 64, 96), 1.0)
    second = loader.sheet(other, shown.append)
    sheet.set(source)
    second.set(source)
    do_all(held_jobs)
    assert len(source.drawn) == len(set(source.drawn))
    assert second.shown is not None
    assert other.updates
    assert view.updates


def test_hidden_pictures_cost_nothing_until_they_are_seen(
    loader: TileLoader, sheet: Sheet, held_jobs: Any, view: View
) -> None:
    source = Source()
    sheet.hide(True)
    sheet.set(source)
    assert held_jobs.held == []
    sheet.hide(False)
    do_all(held_jobs)
    assert in_sight(view) <= set(source.drawn)


def test_tiles_of_an_array_go_with_it_those_of_bands_may_come_back(
    loader: TileLoader, sheet: Sheet, held_jobs: Any, view: View, shown: list[Any]
) -> None:
    image, layer = loader.sheet(view, shown.append), Source(exact=True)
    bands, others = Source(), Source()
    for source in (bands, others):
        image.set(source)
        sheet.set(layer if source is bands else None)
        do_all(held_jobs)
    assert (bands, Address(1, 4, 4)) in loader._tile_cache
    assert (layer, Address(1, 4, 4)) not in loader._tile_cache
    sheet.set(layer)
    sheet.set(None)
    do_all(held_jobs)
    assert (layer, Address(1, 4, 4)) not in loader._tile_cache, "nor what was under way"
    loader.remove(image)


def test_closing_a_scene_while_its_tiles_are_read_leaves_nothing_behind(
    loader: TileLoader, sheet: Sheet, held_jobs: Any, shown: list[Any]
) -> None:
    sheet.set(Source())
    loader.open(None)
    sheet.set(None)
    do_all(held_jobs)
    assert shown == [None]
    assert loader._tile_cache.nbytes == 0


def test_what_cannot_be_read_is_told_once_and_the_rest_is_shown(
    loader: TileLoader, sheet: Sheet, held_jobs: Any, view: View, shown: list[Any], failures: list[Job]
) -> None:
    source = Source()
    source.failing = {Address(1, row, col) for row in range(4, 10) for col in range(5, 10)}
    sheet.set(source)
    do_all(held_jobs)
    view.viewport = Viewport(Window(80, 160, 80, 160), 1.0)
    loader.refresh()
    do_all(held_jobs)
    assert shown == [source]
    assert [job.error for job in failures] == ["x.dat has become shorter since it was opened."]
    assert Address(1, 4, 4) in source.drawn


def test_a_cache_smaller_than_the_window_does_not_work_for_ever(
    held_jobs: Any, clock: Clock, failures: list[Job], view: View
) -> None:
    loader = TileLoader(held_jobs, ArrayCache(0), ArrayCache(SIDE * SIDE * 4 * 2), failures.append, clock)
    loader.open(cube())
    source = Source()
    loader.sheet(view, lambda mosaic: None).set(source)
    for _ in range(100):
        if held_jobs.held:
            held_jobs.perform()
    assert held_jobs.held == []
    assert len(source.drawn) < 30


def test_exact_layers_are_not_made_beyond_the_window(sheet: Sheet, held_jobs: Any, view: View) -> None:
    source = Source(exact=True)
    sheet.set(source)
    do_all(held_jobs)
    assert set(source.drawn) == in_sight(view)


def test_without_a_view_of_the_scene_nothing_is_made(sheet: Sheet, held_jobs: Any, view: View) -> None:
    view.viewport = None
    sheet.set(Source())
    assert held_jobs.held == []


def test_jobs_done_at_once_do_not_nest(jobs: Any, failures: list[Job], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 10_000)
    loader = TileLoader(jobs, ArrayCache(2**20), ArrayCache(2**24), failures.append)
    loader.open(cube())
    view, source = View(), Source()
    source.grid = TileGrid((160, 160), 2)
    view.viewport = Viewport(Window(0, 160, 0, 160), 1.0)
    shown: list[Any] = []
    show: Callable[[Any], None] = shown.append
    loader.sheet(view, show).set(source)
    assert len(source.drawn) == 6400
    assert len(shown) == 1
