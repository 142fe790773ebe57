"""The values that decide a stretch are those one means: of the scene, all of them, or what is in sight."""

import numpy as np
import pytest

from hadviewer.core.bands import BandSet
from hadviewer.core.cube import Cube, Window
from hadviewer.io.sources import ArraySource
from hadviewer.render.cache import ArrayCache
from hadviewer.render.planes import ScenePlanes
from hadviewer.render.samples import every, in_sight
from hadviewer.render.tiling import Viewport

ARRAY = np.arange(60 * 70 * 2, dtype=np.float32).reshape(60, 70, 2)


@pytest.fixture
def planes() -> ScenePlanes:
    return ScenePlanes(Cube(ArraySource(ARRAY), BandSet(2)), ArrayCache(2**24), tile=16)


def test_every_value_of_each_band(planes: ScenePlanes) -> None:
    for band, values in enumerate(every(planes, (0, 1))):
        assert np.array_equal(np.sort(values), np.sort(ARRAY[:, :, band].ravel()))


@pytest.mark.parametrize("window", [Window(0, 60, 0, 70), Window(13, 37, 5, 64), Window(-9, 4, 60, 99)])
def test_in_sight_is_what_lies_in_the_window(planes: ScenePlanes, window: Window) -> None:
    inside = ARRAY[max(0, window.row0) : window.row1, max(0, window.col0) : window.col1, 1]
    (values,) = in_sight(planes, (1,), Viewport(window, 2.0))
    assert np.array_equal(np.sort(values), np.sort(inside.ravel()))


def test_in_sight_of_a_small_picture_are_its_means(planes: ScenePlanes) -> None:
    (values,) = in_sight(planes, (0,), Viewport(Window(0, 60, 0, 70), 0.25))
    assert values.size == 15 * 18
    assert values.mean() == pytest.approx(ARRAY[:, :, 0].mean(), rel=0.02)


def test_missing_values_are_left_out() -> None:
    holes = ARRAY.copy()
    holes[:30] = np.nan
    planes = ScenePlanes(Cube(ArraySource(holes), BandSet(2)), ArrayCache(2**24), tile=16)
    (values,) = every(planes, (0,))
    assert values.size == 30 * 70


def test_beside_the_scene_nothing_is_in_sight(planes: ScenePlanes) -> None:
    assert in_sight(planes, (0,), Viewport(Window(80, 90, 80, 90), 1.0))[0].size == 0
