"""Principal components against scikit-learn."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from hadviewer.core.context import Context
from hadviewer.transforms.pca import PCAParams, pca

RNG = np.random.default_rng(1)
CUBE = (RNG.normal(size=(30, 40, 4)) * [9, 4, 2, 1] @ RNG.normal(size=(4, 12)) + 50).astype(np.float32)
CUBE += RNG.normal(0, 0.05, CUBE.shape).astype(np.float32)


@pytest.mark.parametrize("whiten", [False, True])
def test_scores_are_those_of_scikit_learn_up_to_sign(whiten):
    result = pca(CUBE, PCAParams(components=4, whiten=whiten), Context()).reshape(-1, 4)
    expected = PCA(4, whiten=whiten).fit_transform(CUBE.reshape(-1, 12).astype(float))
    signs = np.sign((result * expected).sum(axis=0))
    np.testing.assert_allclose(result * signs, expected, atol=2e-3 * expected.std())


def test_strongest_first_and_uncorrelated():
    result = pca(CUBE, PCAParams(components=6), Context()).reshape(-1, 6).astype(float)
    covariance = np.cov(result.T)
    assert (np.diff(np.diag(covariance)) < 0).all()
    np.testing.assert_allclose(covariance - np.diag(np.diag(covariance)), 0, atol=1e-3)


def test_no_more_components_than_bands():
    assert pca(CUBE, PCAParams(components=50), Context()).shape == (30, 40, 12)


def test_whitening_leaves_out_directions_without_variance():
    cube = np.concatenate([CUBE[..., :3], CUBE[..., :3]], axis=2)
    result = pca(cube, PCAParams(components=6, whiten=True), Context())
    np.testing.assert_allclose(result.reshape(-1, 6).std(axis=0)[:3], 1, atol=1e-3)
    assert (result[..., 3:] == 0).all()


def test_share_of_the_variance_is_told():
    context = Context()
    pca(CUBE, PCAParams(components=12), context)
    assert "12 principal components hold 100.00 %" in context.remarks[0]


def test_pixels_without_values_do_not_count():
    holed = CUBE.copy()
    holed[:5, :, 0] = np.nan
    result = pca(holed, PCAParams(components=3), Context())
    assert np.isnan(result[:5]).all()
    np.testing.assert_allclose(result[5:], pca(CUBE[5:], PCAParams(components=3), Context()), atol=1e-4)
