"""Bands kept in memory as they were last shown, so that another stretch reads nothing."""

import threading
from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.cube import Cube, Window
from hadviewer.render.pyramid import base_step, level_planes, shrink_mean

Levels = tuple[tuple[int, NDArray[np.float32]], ...]

BUDGET = 256 * 2**20
LARGEST = 16_000_000
"""Scenes of more pixels than this are shown from every second, third ... line and sample."""
STRIP_VALUES = 4_000_000
"""Values read at a time, so that reading needs little more memory than the planes themselves."""


class PlaneCache:
    """Planes of the open cube with their smaller versions, the least recently used forgotten first. Thread-safe.

    A plane is float32 (rows, cols) at ``step``: every step-th line and sample.
    """

    def __init__(self, budget: int = BUDGET, largest: int = LARGEST) -> None:
        self._budget, self._largest = budget, largest
        self._lock = threading.Lock()
        self._cube: Cube | None = None
        self._planes: OrderedDict[int, Levels] = OrderedDict()

    def open(self, cube: Cube | None) -> None:
        """Keep planes of this cube from now on, and forget those of any other."""
        with self._lock:
            if cube is not self._cube:
                self._cube = cube
                self._planes.clear()

    def levels(self, cube: Cube, bands: tuple[int, ...]) -> list[Levels]:
        """The planes of ``bands``; those not at hand are read together. For jobs: this may take long."""
        with self._lock:
            known = dict(self._planes) if cube is self._cube else {}
        missing = [band for band in dict.fromkeys(bands) if band not in known]
        if missing:
            step = base_step(cube.shape[:2], self._largest)
            planes = read_planes(cube, missing, step)
            known |= {band: level_planes(plane, shrink_mean, step) for band, plane in zip(missing, planes, strict=True)}
        with self._lock:
            if cube is self._cube:
                self._keep({band: known[band] for band in bands})
        return [known[band] for band in bands]

    def at_hand(self, band: int) -> tuple[int, NDArray[np.float32]] | None:
        """(step, plane) of a band of the open cube if it is in memory; reads nothing."""
        with self._lock:
            levels = self._planes.get(band)
        return None if levels is None else levels[0]

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        with self._lock:
            return self._held()

    def _keep(self, used: dict[int, Levels]) -> None:
        for band, levels in used.items():
            self._planes[band] = levels
            self._planes.move_to_end(band)
        while len(self._planes) > len(used) and self._held() > self._budget:
            self._planes.popitem(last=False)

    def _held(self) -> int:
        return sum(plane.nbytes for levels in self._planes.values() for _, plane in levels)


def read_planes(cube: Cube, bands: list[int], step: int) -> list[NDArray[np.float32]]:
    """Planes of some bands, every ``step``-th line and sample, read strip by strip in one walk through the file."""
    rows, cols, _ = cube.shape
    shape = -(-rows // step), -(-cols // step)
    planes = [np.empty(shape, dtype=np.float32) for _ in bands]
    height = max(1, STRIP_VALUES // (shape[1] * len(bands)))
    for start in range(0, shape[0], height):
        stop = min(start + height, shape[0])
        window = Window(start * step, min(stop * step, rows), 0, cols)
        values = cube.values(np.asarray(bands, dtype=np.intp), window, step=step)
        for number, plane in enumerate(planes):
            plane[start:stop] = values[:, :, number]
    return planes
