"""Two-step likelihood ratio detector of anomalies of several pixels (2S-GLRT)."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.context import Context
from hadviewer.core.errors import DetectorError
from hadviewer.core.params import OddInt, field
from hadviewer.core.specs import PixelBlocks, detector
from hadviewer.detectors._linalg import cholesky
from hadviewer.detectors._mirror import Border, Mirrored, border_choice
from hadviewer.detectors._parallel import in_threads
from hadviewer.detectors._windows import Chunk, Strips, WindowParams, dual_window, outer_width

if TYPE_CHECKING:
    import torch

Matrix = NDArray[np.float64]

CHUNK_BYTES = {"cpu": 16 * 2**20, "cuda": 1024 * 2**20}
NULL_SPACE = 1e-12
"""Eigenvalues below this share of the largest count as zero."""
SOUND_PIVOT = 1e-9
"""With smaller squared pivots, as a share of the largest, a factor is too near to singular to be trusted."""


class TwoSGLRTParams(WindowParams):
    """Windows and components. Here the inner window is the target itself, not a guard around it."""

    inner: OddInt = field(
        5,
        "Inner window",
        ge=1,
        le=101,
        unit="px",
        help="Full width of the square whose pixels are tested as one target: about the size of the targets.",
    )
    outer: OddInt = outer_width(11)
    components: int = field(
        0,
        "Components",
        ge=0,
        le=1000,
        help="Directions of most energy kept before, which saves time and changes scores; 0 keeps all bands.",
    )
    border: Border = border_choice()


@detector(
    id="2s-glrt",
    title="2S-GLRT of several pixels",
    family="Local",
    params=TwoSGLRTParams,
    reference="Liu et al., IEEE TNNLS 33(10), 2022, doi:10.1109/TNNLS.2021.3071026",
    devices=("cpu", "cuda"),
    streaming=True,
    floor=0.8,
    when="Targets of several pixels whose size is roughly known; detections are blurred to the inner window, and much "
    "depends on the windows.",
)
def two_s_glrt(blocks: PixelBlocks, p: TwoSGLRTParams, ctx: Context) -> NDArray[np.float32]:
    """Strongest direction in which the pixels of the inner window exceed the energy of the ring around them.

    λmax(Xᵀ (Y Yᵀ)⁺ X) for X (bands, inner pixels) and Y (bands, ring pixels), not centred, each band scaled to 0–1.
    Where the ring holds fewer pixels than bands, Xᵀ Y (YᵀY)⁻² Yᵀ X gives the same. Float64. ``blocks`` is read twice,
    three times with ``components``. Scores (rows, cols) float32, NaN on invalid pixels, 0 where the ring is all zero.
    """
    rows, cols, _ = blocks.shape
    ctx.stage(0.0, 0.1)
    low, change = _bandwise_range(blocks, ctx)
    if p.components:
        change = change @ _main_directions(blocks, low, change, p.components, ctx)
    ctx.stage(0.1, 1.0)
    margin = p.outer // 2 if p.border == "mirror" else 0
    if margin:
        blocks = Mirrored(blocks, margin, "symmetric")
    strips = Strips(blocks, dual_window(blocks.shape[:2], p.inner, p.outer, ctx))
    samples, tested, size = strips.window.samples, int(np.prod(strips.window.inner)), change.shape[1]
    needs = 8 * (2 * (samples + tested) * size + 3 * min(samples, size) ** 2 + min(samples, size) * tested)
    most = CHUNK_BYTES[ctx.device.partition(":")[0]]
    total = sum(-(-len(lines) * blocks.shape[1] // max(1, most // needs)) for lines in strips.rows)
    scores = np.full(blocks.shape[:2], np.nan, dtype=np.float32)
    score = partial(_scores, by_samples=samples < size)
    pieces = _pieces(strips, (low, change), (needs, most), ctx.device)
    for piece, found in in_threads(score, pieces, total, "Scores", ctx):
        scores[piece.chunk.rows, piece.chunk.cols] = found
    ctx.step(1, 1, "Scores")
    return scores[margin : margin + rows, margin : margin + cols]


def _bandwise_range(blocks: PixelBlocks, ctx: Context) -> tuple[Matrix, Matrix]:
    """The least value of each band (bands,), and the change (bands, bands) that then scales it to 0–1 or to 0."""
    bands = blocks.shape[2]
    low, high = np.full(bands, np.inf), np.full(bands, -np.inf)
    for _, values in ctx.track(blocks, len(blocks), "Range of the bands"):
        pixels = values[np.isfinite(values[:, :, 0])]
        low = np.minimum(low, pixels.min(axis=0, initial=np.inf))
        high = np.maximum(high, pixels.max(axis=0, initial=-np.inf))
    if not np.isfinite(low).all():
        raise DetectorError("This scene has no valid pixel.", hint="Check the no-data value and the bands.")
    span = high - low
    return low, np.diag(np.where(span > 0, 1 / np.where(span > 0, span, 1.0), 0.0))


def _main_directions(blocks: PixelBlocks, low: Matrix, change: Matrix, count: int, ctx: Context) -> Matrix:
    """The directions (bands, count) of most energy, about zero as the detector measures it."""
    energy = np.zeros_like(change)
    ctx.stage(0.05, 0.1)
    for _, values in ctx.track(blocks, len(blocks), "Directions of most energy"):
        pixels = (values[np.isfinite(values[:, :, 0])] - low) @ change
        energy += pixels.T @ pixels
    return np.asarray(np.linalg.eigh(energy)[1][:, ::-1][:, :count])


@dataclass(frozen=True)
class _Piece:
    """Pixels to score with the scaled spectra (places, size) of their strip, zeros where invalid.

    ``kind`` (places,) is the same number for equal spectra.
    """

    chunk: Chunk
    spectra: "torch.Tensor"
    kind: "torch.Tensor"


def _pieces(strips: Strips, scaling: tuple[Matrix, Matrix], budget: tuple[int, int], device: str) -> Iterator[_Piece]:
    """The scene piece by piece."""
    import torch

    low, change = scaling
    for strip in strips:
        scaled = (strip.pixels - low) @ change
        scaled[~strip.valid] = 0
        whole = np.ascontiguousarray(strip.pixels).view(f"V{strip.pixels.strides[0]}")[:, 0]
        kind = np.unique(whole, return_inverse=True)[1]
        spectra, kinds = (torch.from_numpy(array).to(device) for array in (scaled, kind))
        for chunk in strip.chunks(*budget):
            yield _Piece(chunk, spectra, kinds)


def _scores(piece: _Piece, by_samples: bool) -> Matrix:
    """Scores (pixels,) of a piece."""
    import torch

    ring, inside, known = (
        torch.from_numpy(places).to(piece.spectra.device)
        for places in (piece.chunk.ring, piece.chunk.inside, piece.chunk.known)
    )
    background, target = piece.spectra[ring], piece.spectra[inside]
    if by_samples:
        weights = _multiplicities(piece.kind[ring], known).to(background.dtype).sqrt()
        background *= weights[:, :, None]
        products = background @ background.mT
        # A sample that does not count is a direction of its own, which no target has a part in.
        products.diagonal(dim1=1, dim2=2).add_((weights == 0).to(products.dtype))
        whitened = _whitened(products, background @ target.mT, power=2)
    else:
        whitened = _whitened(background.mT @ background, target.mT, power=1)
    tall = whitened.shape[1] > whitened.shape[2]
    energy = whitened.mT @ whitened if tall else whitened @ whitened.mT
    return np.asarray(torch.linalg.eigvalsh(energy)[:, -1].clamp(min=0).cpu())


def _multiplicities(kinds: "torch.Tensor", known: "torch.Tensor") -> "torch.Tensor":
    """How often each sample (pixels, samples) counts: as often as its kind occurs if it is the first of it, else 0.

    Resampled scenes are full of equal neighbours; as one sample each, they leave the products regular.
    """
    import torch

    same = kinds[:, :, None] == kinds[:, None, :]
    counts: torch.Tensor = same.sum(2) * known * ~same.tril(-1).any(2)
    return counts


def _whitened(matrices: "torch.Tensor", targets: "torch.Tensor", power: int) -> "torch.Tensor":
    """W (many, size, k) with WᵀW = Tᵀ (M⁺)^power T for symmetric M (many, size, size) and T (many, size, k).

    By Cholesky where M is far from singular, else by its eigenvalues.
    """
    import torch

    factor, failed = cholesky(matrices)
    pivots = factor.diagonal(dim1=1, dim2=2) ** 2
    singular = failed | ~(pivots.amin(1) > SOUND_PIVOT * pivots.amax(1))
    whitened: torch.Tensor = torch.linalg.solve_triangular(factor, targets, upper=False)
    if power == 2:
        whitened = torch.linalg.solve_triangular(factor.mT, whitened, upper=True)
    if bool(singular.any()):
        values, vectors = torch.linalg.eigh(matrices[singular])
        kept = values > NULL_SPACE * values[:, -1:]
        inverse = torch.where(kept, values, torch.inf) ** (-power / 2)
        whitened[singular] = inverse[:, :, None] * (vectors.mT @ targets[singular])
    return whitened
