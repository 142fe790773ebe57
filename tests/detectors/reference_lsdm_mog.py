"""Variational Bayes for a low-rank matrix under a mixture of Gaussians, one row, one entry, one component at a time."""

import numpy as np
from scipy.special import digamma

VAGUE = 1e-6


class Reference:
    """State after the start and after each ``step``; Y is (bands, pixels), scaled."""

    def __init__(self, Y, rank, components, rng):
        self.Y = Y
        left, values, right = np.linalg.svd(Y, full_matrices=False)
        self.U = left[:, :rank] * np.sqrt(values[:rank])
        self.V = right[:rank].T * np.sqrt(values[:rank])
        spread = np.sqrt(np.mean(Y**2))
        self.SU = [spread * np.eye(rank) for _ in self.U]
        self.SV = [spread * np.eye(rank) for _ in self.V]
        self.gamma = np.full(rank, spread)
        residual = Y - self.U @ self.V.T
        while True:
            centres = np.sort(rng.choice(residual.size, components, replace=False))
            centres = np.sort(residual.ravel()[centres])
            label = np.abs(residual[..., None] - centres).argmin(-1)
            if len(np.unique(label)) == components:
                break
        self.R = np.stack([(label == k).astype(float) for k in range(components)])
        self.fit(residual, residual**2)

    def fit(self, e, e2):
        self.size = self.R.sum((1, 2))
        self.beta = VAGUE + self.size
        self.mu = np.array([(R * e).sum() for R in self.R]) / self.beta
        self.c = VAGUE + self.size / 2
        sums = [((R * e2).sum(), (R * e).sum()) for R in self.R]
        self.d = np.array([VAGUE + 0.5 * (s2 - s1**2 / b) for (s2, s1), b in zip(sums, self.beta, strict=True)])
        self.alpha = VAGUE + self.size

    def rows(self, W, M, Y, other, covariances):
        """Posterior means and covariances of the rows of one factor, given the other."""
        means, spreads = [], []
        for w, m, y in zip(W, M, Y, strict=True):
            precision = np.diag(self.gamma)
            target = np.zeros(len(self.gamma))
            for weight, shift, value, v, S in zip(w, m, y, other, covariances, strict=True):
                precision = precision + weight * (np.outer(v, v) + S)
                target += (weight * value - shift) * v
            spreads.append(np.linalg.inv(precision))
            means.append(spreads[-1] @ target)
        return np.array(means), spreads

    def step(self):
        """One round; the background's relative change."""
        tau = self.c / self.d
        W = sum(R * t for R, t in zip(self.R, tau, strict=True))
        M = sum(R * t * m for R, t, m in zip(self.R, tau, self.mu, strict=True))
        former = self.U @ self.V.T
        self.U, self.SU = self.rows(W, M, self.Y, self.V, self.SV)
        self.V, self.SV = self.rows(W.T, M.T, self.Y.T, self.U, self.SU)
        energy = (self.U**2).sum(0) + sum(np.diag(S) for S in self.SU)
        energy += (self.V**2).sum(0) + sum(np.diag(S) for S in self.SV)
        self.gamma = (2 * VAGUE + sum(self.Y.shape)) / (2 * VAGUE + energy)
        self.drop()
        L = self.U @ self.V.T
        e, e2 = self.Y - L, np.empty_like(self.Y)
        for b, i in np.ndindex(self.Y.shape):
            uu = np.outer(self.U[b], self.U[b]) + self.SU[b]
            vv = np.outer(self.V[i], self.V[i]) + self.SV[i]
            e2[b, i] = self.Y[b, i] ** 2 - 2 * self.Y[b, i] * L[b, i] + np.trace(uu @ vv)
        self.respond(e, e2)
        self.fit(e, e2)
        return np.linalg.norm(L - former) / np.linalg.norm(former)

    def drop(self):
        kept = self.gamma <= 100 * self.gamma.min()
        self.U, self.V, self.gamma = self.U[:, kept], self.V[:, kept], self.gamma[kept]
        self.SU = [S[np.ix_(kept, kept)] for S in self.SU]
        self.SV = [S[np.ix_(kept, kept)] for S in self.SV]

    def respond(self, e, e2):
        tau = self.c / self.d
        logs = []
        for k in range(len(tau)):
            fit = 1 / self.beta[k] + tau[k] * (self.mu[k] ** 2 + e2 - 2 * self.mu[k] * e)
            share = digamma(self.alpha[k]) - digamma(self.alpha.sum())
            logs.append(0.5 * (digamma(self.c[k]) - np.log(self.d[k])) + share - 0.5 * fit)
        weights = np.exp(np.array(logs) - np.max(logs, axis=0))
        self.R = weights / weights.sum(axis=0)

    def scores(self):
        residual = self.Y - self.U @ self.V.T
        F = max((R * residual for R in self.R), key=np.ptp)
        calmest = min(range(F.shape[1]), key=lambda j: np.abs(F[:, j]).sum())
        return np.array([np.abs(F[:, i] - F[:, calmest]).sum() for i in range(F.shape[1])])
