"""ADLR: each of its steps against another program or its definition, and what the whole does."""

import numpy as np
import pytest
import torch

from hadviewer.core.context import Context
from hadviewer.core.errors import DetectorError
from hadviewer.detectors import _unmixing as unmixing
from hadviewer.detectors.adlr import ADLRParams, adlr, decompose, mean_shift
from tests.detectors import reference_adlr as reference


def materials(count=4, bands=20, seed=0):
    """Smooth positive spectra (count, bands)."""
    rng = np.random.default_rng(seed)
    return 0.5 + 0.4 * np.sin(rng.uniform(1, 6, (count, 1)) * np.linspace(0, 1, bands) + rng.uniform(0, 6, (count, 1)))


def mixed(shares, spectra, noise=0.0, seed=1):
    pixels = shares @ spectra
    return pixels + noise * np.random.default_rng(seed).normal(size=pixels.shape)


def scene(rows=16, cols=20, seed=2):
    """Fields of three materials, a little mixed, float32."""
    rng = np.random.default_rng(seed)
    fields = np.zeros((rows, cols, 3))
    fields[:, :7], fields[:, 7:14], fields[:, 14:] = (0.9, 0.05, 0.05), (0.05, 0.9, 0.05), (0.05, 0.05, 0.9)
    fields = fields + rng.dirichlet(np.ones(3), (rows, cols)) * 0.3
    cube = mixed(fields.reshape(-1, 3) / 1.3, materials()[:3], 0.003).reshape(rows, cols, 20)
    return (4000 * cube).astype(np.float32)


def test_abundances_are_non_negative_least_squares():
    from scipy.optimize import nnls

    rng = np.random.default_rng(0)
    spectra = materials(6, 30)
    pixels = mixed(rng.dirichlet(np.full(6, 0.3), 80), spectra, 0.05)
    stacked = np.vstack([spectra.T, np.full((1, 6), unmixing.SUM_TO_ONE)])
    expected = np.array([nnls(stacked, np.append(pixel, unmixing.SUM_TO_ONE))[0] for pixel in pixels])
    np.testing.assert_allclose(unmixing.abundances(pixels, spectra), expected, atol=1e-9)
    near = np.abs(expected + 0.1 * rng.normal(size=expected.shape))
    np.testing.assert_allclose(unmixing.abundances(pixels, spectra, near), expected, atol=1e-9)


def test_vertices_are_the_pure_pixels():
    rng = np.random.default_rng(3)
    shares = rng.dirichlet(np.ones(4), 300) * 0.8 + 0.05
    pure = [10, 77, 140, 299]
    shares[pure] = np.eye(4)
    found = unmixing.vertices(mixed(shares, materials()), 4, rng)
    assert sorted(found) == pure


def test_unmixing_finds_spectra_and_shares_of_a_clean_scene():
    shares = np.random.default_rng(4).dirichlet(np.full(3, 0.5), 400)
    shares[:3] = np.eye(3)
    spectra = materials(3)
    endmembers, found = unmixing.unmix(mixed(shares, spectra), 3, 2, Context())
    order = [int(np.abs(endmembers - spectrum).sum(axis=1).argmin()) for spectrum in spectra]
    np.testing.assert_allclose(endmembers[order], spectra, atol=0.01)
    np.testing.assert_allclose(found[:, order], shares, atol=0.05)


def test_the_gradient_of_the_volume_is_that_of_finite_differences():
    volume = unmixing._Volume(np.random.default_rng(5).random((50, 6)), 3)
    point = np.random.default_rng(6).random((3, 6))
    numeric = np.zeros_like(point)
    for place in np.ndindex(point.shape):
        step = np.zeros_like(point)
        step[place] = 1e-6
        numeric[place] = (volume.value(point + step) - volume.value(point - step)) / 2e-6
    np.testing.assert_allclose(volume.gradient(point), numeric, rtol=1e-4, atol=1e-9)


def test_mean_shift_finds_each_cloud_once():
    rng = np.random.default_rng(7)
    places = np.array([[0, 0], [1, 0], [0, 1]], float)
    points = np.repeat(places, 60, axis=0) + 0.03 * rng.normal(size=(180, 2))
    found = mean_shift(points, 0.4, rng, Context())
    assert len(found) == 3
    labels = np.stack([cluster.votes for cluster in found]).argmax(axis=0)
    for place, members in zip(places, np.split(labels, 3), strict=True):
        assert len(set(members)) == 1
        np.testing.assert_allclose(found[members[0]].centre, place, atol=0.02)


@pytest.mark.parametrize("weight", [0.2, 0.5, 1.0])
def test_few_rows_instead_of_all_atoms_change_nothing(weight):
    """The decomposition over 25 atoms has the same remainder; only the round it stops in may be another."""
    rng = np.random.default_rng(8)
    shares = rng.dirichlet(np.ones(4), 120)
    shares[[5, 50]] += 0.5 * rng.normal(size=(2, 4))
    dictionary = rng.dirichlet(np.ones(4), 25)
    expected, coefficients = reference.remainder(shares.T, dictionary.T, weight / np.sqrt(120), tolerance=1e-9)
    found = decompose(
        torch.as_tensor(shares),
        torch.as_tensor(dictionary),
        np.ones((10, 12), bool),
        ADLRParams(anomaly=weight, tolerance=1e-9, iterations=2000),
        Context(),
    ).numpy()
    assert np.abs(expected).max() > 0.01
    np.testing.assert_allclose(found, expected.T, atol=1e-7)
    np.testing.assert_allclose(found, shares - (dictionary.T @ coefficients).T, atol=1e-7)


def test_the_gain_of_the_scene_does_not_matter():
    scores = adlr(scene(), ADLRParams(), Context())
    np.testing.assert_allclose(adlr(scene() * np.float32(8), ADLRParams(), Context()), scores, rtol=1e-4, atol=1e-7)


def test_a_weight_too_large_leaves_no_scores_and_a_note():
    ctx = Context()
    assert not adlr(scene(), ADLRParams(anomaly=100), ctx).any()
    assert any("smaller anomaly weight" in remark for remark in ctx.remarks)


def test_fewer_directions_than_endmembers_are_noted():
    ctx = Context()
    assert np.isfinite(adlr(scene()[:, :, :2].copy(), ADLRParams(), ctx)).all()
    assert any("3 endmembers instead of 6" in remark for remark in ctx.remarks)


@pytest.mark.parametrize(
    ("cube", "reason"),
    [(np.full((5, 6, 7), 3, np.float32), "alike"), (-scene(), "positive values")],
    ids=["constant", "negative"],
)
def test_scenes_that_cannot_be_unmixed_are_refused(cube, reason):
    with pytest.raises(DetectorError, match=reason):
        adlr(cube, ADLRParams(), Context())
