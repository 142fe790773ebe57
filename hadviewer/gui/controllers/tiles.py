"""Tiles for every view: which are made next, in the quick lane, and when one picture takes the place of another."""

import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Protocol

from hadviewer.core.cube import Cube
from hadviewer.engine.components import ComponentKind, ComponentPlanes
from hadviewer.engine.jobs import Job, JobRunner
from hadviewer.render.cache import ArrayCache
from hadviewer.render.mosaic import Mosaic
from hadviewer.render.planes import ScenePlanes
from hadviewer.render.tile_sources import TileSource
from hadviewer.render.tiling import Address, Viewport, side_by_side

AT_ONCE = 4
"""Jobs asked of the two quick threads at a time: enough that neither waits, few enough that other work gets in."""
ROWS_AT_ONCE = 2
"""The same where a job makes all tiles of a row: each takes longer."""
PATIENCE = 0.25
"""Seconds after which a first picture is shown as far as it goes, and one to come is given up if another is wanted."""


class TileView(Protocol):
    """What is asked of a view."""

    @property
    def viewport(self) -> Viewport | None: ...
    def update(self) -> None: ...


class Sheet:
    """One place in a view where a picture lies: the image, or a layer over it.

    Another picture takes the place of the present one when all its tiles in sight are there, so nothing blinks. What
    is wanted meanwhile waits, and only the last of it comes next; a picture that takes long is given up for it.
    ``show`` is called with what is to be painted.
    """

    def __init__(self, loader: "TileLoader", view: TileView, show: Callable[[Mosaic | None], None]) -> None:
        self._loader, self.view, self._show = loader, view, show
        self.shown: Mosaic | None = None
        self.coming: Mosaic | None = None
        self.hidden = False
        self._next: TileSource | None = None
        self._began = 0.0

    def set(self, source: TileSource | None) -> None:
        """Show this from now on, as soon as it can be; None takes the picture away at once."""
        if source is None:
            former = self.shown, self.coming
            self.shown = self.coming = self._next = None
            self._show(None)
            self._loader.drop(*former)
            self._loader.refresh()
        elif self.coming is None:
            if self.shown is None or source != self.shown.source:
                self._begin(source)
        elif source == self.coming.source:
            self._next = None
        elif self._late:
            given_up, self._next = self.coming, None
            self._begin(source)
            self._loader.drop(given_up)
        else:
            self._next = source

    def hide(self, hidden: bool) -> None:
        """Make no tiles while nobody sees them."""
        if hidden != self.hidden:
            self.hidden = hidden
            self._loader.refresh()

    @property
    def wanted(self) -> Mosaic | None:
        """The picture whose tiles are to be made."""
        return None if self.hidden else self.coming or self.shown

    @property
    def waiting(self) -> bool:
        """Whether something else than what is wanted is shown."""
        return self.coming is not None

    def settle(self) -> None:
        """Change over if the picture to come is ready."""
        while self.coming is not None and (self.hidden or self._ready(self.coming)):
            former, self.shown, self.coming = self.shown, self.coming, None
            self._show(self.shown)
            self._loader.drop(former)
            if self._next is not None:
                source, self._next = self._next, None
                self._begin(source)

    def _begin(self, source: TileSource) -> None:
        self.coming, self._began = self._loader.mosaic(source), self._loader.clock()
        self._loader.refresh()

    def _ready(self, mosaic: Mosaic) -> bool:
        view = self.view.viewport
        if view is None or all(self._loader.done(mosaic, address) for address in mosaic.in_sight(view)):
            return True
        return self.shown is None and (self._late or mosaic.has(mosaic.overview))

    @property
    def _late(self) -> bool:
        return self._loader.clock() - self._began > PATIENCE


