"""Kernel RX with a ridge (KRX)."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.context import Context
from hadviewer.core.errors import DetectorError
from hadviewer.core.params import Params, field
from hadviewer.core.specs import PixelBlocks, detector

if TYPE_CHECKING:
    import torch

CHUNK_PIXELS = 8192
CHUNK_BYTES = 256 * 2**20
ROUNDING = 1e-14
"""Squared distances below this share of the squared lengths are what float64 leaves of nought."""
LARGEST_DIFFERENCE = 1e150
"""Of values whose squares can be summed."""


class KRXParams(Params):
    """The kernel, the ridge, and how much of the scene stands for the background."""

    samples: int = field(
        1000,
        "Background samples",
        ge=2,
        le=5000,
        step=100,
        unit="px",
        help="Pixels drawn at random to stand for the background. Time grows with their square.",
    )
    draws: int = field(
        3, "Draws", ge=1, le=20, help="The scores are the mean over this many draws: more draws, less chance in them."
    )
    width: float = field(
        1.0,
        "Kernel width",
        gt=0,
        le=100,
        step=0.1,
        advanced=True,
        help="Squared width c of exp(-|x-y|²/c), as a multiple of the median squared distance between samples.",
    )
    ridge: float = field(
        1e-5,
        "Ridge",
        gt=0,
        le=1,
        step=1e-6,
        advanced=True,
        help="Added to the variance of every direction of the feature space, where no variance is larger than 1.",
    )


@detector(
    id="krx",
    title="Kernel RX",
    family="Statistical",
    params=KRXParams,
    reference="Kwon & Nasrabadi, IEEE TGRS 43(2), 2005, doi:10.1109/TGRS.2004.841487; in the form with a ridge",
    devices=("cpu", "cuda"),
    streaming=True,
    when="Backgrounds of several materials, which one Gaussian does not describe; scores vary a little with the seed. "
    "Not where the anomalies cover much of the scene.",
)
def krx(blocks: PixelBlocks, p: KRXParams, ctx: Context) -> NDArray[np.float32]:
    """Mahalanobis distance from randomly drawn background pixels in the feature space of a Gaussian kernel.

    With the kernel k, centred on the m drawn pixels: (k(x,x) - k_xᵀ (K + m·ridge·I)⁻¹ k_x) / ridge, which is the
    distance (φ(x) - mean)ᵀ (C + ridge·I)⁻¹ (φ(x) - mean) in the feature space. Unlike the published pseudo-inverse it
    keeps what lies outside the span of the samples, so that pixels far from all of them score high. A common factor or
    offset of the values changes nothing. ``blocks`` is read three times; float64. Scores (rows, cols) float32, NaN on
    invalid pixels. Raises DetectorError with fewer than two valid pixels.
    """
    draws = _drawn_pixels(blocks, p, ctx)
    if np.ptp(draws) > LARGEST_DIFFERENCE:
        raise DetectorError("The values of this scene are too large to be squared.", hint="Divide them by a constant.")
    models = [_Model(samples, p, ctx.device) for samples in draws]
    ctx.stage(0.2, 1.0)
    rows, cols, _ = blocks.shape
    scores = np.full((rows, cols), np.nan, dtype=np.float32)
    size = max(1, min(CHUNK_PIXELS, CHUNK_BYTES // (3 * 8 * p.samples)))
    for done, (window, values) in enumerate(blocks):
        pixels = values.reshape(-1, values.shape[2])
        found = np.full(len(pixels), np.nan)
        valid = np.flatnonzero(np.isfinite(pixels[:, 0]))
        for start in range(0, len(valid), size):
            ctx.step(done + start / len(pixels), len(blocks), "Scores")
            chunk = valid[start : start + size]
            found[chunk] = np.mean([model.scores(pixels[chunk]) for model in models], axis=0)
        scores[window.slices] = found.reshape(window.shape)
    ctx.step(1, 1, "Scores")
    return scores


class _Model:
    """The background as one draw (samples, bands) shows it."""

    def __init__(self, samples: NDArray[np.float64], p: KRXParams, device: str) -> None:
        import torch

        self._mean = samples.mean(axis=0)
        self._samples = torch.from_numpy(samples - self._mean).to(device)
        self._ridge = p.ridge
        distances = _squared_distances(self._samples, self._samples)
        self._scale = 1 / (p.width * _typical(distances, self._samples.square().sum(1)))
        kernel = torch.exp(-self._scale * distances)
        self._row_means = kernel.mean(0)
        self._total_mean = kernel.mean()
        kernel += self._total_mean - self._row_means[:, None] - self._row_means
        kernel.diagonal().add_(len(samples) * p.ridge)
        self._factor = torch.linalg.cholesky(kernel)

    def scores(self, pixels: NDArray[np.float64]) -> NDArray[np.float64]:
        """Scores (n,) of pixels (n, bands)."""
        import torch

        centred = torch.from_numpy(pixels - self._mean).to(self._samples.device)
        kernel = _squared_distances(self._samples, centred).mul_(-self._scale).exp_()
        means = kernel.mean(0)
        own = 1 - 2 * means + self._total_mean
        kernel += (self._total_mean - means) - self._row_means[:, None]
        explained = torch.linalg.solve_triangular(self._factor, kernel, upper=False).square_().sum(0)
        return np.asarray(((own - explained).clamp_(min=0) / self._ridge).cpu())


def _drawn_pixels(blocks: PixelBlocks, p: KRXParams, ctx: Context) -> NDArray[np.float64]:
    """Valid pixels (draws, samples, bands), without replacement within a draw; one draw where it takes all pixels."""
    ctx.stage(0.0, 0.1)
    valid = (np.isfinite(values[:, :, 0]).sum() for _, values in ctx.track(blocks, len(blocks), "Valid pixels"))
    count = int(sum(valid))
    if count < 2:
        raise DetectorError("Kernel RX needs at least two valid pixels.", hint="Check the no-data value and the bands.")
    ctx.stage(0.1, 0.2)
    samples = min(p.samples, count)
    draws = 1 if samples == count else p.draws
    rng = ctx.rng()
    chosen = np.concatenate([rng.choice(count, samples, replace=False) for _ in range(draws)])
    drawn = np.empty((len(chosen), blocks.shape[2]))
    seen = 0
    for _, values in ctx.track(blocks, len(blocks), "Background samples"):
        pixels = values[np.isfinite(values[:, :, 0])]
        here = (chosen >= seen) & (chosen < seen + len(pixels))
        drawn[here] = pixels[chosen[here] - seen]
        seen += len(pixels)
    return drawn.reshape(draws, samples, -1)


def _squared_distances(one: "torch.Tensor", two: "torch.Tensor") -> "torch.Tensor":
    """Squared distances (n, m) between spectra (n, bands) and (m, bands)."""
    distances = one @ two.T
    distances.mul_(-2).add_(one.square().sum(1)[:, None]).add_(two.square().sum(1))
    return distances.clamp_(min=0)


def _typical(distances: "torch.Tensor", lengths: "torch.Tensor") -> float:
    """The median squared distance (n, n) between different samples; their mean where most are alike; 1 if all are.

    Samples are alike where their distance is rounding beside their squared ``lengths`` (n,).
    """
    rounding = ROUNDING * (lengths[:, None] + lengths)
    kept = distances.where(distances > rounding, distances.new_zeros(()))
    between = kept.cpu().numpy()[np.triu_indices(len(distances), 1)]
    return float(np.median(between)) or float(between.mean()) or 1.0
