"""Groups of neighbouring pixels with like spectra (SLIC superpixels), their outlines and mean spectra.

Labels are int32 (rows, cols): segments 0..n-1, and -1 for pixels without a value.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from hadviewer.analysis.components import fit_components
from hadviewer.analysis.sampling import grid_step

Labels = NDArray[np.int32]

CLIP_PERCENT = 0.5
"""Share of the pixels clipped at either end of each feature, so that a few hot pixels do not compress the range."""
SPREAD_PERCENT = 2.0
"""Share of the pixels beyond either end of a band's range when bands are made equal."""
BLOCK_PIXELS = 1 << 16
"""Pixels added up at a time."""
SAMPLE = 1 << 17
"""Pixels that decide the scale of the features; all of them up to this number."""


def principal_components(values: NDArray[np.floating], count: int = 5, sample: int = 100_000) -> NDArray[np.float32]:
    """The first `count` principal component scores (rows, cols, count) of a scene (rows, cols, bands), for SLIC.

    The components come from a regular grid of about `sample` pixels. They are not whitened: noise keeps its low weight.
    """
    return fit_components(values, count, sample).scores(values)


def band_features(values: NDArray[np.floating]) -> NDArray[np.float32]:
    """Bands (rows, cols, bands) for SLIC as a screen shows them: each spread over the same range, so that all count."""
    finite = np.where(np.isfinite(values), values, np.nan)
    valid = np.isfinite(finite).all(axis=2)
    if not valid.any():
        return finite.astype(np.float32)
    low, high = np.percentile(finite[valid], [SPREAD_PERCENT, 100 - SPREAD_PERCENT], axis=0)
    spread: NDArray[np.float32] = ((finite - low) / np.where(high > low, high - low, 1.0)).astype(np.float32)
    return spread


def segment(
    features: NDArray[np.floating],
    n_segments: int = 400,
    compactness: float = 5.0,
    adaptive: bool = False,
    iterations: int = 10,
    smoothing: float = 0.0,
    smallest: float = 50.0,
) -> Labels:
    """Divide a scene into about `n_segments` compact regions of like features.

    `features` (rows, cols, channels); a pixel with a NaN channel is in no segment. One unit of `compactness` weighs
    a grid step as much as the typical feature distance between two neighbours, whatever the scale of the data or the
    number of channels: 1 follows the materials and merges segments where they are noisy, 5 keeps about the number asked
    for, 20 approaches squares. `adaptive` finds the balance of each segment by itself (SLIC0). `smoothing` is the
    standard deviation in pixels of a Gaussian laid over the features first. Segments below `smallest` percent of the
    average size join a neighbour. Source: Achanta et al., IEEE TPAMI 34(11), 2012, by scikit-image.
    """
    from skimage.segmentation import slic

    valid = np.isfinite(features).all(axis=2)
    if not valid.any():
        return np.full(valid.shape, -1, dtype=np.int32)
    count = max(1, min(n_segments, int(valid.sum())))
    scaled = _neighbour_scaled(_smoothed(_filled(features, valid), smoothing), valid)
    spread = float(np.ptp(scaled))
    # Not slic's own mask: with it distances are in another unit, and time and memory grow with the square of the count.
    labels = slic(
        scaled,
        n_segments=max(1, round(count * valid.size / int(valid.sum()))),
        compactness=compactness / spread if spread > 0 else compactness,  # slic itself divides the features by it
        max_num_iter=iterations,
        slic_zero=adaptive,
        convert2lab=False,
        enforce_connectivity=True,
        min_size_factor=smallest / 100,
        channel_axis=-1,
        start_label=1,
    )
    if not valid.all():
        labels = _joined(labels, valid, int(smallest / 100 * valid.sum() / count))
    return _renumbered(labels, valid)


def boundaries(labels: Labels) -> NDArray[np.bool_]:
    """Mask (rows, cols) of the pixels whose right or lower neighbour is in another segment: lines one pixel wide."""
    edge = np.zeros(labels.shape, dtype=bool)
    edge[:, :-1] |= labels[:, :-1] != labels[:, 1:]
    edge[:-1] |= labels[:-1] != labels[1:]
    return edge


def segment_means(values: NDArray[np.floating], labels: Labels) -> NDArray[np.float32]:
    """Mean spectrum (segments, bands) of each segment of a scene (rows, cols, bands), NaN values left out."""
    return strip_means([(values, labels)], int(labels.max(initial=-1)) + 1, values.shape[-1])


def strip_means(strips: Iterable[tuple[NDArray[np.floating], Labels]], count: int, bands: int) -> NDArray[np.float32]:
    """The same for a scene that comes in strips of values (rows, cols, bands) and labels (rows, cols)."""
    sums, sizes = np.zeros((count, bands)), np.zeros((count, bands), dtype=np.int64)
    for values, labels in strips:
        pixels, which = values.reshape(-1, bands), labels.reshape(-1)
        for start in range(0, len(which), BLOCK_PIXELS):
            part = slice(start, start + BLOCK_PIXELS)
            _add_up(pixels[part], which[part], sums, sizes)
    means = np.full((count, bands), np.nan, dtype=np.float32)
    np.divide(sums, sizes, out=means, where=sizes > 0, casting="same_kind")
    return means


