"""The proximal steps equal their definitions by a full singular value decomposition, and minimise what they should."""

import numpy as np
import pytest
import torch

from hadviewer.core.context import Context
from hadviewer.detectors._lowrank import (
    group_soft,
    singular_values,
    soft,
    spectral,
    svt,
    to_matrix,
    truncated,
)

SHAPES = pytest.mark.parametrize("shape", [(60, 7), (7, 60), (12, 12), (1, 9), (9, 1)], ids=lambda s: f"{s[0]}x{s[1]}")


def random_matrix(shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape) * np.logspace(0, 2, shape[1])


def by_full_svd(matrix, change):
    """U diag(change(s)) Vᵀ with numpy's decomposition of the whole matrix."""
    left, values, right = np.linalg.svd(matrix, full_matrices=False)
    return (left * change(values)) @ right


@SHAPES
@pytest.mark.parametrize("threshold", [0.0, 0.7, 25.0, 1e6])
def test_svt_is_the_shrinking_of_singular_values(shape, threshold):
    matrix = random_matrix(shape)
    expected = by_full_svd(matrix, lambda values: np.maximum(values - threshold, 0))
    np.testing.assert_allclose(svt(torch.as_tensor(matrix), threshold).numpy(), expected, atol=1e-9)


def test_svt_minimises_nuclear_norm_plus_distance():
    matrix = random_matrix((30, 6))
    threshold = 5.0

    def cost(candidate):
        return threshold * np.linalg.norm(candidate, "nuc") + 0.5 * np.linalg.norm(candidate - matrix) ** 2

    best = svt(torch.as_tensor(matrix), threshold).numpy()
    rng = np.random.default_rng(1)
    for size in (1e-3, 1e-1, 10):
        assert cost(best) < min(cost(best + size * rng.normal(size=best.shape)) for _ in range(20))


@SHAPES
@pytest.mark.parametrize("rank", [0, 1, 3, 50])
def test_truncation_keeps_the_first_singular_values(shape, rank):
    matrix = random_matrix(shape)
    expected = by_full_svd(matrix, lambda values: values * (np.arange(len(values)) < rank))
    np.testing.assert_allclose(truncated(torch.as_tensor(matrix), rank).numpy(), expected, atol=1e-9)


@SHAPES
def test_singular_values_come_largest_first(shape):
    matrix = random_matrix(shape)
    expected = np.linalg.svd(matrix, compute_uv=False)
    np.testing.assert_allclose(singular_values(torch.as_tensor(matrix)).numpy(), expected, rtol=1e-7)


def test_any_function_of_the_singular_values():
    matrix = random_matrix((40, 5))
    found = spectral(torch.as_tensor(matrix), lambda values: 1 / (1 + values)).numpy()
    np.testing.assert_allclose(found, by_full_svd(matrix, lambda values: values / (1 + values)), atol=1e-12)


def test_soft_moves_entries_towards_zero():
    found = soft(torch.tensor([[-3.0, -0.5, 0.0, 0.5, 3.0]]), 1.0)
    np.testing.assert_array_equal(found.numpy(), [[-2, 0, 0, 0, 2]])


@pytest.mark.parametrize("axis", [0, 1])
def test_group_soft_shortens_whole_vectors(axis):
    matrix = random_matrix((6, 8))
    lengths = np.linalg.norm(matrix, axis=axis, keepdims=True)
    threshold = float(np.median(lengths))
    found = group_soft(torch.as_tensor(matrix), threshold, axis=axis).numpy()
    np.testing.assert_allclose(
        np.linalg.norm(found, axis=axis, keepdims=True), np.maximum(lengths - threshold, 0), atol=1e-12
    )
    kept = np.broadcast_to(lengths > threshold, matrix.shape)
    np.testing.assert_allclose((found / matrix)[kept], np.broadcast_to(1 - threshold / lengths, matrix.shape)[kept])


@SHAPES
def test_zeros_stay_zeros(shape):
    nothing = torch.zeros(shape, dtype=torch.float64)
    for made in (svt(nothing, 1.0), svt(nothing, 0.0), truncated(nothing, 2)):
        assert torch.equal(made, nothing)
    assert torch.equal(group_soft(nothing, 0.0), nothing)


def test_matrices_are_double_precision_on_the_device_of_the_run():
    matrix = to_matrix(np.ones((3, 4), np.float32), Context(device="cpu"))
    assert matrix.dtype == torch.float64
    assert matrix.device.type == "cpu"
