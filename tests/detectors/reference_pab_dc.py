"""The steps of the two-dictionary detector written out: one patch, one atom at a time, full decompositions."""

import numpy as np


def image_patch_distance(P, Q):
    total = 0.0
    for a in range(len(P)):
        forward = min(np.linalg.norm(P[a] - q) for q in Q)
        backward = min(np.linalg.norm(Q[a] - p) for p in P)
        total += max(forward, backward)
    return total


def pursue(group, atoms, own, count):
    """Support, coefficients (count, signals) and residuals (signals, features) of one group of signals."""
    support, coefficients, residual = [], np.empty((0, len(group))), group
    for _ in range(count):
        strength = [np.linalg.norm(residual @ atom) for atom in atoms]
        for barred in [own, *support]:
            strength[barred] = -1
        support.append(int(np.argmax(strength)))
        coefficients = np.linalg.lstsq(atoms[support].T, group.T, rcond=None)[0]
        residual = group - (atoms[support].T @ coefficients).T
    return support, coefficients, residual


def usage(X, table, label, count):
    """Sum of mean absolute coefficients, number of uses and mean residual length of each pixel."""
    weight, times, error = (np.zeros(len(X)) for _ in range(3))
    for pixel in range(len(X)):
        members = np.flatnonzero(label == label[pixel])
        own = int(np.flatnonzero(members == pixel)[0])
        support, coefficients, residual = pursue(X[table[pixel]], X[members], own, min(count, len(members) - 1))
        for atom, row in zip(support, coefficients, strict=True):
            weight[members[atom]] += np.abs(row).mean()
            times[members[atom]] += 1
        error[pixel] = np.linalg.norm(residual, axis=1).mean()
    return weight, times, error


def level(label, weight, times, error):
    """Error times weight per use, as shares of the cluster's; without a use, the cluster's mean share per use."""
    found = np.zeros(len(label))
    for pixel in range(len(label)):
        members = label == label[pixel]
        if times[pixel]:
            found[pixel] = error[pixel] * weight[pixel] / weight[members].sum() / times[pixel]
        else:
            found[pixel] = error[pixel] / max(1, times[members].sum())
    return found


def decompose(X, background, anomalous, beta, lam, mu, iterations):
    """Lengths of the columns of D_a S and the state (Z, S, E, Y1); columns are pixels, nothing is rotated."""
    Db, Da = background, anomalous
    Z = Y2 = np.zeros((Db.shape[1], X.shape[1]))
    S = Y3 = np.zeros((Da.shape[1], X.shape[1]))
    E = Y1 = np.zeros_like(X)
    for _ in range(iterations):
        left, values, right = np.linalg.svd(Z + Y2 / mu, full_matrices=False)
        J = (left * np.maximum(values - 1 / mu, 0)) @ right
        moved = S + Y3 / mu
        L = np.sign(moved) * np.maximum(np.abs(moved) - beta / mu, 0)
        target = Db.T @ (X - Da @ S - E + Y1 / mu) + J - Y2 / mu
        Z = np.linalg.inv(Db.T @ Db + np.eye(Db.shape[1])) @ target
        target = Da.T @ (X - Db @ Z - E + Y1 / mu) + L - Y3 / mu
        S = np.linalg.inv(Da.T @ Da + np.eye(Da.shape[1])) @ target
        left_over = X - Db @ Z - Da @ S + Y1 / mu
        lengths = np.maximum(np.linalg.norm(left_over, axis=0), 1e-300)
        E = left_over * np.maximum(0, 1 - lam / mu / lengths)
        Y1 = Y1 + mu * (X - Db @ Z - Da @ S - E)
        Y2 = Y2 + mu * (Z - J)
        Y3 = Y3 + mu * (S - L)
        mu = min(1.1 * mu, 1e10)
    return np.linalg.norm(Da @ S, axis=0), (Z, S, E, Y1)
