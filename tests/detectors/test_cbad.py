"""The cluster-based detector against its definition, scikit-learn's clusters and the measured figures."""

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA

import hadviewer
from hadviewer.core.context import Context
from hadviewer.detectors.cbad import CBADParams, cbad
from tests.detectors.reference_background import clustered, mahalanobis

# Areas under the ROC curve as measured with another program: the catalogue's appendix A.
POOLED_8 = {
    "abu-airport-1": 0.9037,
    "abu-airport-2": 0.9431,
    "abu-airport-4": 0.9829,
    "abu-beach-1": 0.9637,
    "abu-urban-1": 0.9943,
    "abu-urban-2": 0.9987,
    "abu-urban-3": 0.9640,
    "hydice-17": 0.9933,
    "hydice-19": 0.9854,
    "pavia-crop": 0.9868,
    "sandiego-134": 0.9775,
    "sandiego-58": 0.9669,
}


def scene(rows=24, cols=31, bands=8, seed=0):
    """Three materials in stripes with noise, and a few pixels of a fourth."""
    rng = np.random.default_rng(seed)
    materials = rng.uniform(100, 1000, (4, bands))
    kinds = np.tile(np.arange(cols) * 3 // cols, (rows, 1))
    kinds[5, 3:7] = 3
    return (materials[kinds] + rng.normal(0, 20, (rows, cols, bands))).astype(np.float32)


def score(cube, **params):
    return cbad(cube, CBADParams(**params), Context())


def test_equals_its_definition_on_the_clusters_of_scikit_learn():
    cube = scene()
    pixels = cube.reshape(-1, 8).astype(np.float64)
    components = PCA(5).fit_transform(pixels)
    labels = KMeans(4, n_init=4, random_state=0).fit(components).labels_
    assert (np.bincount(labels) / len(labels)).min() < 0.02
    expected = clustered(components, labels, 0.02).reshape(cube.shape[:2])
    np.testing.assert_allclose(score(cube, clusters=4, components=5), expected, rtol=1e-4)


def test_the_published_form_measures_every_cluster_by_itself():
    cube = scene()
    pixels = cube.reshape(-1, 8).astype(np.float64)
    labels = KMeans(3, n_init=4, random_state=0).fit(pixels).labels_
    expected = np.zeros(len(pixels))
    for label in range(3):
        members = pixels[labels == label]
        expected[labels == label] = mahalanobis(members, members.mean(axis=0), np.cov(members.T))
    found = score(cube, clusters=3, covariance="own")
    np.testing.assert_allclose(found.ravel(), expected, rtol=1e-4)


def test_a_small_cluster_of_anomalies_stays_anomalous_only_with_the_pooled_covariance():
    cube = scene()
    targets = np.zeros(cube.shape[:2], bool)
    targets[5, 3:7] = True
    pooled, own = score(cube, clusters=4), score(cube, clusters=4, covariance="own")
    assert pooled[targets].min() > pooled[~targets].max()
    assert own[targets].max() < np.median(own)


def test_one_cluster_is_global_rx_after_principal_components():
    cube = scene()
    expected = hadviewer.detect(cube, "grx", transforms=[("pca", {"components": 5})]).scores
    np.testing.assert_allclose(score(cube, clusters=1, components=5), expected, rtol=1e-3)


def test_does_not_depend_on_the_units():
    np.testing.assert_allclose(score(scene() * np.float32(1e-3)), score(scene()), rtol=1e-2)


def test_directions_without_variance_change_nothing():
    cube = scene()
    spoilt = np.dstack([cube, np.full(cube.shape[:2], 0.1, np.float32), np.full(cube.shape[:2], 7, np.float32)])
    for covariance in ("pooled", "own"):
        options = {"covariance": covariance, "clusters": 3}
        np.testing.assert_allclose(score(spoilt, **options), score(cube, **options), rtol=1e-3)


@pytest.mark.parametrize("covariance", ["pooled", "own"])
def test_fewer_different_pixels_than_clusters_are_no_trouble(covariance):
    cube = np.repeat(scene()[:1, ::12], 20, axis=1)
    assert np.isfinite(score(cube, clusters=8, covariance=covariance)).all()
    assert (score(np.full((5, 6, 3), 7, np.float32), covariance=covariance) == 0).all()


def test_the_seed_decides_the_clusters():
    cube = np.random.default_rng(1).normal(size=(30, 30, 5)).astype(np.float32)
    first, other = (cbad(cube, CBADParams(), Context(seed=seed)) for seed in (1, 2))
    assert (first != other).any()


@pytest.mark.parametrize("name", POOLED_8)
def test_gives_the_measured_figures(scenes, name):
    scene = hadviewer.open(scenes / f"{name}.mat")
    evaluation = hadviewer.evaluate(hadviewer.detect(scene.cube, "cbad").scores, scene.truth)
    assert evaluation.auc_pd_pf == pytest.approx(POOLED_8[name], abs=0.002)
