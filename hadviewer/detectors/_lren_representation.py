"""The low-rank step of LREN: which vectors make the dictionary, and what a low-rank use of it leaves of each."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.context import Context
from hadviewer.detectors._lowrank import eigen

if TYPE_CHECKING:
    from torch import Tensor

Matrix = NDArray[np.float64]

TRIMMED_SHARE = 0.95
TRIMMING_ROUNDS = 5
FLATTEST = 1e-6
"""Least variance that is whitened, as a share of the largest."""
LEAST_OWNERS = 0.01
WEIGHT_FACTOR = 2.0
PENALTY, PENALTY_GROWTH, PENALTY_LIMIT = 1e-3, 1.2, 1e10
PIECE, GPU_PIECE = 4096, 1 << 20
"""Columns worked on together: on the CPU few enough that all they need stays in its cache."""


class Solver(NamedTuple):
    """When the alternating directions end: by the largest change, or by their number."""

    tolerance: float
    iterations: int


LITERAL_SOLVER = Solver(1e-8, 500)
STABLE_SOLVER = Solver(1e-6, 200)


def whitened(z: Matrix) -> Matrix:
    """Vectors (n, d) in the principal axes of their core, with unit variances there.

    The core are the 95 % nearest to its mean, found in five rounds.
    """
    kept = np.ones(len(z), dtype=bool)
    y = z
    for _ in range(TRIMMING_ROUNDS):
        core = z[kept]
        mean = core.mean(axis=0)
        core = core - mean
        values, vectors = np.linalg.eigh(core.T @ core / len(core))
        floor = FLATTEST * values[-1]
        if floor <= 0:
            return np.zeros_like(z)
        y = (z - mean) @ (vectors / np.sqrt(values.clip(floor)))
        lengths = np.einsum("ij,ij->i", y, y)
        kept = lengths <= np.quantile(lengths, TRIMMED_SHARE)
    return y


def trusted_atoms(memberships: Matrix, energy: NDArray[np.float64]) -> NDArray[np.intp]:
    """Numbers of the dictionary's pixels among those trusted: the 95 % of lowest energy.

    Each component that owns at least 1 % of N trusted pixels gives its owners of highest and of lowest membership.
    """
    trusted = energy <= np.quantile(energy, TRIMMED_SHARE)
    chosen = _extremes(memberships, trusted, LEAST_OWNERS * len(energy))
    if len(chosen) < 2:
        places = np.flatnonzero(trusted)
        chosen = [int(places[energy[places].argmin()]), int(places[energy[places].argmax()])]
    return np.array(chosen, dtype=np.intp)


def published_atoms(memberships: Matrix) -> NDArray[np.intp]:
    """Numbers of the dictionary's pixels: of every component the owners of highest and of lowest membership."""
    everyone = np.ones(len(memberships), dtype=bool)
    return np.array(_extremes(memberships, everyone, 1), dtype=np.intp)


def _extremes(memberships: Matrix, eligible: NDArray[np.bool_], least: float) -> list[int]:
    owners = memberships.argmax(axis=1)
    chosen = []
    for component in range(memberships.shape[1]):
        members = np.flatnonzero((owners == component) & eligible)
        if len(members) >= max(1, least):
            own = memberships[members, component]
            chosen += [int(members[own.argmax()]), int(members[own.argmin()])]
    return chosen


def scaled_weight(y: Matrix, atoms: NDArray[np.intp]) -> float:
    """λ twice as large as the largest that lets the representation vanish: 2 / |Dᵀ Ŷ|₂, Ŷ all columns of unit length.

    Infinite when the atoms are zero.
    """
    lengths = np.linalg.norm(y, axis=1)
    units = y[lengths > 0] / lengths[lengths > 0, None]
    D = y[atoms]
    largest = np.linalg.eigvalsh(D @ (units.T @ units) @ D.T)[-1]
    return float(WEIGHT_FACTOR / np.sqrt(largest)) if largest > 0 else float("inf")


