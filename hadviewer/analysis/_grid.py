"""Neighbouring pixels as pairs of indices, and the groups they form."""

import numpy as np
from numpy.typing import NDArray

Index = NDArray[np.intp]


def neighbour_pairs(mask: NDArray[np.bool_], reach: int = 1) -> tuple[Index, Index]:
    """Every pair of true pixels of a mask (rows, cols) at most `reach` rows and columns apart.

    Pixels are counted 0..n-1 in the order of ``mask.ravel()``, true ones only. Each pair comes once.
    """
    rows, cols = mask.shape
    number = np.where(mask.ravel(), np.cumsum(mask.ravel()) - 1, -1).reshape(mask.shape)
    firsts, seconds = [np.zeros(0, np.intp)], [np.zeros(0, np.intp)]
    for down in range(min(reach, rows - 1) + 1):
        for right in range(-reach if down else 1, reach + 1):
            if abs(right) >= cols:
                continue
            upper = number[: rows - down, max(0, -right) : cols - max(0, right)].ravel()
            lower = number[down:, max(0, right) : cols - max(0, -right)].ravel()
            both = (upper >= 0) & (lower >= 0)
            firsts.append(upper[both])
            seconds.append(lower[both])
    return np.concatenate(firsts), np.concatenate(seconds)


def groups(count: int, firsts: Index, seconds: Index) -> NDArray[np.int32]:
    """Number 0..k-1 of the group that each of `count` things belongs to, when the pairs are bound together."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    bound = coo_matrix((np.ones(len(firsts), bool), (firsts, seconds)), shape=(count, count))
    return np.asarray(connected_components(bound, directed=False)[1], dtype=np.int32)
