"""One Gaussian over the background dictionary: the score of MTGAN, and RX on the background dictionary."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hadviewer.detectors._mtgan_prior import FLOOR

if TYPE_CHECKING:
    from torch import Tensor

PIECE = 8192
"""Pixels at a time."""


@dataclass(frozen=True, eq=False)
class Gaussian:
    """Mean (bands,) and covariance (bands, bands, divisor n-1) in float64."""

    mean: "Tensor"
    covariance: "Tensor"

    @classmethod
    def fitted(cls, pixels: "Tensor", members: "Tensor") -> "Gaussian":
        """The Gaussian of some of the pixels (n, bands), named by their positions."""
        import torch

        pieces = members.split(PIECE)
        mean = torch.stack([_double(pixels[piece]).sum(dim=0) for piece in pieces]).sum(dim=0) / len(members)
        scatter = torch.zeros((len(mean), len(mean)), dtype=mean.dtype, device=mean.device)
        for piece in pieces:
            deviations = _double(pixels[piece]).sub_(mean)
            scatter.addmm_(deviations.T, deviations)
        return cls(mean, scatter / max(1, len(members) - 1))

    def squared_distances(self, pixels: "Tensor") -> NDArray[np.float64]:
        """Squared Mahalanobis distances (n,) of pixels (n, bands); the variance of no direction counts as zero."""
        import torch

        values, vectors = torch.linalg.eigh(self.covariance)
        whitening = vectors / values.clamp(min=max(FLOOR * values[-1].item(), np.finfo(np.float64).tiny)).sqrt()
        pieces = [(_double(piece).sub_(self.mean) @ whitening).square_().sum(dim=1) for piece in pixels.split(PIECE)]
        distances: NDArray[np.float64] = torch.cat(pieces).cpu().numpy()
        return distances


def _double(pixels: "Tensor") -> "Tensor":
    """A copy in float64: on the CPU where the device has no such numbers."""
    return (pixels.cpu() if pixels.device.type == "mps" else pixels).double()