def residuals(z: Matrix, atoms: NDArray[np.intp], weight: float, solver: Solver, ctx: Context) -> Matrix:
    """|E_p| (n,) of the vectors z (n, d): min |S|_* + λ |E|_{2,1} with Z = D S + E, columns being pixels.

    The dictionary are the vectors numbered ``atoms``, ``weight`` is λ. float64, on the CPU where the device has none.
    """
    import torch

    if not np.isfinite(weight) or not z[atoms].any():
        return np.asarray(np.linalg.norm(z, axis=1))
    device = "cpu" if ctx.device == "mps" else ctx.device
    columns = torch.as_tensor(np.ascontiguousarray(z.T), device=device)
    dictionary = torch.as_tensor(np.ascontiguousarray(z[atoms].T), device=device)
    pieces = columns.split(PIECE if device == "cpu" else GPU_PIECE, dim=1)
    representation = _Representation(pieces, dictionary, weight)
    change, mu = np.inf, PENALTY
    for done in range(solver.iterations):
        ctx.step(done, solver.iterations, f"Low-rank step, iteration {done + 1}")
        change = representation.advance(mu)
        if change < solver.tolerance:
            break
        mu = min(PENALTY_LIMIT, PENALTY_GROWTH * mu)
    else:
        ctx.note(f"The low-rank step ended after {solver.iterations} iterations with changes of {change:.1e}.")
    return representation.scores()


class _Representation:
    """Alternating directions for S, its low-rank copy J and E, a piece of the columns at a time.

    Y1 is the multiplier of Z = D S + E. That of S = J need not be kept: the step for S makes it Dᵀ Y1, always. Nothing
    but the Gram matrix of S + Dᵀ Y1 / μ, atoms × atoms, joins the columns: its eigenvectors make the step for J.
    """

    def __init__(self, pieces: "Sequence[Tensor]", dictionary: "Tensor", weight: float) -> None:
        import torch

        atoms = dictionary.shape[1]
        eye = torch.eye(atoms, dtype=dictionary.dtype, device=dictionary.device)
        inverse = torch.linalg.inv(dictionary.T @ dictionary + eye)
        self._pieces = [_Piece(piece.contiguous(), dictionary, inverse) for piece in pieces]
        self._weight = weight

    def scores(self) -> Matrix:
        """Length of E at each pixel (n,)."""
        import torch

        return np.asarray(torch.cat([piece.E.norm(dim=0) for piece in self._pieces]).cpu().numpy())

    def advance(self, mu: float) -> float:
        """One round with penalty μ; returns the largest change of an entry or violation of a constraint."""
        import torch

        gram = sum((piece.gram(mu) for piece in self._pieces), start=self._pieces[0].E.new_zeros(()))
        values, vectors = eigen(gram)
        kept = values > mu**-2
        vectors, shrunk = vectors[:, kept], 1 - 1 / (mu * values[kept].sqrt())
        shrink = (vectors * shrunk) @ vectors.T
        return float(torch.stack([piece.advance(mu, shrink, self._weight) for piece in self._pieces]).max())


class _Piece:
    """Some of the columns, with what the iterations keep of them."""

    def __init__(self, Z: "Tensor", D: "Tensor", inverse: "Tensor") -> None:
        self._Z, self._D, self._inverse = Z, D, inverse
        self._S = self._J = Z.new_zeros((D.shape[1], Z.shape[1]))
        self.E = self._Y1 = Z.new_zeros(Z.shape)
        self._rest = Z
        self._W = self._S

    def gram(self, mu: float) -> "Tensor":
        """W Wᵀ of W = S + Dᵀ Y1 / μ."""
        self._W = self._S + (self._D.T / mu) @ self._Y1
        return self._W @ self._W.T

    def advance(self, mu: float, shrink: "Tensor", weight: float) -> "Tensor":
        """One round; ``shrink`` makes J of W."""
        import torch

        J = shrink @ self._W
        E = _shortened(self._rest + self._Y1 / mu, weight / mu)
        S = self._inverse @ (J + self._D.T @ (self._Z - E))
        rest = self._Z - self._D @ S
        gap = rest - E
        moved = S - self._S, J - self._J, E - self.E, gap, S - J
        self._S, self._J, self.E, self._rest = S, J, E, rest
        self._Y1 = self._Y1 + mu * gap
        return torch.stack([matrix.abs().max() for matrix in moved]).max()


def _shortened(columns: "Tensor", threshold: float) -> "Tensor":
    """Each column shortened by the threshold: the proximal step of threshold·|E|_{2,1}."""
    lengths = columns.square().sum(dim=0).sqrt()  # several times as fast as norm(dim=0)
    kept: Tensor = columns * (1 - threshold / lengths).clamp_min(0).nan_to_num(0.0)
    return kept
