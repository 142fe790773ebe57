"""Small square patches of a scene, compared and clustered by the image patch distance."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.context import Context

if TYPE_CHECKING:
    from torch import Tensor

CHUNK_BYTES = 64 * 2**20


def patch_table(valid: NDArray[np.bool_], width: int = 3) -> NDArray[np.int64]:
    """For each valid pixel the numbers of the pixels of its patch, (n, width²), row by row.

    Pixels are numbered as ``cube[valid]`` lists them. Where a neighbour is invalid or outside, the pixel itself stands.
    """
    number = np.full(np.add(valid.shape, width - 1), -1, dtype=np.int64)
    reach = width // 2
    number[reach : reach + valid.shape[0], reach : reach + valid.shape[1]][valid] = np.arange(valid.sum())
    views = np.lib.stride_tricks.sliding_window_view(number, (width, width))[valid]
    table = views.reshape(len(views), -1)
    return np.where(table >= 0, table, np.arange(len(table))[:, None])


def image_patch_distance(pixels: "Tensor", table: "Tensor", centres: "Tensor") -> "Tensor":
    """Distance of each patch (n, places) of pixels (m, features) from each centre (k, places, features): (n, k).

    Σₐ max(min_b |pₐ - q_b|, min_b |qₐ - p_b|): every vector of one patch looks for its like anywhere in the other.
    """
    import torch

    k, places, features = centres.shape
    apart = torch.cdist(pixels, centres.reshape(-1, features)).view(-1, k, places)
    nearest = apart.amin(2)
    result = pixels.new_empty(len(table), k)
    for part in chunks(len(table), 8 * places * places * k):
        backward = apart[table[part]].amin(1).transpose(1, 2)
        result[part] = torch.maximum(nearest[table[part]], backward).sum(1)
    return result


def cluster_patches(pixels: "Tensor", table: "Tensor", count: int, rounds: int, ctx: Context) -> "Tensor":
    """The cluster (n,) of each patch by k-means under the image patch distance; centres are mean patches.

    It starts from equal shares of the patches in the order of their first feature: there is no chance in it, and a
    few pixels more or less hardly matter. A cluster that loses all its patches keeps its centre.
    """
    import torch

    order = pixels[table, 0].mean(1).argsort(stable=True)
    label = torch.empty_like(order)
    label[order] = torch.arange(len(order), device=order.device) * count // len(order)
    centres = pixels.new_zeros(count, *pixels[table[:1]].shape[1:])
    for done in range(rounds):
        ctx.step(done, rounds, "Clustering patches")
        for number in range(count):
            members = table[label == number]
            if len(members):
                centres[number] = pixels[members].mean(0)
        former, label = label, image_patch_distance(pixels, table, centres).argmin(1)
        if bool((label == former).all()):
            break
    ctx.step(1, 1, "Clustering patches")
    return label


def chunks(length: int, row_bytes: int) -> Iterator[slice]:
    """Slices that cover ``length`` rows within the memory budget."""
    size = max(1, CHUNK_BYTES // max(1, row_bytes))
    for start in range(0, length, size):
        yield slice(start, min(start + size, length))
