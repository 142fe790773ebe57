"""Growing by spectral angle: against a slow flood fill, at every size, and no more read than needed."""

import numpy as np
import pytest

from hadviewer.analysis import growing
from hadviewer.analysis.growing import grow, spectral_angles
from hadviewer.core import runs as runs_of
from hadviewer.core.cube import Window

SHAPE = (40, 50)


@pytest.fixture
def scene() -> np.ndarray:
    """Spectra that turn by up to 20 degrees and differ in brightness, which does not count."""
    rng = np.random.default_rng(3)
    turn = np.radians(rng.choice([0.0, 2.0, 20.0], SHAPE, p=[0.4, 0.3, 0.3]))
    return np.stack((np.cos(turn), np.sin(turn)), axis=-1) * rng.uniform(10, 90, (*SHAPE, 1))


def flood(alike: np.ndarray, seed: tuple[int, int], diagonal: bool) -> np.ndarray:
    reached, waiting = np.zeros(alike.shape, dtype=bool), [seed]
    while waiting:
        row, col = waiting.pop()
        if not (0 <= row < alike.shape[0] and 0 <= col < alike.shape[1]) or reached[row, col] or not alike[row, col]:
            continue
        reached[row, col] = True
        steps = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
        waiting += [(row + down, col + right) for down, right in steps if diagonal or 0 in (down, right)]
    return reached


@pytest.mark.parametrize("diagonal", [True, False])
@pytest.mark.parametrize("reach", [2, 100], ids=["window after window", "at once"])
def test_it_equals_a_flood_fill(scene: np.ndarray, diagonal: bool, reach: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growing, "FIRST_REACH", reach)
    alike = np.degrees(np.arctan2(scene[..., 1], scene[..., 0])) < 5
    seed = (17, 23) if alike[17, 23] else tuple(np.argwhere(alike)[500])
    reference = np.degrees(np.arctan2(scene[..., 1], scene[..., 0]))
    wanted = flood(np.abs(reference - reference[seed]) <= 5, seed, diagonal)
    found = grow(lambda window: scene[window.slices], SHAPE, seed, 5.0, diagonal=diagonal)
    assert np.array_equal(runs_of.to_mask(found.runs, SHAPE), wanted)
    assert not found.full


def test_only_the_surroundings_of_a_small_region_are_read() -> None:
    scene = np.ones((2000, 2000, 2), dtype=np.float32)
    scene[..., 1] = 0
    scene[1000:1010, 1000:1010] = 1
    seen: list[Window] = []

    def read(window: Window) -> np.ndarray:
        seen.append(window)
        return scene[window.slices]

    assert runs_of.count(grow(read, (2000, 2000), (1005, 1005), 1.0).runs) == 100
    assert sum(window.shape[0] * window.shape[1] for window in seen) < 20_000


def test_a_region_that_would_be_too_large_keeps_what_is_nearest() -> None:
    scene = np.ones((60, 60, 3))
    found = grow(lambda window: scene[window.slices], (60, 60), (30, 30), 1.0, diagonal=False, most=41)
    rows, cols = np.nonzero(runs_of.to_mask(found.runs, (60, 60)))
    assert found.full
    assert len(rows) == 41
    assert (np.abs(rows - 30) + np.abs(cols - 30)).max() == 4, "a diamond of 41 pixels has this radius"


def test_nothing_grows_where_there_is_no_value() -> None:
    scene = np.full((5, 5, 2), np.nan)
    assert len(grow(lambda window: scene[window.slices], (5, 5), (2, 2), 90.0).runs) == 0


def test_angles_are_exact_near_zero_too() -> None:
    tiny = 1e-6
    values = np.array([[1.0, np.tan(np.radians(tiny))], [0.0, 3.0], [-2.0, 0.0], [0.0, 0.0]])
    found = spectral_angles(values, np.array([5.0, 0.0]))
    np.testing.assert_allclose(found[:3], [tiny, 90, 180], rtol=1e-6)
    assert np.isnan(found[3])
