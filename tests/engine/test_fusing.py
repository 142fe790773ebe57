"""Results and score maps that are already there can be fused, and what comes out says how it came."""

import json

import numpy as np
import pytest

import hadviewer
from hadviewer.core.errors import ParamError, ReadError
from hadviewer.core.results import DetectionRequest
from hadviewer.engine.recipe import read_recipe
from hadviewer.engine.verbs import as_cube


def scene(seed=0):
    rng = np.random.default_rng(seed)
    return as_cube((rng.normal(size=(12, 17, 6)) @ rng.normal(size=(6, 6)) + 50).astype(np.float32), "scene")


def detect(detector, cube=None, **options):
    return hadviewer.detect(cube or scene(), detector, device="cpu", **options)


def test_results_made_alike_fuse_to_what_the_detector_gives():
    parts = [detect("grx"), detect("cbad", clusters=3), detect("aed", areas="16,36", smooth=False)]
    fused = hadviewer.fuse(parts)
    assert fused.request.detector == "fusion"
    assert fused.request.params == {"detectors": "grx,cbad:clusters=3,aed:areas=16,36:smooth=False"}
    np.testing.assert_array_equal(fused.scores, hadviewer.detect(scene(), fused.request).scores)
    np.testing.assert_array_equal(fused.extras["cbad:clusters=3"], parts[1].scores)
    assert fused.notes == ("Sum of the ranks of grx, cbad:clusters=3, aed:areas=16,36:smooth=False.",)
    assert fused.seconds == pytest.approx(sum(part.seconds for part in parts))


def test_steps_bands_region_and_seed_that_all_share_are_kept():
    def request(detector):
        return DetectionRequest(
            detector=detector, transforms=({"id": "pca"},), bands="1-5", region=(1, 11, 2, 15), seed=3, device="cpu"
        )

    fused = hadviewer.fuse([hadviewer.detect(scene(), request(name)) for name in ("grx", "wrx")])
    assert (fused.request.bands, fused.request.seed, fused.request.transforms[0].id) == ("1-5", 3, "pca")
    np.testing.assert_array_equal(fused.scores, hadviewer.detect(scene(), fused.request).scores)
    np.testing.assert_array_equal(fused.valid, np.isfinite(fused.scores))
    assert fused.invalid_pixels == 12 * 17 - 10 * 13


def test_results_made_differently_fuse_too_but_no_recipe_pretends_to_repeat_them(tmp_path):
    parts = [detect("grx"), detect("grx", transforms=[("pca", {"components": 2})])]
    fused = hadviewer.fuse(parts)
    np.testing.assert_array_equal(fused.scores, hadviewer.fuse([part.scores for part in parts]))
    assert list(fused.extras) == ["grx (1)", "grx (2)"]
    assert "no single recipe repeats it" in fused.notes[1]
    hadviewer.export(fused, tmp_path, ["npy"])
    record = json.loads((tmp_path / "recipe.json").read_text())
    assert [part["detector"] for part in record["parts"]] == ["grx", "grx"]
    assert record["parts"][1]["transforms"][0]["params"]["components"] == 2
    with pytest.raises(ReadError, match="one run cannot repeat"):
        read_recipe(tmp_path / "recipe.json")


def test_a_recipe_of_results_made_alike_repeats_them(tmp_path):
    fused = hadviewer.fuse([detect("grx"), detect("ssrx", dropped=2)])
    hadviewer.export(fused, tmp_path, ["npy"])
    again = hadviewer.detect(scene(), read_recipe(tmp_path / "recipe.json").request)
    np.testing.assert_array_equal(again.scores, fused.scores)


def test_maps_fuse_to_a_map_over_what_all_of_them_score():
    first, second = detect("grx").scores.copy(), detect("ssrx").scores
    first[2, 3] = np.nan
    fused = hadviewer.fuse([first, second])
    assert fused.dtype == np.float32
    np.testing.assert_array_equal(np.isnan(fused), np.isnan(first))
    np.testing.assert_array_equal(
        hadviewer.fuse([detect("grx"), second]), hadviewer.fuse([detect("grx").scores, second])
    )


@pytest.mark.parametrize(
    ("items", "sentence"),
    [
        (list, "two or more score maps"),
        (lambda: [np.zeros((3, 4))], "two or more score maps"),
        (lambda: [np.zeros((3, 4)), np.zeros((4, 3))], "differ in size: 3 × 4, 4 × 3"),
        (lambda: [detect("grx")], "two or more results"),
        (lambda: [detect("grx"), detect("grx", as_cube(np.random.default_rng(0).random((5, 6, 3))))], "of different"),
        (lambda: [detect("grx"), detect("fusion", detectors="grx,ssrx")], "cannot hold a fusion"),
    ],
)
def test_what_does_not_fit_together_is_refused(items, sentence):
    with pytest.raises(ParamError, match=sentence):
        hadviewer.fuse(items())
