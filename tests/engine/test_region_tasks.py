"""Statistics of regions: equal to those of all their pixels at once, reading little else."""

from pathlib import Path

import numpy as np
import pytest

from hadviewer.core import runs as runs_of
from hadviewer.core.context import Context
from hadviewer.core.cube import Cube, Window
from hadviewer.engine import region_tasks, verbs
from hadviewer.engine.region_tasks import (
    grow_region,
    measure_regions,
    range_of_band,
    region_spectra,
    region_windows,
    write_statistics,
)
from hadviewer.engine.tasks import CubeReference

SHAPE = (30, 40)


@pytest.fixture
def cube() -> Cube:
    values = np.random.default_rng(2).normal(1e4, 3, (*SHAPE, 5)).astype(np.float32)
    values[3:6, 4:9, 2] = np.nan
    return verbs.as_cube(values)


@pytest.fixture
def mask() -> np.ndarray:
    mask = np.random.default_rng(4).random(SHAPE) > 0.7
    mask[10:14] = False
    return mask


@pytest.mark.parametrize("strip", [1, 4000, 1 << 30])
def test_they_equal_those_of_the_pixels(
    cube: Cube, mask: np.ndarray, strip: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(region_tasks, "STRIP_BYTES", strip)
    found = region_spectra(cube, runs_of.of_mask(mask))
    pixels = cube.values()[mask].astype(np.float64)
    np.testing.assert_array_equal(found.count, np.isfinite(pixels).sum(axis=0))
    np.testing.assert_allclose(found.mean, np.nanmean(pixels, axis=0), rtol=1e-12)
    np.testing.assert_allclose(found.std, np.nanstd(pixels, axis=0), rtol=1e-9)
    np.testing.assert_array_equal(found.minimum, np.nanmin(pixels, axis=0))
    np.testing.assert_array_equal(found.maximum, np.nanmax(pixels, axis=0))


def test_lines_without_pixels_are_not_read(mask: np.ndarray) -> None:
    windows = region_windows(runs_of.of_mask(mask), 5)
    assert not any(window.row0 < 14 and window.row1 > 10 for window in windows)
    far = np.zeros((1000, 1000), dtype=bool)
    far[5, 990:], far[900, :3] = True, True
    assert region_windows(runs_of.of_mask(far), 5) == [Window(5, 6, 990, 1000), Window(900, 901, 0, 3)]


def test_a_region_without_a_value_has_no_mean(cube: Cube) -> None:
    found = region_spectra(cube, runs_of.EMPTY)
    assert np.isnan(found.mean).all()
    assert not found.count.any()


def test_the_worker_measures_several(cube: Cube, mask: np.ndarray) -> None:
    runs = [runs_of.of_mask(mask), runs_of.of_mask(~mask)]
    found = measure_regions(CubeReference.of(cube), runs, Context())
    np.testing.assert_array_equal(found[1].mean, region_spectra(cube, runs[1]).mean)


def test_a_range_of_a_band_is_found_strip_by_strip(cube: Cube, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(region_tasks, "STRIP_BYTES", 4 * 40 * 7)
    plane = cube.values()[:, :, 2]
    for low, high in ((10_000.0, 10_002.0), (10_001.0, None), (None, 9_999.0)):
        wanted = (plane >= (low or -np.inf)) & (plane <= (high or np.inf))
        assert np.array_equal(runs_of.to_mask(range_of_band(cube, 2, low, high), SHAPE), wanted)


def test_bad_bands_do_not_stop_growing() -> None:
    values = np.ones((10, 10, 3), dtype=np.float32)
    values[:, 5:] = (1, 9, 1)
    assert runs_of.to_text(grow_region(verbs.as_cube(values), (3, 3), 2.0, True, 1000).runs) == "0-9:0-4"


def test_the_table_has_a_row_per_band(cube: Cube, mask: np.ndarray, tmp_path: Path) -> None:
    found = region_spectra(cube, runs_of.of_mask(mask))
    path = write_statistics(tmp_path / "r.csv", ["Lake, north"], [found], np.arange(5.0) * 10 + 400)
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    assert len(lines) == 6
    assert lines[0].startswith('band,wavelength_nm,"Lake, north: count"')
    assert lines[1].startswith("1,400,")
