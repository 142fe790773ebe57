"""Kernel RX against distances in the feature space itself, its invariances, and the measured figures."""

import numpy as np
import pytest
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.preprocessing import KernelCenterer

import hadviewer
from hadviewer.core.context import Context
from hadviewer.core.errors import DetectorError
from hadviewer.detectors.krx import KRXParams, krx
from hadviewer.engine.blocks import ArrayBlocks
from tests.detectors.reference_krx import mahalanobis_in_feature_space, median_squared_distance

# Areas under the ROC curve of one draw of 1000 pixels with seed 0, as measured with another program: the catalogue's
# appendix A. Another seed moves them by 0.002 to 0.02.
ONE_DRAW = {
    "abu-airport-1": 0.9273,
    "abu-airport-2": 0.9668,
    "abu-airport-4": 0.9800,
    "abu-beach-1": 0.9781,
    "abu-urban-1": 0.9901,
    "abu-urban-2": 0.9849,
    "abu-urban-3": 0.9499,
    "hydice-17": 0.9759,
    "hydice-19": 0.9850,
    "pavia-crop": 0.9198,
    "sandiego-134": 0.9803,
    "sandiego-58": 0.9794,
}


def scene(rows=14, cols=17, bands=6, seed=0):
    """Two materials in a curved mixture with noise."""
    rng = np.random.default_rng(seed)
    materials = rng.uniform(100, 1000, (2, bands))
    share = rng.uniform(size=(rows, cols, 1))
    mixture = materials[0] * share + materials[1] * (1 - share) ** 2
    return (mixture + rng.normal(0, 20, (rows, cols, bands))).astype(np.float32)


def score(cube, seed=0, max_bytes=2**20, **params):
    return krx(ArrayBlocks(cube, max_bytes), KRXParams(**params), Context(seed=seed))


@pytest.mark.parametrize(("width", "ridge"), [(1.0, 1e-2), (0.5, 1e-3), (3.0, 1e-5)])
def test_is_the_mahalanobis_distance_in_the_feature_space(width, ridge):
    cube = scene()
    pixels = cube.reshape(-1, 6).astype(np.float64)
    scale = width * median_squared_distance(pixels)
    expected = mahalanobis_in_feature_space(pixels, pixels, scale, ridge).reshape(cube.shape[:2])
    np.testing.assert_allclose(score(cube, width=width, ridge=ridge), expected, rtol=1e-4)


def test_drawn_pixels_stand_for_the_background():
    """With the kernel and its centring from scikit-learn."""
    cube = scene()
    pixels = cube.reshape(-1, 6).astype(np.float64)
    drawn = pixels[np.random.default_rng(3).choice(len(pixels), 60, replace=False)]
    gamma = 1 / median_squared_distance(drawn)
    centring = KernelCenterer().fit(rbf_kernel(drawn, gamma=gamma))
    kernel = centring.transform(rbf_kernel(drawn, gamma=gamma))
    near = rbf_kernel(pixels, drawn, gamma=gamma)
    own = 1 - 2 * near.mean(axis=1) + rbf_kernel(drawn, gamma=gamma).mean()
    centred = centring.transform(near)
    explained = (centred * np.linalg.solve(kernel + 60 * 1e-4 * np.eye(60), centred.T).T).sum(axis=1)
    expected = ((own - explained) / 1e-4).reshape(cube.shape[:2])
    np.testing.assert_allclose(score(cube, seed=3, samples=60, draws=1, ridge=1e-4), expected, rtol=1e-4)


def test_units_and_offset_change_nothing():
    cube = scene()
    first = score(cube, samples=50)
    np.testing.assert_allclose(score(cube * np.float32(0.25)), score(cube), rtol=1e-5)
    np.testing.assert_allclose(score(cube / np.float32(1e4), samples=50), first, rtol=1e-2)
    np.testing.assert_allclose(score(cube + np.float32(512), samples=50), first, rtol=1e-2)


def test_the_size_of_the_blocks_changes_nothing():
    cube = scene()
    cube[3, 4] = np.nan
    np.testing.assert_allclose(score(cube, samples=40), score(cube, max_bytes=1, samples=40), rtol=1e-6)


def test_pixels_far_from_all_others_score_highest():
    """The truncated textbook form gives them next to nothing."""
    cube = scene()
    cube[5, 6] += 5000
    cube[9, 2] += 50000
    scores = score(cube, samples=60)
    outliers = {(5, 6), (9, 2)}
    assert {tuple(place) for place in np.argwhere(scores >= np.sort(scores.ravel())[-2])} == outliers


def test_more_draws_leave_less_to_chance():
    cube = scene(30, 31)

    def spread(draws):
        return np.std([score(cube, seed=seed, samples=30, draws=draws) for seed in range(6)], axis=0).mean()

    assert spread(8) < 0.6 * spread(1)


def test_values_whose_squares_overflow_are_refused():
    cube = scene().astype(np.float64)
    cube[2, 3] = 1e200
    with pytest.raises(DetectorError, match="too large to be squared"):
        score(cube)


def test_one_huge_value_among_pixels_that_were_not_drawn_is_far_away():
    cube = scene().astype(np.float64)
    drawn = np.random.default_rng(0).choice(14 * 17, 20, replace=False)
    place = np.setdiff1d(np.arange(14 * 17), drawn)[0]
    cube.reshape(-1, 6)[place] = 1e200
    scores = score(cube, samples=20, draws=1)
    assert scores.ravel()[place] == scores.max()


@pytest.mark.parametrize(
    "name", ["abu-airport-1", "abu-urban-2", "abu-urban-3", "hydice-17", "hydice-19", "pavia-crop"]
)
def test_areas_of_real_scenes(scenes, name):
    scene = hadviewer.open(scenes / f"{name}.mat")
    result = hadviewer.detect(scene.cube, "krx", params={"draws": 1})
    assert hadviewer.evaluate(result.scores, scene.truth).auc_pd_pf == pytest.approx(ONE_DRAW[name], abs=0.002)


@pytest.mark.parametrize("seed", [0, 1, 42])
def test_one_odd_pixel_among_copies_of_one_spectrum_stands_out(seed):
    """Distances between copies are rounding, which must not become the width of the kernel."""
    cube = np.random.default_rng(seed).gamma(2, 5, (1, 1, 13)).astype(np.float32).repeat(30, 0).repeat(9, 1)
    cube[-1, -1] += 1
    scores = hadviewer.detect(cube, "krx").scores
    assert np.isfinite(scores).all()
    assert scores[-1, -1] > 100 * np.delete(scores.ravel(), -1).max()
