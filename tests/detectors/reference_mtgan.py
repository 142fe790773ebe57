"""MTGAN written out: the prior pixel by pixel, a step with automatic differentiation, the score by its formula."""

from itertools import pairwise

import numpy as np
import torch
from torch import nn


def scaled(cube):
    """One minimum and one maximum over everything, float64."""
    values = cube.astype(np.float64)
    known = np.isfinite(values).all(axis=2)
    low, high = values[known].min(), values[known].max()
    return (values - low) / (high - low), known


def average_ranks(values):
    """1 for the lowest; equal values share the mean of their ranks."""
    return np.array([(values < value).sum() + ((values == value).sum() + 1) / 2 for value in values])


def prior(cube, window, scales, components):
    """Pseudo-scores of the valid pixels (n,) of a scene (rows, cols, bands)."""
    values, known = scaled(cube)
    rows, cols = known.shape
    pixels = values[known]
    centred = pixels - pixels.mean(axis=0)
    _, lengths, directions = np.linalg.svd(centred, full_matrices=False)
    kept = lengths[:components] ** 2 > 1e-12 * lengths[0] ** 2
    points = np.full((rows, cols, kept.sum()), np.nan)
    whitening = directions[:components][kept].T / lengths[:components][kept] * np.sqrt(len(pixels))
    points[known] = centred @ whitening
    height, width = min(window, rows), min(window, cols)
    total = np.zeros(len(pixels))
    fitting = [side for side in range(3, 3 + 2 * scales, 2) if side**2 - 1 < height * width]
    for side in fitting:
        deviations, maps = [], []
        for row, col in np.argwhere(known):
            top = min(max(row - height // 2, 0), rows - height)
            left = min(max(col - width // 2, 0), cols - width)
            others = [
                points[r, c]
                for r in range(top, top + height)
                for c in range(left, left + width)
                if (r, c) != (row, col) and known[r, c]
            ]
            others.sort(key=lambda other: ((other - points[row, col]) ** 2).sum())
            nearest = np.array(others[: side**2 - 1]).reshape(-1, points.shape[2])
            mean = nearest.mean(axis=0) if len(nearest) else np.zeros(points.shape[2])
            deviations.append(points[row, col] - mean)
            if len(nearest) > 1:
                maps.append(sum(np.outer(h - mean, h - mean) for h in nearest) / (len(nearest) - 1))
        inverse = np.linalg.inv(np.mean(maps, axis=0) + 1e-6 * np.eye(points.shape[2]))
        total += average_ranks(np.array([d @ inverse @ d for d in deviations])) / len(pixels)
    return total / len(fitting)


def network(widths):
    """Linear layers with leaky ReLU between them."""
    layers = []
    for inputs, outputs in pairwise(widths):
        layers += [nn.Linear(inputs, outputs), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers[:-1])


def with_weights(widths, layers):
    """The same with given weights (inputs, outputs) and biases."""
    result = network(widths)
    linear = [module for module in result if isinstance(module, nn.Linear)]
    with torch.no_grad():
        for module, (weight, bias) in zip(linear, layers, strict=True):
            module.weight.copy_(weight.T)
            module.bias.copy_(bias)
    return result


class Training:
    """Three optimisers and the losses of the paper."""

    def __init__(self, encoder, decoder, feature, image, twin=True, rejection="margin", rate=1e-4):
        self.encoder, self.decoder, self.feature, self.image = encoder, decoder, feature, image
        self.twin, self.rejection = twin, rejection
        self.adam_feature = torch.optim.Adam(feature.parameters(), lr=rate)
        self.adam_image = torch.optim.Adam(image.parameters(), lr=rate)
        self.adam = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=rate)

    def step(self, y, x, noise, mean_anomaly, m):
        """One alternation; ``m`` is the mean over Y of the squared distance from the mean anomaly per band."""
        bands = y.shape[1]
        z = self.encoder(y)
        yh = self.decoder(z)
        feature_loss = image_loss = torch.zeros(())
        if self.twin:
            feature_loss = self._tell(self.feature, self.adam_feature, noise, z.detach())
            image_loss = self._tell(self.image, self.adam_image, y, yh.detach())
        reconstruction = ((y - yh) ** 2).sum(dim=1).mean()
        rejection = torch.zeros(())
        if self.rejection == "margin":
            xh = self.decoder(self.encoder(x))
            rejection = bands * torch.clamp(m - ((xh - x) ** 2).sum(dim=1) / bands, min=0).mean()
        elif self.rejection == "literal":
            square = ((yh - mean_anomaly) ** 2).sum(dim=1)
            alpha = (1 - torch.exp(-square / (2 * square.median()))).detach()
            rejection = -(alpha * torch.clamp(square, max=bands * m)).mean()
        loss = reconstruction + rejection
        if self.twin:
            loss = loss + ((self.feature(z) - 1) ** 2).mean() / 2 + ((self.image(yh) - 1) ** 2).mean() / 2
        self.adam.zero_grad()
        loss.backward()
        self.adam.step()
        return tuple(float(value.detach()) for value in (loss, reconstruction, rejection, feature_loss, image_loss))

    @staticmethod
    def _tell(discriminator, adam, real, fake):
        loss = ((discriminator(real) - 1) ** 2).mean() / 2 + ((discriminator(fake) + 1) ** 2).mean() / 2
        adam.zero_grad()
        loss.backward()
        adam.step()
        return loss


def gaussian_score(vectors, members):
    """Squared Mahalanobis distances (n,) under mean and covariance of the members."""
    known = vectors[members].astype(np.float64)
    values, directions = np.linalg.eigh(np.cov(known.T).reshape(vectors.shape[1], -1))
    values = np.maximum(values, 1e-12 * values[-1])
    return (((vectors - known.mean(axis=0)) @ directions) ** 2 / values).sum(axis=1)
