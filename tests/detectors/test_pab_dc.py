"""PAB-DC: every step equals its written-out form, the decomposition is the minimum, accidents do not count."""

import numpy as np
import pytest
import torch

from hadviewer.analysis.roc import auc
from hadviewer.core.context import Context
from hadviewer.detectors._patches import cluster_patches, image_patch_distance, patch_table
from hadviewer.detectors._pursuit import pursue
from hadviewer.detectors.pab_dc import PABDCParams, _Decomposition, _Usage, pab_dc
from tests.detectors import reference_pab_dc as reference


def scene(rows=18, cols=20, bands=40, seed=0):
    """Mixtures of three spectra with noise, and four pixels of one other material."""
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet([0.4, 0.4, 0.4], (rows, cols))
    materials = 1 + rng.random((3, bands)).cumsum(1) / bands
    cube = shares @ materials + rng.normal(0, 0.005, (rows, cols, bands))
    odd = 1 + np.sin(np.linspace(0, 9, bands)) / 2
    for place in ((4, 5), (4, 6), (12, 15), (15, 3)):
        cube[place] = odd + rng.normal(0, 0.005, bands)
    return cube.astype(np.float32)


def unit(rng, *shape):
    values = rng.random(shape)
    return values / np.linalg.norm(values, axis=-1, keepdims=True)


def score(cube, **params):
    return pab_dc(cube, PABDCParams(**params), Context())


def test_a_patch_holds_the_neighbours_and_the_pixel_itself_where_there_is_none():
    valid = np.ones((3, 4), bool)
    valid[1, 2] = False
    table = patch_table(valid)
    assert table.shape == (11, 9)
    # Pixels are numbered line by line without the gap: 0 1 2 3 / 4 5 . 6 / 7 8 9 10.
    assert table[5].tolist() == [0, 1, 2, 4, 5, 5, 7, 8, 9]
    assert table[0].tolist() == [0, 0, 0, 0, 0, 1, 0, 4, 5]


def test_image_patch_distance_equals_its_definition():
    rng = np.random.default_rng(1)
    pixels, centres = rng.normal(size=(30, 4)), rng.normal(size=(3, 9, 4))
    table = rng.integers(0, 30, (12, 9))
    found = image_patch_distance(torch.from_numpy(pixels), torch.from_numpy(table), torch.from_numpy(centres))
    expected = [[reference.image_patch_distance(pixels[row], centre) for centre in centres] for row in table]
    np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_patches_of_different_ground_fall_into_different_clusters():
    rng = np.random.default_rng(3)
    ground = np.repeat([0, 1, 2], 8)[:, None].repeat(10, 1)
    pixels = torch.from_numpy(np.eye(5)[ground.ravel()] + rng.normal(0, 0.01, (240, 5)))
    table = torch.from_numpy(patch_table(np.ones((24, 10), bool)))
    label = cluster_patches(pixels, table, 3, 50, Context()).numpy().reshape(24, 10)
    inside = [label[first : first + 6] for first in (1, 9, 17)]
    assert [len(np.unique(part)) for part in inside] == [1, 1, 1]
    assert len({part[0, 0] for part in inside}) == 3


def test_pursuit_equals_the_greedy_search_written_out():
    rng = np.random.default_rng(4)
    atoms, groups = unit(rng, 25, 12), unit(rng, 6, 9, 12)
    own = np.array([0, 3, -1, 24, 7, -1])
    gram = torch.from_numpy(atoms @ atoms.T)
    support, coefficients, residuals = pursue(
        torch.from_numpy(groups), torch.from_numpy(atoms), gram, torch.from_numpy(own), 5
    )
    for number in range(6):
        barred = int(own[number])
        kept = atoms if barred >= 0 else np.vstack([atoms, np.zeros(12)])
        expected = reference.pursue(groups[number], kept, barred if barred >= 0 else 25, 5)
        assert support[number].tolist() == expected[0]
        np.testing.assert_allclose(coefficients[number], expected[1], rtol=1e-5, atol=1e-7)
        np.testing.assert_allclose(residuals[number], expected[2], atol=1e-7)


