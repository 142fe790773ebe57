"""Superpixels handed in beside the cube: recorded by how they are made, and made again from a recipe."""

import json

import numpy as np
import pytest

import hadviewer
from hadviewer.core.bands import BandSet
from hadviewer.core.context import Context
from hadviewer.core.cube import Cube, Window
from hadviewer.core.errors import ParamError, ReadError
from hadviewer.core.params import NoParams
from hadviewer.core.results import DetectionRequest
from hadviewer.core.specs import SPEC_ATTRIBUTE, detector
from hadviewer.engine import catalog, superpixel_tasks, tasks
from hadviewer.engine.export import export_result
from hadviewer.engine.inputs import SEGMENTS, Handed, make_again, run_with, segmented_bands
from hadviewer.engine.recipe import make_recipe, read_recipe
from hadviewer.io.sources import ArraySource


@detector(id="by-segment", title="By segment", family="Test")
def by_segment(cube, p: NoParams, ctx):
    """The number of each pixel's superpixel, 0 without superpixels."""
    return ctx.inputs.get(SEGMENTS, np.zeros(cube.shape[:2])).astype(np.float32)


@pytest.fixture(autouse=True)
def known(monkeypatch):
    """The catalogue with the detector above in it."""
    monkeypatch.setitem(catalog.detectors().specs, "by-segment", getattr(by_segment, SPEC_ATTRIBUTE))


@pytest.fixture
def cube():
    """24 x 32 pixels of four materials, 6 bands of which one is bad."""
    rng = np.random.default_rng(4)
    values = rng.normal(0, 0.01, (24, 32, 6)).astype(np.float32)
    values[:12] += np.linspace(0, 1, 6, dtype=np.float32)
    values[:, 16:] += np.linspace(1, 0, 6, dtype=np.float32)
    usable = np.array([True, True, False, True, True, True])
    return Cube(ArraySource(values), BandSet(6, usable=usable), name="four")


def segments_of(cube):
    params = superpixel_tasks.SuperpixelParams(number=12)
    labels, _, _ = superpixel_tasks.segment(
        tasks.CubeReference.of(cube), segmented_bands(cube), params, None, Context()
    )
    return Handed(labels, params.model_dump())


def test_the_detector_gets_the_array_and_the_recipe_how_it_is_made(cube):
    handed = segments_of(cube)
    result = run_with(DetectionRequest(detector="by-segment"), cube, {SEGMENTS: handed}, Context())
    np.testing.assert_array_equal(result.scores, handed.array)
    made = make_recipe(result)["inputs"]
    assert made == {"segments": superpixel_tasks.SuperpixelParams(number=12).model_dump()}
    assert json.loads(json.dumps(made)) == made


def test_a_recipe_gives_the_same_scores_again(cube, tmp_path):
    result = run_with(DetectionRequest(detector="by-segment"), cube, {SEGMENTS: segments_of(cube)}, Context())
    export_result(result, tmp_path, ("npy",), cube=cube)
    (place,) = tmp_path.glob("*recipe.json")
    recipe = read_recipe(place)
    again = hadviewer.detect(cube, recipe.request, inputs=make_again(recipe.inputs, cube))
    np.testing.assert_array_equal(again.scores, result.scores)
    assert again.provenance["inputs"] == result.provenance["inputs"]


def test_a_run_on_a_part_gets_that_part(cube):
    handed = segments_of(cube)
    request = DetectionRequest(detector="by-segment", region=Window(3, 15, 4, 20))
    result = run_with(request, cube, {SEGMENTS: handed}, Context())
    np.testing.assert_array_equal(result.scores[3:15, 4:20], handed.array[3:15, 4:20])


def test_a_run_without_inputs_says_nothing_of_them(cube):
    result = hadviewer.detect(cube, "by-segment")
    assert not result.scores.any()
    assert "inputs" not in make_recipe(result)


def test_a_fusion_of_runs_on_other_superpixels_is_not_repeatable(cube):
    request = DetectionRequest(detector="by-segment")
    with_segments = run_with(request, cube, {SEGMENTS: segments_of(cube)}, Context())
    fused = hadviewer.fuse([with_segments, hadviewer.detect(cube, "grx")])
    assert fused.provenance["repeatable"] is False


def test_a_recipe_with_an_unknown_input_is_refused(cube):
    with pytest.raises(ReadError, match="'weather'"):
        make_again({"weather": {}}, cube)
    with pytest.raises(ParamError):
        make_again({"segments": {"number": -3}}, cube)


@pytest.mark.parametrize("inputs", [[1], {"segments": 3}, "text"])
def test_a_recipe_with_damaged_inputs_is_refused(cube, tmp_path, inputs):
    data = make_recipe(hadviewer.detect(cube, "grx")) | {"inputs": inputs}
    (tmp_path / "recipe.json").write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(ReadError, match="damaged"):
        read_recipe(tmp_path / "recipe.json")


def test_recipes_of_before_there_were_channels_still_work(cube):
    former = {"number": 12, "compactness": 5.0, "components": 5, "adaptive": False}
    np.testing.assert_array_equal(make_again({SEGMENTS: former}, cube)[SEGMENTS].array, segments_of(cube).array)


def test_superpixels_of_the_composite_on_the_screen_are_made_again_from_its_bands(cube):
    params = {"number": 12, "channels": "composite", "composite": "1,4,5"}
    made = make_again({SEGMENTS: params}, cube)[SEGMENTS]
    assert made.options["composite"] == "1,4,5"
    np.testing.assert_array_equal(make_again({SEGMENTS: made.options}, cube)[SEGMENTS].array, made.array)