def _add_up(pixels: NDArray[np.floating], which: Labels, sums: NDArray[np.float64], sizes: NDArray[np.int64]) -> None:
    """Add pixels (pixels, bands) to the sums of their segments: sorted by segment, each is one run."""
    order = np.argsort(which, kind="stable")
    order = order[np.searchsorted(which[order], 0) :]
    if not len(order):
        return
    segments, starts = np.unique(which[order], return_index=True)
    runs = pixels[order]
    finite = np.isfinite(runs)
    if finite.all():
        sizes[segments] += np.diff(np.append(starts, len(order)))[:, np.newaxis]
    else:
        sizes[segments] += np.add.reduceat(finite, starts, axis=0, dtype=np.int64)
        runs = np.where(finite, runs, 0)
    sums[segments] += np.add.reduceat(runs, starts, axis=0, dtype=np.float64)


def segment_mean(values: NDArray[np.floating], labels: Labels, label: int) -> NDArray[np.float32]:
    """Mean spectrum (bands,) of one segment of a scene (rows, cols, bands); NaN for a segment without values."""
    pixels = np.asarray(values[labels == label], dtype=np.float64)
    finite = np.isfinite(pixels)
    sizes = finite.sum(axis=0)
    sums = np.where(finite, pixels, 0.0).sum(axis=0)
    mean = np.full(values.shape[-1], np.nan)
    np.divide(sums, sizes, out=mean, where=sizes > 0)
    return mean.astype(np.float32)


def _filled(features: NDArray[np.floating], valid: NDArray[np.bool_]) -> NDArray[np.floating]:
    """Features with those of the nearest valid pixel wherever there are none."""
    if valid.all():
        return features
    from scipy.ndimage import distance_transform_edt

    places = distance_transform_edt(~valid, return_distances=False, return_indices=True)
    filled: NDArray[np.floating] = features[places[0], places[1]]
    return filled


def _smoothed(features: NDArray[np.floating], smoothing: float) -> NDArray[np.floating]:
    if smoothing <= 0:
        return features
    from scipy.ndimage import gaussian_filter

    result: NDArray[np.floating] = gaussian_filter(features, (smoothing, smoothing, 0.0), mode="nearest")
    return result


def _neighbour_scaled(features: NDArray[np.floating], valid: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Clipped features divided by the median distance between valid 4-neighbours."""
    rows, cols = valid.shape
    step = grid_step(rows, cols, SAMPLE)
    grid = slice(None, None, step), slice(None, None, step)
    sample = features[grid][valid[grid]]
    low, high = np.percentile(sample if len(sample) else features[valid], [CLIP_PERCENT, 100 - CLIP_PERCENT], axis=0)
    clipped = np.subtract(np.clip(features, low, high), low, dtype=np.float32, casting="same_kind")
    down = (clipped[1:][grid] - clipped[:-1][grid])[(valid[1:] & valid[:-1])[grid]]
    right = (clipped[:, 1:][grid] - clipped[:, :-1][grid])[(valid[:, 1:] & valid[:, :-1])[grid]]
    steps = np.linalg.norm(np.concatenate([down, right]), axis=1)
    steps = steps[steps > 0]
    typical = np.float32(np.median(steps)) if steps.size else np.float32(1)
    scaled: NDArray[np.float32] = np.ascontiguousarray(clipped / typical, dtype=np.float32)
    return scaled


def _joined(labels: NDArray[np.integer], valid: NDArray[np.bool_], smallest: int) -> NDArray[np.integer]:
    """Labels whose parts without a link through valid pixels are apart, and small parts with a neighbour.

    A part below `smallest` pixels joins the neighbour with which it has the longest border; an island stays.
    """
    from skimage.measure import label

    parts: NDArray[np.integer] = label(np.where(valid, labels, 0), background=0, connectivity=1)
    sizes = np.bincount(parts.ravel())
    pairs, borders = _borders(parts)
    home = np.arange(len(sizes))

    def root(part: int) -> int:
        while home[part] != part:
            part = home[part]
        return part

    small = np.flatnonzero(sizes < smallest)
    small = small[small > 0]
    first = np.searchsorted(pairs[:, 0], small)
    last = np.searchsorted(pairs[:, 0], small, side="right")
    for place in np.argsort(sizes[small], kind="stable"):
        own = root(int(small[place]))
        if sizes[own] >= smallest:
            continue
        beside = [(int(borders[at]), root(int(pairs[at, 1]))) for at in range(first[place], last[place])]
        beside = [(length, other) for length, other in beside if other != own]
        if beside:
            other = max(beside, key=lambda item: (item[0], -item[1]))[1]
            home[own] = other
            sizes[other] += sizes[own]
    roots: NDArray[np.integer] = np.array([root(part) for part in range(len(home))])[parts]
    return roots


def _borders(parts: NDArray[np.integer]) -> tuple[NDArray[np.integer], NDArray[np.integer]]:
    """Neighbouring parts (pairs, 2) both ways round, in order, and how many pixels long their border is (pairs,)."""
    across = np.stack([parts[1:].ravel(), parts[:-1].ravel()], axis=1)
    along = np.stack([parts[:, 1:].ravel(), parts[:, :-1].ravel()], axis=1)
    pairs = np.concatenate([across, along])
    pairs = pairs[(pairs[:, 0] != pairs[:, 1]) & (pairs > 0).all(axis=1)]
    pairs = np.concatenate([pairs, pairs[:, ::-1]]).astype(np.int64)
    codes, lengths = np.unique(pairs[:, 0] << 32 | pairs[:, 1], return_counts=True)
    return np.stack([codes >> 32, codes & 0xFFFFFFFF], axis=1), lengths


def _renumbered(labels: NDArray[np.integer], valid: NDArray[np.bool_]) -> Labels:
    """Labels counted 0..n-1 over the valid pixels."""
    result = np.full(labels.shape, -1, dtype=np.int32)
    used = np.bincount(labels[valid]) > 0
    result[valid] = (np.cumsum(used, dtype=np.int32) - 1)[labels[valid]]
    return result