def test_usage_of_the_atoms_equals_the_sums_written_out():
    rng = np.random.default_rng(5)
    X, label = unit(rng, 42, 16), rng.integers(0, 3, 42)
    label[7] = 3  # alone in its cluster: nothing can represent it
    table = patch_table(np.ones((6, 7), bool))
    p = PABDCParams(support=4, background=20)
    found = _Usage(*map(torch.from_numpy, (X, table, label)), p, Context())
    weight, times, error = reference.usage(X, table, label, 4)
    np.testing.assert_allclose(found.weight, weight, rtol=1e-5)
    np.testing.assert_array_equal(found.times, times)
    np.testing.assert_allclose(found.error, error, rtol=1e-5)
    assert error[7] == pytest.approx(1)
    np.testing.assert_allclose(found.level(), reference.level(label, weight, times, error), rtol=1e-5)
    for number in range(4):
        members = np.flatnonzero(label == number)
        best = set(members[np.argsort(-weight[members])][: int(np.ceil(0.2 * len(members)))])
        assert best == set(found.frequent().tolist()) & set(members)


@pytest.mark.parametrize("atoms", [5, 40], ids=["fewer atoms than bands", "more atoms than bands"])
def test_decomposition_equals_the_iteration_without_rotation(atoms):
    rng = np.random.default_rng(6)
    X = unit(rng, 60, 16).T
    background, anomalous = X[:, :atoms], X[:, -7:]
    p = PABDCParams(sparsity=2e-4, noise=1e-3)
    split = _Decomposition(*map(torch.from_numpy, (X, background, anomalous)), p)
    for _ in range(120):
        split.advance()
    scale = 10_000 / 60
    expected, _ = reference.decompose(X, background, anomalous, 2e-4 * scale, 1e-3 * scale, 1e-4, 120)
    np.testing.assert_allclose(split.scores(), expected, rtol=1e-6, atol=1e-8)


def converged(growth, monkeypatch):
    """The decomposition of a small scene, its value and a lower bound of the value of every decomposition.

    The bound is the dual's: <Y1, X> with the multiplier brought inside the dual's limits.
    """
    monkeypatch.setattr("hadviewer.detectors.pab_dc.PENALTY_GROWTH", growth)
    X, beta, lam = unit(np.random.default_rng(7), 200, 12).T, 0.03, 0.3
    p = PABDCParams(sparsity=beta / 50, noise=lam / 50, penalty=1e-3)
    split = _Decomposition(*map(torch.from_numpy, (X, X[:, :20], X[:, -6:])), p)
    assert any(split.advance() < 1e-6 for _ in range(2000))
    value = torch.linalg.svdvals(split._Z).sum() + beta * split._S.abs().sum() + lam * split._E.norm(dim=0).sum()
    excess = max(
        torch.linalg.matrix_norm(split._sigma * split._Y1, 2),
        (split._D.T @ split._Y1).abs().max() / beta,
        split._Y1.norm(dim=0).max() / lam,
    )
    return float(value), float((split._Y1 * split._X).sum() / excess)


def test_decomposition_is_the_minimum(monkeypatch):
    """A penalty that grows slowly proves the minimum; the published growth ends a hair above it."""
    value, bound = converged(1.01, monkeypatch)
    assert bound == pytest.approx(value, rel=1e-3)
    assert converged(1.1, monkeypatch)[0] == pytest.approx(value, rel=1e-3)


def test_the_odd_material_stands_out():
    scores = score(scene())
    odd = np.zeros((18, 20), bool)
    odd[[4, 4, 12, 15], [5, 6, 15, 3]] = True
    assert auc(scores, odd) > 0.98


def test_brightness_does_not_count():
    light = np.random.default_rng(2).uniform(0.5, 2, (18, 20, 1)).astype(np.float32)
    np.testing.assert_allclose(score(scene() * light), score(scene()), atol=1e-3)


def test_the_order_of_the_bands_does_not_matter():
    np.testing.assert_allclose(score(scene()[..., ::-1].copy()), score(scene()), atol=1e-3)


def test_there_is_no_chance_in_it():
    first, second = (pab_dc(scene(), PABDCParams(iterations=30), Context(seed=seed)) for seed in (1, 2))
    np.testing.assert_array_equal(first, second)
