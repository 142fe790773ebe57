"""What takes a while with regions of interest: growing them, measuring them. Only their part of the scene is read."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hadviewer.core import runs as runs_of
from hadviewer.core.context import Context
from hadviewer.core.cube import ALL_BANDS, Cube, Window
from hadviewer.core.runs import Runs

if TYPE_CHECKING:
    from hadviewer.analysis.growing import Growth
    from hadviewer.analysis.statistics import BandStatistics
    from hadviewer.engine.tasks import CubeReference

STRIP_BYTES = 16 << 20
QUICK_BYTES = 64 << 20
"""What is read in well under a second."""


def grow_region(cube: Cube, seed: tuple[int, int], angle: float, diagonal: bool, most: int) -> "Growth":
    """Grow a region from a pixel by spectral angle over the usable bands, all where none is."""
    from hadviewer.analysis.growing import grow

    usable = cube.bands.usable_index()
    bands = usable if len(usable) else ALL_BANDS
    return grow(lambda window: cube.values(bands, window), cube.shape[:2], seed, angle, diagonal=diagonal, most=most)


def region_spectra(cube: Cube, runs: Runs, ctx: Context | None = None) -> "BandStatistics":
    """Count, mean, standard deviation, minimum and maximum of every band over the pixels of a region, in strips."""
    from hadviewer.analysis.statistics import band_statistics, joined_statistics

    windows = region_windows(runs, cube.shape[2])
    track = ctx.track(windows, message="Region") if ctx is not None else windows
    found = []
    for window in track:
        mask = runs_of.to_mask(runs, window.shape, window.row0, window.col0)
        found.append(band_statistics(cube.values(window=window)[mask]))
    return joined_statistics(found, cube.shape[2])


def measure_regions(reference: "CubeReference", several: Sequence[Runs], ctx: Context) -> "list[BandStatistics]":
    """``region_spectra`` of several regions, in the worker process."""
    cube = reference.open()
    found = []
    for number, runs in enumerate(several):
        ctx.frame(number / len(several), (number + 1) / len(several))
        found.append(region_spectra(cube, runs, ctx))
    return found


def reading_bytes(runs: Runs, bands: int) -> int:
    """How much of a scene has to be read for a region, as float32."""
    return sum(window.shape[0] * window.shape[1] * bands * 4 for window in region_windows(runs, bands))


def region_windows(runs: Runs, bands: int) -> list[Window]:
    """Strips of lines around the pixels of a region, top to bottom; lines without any are not in them."""
    return list(_strips(runs, max(1, STRIP_BYTES // (4 * bands))))


def _strips(runs: Runs, most: int) -> Iterator[Window]:
    """Windows of at most ``most`` pixels, one line at least."""
    if not len(runs):
        return
    rows, starts = np.unique(runs[:, 0], return_index=True)
    low = np.minimum.reduceat(runs[:, 1], starts).tolist()
    high = np.maximum.reduceat(runs[:, 2], starts).tolist()
    window: Window | None = None
    for row, col0, col1 in zip(rows.tolist(), low, high, strict=True):
        if window is not None and window.row1 == row:
            wider = Window(window.row0, row + 1, min(window.col0, col0), max(window.col1, col1))
            # A line beside the others would have much read that nobody asked for.
            if wider.shape[0] * wider.shape[1] <= most:
                window = wider
                continue
        if window is not None:
            yield window
        window = Window(row, row + 1, col0, col1)
    if window is not None:
        yield window


def range_of_map(values: NDArray[np.floating], low: float | None, high: float | None) -> Runs:
    """The pixels of a map (rows, cols) with low <= value <= high; None stands for no limit."""
    found = np.isfinite(values)
    if low is not None:
        found &= values >= low
    if high is not None:
        found &= values <= high
    return runs_of.of_mask(found)


def range_of_band(cube: Cube, band: int, low: float | None, high: float | None) -> Runs:
    """The pixels whose value in a band (from 0) lies in a range, read in strips."""
    parts = []
    for window in cube.strips(STRIP_BYTES * cube.shape[2], 4):
        plane = cube.values(np.array([band]), window)[:, :, 0]
        parts.append(range_of_map(plane, low, high) + np.array([window.row0, 0, 0], dtype=np.int32))
    return runs_of.joined(parts)


def write_statistics(
    path: Path, names: Sequence[str], several: "Sequence[BandStatistics]", centres: NDArray[np.float64] | None
) -> Path:
    """Write the statistics of regions as a table: a row per band, five columns per region."""
    from hadviewer.io.writers.table import write_csv

    figures = ("count", "mean", "std", "minimum", "maximum")
    header = ["band", *(["wavelength_nm"] if centres is not None else [])]
    header += [f"{name}: {figure}" for name in names for figure in figures]
    rows = [
        [
            band + 1,
            *([f"{centres[band]:.10g}"] if centres is not None else []),
            *(_cell(getattr(found, figure)[band]) for found in several for figure in figures),
        ]
        for band in range(len(several[0].mean) if several else 0)
    ]
    return write_csv(path, header, rows, "Statistics of regions of interest; std with divisor N")


def _cell(value: float) -> str:
    return "" if np.isnan(value) else f"{value:.9g}"
