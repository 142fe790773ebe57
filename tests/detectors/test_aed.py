"""AED gives the map of its definition and the figures of its prototype on real scenes."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from scipy.stats import spearmanr

import hadviewer
from hadviewer.analysis.roc import auc
from hadviewer.core.context import Context
from hadviewer.core.errors import DetectorError, ParamError
from hadviewer.core.params import parse
from hadviewer.detectors.aed import AEDParams, aed, split_areas
from hadviewer.engine import verbs
from tests.detectors import reference_attributes as reference

# Catalogue, appendix A: area under the ROC curve of AED with κ = 64 and of the attribute difference alone.
FIGURES = {
    "abu-airport-1": (0.9692, 0.9665),
    "abu-airport-2": (0.9900, 0.9708),
    "abu-airport-4": (0.9948, 0.9927),
    "abu-beach-1": (0.9935, 0.9817),
    "abu-urban-1": (0.9958, 0.9942),
    "abu-urban-2": (0.9936, 0.9955),
    "abu-urban-3": (0.9943, 0.9947),
    "hydice-17": (0.9879, 0.9948),
    "hydice-19": (0.9488, 0.9823),
    "pavia-crop": (0.9987, 0.9921),
    "sandiego-134": (0.9882, 0.9857),
    "sandiego-58": (0.9951, 0.9962),
}
PLAIN = {"small_only": False, "smooth": False}


def scene(rows=41, cols=52, bands=8, seed=0):
    """Smooth mixtures of four materials with a few small objects of a fifth, float32 (rows, cols, bands)."""
    rng = np.random.default_rng(seed)
    shares = np.exp(3 * gaussian_filter(rng.normal(size=(rows, cols, 4)), (6, 6, 0)) / 0.05)
    spectra = rng.random((5, bands)) * 3000
    cube = shares / shares.sum(axis=2, keepdims=True) @ spectra[:4] + rng.normal(0, 20, (rows, cols, bands))
    for row, col, side in ((8, 9, 2), (30, 40, 3), (20, 25, 1)):
        cube[row : row + side, col : col + side] = spectra[4]
    return cube.astype(np.float32)


def score(cube, **params):
    return aed(cube, parse(AEDParams, params), Context())


@pytest.mark.parametrize("small_only", [True, False])
@pytest.mark.parametrize("smooth", [True, False])
@pytest.mark.parametrize("area", [16, 64])
def test_equals_the_definition(area, small_only, smooth):
    found = score(scene(), areas=str(area), small_only=small_only, smooth=smooth)
    expected = reference.unit(reference.aed(scene(), area, small_only, smooth))
    # A level of 1000 may fall either way where a component lies half way between two.
    assert np.abs(found - expected).max() < 0.01
    assert np.abs(found - expected).mean() < 1e-4


@pytest.mark.parametrize("name", FIGURES)
def test_reaches_the_figures_of_the_prototype(scenes, name):
    scene = hadviewer.open(scenes / f"{name}.mat")
    maps = [hadviewer.detect(scene.cube, "aed", params=params).scores for params in ({}, PLAIN)]
    found = tuple(auc(one, scene.truth.mask) for one in maps)
    assert found == pytest.approx(FIGURES[name], abs=5e-4)


def test_a_negative_image_and_another_gain_score_the_same():
    """Bright and dark count alike, and components are brought to one range."""
    cube = scene().astype(np.float64)
    for changed in (-cube, cube * 250 + 1e4):
        difference = np.abs(score(changed, **PLAIN) - score(cube, **PLAIN))
        assert difference.max() < 0.01


@pytest.mark.parametrize("turn", [np.flipud, np.fliplr, lambda cube: cube.transpose(1, 0, 2)])
def test_the_attribute_difference_turns_with_the_scene(turn):
    turned = score(np.ascontiguousarray(turn(scene())), **PLAIN)
    straight = turn(score(scene(), **PLAIN)[..., None])[..., 0]
    np.testing.assert_allclose(turned, straight, atol=0.01)


def test_a_target_is_seen_only_below_the_largest_area():
    cube = np.full((40, 40, 4), 100, np.float32) + np.random.default_rng(0).normal(0, 1, (40, 40, 4)).astype(np.float32)
    cube[10:16, 10:16] += 500
    cube[30:32, 30:32] += 500
    seen, missed = (score(cube, areas=areas, components=1, **PLAIN)[10:16, 10:16] for areas in ("37", "36"))
    assert seen.min() > 0.9
    assert missed.max() < 0.1


def test_several_areas_add_what_each_gives():
    one, other = score(scene(), areas="16", **PLAIN), score(scene(), areas="100", **PLAIN)
    np.testing.assert_allclose(score(scene(), areas="100, 16", **PLAIN), one + other, rtol=1e-6)


@pytest.mark.parametrize("text", ["", "16;36", "1", "4,,5", "-3", "9999999", "²"])
def test_areas_that_are_none_are_refused_in_one_sentence(text):
    with pytest.raises(ParamError, match=r"^areas: .*\.$") as refusal:
        parse(AEDParams, {"areas": text})
    assert refusal.value.field == "areas"


def test_areas_are_sorted_and_counted_once():
    assert split_areas("64, 16,64") == [16, 64]


def test_lines_without_data_below_the_scene_change_little():
    """Along the gap structures end as they do at an edge of the scene; away from it nothing changes."""
    cube = scene(120, 60)
    cube[90:] = np.nan
    with_gap, cropped = score(cube, **PLAIN)[:90], score(cube[:90], **PLAIN)
    assert np.quantile(np.abs(with_gap - cropped)[:70], 0.99) < 0.01
    assert spearmanr(with_gap.ravel(), cropped.ravel()).statistic > 0.95


def test_many_single_dead_pixels_make_no_structures():
    cube = scene()
    dead = np.random.default_rng(5).random(cube.shape[:2]) < 0.1
    spoiled = cube.copy()
    spoiled[dead] = np.nan
    clean, found = score(cube, **PLAIN), score(spoiled, **PLAIN)
    assert np.isnan(found[dead]).all()
    assert spearmanr(clean[~dead], found[~dead]).statistic > 0.9


def test_a_small_scene_lowers_the_area_and_says_so():
    result = hadviewer.detect(scene(9, 10), "aed")
    assert any("areas above 22 were lowered" in note for note in result.notes)


@pytest.mark.parametrize("size", [(1, 70), (70, 1), (2, 40), (40, 2), (1, 1)])
def test_scenes_of_one_or_two_lines_are_scored(size):
    scores = score(scene(80, 80)[: size[0], : size[1]])
    assert np.isfinite(scores).all()


def test_spectra_that_are_all_alike_score_zero():
    assert (score(np.full((12, 9, 4), 3.0, np.float32)) == 0).all()


def test_a_scene_without_valid_pixels_is_refused():
    with pytest.raises(DetectorError, match="needs valid pixels"):
        score(np.full((5, 6, 3), np.nan, np.float32))


def test_clipping_keeps_a_saturated_pixel_from_ruling_the_scene():
    cube = scene()
    cube[2, 2] = 1e6
    ruled, clipped = (score(cube, clip=clip, components=1, **PLAIN)[8:10, 9:11] for clip in (0, 0.5))
    assert ruled.max() < 0.05
    assert clipped.min() > 0.2


def test_can_be_asked_for_as_text():
    result = verbs.detect(scene(), "aed", params={"areas": "16,36", "smooth": "no"})
    assert result.request.params["areas"] == "16,36"


@pytest.mark.parametrize(("name", "figure"), [("hydice-19", 0.9905), ("abu-airport-1", 0.9731), ("pavia-crop", 0.9960)])
def test_at_four_areas_the_rank_fusion_reaches_the_figures_of_the_prototype(scenes, name, figure):
    """Catalogue, appendix A, last column: multi-scale AED, its attribute difference and clusters, by rank sum."""
    four = "aed:areas=16,36,64,100"
    scene = hadviewer.open(scenes / f"{name}.mat")
    params = {"detectors": f"{four},{four}:small_only=no:smooth=no,cbad"}
    scores = hadviewer.detect(scene.cube, "fusion", params=params).scores
    assert auc(scores, scene.truth.mask) == pytest.approx(figure, abs=5e-4)
