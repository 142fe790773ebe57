"""Many small matrices at a time, in torch."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch


def cholesky(matrices: "torch.Tensor") -> tuple["torch.Tensor", "torch.Tensor"]:
    """Lower factors of matrices (many, size, size), of which only the lower triangles count, and which have none.

    The failures (many,) are boolean; the factors of failures mean nothing.
    """
    import torch

    if matrices.device.type == "cpu":
        # numpy finishes one matrix while it is in the cache; torch goes through all of them three times.
        try:
            factors = torch.from_numpy(np.linalg.cholesky(matrices.numpy()))
        except np.linalg.LinAlgError:
            pass
        else:
            return factors, torch.zeros(len(matrices), dtype=torch.bool)
    factors, failed = torch.linalg.cholesky_ex(matrices)
    return factors, failed > 0


def add_products(sums: "torch.Tensor", left: "torch.Tensor", right: "torch.Tensor", keep: float = 1.0) -> None:
    """Bring the upper triangles of symmetric sums (many, size, size) to keep · sums + leftᵀ right, in place.

    ``left`` and ``right`` are (many, samples, size). The lower left quarter is not computed; nobody may look at it.
    """
    half = left.shape[2] // 2
    sums[:, :half].baddbmm_(left[:, :, :half].mT, right, beta=keep)
    sums[:, half:, half:].baddbmm_(left[:, :, half:].mT, right[:, :, half:], beta=keep)
