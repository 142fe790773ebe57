"""A mixture of Gaussians in closed form from vectors and their memberships, in float64."""

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

Matrix = NDArray[np.float64]

RIDGE = 1e-6
EMPTY = 1e-12
"""Added to the weight of a component, so that one without members divides nothing by zero."""
PIECE = 8192
"""Vectors at a time: their deviations from every mean are the largest arrays here."""
LEAST_SHARE = 0.05
"""Components below this share of the pixels may be anomalies themselves: the common energy leaves them out."""


class Mixture(NamedTuple):
    """Shares φ (K,), means μ (K, d), covariances Σ + 1e-6 I (K, d, d)."""

    shares: "Tensor"
    means: "Tensor"
    covariances: "Tensor"

    @classmethod
    def fitted(cls, z: "Tensor", memberships: "Tensor") -> "Mixture":
        """From vectors (n, d) and memberships γ (n, K) in closed form."""
        import torch

        totals = memberships.sum(dim=0) + EMPTY
        means = memberships.T @ z / totals[:, None]
        pieces = zip(z.split(PIECE), memberships.split(PIECE), strict=True)
        scatter = sum((_scatter(*piece, means) for piece in pieces), start=z.new_zeros(()))
        ridge = RIDGE * torch.eye(z.shape[1], dtype=z.dtype, device=z.device)
        return cls(totals / len(z), means, scatter / totals[:, None, None] + ridge)

    def energies(self, z: "Tensor", least_share: float = 0.0) -> "Tensor":
        """E (n,) = -log Σ φ N(z; μ, Σ) over the components of at least this share, the largest always among them."""
        import torch

        d = z.shape[1]
        factors = torch.linalg.cholesky(self.covariances)
        whiteners = torch.linalg.solve_triangular(factors, torch.eye(d, dtype=z.dtype, device=z.device), upper=False)
        heights = self.shares.log() - factors.diagonal(dim1=1, dim2=2).log().sum(dim=1) - d / 2 * math.log(2 * math.pi)
        counted = self.shares >= min(least_share, float(self.shares.detach().max()))
        heights = heights.masked_fill(~counted, -math.inf)

        energies = []
        for piece in z.split(PIECE):
            white = (piece - self.means[:, None]) @ whiteners.mT
            energies.append(-(heights - white.square().sum(dim=2).T / 2).logsumexp(dim=1))
        return torch.cat(energies)

    def tightness(self) -> "Tensor":
        """Σ 1/Σ_k[j,j]: grows when a component collapses in a direction."""
        total: Tensor = self.covariances.diagonal(dim1=1, dim2=2).reciprocal().sum()
        return total


def _scatter(z: "Tensor", memberships: "Tensor", means: "Tensor") -> "Tensor":
    """Σ_p γ_pk (z_p - μ_k)(z_p - μ_k)ᵀ as (K, d, d)."""
    deviations = z - means[:, None]
    return (deviations * memberships.T[:, :, None]).mT @ deviations


class Embedding(NamedTuple):
    """What the low-rank step works on, of n pixels: vectors z (n, d), memberships γ (n, K) and two energies (n,).

    ``energy`` is that of the whole mixture, ``common`` that of its larger components.
    """

    z: Matrix
    memberships: Matrix
    energy: Matrix
    common: Matrix


def embedded(z: "Tensor", memberships: "Tensor") -> Embedding:
    """The vectors with the energies of the mixture that they and their memberships make."""
    mixture = Mixture.fitted(z, memberships)
    parts = z, memberships, mixture.energies(z), mixture.energies(z, LEAST_SHARE)
    return Embedding(*(part.cpu().numpy() for part in parts))


def cluster_memberships(vectors: Matrix, labels: NDArray[np.intp]) -> Matrix:
    """Memberships (n, K) of vectors in clusters: equal round Gaussians about the means, as wide as clusters are."""
    means = np.stack([vectors[labels == label].mean(axis=0) for label in np.unique(labels)])
    squares = np.stack([((vectors - mean) ** 2).sum(axis=1) for mean in means], axis=1)
    spread = max(float(squares.min(axis=1).mean()), EMPTY)
    heights = np.exp((squares.min(axis=1, keepdims=True) - squares) / (2 * spread))
    return np.asarray(heights / heights.sum(axis=1, keepdims=True))
