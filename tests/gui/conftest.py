"""What tests of the window share: small cubes, doubles of views, and runners that do jobs on the spot or on command."""

from collections import deque
from collections.abc import Callable
from typing import Any
from unittest.mock import MagicMock

import numpy as np
import pytest

from hadviewer.core.bands import BandSet
from hadviewer.core.cube import BandIndex, Cube, Scene, Truth, Window
from hadviewer.engine.jobs import InlineJobs, Job
from hadviewer.engine.session import Session
from hadviewer.gui.controllers.tiles import TileLoader
from hadviewer.gui.views.protocols import SignalLike
from hadviewer.io.sources import ArraySource
from hadviewer.render.cache import ArrayCache


class FakeSignal:
    """A signal without Qt."""

    def __init__(self) -> None:
        self._slots: list[Callable[..., Any]] = []

    def connect(self, slot: Callable[..., Any]) -> None:
        self._slots.append(slot)

    def emit(self, *values: Any) -> None:
        for slot in self._slots:
            slot(*values)


class CountingSource(ArraySource):
    """Remembers which bands and windows were asked for, and at which step."""

    def __init__(self, array: np.ndarray) -> None:
        super().__init__(array)
        self.reads: list[tuple[int, ...]] = []
        self.steps: list[int] = []
        self.windows: list[Window] = []

    def read(self, window: Window, bands: BandIndex, step: int = 1) -> np.ndarray:
        self.reads.append(tuple(np.arange(self.shape[2])[bands].tolist()))
        self.steps.append(step)
        self.windows.append(window)
        return super().read(window, bands, step)


class HeldJobs(InlineJobs):
    """Holds jobs until told to do one."""

    def __init__(self) -> None:
        super().__init__()
        self.held: list[Any] = []

    def _submit(self, lane: deque[Any], entry: Any) -> Job:
        if entry.job.key is not None:
            self._latest[entry.job.key] = entry.job.id
        self._entries[entry.job.id] = entry
        self.held.append(entry)
        return entry.job

    def perform(self, number: int = 0) -> None:
        """Do a job that was held, the oldest unless told otherwise."""
        self._perform(self.held.pop(number))


@pytest.fixture
def double() -> Callable[[type], Any]:
    """Makes a double of a view from its protocol: signals that can be emitted, methods that remember their calls."""

    def make(protocol: type) -> Any:
        names = [name for name in dir(protocol) if not name.startswith("_")]
        fake = MagicMock(spec_set=names)
        for name in names:
            if isinstance(value := getattr(protocol, name), property):
                signal = value.fget.__annotations__["return"] is SignalLike
                setattr(fake, name, FakeSignal() if signal else None)
        return fake

    return make


@pytest.fixture
def make_cube() -> Callable[..., Cube]:
    """Makes a cube whose pixel (row, col) has the value 100 row + col + 10000 band, with a source that counts reads."""

    def make(
        rows: int = 12,
        cols: int = 17,
        bands: int = 8,
        *,
        wavelengths: bool = True,
        bad: tuple[int, ...] = (),
        **more: Any,
    ) -> Cube:
        line, sample, band = np.meshgrid(np.arange(rows), np.arange(cols), np.arange(bands), indexing="ij")
        array = (100 * line + sample + 10_000 * band).astype(np.float32)
        usable = np.ones(bands, dtype=bool)
        usable[list(bad)] = False
        centres = np.linspace(450, 1000, bands) if wavelengths else None
        return Cube(CountingSource(array), BandSet(bands, centres=centres, usable=usable), name="small", **more)

    return make


@pytest.fixture
def cube(make_cube: Callable[..., Cube]) -> Cube:
    """12 lines, 17 samples, 8 bands of 450 to 1000 nm."""
    return make_cube()


@pytest.fixture
def truth(cube: Cube) -> Truth:
    """One anomalous pixel at line 3, sample 5."""
    mask = np.zeros(cube.shape[:2], dtype=bool)
    mask[3, 5] = True
    return Truth(mask)


@pytest.fixture
def scene(cube: Cube, truth: Truth) -> Scene:
    """The small cube and its truth."""
    return Scene(cube, truth)


@pytest.fixture
def session() -> Session:
    """A session with nothing open."""
    return Session()


@pytest.fixture
def jobs() -> InlineJobs:
    """Does every job on the spot."""
    return InlineJobs()


@pytest.fixture
def held_jobs() -> HeldJobs:
    """Holds jobs until told to do one."""
    return HeldJobs()


@pytest.fixture
def tiles(jobs: InlineJobs) -> TileLoader:
    """Makes tiles on the spot; complaints are ignored."""
    return TileLoader(jobs, ArrayCache(2**24), ArrayCache(2**24), lambda job: None)


@pytest.fixture
def messages() -> MagicMock:
    """Remembers what the user was told."""
    return MagicMock(spec_set=["info", "warn", "error"])
