"""Composites are finished pictures that a screen shows as they are."""

import numpy as np
import pytest

from hadviewer.render.composite import composite
from hadviewer.render.stretch import Curve


def plane(*values: float) -> np.ndarray:
    return np.array([values], dtype=np.float32)


def test_three_planes_become_red_green_and_blue() -> None:
    picture = composite([plane(0, 1), plane(1, 0), plane(0.5, 0.5)], [Curve(0, 1)] * 3)
    assert picture.tolist() == [[[0, 255, 128, 255], [255, 0, 128, 255]]]


def test_one_plane_becomes_grey() -> None:
    assert composite([plane(0, 10)], [Curve(0, 10)]).tolist() == [[[0, 0, 0, 255], [255, 255, 255, 255]]]


def test_a_pixel_missing_in_any_plane_is_transparent() -> None:
    picture = composite([plane(np.nan, 1), plane(1, 1), plane(1, 1)], [Curve(0, 2)] * 3)
    assert picture[0, 0].tolist() == [0, 0, 0, 0]
    assert picture[0, 1].tolist() == [128, 128, 128, 255]


def test_each_channel_has_limits_of_its_own() -> None:
    assert composite([plane(1)] * 3, [Curve(0, 1), Curve(0, 2), Curve(1, 2)])[0, 0].tolist() == [255, 128, 0, 255]


def test_for_the_screen_blue_comes_first() -> None:
    planes, curves = [plane(0, 1), plane(1, 0), plane(0.5, np.nan)], [Curve(0, 1)] * 3
    usual, screen = composite(planes, curves), composite(planes, curves, screen=True)
    assert np.array_equal(screen, usual[:, :, [2, 1, 0, 3]])
    assert np.array_equal(composite(planes[:1], curves[:1], screen=True), composite(planes[:1], curves[:1]))


def test_a_picture_is_contiguous_and_the_same_whatever_the_blocks() -> None:
    planes = [np.random.default_rng(n).normal(size=(300, 701)).astype(np.float32) for n in range(3)]
    whole = composite(planes, [Curve(-2, 2)] * 3)
    parts = np.concatenate([composite([p[r : r + 7] for p in planes], [Curve(-2, 2)] * 3) for r in range(0, 300, 7)])
    assert whole.flags.c_contiguous
    assert np.array_equal(whole, parts)


def test_two_planes_are_no_picture() -> None:
    with pytest.raises(ValueError, match="one or three"):
        composite([plane(1), plane(1)], [Curve(0, 1)] * 2)
