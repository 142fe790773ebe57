"""Spectra of files in the three orders, while browsing: our reader against spectral's, which reads band by band."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QTimer

from hadviewer.analysis.continuum import remove_continuum
from hadviewer.engine import verbs
from hadviewer.engine.profiles import ProfileLine, across, read_profile
from hadviewer.engine.spectra import SpectrumReader
from hadviewer.gui.controllers._spectra import Painting, read_live
from hadviewer.gui.views.spectral_axis import SpectralAxis
from hadviewer.io.writers.envi import write_envi_cube

SHAPE = (1200, 800, 220)
STEPS = 200


@pytest.fixture(scope="module", params=["bsq", "bil", "bip"])
def header(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cube of 422 MB."""
    rng = np.random.default_rng(0)
    path = tmp_path_factory.mktemp(request.param) / f"{request.param}.hdr"
    plane = rng.integers(0, 4000, SHAPE[:2]).astype(np.uint16)
    cube = np.empty(SHAPE, np.uint16)
    for band in range(SHAPE[2]):
        cube[:, :, band] = np.roll(plane, band)
    write_envi_cube(path, cube, interleave=request.param)
    del cube
    yield path
    path.with_suffix(".dat").unlink()


def milliseconds(act: Callable[[int, int], object], path: list[tuple[int, int]]) -> np.ndarray:
    """How long each place takes."""
    found = []
    for pixel in path:
        start = time.perf_counter()
        act(*pixel)
        found.append(1000 * (time.perf_counter() - start))
    return np.array(found)


def line(name: str, times: np.ndarray) -> str:
    return f"  {name:<50} median {np.median(times):8.3f}  p99 {np.percentile(times, 99):8.3f}  max {times.max():8.3f}"


def forget(header: Path) -> None:
    """Have the system drop what it keeps of a file, as far as it listens."""
    with header.with_suffix(".dat").open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def test_clicked_and_browsed_spectra(header: Path) -> None:
    import spectral

    theirs, cube = spectral.open_image(str(header)), verbs.open_scene(header).cube
    rng = np.random.default_rng(1)
    clicks = list(zip(rng.integers(0, 1200, STEPS).tolist(), rng.integers(0, 800, STEPS).tolist(), strict=True))
    drawn = ProfileLine((100, 100), (500, 700)).pixels()
    way = list(zip(*(places[::3].tolist() for places in drawn), strict=True))
    np.testing.assert_array_equal(theirs.read_pixel(*clicks[0]), SpectrumReader(cube).around(*clicks[0])[0])
    painting = Painting(SpectralAxis(np.ones(220, bool)), "none", "none")
    print(f"\n{header.stem}: milliseconds a spectrum, {SHAPE} uint16")
    for title, pixels in (("clicked anywhere", clicks), ("dragged", way)):
        for state in ("on disk", "in memory"):
            reader = SpectrumReader(cube)
            ways = {
                "spectral, band by band": lambda row, col: theirs.read_pixel(row, col, use_memmap=False),
                "spectral, mapped": theirs.read_pixel,
                "ours": reader.around,
            }
            found = {}
            for name, act in ways.items():
                if state == "on disk":
                    forget(header)
                found[name] = milliseconds(act, pixels)
                print(line(f"{title}, {state}: {name}", found[name]))
            ours = found.pop("ours").mean()
            print("    mean ratios to ours", *(f"{name} {peer.mean() / ours:.2f}" for name, peer in found.items()))
        again = milliseconds(lambda row, col, reader=reader: read_live(reader, (row, col, 1, 1), painting), pixels)
        print(line(f"{title}, read before, ready to draw: ours", again))
    reader = SpectrumReader(cube)
    print(line("9 x 9 window, dragged: ours", milliseconds(lambda row, col: reader.around(row, col, (9, 9)), way)))
    subregion = lambda row, col: theirs.read_subregion((row - 4, row + 5), (col - 4, col + 5), use_memmap=False)  # noqa: E731
    print(line("9 x 9 window, dragged: spectral, by rows and bands", milliseconds(subregion, way)))


