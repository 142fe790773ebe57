"""Superpixels: seconds against scikit-image's slic on the same features, whole and with no-data; a change made live."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter

from hadviewer.analysis.superpixels import segment, segment_means
from hadviewer.core.context import Context
from hadviewer.engine import superpixel_tasks
from hadviewer.engine.superpixel_tasks import SuperpixelParams
from hadviewer.engine.tasks import CubeReference
from hadviewer.engine.verbs import as_cube

COMPACTNESS = 5.0
CASES = ((512, 1000, 0.0), (512, 1000, 0.2), (512, 5000, 0.2), (1000, 2000, 0.0), (1000, 2000, 0.2))


def test_against_slic() -> None:
    """Ours is slic with scaled features; where pixels have no value slic's own mask takes another way."""
    print("\nSuperpixels of 5 components, seconds, one thread; peer: skimage.segmentation.slic")
    print("  side  number  no data   hadviewer   slic    ratio   superpixels of either")
    for side, number, missing in CASES:
        features, valid = scene(side, 5), np.ones((side, side), dtype=bool)
        valid[:, : int(missing * side)] = False
        features[~valid] = np.nan
        ours, labels = timed(partial(segment, features, number, COMPACTNESS), 2)
        peer, theirs = timed(partial(plain_slic, np.nan_to_num(features), number, valid), 1)
        counts = f"{labels.max() + 1} and {len(np.unique(theirs[valid]))}"
        print(f"{side:6d} {number:7d} {missing:8.0%} {ours:11.2f} {peer:6.2f} {peer / ours:8.1f}   {counts}")


def plain_slic(features: np.ndarray, number: int, valid: np.ndarray) -> np.ndarray:
    """scikit-image's own way."""
    from skimage.segmentation import slic

    mask = None if valid.all() else valid
    return slic(features, number, 0.3, mask=mask, convert2lab=False, channel_axis=-1, start_label=1)


def test_mean_spectra() -> None:
    """Ours adds up runs of pixels of one superpixel; the peer counts band by band, as numpy's bincount does."""
    values = scene(512, 200)
    labels = segment(values[..., :5], 1000, COMPACTNESS)
    count = int(labels.max()) + 1

    def band_by_band() -> Any:
        sizes = np.bincount(labels.ravel(), minlength=count)
        sums = [np.bincount(labels.ravel(), weights=plane.ravel()) for plane in np.moveaxis(values, 2, 0)]
        return np.stack(sums, axis=1) / sizes[:, np.newaxis]

    ours, means = timed(lambda: segment_means(values, labels), 3)
    peer, theirs = timed(band_by_band, 3)
    error = np.abs(means - theirs).max()
    print(f"\nMean spectra of 512×512×200: {ours:.2f} s, band by band {peer:.2f} s, ratio {peer / ours:.1f}")
    print(f"Largest difference {error:.0e}")


def test_a_change_made_live() -> None:
    """What the worker does when a value is turned: the components are there from the time before."""
    print("\nA value turned live, seconds in the worker: first time (reads and finds components), then each change")
    for side in (100, 512, 1000):
        reference, bands = CubeReference.of(as_cube(scene(side, 100))), np.arange(100)
        cut = partial(superpixel_tasks.segment, reference, bands, SuperpixelParams(number=side * side // 100))
        first, found = timed(partial(cut, None, Context()), 1)
        again, _ = timed(partial(cut, found[2], Context()), 2)
        print(f"  {side}×{side}×100: {first:.2f}, {again:.2f}")


def scene(side: int, bands: int) -> np.ndarray:
    """Smooth fields with noise."""
    rng = np.random.default_rng(0)
    base = gaussian_filter(rng.normal(size=(side, side, 5)), (6, 6, 0))
    mixed = (base / base.std()) @ rng.normal(size=(5, bands))
    return (mixed + rng.normal(0, 0.1, mixed.shape)).astype(np.float32)


def timed(function: Callable[[], Any], repeats: int) -> tuple[float, Any]:
    best, result = np.inf, None
    for _ in range(repeats):
        clock = time.perf_counter()
        result = function()
        best = min(best, time.perf_counter() - clock)
    return best, result
