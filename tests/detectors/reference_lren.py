"""LREN written out: one training step, the mixture, the dictionaries and the low-rank step, as the paper has them.

Everything in float64. Slow where a loop is plainer; only the networks use torch, for its gradients.
"""

import numpy as np
import torch


def standardised(cube):
    """The whole cube to 0..1, then every band to mean 0 and variance 1: (n, bands)."""
    unit = (cube.astype(float) - cube.min()) / (float(cube.max()) - float(cube.min()))
    pixels = unit.reshape(-1, cube.shape[2])
    return (pixels - pixels.mean(axis=0)) / pixels.std(axis=0)


def forward(weights, x):
    """(z, reconstruction, memberships); ``weights`` are six (weight, bias) pairs: encoder, decoder, density network."""
    a, b, c, d, e, f = weights
    z = torch.tanh(x @ a[0] + a[1]) @ b[0] + b[1]
    reconstruction = torch.tanh(z @ c[0] + c[1]) @ d[0] + d[1]
    memberships = torch.softmax(torch.tanh(z @ e[0] + e[1]) @ f[0] + f[1], dim=1)
    return z, reconstruction, memberships


def mixture(z, memberships):
    """Shares, means and covariances, one component after the other."""
    shares, means, covariances = [], [], []
    for k in range(memberships.shape[1]):
        own = memberships[:, k]
        mean = (own[:, None] * z).sum(dim=0) / own.sum()
        covariance = sum(g * torch.outer(v - mean, v - mean) for g, v in zip(own, z, strict=True)) / own.sum()
        shares.append(own.mean())
        means.append(mean)
        covariances.append(covariance + 1e-6 * torch.eye(z.shape[1], dtype=z.dtype))
    return shares, means, covariances


def energies(z, shares, means, covariances):
    """-log Σ φ N(z; μ, Σ) by torch's own normal distribution."""
    heights = [
        share.log() + torch.distributions.MultivariateNormal(mean, covariance).log_prob(z)
        for share, mean, covariance in zip(shares, means, covariances, strict=True)
    ]
    return -torch.logsumexp(torch.stack(heights), dim=0)


def loss(weights, x, energy_weight=0.1, tightness_weight=1e-4):
    z, reconstruction, memberships = forward(weights, x)
    shares, means, covariances = mixture(z, memberships)
    tightness = sum((1 / covariance.diagonal()).sum() for covariance in covariances)
    error = ((x - reconstruction) ** 2).sum(dim=1).mean()
    return error + energy_weight * energies(z, shares, means, covariances).mean() + tightness_weight * tightness


def published_atoms(memberships):
    atoms = []
    for k in range(memberships.shape[1]):
        members = [p for p in range(len(memberships)) if memberships[p].argmax() == k]
        if members:
            atoms.append(max(members, key=lambda p: memberships[p, k]))
            atoms.append(min(members, key=lambda p: memberships[p, k]))
    return atoms


def representation(Z, D, weight, tolerance, iterations):
    """E of min |S|_* + λ |E|_{2,1} with Z = D S + E; both multipliers, singular values by SVD."""
    atoms = D.shape[1]
    S, J = np.zeros((atoms, Z.shape[1])), np.zeros((atoms, Z.shape[1]))
    E, Y1, Y2 = np.zeros(Z.shape), np.zeros(Z.shape), np.zeros(S.shape)
    mu = 1e-3
    inverse = np.linalg.inv(D.T @ D + np.eye(atoms))
    for _ in range(iterations):
        former = S, J, E
        U, s, V = np.linalg.svd(S + Y2 / mu, full_matrices=False)
        J = (U * np.maximum(s - 1 / mu, 0)) @ V
        rest = Z - D @ S + Y1 / mu
        lengths = np.linalg.norm(rest, axis=0)
        E = rest * np.where(lengths > weight / mu, 1 - weight / mu / np.where(lengths > 0, lengths, 1), 0)
        S = inverse @ (D.T @ (Z - E) + J + (D.T @ Y1 - Y2) / mu)
        gaps = Z - D @ S - E, S - J
        moves = [now - then for now, then in zip((S, J, E), former, strict=True)]
        if max(np.abs(matrix).max() for matrix in (*moves, *gaps)) < tolerance:
            break
        Y1, Y2, mu = Y1 + mu * gaps[0], Y2 + mu * gaps[1], min(1e10, 1.2 * mu)
    return E


def stable_residual(z, memberships, common):
    """Whitening, trusted atoms, scaled λ and low-rank step of the stable mode; (|E_p|, atoms)."""
    kept = list(range(len(z)))
    for _ in range(5):
        mean, covariance = z[kept].mean(axis=0), np.cov(z[kept].T, bias=True)
        values, U = np.linalg.eigh(covariance)
        y = (z - mean) @ U @ np.diag(1 / np.sqrt(np.maximum(values, 1e-6 * values.max())))
        lengths = (y**2).sum(axis=1)
        kept = [p for p in range(len(z)) if lengths[p] <= np.quantile(lengths, 0.95)]
    trusted = common <= np.quantile(common, 0.95)
    atoms = []
    for k in range(memberships.shape[1]):
        members = [p for p in range(len(z)) if trusted[p] and memberships[p].argmax() == k]
        if len(members) >= 0.01 * len(z) and members:
            atoms.append(max(members, key=lambda p: memberships[p, k]))
            atoms.append(min(members, key=lambda p: memberships[p, k]))
    D = y[atoms].T
    weight = 2 / np.linalg.norm(D.T @ (y / np.linalg.norm(y, axis=1, keepdims=True)).T, 2)
    E = representation(y.T, D, weight, 1e-6, 200)
    return np.linalg.norm(E, axis=0), atoms


def normalised(scores):
    departures = scores - np.median(scores)
    return departures / np.quantile(np.abs(departures), 0.99)
