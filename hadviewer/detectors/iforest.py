"""Kernel isolation forest (after KIFD)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.context import Context
from hadviewer.core.params import Params, field
from hadviewer.core.specs import detector
from hadviewer.detectors._pixels import band_scaled, score_map, valid_pixels

Matrix = NDArray[np.float64]

BATCH = 50
"""Trees grown between two questions whether to go on."""
CHUNK = 4096
"""Pixels whose features are computed at a time."""
LOCAL_TREES = 100
"""Trees of the forest of one piece."""
LOCAL_FROM = 0.6
"""Share of the progress bar before the local rounds."""
FEWEST = 16
"""Pixels a tree sees at least, where the share of a small scene would be fewer."""
WIDTH_SAMPLE = 1000
"""Random pixels whose mean distance sets the width of the kernel."""


class IForestParams(Params):
    """The forest over the whole scene, and how often large detections are looked at again."""

    trees: int = field(300, "Trees", ge=10, le=5000, help="Isolation trees per forest; published with 1000.")
    share: float = field(
        3.0, "Pixels per tree", gt=0, le=100, step=0.5, unit="%", help="Share of the scene that a tree is grown on."
    )
    features: int = field(
        300, "Kernel features", ge=2, le=2000, advanced=True, help="Random pixels whose similarities are the features."
    )
    rounds: int = field(
        0,
        "Local rounds",
        ge=0,
        le=20,
        help="How often a detection too large to be an anomaly is scored anew among its own pixels. Published with 5, "
        "which loses anomalies that touch something large and bright.",
    )
    largest: float = field(
        0.83,
        "Largest anomaly",
        gt=0,
        le=100,
        step=0.1,
        unit="%",
        advanced=True,
        enabled_when="rounds",
        help="Share of the scene from which on a connected detection is scored anew; published as 1/120.",
    )


@detector(
    id="iforest",
    title="Kernel isolation forest",
    family="Isolation",
    params=IForestParams,
    reference="Li, Zhang, Duan & Kang, IEEE TGRS 58(1), 2020, doi:10.1109/TGRS.2019.2936308",
    when="Backgrounds of many materials that no Gaussian fits; seeds differ a little, so compare two or three.",
)
def iforest(cube: NDArray[np.float32], p: IForestParams, ctx: Context) -> NDArray[np.float32]:
    """How few random cuts set a pixel apart from the others, in the features of a Gaussian kernel.

    Float32 (rows, cols, bands) to scores 10^s (rows, cols), NaN on invalid pixels, with s = 2^(-E[h]/c(M)) of the mean
    path length h in trees of M pixels. Features are Nyström's of bands scaled to 0..1, the kernel exp(-|x-y|²/2σ²)
    having the mean distance as σ. With ``rounds``, what Otsu's threshold on the first map detects in connected pieces
    of ``largest`` and more is scored anew by a forest grown on that piece, half of its pixels for each tree. Raises
    DetectorError with fewer than two valid pixels.
    """
    valid, pixels = valid_pixels(cube)
    random = ctx.rng()
    ctx.stage(0.0, 0.2)
    features = _kernel_features(band_scaled(pixels), p.features, random, ctx)
    ctx.stage(0.2, LOCAL_FROM if p.rounds else 1.0)
    size = max(FEWEST, round(p.share / 100 * len(pixels)))
    scores = _isolation(features, size, p.trees, random, ctx)
    threshold = _otsu(scores) if p.rounds else 0.0
    for number in range(p.rounds):
        ctx.preview(score_map(10**scores, valid))
        pieces = _pieces(scores > threshold, valid, max(FEWEST, int(p.largest / 100 * len(pixels))))
        if not pieces:
            break
        width = (1 - LOCAL_FROM) / p.rounds / len(pieces)
        for at, piece in enumerate(pieces, start=number * len(pieces)):
            ctx.stage(LOCAL_FROM + width * at, LOCAL_FROM + width * (at + 1))
            scores[piece] = _isolation(features[piece], len(piece) // 2, LOCAL_TREES, random, ctx)
    ctx.stage(0.0, 1.0)
    ctx.step(1, 1)
    return score_map(10**scores, valid)


def _kernel_features(pixels: Matrix, count: int, random: np.random.Generator, ctx: Context) -> NDArray[np.float32]:
    """Nyström features (n, count) of pixels (n, bands), whose inner products come near a Gaussian kernel's values.

    Unlike principal components of the kernel, in which a forest would cut noise as often as signal, they share it.
    """
    from scipy.spatial.distance import pdist
    from sklearn.kernel_approximation import Nystroem

    ctx.step(0, 1, "Kernel features")
    count = min(count, len(pixels))
    sample = pixels[np.sort(random.choice(len(pixels), min(WIDTH_SAMPLE, len(pixels)), replace=False))]
    width = 2 * float(pdist(sample).mean()) ** 2
    # Where all pixels are alike any width will do.
    kernel = Nystroem(gamma=1 / (width or 1.0), n_components=count, random_state=int(random.integers(2**31)))
    kernel.fit(pixels)
    features = np.empty((len(pixels), count), dtype=np.float32)
    for start in ctx.track(range(0, len(pixels), CHUNK), None, "Kernel features"):
        features[start : start + CHUNK] = kernel.transform(pixels[start : start + CHUNK])
    return features


def _isolation(
    features: NDArray[np.float32], size: int, trees: int, random: np.random.Generator, ctx: Context
) -> Matrix:
    """2^(-E[h]/c) of each pixel (n, k) in a forest of ``trees`` trees, each grown on ``size`` random pixels."""
    from sklearn.ensemble import IsolationForest

    size = min(len(features), max(2, size))
    exponent = np.zeros(len(features))
    for start in ctx.track(range(0, trees, BATCH), None, "Isolation trees"):
        count = min(BATCH, trees - start)
        forest = IsolationForest(n_estimators=count, max_samples=size, random_state=int(random.integers(2**31)))
        # Of every batch the mean path length, as a share of the average one; batches add up to one forest.
        exponent += count / trees * np.log2(-forest.fit(features).score_samples(features))
    return np.asarray(2**exponent)


def _otsu(scores: Matrix) -> float:
    """Otsu's threshold of scores (n,)."""
    from skimage import filters

    otsu: Any = filters.threshold_otsu
    return float(otsu(scores) if scores.min() < scores.max() else scores.max())


def _pieces(detected: NDArray[np.bool_], valid: NDArray[np.bool_], smallest: int) -> list[NDArray[np.intp]]:
    """The places among the valid pixels (n,) of every connected piece (8 neighbours) of ``smallest`` pixels or more."""
    from scipy.ndimage import label

    marked = np.zeros(valid.shape, dtype=bool)
    marked[valid] = detected
    labels = label(marked, structure=np.ones((3, 3)))[0][valid]
    sizes = np.bincount(labels)
    return [np.flatnonzero(labels == number) for number in range(1, len(sizes)) if sizes[number] >= smallest]
