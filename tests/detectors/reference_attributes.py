"""Slow, literal forms of attribute filters, AED and the recursive domain transform, written from their definitions."""

import numpy as np
from scipy import ndimage
from skimage.filters import threshold_otsu


def attribute_opening(image, kept, valid=None):
    """The highest level at which each pixel lies in a connected piece of {image ≥ level} that is ``kept``.

    ``kept(piece)`` judges a boolean mask. The lowest level always stays. Pixels outside ``valid`` belong to no piece.
    """
    valid = np.ones(image.shape, bool) if valid is None else valid
    opened = np.full(image.shape, image[valid].min())
    for level in np.unique(image[valid])[1:]:
        pieces, count = ndimage.label((image >= level) & valid)
        for number in range(1, count + 1):
            if kept(pieces == number):
                opened[pieces == number] = level
    return opened


def at_least_area(area):
    return lambda piece: piece.sum() >= area


def at_least_extent(extent):
    def kept(piece):
        rows, cols = np.nonzero(piece)
        return max(np.ptp(rows), np.ptp(cols)) + 1 >= extent

    return kept


def recursive_filter(plane, guide, sigma_s, sigma_r, iterations=3):
    """Gastal & Oliveira 2011, pixel by pixel: lines first, then columns, each forth and back, three times."""
    result = plane.copy()
    for number in range(1, iterations + 1):
        sigma = sigma_s * 3**0.5 * 2 ** (iterations - number) / (4**iterations - 1) ** 0.5
        a = np.exp(-(2**0.5) / sigma)
        for lines, guides in ((result, guide), (result.T, guide.transpose(1, 0, 2))):
            for line, along in zip(lines, guides, strict=True):
                d = [1 + sigma_s / sigma_r * np.abs(along[n] - along[n - 1]).sum() for n in range(1, len(line))]
                for n in range(1, len(line)):
                    line[n] = (1 - a ** d[n - 1]) * line[n] + a ** d[n - 1] * line[n - 1]
                for n in range(len(line) - 2, -1, -1):
                    line[n] = (1 - a ** d[n]) * line[n] + a ** d[n] * line[n + 1]
    return result


def unit(values):
    return (values - values.min()) / (values.max() - values.min())


def aed(cube, area, small_only=True, smooth=True):
    """Kang et al. 2017 on a cube without gaps: three components, area filters, small pieces, recursive filter."""
    from skimage.morphology import area_closing, area_opening

    rows, cols, bands = cube.shape
    pixels = cube.reshape(-1, bands).astype(np.float64)
    centred = pixels - pixels.mean(axis=0)
    components = np.linalg.svd(centred, full_matrices=False)
    planes = [unit((components.U[:, j] * components.S[j]).reshape(rows, cols)) for j in range(3)]
    levels = [np.round(plane * 1000).astype(int) for plane in planes]
    total = np.zeros((rows, cols))
    for level in levels:
        difference = (area_closing(level, area, 1) - area_opening(level, area, 1)) / 1000
        if small_only:
            widened = ndimage.grey_dilation(difference, size=(2, 2))
            pieces, count = ndimage.label(widened > threshold_otsu(widened), np.ones((3, 3)))
            for number in range(1, count + 1):
                piece = pieces == number
                total[piece] += difference[piece] if piece.sum() <= rows * cols / 100 else 0
        else:
            total += difference
    guide = np.stack(levels, axis=2) / 1000
    return recursive_filter(unit(total), guide, 5.0, 0.5) if smooth else unit(total)
