"""Maps that a run leaves beside its scores can be looked at like any result."""

import numpy as np
import pytest

import hadviewer
from hadviewer.core.errors import HadviewerError, ParamError
from hadviewer.engine.beside import map_beside, maps_beside
from hadviewer.engine.recipe import read_recipe
from hadviewer.engine.verbs import as_cube


@pytest.fixture
def cube():
    values = np.random.default_rng(0).normal(size=(9, 12, 6)).astype(np.float32)
    values[:2, :3] = np.nan
    return as_cube(values)


@pytest.fixture
def result(cube):
    return hadviewer.detect(cube, "fusion", detectors="grx,wrx")


def test_it_is_the_map_of_its_name(cube, result):
    assert maps_beside(result) == ("grx", "wrx")
    beside = map_beside(result, "wrx")
    np.testing.assert_array_equal(beside.scores, hadviewer.detect(cube, "wrx").scores)
    np.testing.assert_array_equal(beside.valid, result.valid)
    assert maps_beside(beside) == ()


def test_a_name_it_does_not_have_is_refused(result):
    with pytest.raises(ParamError, match="no map 'lrx'"):
        map_beside(result, "lrx")


def test_its_recipe_does_not_pretend_to_repeat_it(cube, result, tmp_path):
    hadviewer.export(map_beside(result, "grx"), tmp_path, ["npy"], cube=cube)
    with pytest.raises(HadviewerError, match=r"is of the map 'grx' that a run left beside .* Run its request again"):
        read_recipe(tmp_path / "recipe.json")


@pytest.mark.parametrize("turned", [False, True])
def test_a_fusion_with_it_does_not_pretend_to_be_one_of_the_detector(cube, turned):
    auto = hadviewer.detect(cube, "auto")
    maps = [map_beside(auto, "Cluster map"), hadviewer.detect(cube, "wrx")]
    fused = hadviewer.fuse(maps[::-1] if turned else maps)
    assert fused.provenance["repeatable"] is False
    assert "beside" not in fused.provenance
    assert set(fused.extras) == {"auto · Cluster map", "wrx"}
