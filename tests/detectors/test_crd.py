"""Collaborative representation against its definition, its invariances, and the measured figures."""

import numpy as np
import pytest

import hadviewer
from hadviewer.core.context import Context
from hadviewer.core.errors import ParamError
from hadviewer.core.params import parse
from hadviewer.detectors import crd as module
from hadviewer.detectors.crd import CRDParams, crd
from hadviewer.engine.blocks import ArrayBlocks
from tests.detectors.reference_crd import scores_by_definition

# Areas under the ROC curve as measured with another program on scenes continued by their mirror image: windows 7 and
# 11, penalty 0.01, in the catalogue's section on this detector.
MIRRORED = {
    "abu-airport-1": 0.944,
    "abu-airport-2": 0.942,
    "abu-airport-4": 0.958,
    "abu-urban-1": 0.998,
    "hydice-17": 0.940,
    "pavia-crop": 0.976,
    "sandiego-58": 0.969,
}


def scene(rows=14, cols=17, bands=20, seed=0):
    """Two materials in a mixture with noise."""
    rng = np.random.default_rng(seed)
    materials = rng.uniform(100, 1000, (2, bands))
    share = rng.uniform(size=(rows, cols, 1))
    return (materials[0] * share + materials[1] * (1 - share) + rng.normal(0, 20, (rows, cols, bands))).astype("f4")


def score(cube, ctx=None, **params):
    return crd(ArrayBlocks(cube), CRDParams(**{"inner": 3, "outer": 5, **params}), ctx or Context())


@pytest.mark.parametrize("sum_to_one", [False, True], ids=["plain", "sum to one"])
@pytest.mark.parametrize("penalty", [1e-6, 1e-2, 10])
@pytest.mark.parametrize("bands", [30, 6], ids=["fewer samples than bands", "more samples than bands"])
def test_equals_its_definition(bands, penalty, sum_to_one):
    cube = scene(bands=bands)
    expected = scores_by_definition(cube, 3, 5, penalty, sum_to_one)
    np.testing.assert_allclose(score(cube, penalty=penalty, sum_to_one=sum_to_one), expected, rtol=2e-5)


def test_equals_its_definition_where_pixels_are_missing():
    cube = scene()
    cube[4:7, 5:9] = np.nan
    cube[0, 0] = cube[13, 2] = np.nan
    np.testing.assert_allclose(score(cube), scores_by_definition(cube, 3, 5, 1e-2), rtol=1e-5)


def test_rings_too_wide_for_a_table_of_products_are_scored_alike(monkeypatch):
    expected = score(scene(), sum_to_one=True)
    monkeypatch.setattr(module, "TABLE_BYTES", {"cpu": 0})
    np.testing.assert_allclose(score(scene(), sum_to_one=True), expected, rtol=1e-6)


def test_tiles_and_chunks_change_nothing(monkeypatch):
    expected = score(scene(23, 31))
    monkeypatch.setattr(module, "TILE_SIDE", {"cpu": 5})
    monkeypatch.setattr(module, "CHUNK_BYTES", {"cpu": 20_000})
    np.testing.assert_allclose(score(scene(23, 31)), expected, rtol=1e-6)


def test_threads_change_nothing():
    np.testing.assert_array_equal(score(scene(30, 31), Context(threads=3)), score(scene(30, 31), Context(threads=1)))


def test_units_and_offset_change_nothing():
    """Values are scaled to 0–1 first."""
    np.testing.assert_allclose(score(scene() * np.float32(0.5) - 64), score(scene()), rtol=1e-3)


def test_a_mixture_of_neighbours_scores_low_and_a_new_material_high():
    cube = scene()
    cube[6, 7] = (cube[4, 5] + cube[8, 9]) / 2
    cube[10, 3] = cube[10, 3, ::-1]
    scores = score(cube)
    assert scores[6, 7] < np.quantile(scores, 0.1)
    assert scores[10, 3] == scores.max()


def test_equal_neighbours_do_no_harm():
    """Their penalty is zero and their products are singular."""
    cube = scene()
    cube[:, :9] = cube[0, 0]
    scores = score(cube, penalty=1e-6)
    assert np.isfinite(scores).all()
    assert scores[:, :6].max() < 1e-4 * scores.max()


def test_mirrored_borders_leave_the_middle_as_it_is():
    shifted, mirrored = score(scene()), score(scene(), border="mirror")
    np.testing.assert_allclose(mirrored[2:-2, 2:-2], shifted[2:-2, 2:-2], rtol=1e-6)
    assert not np.allclose(mirrored[0], shifted[0], rtol=1e-3)


def test_a_mirrored_border_is_the_border_of_the_mirrored_scene():
    cube = scene()
    continued = np.pad(cube, ((2, 2), (2, 2), (0, 0)), mode="reflect")
    expected = score(continued)[2:-2, 2:-2]
    # A pixel whose mirror image is its neighbour scores 0 but for rounding.
    np.testing.assert_allclose(score(cube, border="mirror"), expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("size", [(1, 30), (2, 9), (7, 5)])
def test_small_scenes_can_be_mirrored(size):
    scores = score(scene(*size), border="mirror", inner=5, outer=9)
    assert scores.shape == size
    assert np.isfinite(scores).all()


def test_pixels_without_any_neighbour_score_zero_with_a_note():
    cube = scene()
    cube[:9, :9] = np.nan
    cube[4, 4] = 500
    ctx = Context()
    assert score(cube, ctx)[4, 4] == 0
    assert "1 pixels have no valid pixel in their background" in " ".join(ctx.remarks)


def test_the_outer_window_must_be_the_wider_one():
    with pytest.raises(ParamError, match="outer: must be wider"):
        parse(CRDParams, {"inner": 11, "outer": 11})


@pytest.mark.parametrize("name", sorted(MIRRORED))
def test_areas_of_real_scenes(scenes, name):
    scene = hadviewer.open(scenes / f"{name}.mat")
    result = hadviewer.detect(scene.cube, "crd", params={"border": "mirror"}, device="cpu")
    area = hadviewer.evaluate(result.scores, scene.truth).auc_pd_pf
    assert area == pytest.approx(MIRRORED[name], abs=0.002)


def test_scores_of_a_real_scene(scenes):
    cube = hadviewer.open(scenes / "abu-airport-2.mat").cube.values()[:30, :40]
    places = np.random.default_rng(0).integers(0, (30, 40), (40, 2))
    expected = scores_by_definition(cube, 7, 11, 1e-2, places=places)
    found = score(cube, inner=7, outer=11)[tuple(places.T)]
    np.testing.assert_allclose(found, expected, rtol=1e-5)
