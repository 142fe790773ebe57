"""The viewer on files larger than memory, and changes of bands and stretch against the usual way of showing a cube.

The large files are sparse: their lines hold values in a few strips and holes elsewhere, so that 10 GB need no disk.
What the system does for a hole (zero a page) takes the place of what a disk does; the files are as long as they say.
Beside what the viewer takes stands the floor: what plain reads of the bytes that must be touched take, nothing done
with them, first of lines that nobody has read before, then of the same lines again.
"""

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PyQt6.QtCore import QEventLoop, QSize, QTimer
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QApplication

from hadviewer.core.cube import Window
from hadviewer.gui.workbench import Workbench
from hadviewer.render.composite import composite
from hadviewer.render.mosaic import Mosaic
from tests.bench.bench_event_loop import Gap, Watchdog, turn_wheel

LARGE = (20_000, 1_200, 220)
BANDS = (150, 90, 40)
"""The bands shown of a large file; of a small one the first three."""
STRIPS, STRIP = range(1_000, 20_000, 10_000), 300
"""Where the lines of a large file hold values."""
FRAME_MS = 16
ARRIVAL_BAR_MS, CHANGE_BAR_MS, SIDE_OF_BAR = 200, 45, 2000
UNTOUCHED = 4_000
"""A line from which on nobody looks at a large file."""
CHANGES = 7


def strides(interleave: str, shape: tuple[int, int, int]) -> tuple[int, ...]:
    """Bytes from one line, sample, band to the next, two bytes a value."""
    rows, cols, bands = shape
    steps = {"bsq": (cols, 1, rows * cols), "bil": (bands * cols, 1, cols), "bip": (cols * bands, bands, 1)}
    return tuple(2 * step for step in steps[interleave])


def mapped(folder: Path, interleave: str, shape: tuple[int, int, int]) -> tuple[Path, np.ndarray]:
    """A file of zeros (holes) with its header, and a view (rows, cols, bands) to write through."""
    rows, cols, bands = shape
    path = folder / f"{interleave}.dat"
    with path.open("wb") as file:
        file.truncate(rows * cols * bands * 2)
    shown = BANDS if max(BANDS) < bands else (0, 1, 2)
    path.with_suffix(".hdr").write_text(
        f"ENVI\nlines = {rows}\nsamples = {cols}\nbands = {bands}\ninterleave = {interleave}\n"
        f"data type = 12\nbyte order = 0\ndefault bands = {{{', '.join(str(band + 1) for band in shown)}}}\n"
    )
    flat = np.memmap(path, np.uint16, "r+")
    return path, np.ndarray(shape, np.uint16, flat, 0, strides(interleave, shape))


def large_file(folder: Path, interleave: str) -> Path:
    """The large file, with values in its strips in the bands shown."""
    path, values = mapped(folder, interleave, LARGE)
    rng = np.random.default_rng(1)
    for start in STRIPS:
        values[start : start + STRIP, :, list(BANDS)] = rng.integers(0, 4000, (STRIP, LARGE[1], 3), dtype=np.uint16)
    return path


@dataclass(frozen=True)
class Floor:
    """Milliseconds of plain reads: of what nobody has read before, and again; the least of one, two, four threads."""

    first: float
    again: float
    megabytes: float


def floor(path: Path, interleave: str, shape: tuple[int, int, int], bands: tuple[int, ...], rows: range) -> Floor:
    """What it costs to read some bands of these lines."""
    with path.open("rb") as file:
        handle = file.fileno()
        first, again = [], []
        for number, threads in enumerate((1, 2, 4)):
            lines = range(rows.start + number * len(rows) * rows.step, shape[0], rows.step)[: len(rows)]
            lines = lines if len(lines) == len(rows) else rows
            parts = [runs(interleave, shape, bands, lines[part::threads]) for part in range(threads)]
            with ThreadPoolExecutor(threads) as pool:
                for found in (first, again):
                    begin = time.perf_counter()
                    list(pool.map(lambda part: read_runs(handle, part), parts))
                    found.append(1000 * (time.perf_counter() - begin))
    size = sum(length for part in parts for _, length in part)
    return Floor(min(first), min(again), size / 1e6)


def runs(interleave: str, shape: tuple[int, int, int], bands: tuple[int, ...], lines: range) -> list[tuple[int, int]]:
    """Where the values of these bands and lines start in a file, and how many bytes follow each other."""
    row, _, band = strides(interleave, shape)
    if interleave == "bip":
        return [(line * row, row) for line in lines]
    return [(line * row + number * band, 2 * shape[1]) for number in bands for line in lines]


