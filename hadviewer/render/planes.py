"""Bands of a cube as tiles, read when needed and kept as they were read, so that another stretch reads nothing."""

import math
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

TILE_BYTES = 64 * 2**20
"""A tile of a scene too large to average is made from as many samples as reading so many bytes brings."""
SAMPLE_BYTES = 64 * 2**20
"""The sample that decides a stretch is taken from lines of at most so many bytes, though never from less than these."""
SAMPLE_LINES = 64
STRIP_VALUES = 4_000_000
"""Values read at a time, so that reading needs little more memory than the tiles themselves."""
PAGE = 4096
"""Bytes that come at least when one value is read."""


class ScenePlanes:
    """Plane tiles float32 (rows, cols) of an open cube, any band, any size. Thread-safe; for jobs: it reads.

    Of a scene whose bands fit into the cache (``whole``) every tile is the mean of all pixels it stands for, made from
    tiles of half its step; so zooming reads nothing twice. Tiles of larger scenes are read by themselves, at a coarse
    step from every n-th line and sample only; n depends on cube and step alone, so that neighbours match.
    """

    def __init__(self, cube: Cube, cache: ArrayCache, tile: int = TILE) -> None:
        self.cube = cube
        self.grid = TileGrid(cube.shape[:2], tile)
        self._cache = cache
        self._closed = False
        rows, cols, _ = cube.shape
        # Three planes of four bytes a value, and a third more for all smaller sizes.
        self.whole = rows * cols * 16 <= cache.budget

    def tiles(self, bands: Sequence[int], address: Address) -> list[Plane]:
        """The same tile of some bands; those not at hand are read together."""
        found = {band: self._cache.get((self, band, address)) for band in bands}
        missing = [band for band, plane in found.items() if plane is None]
        if missing:
            make = self._halved if self.whole and address.step > 1 else self._read
            for band, plane in zip(missing, make(missing, address), strict=True):
                self._keep((self, band, address), plane)
                found[band] = plane
        return [found[band] for band in bands]  # type: ignore[misc]

    def has(self, bands: Sequence[int], address: Address) -> bool:
        """Whether the tile of all these bands is at hand."""
        return all((self, band, address) in self._cache for band in bands)

    def at_hand(self, band: int, row: int, col: int) -> float | None:
        """The value of a pixel if its tile is in memory; reads nothing."""
        side = self.grid.tile
        plane = self._cache.get((self, band, Address(1, row // side, col // side)))
        return None if plane is None else float(plane[row % side, col % side])

    def sample(self, bands: Sequence[int]) -> list[NDArray[np.float32]]:
        """About 100,000 values of each band from all over the scene, without NaN, 1-d; the same wherever one looks."""
        keys = {band: (self, band, "sample") for band in bands}
        found = {band: self._cache.get(key) for band, key in keys.items()}
        missing = [band for band, values in found.items() if values is None]
        if missing:
            grid = self._sample_grid(missing)
            for number, band in enumerate(missing):
                values = grid[:, :, number]
                found[band] = values[~np.isnan(values)]
                self._keep(keys[band], found[band])  # type: ignore[arg-type]
        return [found[band] for band in bands]  # type: ignore[misc]

    def extremes(self, band: int) -> tuple[float, float] | None:
        """Smallest and largest value of a band of a ``whole`` scene; None where there is no value at all."""
        tiles = [self.tiles([band], address)[0] for address in self.grid.covering(self.cube.window, 1)]
        finite = [tile for tile in tiles if not np.isnan(tile).all()]
        if not finite:
            return None
        return min(float(np.nanmin(tile)) for tile in finite), max(float(np.nanmax(tile)) for tile in finite)

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
        shape = self._size_at(address, address.step // 2)
        finer = np.empty((len(bands), *shape), dtype=np.float32)
        side = self.grid.tile
        for child in self.grid.children(address):
            row, col = (child.row - 2 * address.row) * side, (child.col - 2 * address.col) * side
            for target, plane in zip(finer, self.tiles(bands, child), strict=True):
                target[row : row + plane.shape[0], col : col + plane.shape[1]] = plane
        return [shrink_mean(plane, 2) for plane in finer]

    def _read(self, bands: list[int], address: Address) -> list[Plane]:
        """A tile from the file, strip by strip."""
        samples = 1 if address.step == 1 else self.samples(address.step)
        window, step = self.grid.window(address), address.step // samples
        planes = np.empty((len(bands), *self.grid.size(address)), dtype=np.float32)
        width = math.ceil(window.shape[1] / step) * len(bands)
        height = max(1, STRIP_VALUES // (width * samples))
        for start in range(0, planes.shape[1], height):
            row = window.row0 + start * address.step
            strip = Window(row, min(row + height * address.step, window.row1), window.col0, window.col1)
            values = self.cube.values(np.asarray(bands, dtype=np.intp), strip, step=step)
            for number, plane in enumerate(planes):
                plane[start : start + height] = shrink_mean(values[:, :, number], samples)
        return list(planes)

    def samples(self, step: int) -> int:
        """How many samples across (and down) are averaged for a pixel of a tile: as many as can be had quickly."""
        rows, cols, count = self.cube.shape
        if rows * cols * 16 <= TILE_BYTES:
            return step
        side = self.grid.tile
        run = min(side * step, cols) * self.cube.dtype.itemsize
        line = run * count if self.cube.source.order == "bip" else 3 * (run + PAGE)
        lines = min(side, math.ceil(rows / step))
        most = max(1, TILE_BYTES // (line * lines))
        return int(min(step, 2 ** int(math.log2(most))))

    def _sample_grid(self, bands: list[int]) -> NDArray[np.float32]:
        """Values on a grid over the scene (lines, samples, bands)."""
        rows, cols, count = self.cube.shape
        index = np.asarray(bands, dtype=np.intp)
        step = max(1, math.ceil(math.sqrt(rows * cols / SAMPLE)))
        if step == 1 and self.whole:
            return self._whole(bands)
        line = cols * self.cube.dtype.itemsize * (count if self.cube.source.order == "bip" else len(bands))
        most = max(SAMPLE_LINES, SAMPLE_BYTES // line)
        if math.ceil(rows / step) <= most:
            return self.cube.values(index, step=step)
        # Few lines, close samples: lines are what costs time where all bands of a pixel lie together.
        picked = np.linspace(0, rows - 1, most).astype(int).tolist()
        across = max(1, most * cols // SAMPLE)
        lines = [self.cube.values(index, Window(row, row + 1, 0, cols), step=across) for row in picked]
        return np.concatenate(lines)

    def _whole(self, bands: list[int]) -> NDArray[np.float32]:
        """Bands of a small scene from their tiles, which the picture needs anyway."""
        whole = np.empty((*self.cube.shape[:2], len(bands)), dtype=np.float32)
        for address in self.grid.covering(self.cube.window, 1):
            part: NDArray[Any] = whole[self.grid.window(address).slices]
            for number, plane in enumerate(self.tiles(bands, address)):
                part[:, :, number] = plane
        return whole

    def _size_at(self, address: Address, step: int) -> tuple[int, int]:
        rows, cols = self.grid.window(address).shape
        return -(-rows // step), -(-cols // step)
