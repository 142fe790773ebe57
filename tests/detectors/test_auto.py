"""The automatic detector reproduces its measured design, and says what it cannot see."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from scipy.stats import rankdata, spearmanr

import hadviewer
from hadviewer.analysis.roc import auc
from hadviewer.core.context import Context
from hadviewer.core.errors import DetectorError
from hadviewer.detectors import auto as module
from hadviewer.detectors.auto import AutoParams, auto
from tests.detectors.implants import OBJECTS, foreign, implanted

# Areas under the ROC curve of the design's prototype.
FIGURES = {
    "abu-airport-1": 0.9890,
    "abu-airport-2": 0.9946,
    "abu-airport-4": 0.9948,
    "abu-beach-1": 0.9998,
    "abu-urban-1": 0.9968,
    "abu-urban-2": 0.9978,
    "abu-urban-3": 0.9979,
    "hydice-17": 0.9992,
    "hydice-19": 0.9978,
    "pavia-crop": 0.9968,
    "sandiego-134": 0.9870,
    "sandiego-58": 0.9962,
}


def scene(rows=48, cols=55, bands=20, seed=0):
    """Smooth mixtures of four materials with three small objects of a fifth, and where these are."""
    rng = np.random.default_rng(seed)
    shares = np.exp(3 * gaussian_filter(rng.normal(size=(rows, cols, 4)), (6, 6, 0)) / 0.05)
    spectra = gaussian_filter(rng.random((5, bands)), (0, 2)) * 3000
    cube = shares / shares.sum(axis=2, keepdims=True) @ spectra[:4] + rng.normal(0, 10, (rows, cols, bands))
    targets = np.zeros((rows, cols), bool)
    for row, col, side in ((8, 9, 2), (30, 40, 3), (20, 25, 1)):
        targets[row : row + side, col : col + side] = True
    cube[targets] = spectra[4]
    return cube.astype(np.float32), targets


def score(cube, ctx=None, **params):
    return auto(cube, AutoParams(**params), ctx or Context())


@pytest.mark.parametrize("name", FIGURES)
def test_reproduces_the_prototype_on_real_scenes(data_dir, scenes, name):
    opened = hadviewer.open(scenes / f"{name}.mat")
    scores = hadviewer.detect(opened.cube, "auto").scores
    assert auc(scores, opened.truth.mask) == pytest.approx(FIGURES[name], abs=5e-4)
    assert auc(scores, opened.truth.mask) > 0.985
    prototype = np.load(data_dir / "reference_maps" / "auto-prototype" / f"{name}.npy")
    assert spearmanr(scores.ravel(), prototype.ravel()).statistic > 0.9999
    np.testing.assert_allclose(scores, prototype, atol=5e-3 * float(prototype.max()))


@pytest.mark.parametrize("kind", ["its own", "foreign"])
@pytest.mark.parametrize("pixels", [1, 100])
def test_finds_implanted_targets(scenes, pixels, kind):
    """The design's implants; the benchmark has all sizes, both scenes and three draws."""
    opened, other = (hadviewer.open(scenes / f"{name}.mat") for name in ("abu-urban-1", "pavia-crop"))
    cube, truth = opened.cube.values(), opened.truth.mask
    source = opened if kind == "its own" else other
    spectra = source.cube.values(dtype=np.float64)[source.truth.mask]
    targets = spectra if kind == "its own" else foreign(spectra, cube)
    changed, places = implanted(cube, truth, targets, round(pixels**0.5), OBJECTS[pixels], seed=0)
    assert auc(score(changed), places, ignore=truth & ~places) > 0.98


def test_small_objects_of_another_material_come_first():
    cube, targets = scene()
    assert auc(score(cube), targets) > 0.99


def test_does_not_change_under_a_gain_and_an_offset():
    cube, _ = scene()
    changed = score((cube * 4 + 1024).astype(np.float32))
    assert spearmanr(changed.ravel(), score(cube).ravel()).statistic > 0.999


@pytest.mark.parametrize("turn", [np.flipud, np.fliplr, lambda cube: cube.transpose(1, 0, 2)])
def test_turns_with_the_scene(turn):
    cube, targets = scene()
    turned = score(np.ascontiguousarray(turn(cube)))
    assert spearmanr(turned.ravel(), turn(score(cube)[..., None])[..., 0].ravel()).statistic > 0.98
    assert auc(turned, turn(targets[..., None])[..., 0]) == pytest.approx(auc(score(cube), targets), abs=0.005)


def test_another_seed_changes_next_to_nothing():
    cube, _ = scene()
    assert spearmanr(score(cube, Context(seed=7)).ravel(), score(cube).ravel()).statistic > 0.99


def test_a_scene_that_ends_at_a_gap_scores_as_one_that_ends_there():
    """Gaps and edges are treated alike: the lines below a gap's edge might as well not be in the file."""
    cube, _ = scene()
    gap = cube.copy()
    gap[35:] = np.nan
    np.testing.assert_allclose(score(gap)[:35], score(cube[:35]), rtol=1e-5)