def read_runs(handle: int, parts: list[tuple[int, int]]) -> None:
    buffer = memoryview(bytearray(max(length for _, length in parts)))
    for start, length in parts:
        os.preadv(handle, [buffer[:length]], start)


def turn_until(done: Callable[[], bool], limit_s: float = 120.0) -> float:
    """Let the event loop turn until ``done``, and say how many milliseconds it took."""
    loop, timer, start = QEventLoop(), QTimer(), time.perf_counter()

    def look() -> None:
        if done() or time.perf_counter() - start > limit_s:
            loop.quit()

    timer.timeout.connect(look)
    timer.start(1)
    loop.exec()
    assert done(), f"not done after {limit_s} s"
    QApplication.processEvents()  # it counts once it is painted
    return 1000 * (time.perf_counter() - start)


def picture(bench: Workbench) -> Mosaic | None:
    return bench.image.active._image


def complete(bench: Workbench) -> bool:
    """Whether every pixel in sight is as it should be."""
    mosaic, view = picture(bench), bench.image.viewport
    if mosaic is None or view is None or bench.display.busy:
        return False
    return all(bench.tiles.done(mosaic, address) for address in mosaic.in_sight(view))


@dataclass
class Journey:
    """Scrolls and zooms, and notes how long the loop did not turn and when the right pixels were there."""

    bench: Workbench
    gaps: list[Gap] = field(default_factory=list)
    arrivals: dict[str, list[float]] = field(default_factory=dict)

    def go(self, name: str, steps: Iterator[Callable[[], object]]) -> None:
        """Do the steps at the pace of a screen, then wait for the right pixels."""
        watchdog = Watchdog()
        for step in steps:
            begin = time.perf_counter()
            QTimer.singleShot(0, step)
            turn_until(lambda begin=begin: time.perf_counter() - begin >= FRAME_MS / 1000)
        self.arrivals.setdefault(name, []).append(turn_until(lambda: complete(self.bench)))
        self.gaps += watchdog.stop()

    def report(self, title: str, floors: dict[str, float]) -> None:
        walls = [gap.wall for gap in self.gaps]
        blocked = [gap.blocked for gap in self.gaps]
        print(f"\n{title}: event loop while scrolling and zooming, ms between ticks of 5 ms ({len(walls)})")
        for name, values in (("on the wall", walls), ("without the wait for a processor", blocked)):
            p50, p99 = np.percentile(values, [50, 99])
            print(f"  {name:<34} p50 {p50:5.1f}  p99 {p99:5.1f}  max {max(values):5.1f}")
        print(f"  from stop to right pixels, ms: median, max (times); the bar is {ARRIVAL_BAR_MS}")
        for name, values in self.arrivals.items():
            least = floors.get(name)
            ratio = "" if least is None else f"   floor {least:6.1f}  x {np.median(values) / least:5.2f}"
            print(f"    {name:<22} {np.median(values):7.1f} {max(values):7.1f} ({len(values)}){ratio}")


