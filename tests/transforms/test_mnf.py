"""Minimum noise fraction against its definition and Spectral Python."""

import numpy as np
import pytest
from scipy.linalg import eigh

import hadviewer
from hadviewer.core.context import Context
from hadviewer.transforms.mnf import MNFParams, mnf

BANDS = 8


def noise_covariance(seed=3):
    mixing = np.random.default_rng(seed).normal(size=(BANDS, BANDS))
    return mixing @ mixing.T / 4 + np.eye(BANDS)


def scene(rows=60, cols=70, seed=0):
    """Three smooth materials and coloured noise, float32."""
    rng = np.random.default_rng(seed)
    down, across = np.mgrid[0:rows, 0:cols] / 20
    maps = np.dstack([np.sin(down), np.cos(across), np.sin(down + across)])
    noise = rng.multivariate_normal(np.zeros(BANDS), noise_covariance(), (rows, cols))
    return (maps @ rng.normal(0, 40, (3, BANDS)) + noise + 300).astype(np.float32)


def run(cube, components=BANDS, ctx=None):
    return mnf(cube, MNFParams(components=components), ctx or Context())


def differences(cube):
    down, across = np.diff(cube.astype(np.float64), axis=0), np.diff(cube.astype(np.float64), axis=1)
    return np.concatenate([down.reshape(-1, cube.shape[2]), across.reshape(-1, cube.shape[2])])


def estimated_noise(cube):
    steps = differences(cube)
    return steps.T @ steps / (2 * len(steps))


def test_equals_the_generalised_eigenproblem():
    cube = scene()
    pixels = cube.reshape(-1, BANDS).astype(np.float64)
    ratios, directions = eigh(np.cov(pixels.T), estimated_noise(cube))
    expected = (pixels - pixels.mean(axis=0)) @ directions[:, ::-1]
    found = run(cube).reshape(-1, BANDS)
    np.testing.assert_allclose(np.abs(found), np.abs(expected), atol=1e-3)
    np.testing.assert_allclose(found.var(axis=0, ddof=1), ratios[::-1], rtol=1e-3)


def test_equals_spectral_python_given_the_same_noise():
    from spectral.algorithms.algorithms import GaussianStats, calc_stats
    from spectral.algorithms.algorithms import mnf as spectral_mnf

    cube = scene()
    signal = calc_stats(cube.astype(np.float64))
    noise = GaussianStats(mean=np.zeros(BANDS), cov=estimated_noise(cube), nsamples=cube.size)
    expected = spectral_mnf(signal, noise).reduce(cube.astype(np.float64), num=4)
    np.testing.assert_allclose(np.abs(run(cube, 4)), np.abs(expected), atol=1e-3)


def test_the_noise_of_the_components_is_white_and_the_signal_comes_first():
    result = run(scene())
    np.testing.assert_allclose(estimated_noise(result), np.eye(BANDS), atol=1e-3)
    variance = result.reshape(-1, BANDS).var(axis=0)
    assert (np.diff(variance) < 1e-3).all()
    assert variance[2] > 10
    np.testing.assert_allclose(variance[3:], 1, atol=0.3)


def test_does_not_change_under_any_linear_change_of_the_bands():
    changed = scene().astype(np.float64) @ np.random.default_rng(5).normal(size=(BANDS, BANDS)) * 100
    expected = run(scene())
    np.testing.assert_allclose(np.abs(run(changed.astype(np.float32))), np.abs(expected), atol=0.02)


def test_global_rx_does_not_notice_it_when_all_components_stay():
    straight = hadviewer.detect(scene(), "grx").scores
    np.testing.assert_allclose(hadviewer.detect(scene(), "grx", transforms=["mnf"]).scores, straight, rtol=1e-2)


def test_pixels_without_values_take_no_part_nor_do_their_neighbours_pairs():
    holed = scene()
    holed[:20, :, 4] = np.nan
    result = run(holed)
    assert np.isnan(result[:20]).all()
    np.testing.assert_allclose(result[20:], run(scene()[20:]), atol=1e-3)


@pytest.mark.parametrize("spoil", [0.0, 7.0])
def test_constant_bands_change_nothing(spoil):
    cube = np.dstack([scene(), np.full((60, 70), spoil, np.float32)])
    result = run(cube, BANDS + 1)
    np.testing.assert_allclose(np.abs(result[..., :BANDS]), np.abs(run(scene())), atol=1e-3)
    assert np.abs(result[..., BANDS]).max() < 1e-6


def test_a_scene_without_neighbours_says_so():
    ctx = Context()
    assert np.isfinite(run(scene()[:1, :1], ctx=ctx)).all()
    assert "No two valid pixels are neighbours" in ctx.remarks[0]
