"""2S-GLRT against its definition, its invariances, and the published figures."""

import numpy as np
import pytest

import hadviewer
from hadviewer.core.context import Context
from hadviewer.core.errors import ParamError
from hadviewer.core.params import parse
from hadviewer.detectors.two_s_glrt import TwoSGLRTParams, two_s_glrt
from hadviewer.engine.blocks import ArrayBlocks
from tests.detectors.reference_two_s_glrt import scores_by_definition

# Published areas under the ROC curve with the windows chosen for each scene (inner, outer), on scenes continued by
# their mirror image: the catalogue's sections on this detector and on record numbers.
PUBLISHED = {
    "abu-airport-1": (7, 9, 0.9236),
    "abu-airport-2": (15, 19, 0.9873),
    "abu-airport-4": (11, 13, 0.9183),
    "abu-beach-1": (3, 25, 0.9995),
    "abu-urban-1": (5, 9, 0.9970),
}


def scene(rows=13, cols=16, bands=20, seed=0):
    """Three materials in a mixture with noise."""
    rng = np.random.default_rng(seed)
    materials = rng.uniform(100, 1000, (3, bands))
    shares = rng.dirichlet(np.ones(3), (rows, cols))
    return (shares @ materials + rng.normal(0, 20, (rows, cols, bands))).astype(np.float32)


def score(cube, ctx=None, **params):
    return two_s_glrt(ArrayBlocks(cube), TwoSGLRTParams(**{"inner": 3, "outer": 5, **params}), ctx or Context())


@pytest.mark.parametrize("bands", [40, 16, 15, 5], ids=lambda bands: f"16 samples, {bands} bands")
def test_equals_its_definition(bands):
    cube = scene(bands=bands)
    np.testing.assert_allclose(score(cube), scores_by_definition(cube, 3, 5), rtol=1e-5)


@pytest.mark.parametrize("bands", [30, 5])
def test_equals_its_definition_where_pixels_are_missing(bands):
    cube = scene(bands=bands)
    cube[4:6, 5:9] = np.nan
    cube[0, 0] = cube[12, 2] = np.nan
    np.testing.assert_allclose(score(cube), scores_by_definition(cube, 3, 5), rtol=1e-5)


@pytest.mark.parametrize("bands", [30, 8])
def test_equal_pixels_and_bands_leave_directions_out(bands):
    cube = scene(bands=bands)
    cube[:, 5:9] = cube[6, 5]
    cube[..., 3] = cube[..., 2]
    cube[..., 4] = 7
    np.testing.assert_allclose(score(cube), scores_by_definition(cube, 3, 5), rtol=1e-4)


@pytest.mark.parametrize("outer", [5, 9])
def test_units_and_offset_of_each_band_change_nothing(outer):
    scales = np.random.default_rng(1).uniform(0.1, 10, 20)
    other = (scene() * scales + 100 * scales[::-1]).astype(np.float32)
    np.testing.assert_allclose(score(other, outer=outer), score(scene(), outer=outer), rtol=1e-2)


def test_all_components_are_all_bands():
    """Rotations change nothing, fewer directions do."""
    np.testing.assert_allclose(score(scene(), components=20), score(scene()), rtol=1e-5)
    np.testing.assert_allclose(score(scene(), components=1000), score(scene()), rtol=1e-5)
    assert not np.allclose(score(scene(), components=5), score(scene()), rtol=1e-2)


def test_components_are_those_of_most_energy_about_the_scaled_zero():
    cube = scene()
    pixels = cube.reshape(-1, 20).astype(np.float64)
    scaled = (pixels - pixels.min(axis=0)) / np.ptp(pixels, axis=0)
    directions = np.linalg.svd(scaled, full_matrices=False)[2][:6]
    projected = (scaled @ directions.T).reshape(13, 16, 6)
    background = projected[8:13, 3:8].reshape(25, 6)[
        [i for i in range(25) if i // 5 not in (1, 2, 3) or i % 5 in (0, 4)]
    ]
    target = projected[9:12, 4:7].reshape(9, 6)
    expected = np.linalg.eigvalsh(target @ np.linalg.inv(background.T @ background) @ target.T)[-1]
    assert score(cube, components=6)[10, 5] == pytest.approx(expected, rel=1e-5)


def test_a_target_of_several_pixels_stands_out_where_one_like_it_lies_in_no_ring():
    cube = scene(30, 31)
    cube[14:17, 10:13] = cube[14:17, 10:13, ::-1]
    scores = score(cube, outer=9)
    assert np.unravel_index(scores.argmax(), scores.shape) == (15, 11)


def test_threads_change_nothing():
    np.testing.assert_array_equal(score(scene(30, 31), Context(threads=3)), score(scene(30, 31), Context(threads=1)))


def test_mirrored_borders_leave_the_middle_as_it_is():
    shifted, mirrored = score(scene()), score(scene(), border="mirror")
    np.testing.assert_allclose(mirrored[2:-2, 2:-2], shifted[2:-2, 2:-2], rtol=1e-6)
    continued = np.pad(scene(), ((2, 2), (2, 2), (0, 0)), mode="symmetric")
    np.testing.assert_allclose(mirrored, score(continued)[2:-2, 2:-2], rtol=1e-5)


def test_the_outer_window_must_be_the_wider_one():
    with pytest.raises(ParamError, match="outer: must be wider"):
        parse(TwoSGLRTParams, {"inner": 11, "outer": 11})


@pytest.mark.parametrize("name", ["abu-airport-1", "abu-airport-4", "abu-urban-1"])
def test_areas_of_real_scenes(scenes, name):
    inner, outer, published = PUBLISHED[name]
    scene = hadviewer.open(scenes / f"{name}.mat")
    params = {"inner": inner, "outer": outer, "border": "mirror"}
    scores = hadviewer.detect(scene.cube, "2s-glrt", params=params, device="cpu").scores
    assert hadviewer.evaluate(scores, scene.truth).auc_pd_pf == pytest.approx(published, abs=0.002)
