"""Online background pixel mining: which pixels of each superpixel may teach the network."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

LossName = Literal["obpm", "l1", "l2"]

SMOOTHING = 7
"""Differences between neighbours in rank that are averaged before the largest is looked for."""


@dataclass(frozen=True, eq=False)
class Ranks:
    """What is fixed about the order of values within segments, whatever the values.

    ``labels`` (n,) as the pixels lie and ``ranked_labels`` (n,) as they are sorted; ``sizes`` and ``starts``
    (segments,); ``local`` (n,) counts the ranks of each segment from 0; ``slots`` (n,) are places in a row of numbers
    with room between the segments, so that one mean over neighbours never reaches into the next segment.
    """

    labels: "Tensor"
    ranked_labels: "Tensor"
    sizes: "Tensor"
    starts: "Tensor"
    local: "Tensor"
    slots: "Tensor"


def ranks(labels: NDArray[np.integer], device: str) -> Ranks:
    """The ranks for pixels with labels (n,) 0..segments-1, none of them empty."""
    import torch

    sizes = np.bincount(labels)
    starts = np.cumsum(sizes) - sizes
    ranked = np.repeat(np.arange(len(sizes)), sizes)
    place = np.arange(len(labels))
    tensors = (labels, ranked, sizes, starts, place - starts[ranked], place + SMOOTHING // 2 * ranked)
    return Ranks(*(torch.from_numpy(np.asarray(array, dtype=np.int64)).to(device) for array in tensors))


def pixel_loss(error: "Tensor", name: LossName, alpha: float, beta: float) -> "Tensor":
    """The loss of each pixel by its mean absolute error: exp(βe)/β + αe (equation 12), e, or e²."""
    if name == "obpm":
        return (beta * error).exp() / beta + alpha * error
    return error if name == "l1" else error.square()


def background_pixels(losses: "Tensor", order: Ranks, most: float) -> "Tensor":
    """Which pixels (n,) lie below the largest jump of their segment's ranked losses (equations 13-15).

    ``losses`` (n,) are not negative. First differences of the ranked losses are averaged over seven ranks; the pixels
    above the rank with the largest mean are dropped, unless those from that rank on are the share ``most`` of the
    segment or more: then none is. Nothing of the size segments × pixels is made.
    """
    import torch
    from torch.nn import functional as nn

    losses = losses.detach()
    # The bits of a float that is not negative order as it does: one sort by label, then by loss.
    place = ((order.labels << 32) | losses.view(torch.int32).long()).argsort()
    ranked = losses[place]
    jumps = ranked.diff(prepend=ranked[:1])
    jumps[order.starts] = 0.0
    spaced = ranked.new_zeros(len(ranked) + SMOOTHING // 2 * len(order.sizes))
    spaced[order.slots] = jumps
    mean = ranked.new_full((1, 1, SMOOTHING), 1 / SMOOTHING)
    # Twice: one short row would be summed with another rounding than many, and that decides between equal jumps.
    smooth = nn.conv1d(spaced.expand(2, 1, -1), mean, padding=SMOOTHING // 2)[0, 0, order.slots]
    largest = smooth.new_zeros(len(order.sizes)).scatter_reduce(0, order.ranked_labels, smooth, "amax")
    last = order.sizes[order.ranked_labels] - 1
    candidates = torch.where(smooth == largest[order.ranked_labels], order.local, last)
    cut = order.sizes.scatter_reduce(0, order.ranked_labels, candidates, "amin", include_self=False)
    limit = ranked[order.starts + cut].masked_fill(order.sizes - cut >= most * order.sizes, math.inf)
    return losses <= limit[order.labels]
