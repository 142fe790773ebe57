"""hadviewer detect with regions of interest from a file, and the recipe that repeats it."""

import numpy as np
import pytest

from hadviewer.core.cube import Window
from hadviewer.core.region import Region, rectangle
from hadviewer.io.regions.files import write_regions


@pytest.fixture
def regions(tmp_path):
    """A file of two regions of the scene."""
    drawn = [
        Region(1, "Field", parts=(rectangle(Window(0, 18, 0, 30)),)),
        Region(2, "Edge", parts=(rectangle(Window(18, 20, 0, 30)),)),
    ]
    return write_regions(tmp_path / "regions.xml", drawn, (20, 30))


def test_regions_limit_the_run_and_the_recipe_repeats_it(shell, scene, regions, tmp_path):
    flags = ("--roi", f"{regions}:Field", "--exclude", f"{regions}:Edge", "--out", tmp_path / "one", "--format", "npy")
    found = shell.json("detect", scene, "-d", "grx", "--device", "cpu", *flags)
    assert found["invalid_pixels"] == 60
    assert found["recipe"]["request"]["inside"] == {"name": "Field", "pixels": "0-17:0-29"}
    again = ("--recipe", tmp_path / "one" / "recipe.json", "--out", tmp_path / "two", "--format", "npy")
    assert shell("detect", *again) == 0, shell.err
    first, second = (np.load(next((tmp_path / folder).glob("*.npy"))) for folder in ("one", "two"))
    np.testing.assert_array_equal(first, second)


def test_the_background_comes_from_a_region(shell, scene, regions):
    found = shell.json("detect", scene, "-d", "grx", "--background", f"{regions}:Edge")
    assert found["invalid_pixels"] == 0
    assert any("'Edge'" in note for note in found["notes"])
    assert "cannot take its background" in shell.refuses(2, "detect", scene, "-d", "lrx", "--background", regions)


def test_a_region_that_is_not_there_is_named(shell, scene, regions):
    assert "It holds Field, Edge." in shell.refuses(3, "detect", scene, "-d", "grx", "--roi", f"{regions}:Lake")


def test_regions_have_no_place_beside_a_recipe(shell, scene, regions, tmp_path):
    assert shell("detect", scene, "-d", "grx", "--out", tmp_path) == 0
    assert "--roi" in shell.refuses(2, "detect", "--recipe", tmp_path / "recipe.json", "--roi", regions)
