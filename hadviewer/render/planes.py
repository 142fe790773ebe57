"""Bands of a cube as tiles, read when needed and kept as they were read, so that another stretch reads nothing."""

import math
import threading
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.cube import Cube, Window
from hadviewer.render.cache import ArrayCache
from hadviewer.render.pyramid import shrink_mean
from hadviewer.render.stretch import SAMPLE
from hadviewer.render.tiling import TILE, Address, TileGrid

Plane = NDArray[np.float32]

DEAR_TILE = 256
"""Pixels along a tile's side where all bands of a pixel come with each of them: less is read beside the window."""
TILE_BYTES = 64 * 2**20
"""A tile of a scene too large to average is made from as many samples as reading so many bytes brings."""
SAMPLE_BYTES = 64 * 2**20
"""The sample that decides a stretch is taken from lines of at most so many bytes, though never from less than these."""
SAMPLE_LINES = 64
STRIP_VALUES = 1 << 18
"""Values read at a time: so few stay in the cache of the processor until they are averaged."""
PAGE, CALL = 2**12, 2**14
"""Bytes that come at least when one value is read, and that could have come in the time of one more call."""


class ScenePlanes:
    """Plane tiles float32 (rows, cols) of an open cube, any band, any size. Thread-safe; for jobs: it reads.

    Of a scene whose bands fit into the cache (``whole``) a tile holds means of all pixels it stands for, and is made
    from tiles of half its step where these are at hand. Of a larger scene it holds means of every n-th line and sample
    only; n depends on cube and step alone, so that neighbours match. Where all bands of a pixel come with each of them
    (``by_rows``), tiles side by side are best read ahead together: whole lines are read, one after another.
    """

    def __init__(self, cube: Cube, cache: ArrayCache, tile: int | None = None) -> None:
        self.cube = cube
        self._cache = cache
        self._closed = False
        self._lock = threading.Lock()
        self._locks: dict[Address, threading.RLock] = {}
        rows, cols, _ = cube.shape
        # Three planes of four bytes a value, and a third more for all smaller sizes.
        self.whole = rows * cols * 16 <= cache.budget
        self.by_rows = cube.source.order == "bip" and not self.whole
        self.grid = TileGrid(cube.shape[:2], tile or (DEAR_TILE if self.by_rows else TILE))

    def tiles(self, bands: Sequence[int], address: Address) -> list[Plane]:
        """The same tile of some bands; those not at hand are read together."""
        found = {band: self._cache.get((self, band, address)) for band in bands}
        if any(plane is None for plane in found.values()):
            with self._lock_of(address):
                self._make(found, address)
        return [found[band] for band in bands]  # type: ignore[misc]

    def _make(self, found: dict[int, Plane | None], address: Address) -> None:
        """Fill in the planes that are missing, unless another thread has made them meanwhile."""
        for band in [band for band, plane in found.items() if plane is None]:
            if (self, band, address) in self._cache:
                found[band] = self._cache.get((self, band, address))
        missing = [band for band, plane in found.items() if plane is None]
        if missing:
            finer = self.grid.children(address) if self.whole and address.step > 1 else []
            halved = bool(finer) and all(self.has(missing, child) for child in finer)
            made = self._halved(missing, address) if halved else self._read(missing, [address])[0]
            for band, plane in zip(missing, made, strict=True):
                self._keep((self, band, address), plane)
                found[band] = plane

    def _lock_of(self, address: Address) -> threading.RLock:
        """Two threads never read the same tile; a tile waits for finer ones only, so they never wait for each other."""
        with self._lock:
            return self._locks.setdefault(address._replace(col=0) if self.by_rows else address, threading.RLock())

    def read_ahead(self, bands: Sequence[int], addresses: Sequence[Address]) -> None:
        """Have tiles side by side at hand before they are asked for, unless the scene was closed meanwhile."""
        if self._closed:
            return
        if not self.by_rows:
            for address in addresses:
                self.tiles(bands, address)
            return
        with self._lock_of(addresses[0]):
            wanted = [address for address in addresses if not self.has(bands, address)]
            missing = [band for band in bands if not all(self.has([band], address) for address in wanted)]
            for address, planes in zip(wanted, self._read(missing, wanted) if wanted else (), strict=True):
                for band, plane in zip(missing, planes, strict=True):
                    self._keep((self, band, address), plane)

    def has(self, bands: Sequence[int], address: Address) -> bool:
        """Whether the tile of all these bands is at hand."""
        return all((self, band, address) in self._cache for band in bands)

    def at_hand(self, band: int, row: int, col: int) -> float | None:
        """The value of a pixel if its tile is in memory; reads nothing."""
        side = self.grid.tile
        plane = self._cache.get((self, band, Address(1, row // side, col // side)))
        return None if plane is None else float(plane[row % side, col % side])

    def sample(self, bands: Sequence[int]) -> list[NDArray[np.float32]]:
        """About 100,000 values of each band, sorted, without NaN, from all over the scene wherever one looks."""
        keys = {band: (self, band, "sample") for band in bands}
        found = {band: self._cache.get(key) for band, key in keys.items()}
        missing = [band for band, values in found.items() if values is None]
        if missing:
            grid = self._sample_grid(missing)
            for number, band in enumerate(missing):
                values = grid[:, :, number]
                found[band] = np.sort(values[~np.isnan(values)])
                self._keep(keys[band], found[band])  # type: ignore[arg-type]
        return [found[band] for band in bands]  # type: ignore[misc]

    def extremes(self, band: int) -> tuple[float, float] | None:
        """Smallest and largest of all values of a band, None where there is none; a larger scene is read for it."""
        if self._sampled_wholly:
            (sample,) = self.sample([band])
            return (float(sample[0]), float(sample[-1])) if sample.size else None
        key = (self, band, "extremes")
        found = self._cache.get(key)
        if found is None:
            index = np.array([band], dtype=np.intp)
            ends: list[float] = []
            rows, cols, _ = self.cube.shape
            height = max(1, STRIP_VALUES // cols)
            for top in range(0, rows, height):
                strip = Window(top, min(top + height, rows), 0, cols)
                values = self.cube.values(index, strip)
                values = values[~np.isnan(values)]
                ends += [float(values.min()), float(values.max())] if values.size else []
            found = np.array([min(ends), max(ends)] if ends else [], dtype=np.float32)
            self._keep(key, found)
        return (float(found[0]), float(found[1])) if found.size else None

    def forget(self) -> None:
        """Let go of everything kept of this cube, and keep nothing of it from now on."""
        self._closed = True
        self._cache.forget(lambda key: key[0] is self)

    def _keep(self, key: Hashable, values: NDArray[np.float32]) -> None:
        """Keep what was read; a job under way when the scene was closed keeps nothing."""
        if not self._closed:
            self._cache.put(key, values)

    def _halved(self, bands: list[int], address: Address) -> list[Plane]:
        """A tile from those of half its step."""
        planes = [np.empty(self.grid.size(address), dtype=np.float32) for _ in bands]
        half = self.grid.tile // 2
        for child in self.grid.children(address):
            row, col = (child.row - 2 * address.row) * half, (child.col - 2 * address.col) * half
            for plane, finer in zip(planes, self.tiles(bands, child), strict=True):
                part = shrink_mean(finer, 2)
                plane[row : row + part.shape[0], col : col + part.shape[1]] = part
        return planes

    def _read(self, bands: list[int], addresses: Sequence[Address]) -> list[list[Plane]]:
        """Tiles of a row from the file, with what lies between them, strip by strip; the planes of each."""
        first, last = addresses[0], addresses[-1]
        samples = first.step if self.whole else self.samples(first.step)
        window = self.grid.window(first)._replace(col1=self.grid.window(last).col1)
        step = first.step // samples
        tiles = [[np.empty(self.grid.size(address), dtype=np.float32) for _ in bands] for address in addresses]
        width = math.ceil(window.shape[1] / step) * len(bands)
        height = max(1, STRIP_VALUES // (width * samples))
        for start in range(0, self.grid.size(first)[0], height):
            row = window.row0 + start * first.step
            strip = Window(row, min(row + height * first.step, window.row1), window.col0, window.col1)
            values = self.cube.values(np.asarray(bands, dtype=np.intp), strip, step=step)
            for number in range(len(bands)):
                means = _means(values[:, :, number], samples)
                for address, planes in zip(addresses, tiles, strict=True):
                    plane, left = planes[number], (address.col - first.col) * self.grid.tile
                    plane[start : start + height] = means[:, left : left + plane.shape[1]]
        return tiles

    def samples(self, step: int) -> int:
        """How many samples across (and down) are averaged for a pixel of a tile: as many as can be had quickly."""
        rows, cols, count = self.cube.shape
        if rows * cols * 16 <= TILE_BYTES:
            return step
        side = self.grid.tile
        run = min(side * step, cols) * self.cube.dtype.itemsize
        order = self.cube.source.order
        line = run * count if order == "bip" else 3 * (run + (PAGE if order == "bsq" else CALL))
        lines = min(side, math.ceil(rows / step))
        most = max(1, TILE_BYTES // (line * lines))
        return int(min(step, 2 ** int(math.log2(most))))

    def _sample_grid(self, bands: list[int]) -> NDArray[np.float32]:
        """Values on a grid over the scene (lines, samples, bands)."""
        rows, cols, count = self.cube.shape
        index = np.asarray(bands, dtype=np.intp)
        step = max(1, math.ceil(math.sqrt(rows * cols / SAMPLE)))
        if self._sampled_wholly:
            return self._whole(bands)
        line = cols * self.cube.dtype.itemsize * (count if self.cube.source.order == "bip" else len(bands))
        most = max(SAMPLE_LINES, SAMPLE_BYTES // line)
        if math.ceil(rows / step) <= most:
            return self.grid_values(bands, step)
        # Few lines, close samples: lines are what costs time where all bands of a pixel lie together.
        picked = np.linspace(0, rows - 1, most).astype(int).tolist()
        across = max(1, most * cols // SAMPLE)
        lines = [self.cube.values(index, Window(row, row + 1, 0, cols), step=across) for row in picked]
        return np.concatenate(lines)

    def grid_values(self, bands: Sequence[int], step: int) -> NDArray[np.float32]:
        """Every ``step``-th line and sample of some bands (lines, samples, bands), read anew."""
        return self.cube.values(np.asarray(bands, dtype=np.intp), step=step)

    @property
    def _sampled_wholly(self) -> bool:
        """Whether the sample holds every pixel."""
        rows, cols = self.grid.shape
        return self.whole and rows * cols <= SAMPLE

    def _whole(self, bands: list[int]) -> NDArray[np.float32]:
        """Bands of a small scene from their tiles, which the picture needs anyway."""
        whole = np.empty((*self.cube.shape[:2], len(bands)), dtype=np.float32)
        for address in self.grid.covering(self.cube.window, 1):
            part: NDArray[Any] = whole[self.grid.window(address).slices]
            for number, plane in enumerate(self.tiles(bands, address)):
                part[:, :, number] = plane
        return whole


def _means(plane: Plane, factor: int) -> Plane:
    """Means of blocks, halving again and again: the same whether a tile is made from the file or from finer tiles."""
    while factor > 1:
        plane, factor = shrink_mean(plane, 2), factor // 2
    return plane
