"""LRASR equals its iterations written out; its dictionary holds the ordinary pixels only."""

import numpy as np
import pytest
from sklearn.cluster import KMeans

import hadviewer
from hadviewer.analysis.evaluation import evaluate_scores
from hadviewer.core.context import Context
from hadviewer.core.errors import DetectorError
from hadviewer.detectors._clusters import clusters
from hadviewer.detectors._pixels import band_scaled
from hadviewer.detectors.lrasr import LRASRParams, background_atoms, lrasr
from tests.detectors import reference_lrasr as reference

ODD = (5, 7)
SMALL = {"clusters": 3, "atoms": 6}


def scene(rows=14, cols=17, bands=8, seed=0):
    """Three materials in noise and one pixel of another, float32."""
    rng = np.random.default_rng(seed)
    materials = rng.random((3, bands))
    cube = materials[rng.integers(0, 3, (rows, cols))] + 0.03 * rng.normal(size=(rows, cols, bands))
    cube[ODD] = rng.random(bands)
    return (1000 * cube).astype(np.float32)


def score(cube, ctx=None, **params):
    return lrasr(cube, LRASRParams(**(SMALL | params)), ctx or Context())


@pytest.mark.parametrize("beta", [0.0, 0.1])
@pytest.mark.parametrize("iterations", [3, 100])
def test_equals_the_iterations_with_full_decompositions(beta, iterations):
    cube = scene()
    pixels = band_scaled(cube.reshape(-1, 8).astype(np.float64))
    atoms = background_atoms(pixels, LRASRParams(**SMALL), Context())
    expected, _ = reference.anomalies(pixels.T, pixels[atoms].T, beta, iterations=iterations)
    found = score(cube, beta=beta, iterations=iterations)
    np.testing.assert_allclose(found.ravel(), np.linalg.norm(expected, axis=0), rtol=1e-4, atol=1e-6)


def test_an_odd_pixel_stands_out_and_is_not_in_the_dictionary():
    cube = scene()
    pixels = band_scaled(cube.reshape(-1, 8).astype(np.float64))
    atoms = background_atoms(pixels, LRASRParams(**SMALL), Context())
    assert len(set(atoms.tolist())) == 18
    assert ODD[0] * 17 + ODD[1] not in atoms
    assert score(cube).argmax() == ODD[0] * 17 + ODD[1]


@pytest.mark.parametrize("members", [40, 8])
def test_atoms_lie_nearest_to_the_mean_of_their_cluster(members):
    """By the Mahalanobis distance, or by the Euclidean where there are no more pixels than bands."""
    pixels = np.random.default_rng(2).normal(size=(members, 8)) * np.logspace(0, 1, 8)
    centred = pixels - pixels.mean(axis=0)
    inverse = np.linalg.inv(np.cov(pixels.T)) if members > 8 else np.eye(8)
    expected = np.argsort([d @ inverse @ d for d in centred])[:2]
    found = background_atoms(pixels, LRASRParams(clusters=1, atoms=2), Context())
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize("starts", [1, 5])
def test_the_clusters_are_those_of_scikit_learn_with_as_many_starts(starts):
    pixels = np.random.default_rng(4).random((150, 6))
    expected = KMeans(9, n_init=starts, random_state=2).fit(pixels).labels_
    np.testing.assert_array_equal(clusters(pixels, 9, Context(seed=2), starts), expected)


def test_does_not_depend_on_the_units_of_the_bands():
    changed = scene().astype(np.float64) * np.logspace(-2, 2, 8) - 50
    np.testing.assert_allclose(score(changed), score(scene()), rtol=1e-4, atol=1e-6)


def test_a_weight_too_large_leaves_no_anomaly():
    assert not score(scene(), anomaly=100, iterations=10).any()


def test_few_pixels_make_a_smaller_dictionary_and_a_note():
    ctx = Context()
    assert np.isfinite(lrasr(scene()[4:9, 4:10], LRASRParams(), ctx)).all()
    assert any("30 valid pixels give 1 clusters of 7 atoms" in remark for remark in ctx.remarks)


def test_the_iteration_limit_leaves_a_note():
    ctx = Context()
    score(scene(), ctx, iterations=2)
    assert any("limit of 2 iterations" in remark for remark in ctx.remarks)


def test_a_scene_without_contrast_is_refused():
    with pytest.raises(DetectorError, match="alike"):
        score(np.full((5, 6, 7), 3, np.float32))


def test_the_measured_area(scenes):
    """The other scenes follow the dictionary, and it the random start of k-means, far more than two thousandths."""
    opened = hadviewer.open(scenes / "sandiego-58.mat")
    assert opened.truth is not None
    found = evaluate_scores(hadviewer.detect(opened.cube, "lrasr").scores, opened.truth.mask).auc_pd_pf
    assert found == pytest.approx(0.991, abs=0.002)