class TileLoader:
    """Has tiles made for all sheets of all views: those in sight, from the middle outwards, then the ring around them.

    At most ``AT_ONCE`` are under way, so what is in sight now always comes next; nothing else is queued.
    """

    def __init__(
        self,
        jobs: JobRunner,
        planes: ArrayCache,
        tiles: ArrayCache,
        failed: Callable[[Job], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._jobs, self._plane_cache, self._tile_cache, self._failed = jobs, planes, tiles, failed
        self.clock = clock
        self.planes: ScenePlanes | None = None
        self.components: dict[ComponentKind, ScenePlanes] = {}
        self.beside: list[ScenePlanes] = []
        self._sheets: list[Sheet] = []
        self._making: set[tuple[TileSource, Address]] = set()
        self._broken: dict[TileSource, set[Address]] = {}
        self._under_way = 0
        self._queue: deque[tuple[Mosaic, Address]] = deque()
        self._ring: deque[tuple[Mosaic, Address]] | None = None
        self._busy = False

    def open(self, cube: Cube | None) -> ScenePlanes | None:
        """The planes of the open scene, for all views; whatever belongs to another scene is forgotten."""
        if self.planes is None or self.planes.cube is not cube:
            if self.planes is not None:
                self.planes.forget()
            self.planes = None if cube is None else ScenePlanes(cube, self._plane_cache)
            self._tile_cache.forget()
            self._broken.clear()
            self.retain(())
            for kind in tuple(self.components):
                self.set_components(kind, None)
        return self.planes

    def planes_of(self, kind: ComponentKind | None) -> ScenePlanes | None:
        """The planes of the scene's bands, or of its components as soon as they are known."""
        return self.planes if kind is None else self.components.get(kind)

    def planes_beside(self, cube: Cube) -> ScenePlanes:
        """The planes of another cube that is shown beside the scene."""
        found = next((planes for planes in self.beside if planes.cube is cube), None)
        if found is None:
            found = ScenePlanes(cube, self._plane_cache)
            self.beside.append(found)
        return found

    def retain(self, cubes: Collection[Cube]) -> None:
        """Forget the cubes that are shown beside the scene no more."""
        for planes in [planes for planes in self.beside if planes.cube not in cubes]:
            planes.forget()
            self.beside.remove(planes)

    def set_components(self, kind: ComponentKind, cube: Cube | None) -> None:
        """Show these components of the open scene from now on; None forgets them."""
        former = self.components.pop(kind, None)
        if former is not None:
            former.forget()
        if cube is not None:
            self.components[kind] = ComponentPlanes(cube, self._plane_cache)

    def sheet(self, view: TileView, show: Callable[[Mosaic | None], None]) -> Sheet:
        """A place for a picture in a view."""
        sheet = Sheet(self, view, show)
        self._sheets.append(sheet)
        return sheet

    def remove(self, sheet: Sheet) -> None:
        """The sheet is needed no more."""
        sheet.set(None)
        self._sheets.remove(sheet)

    def mosaic(self, source: TileSource) -> Mosaic:
        """The tiles of a source that are there."""
        return Mosaic(source, self._tile_cache)

    def drop(self, *mosaics: Mosaic | None) -> None:
        """Forget pictures that nobody shows: bands may be wanted again, but tiles of an array keep it in memory."""
        used = {mosaic.source for sheet in self._sheets for mosaic in (sheet.shown, sheet.coming) if mosaic is not None}
        for mosaic in mosaics:
            if mosaic is not None and mosaic.exact and mosaic.source not in used:
                mosaic.forget()

    def done(self, mosaic: Mosaic, address: Address) -> bool:
        """Whether a tile is there, or cannot be had."""
        return mosaic.has(address) or address in self._broken.get(mosaic.source, ())

    def read_ahead(self, planes: ScenePlanes, bands: tuple[int, ...], view: Viewport | None) -> None:
        """Have bands read where one looks, while it is still to be found how they are shown."""
        if view is None:
            return
        seen = planes.grid.covering(view.window, planes.grid.step_for(view.scale, exact=False))
        for address in seen[:1] if planes.by_rows else seen[:AT_ONCE]:
            if not planes.has(bands, address):
                self._jobs.quick(planes.read_ahead, bands, side_by_side(address, seen) if planes.by_rows else [address])

    def refresh(self) -> None:
        """Something else is in sight, or to be shown: begin with what is wanted now."""
        self._queue, self._ring = deque(self._in_sight()), None
        self._go_on()

    def _go_on(self) -> None:
        """Start as many jobs as may run. Jobs that are done at once come back here."""
        if self._busy:
            return
        self._busy = True
        while (wanted := self._next()) is not None:
            self._make(*wanted)
        self._busy = False
        for sheet in list(self._sheets):
            sheet.settle()

    def _next(self) -> tuple[Mosaic, list[Address]] | None:
        """A tile to make, with those beside it where rows are best made together."""
        queue = self._queue
        self._drop_made(queue)
        if not queue and not self._under_way:
            queue = self._ring = deque(self._nearby()) if self._ring is None else self._ring
            self._drop_made(queue)
        if not queue:
            return None
        mosaic, address = queue[0]
        if self._under_way >= (ROWS_AT_ONCE if mosaic.source.by_rows else AT_ONCE):
            return None
        if not mosaic.source.by_rows:
            return mosaic, [address]
        return mosaic, side_by_side(address, {tile[1] for tile in queue if tile[0] is mosaic and self._missing(*tile)})

    def _drop_made(self, queue: deque[tuple[Mosaic, Address]]) -> None:
        while queue and not self._missing(*queue[0]):
            queue.popleft()

    def _missing(self, mosaic: Mosaic, address: Address) -> bool:
        return not self.done(mosaic, address) and (mosaic.source, address) not in self._making

    def _in_sight(self) -> Iterator[tuple[Mosaic, Address]]:
        """What is in sight; of a large file the whole, coarsely, first where nothing is shown yet, else afterwards."""
        shown = list(self._pictures())
        blank = {sheet.coming.source for sheet in self._sheets if sheet.coming is not None and sheet.shown is None}
        overviews = [(mosaic, mosaic.overview) for mosaic, _ in shown if mosaic.source.costly]
        yield from (tile for tile in overviews if tile[0].source in blank)
        for mosaic, view in shown:
            yield from _each(mosaic, mosaic.in_sight(view))
        yield from overviews

    def _nearby(self) -> Iterator[tuple[Mosaic, Address]]:
        for mosaic, view in self._pictures():
            if not mosaic.exact:
                yield from _each(mosaic, mosaic.nearby(view))

    def _pictures(self) -> Iterator[tuple[Mosaic, Viewport]]:
        """What is wanted, and the part of it in sight; pictures that are waited for come first."""
        for sheet in sorted(self._sheets, key=lambda sheet: not sheet.waiting):
            mosaic, view = sheet.wanted, sheet.view.viewport
            if mosaic is not None and view is not None and mosaic.shape in self._shapes:
                yield mosaic, view

    @property
    def _shapes(self) -> set[tuple[int, int]]:
        known = self.beside if self.planes is None else [self.planes, *self.beside]
        return {planes.grid.shape for planes in known}

    def _make(self, mosaic: Mosaic, addresses: list[Address]) -> None:
        planes, source = self.planes, mosaic.source
        tiles = {(source, address) for address in addresses}
        self._making |= tiles
        self._under_way += 1

        def arrived(_: object) -> None:
            self._making -= tiles
            self._under_way -= 1
            if planes is not self.planes:
                mosaic.forget()
            self.drop(mosaic)
            for sheet in self._sheets:
                if sheet.shown is not None and sheet.shown.source == source:
                    sheet.view.update()
                sheet.settle()
            self._go_on()

        def broken(job: Job) -> None:
            if planes is self.planes:
                if source not in self._broken:
                    self._failed(job)
                self._broken.setdefault(source, set()).update(addresses)
            arrived(None)

        self._jobs.quick(mosaic.draw, *addresses, done=arrived, failed=broken)


def _each(mosaic: Mosaic, addresses: Iterable[Address]) -> Iterator[tuple[Mosaic, Address]]:
    return ((mosaic, address) for address in addresses)