def test_gaps_make_no_structures():
    """Where a tenth of the pixels is dead and the corners are missing, the others keep their scores, roughly."""
    cube, targets = scene()
    dead = np.random.default_rng(5).random(targets.shape) < 0.1
    dead[:9, :9] = dead[-8:, -11:] = True
    dead &= ~targets
    spoiled = cube.copy()
    spoiled[dead] = np.nan
    found, clean = score(spoiled), score(cube)
    assert np.isnan(found[dead]).all()
    # Dead pixels take small structures with them, so ranks deep in the background move.
    assert spearmanr(found[~dead], clean[~dead]).statistic > 0.75
    assert auc(found, targets) > 0.99
    beside = gaussian_filter(dead.astype(float), 1)[~dead] > 0.1
    assert np.median(rankdata(found[~dead])[beside]) / (~dead).sum() < 0.6


def test_local_contrast_raises_what_stands_out_of_quiet_surroundings():
    score_map = np.full((80, 80), 2.0)
    score_map[:, 40:] = 8.0
    score_map[20, 20] = score_map[20, 60] = 10.0
    contrast = module._local_contrast(score_map, np.ones((80, 80), bool))
    assert contrast[20, 20] > 1.5 * contrast[20, 60]
    assert contrast[70, 70] == pytest.approx(8 / (8 + 5), rel=0.01)


def test_local_contrast_equals_its_definition():
    rng = np.random.default_rng(0)
    values = rng.random((50, 47))
    found = module._local_contrast(values, np.ones(values.shape, bool))
    capped = np.pad(np.minimum(values, np.quantile(values, 0.98)), 15, mode="symmetric")
    for row, col in ((0, 0), (25, 20), (49, 46), (3, 40)):
        window = capped[row : row + 31, col : col + 31]
        ring = (window.sum() - window[10:21, 10:21].sum()) / (31**2 - 11**2)
        expected = values[row, col] / (ring + capped[15:-15, 15:-15].mean())
        assert found[row, col] == pytest.approx(expected, rel=1e-10)


def test_fusion_is_fishers_sum_of_weighted_logarithms():
    maps = [np.array([[1.0, 5.0], [3.0, 3.0]]), np.array([[9.0, 8.0], [7.0, 6.0]])]
    found = module._fisher(maps, [1.0, 1.5], np.ones((2, 2), bool))
    # Pixels that score higher, equal ones and the pixel itself by half, out of four.
    shares = np.array([[[3.5, 0.5], [2.0, 2.0]], [[0.5, 1.5], [2.5, 3.5]]]) / 4
    np.testing.assert_allclose(found, -np.log(shares[0]) - 1.5 * np.log(shares[1]))


def test_says_up_to_which_size_it_sees_and_that_scores_are_ranks():
    ctx = Context()
    score(scene()[0], ctx)
    assert any("more than about 66 pixels" in note and "ranks within this scene" in note for note in ctx.remarks)


def test_noise_is_said_to_hold_nothing_and_targets_are_not():
    noise, plain = Context(), Context()
    score(np.random.default_rng(0).normal(size=(60, 60, 12)).astype(np.float32), noise)
    score(scene()[0], plain)
    assert any("Nothing stands out clearly" in note for note in noise.remarks)
    assert not any("Nothing stands out clearly" in note for note in plain.remarks)


def test_without_local_contrast_the_fused_ranks_come_as_they_are():
    cube, _ = scene()
    plain = score(cube, local_contrast=False)
    assert plain.min() > 0
    assert spearmanr(plain.ravel(), score(cube).ravel()).statistic > 0.8


def test_keeps_the_maps_that_say_why_a_pixel_stands_out():
    ctx = Context()
    cube, targets = scene()
    cube[0, 0] = np.nan
    score(cube, ctx)
    assert set(ctx.extras) == {"Attribute map", "Morphological map", "Cluster map"}
    for one in ctx.extras.values():
        assert one.dtype == np.float32
        assert np.isnan(one[0, 0])
        assert auc(one, targets) > 0.8


def test_spectra_that_are_all_alike_score_zero():
    ctx = Context()
    assert (score(np.full((12, 9, 4), 3.0, np.float32), ctx) == 0).all()
    assert any("nothing to find" in note for note in ctx.remarks)


def test_too_few_pixels_are_refused():
    cube = np.full((5, 6, 3), np.nan, np.float32)
    cube[0, 0] = 1
    with pytest.raises(DetectorError, match="at least two valid pixels"):
        score(cube)


def test_a_scene_that_memory_cannot_take_is_refused_before_it_is_tried(monkeypatch):
    import psutil

    class Little:
        available = 2**20

    monkeypatch.setattr(psutil, "virtual_memory", Little)
    with pytest.raises(DetectorError, match=r"needs about 0\.0 GiB of memory"):
        score(scene()[0])