def test_live_browse_in_the_window(qtbot, workbench, header: Path) -> None:  # type: ignore[no-untyped-def]
    from hadviewer.gui.views.spectrum_data import LIVE

    bench = workbench()
    bench.window.resize(1920, 1080)
    bench.scene.open(header)
    qtbot.waitUntil(lambda: bench.session.cube is not None and bench.jobs.idle, timeout=60_000)
    places = zip(*(part.tolist() for part in ProfileLine((100, 100), (700, 700)).pixels()), strict=True)
    moves, told = iter(places), []
    follow = bench.spectrum_view.follow

    def note(key: int, curve: object) -> None:
        follow(key, curve)
        if key == LIVE:
            told.append(time.perf_counter())

    bench.spectrum_view.follow = note
    timer = QTimer()
    timer.timeout.connect(lambda: bench.session.set_cursor(next(moves)))
    timer.start(8)
    start = time.perf_counter()
    qtbot.wait(3000)
    timer.stop()
    seconds = time.perf_counter() - start
    gaps = 1000 * np.diff(told)
    print(f"\n{header.stem}: live browse in the window, the mouse moved every 8 ms for {seconds:.1f} s")
    print(f"  {len(told) / seconds:.0f} spectra drawn a second")
    print(f"  gaps between them: p50 {np.median(gaps):.1f}  p99 {np.percentile(gaps, 99):.1f}  max {gaps.max():.1f} ms")


def test_profiles(header: Path) -> None:
    cube = verbs.open_scene(header).cube
    print(f"\n{header.stem}: milliseconds a profile of three bands")
    lines = {
        "row": across(SHAPE[:2], (600, 400), "row"),
        "column": across(SHAPE[:2], (600, 400), "column"),
        "diagonal": ProfileLine((0, 0), (1199, 799)),
    }
    for name, one in lines.items():
        print(
            line(name, milliseconds(lambda row, col, one=one: read_profile(cube, one, (20, 100, 200)), [(0, 0)] * 20))
        )


def test_continuum_removal() -> None:
    from spectral.algorithms.continuum import remove_continuum as theirs

    x = np.linspace(400, 2500, 400)
    rng = np.random.default_rng(0)
    spectra = 5 + np.cumsum(rng.normal(0, 0.01, (1000, 400)), axis=1) - ((x - 1200) / 2000) ** 2
    print("\nContinuum removal: milliseconds")
    for count in (1, 20, 1000):
        some = spectra[:count]
        np.testing.assert_allclose(theirs(some, x), remove_continuum(some, x))
        ours = milliseconds(lambda row, col, some=some: remove_continuum(some, x), [(0, 0)] * 5)
        peer = milliseconds(lambda row, col, some=some: theirs(some, x), [(0, 0)] * 5)
        print(line(f"{count} spectra of 400 bands", ours))
        print(f"  spectral / ours {np.median(peer) / np.median(ours):.1f}")


def test_twenty_curves_repaint(qtbot) -> None:  # type: ignore[no-untyped-def]
    from PyQt6.QtWidgets import QApplication

    from hadviewer.engine.pins import PIN_COLOURS
    from hadviewer.gui.views.spectrum_data import LIVE, Curve
    from hadviewer.gui.views.spectrum_view import SpectrumView

    view = SpectrumView()
    qtbot.addWidget(view)
    view.resize(900, 300)
    view.show()
    view.set_axis(SpectralAxis(np.ones(400, bool), np.linspace(400, 2500, 400)))
    rng = np.random.default_rng(0)
    values = 5 + np.cumsum(rng.normal(0, 0.1, (60, 400)), axis=1)
    colours = PIN_COLOURS * 3
    view.set_pins([Curve(key + 1, f"Line {key}", values[key], colours[key]) for key in range(20)])
    QApplication.processEvents()

    def move(number: int, _: int) -> None:
        view.follow(LIVE, Curve(LIVE, f"Cursor: line {number}", values[number % 60]))
        view.plot.viewport().repaint()

    def redraw(number: int, _: int) -> None:
        view.set_pins([
            Curve(key + 1, f"Line {key}", values[(key + number) % 60], colours[key]) for key in range(20)
        ])  # fmt: skip
        view.plot.viewport().repaint()

    print("\nPlot of 20 curves of 400 points: milliseconds with the repaint")
    print(line("one live curve moves over them", milliseconds(move, [(number, 0) for number in range(200)])))
    print(line("all of them change", milliseconds(redraw, [(number, 0) for number in range(60)])))
