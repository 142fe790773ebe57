"""Factors and sums of many small matrices equal those of numpy, one by one."""

import numpy as np
import torch

from hadviewer.detectors._linalg import add_products, cholesky


def matrices(many=5, size=7):
    samples = np.random.default_rng(0).normal(size=(many, 20, size))
    return samples.transpose(0, 2, 1) @ samples


def test_factors_are_those_of_numpy_and_look_at_the_lower_triangle_only():
    factors, failed = cholesky(torch.from_numpy(matrices() + np.triu(np.full((7, 7), 1e3), 1)))
    np.testing.assert_allclose(factors, np.linalg.cholesky(matrices()), rtol=1e-12)
    assert not failed.any()


def test_a_matrix_without_factor_is_told_of_and_spoils_no_other():
    several = matrices()
    several[2] = -np.eye(7)
    factors, failed = cholesky(torch.from_numpy(several))
    assert failed.tolist() == [False, False, True, False, False]
    kept = [0, 1, 3, 4]
    np.testing.assert_allclose(factors[kept], np.linalg.cholesky(several[kept]), rtol=1e-12)


def test_products_are_added_to_the_upper_triangle():
    rng = np.random.default_rng(1)
    sums, samples = matrices(), rng.normal(size=(5, 4, 7))
    signs = np.array([1.0, 1, -1, -1])[:, np.newaxis]
    expected = sums + samples.transpose(0, 2, 1) @ (samples * signs)
    found = torch.from_numpy(sums.copy())
    add_products(found, torch.from_numpy(samples), torch.from_numpy(samples * signs))
    np.testing.assert_allclose(np.triu(found), np.triu(expected), rtol=1e-12)
    fresh = torch.full((5, 7, 7), torch.nan, dtype=torch.float64)
    add_products(fresh, torch.from_numpy(samples), torch.from_numpy(samples), keep=0.0)
    np.testing.assert_allclose(np.triu(fresh), np.triu(samples.transpose(0, 2, 1) @ samples), rtol=1e-12, atol=1e-12)
