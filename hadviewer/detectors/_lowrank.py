"""Proximal steps of the low-rank and sparse models, on float64 torch matrices of any device.

A matrix is long in one direction (pixels) and short in the other (bands, atoms); either may come first. Whatever needs
singular values takes them from the Gram matrix of the short side, never from a decomposition of the whole matrix.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.context import Context

if TYPE_CHECKING:
    from torch import Tensor


def to_matrix(values: NDArray[Any], ctx: Context) -> "Tensor":
    """The values as a float64 matrix on the run's device; on the CPU float64 values are shared, not copied."""
    import torch

    return torch.as_tensor(values, dtype=torch.float64, device=ctx.device)


def eigen(symmetric: "Tensor") -> "tuple[Tensor, Tensor]":
    """Ascending eigenvalues and, as columns, eigenvectors of a symmetric matrix."""
    import torch

    if symmetric.device.type != "cpu":
        values, vectors = torch.linalg.eigh(symmetric)
        return values, vectors
    # For a few hundred rows torch's own takes many times as long as numpy's when other work shares the processor.
    values, vectors = np.linalg.eigh(symmetric.numpy())
    return torch.from_numpy(values), torch.from_numpy(vectors)


def singular_values(matrix: "Tensor") -> "Tensor":
    """Singular values, largest first. Those below 1e-8 of the largest are rounding noise."""
    values, _ = _short_side(matrix)
    return values.flip(0)


def spectral(matrix: "Tensor", factor: "Callable[[Tensor], Tensor]") -> "Tensor":
    """The matrix with each singular value s multiplied by factor(s); s come in ascending order.

    Writing M = U diag(s) Vᵀ, this is U diag(s·factor(s)) Vᵀ, made by one product with U diag(factor) Uᵀ or
    V diag(factor) Vᵀ, whichever is small.
    """
    values, vectors = _short_side(matrix)
    factors = factor(values)
    kept = factors != 0
    basis, factors = vectors[:, kept], factors[kept]
    tall = matrix.shape[0] > matrix.shape[1]
    if 2 * basis.shape[1] < basis.shape[0]:
        return (matrix @ (basis * factors)) @ basis.T if tall else (basis * factors) @ (basis.T @ matrix)
    mapping = (basis * factors) @ basis.T
    return matrix @ mapping if tall else mapping @ matrix


def svt(matrix: "Tensor", threshold: float) -> "Tensor":
    """Singular value soft threshold: the minimiser of threshold·|L|_* + ½|L - matrix|_F²."""
    return spectral(matrix, lambda values: (values - threshold).clamp_min(0) / values.clamp_min(_TINY))


def truncated(matrix: "Tensor", rank: int) -> "Tensor":
    """The nearest matrix of at most this rank (Eckart & Young)."""
    return spectral(matrix, lambda values: _leading(values, rank))


def soft(matrix: "Tensor", threshold: float) -> "Tensor":
    """Each entry moved towards 0 by the threshold: the proximal step of threshold·|M|_1."""
    shortened: Tensor = matrix - matrix.clamp(-threshold, threshold)
    return shortened


def group_soft(matrix: "Tensor", threshold: float, axis: int = 0) -> "Tensor":
    """Vectors along the axis shortened by the threshold: the proximal step of threshold·|M|_{2,1}.

    Axis 0 treats the columns as groups, axis 1 the rows.
    """
    lengths = matrix.norm(dim=axis, keepdim=True)
    shortened: Tensor = matrix * ((lengths - threshold).clamp_min(0) / lengths.clamp_min(_TINY))
    return shortened


_TINY = 1e-300
"""Keeps 0 / 0 out of the shrinking factors."""

_NOISE = 1e-8
"""Singular values below this share of the largest cannot be told from zero in a Gram matrix."""


def _leading(values: "Tensor", rank: int) -> "Tensor":
    """1 for the largest ``rank`` of the ascending values that are not noise, 0 for the others."""
    chosen: Tensor = values > _NOISE * values[-1]
    chosen[: max(0, len(values) - rank)] = False
    return chosen.to(values.dtype)


def _short_side(matrix: "Tensor") -> "tuple[Tensor, Tensor]":
    """Ascending singular values and, as columns, the singular vectors of the shorter side."""
    values, vectors = eigen(matrix.T @ matrix if matrix.shape[0] > matrix.shape[1] else matrix @ matrix.T)
    return values.clamp_min(0).sqrt(), vectors
