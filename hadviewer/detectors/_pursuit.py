"""Simultaneous orthogonal matching pursuit of many small groups of signals over one dictionary."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

LOADING = 1e-10
"""Added to the squared length of every atom, so that the likeness of two atoms cannot spoil the coefficients."""


def pursue(
    groups: "Tensor", atoms: "Tensor", gram: "Tensor", own: "Tensor", count: int
) -> "tuple[Tensor, Tensor, Tensor]":
    """The atoms that represent each group of signals jointly: support, coefficients, residuals.

    ``groups`` (n, signals, features), ``atoms`` (m, features) with Gram matrix ``gram``, ``own`` (n,) the atom a group
    may not use (-1: none). In each of ``count`` rounds the atom whose correlations with the residuals of the group have
    the greatest length is added, and the coefficients of all so far are fitted to all signals by least squares.
    Gives (n, count) atom numbers, (n, count, signals) coefficients and (n, signals, features) residuals.
    """
    import torch

    n, signals, _ = groups.shape
    start = groups @ atoms.T
    barred = torch.zeros(n, len(atoms), dtype=torch.bool, device=atoms.device)
    barred[own >= 0] = torch.nn.functional.one_hot(own[own >= 0], len(atoms)).bool()
    support = own.new_empty(n, 0)
    coefficients = groups.new_empty(n, 0, signals)
    correlation = start
    for _ in range(count):
        strength = (correlation**2).sum(1).masked_fill_(barred, -1.0)
        chosen = strength.argmax(1, keepdim=True)
        barred.scatter_(1, chosen, True)
        support = torch.cat([support, chosen], 1)
        coefficients = _fitted(start, gram, support)
        correlation = torch.baddbmm(start, coefficients.transpose(1, 2), gram[support], alpha=-1)
    residuals = torch.baddbmm(groups, coefficients.transpose(1, 2), atoms[support], alpha=-1)
    return support, coefficients, residuals


def _fitted(start: "Tensor", gram: "Tensor", support: "Tensor") -> "Tensor":
    """Least-squares coefficients (n, k, signals) of the chosen atoms."""
    import torch

    normal = gram[support.unsqueeze(2), support.unsqueeze(1)]
    normal.diagonal(dim1=1, dim2=2).add_(LOADING)
    target = start.gather(2, support.unsqueeze(1).expand(-1, start.shape[1], -1)).transpose(1, 2)
    return torch.cholesky_solve(target, torch.linalg.cholesky(normal))