def memory() -> int:
    """The most memory this process has held, MiB."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM")), 0)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("interleave", ["bsq", "bil", "bip"])
def test_scrolling_a_cube_larger_than_memory(qtbot, workbench, tmp_path, interleave) -> None:  # type: ignore[no-untyped-def]
    path = large_file(tmp_path, interleave)
    os.sync()
    held = path.stat().st_blocks * 512
    bench = workbench()
    bench.window.resize(QSize(1920, 1080))
    before = memory()
    begin = time.perf_counter()
    bench.scene.open(path, truth=None)
    turn_until(lambda: picture(bench) is not None)
    first = time.perf_counter() - begin
    turn_until(lambda: complete(bench))
    title = f"{interleave.upper()} {LARGE} uint16, {path.stat().st_size / 1e9:.1f} GB ({held / 1e9:.1f} GB on the disk)"
    whole = time.perf_counter() - begin
    bench.image.set_zoom(100)
    height = min(bench.image.mapping.window.shape[0], LARGE[0])
    steps = {"jump, 1:1": 1, "zoom out": 4}
    floors = {
        name: floor(path, interleave, LARGE, BANDS, range(UNTOUCHED, UNTOUCHED + height * step, step))
        for name, step in steps.items()
    }
    for name, found in floors.items():
        times = f"{found.first:.0f} ms, {found.again:.0f} again"
        print(f"  floor of '{name}': {height} lines, {found.megabytes:.0f} MB: {times}")
    travel(bench, Journey(bench), f"{title}, first", {name: found.first for name, found in floors.items()})
    forget(bench)
    again = {name: found.again for name, found in floors.items()}
    travel(bench, Journey(bench), "  the same again, the file in the system's memory and nothing in ours", again)
    check_pixels(bench, path, interleave)
    reads = planes_hit(bench)
    print(f"  first picture after {first:.2f} s, complete after {whole:.2f} s")
    print(f"  another stretch: {reads[0]} plane tiles at hand, {reads[1]} read")
    for name, cache in (("planes", bench.tiles.planes._cache), ("finished tiles", bench.tiles._tile_cache)):
        held, budget = cache.nbytes / 2**20, cache.budget / 2**20
        print(f"  {name}: {cache.hits} hits, {cache.misses} misses, {held:.0f} of {budget:.0f} MiB")
    print(f"  memory {before} -> {memory()} MiB (VmHWM)")
    path.unlink()


def forget(bench: Workbench) -> None:
    """Empty our caches."""
    turn_until(lambda: bench.jobs.idle)
    bench.tiles._tile_cache.forget()
    bench.tiles.planes._cache.forget()


def planes_hit(bench: Workbench) -> tuple[int, int]:
    """Change the stretch: how many plane tiles that took from memory, and how many from the file."""
    turn_until(lambda: bench.jobs.idle)
    cache, before = bench.tiles.planes._cache, picture(bench)
    hits, misses = cache.hits, cache.misses
    bench.display.stretch.set_limits(0, 10, 3000)
    turn_until(lambda: picture(bench) is not before and complete(bench))
    return cache.hits - hits, cache.misses - misses


def travel(bench: Workbench, journey: Journey, title: str, floors: dict[str, float]) -> None:
    image, places = bench.image, [(start + 100, 600) for start in STRIPS]

    def scroll(rows: int, cols: int) -> Iterator[Callable[[], object]]:
        start = image.mapping.window
        middle = (start.row0 + start.row1) // 2, (start.col0 + start.col1) // 2
        return iter([lambda n=n: image.centre_on(middle[0] + n * rows, middle[1] + n * cols) for n in range(1, 31)])

    def wheel(turn: int, count: int) -> Iterator[Callable[[], object]]:
        return iter([lambda: turn_wheel(image.active, turn)] * count)

    image.set_zoom(100)
    for place in places:
        journey.go("jump, 1:1", iter([lambda place=place: image.centre_on(*place)]))
        journey.go("scroll, 1:1", scroll(40, 2))
        journey.go("scroll back, 1:1", scroll(-40, -2))
        journey.go("zoom out", wheel(-120, 8))
        journey.go("scroll, 17 %", scroll(60, 0))
        journey.go("zoom in", wheel(120, 8))
    image.fit()
    journey.go("fit", iter([image.fit]))
    journey.report(title, floors)


def check_pixels(bench: Workbench, path: Path, interleave: str) -> None:
    """The pixels on the screen are those of the file, worked out another way."""
    image, row = bench.image, STRIPS[1]
    image.set_zoom(100)
    image.centre_on(row + 150, 600)
    turn_until(lambda: complete(bench))
    mosaic = picture(bench)
    window = Window(row + 50, row + 250, 500, 700)
    values = np.ndarray(LARGE, np.uint16, np.memmap(path, np.uint16, "r"), 0, strides(interleave, LARGE))
    part = values[window.slices][:, :, list(BANDS)].astype(np.float32)
    expected = composite([part[:, :, n] for n in range(3)], mosaic.source.curves)[:, :, :3]
    start = image.mapping.to_screen(window.row0, window.col0)
    shot = image.active.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    buffer = np.frombuffer(shot.constBits().asarray(shot.sizeInBytes()), np.uint8)
    pixels = buffer.reshape(shot.height(), shot.bytesPerLine())[:, : shot.width() * 3].reshape(shot.height(), -1, 3)
    top, left = int(np.floor(start.y() + 0.5)), int(np.floor(start.x() + 0.5))
    got = pixels[top : top + 200, left : left + 200]
    assert np.array_equal(got, expected), np.abs(got.astype(int) - expected).max()


@pytest.mark.timeout(900)
@pytest.mark.parametrize("side", [2000, 4000])
def test_changes_against_composing_the_whole_scene(qtbot, workbench, tmp_path, side) -> None:  # type: ignore[no-untyped-def]
    bench = workbench()
    bench.window.resize(QSize(1920, 1080))
    print(f"\nChanges at {side} x {side}, uint16, 20 bands, end to end (until painted): median of {CHANGES}, ms")
    rng = np.random.default_rng(0)
    three = rng.integers(0, 4000, (3, side, side), dtype=np.uint16)
    spectral = timed(lambda: spectral_rgb(three), 2)
    for interleave in ("bsq", "bil", "bip"):
        path = filled_file(tmp_path, interleave, (side, side, 20), rng)
        bench.scene.open(path, truth=None)
        turn_until(lambda: picture(bench) is not None and complete(bench))
        least = floor(path, interleave, (side, side, 20), (4,), range(side)).again
        bar = f"; the bar is {CHANGE_BAR_MS}" if side == SIDE_OF_BAR else ""
        print(f"  {interleave}: plain reads of one band {least:.1f}{bar}")
        peers = {"WISER's way": timed(lambda: wiser_rgb(three), CHANGES), "spectral.get_rgb": spectral}
        print("     ", ", ".join(f"{name} (in memory, not painted) {value:.1f}" for name, value in peers.items()))
        times = {name: timed_change(bench, acts) for name, acts in changes(bench).items()}
        for name, value in times.items():
            ratios = "".join(f"  x {peer_ms / value:6.1f} of {peer}" for peer, peer_ms in peers.items())
            floors = f"  x {value / least:5.1f} of plain reads" if name.endswith(("one band", "three bands")) else ""
            print(f"  {interleave} {name:<42} {value:8.1f}{ratios}{floors}")
        path.unlink()


def filled_file(folder: Path, interleave: str, shape: tuple[int, int, int], rng: np.random.Generator) -> Path:
    path, values = mapped(folder, interleave, shape)
    for start in range(0, shape[0], 200):
        values[start : start + 200] = rng.integers(0, 4000, (min(200, shape[0] - start), *shape[1:]), dtype=np.uint16)
    return path


def changes(bench: Workbench) -> dict[str, list[Callable[[], None]]]:
    """What a user changes, each so that no tile of it is there yet."""
    display = bench.display
    limits = [(float(low), 4000.0 - low) for low in range(10, 10 * CHANGES + 10, 10)]

    def three(band: int) -> None:
        display._change(replace(display._intent, mode="custom", bands=(band, band + 1, band + 2)))

    return {
        "stretch, typed limits": [lambda ends=ends: display.stretch.set_limits(0, *ends) for ends in limits],
        "stretch, percent": [lambda n=n: display.stretch.set_kind("linear", 1.0 + n / 10) for n in range(CHANGES)],
        "one band": [lambda band=band: display.set_band(0, band) for band in range(4, 4 + CHANGES)],
        "three bands": [lambda band=band: three(band) for band in range(11, 11 + CHANGES)],
        "three bands shown before": [lambda band=band: three(band) for band in range(11, 11 + CHANGES)],
    }


def timed_change(bench: Workbench, acts: list[Callable[[], None]]) -> float:
    found = []
    for act in acts:
        before = picture(bench)
        begin = time.perf_counter()
        act()
        turn_until(lambda before=before: picture(bench) is not before and complete(bench))
        found.append(1000 * (time.perf_counter() - begin))
        turn_until(lambda: bench.jobs.idle)
    return float(np.median(found))


def timed(act: Callable[[], object], times: int) -> float:
    found = []
    for _ in range(times):
        begin = time.perf_counter()
        act()
        found.append(1000 * (time.perf_counter() - begin))
    return float(np.median(found))


def wiser_rgb(planes: np.ndarray) -> np.ndarray:
    """The whole scene at full resolution on one thread: each band to 0..1, stretched, to a byte, packed into a word."""
    packed = np.zeros(planes.shape[1:], dtype=np.uint32)
    for plane, shift in zip(planes, (16, 8, 0), strict=True):
        values = plane.astype(np.float32)
        low, high = np.float32(40), np.float32(3960)
        values = (values - low) / (high - low)
        np.clip(values, 0, 1, out=values)
        packed |= (values * 255).astype(np.uint32) << np.uint32(shift)
    packed |= np.uint32(0xFF000000)
    return packed


def spectral_rgb(planes: np.ndarray) -> Any:
    from spectral import get_rgb

    return get_rgb(np.moveaxis(planes, 0, 2), bands=(0, 1, 2), stretch=(0.02, 0.98))
