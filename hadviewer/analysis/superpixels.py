"""Groups of neighbouring pixels with like spectra (SLIC superpixels), their outlines and mean spectra.

Labels are int32 (rows, cols): segments 0..n-1, and -1 for pixels without a value.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from hadviewer.analysis.components import fit_components

Labels = NDArray[np.int32]

CLIP_PERCENT = 0.5
"""Share of the pixels clipped at either end of each feature, so that a few hot pixels do not compress the range."""


def principal_components(values: NDArray[np.floating], count: int = 5, sample: int = 100_000) -> NDArray[np.float32]:
    """The first `count` principal component scores (rows, cols, count) of a scene (rows, cols, bands), for SLIC.

    The components come from a regular grid of about `sample` pixels. They are not whitened: noise keeps its low weight.
    """
    return fit_components(values, count, sample).scores(values)


def segment(
    features: NDArray[np.floating],
    n_segments: int = 400,
    compactness: float = 5.0,
    adaptive: bool = False,
    iterations: int = 10,
) -> Labels:
    """Divide a scene into about `n_segments` compact regions of like features.

    `features` (rows, cols, channels); a pixel with a NaN channel is in no segment. One unit of `compactness` weighs
    a grid step as much as the typical feature distance between two neighbours, whatever the scale of the data or the
    number of channels: 1 follows the materials and merges segments where they are noisy, 5 keeps about the number asked
    for, 20 approaches squares. `adaptive` finds the balance of each segment by itself (SLIC0).
    Source: Achanta et al., IEEE TPAMI 34(11), 2012, by scikit-image.
    """
    from skimage.segmentation import slic

    valid = np.isfinite(features).all(axis=2)
    if not valid.any():
        return np.full(valid.shape, -1, dtype=np.int32)
    scaled = _neighbour_scaled(features, valid)
    spread = float(scaled[valid].max() - scaled[valid].min())
    labels = slic(
        scaled,
        n_segments=max(1, min(n_segments, int(valid.sum()))),
        compactness=compactness / spread if spread > 0 else compactness,  # slic itself divides the features by it
        max_num_iter=iterations,
        slic_zero=adaptive,
        mask=None if valid.all() else valid,
        convert2lab=False,
        enforce_connectivity=True,
        channel_axis=-1,
        start_label=1,
    )
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
        for band in range(bands):
            plane = values[..., band]
            used = (labels >= 0) & np.isfinite(plane)
            which = labels[used]
            sizes[:, band] += np.bincount(which, minlength=count)
            sums[:, band] += np.bincount(which, weights=plane[used], minlength=count)
    means = np.full((count, bands), np.nan, dtype=np.float32)
    np.divide(sums, sizes, out=means, where=sizes > 0, casting="same_kind")
    return means


def segment_mean(values: NDArray[np.floating], labels: Labels, label: int) -> NDArray[np.float32]:
    """Mean spectrum (bands,) of one segment of a scene (rows, cols, bands); NaN for a segment without values."""
    pixels = np.asarray(values[labels == label], dtype=np.float64)
    finite = np.isfinite(pixels)
    sizes = finite.sum(axis=0)
    sums = np.where(finite, pixels, 0.0).sum(axis=0)
    mean = np.full(values.shape[-1], np.nan)
    np.divide(sums, sizes, out=mean, where=sizes > 0)
    return mean.astype(np.float32)


def _neighbour_scaled(features: NDArray[np.floating], valid: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Clipped features divided by the median distance between 4-neighbours; zero where not valid."""
    low, high = np.percentile(features[valid], [CLIP_PERCENT, 100 - CLIP_PERCENT], axis=0)
    clipped = np.where(valid[..., None], np.clip(features, low, high) - low, 0.0)
    down = np.diff(clipped, axis=0)[valid[1:] & valid[:-1]]
    right = np.diff(clipped, axis=1)[valid[:, 1:] & valid[:, :-1]]
    steps = np.linalg.norm(np.concatenate([down, right]), axis=1)
    steps = steps[steps > 0]
    typical = float(np.median(steps)) if steps.size else 1.0
    return np.ascontiguousarray(clipped / typical, dtype=np.float32)


def _renumbered(labels: NDArray[np.integer], valid: NDArray[np.bool_]) -> Labels:
    """Labels counted 0..n-1 over the valid pixels; valid pixels that SLIC left alone form one more segment."""
    result = np.full(labels.shape, -1, dtype=np.int32)
    result[valid] = np.unique(labels[valid], return_inverse=True)[1]
    return result
